"""The specification of fold 1: one entry at a time, integers for money and time, nothing but the journal.

For each payment: forget what left the longest window, look at what is known, compute the facts that were asked for,
and only then remember the payment itself. The rules of the facts are in `definitions/`, what is remembered is in
`book.py`. This file imports nothing from a compiled kernel or from the engine front, ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa

from headgate.errors import FieldError, SnapshotError
from headgate.facts.book import Book
from headgate.facts.columns import facts_schema
from headgate.facts.grammar import parse_all
from headgate.facts.moment import Moment
from headgate.facts.records import BookState
from headgate.facts.values import FactValue, Witness
from headgate.facts.witness import no_payment_behind, position_of, witness_of
from headgate.journal.entries import Entry, Payment
from headgate.journal.schema import from_block


class ReferenceFold:
    """Fold 1. names: the facts to compute, in this order.

    reference_currency: whose minor units amounts are compared in. time_zone: an IANA name, for local hour and day.
    Entries must be valid and in order; the engine front sees to that.
    """

    format = "reference 3"

    def __init__(self, names: Iterable[str], *, reference_currency: str = "EUR", time_zone: str = "UTC") -> None:
        self._specs = {spec.name: spec for spec in parse_all(names)}
        self._positions = {name: position for position, name in enumerate(self._specs)}
        self._rules = tuple(spec.value for spec in self._specs.values())
        self._zone = zone_of(time_zone)
        reads = frozenset().union(*(spec.reads for spec in self._specs.values()))
        self._book = Book(reads, reference_currency)
        self._moment: Moment | None = None
        self.schema = facts_schema(self._specs.values())

    def observe_plain(self, entry: Entry, door: object) -> None:
        """Take nothing unasked: every entry is checked with words and given to `observe`."""

    def observe(self, entry: Entry) -> dict[str, FactValue] | None:
        """Take one checked entry; return the facts of a payment by name, None for other kinds."""
        self._advance(entry)
        if self._moment is None:
            return None
        return dict(zip(self._specs, self._values(self._moment), strict=True))

    def observe_block(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Take a block of the journal; return one row of facts a payment, by `schema`."""
        rows: list[tuple[FactValue, ...]] = []
        for entry in from_block(block):
            self._advance(entry)
            if self._moment is not None:
                payment = self._moment.payment
                rows.append((payment.seq, payment.tx_id, *self._values(self._moment)))
        columns = zip(*rows, strict=True) if rows else [()] * len(self.schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def absorb(self, block: pa.RecordBatch) -> None:
        """Take a block of the journal without computing facts."""
        for entry in from_block(block):
            self._advance(entry)

    def _values(self, moment: Moment) -> list[FactValue]:
        return [rule(moment) for rule in self._rules]

    def _advance(self, entry: Entry) -> None:
        """Remember the payment before, forget what is too old, and stand at the moment of this entry."""
        self._settle()
        self._book.forget(entry.clock_us)
        if isinstance(entry, Payment):
            self._moment = Moment(self._book, entry, self._book.edge_of(entry), self._zone)
        else:
            self._book.take(entry)

    def _settle(self) -> None:
        """A payment is remembered when the next entry comes, so that its evidence can be asked for until then."""
        if self._moment is not None:
            self._book.add_payment(self._moment.edge, self._moment.payment)
            self._moment = None

    def evidence(self, name: str) -> Witness:
        """Return the payments behind a fact of the payment observed last.

        Raises UnknownFactError for a name that this fold does not compute, NotFoundError when the last entry was no
        payment.
        """
        position_of(self._positions, name)
        if self._moment is None:
            raise no_payment_behind()
        return witness_of(self._specs[name], self._moment)

    def sizes(self) -> dict[str, int]:
        """Return how many records, keys, accounts and rates are remembered."""
        return self._book.sizes()

    def fullest(self) -> int:
        """Return the number of records under the key that has most."""
        return self._book.fullest()

    def state(self) -> bytes:
        """Return all that is remembered; evidence for the last payment ends here."""
        self._settle()
        return msgspec.msgpack.encode(self._book.state())

    def load(self, state: bytes | memoryview) -> None:
        """Take over a state into a fresh fold with the same names. Raises SnapshotError for other bytes."""
        try:
            self._book.load(msgspec.msgpack.decode(state, type=BookState))
        except msgspec.MsgspecError as error:
            raise SnapshotError(
                f"The state of the fold cannot be read: {error}", repair="Use a snapshot of this version."
            ) from error


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone. Raises FieldError for a name that is not in the IANA database."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FieldError(
            f"There is no time zone {name!r}",
            where="setting 'time_zone'",
            repair="Use an IANA name such as Europe/Berlin or UTC.",
        ) from None
