"""The door of the engine: every entry is checked before the first one is folded, so that a refusal changes nothing.

Checks order, clocks, types, limits and that each amount has a rate. It computes no fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import floor

import msgspec
import pyarrow as pa

from headgate.errors import FieldError, LimitError, OrderError
from headgate.journal.currency import RateTable
from headgate.journal.entries import KINDS, Entry, Outcome, Payment, PaymentStatusChange, Rates
from headgate.journal.schema import check_columns, from_block
from headgate.journal.validation import MAX_AMOUNT_MINOR, check_entry
from headgate.kernel import PlainDoor
from headgate.limits import (
    MAX_BLOCK_ROWS,
    MAX_CLOCK_US,
    MAX_ID_CHARS,
    MAX_REFERENCE_MINOR,
    MAX_TEXT_CHARS,
    MIN_CLOCK_US,
)

_TYPES = frozenset(KINDS.values())
_READ_AT_ONCE = 256  # rows that are read as values when one of them is not plainly valid


class Door:
    """What has passed, and the rates that the next amounts are checked by.

    `plain` holds the last seq and clock, and lets pass by itself what is plainly valid.
    """

    def __init__(self, reference_currency: str) -> None:
        self._rates = RateTable(reference_currency)
        self.plain = PlainDoor(MIN_CLOCK_US, MAX_CLOCK_US, MAX_ID_CHARS, MAX_TEXT_CHARS)

    def check_block(self, block: pa.RecordBatch) -> None:
        """Let a block of the journal pass, all or nothing. Errors as `check`, UnknownFieldError for a column.

        Rows that are plainly valid are told by their columns; the others are read, some at a time.
        """
        check_rows(block.num_rows)
        check_columns(block)
        with self._all_or_nothing():
            row = 0
            while row < block.num_rows:
                row += self.plain.pass_rows(block, row)
                if row < block.num_rows:
                    entries = from_block(block.slice(row, _READ_AT_ONCE), row)
                    for entry in entries:
                        self.check(entry)
                    row += len(entries)

    def check(self, entry: Entry) -> None:
        """Let an entry pass. Raises OrderError, FieldError or LimitError, and then nothing has changed."""
        _check_types(entry)
        _check_order(entry, self.plain.last_seq, self.plain.last_clock_us)
        self._check_limits(entry)
        self.plain.last_seq, self.plain.last_clock_us = entry.seq, entry.clock_us
        if isinstance(entry, Rates):
            self._rates.observe(entry)
            self.plain.forget_currencies()
        elif isinstance(entry, Payment | PaymentStatusChange | Outcome):
            self.plain.allow(entry.currency, self._most(entry.currency))

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        saved = self.plain.last_seq, self.plain.last_clock_us, self._rates.state()
        try:
            yield
        except BaseException:
            self.load(*saved)
            raise

    def _most(self, currency: str) -> int:
        """Return the largest amount, in minor units of a currency, that is surely within the limits at today's rate."""
        return min(MAX_AMOUNT_MINOR, floor(MAX_REFERENCE_MINOR / self._rates.factor(currency)))

    def check_values(self, entry: Entry) -> None:
        """Raise FieldError for a value that would not pass, wherever the entry stands; changes nothing."""
        _check_types(entry)
        self._check_limits(entry)

    def _check_limits(self, entry: Entry) -> None:
        check_entry(entry)
        if isinstance(entry, Payment | PaymentStatusChange | Outcome):
            self._rates.reference_minor(entry.amount_minor, entry.currency)

    def rates(self) -> list[list[str]]:
        """Return the rates that are known."""
        return self._rates.state()

    def load(self, last_seq: int, last_clock_us: int, rates: list[list[str]]) -> None:
        """Stand where a snapshot stood."""
        self.plain.last_seq, self.plain.last_clock_us = last_seq, last_clock_us
        self._rates.load(rates)
        self.plain.forget_currencies()


def check_rows(rows: int) -> None:
    """Raise LimitError for a block with too many entries."""
    if rows > MAX_BLOCK_ROWS:
        raise LimitError(
            f"The block has {rows} entries",
            where="block",
            repair=f"Give at most {MAX_BLOCK_ROWS} entries at once; any split gives the same facts.",
        )


def _check_types(entry: Entry) -> None:
    if type(entry) not in _TYPES:
        raise FieldError(
            f"A {type(entry).__name__} is no entry of the journal",
            where="entry",
            repair="Give the values of headgate.journal.entries.",
        )
    try:
        msgspec.convert(msgspec.to_builtins(entry), type(entry))
    except msgspec.ValidationError as error:
        raise FieldError(
            f"A value of an entry has the wrong type: {error}",
            where=f"entry {entry.seq}",
            repair="Give the types that headgate.journal.entries states.",
        ) from None


def _check_order(entry: Entry, last_seq: int, last_clock_us: int) -> None:
    if entry.seq <= last_seq:
        raise OrderError(
            f"Entry {entry.seq} comes after entry {last_seq}",
            where=f"entry {entry.seq}, field 'seq'",
            repair="seq must grow from entry to entry: sort by seq, and give each entry once.",
        )
    if entry.clock_us < last_clock_us:
        raise OrderError(
            f"The clock runs back from {last_clock_us} to {entry.clock_us}",
            where=f"entry {entry.seq}, field 'clock_us'",
            repair="Stamp each entry once, with max(last clock, time of arrival); for files sort by time.",
        )
