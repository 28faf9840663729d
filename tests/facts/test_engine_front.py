"""The engine refuses what is wrong and stays as it was; its facts obey window edges, outcomes, returns and accounts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.checks.journals import random_journal
from headgate.errors import FieldError, HeadgateError, LimitError, OrderError, SnapshotError, UnknownFactError
from headgate.facts.engine import Engine
from headgate.journal.entries import Account, Outcome, Payment, PaymentStatusChange, Rates
from headgate.journal.schema import to_block
from headgate.limits import MAX_BLOCK_ROWS, MAX_FACTS, PROFILE_HORIZON_US, US_PER_DAY, US_PER_HOUR

NAMES = ("amount", "payer_sent_count_24h", "payer_sent_sum_28d", "pair_sent_gap")
DAY = 30 * US_PER_DAY


def paid(seq: int, clock_us: int, payer: str = "a", payee: str = "b", **more: Any) -> Payment:
    values: dict[str, Any] = {"amount_minor": 100, "currency": "EUR", "tx_id": f"t{seq}", **more}
    return Payment(seq=seq, clock_us=clock_us, ts_us=clock_us, payer=payer, payee=payee, **values)


def table_of(*entries: Payment) -> pa.Table:
    return pa.Table.from_batches([to_block(entries)])


def with_column(name: str, values: pa.Array) -> pa.RecordBatch:
    table = table_of(paid(5, DAY))
    return table.set_column(table.schema.get_field_index(name), name, values).to_batches()[0]


@pytest.mark.parametrize(
    ("block", "error"),
    [
        (lambda: to_block([paid(5, DAY), paid(4, DAY)]), OrderError),
        (lambda: to_block([paid(5, DAY), paid(6, DAY - 1)]), OrderError),
        (lambda: to_block([paid(0, DAY)]), OrderError),
        (lambda: to_block([paid(5, DAY), paid(6, DAY, amount_minor=-1)]), FieldError),
        (lambda: to_block([paid(5, DAY), paid(6, DAY, amount_minor=2**60)]), FieldError),
        (lambda: to_block([paid(5, DAY), paid(6, DAY, currency="ZWG")]), FieldError),
        (lambda: to_block([paid(5, DAY), paid(6, DAY, currency="EUX")]), FieldError),
        (lambda: to_block([paid(5, DAY, payee="a")]), FieldError),
        (lambda: with_column("payer", pa.nulls(1, pa.utf8())), FieldError),
        (lambda: with_column("amount_minor", pa.array([1.5])), FieldError),
        (lambda: with_column("kind", pa.array(["paymnt"])), FieldError),
        (lambda: to_block([paid(n + 5, DAY) for n in range(MAX_BLOCK_ROWS + 1)]), LimitError),
        (lambda: table_of(paid(5, DAY)), FieldError),
    ],
)
def test_a_refused_block_leaves_the_engine_as_it_was(
    block: Callable[[], pa.RecordBatch], error: type[HeadgateError]
) -> None:
    engine, calm = Engine(NAMES), Engine(NAMES)
    for each in (engine, calm):
        each.observe(to_block([paid(0, 0), paid(1, US_PER_HOUR)]))
    with pytest.raises(error) as caught:
        engine.observe(block())
    assert caught.value.repair
    after = to_block([paid(7, DAY), paid(8, DAY + 1)])
    assert engine.observe(after).equals(calm.observe(after))
    assert engine.sizes() == calm.sizes()


def test_unknown_and_too_many_facts_are_refused() -> None:
    with pytest.raises(UnknownFactError, match="Did you mean 'payer_sent_count_24h'"):
        Engine(("payer_sent_cnt_24h",))
    with pytest.raises(LimitError):
        Engine(["amount"] * (MAX_FACTS + 1))


@given(st.integers(-2, 2), st.sampled_from([("1h", US_PER_HOUR), ("24h", 24 * US_PER_HOUR), ("28d", 28 * US_PER_DAY)]))
def test_a_window_holds_what_is_younger_than_its_length_to_the_microsecond(off: int, window: tuple[str, int]) -> None:
    name, length = window
    engine = Engine((f"payer_sent_count_{name}",))
    engine.observe_one(paid(0, DAY - length + off))
    facts = engine.observe_one(paid(1, DAY))
    assert facts == {f"payer_sent_count_{name}": 1 if off > 0 else 0}


@pytest.mark.parametrize(("off", "gap"), [(0, None), (1, float(PROFILE_HORIZON_US - 1) / 1_000_000.0)])
def test_the_time_since_the_last_payment_reaches_back_400_days_and_no_further(off: int, gap: float | None) -> None:
    engine = Engine(("payer_sent_gap", "pair_sent_gap"))
    engine.observe_one(paid(0, off))
    assert engine.observe_one(paid(1, PROFILE_HORIZON_US)) == {"payer_sent_gap": gap, "pair_sent_gap": gap}


def test_of_two_payments_with_one_clock_the_earlier_counts_for_the_later() -> None:
    engine = Engine(("payer_sent_count_1h",))
    counts = [engine.observe_one(paid(seq, DAY)) for seq in range(3)]
    assert counts == [{"payer_sent_count_1h": n} for n in range(3)]


def outcome(seq: int, tx_id: str, what: str, **more: Any) -> Outcome:
    values: dict[str, Any] = {"outcome_id": f"o{seq}", "source": "bank", **more}
    return Outcome(
        seq=seq, clock_us=DAY, tx_id=tx_id, payer="a", payee="b", amount_minor=100, currency="EUR",
        payment_clock_us=0, outcome=what, **values,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_later_outcome_supersedes_and_a_recall_is_an_outcome_but_no_fraud() -> None:
    names = ("payee_confirmed_count_28d", "payee_confirmed_rate_28d")
    engine = Engine(names)
    engine.observe_one(outcome(0, "x", "fraud"))
    engine.observe_one(outcome(1, "y", "recall"))
    assert engine.observe_one(paid(2, DAY)) == {names[0]: 1, names[1]: 0.5}
    engine.observe_one(outcome(3, "x", "fine", supersedes="o0"))
    assert engine.observe_one(paid(4, DAY)) == {names[0]: 0, names[1]: 0.0}


def test_a_declined_payment_is_a_decline_and_no_payment() -> None:
    names = ("payer_sent_count_24h", "payer_declined_count_24h", "payer_sent_gap")
    engine = Engine(names)
    engine.observe_one(paid(0, DAY, status="declined"))
    assert engine.observe_one(paid(1, DAY)) == {names[0]: 0, names[1]: 1, names[2]: None}


def test_a_return_alters_the_balance_from_its_own_clock_on() -> None:
    engine = Engine(("payer_retained_ratio_24h",))
    engine.observe_one(paid(0, DAY, payer="s", payee="a"))
    engine.observe_one(paid(1, DAY, amount_minor=60))
    assert engine.observe_one(paid(2, DAY)) == {"payer_retained_ratio_24h": 0.4}
    returned = PaymentStatusChange(
        seq=3, clock_us=DAY, tx_id="t1", payer="a", payee="b", amount_minor=60, currency="EUR", new_status="returned"
    )
    engine.observe_one(returned)
    assert engine.observe_one(paid(4, DAY)) == {"payer_retained_ratio_24h": 0.0}


def test_own_accounts_are_known_from_their_entries_on() -> None:
    engine = Engine(("same_party", "payer_age_days"))
    assert engine.observe_one(paid(0, DAY)) == {"same_party": False, "payer_age_days": None}
    engine.observe_one(Account(seq=1, clock_us=DAY, account="a", party="p", opened_us=0))
    engine.observe_one(Account(seq=2, clock_us=DAY, account="b", party="q", joint_parties=("p",)))
    assert engine.observe_one(paid(3, DAY)) == {"same_party": True, "payer_age_days": 30.0}


def test_amounts_use_the_rates_known_before_the_payment() -> None:
    engine = Engine(("amount",))
    engine.observe_one(Rates(seq=0, clock_us=DAY, base="EUR", currency="USD", rate="0.5"))
    assert engine.observe_one(paid(1, DAY, currency="USD")) == {"amount": 50}
    engine.observe_one(Rates(seq=2, clock_us=DAY, base="EUR", currency="USD", rate="0.25"))
    assert engine.observe_one(paid(3, DAY, currency="USD")) == {"amount": 25}


def test_a_late_payment_is_counted_at_the_clock() -> None:
    engine = Engine(("payer_sent_count_1h",))
    engine.observe_one(msgspec.structs.replace(paid(0, DAY), ts_us=0, late=True))
    assert engine.observe_one(paid(1, DAY)) == {"payer_sent_count_1h": 1}


def test_a_snapshot_goes_on_to_the_same_bits_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    entries = random_journal(seed=3, payments=80)
    engine, path = Engine(NAMES), tmp_path / "engine.snapshot"
    engine.observe(to_block(entries[:60]))
    engine.snapshot(path)
    restored = Engine.restore(path)
    rest = to_block(entries[60:])
    assert restored.observe(rest).equals(engine.observe(rest))
    content = path.read_bytes()
    for damaged, words in (
        (content[:-1] + bytes([content[-1] ^ 1]), "damaged"),
        (content[: len(content) // 2], "damaged"),
        (b"PK\x03\x04" + content, "not a snapshot"),
        (content.replace(b"snapshot 2\n", b"snapshot 9\n", 1), "another version"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(SnapshotError, match=words):
            Engine.restore(path)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"seq": 1}, OrderError),
        ({"clock_us": US_PER_HOUR - 1}, OrderError),
        ({"amount_minor": True}, FieldError),
        ({"amount_minor": 2**60}, FieldError),
        ({"currency": "EUX"}, FieldError),
        ({"payee": "a"}, FieldError),
        ({"payer": ""}, FieldError),
        ({"payer": "a\x7f"}, FieldError),
        ({"tx_id": "eight letters\n"}, FieldError),
        ({"status": "paid"}, FieldError),
        ({"rail": None}, FieldError),
        ({"late": 1}, FieldError),
        ({"device_new": "no"}, FieldError),
    ],
)
def test_a_refused_payment_leaves_the_engine_as_it_was(wrong: dict[str, Any], error: type[HeadgateError]) -> None:
    engine, calm = Engine(NAMES), Engine(NAMES)
    for each in (engine, calm):
        each.observe_one(paid(0, 0))
        each.observe_one(paid(1, US_PER_HOUR))
    with pytest.raises(error):
        engine.observe_one(msgspec.structs.replace(paid(5, DAY), **wrong))
    assert engine.entries_seen == calm.entries_seen == 2
    assert engine.observe_one(paid(6, DAY)) == calm.observe_one(paid(6, DAY))


def test_a_payment_with_letters_of_any_script_and_another_currency_has_the_facts_of_its_block() -> None:
    values: list[dict[str, Any]] = [{"payer": "Zoë"}, {"currency": "JPY"}, {"currency": "JPY"}, {"tx_id": "ключ" * 9}]
    entries = [paid(seq, DAY + seq, **more) for seq, more in enumerate(values)]
    engine, blocks = Engine(NAMES), Engine(NAMES)
    rows = blocks.observe(to_block(entries)).to_pylist()
    for entry, row in zip(entries, rows, strict=True):
        assert engine.observe_one(entry) == {name: row[name] for name in NAMES}
