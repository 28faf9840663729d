"""Proof that a stored journal obeys the rules of time: order, clocks, duplicates, kinds and required values.

Reads blocks, says what it found; it repairs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pyarrow as pa

from headgate.errors import HeadgateError
from headgate.journal.entries import Payment, kind_of
from headgate.journal.schema import from_block
from headgate.journal.validation import check_entry

MAX_FAULTS = 100


class JournalReport(msgspec.Struct, kw_only=True):
    """What the check found. `faults` are sentences with their place, at most 100."""

    entries: int = 0
    by_kind: dict[str, int] = {}
    first_clock_us: int | None = None
    last_clock_us: int | None = None
    faults: list[str] = []

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


def check_journal(blocks: Iterable[pa.RecordBatch]) -> JournalReport:
    """Check every entry of the blocks, which follow each other in journal order."""
    report = JournalReport()
    last_seq, last_clock = -1, -1
    seen: set[str] = set()
    for block in blocks:
        for entry in from_block(block):
            report.entries += 1
            report.by_kind[kind_of(entry)] = report.by_kind.get(kind_of(entry), 0) + 1
            faults = []
            if entry.seq <= last_seq:
                faults.append(f"entry {entry.seq} follows entry {last_seq}: seq must grow")
            if entry.clock_us < last_clock:
                faults.append(f"entry {entry.seq}: its clock {entry.clock_us} is before {last_clock}")
            if isinstance(entry, Payment):
                if entry.tx_id in seen:
                    faults.append(f"entry {entry.seq}: payment {entry.tx_id!r} is there twice")
                seen.add(entry.tx_id)
            try:
                check_entry(entry)
            except HeadgateError as error:
                faults.append(f"entry {entry.seq}: {error.paragraph()}")
            report.faults.extend(faults[: MAX_FAULTS - len(report.faults)])
            last_seq, last_clock = entry.seq, entry.clock_us
            if report.first_clock_us is None:
                report.first_clock_us = entry.clock_us
    report.last_clock_us = last_clock if report.entries else None
    return report
