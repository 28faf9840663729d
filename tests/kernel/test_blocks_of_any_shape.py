"""Blocks of any shape that is allowed give the facts that the reference gives for their entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.checks.comparison import require_same
from headgate.facts.engine import Engine
from headgate.journal.entries import (
    Account,
    Action,
    Activation,
    Entry,
    ListEntry,
    Outcome,
    Payment,
    PaymentStatusChange,
    Rates,
    Session,
    Timer,
)
from headgate.journal.schema import to_block
from headgate.limits import MAX_REFERENCE_MINOR, MAX_WINDOW_US, US_PER_DAY, US_PER_HOUR

Make = Callable[..., Engine]

ACCOUNTS = ("a", "b", "Ж", "口座-7", "🦉", "a" * 128, "é", "é")
IDS = st.sampled_from(ACCOUNTS) | st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
SOME_ACCOUNTS = st.sampled_from(ACCOUNTS)
AMOUNTS = st.sampled_from((0, 1, 99, 10_000, 500_000, MAX_REFERENCE_MINOR)) | st.integers(0, 10**7)
STEPS = st.sampled_from((0, 0, 1, US_PER_HOUR - 1, US_PER_HOUR, US_PER_DAY, MAX_WINDOW_US, 400 * US_PER_DAY))
OPTIONAL_TEXT = st.none() | st.sampled_from(("", "x", "Überweisung", "料"))
SIGNAL = st.sampled_from((None, True, False))


def pairs() -> st.SearchStrategy[dict[str, str]]:
    """Two different accounts."""
    both = st.tuples(SOME_ACCOUNTS, SOME_ACCOUNTS).filter(lambda two: two[0] != two[1])
    return both.map(lambda two: {"payer": two[0], "payee": two[1]})


def made(kind: type, sides: bool = False, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A kind with the values of its fields, without seq and clock."""
    return st.tuples(st.just(kind), pairs() if sides else st.just({}), st.fixed_dictionaries(fields))


MONEY = {"tx_id": IDS, "amount_minor": AMOUNTS, "currency": st.just("EUR")}
KINDS = st.one_of(
    *[
        made(
            Payment, True, **MONEY, ts_us=st.just(0), rail=OPTIONAL_TEXT.map(lambda text: text or ""),
            channel=st.sampled_from(("", "app")), status=st.sampled_from(("submitted", "submitted", "declined")),
            merchant_category=OPTIONAL_TEXT, remittance_type=OPTIONAL_TEXT, authentication=OPTIONAL_TEXT,
            sim_swapped_72h=SIGNAL, device_new=SIGNAL, remote_access=SIGNAL, late=st.booleans(),
        )
    ] * 5,
    made(PaymentStatusChange, True, **MONEY, new_status=st.sampled_from(("declined", "returned", "reversed"))),
    made(
        Outcome, True, **MONEY, outcome_id=SOME_ACCOUNTS, payment_clock_us=st.just(0),
        outcome=st.sampled_from(("fraud", "fine", "recall")), source=st.just("case"),
        supersedes=st.none() | SOME_ACCOUNTS,
    ),
    made(
        Account, account=SOME_ACCOUNTS, party=st.none() | IDS,
        joint_parties=st.lists(SOME_ACCOUNTS, max_size=3).map(tuple),
        opened_us=st.none() | st.integers(-(2**63), 10**16 // 4),
        account_type=OPTIONAL_TEXT, account_country=OPTIONAL_TEXT,
    ),
    made(
        Session, session_id=IDS, account=SOME_ACCOUNTS, signal=OPTIONAL_TEXT,
        event=st.sampled_from(("login", "payee_added", "device_changed", "limit_changed", "signal")),
    ),
    made(Rates, base=st.just("EUR"), currency=st.just("USD"), rate=st.sampled_from(("1.1", "0.5", "1.234567"))),
    made(
        ListEntry, list_name=st.just("mules"), change=st.just("add"), account=SOME_ACCOUNTS, reason=st.just("r"),
        expires_us=st.none(), actor=st.just("ana"), second_actor=st.none(),
    ),
    made(Activation, subject_kind=st.just("model"), subject=IDS, content_hash=st.just("0" * 64), actor=st.just("ana")),
    made(
        Action, action_id=IDS, actor=st.just("ana"), action=st.just("confirm"), subject_kind=st.just("case"),
        subject=IDS, reason=OPTIONAL_TEXT.map(lambda text: text or ""),
    ),
    made(Timer, timer=st.just("hold_expires"), tx_id=IDS, due_us=st.just(0)),
)  # fmt: skip


@st.composite
def journals(draw: st.DrawFn, longest: int = 24) -> list[Entry]:
    """A valid journal of any kinds."""
    entries: list[Entry] = []
    clock_us = 1_735_689_600_000_000
    for kind, sides, values in draw(st.lists(KINDS, max_size=longest)):
        clock_us += draw(STEPS)
        entries.append(kind(seq=len(entries), clock_us=clock_us, **sides, **values))
    return entries


def reshaped(block: pa.RecordBatch, before: int, drop_empty: bool, order: list[int]) -> pa.RecordBatch:
    """The same rows: cut out of a longer block, with columns in another order, without those that are all null."""
    junk = to_block(
        [Activation(seq=0, clock_us=0, subject_kind="model", subject="s", content_hash="", actor="a")] * before
    )
    table = pa.Table.from_batches([junk, block, junk]).combine_chunks()
    (batch,) = table.to_batches() or [block]
    sliced = batch.slice(before, block.num_rows)
    names = [
        sliced.schema.names[place] for place in sorted(range(sliced.num_columns), key=lambda i: order[i % len(order)])
    ]
    kept = [name for name in names if not drop_empty or name in ("seq", "clock_us", "kind") or has(block, name)]
    return sliced.select(kept)


def moved(engine: Engine, make: Make) -> Engine:
    """An engine that stands where this one does, by the state of its fold."""
    other = make()
    other._fold.load(engine._fold.state())
    return other


def has(block: pa.RecordBatch, name: str) -> bool:
    return bool(block.column(name).null_count < block.num_rows)


@settings(max_examples=30)
@given(st.data())
def test_any_block_gives_the_facts_of_the_reference(
    make_reference: Make, make_compiled: Make, data: st.DataObject
) -> None:
    entries = data.draw(journals())
    cut = data.draw(st.integers(0, len(entries)))
    reference, compiled = make_reference(), make_compiled()
    for part in (entries[:cut], entries[cut:], []):
        compiled = moved(compiled, make_compiled) if data.draw(st.booleans()) else compiled
        block = to_block(part)
        order = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=7))
        shaped = reshaped(block, data.draw(st.sampled_from((0, 1, 3, 8, 13))), data.draw(st.booleans()), order)
        expected, got = reference.observe(block), compiled.observe(shaped)
        assert got.schema == expected.schema
        got.validate(full=True)
        require_same("agrees", pa.Table.from_batches([expected]), pa.Table.from_batches([got]), "")


@settings(max_examples=25)
@given(journals())
def test_single_entries_give_the_facts_of_the_reference(
    make_reference: Make, make_compiled: Make, entries: list[Entry]
) -> None:
    reference, compiled = make_reference(), make_compiled()
    for entry in entries:
        expected, got = reference.observe_one(entry), compiled.observe_one(entry)
        assert repr(got) == repr(expected)
        if expected:
            name = list(expected)[entry.clock_us % len(expected)]
            assert compiled.evidence(name) == reference.evidence(name)


def test_amounts_of_all_currencies_are_those_of_the_reference(make_reference: Make, make_compiled: Make) -> None:
    rates = [("EUR", "USD", "1.1"), ("EUR", "JPY", "165.333333"), ("KWD", "EUR", "2.9"), ("EUR", "USD", "1.3")]
    entries: list[Entry] = []
    for number in range(160):
        kind = {"seq": number, "clock_us": number * US_PER_HOUR}
        if number % 40 < 4:
            base, currency, rate = rates[(number // 40 + number) % 3 if number < 120 else number % 4]
            entries.append(Rates(**kind, base=base, currency=currency, rate=rate))
        elif number > 44:
            entries.append(
                Payment(
                    **kind, tx_id=f"tx-{number}", ts_us=0, payer=f"a{number % 3}", payee=f"b{number % 5}",
                    amount_minor=number * 12_345 + 5, currency=("EUR", "USD", "JPY", "KWD")[number % 4],
                )
            )  # fmt: skip
    require_same(
        "agrees",
        *(pa.Table.from_batches([make().observe(to_block(entries))]) for make in (make_reference, make_compiled)),
        "",
    )


def test_a_block_without_a_required_column_is_refused_before_anything_changes(make_compiled: Make) -> None:
    engine, block = make_compiled(), to_block([Timer(seq=0, clock_us=0, timer="hold_expires", tx_id="t", due_us=0)])
    for name in ("seq", "clock_us", "kind"):
        with pytest.raises(Exception, match="lacks a required value"):
            engine.observe(block.drop_columns([name]))
    assert len(engine.observe(block)) == 0
