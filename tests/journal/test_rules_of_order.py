"""The rules of time: order of files, live clock, duplicates, control totals, and the journal's own proof."""

from __future__ import annotations

import random

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import ConflictError
from headgate.journal.check import check_journal
from headgate.journal.entries import Account, Entry, Payment
from headgate.journal.order import LiveClock, blocks_of, entries_of, order_table, stamp
from headgate.journal.schema import to_block
from headgate.journal.totals import control_totals
from headgate.limits import US_PER_DAY


def payment(tx_id: str, clock_us: int, amount_minor: int = 100, currency: str = "EUR", rail: str = "") -> Payment:
    return Payment(
        seq=0,
        clock_us=clock_us,
        tx_id=tx_id,
        ts_us=clock_us,
        payer="a",
        payee="b",
        amount_minor=amount_minor,
        currency=currency,
        rail=rail,
    )


def test_entries_are_ordered_by_time_then_other_kinds_first_then_id() -> None:
    account = Account(seq=0, clock_us=5, account="z")
    ordered = stamp([payment("t2", 5), payment("t1", 5), payment("t0", 9), account])
    names = [getattr(entry, "tx_id", "account") for entry in ordered]
    assert names == ["account", "t1", "t2", "t0"]
    assert [entry.seq for entry in ordered] == [0, 1, 2, 3]


@given(st.integers(0, 1000))
def test_the_order_of_arrival_of_a_file_does_not_matter(seed: int) -> None:
    rows: list[Entry] = [payment(f"t{n}", n // 3) for n in range(12)]
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    assert stamp(shuffled) == stamp(rows)


def test_an_exact_duplicate_is_removed_and_counted() -> None:
    table = pa.Table.from_batches([to_block([payment("t1", 1), payment("t2", 2), payment("t1", 1)])])
    ordered, removed = order_table(table)
    assert (ordered.column("tx_id").to_pylist(), removed) == (["t1", "t2"], 1)


def test_the_same_id_with_other_content_is_a_conflict_that_names_the_field() -> None:
    with pytest.raises(ConflictError, match=r"'t1' comes twice.*amount_minor"):
        stamp([payment("t1", 1), payment("t1", 1, amount_minor=101)])


def test_blocks_hold_the_whole_journal_in_order() -> None:
    table, _ = order_table(pa.Table.from_batches([to_block([payment(f"t{n}", n) for n in range(10)])]))
    assert [len(block) for block in blocks_of(table, 4)] == [4, 4, 2]
    assert [entry.seq for entry in entries_of(table, 3)] == list(range(10))


def test_the_live_clock_never_runs_backwards() -> None:
    clock = LiveClock()
    assert [clock.stamp(arrival) for arrival in (10, 7, 12)] == [10, 10, 12]


def test_a_payment_is_late_when_it_is_more_than_five_minutes_old() -> None:
    assert LiveClock.is_late(0, 300_000_001)
    assert not LiveClock.is_late(0, 300_000_000)


def test_control_totals_count_and_sum_by_day_rail_and_currency() -> None:
    entries: list[Entry] = [
        payment("t1", 1, 100, rail="sepa"),
        payment("t2", 2, 250, rail="sepa"),
        payment("t3", US_PER_DAY, 7, currency="USD"),
        Account(seq=0, clock_us=1, account="a"),
    ]
    rows = control_totals(pa.Table.from_batches([to_block(entries)])).to_pylist()
    shown = [(str(row["day"]), row["rail"], row["currency"], row["payments"], row["sum_minor"]) for row in rows]
    assert shown == [("1970-01-01", "sepa", "EUR", 2, 350), ("1970-01-02", "", "USD", 1, 7)]


def test_a_sound_journal_is_proved_sound() -> None:
    report = check_journal([to_block(stamp([payment("t1", 1), payment("t2", 2)]))])
    assert report.sound
    assert report.by_kind == {"payment": 2}


def test_every_fault_of_a_stored_journal_is_found() -> None:
    good = stamp([payment("t1", 10), payment("t2", 20)])
    again = msgspec.structs.replace(good[0], seq=5, clock_us=30)
    backwards = msgspec.structs.replace(good[1], tx_id="t3", seq=6, clock_us=15)
    repeated_seq = msgspec.structs.replace(good[1], tx_id="t4", seq=6, clock_us=31)
    negative = msgspec.structs.replace(good[1], tx_id="t5", seq=8, clock_us=32, amount_minor=-1)
    report = check_journal([to_block([*good, again, backwards, repeated_seq, negative])])
    text = "\n".join(report.faults)
    assert "'t1' is there twice" in text
    assert "its clock 15 is before 30" in text
    assert "entry 6 follows entry 6" in text
    assert "The amount is -1" in text
    assert not report.sound
