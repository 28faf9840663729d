"""Rollout: a part in the shadow is recorded and touches nothing; a share is stable by payment and only grows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decisions.decide import DecisionState
from headgate.decisions.judging import Aside
from headgate.decisions.record import Decision
from headgate.decisions.rollout import Rollout, Staged, drawn, parse_rollout
from headgate.errors import RolloutError
from headgate.limits import US_PER_HOUR

IDS = ("ring", "funnel", "drain")
ONE_SHADOW = '[scenarios]\nring = {stage = "shadow"}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[scenarios", "is not TOML"),
        ("[scenario]\n", "Did you mean 'scenarios'"),
        ('[scenarios]\nrign = {stage = "shadow"}\n', "Did you mean 'ring'"),
        ('[scenarios]\nring = {stage = "shadw"}\n', "Did you mean 'shadow'"),
        ('[scenarios]\nring = {stage = "share"}\n', "without a share"),
        ('[scenarios]\nring = {stage = "share", share = 1.0}\n', "share"),
        ('[scenarios]\nring = {stage = "share", share = 0.0}\n', "share"),
        ('[scenarios]\nring = {stage = "live", share = 0.5}\n', "and a share"),
        ('[candidate]\nstage = "share"\n', "without a share"),
        ('[candidate]\nstagee = "share"\n', "Did you mean 'stage'"),
        ('salt = ""\n', "salt"),
        ("scenarios = 3\n", "malformed"),
    ],
)
def test_a_malformed_rollout_is_refused_with_its_repair(text: str, words: str) -> None:
    with pytest.raises(RolloutError, match=words):
        parse_rollout(text, "rollout.toml", IDS)


def test_what_is_written_is_what_is_read() -> None:
    for text in ("", ONE_SHADOW, '[candidate]\nstage = "share"\nshare = 0.25\n[scenarios]\nring = {stage = "live"}\n'):
        rollout = parse_rollout(text, "x", IDS)
        again = parse_rollout(rollout.toml(), "x", IDS)
        assert (again, again.content_hash) == (rollout, rollout.content_hash)
    assert parse_rollout("", "x", IDS).content_hash == ""
    assert parse_rollout(ONE_SHADOW, "x", IDS).content_hash != ""


@given(st.text(min_size=1, max_size=30), st.floats(0.01, 0.5), st.floats(0.5, 0.99))
def test_a_larger_share_only_adds_payments(tx_id: str, small: float, large: float) -> None:
    less, more = (Staged(stage="share", share=share) for share in (small, large))
    assert less.includes("s", "ring", tx_id) <= more.includes("s", "ring", tx_id)
    assert less.includes("s", "ring", tx_id) == (drawn("s", "ring", tx_id) < small)


def test_two_parts_and_two_salts_draw_apart_and_a_share_is_about_that_share() -> None:
    ids = [f"t{number}" for number in range(4000)]
    one, other, third = (
        {tx for tx in ids if drawn(salt, part, tx) < 0.25}
        for salt, part in (("a", "ring"), ("a", "drain"), ("b", "ring"))
    )
    assert 900 < len(one) < 1100
    assert 180 < len(one & other) < 320
    assert 180 < len(one & third) < 320


def rollout(**staged: Staged) -> Rollout:
    return Rollout(scenarios=staged)


def test_what_fired_is_divided_by_stage_and_draw(kit: Any) -> None:
    fired = [kit.fired(name) for name in IDS]
    parts = rollout(ring=Staged(stage="shadow"), funnel=Staged(stage="share", share=0.5))
    sides = set()
    for number in range(40):
        live, aside = parts.divide(fired, f"t{number}")
        assert [each.scenario_id for each in live][-1] == "drain"
        assert aside[0].stage == "shadow"
        sides.add((tuple((e.scenario_id, e.stage) for e in live), tuple((e.scenario_id, e.stage) for e in aside)))
    assert sides == {
        ((("funnel", "share"), ("drain", "live")), (("ring", "shadow"),)),
        ((("drain", "live"),), (("ring", "shadow"), ("funnel", "share"))),
    }


def without_shadow(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, shadow=None)


def draw_step(data: st.DataObject, kit: Any, number: int, clock_us: int) -> tuple[Any, Any, float, Any]:
    payment = kit.payment(
        number,
        clock_us=clock_us,
        payer=f"p{data.draw(st.integers(0, 4))}",
        payee=f"q{data.draw(st.integers(0, 4))}",
        rail=data.draw(st.sampled_from(["instant", "transfer"])),
        amount_minor=data.draw(st.integers(1, 10**6)),
    )
    some = st.lists(st.sampled_from(["low", "high", "critical"]), max_size=2)
    live = [kit.fired(f"live{n}", each, "hold") for n, each in enumerate(data.draw(some))]
    aside = [kit.fired(f"aside{n}", each, "hold") for n, each in enumerate(data.draw(some))]
    return payment, live, data.draw(st.floats(-8, 12)), Aside(aside, data.draw(st.floats(-8, 12)))


@given(st.data())
def test_nothing_of_the_shadow_reaches_anything_else(kit: Any, data: st.DataObject) -> None:
    """Rank, line, action, holds, burdens, snoozes, sentences: with and without shadow parts, all the same bits."""
    text = "[budget]\ncases_per_day = 3\nlargest_share = 1.0\n[control]\nbelow_share = 0.3\nabove_share = 0.3\n"
    champion = kit.FakeModel(kit.seeded(*range(10, -11, -1)))
    plain = DecisionState(kit.policy(text), model=champion)
    tried = DecisionState(kit.policy(text), model=champion, candidate=kit.FakeModel(kit.seeded(5.0, -3.0), "other"))
    clock_us = kit.NOON
    for number in range(25):
        clock_us += data.draw(st.integers(0, 30 * US_PER_HOUR))
        payment, live, margin, aside = draw_step(data, kit, number, clock_us)
        for state in (plain, tried):
            for timer in state.due(clock_us):
                state.apply(timer)
        one = plain.decide(payment, {"amount": payment.amount_minor}, live, margin)
        other = tried.decide(payment, {"amount": payment.amount_minor}, live, margin, aside=aside)
        assert other.shadow is not None
        assert without_shadow(other) == one
        if one.alert and data.draw(st.booleans()):
            verdict = kit.act("dismiss", "C-1", kind="case", clock_us=clock_us)
            for state, decision in ((plain, one), (tried, other)):
                state.settle(verdict, [Judged(payment, decision)])
    kept = ("holds", "burdens", "snoozes", "lists", "day_until_us")
    assert all(plain.state()[name] == tried.state()[name] for name in kept)
    assert plain.state()["rankers"][0] == tried.state()["rankers"][0]


class Judged:
    """A judged alert."""

    def __init__(self, payment: Any, decision: Decision) -> None:
        self.payment, self.decision, self.reference_minor = payment, decision, payment.amount_minor


def test_the_record_of_a_shadow_says_what_would_have_followed(kit: Any) -> None:
    aside = msgspec.structs.replace(kit.fired("ring", "critical", "hold"), content_hash="abc", stage="shadow")
    decision = kit.state().decide(kit.payment(), {}, (), 3.0, aside=Aside([aside]))
    assert (decision.action, decision.alert, decision.fired) == ("allow", False, ())
    shadow = decision.shadow
    assert (shadow.action, shadow.alert, shadow.model, shadow.score) == ("hold", True, "", None)
    assert shadow.rank_score > shadow.threshold == decision.threshold
    assert [(each.scenario_id, each.content_hash, each.stage) for each in shadow.fired] == [("ring", "abc", "shadow")]


def test_a_candidate_is_recorded_with_a_line_of_its_own(kit: Any) -> None:
    candidate = kit.FakeModel(kit.seeded(*range(100, 80, -1)), "new")
    text = "[budget]\ncases_per_day = 7\nlargest_share = 1.0\n[control]\nbelow_share = 0.0\n"
    state = DecisionState(kit.policy(text), model=kit.FakeModel(kit.seeded(*range(10, -11, -1))), candidate=candidate)
    decision = state.decide(kit.payment(), {}, (), 3.0, aside=Aside(margin=95.0))
    assert (decision.score, decision.threshold, decision.action) == (3.0, 4.0, "allow")
    shadow = decision.shadow
    assert (shadow.model, shadow.score, shadow.threshold, shadow.action) == ("new", 95.0, 94.0, "hold")


def test_where_the_candidate_ranks_the_model_in_force_is_what_is_recorded(kit: Any) -> None:
    candidate = kit.FakeModel(kit.seeded(*range(100, 80, -1)), "new")
    text = "[budget]\ncases_per_day = 7\nlargest_share = 1.0\n[control]\nbelow_share = 0.0\n"
    state = DecisionState(kit.policy(text), model=kit.FakeModel(kit.seeded(*range(10, -11, -1))), candidate=candidate)
    decision = state.decide(kit.payment(), {}, (), 3.0, aside=Aside(margin=95.0, ranks=True))
    assert (decision.score, decision.threshold, decision.action, decision.versions.model) == (95.0, 94.0, "hold", "new")
    assert (decision.shadow.model, decision.shadow.score, decision.shadow.action) == ("fake", 3.0, "allow")


def test_a_promoted_candidate_keeps_the_scores_that_it_has_gathered(kit: Any) -> None:
    text = "[budget]\ncases_per_day = 2\nlargest_share = 1.0\n[control]\nbelow_share = 0.0\n"
    one, new = kit.FakeModel(kit.seeded(1.0)), kit.FakeModel(kit.seeded(50.0), "new")
    state = DecisionState(kit.policy(text), model=one, candidate=new)
    for number in range(30):
        payment = kit.payment(number, clock_us=kit.NOON + number * 12 * US_PER_HOUR)
        last = state.decide(payment, {}, (), 0.5, aside=Aside(margin=20.0 + number))
    promoted = DecisionState(kit.policy(text), model=new)
    promoted.load(msgspec.msgpack.decode(msgspec.msgpack.encode(state.state())))
    assert promoted.threshold == last.shadow.threshold != DecisionState(kit.policy(text), model=new).threshold


def test_a_state_with_a_candidate_survives_a_snapshot(kit: Any) -> None:
    def fresh() -> DecisionState:
        return DecisionState(kit.policy(), model=kit.FakeModel(), candidate=kit.FakeModel((), "new"))

    def run(state: DecisionState, numbers: range) -> list[Decision]:
        payments = [kit.payment(number, clock_us=kit.NOON + number * US_PER_HOUR) for number in numbers]
        return [state.decide(p, {}, (), p.seq % 7 - 3.0, aside=Aside(margin=p.seq % 5 - 2.0)) for p in payments]

    whole, first, second = fresh(), fresh(), fresh()
    made = run(first, range(60))
    second.load(msgspec.msgpack.decode(msgspec.msgpack.encode(first.state())))
    assert made + run(second, range(60, 200)) == run(whole, range(200))
