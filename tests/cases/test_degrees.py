from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headgate.cases.degrees import Degrees
from headgate.journal.entries import Payment

LIMIT, WINDOW = 3, 10


def payment(seq: int, clock_us: int, payer: str, payee: str, status: str = "submitted") -> Payment:
    return Payment(
        seq=seq, clock_us=clock_us, tx_id=str(seq), ts_us=clock_us, payer=payer, payee=payee, amount_minor=1,
        currency="EUR", status=status,
    )  # fmt: skip


def slow_degree(payments: list[Payment], account: str, clock_us: int) -> int:
    met = set()
    for one in payments:
        if one.clock_us > clock_us - WINDOW and one.payer != one.payee and one.status == "submitted":
            met |= {one.payee} if one.payer == account else {one.payer} if one.payee == account else set()
    return len(met)


steps = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), st.booleans()), max_size=60
)


@given(steps)
def test_a_hub_is_exactly_an_account_with_more_counterparties_than_allowed(rows: list[tuple]) -> None:
    degrees, seen, clock = Degrees(LIMIT, WINDOW), [], 0
    for seq, (step, payer, payee, declined) in enumerate(rows):
        clock += step
        seen.append(payment(seq, clock, payer, payee, "declined" if declined else "submitted"))
        degrees.observe(seen[-1])
        for account in "abcdefg":
            assert degrees.is_hub(account, clock) == (slow_degree(seen, account, clock) > LIMIT)


def test_memory_is_bounded_by_the_limit_and_the_window() -> None:
    degrees = Degrees(LIMIT, WINDOW)
    for seq in range(1000):
        degrees.observe(payment(seq, seq, "shop", f"customer{seq}"))
    state = degrees.state()
    assert len(state["shop"]) == LIMIT + 1
    assert len(state) <= 3 * WINDOW
