"""The compiled fold behind the same interface as the reference: what the kernel needs in plain numbers and columns.

Reference amounts, time zones and the words of evidence stay here; the rest is C++. It defines no fact.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from headgate.errors import SnapshotError
from headgate.facts.columns import facts_schema
from headgate.facts.definitions.attributes import ROUND_MAJOR_UNITS
from headgate.facts.grammar import parse_all
from headgate.facts.reference import zone_of
from headgate.facts.spec import FactSpec
from headgate.facts.values import FactValue, Witness, WitnessPayment
from headgate.facts.witness import no_payment_behind, position_of
from headgate.journal.currency import MINOR_DIGITS, RateTable
from headgate.journal.entries import Account, Entry, Outcome, Payment, PaymentStatusChange, Rates, Session
from headgate.kernel import Kernel, PlainDoor

_ROUND_UNITS = {code: ROUND_MAJOR_UNITS * 10**digits for code, digits in MINOR_DIGITS.items()}


_NO_COLUMNS = pa.schema([])
_EXACT_FACTOR = 2**62  # times an amount this fits 128 bits


class CompiledState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a compiled fold remembers: the rates, and the kernel's own bytes."""

    rates: list[list[str]]
    kernel: memoryview


class CompiledFold:
    """Fold 1 in C++. names: the facts to compute, in this order; the settings are those of `ReferenceFold`.

    Entries must be valid and in order; the engine front sees to that. One thread at a time: a second one that comes
    meanwhile is refused with RuntimeError.
    """

    format = "kernel 3"

    def __init__(self, names: Iterable[str], *, reference_currency: str = "EUR", time_zone: str = "UTC") -> None:
        specs = parse_all(names)
        self._index = {spec.name: index for index, spec in enumerate(specs)}
        self._rates = RateTable(reference_currency)
        self._used = threading.Lock()
        self._kernel = Kernel(
            [spec.name for spec in specs], [spec.plan for spec in specs], _reads(specs), _ROUND_UNITS,
            _offset_at(time_zone), Payment,
        )  # fmt: skip
        self.observe_plain: Callable[[Entry, PlainDoor], Mapping[str, FactValue] | None] = self._kernel.observe_plain
        self.schema = facts_schema(specs)
        self._takes: dict[type, Callable[[Any], None]] = {
            PaymentStatusChange: self._take_status,
            Outcome: self._take_outcome,
            Account: self._take_account,
            Session: self._take_session,
            Rates: self._observe_rates,
        }

    def observe(self, entry: Entry) -> Mapping[str, FactValue] | None:
        """Take one checked entry; return the facts of a payment by name, None for other kinds."""
        with self._turn():
            if isinstance(entry, Payment):
                self._tell_factor(entry.currency)
                amount = self._rates.reference_minor(entry.amount_minor, entry.currency)
                return self._kernel.observe_payment(entry, amount)
            self._kernel.advance(entry.clock_us)
            take = self._takes.get(type(entry))
            if take is not None:
                take(entry)
            return None

    def observe_block(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Take a block of the journal; return one row of facts a payment, by `schema`."""
        return self._fold_block(block, True, self.schema)

    def absorb(self, block: pa.RecordBatch) -> None:
        """Take a block of the journal without computing facts."""
        self._fold_block(block, False, _NO_COLUMNS)

    def _fold_block(self, block: pa.RecordBatch, compute: bool, schema: pa.Schema) -> pa.RecordBatch:
        with self._turn():
            row = 0
            while (row := self._kernel.amounts(block, row)) < block.num_rows:
                self._learn(block, row)
                row += 1
            return pa.RecordBatch._import_from_c(self._kernel.observe_block(block, compute), schema)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One thread at a time, from the rates that a call learns to the last call of the kernel that it makes."""
        if not self._used.acquire(blocking=False):
            raise RuntimeError("the fold is used by two threads at once; it has one owner")
        try:
            yield
        finally:
            self._used.release()

    def _learn(self, block: pa.RecordBatch, row: int) -> None:
        """Tell the kernel what it lacks for the amount at a row: a rate that changed, or the factor of a currency."""
        if block.column("kind")[row].as_py() == "rates":
            self._observe_rates(_rate(block, row))
            return
        currency = block.column("currency")[row].as_py()
        self._tell_factor(currency)
        amount = self._rates.reference_minor(block.column("amount_minor")[row].as_py(), currency)
        self._kernel.set_amount(row, amount)

    def _tell_factor(self, currency: str) -> None:
        factor = self._rates.factor(currency)
        if max(factor.numerator, factor.denominator) < _EXACT_FACTOR:
            self._kernel.set_factor(currency, factor.numerator, factor.denominator)

    def evidence(self, name: str) -> Witness:
        """Return the payments behind a fact of the payment observed last. Errors as `ReferenceFold.evidence`."""
        index = position_of(self._index, name)
        if not self._kernel.standing():
            raise no_payment_behind()
        payments, truncated, share = self._kernel.evidence(index)
        shown = tuple(
            WitnessPayment(
                tx_id=tx_id, seq=seq, clock_us=clock_us, payer=payer, payee=payee, reference_minor=amount, role=role,
                hop=hop,
            )
            for tx_id, seq, clock_us, payer, payee, amount, role, hop in payments
        )  # fmt: skip
        return Witness(fact=name, payments=shown, share_retained=share, truncated=truncated)

    def sizes(self) -> dict[str, int]:
        """Return how many records, keys, accounts and rates are remembered."""
        return {**self._kernel.sizes(), "rates": len(self._rates.state())}

    def fullest(self) -> int:
        """Return the number of records under the key that has most."""
        return self._kernel.fullest()

    def state(self) -> bytes:
        """Return all that is remembered; evidence for the last payment ends here."""
        with self._turn():
            return msgspec.msgpack.encode(CompiledState(self._rates.state(), memoryview(self._kernel.state())))

    def load(self, state: bytes | memoryview) -> None:
        """Take over a state into a fresh fold with the same names. Raises SnapshotError for other bytes."""
        try:
            decoded = msgspec.msgpack.decode(state, type=CompiledState)
            with self._turn():
                self._rates.load(decoded.rates)
                self._kernel.forget_factors()
                self._kernel.load(decoded.kernel)
        except (msgspec.MsgspecError, ValueError) as error:
            raise SnapshotError(
                f"The state of the fold cannot be read: {error}", repair="Use a snapshot of this version."
            ) from error

    def _observe_rates(self, entry: Rates) -> None:
        self._rates.observe(entry)
        self._kernel.forget_factors()

    def _take_status(self, entry: PaymentStatusChange) -> None:
        amount = self._rates.reference_minor(entry.amount_minor, entry.currency)
        declined = entry.new_status == "declined"
        self._kernel.take_status(entry.seq, entry.clock_us, amount, entry.payer, entry.payee, entry.tx_id, declined)

    def _take_outcome(self, entry: Outcome) -> None:
        amount = self._rates.reference_minor(entry.amount_minor, entry.currency)
        self._kernel.take_outcome(
            entry.seq, entry.clock_us, amount, entry.payer, entry.payee, entry.tx_id, entry.outcome_id,
            entry.outcome == "fraud", entry.payment_clock_us, entry.supersedes,
        )  # fmt: skip

    def _take_account(self, entry: Account) -> None:
        parties = (*((entry.party,) if entry.party else ()), *entry.joint_parties)
        self._kernel.take_account(
            entry.clock_us, entry.account, parties, entry.opened_us, entry.account_type, entry.account_country
        )

    def _take_session(self, entry: Session) -> None:
        self._kernel.take_event(entry.seq, entry.clock_us, entry.account, entry.event)


def _reads(specs: Iterable[FactSpec]) -> list[str]:
    return sorted(frozenset().union(*(spec.reads for spec in specs)))


def _rate(block: pa.RecordBatch, row: int) -> Rates:
    base, currency, rate = (block.column(name)[row].as_py() for name in ("base", "currency", "rate"))
    return Rates(seq=0, clock_us=0, base=base, currency=currency, rate=rate)


def _offset_at(time_zone: str) -> Callable[[int], int]:
    """Return the seconds by which local time is ahead of UTC at a second since 1970."""
    zone = zone_of(time_zone)

    def offset_at(second: int) -> int:
        offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    return offset_at
