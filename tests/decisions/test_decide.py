from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from headgate.cases.case import Alert
from headgate.decisions.record import Decision
from headgate.journal.entries import Outcome, Timer
from headgate.limits import US_PER_DAY

LATER = "[rails]\ndefault = 3600\n"


def alert_of(payment: Any, decision: Decision) -> Alert:
    return Alert(payment=payment, decision=decision, reference_minor=payment.amount_minor)


def outcome(payer: str, payee: str, kind: Any = "fraud") -> Outcome:
    return Outcome(
        seq=0,
        clock_us=0,
        outcome_id="o",
        tx_id="t",
        payer=payer,
        payee=payee,
        amount_minor=1,
        currency="EUR",
        payment_clock_us=0,
        outcome=kind,
        source="bank",
    )


def test_below_the_line_a_payment_is_allowed_and_nobody_reads_it(kit: Any) -> None:
    decision = kit.state().decide(kit.payment(), {"payer_age_days": None}, (), 3.9, facts_digest="abc")
    assert (decision.action, decision.alert, decision.threshold) == ("allow", False, 4.0)
    assert (decision.score, decision.rank_score, decision.facts_digest) == (3.9, 3.9, "abc")
    assert decision.missing == ()


def test_at_the_line_a_person_reads_it_and_learns_what_was_missing(kit: Any) -> None:
    facts = {"payer_age_days": None, "payer_amount_z_28d": float("nan"), "amount": 5, "same_party": False}
    decision = kit.state().decide(kit.payment(), facts, (), 4.0)
    assert (decision.action, decision.alert) == ("review", True)
    assert decision.missing == ("payer_age_days", "payer_amount_z_28d")


def test_a_likely_fraud_is_held_and_the_record_says_until_when(kit: Any) -> None:
    state = kit.roomy(LATER)
    decision = state.decide(kit.payment(), {}, (), 8.0)
    assert (decision.action, decision.probability) == ("hold", 0.9)
    assert decision.hold_expires_us == decision.clock_us + 3600 * 1_000_000
    (timer,) = state.due(decision.hold_expires_us)
    assert state.apply(timer).state == "released"


def test_a_fired_scenario_raises_the_rank_by_the_log_of_its_factor_and_only_the_most_severe_counts(kit: Any) -> None:
    state = kit.roomy("[ranking]\nlow = 1.0\nmedium = 2.0\nhigh = 4.0\ncritical = 8.0\n")
    fired = (kit.fired("a", "medium"), kit.fired("b", "high"), kit.fired("c", "low"))
    decision = state.decide(kit.payment(), {}, fired, 3.0)
    assert decision.rank_score == pytest.approx(3.0 + 1.3862943611198906)
    assert decision.alert
    assert [each.scenario_id for each in decision.fired] == ["a", "b", "c"]


def test_above_the_line_the_strongest_action_of_the_scenarios_counts(kit: Any) -> None:
    def action(*actions: str) -> str:
        fired = [kit.fired(name, "low", name) for name in actions]
        return kit.state().decide(kit.payment(), {}, fired, 5.0).action

    assert action("review") == "review"
    assert action("review", "step_up") == "step_up"
    assert action("step_up", "hold", "review") == "hold"


def test_below_the_line_a_critical_scenario_asks_the_payer_and_nobody_reads_it(kit: Any) -> None:
    for severity, scenario_action, expected in (
        ("critical", "hold", "step_up"),
        ("critical", "step_up", "step_up"),
        ("critical", "review", "allow"),
        ("high", "hold", "allow"),
    ):
        decision = kit.state().decide(kit.payment(), {}, [kit.fired("s", severity, scenario_action)], -9.0)
        assert (decision.action, decision.alert) == (expected, False)


def test_the_policy_can_keep_scenarios_below_the_line_from_asking(kit: Any) -> None:
    state = kit.roomy('[actions]\nstep_up_below_line = "never"\n')
    assert state.decide(kit.payment(), {}, [kit.fired("s", "critical", "hold")], -9.0).action == "allow"


def test_on_a_rail_that_cannot_wait_the_payer_is_asked_instead(kit: Any) -> None:
    decision = kit.state().decide(kit.payment(rail="instant"), {}, (), 9.0)
    assert (decision.action, decision.alert, decision.adjustments) == ("step_up", True, ("rail",))
    assert decision.hold_expires_us is None


def test_a_payer_who_is_not_ours_is_not_asked(kit: Any) -> None:
    decision = kit.state().decide(kit.payment(rail="instant", direction="payee"), {}, (), 9.0)
    assert (decision.action, decision.alert, decision.adjustments) == ("review", True, ("rail", "direction"))


def test_a_declined_payment_is_read_but_neither_held_nor_asked_about(kit: Any) -> None:
    decision = kit.state().decide(kit.payment(status="declined"), {}, (), 9.0)
    assert (decision.action, decision.alert, decision.adjustments) == ("review", True, ("declined",))


def test_the_machine_stops_asking_a_payer_after_so_many_times_and_a_person_reads_instead(kit: Any) -> None:
    state = kit.roomy("[burden]\ninterventions = 2\ndays = 7\n")
    week = 7 * US_PER_DAY
    made = [state.decide(kit.payment(number, payer="p"), {}, (), 9.0) for number in (1, 2, 3)]
    assert [each.action for each in made] == ["hold", "hold", "review"]
    assert (made[2].alert, made[2].adjustments) == (True, ("burden",))
    other = state.decide(kit.payment(4, payer="other"), {}, (), 9.0)
    assert other.action == "hold"
    after = kit.payment(5, payer="p", clock_us=made[0].clock_us + week)
    assert "burden" not in state.decide(after, {}, (), 99.0).adjustments


def test_no_payer_is_ever_asked_or_held_more_often_than_the_policy_allows(kit: Any) -> None:
    state, draw = kit.roomy("[burden]\ninterventions = 3\ndays = 1\n"), random.Random(5)
    clock, acted = kit.NOON, {}
    for number in range(800):
        clock += draw.randrange(3 * 3600 * 1_000_000)
        payment = kit.payment(number, payer=f"p{draw.randrange(4)}", clock_us=clock, rail=draw.choice(["instant", "x"]))
        fired = [kit.fired("s", "critical", "hold")] if draw.random() < 0.3 else []
        if state.decide(payment, {}, fired, draw.uniform(-5, 12)).action in ("step_up", "hold"):
            acted.setdefault(payment.payer, []).append(clock)
    for clocks in acted.values():
        assert len(clocks) > 3
        assert all(later - first >= US_PER_DAY for first, later in zip(clocks, clocks[3:], strict=False))


def test_a_confirmed_fraud_lifts_the_cap_of_its_payer(kit: Any) -> None:
    state = kit.roomy("[burden]\ninterventions = 1\ndays = 7\n")
    assert state.decide(kit.payment(1, payer="p"), {}, (), 9.0).action == "hold"
    state.apply(outcome("p", "q", "fine"))
    assert state.decide(kit.payment(2, payer="p"), {}, (), 9.0).action == "review"
    state.apply(outcome("p", "q"))
    assert state.decide(kit.payment(3, payer="p"), {}, (), 9.0).action == "hold"


def test_a_hold_that_a_person_confirms_lifts_the_cap_of_its_payer(kit: Any) -> None:
    state = kit.roomy("[burden]\ninterventions = 1\ndays = 7\n")
    state.decide(kit.payment(1, payer="p"), {}, (), 9.0)
    assert state.apply(kit.act("confirm_hold", "t1")).state == "confirmed"
    assert state.decide(kit.payment(2, payer="p"), {}, (), 9.0).action == "hold"


def test_when_no_more_holds_fit_a_person_reads_it(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.decisions.holds.MAX_OPEN_HOLDS", 0)
    decision = kit.state().decide(kit.payment(), {}, (), 9.0)
    assert (decision.action, decision.adjustments) == ("review", ("holds_full",))


def test_an_account_on_a_stop_list_stops_the_payment_until_a_person_clears_it(kit: Any) -> None:
    state = kit.state()
    state.apply(kit.listed("sanctions", "payee1"))
    decision = state.decide(kit.payment(), {}, (), -9.0)
    assert (decision.action, decision.alert, decision.adjustments) == ("legal_stop", True, ("stop_list",))
    assert decision.hold_expires_us is None
    (timer,) = state.due(decision.clock_us + 365 * US_PER_DAY)
    assert timer.timer == "legal_clock"
    assert state.apply(timer).escalated
    assert state.apply(kit.act("release_hold", "t1")) is None
    assert state.apply(kit.act("clear_legal_stop", "t1", actor="headgate")) is None
    assert state.apply(kit.act("clear_legal_stop", "t1")).state == "cleared"


def test_a_confirmed_mule_account_is_held_below_the_line_and_above_the_cap(kit: Any) -> None:
    state = kit.roomy("[burden]\ninterventions = 1\ndays = 7\n")
    state.apply(kit.listed("deny", "mule", second_actor="grace"))
    for number in (1, 2):
        decision = state.decide(kit.payment(number, payer="p", payee="mule"), {}, (), -9.0)
        assert (decision.action, decision.alert, decision.adjustments) == ("hold", True, ("deny_list",))


def test_a_payee_known_to_be_fine_gives_no_alert(kit: Any) -> None:
    state = kit.state()
    state.apply(kit.listed("allow", "payee1"))
    decision = state.decide(kit.payment(), {}, [kit.fired()], 9.0)
    assert (decision.action, decision.alert, decision.adjustments) == ("allow", False, ("allow_list",))


def test_a_stop_that_a_person_placed_before_the_payment_came_holds(kit: Any) -> None:
    state = kit.state()
    state.apply(kit.act("place_legal_stop", "t1", clock_us=kit.NOON))
    decision = state.decide(kit.payment(), {}, (), 9.0)
    assert (decision.action, decision.adjustments) == ("legal_stop", ("stop_placed",))


def test_a_dismissed_alert_stays_quiet_for_its_pair_up_to_twice_its_amount(kit: Any) -> None:
    state = kit.state()

    def decide(number: int, *fired: Any, **changes: Any) -> Decision:
        changes = {"payer": "p", "payee": "q"} | changes
        return state.decide(kit.payment(number, **changes), {}, fired, 5.0)

    first = decide(1, kit.fired("ring"))
    dismissed = kit.act("dismiss", "C-000001", kind="case", clock_us=first.clock_us)
    state.settle(dismissed, [alert_of(kit.payment(1, payer="p", payee="q"), first)])
    again = decide(2, kit.fired("ring"))
    assert (again.action, again.alert, again.adjustments) == ("allow", False, ("snooze",))
    assert again.fired[0].snoozed
    assert decide(3, kit.fired("another")).alert
    assert decide(4, kit.fired("ring"), amount_minor=20_001).alert
    assert decide(5, kit.fired("ring"), payee="stranger").alert
    state.apply(outcome("p", "q"))
    assert decide(6, kit.fired("ring")).alert


def test_a_dismissed_case_releases_its_holds_and_a_confirmed_one_confirms_them(kit: Any) -> None:
    for verdict, expected in (("dismiss", "released"), ("confirm", "confirmed")):
        state = kit.state()
        decision = state.decide(kit.payment(), {}, (), 9.0)
        action = kit.act(verdict, "C-000001", kind="case")
        (change,) = state.settle(action, [alert_of(kit.payment(), decision)])
        assert (change.state, change.by, change.actor) == (expected, "person", "ada")
        assert state.settle(action, [alert_of(kit.payment(), decision)]) == ()


def test_a_case_that_is_reopened_settles_nothing(kit: Any) -> None:
    state = kit.state()
    decision = state.decide(kit.payment(), {}, (), 9.0)
    assert state.settle(kit.act("reopen", "C-1", kind="case"), [alert_of(kit.payment(), decision)]) == ()
    assert state.holds.waiting("t1") is not None


def test_a_dismissed_case_leaves_a_legal_stop_where_it_is(kit: Any) -> None:
    state = kit.state()
    decision = state.decide(kit.payment(), {}, (), 9.0)
    state.apply(kit.act("place_legal_stop", "t1"))
    assert state.settle(kit.act("dismiss", "C-1", kind="case"), [alert_of(kit.payment(), decision)]) == ()
    assert state.holds.waiting("t1").state == "stopped"


def test_scenarios_work_without_a_model_and_the_larger_payment_comes_first(kit: Any) -> None:
    state = kit.state(with_model=False)
    nothing = state.decide(kit.payment(1), {"amount": 10**9}, (), None)
    small = state.decide(kit.payment(2), {"amount": 100_000}, [kit.fired("a", "high")], None)
    large = state.decide(kit.payment(3), {"amount": 10**9}, [kit.fired("a", "high")], None)
    two = state.decide(kit.payment(4), {"amount": 0}, [kit.fired("a", "high"), kit.fired("b", "low")], None)
    assert (nothing.rank_score, nothing.alert, nothing.probability) == (0.0, False, None)
    assert (small.rank_score, small.threshold, small.alert) == (4.5, 4.0, True)
    assert small.rank_score < large.rank_score < 5.0 == two.rank_score


def test_without_a_model_nothing_fired_is_never_an_alert_however_large_the_budget(kit: Any) -> None:
    state = kit.state(with_model=False)
    for day in range(30):
        made = state.decide(kit.payment(day, clock_us=kit.NOON + day * US_PER_DAY), {"amount": 10**9}, (), None)
        assert not made.alert
    assert state.threshold == 1.0


def test_the_sample_below_the_line_is_random_stable_and_paid_by_the_budget(kit: Any) -> None:
    text = "[budget]\ncases_per_day = 10\n[control]\nbelow_share = 0.5\n"

    def drawn(salt: str) -> list[str]:
        state = kit.state(text + f'salt = "{salt}"\n')
        state.activate(kit.FakeModel())
        found = []
        for number in range(4000):
            clock = kit.NOON + number * US_PER_DAY // 400
            made = state.decide(kit.payment(number, clock_us=clock), {}, (), -5.0)
            if made.control == "below":
                assert (made.action, made.alert, made.adjustments) == ("review", True, ("control",))
                found.append(made.tx_id)
        return found

    once = drawn("a")
    assert once == drawn("a")
    assert once != drawn("b")
    assert 30 < len(once) < 120, "about five a day in ten days"


def test_the_sample_above_the_line_is_read_but_not_held(kit: Any) -> None:
    state = kit.state(
        "[control]\nbelow_share = 0.0\nabove_share = 0.5\n[budget]\ncases_per_day = 7\nlargest_share = 1.0\n"
    )
    made = [state.decide(kit.payment(number), {}, (), 9.0) for number in range(400)]
    spared = [each for each in made if each.control == "above"]
    assert {each.action for each in spared} == {"review"}
    assert all(each.alert for each in made)
    assert 150 < len(spared) < 250


def test_the_line_of_a_day_looks_at_closed_days_only(kit: Any) -> None:
    state = kit.state("[budget]\ncases_per_day = 2\nlargest_share = 1.0\n[control]\nbelow_share = 0.0\n")
    first = [state.decide(kit.payment(number), {}, (), 20.0 + number) for number in range(5)]
    assert {each.threshold for each in first} == {9.0}
    next_day = state.decide(kit.payment(9, clock_us=kit.NOON + US_PER_DAY), {}, (), 0.0)
    assert next_day.threshold == 21.0, (
        "four cases in two days: the four highest of today, for the seeded day has none there"
    )


def test_a_day_begins_at_local_midnight(kit: Any) -> None:
    state = kit.state(
        '[budget]\ncases_per_day = 7\nlargest_share = 1.0\ntime_zone = "Asia/Tokyo"\n[control]\nbelow_share = 0.0\n'
    )
    three_pm = 15 * 3600 * 1_000_000  # midnight in Tokyo
    before = state.decide(kit.payment(1, clock_us=three_pm - 1), {}, (), 30.0)
    after = state.decide(kit.payment(2, clock_us=three_pm), {}, (), 30.0)
    assert before.threshold != after.threshold


def test_another_model_starts_from_its_own_days_and_holds_stay(kit: Any) -> None:
    state = kit.state()
    state.decide(kit.payment(1), {}, (), 9.0)
    state.activate(kit.FakeModel(kit.seeded(*range(100, 80, -1)), "other"))
    decision = state.decide(kit.payment(2), {}, (), 93.0)
    assert (decision.threshold, decision.versions.model) == (94.0, "other")
    assert state.holds.waiting("t1") is not None
    state.activate(None)
    alone = state.decide(kit.payment(3), {}, (), None)
    assert (alone.threshold, alone.versions.model) == (4.0, "")


def test_the_record_names_the_policy_and_the_model(kit: Any) -> None:
    state = kit.state()
    versions = state.decide(kit.payment(), {}, (), 1.0).versions
    assert (versions.policy, versions.model) == (state.policy.content_hash, "fake")


def history(kit: Any, count: int = 1500) -> list[tuple[Any, Any]]:
    draw, clock, made = random.Random(2), kit.NOON, []
    for number in range(count):
        clock += draw.randrange(US_PER_DAY // 40)
        fired = [kit.fired(draw.choice("ab"), draw.choice(["low", "critical"]), "hold")] if draw.random() < 0.1 else []
        payment = kit.payment(number, clock_us=clock, payer=f"p{draw.randrange(30)}", payee=f"q{draw.randrange(30)}")
        made.append((payment, (fired, draw.gauss(-4, 3))))
    return made


def run(state: Any, kit: Any, entries: list[tuple[Any, Any]]) -> list[Decision]:
    made = []
    for payment, (fired, margin) in entries:
        for timer in state.due(payment.clock_us):
            state.apply(msgspec.structs.replace(timer, seq=0))
        decision = state.decide(payment, {"amount": payment.amount_minor}, fired, margin)
        made.append(decision)
        if decision.alert and payment.seq % 3 == 0:
            action = kit.act("dismiss", "C-1", kind="case", clock_us=payment.clock_us)
            state.settle(action, [alert_of(payment, decision)])
    return made


def test_a_state_restored_from_a_snapshot_decides_as_if_it_had_never_stopped(kit: Any) -> None:
    entries = history(kit)
    whole = run(kit.state(), kit, entries)
    assert {each.action for each in whole} == {"allow", "step_up", "review", "hold"}
    for stop in (1, 700, 1499):
        first, second = kit.state(), kit.state()
        made = run(first, kit, entries[:stop])
        second.load(msgspec.msgpack.decode(msgspec.msgpack.encode(first.state())))
        assert made + run(second, kit, entries[stop:]) == whole


def test_a_snapshot_of_another_model_keeps_everything_but_its_scores(kit: Any) -> None:
    first = kit.state()
    run(first, kit, history(kit, 300))
    second = kit.state()
    second.activate(kit.FakeModel(kit.seeded(50.0), "other"))
    second.load(first.state())
    assert second.state()["holds"] == first.state()["holds"]
    later = kit.payment(9999, clock_us=kit.NOON + 900 * US_PER_DAY)
    assert second.decide(later, {}, (), 1.0).threshold == 50.0


def test_renaming_every_account_changes_no_decision(kit: Any) -> None:
    entries = history(kit, 600)
    renamed = [
        (msgspec.structs.replace(payment, payer=f"x{payment.payer}", payee=f"z{payment.payee}"), rest)
        for payment, rest in entries
    ]
    assert run(kit.state(), kit, entries) == run(kit.state(), kit, renamed)


def test_the_mean_day_stays_near_the_budget(kit: Any) -> None:
    state = kit.state("[budget]\ncases_per_day = 5\nlargest_share = 1.0\n")
    draw, days = random.Random(3), {}
    for number in range(60 * 300):
        clock = number * (US_PER_DAY // 300)
        made = state.decide(kit.payment(number, clock_us=clock), {}, (), draw.gauss(-6, 2))
        days[clock // US_PER_DAY] = days.get(clock // US_PER_DAY, 0) + made.alert
    settled = [days[day] for day in range(30, 60)]
    assert 4 < sum(settled) / len(settled) < 6


def test_a_timer_for_a_payment_that_does_not_wait_changes_nothing(kit: Any) -> None:
    timer = Timer(seq=0, clock_us=9, timer="hold_expires", tx_id="gone", due_us=9)
    assert kit.state().apply(timer) is None
