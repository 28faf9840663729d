"""Control totals of a day are the figures that a plain loop gives, wherever the entries of the day lie."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.drivers.control_totals import ControlTotals, PaymentTotal, totals_of
from headgate.drivers.moving import move_closed_days
from headgate.errors import FieldError
from headgate.journal.entries import Outcome, Payment, PaymentStatusChange, kind_of
from headgate.stores.archive_writer import day_of
from headgate.stores.sqlite import SqliteStore

ENTRIES = random_journal(seed=5, payments=200, days=5)
BATCHES = sample_batches(ENTRIES)
DAYS = sorted({day_of(entry.clock_us) for entry in ENTRIES})


def plain(day: str) -> ControlTotals:
    """The same by a loop over all entries."""
    rows = [entry for entry in ENTRIES if day_of(entry.clock_us) == day]
    payments = [row for row in rows if isinstance(row, Payment)]
    decided = [decision for batch in BATCHES for decision in batch.decisions if day_of(decision.clock_us) == day]
    return ControlTotals(
        day=day,
        first_seq=rows[0].seq,
        last_seq=rows[-1].seq,
        entries=dict(sorted(Counter(map(kind_of, rows)).items())),
        payments=tuple(
            totals(currency, [row.amount_minor for row in payments if row.currency == currency])
            for currency in sorted({row.currency for row in payments})
        ),
        decisions=dict(sorted(Counter(decision.action for decision in decided).items())),
        statuses=dict(sorted(Counter(row.new_status for row in rows if isinstance(row, PaymentStatusChange)).items())),
        outcomes=dict(sorted(Counter(row.outcome for row in rows if isinstance(row, Outcome)).items())),
        open=day == DAYS[-1],
    )


def totals(currency: str, amounts: list[int]) -> PaymentTotal:
    return PaymentTotal(currency=currency, count=len(amounts), sum_minor=sum(amounts))


@pytest.mark.parametrize("keep_days", [99, 2, 0])
def test_the_totals_of_every_day_are_those_of_a_plain_loop(keep_days: int, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "headgate.db")
    for batch in BATCHES:
        store.commit(batch)
    move_closed_days(store, ENTRIES[-1].clock_us, keep_days)
    assert [totals_of(store, day) for day in DAYS] == [plain(day) for day in DAYS]
    assert sum(totals_of(store, day).entries["payment"] for day in DAYS) == 200
    store.close()


def test_a_day_without_entries_has_no_first_and_last_and_a_future_one_is_open(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "headgate.db")
    for batch in BATCHES:
        store.commit(batch)
    before, after = totals_of(store, "2024-12-31"), totals_of(store, "2030-01-01")
    assert (before.first_seq, before.last_seq, before.entries, before.open) == (None, None, {}, False)
    assert (after.first_seq, after.payments, after.decisions, after.open) == (None, (), {}, True)
    store.close()


@pytest.mark.parametrize("day", ["2026-3-2", "2026-02-30", "today", "", "20260302", "1969-12-31", "2026-03-02T00"])
def test_what_is_no_day_is_refused_with_an_example(day: str, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "headgate.db")
    with pytest.raises(FieldError, match="such as 2026-03-02"):
        totals_of(store, day)
    store.close()
