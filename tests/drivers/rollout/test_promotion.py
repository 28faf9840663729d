"""A candidate is promoted on evidence only, and a model that is taken out decides nothing until a person lets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headgate.decisions.record import Decision, Shadow, Versions
from headgate.drivers.promotion import Evidence, require, weighed
from headgate.drivers.registry import Registry
from headgate.drivers.replay import replay
from headgate.drivers.rules import load_rules
from headgate.drivers.staging import Staging
from headgate.errors import ConflictError, NotFoundError
from headgate.limits import US_PER_DAY


def compared(*, better: float, false_alarms: float = 0.0, payments: int = 1200) -> Evidence:
    """Thirty days that both ranked; the candidate sees `better` more of a fraud, and has alarms of its own."""
    draw = np.random.default_rng(4)
    fraud = draw.random(payments) < 0.05
    old = draw.normal(0, 1, payments) + fraud
    new = old + better * fraud + draw.normal(0, 0.1, payments)
    new[draw.random(payments) < false_alarms] += 0.7 * ~fraud[0]
    made = [
        Decision(
            tx_id=f"t{n}", seq=n, clock_us=n * 30 * US_PER_DAY // payments, action="allow", alert=False, score=0.0,
            probability=None, rank_score=float(old[n]), threshold=2.0, versions=Versions(model="old"),
            shadow=Shadow(model="new", rank_score=float(new[n]), threshold=2.0, action="allow", alert=False),
        )
        for n in range(payments)
    ]  # fmt: skip
    known = {f"t{n}": bool(fraud[n]) for n in range(payments)}
    return weighed(made, known, {f"t{n}": f"p{n % 90}" for n in range(payments)}, "old", "new")


def test_a_candidate_that_ranks_better_beyond_chance_may_be_promoted() -> None:
    found = compared(better=2.0)
    assert found.interval is not None
    assert found.interval[0] > 0
    low, high = found.interval
    assert low < found.difference < high
    if found.candidate_burden <= found.champion_burden:
        require(found)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"better": 0.0}, "not better beyond chance"),
        ({"better": 2.0, "false_alarms": 0.5}, "for each honest payer"),
        ({"better": 2.0, "payments": 60}, "10 frauds and 50 fine ones are needed"),
    ],
)
def test_a_candidate_without_evidence_is_refused_and_told_why(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConflictError, match=words):
        require(compared(**given))


def test_a_model_is_taken_out_and_returned_by_a_person(world: Any, model: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    replay(world, home, load_rules()._replace(model=model))
    staging, registry = Staging(home), Registry(home)
    before = staging.rules().content_hash
    assert [each.role for each in registry.models()] == ["champion"]
    staging.withdraw_model("Customers changed")
    registry.note("retired", model.content_hash, "Customers changed")
    assert staging.rules().model is None
    assert [each.role for each in registry.models()] == ["retired"]
    assert [line.why for line in registry.record()] == ["Customers changed"]
    with pytest.raises(NotFoundError, match="decide alone already"):
        staging.withdraw_model("again")
    assert staging.return_model() == model.content_hash
    assert staging.rules().content_hash == before
    with pytest.raises(NotFoundError, match="No model was taken out"):
        staging.return_model()
