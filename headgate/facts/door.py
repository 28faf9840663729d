"""The door of the engine: every entry is checked before the first one is folded, so that a refusal changes nothing.

Checks order, clocks, types, limits and that each amount has a rate. It computes no fact.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from headgate.errors import FieldError, HeadgateError, LimitError, OrderError
from headgate.journal.currency import RateTable
from headgate.journal.entries import KINDS, Entry, Outcome, Payment, PaymentStatusChange, Rates
from headgate.journal.validation import check_entry
from headgate.limits import MAX_BLOCK_ROWS

_TYPES = frozenset(KINDS.values())


class Door:
    """What has passed: the last seq and clock, and the rates that the next amounts are checked by."""

    def __init__(self, reference_currency: str) -> None:
        self.last_seq = -1
        self.last_clock_us = 0
        self._rates = RateTable(reference_currency)

    def check(self, entries: Sequence[Entry]) -> None:
        """Let entries pass, all or none. Raises OrderError, FieldError or LimitError with the entry at fault."""
        check_rows(len(entries))
        told = any(isinstance(entry, Rates) for entry in entries)
        saved = self._rates.state() if told else None
        seq, clock_us = self.last_seq, self.last_clock_us
        try:
            for entry in entries:
                self._check(entry, seq, clock_us)
                seq, clock_us = entry.seq, entry.clock_us
        except HeadgateError:
            if saved is not None:
                self._rates.load(saved)
            raise
        self.last_seq, self.last_clock_us = seq, clock_us

    def _check(self, entry: Entry, last_seq: int, last_clock_us: int) -> None:
        _check_types(entry)
        _check_order(entry, last_seq, last_clock_us)
        self._check_limits(entry)
        if isinstance(entry, Rates):
            self._rates.observe(entry)

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
        self.last_seq, self.last_clock_us = last_seq, last_clock_us
        self._rates.load(rates)


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
