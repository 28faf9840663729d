"""Where nobody asks what a limit cut, a search for cycles stops early: never before a cycle that is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headgate.checks.journals import START_US
from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.limits import US_PER_SECOND

COUNT, CUT = "temporal_cycle_24h", "temporal_cycle_24h_truncated"


def round_trip(payments: int) -> list[Payment]:
    """So many payments, each from the account that the one before paid, the last one to the first payer."""
    return [
        Payment(
            seq=at, clock_us=START_US + at * US_PER_SECOND, ts_us=START_US + at * US_PER_SECOND, tx_id=f"t{at}",
            payer=f"a{at}", payee=f"a{(at + 1) % payments}", amount_minor=1000, currency="EUR",
        )
        for at in range(payments)
    ]  # fmt: skip


@pytest.mark.parametrize("payments", range(3, 12))
def test_a_cycle_of_any_length_is_found_alone_and_beside_its_cut(
    payments: int, make_compiled: Callable[..., Engine], make_reference: Callable[..., Engine]
) -> None:
    journal = round_trip(payments)
    found = [
        [engine.observe_one(payment) for payment in journal][-1][COUNT]
        for engine in (make_compiled((COUNT,)), make_compiled((COUNT, CUT)), make_reference((COUNT,)))
    ]
    assert found == [int(payments <= 10)] * 3
