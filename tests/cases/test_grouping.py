from __future__ import annotations

import random

import pytest

from headgate.cases.case import Alert, Case
from headgate.cases.grouping import CaseState
from headgate.decisions.record import Decision, FiredScenario
from headgate.errors import NotFoundError
from headgate.facts.values import Witness, WitnessPayment
from headgate.journal.entries import Payment
from headgate.limits import CASE_HUB_DEGREE, CASE_WINDOW_US, MAX_CASE_ALERTS, US_PER_DAY, US_PER_HOUR


def payment(seq: int, payer: str, payee: str, clock_us: int | None = None, amount: int = 1000) -> Payment:
    clock_us = seq * US_PER_HOUR if clock_us is None else clock_us
    return Payment(
        seq=seq, clock_us=clock_us, tx_id=f"t{seq}", ts_us=clock_us, payer=payer, payee=payee,
        amount_minor=amount, currency="EUR",
    )  # fmt: skip


def alert(seq: int, payer: str, payee: str, *, rank: float = 1.0, witnesses=(), **more) -> Alert:
    paid = payment(seq, payer, payee, **more)
    ring = FiredScenario(scenario_id="ring", title="Ring", severity="high", action="review", reason="A ring.")
    decision = Decision(
        tx_id=paid.tx_id, seq=seq, clock_us=paid.clock_us, action="review", alert=True, score=None, probability=None,
        rank_score=rank, threshold=0.0, fired=(ring,), evidence=tuple(witnesses),
    )  # fmt: skip
    return Alert(payment=paid, decision=decision, reference_minor=paid.amount_minor)


def witness(fact: str, *pairs: tuple[str, str]) -> Witness:
    payments = tuple(
        WitnessPayment(tx_id=f"w{n}", seq=n, clock_us=n, payer=a, payee=b, reference_minor=1, role="edge")
        for n, (a, b) in enumerate(pairs)
    )
    return Witness(fact=fact, payments=payments)


def grouped(*alerts: Alert) -> tuple[Case, ...]:
    state = CaseState()
    for one in alerts:
        state.observe(one.payment)
        state.add(one)
    return tuple(case for case in state.cases() if case.state != "merged")


def test_a_ring_is_one_case() -> None:
    ring = ["a", "b", "c", "d"]
    cases = grouped(*(alert(n, ring[n], ring[(n + 1) % 4], rank=float(n)) for n in range(4)))
    assert [case.id for case in cases] == ["C-000001"]
    case = cases[0]
    assert [one.tx_id for one in case.alerts] == ["t0", "t1", "t2", "t3"]
    assert (case.value_minor, case.rank_score, case.typologies) == (4000, 3.0, ("Ring",))
    assert case.opened_us == 0
    assert case.updated_us == 3 * US_PER_HOUR
    assert {row.account: (row.as_payer, row.as_payee) for row in case.accounts} == dict.fromkeys(ring, (1, 1))


def test_alerts_without_a_shared_account_are_separate_cases() -> None:
    assert len(grouped(alert(0, "a", "b"), alert(1, "c", "d"))) == 2


def test_a_pattern_ties_alerts_through_its_accounts() -> None:
    first = alert(0, "a", "b", witnesses=[witness("temporal_cycle_24h", ("b", "m"), ("m", "a"))])
    assert len(grouped(first, alert(1, "m", "z"))) == 1


def test_payments_behind_a_count_tie_nobody() -> None:
    first = alert(0, "a", "b", witnesses=[witness("payer_sent_count_24h", ("a", "landlord"))])
    second = alert(1, "c", "d", witnesses=[witness("payer_sent_count_24h", ("c", "landlord"))])
    cases = grouped(first, second)
    assert len(cases) == 2
    assert [row.account for row in cases[0].accounts] == ["a", "b", "landlord"]


def test_a_merchant_does_not_glue_everything() -> None:
    state = CaseState()
    for n in range(CASE_HUB_DEGREE + 1):
        state.observe(payment(n, f"customer{n}", "shop"))
    for n in (100, 101):
        state.observe(payment(n, f"victim{n}", "shop"))
        state.add(alert(n, f"victim{n}", "shop"))
    assert len(state.cases()) == 2


def test_an_account_with_just_the_allowed_counterparties_still_ties() -> None:
    state = CaseState()
    for n in range(CASE_HUB_DEGREE - 2):
        state.observe(payment(n, f"customer{n}", "shop"))
    for n in (100, 101):
        state.observe(payment(n, f"victim{n}", "shop"))
        state.add(alert(n, f"victim{n}", "shop"))
    assert len(state.cases()) == 1


def test_a_hub_of_last_month_ties_again() -> None:
    state = CaseState()
    for n in range(CASE_HUB_DEGREE + 1):
        state.observe(payment(n, f"customer{n}", "shop", clock_us=n))
    for n in (100, 101):
        one = alert(n, f"victim{n}", "shop", clock_us=40 * US_PER_DAY + n)
        state.observe(one.payment)
        state.add(one)
    assert len(state.cases()) == 1


def test_two_hubs_that_pay_each_other_twice_are_one_case() -> None:
    state = CaseState()
    for n in range(CASE_HUB_DEGREE + 1):
        state.observe(payment(n, f"customer{n}", "shop"))
        state.observe(payment(n, "bank", f"customer{n}"))
    for n in (100, 101):
        state.add(alert(n, "bank", "shop"))
    assert len(state.cases()) == 1


def test_an_alert_that_shares_accounts_with_two_cases_merges_the_younger_into_the_older() -> None:
    state = CaseState()
    state.add(alert(0, "a", "b", rank=1.0))
    state.add(alert(1, "c", "d", rank=5.0))
    changes = state.add(alert(2, "b", "c", rank=2.0))
    assert [(change.change, change.case.id) for change in changes] == [
        ("merged", "C-000002"),
        ("grew", "C-000001"),
    ]
    gone, whole = changes[0].case, changes[1].case
    assert (gone.state, gone.merged_into, gone.alerts) == ("merged", "C-000001", ())
    assert [one.tx_id for one in whole.alerts] == ["t0", "t1", "t2"]
    assert (whole.rank_score, whole.value_minor) == (5.0, 3000)
    assert "t2" in whole.history[0].reason
    assert "C-000002" in whole.history[0].reason
    later = state.add(alert(3, "d", "x"))
    assert later[-1].case.id == "C-000001"


def test_a_case_takes_no_alert_after_its_window() -> None:
    last = CASE_WINDOW_US - 1
    assert len(grouped(alert(0, "a", "b", clock_us=0), alert(1, "b", "c", clock_us=last))) == 1
    assert len(grouped(alert(0, "a", "b", clock_us=0), alert(1, "b", "c", clock_us=CASE_WINDOW_US))) == 2


def test_a_full_case_is_followed_by_a_related_one() -> None:
    cases = grouped(*(alert(n, "a", "b", clock_us=n) for n in range(MAX_CASE_ALERTS + 1)))
    assert [len(case.alerts) for case in cases] == [MAX_CASE_ALERTS, 1]
    assert cases[1].related == ("C-000001",)


def test_two_large_cases_are_not_merged_beyond_the_limit() -> None:
    half = MAX_CASE_ALERTS // 2
    state = CaseState()
    for n in range(half):
        state.add(alert(2 * n, "a", "b", clock_us=n))
        state.add(alert(2 * n + 1, "c", "d", clock_us=n))
    changes = state.add(alert(5000, "b", "c", clock_us=half))
    assert [change.change for change in changes] == ["grew"]


def test_a_renaming_of_accounts_changes_nothing() -> None:
    rng = random.Random(7)
    pairs = [rng.sample(range(30), 2) for _ in range(120)]

    def run(names: list[str]) -> list[tuple[str, tuple[str, ...]]]:
        cases = grouped(*(alert(n, names[a], names[b]) for n, (a, b) in enumerate(pairs)))
        return [(case.id, tuple(one.tx_id for one in case.alerts)) for case in cases]

    names = [f"n{n}" for n in range(30)]
    assert run(names) == run(names[::-1])


def test_a_restored_state_goes_on_as_if_it_had_never_stopped() -> None:
    rng = random.Random(3)
    alerts = [alert(n, *rng.sample("abcdefghijklmnop", 2), clock_us=n * 20 * US_PER_HOUR) for n in range(90)]
    whole, first, second = CaseState(), CaseState(), CaseState()
    for n, one in enumerate(alerts):
        state = first if n < 40 else second
        if n == 40:
            second.load(first.state())
        for each in (whole, state):
            each.observe(one.payment)
            each.add(one)
    assert second.cases() == whole.cases()
    assert second.state() == whole.state()


def test_every_alert_is_in_exactly_one_case() -> None:
    rng = random.Random(11)
    cases = grouped(*(alert(n, *map(str, rng.sample(range(60), 2))) for n in range(200)))
    held = [one.tx_id for case in cases for one in case.alerts]
    assert sorted(held) == sorted(f"t{n}" for n in range(200))


def test_an_unknown_case_is_said_to_be_unknown() -> None:
    for name in ("C-000009", "C-1", "nonsense", "C-", "C-²"):
        with pytest.raises(NotFoundError, match="There is no case"):
            CaseState().case(name)
