"""Many conditions asked together say what each says by itself, whatever is known of the payment."""

from __future__ import annotations

import random

from headgate.facts.values import FactValue
from headgate.scenarios.firing import Together
from headgate.scenarios.loader import load_library

LIBRARY = load_library()
KNOWN = [scenario.example_facts(example) for scenario in LIBRARY for example in scenario.file.examples if example.fires]


def rows(count: int) -> list[dict[str, FactValue]]:
    """Facts of examples that fire, mixed with those of others, and some of them unknown."""
    draw = random.Random(7)
    out = []
    for _ in range(count):
        mixed = {**draw.choice(KNOWN), **draw.choice(KNOWN)} if draw.random() < 0.5 else dict(draw.choice(KNOWN))
        for name in draw.sample(sorted(mixed), draw.randrange(3)):
            mixed[name] = draw.choice([None, float("nan"), mixed[name]])
        out.append(mixed)
    return out


def test_together_they_fire_as_each_by_itself() -> None:
    fired_at_all = set()
    together = Together(LIBRARY)
    for facts in rows(3000):
        alone = [scenario.id for scenario in LIBRARY if scenario.applied.row(facts)]
        assert [each.scenario_id for each in together.fire(facts)] == alone
        fired_at_all |= set(alone)
    assert fired_at_all == {scenario.id for scenario in LIBRARY}


def test_the_order_is_that_of_the_scenarios() -> None:
    facts = {name: value for known in KNOWN for name, value in known.items()}
    backwards = LIBRARY[::-1]
    assert Together(backwards).fire(facts) == Together(LIBRARY).fire(facts)[::-1]
