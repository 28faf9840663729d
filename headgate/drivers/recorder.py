"""The recorder: writes what a replay brings into a home under construction, in batches.

Steps come in, files grow: journal and decisions as parts of the archive by day, alerts and cases in the store. It
decides nothing and reads nothing back until `finish`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from headgate.cases.case import Alert, Case
from headgate.decisions.record import Decision
from headgate.drivers.draft import Draft
from headgate.drivers.exports import write_alerts, write_cases
from headgate.drivers.moving import take
from headgate.drivers.pipeline import Step
from headgate.journal.entries import Entry
from headgate.journal.schema import to_block
from headgate.limits import ARCHIVE_BLOCK_ROWS, MAX_PART_ENTRIES, US_PER_DAY
from headgate.stores.archive_writer import PartWriter, day_of, part_name
from headgate.stores.store import Batch


class Recorder:
    """Collects steps and writes them when a block is full."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._part: PartWriter | None = None
        self._names: list[str] = []
        self._entries: list[Entry] = []
        self._decisions: list[Decision] = []
        self._alerts: list[Alert] = []
        self._cases: list[Case] = []

    def history(self, block: pa.RecordBatch) -> None:
        """Write a block on which nothing was decided."""
        self._archive(block, ())

    def take(self, step: Step) -> None:
        """Take what one step brought."""
        self._entries += step.entries
        if step.decision is not None:
            self._decisions.append(step.decision)
        if step.alert is not None:
            self._alerts.append(step.alert)
        self._cases += [change.case for change in step.case_changes]
        if len(self._entries) >= ARCHIVE_BLOCK_ROWS:
            self._write()

    def finish(self) -> None:
        """Write what is left, close the last part of the archive, and export."""
        self._write()
        self._seal()
        self._export()

    def close(self) -> None:
        """Release the files, finished or not."""
        if self._part is not None:
            self._part.discard()

    def _write(self) -> None:
        if self._entries:
            self._archive(to_block(self._entries), self._decisions)
        self._draft.store.commit(Batch(alerts=self._alerts, cases=self._cases))
        self._entries, self._decisions, self._alerts, self._cases = [], [], [], []

    def _archive(self, block: pa.RecordBatch, decisions: Sequence[Decision]) -> None:
        for piece in _days(block):
            day = day_of(piece.column("clock_us")[0].as_py())
            if self._part and (self._part.day != day or self._part.entries + piece.num_rows > MAX_PART_ENTRIES):
                self._seal()
            if self._part is None:
                self._names.append(part_name(day, self._names))
                self._part = PartWriter(self._draft.store.archive, self._names[-1])
            first, last = (piece.column("seq")[row].as_py() for row in (0, -1))
            self._part.add(piece, [decision for decision in decisions if first <= decision.seq <= last])

    def _seal(self) -> None:
        if self._part is not None:
            take(self._draft.store, self._part.seal())
            self._part = None

    def _export(self) -> None:
        store, paths = self._draft.store, self._draft.paths
        cases = store.cases(order="age")
        case_of = {alert.tx_id: case.id for case in cases for alert in case.alerts}
        write_cases(paths.cases, cases)
        write_alerts(paths.alerts, store.alerts(case_of), case_of)


def _days(block: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a block where a UTC day ends."""
    days = block.column("clock_us").to_numpy() // US_PER_DAY
    cuts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), block.num_rows]
    for start, end in pairwise(cuts):
        yield block.slice(start, end - start)
