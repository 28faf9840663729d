"""The recorder: writes what a replay brings into a home under construction, in batches.

Steps come in, files grow: the journal and the decisions as Parquet, decisions, alerts and cases in the store. It
decides nothing and reads nothing back until `finish`.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.cases.case import Alert, Case
from headgate.decisions.record import Decision
from headgate.drivers.draft import Draft
from headgate.drivers.exports import DecisionsFile, write_alerts, write_cases
from headgate.drivers.paths import BLOCK_ROWS
from headgate.drivers.pipeline import Step
from headgate.journal.entries import Entry
from headgate.journal.identity import ids_of
from headgate.journal.schema import BLOCK_SCHEMA, to_block
from headgate.stores.store import Batch


class Recorder:
    """Collects steps and writes them when a block is full."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._journal = pq.ParquetWriter(draft.paths.journal, BLOCK_SCHEMA, compression="zstd")
        self._decisions_file = DecisionsFile(draft.paths.decisions)
        self._entries: list[Entry] = []
        self._decisions: list[Decision] = []
        self._alerts: list[Alert] = []
        self._cases: list[Case] = []

    def history(self, block: pa.RecordBatch) -> None:
        """Write a block on which nothing was decided."""
        self._archive(block)

    def take(self, step: Step) -> None:
        """Take what one step brought."""
        self._entries += step.entries
        if step.decision is not None:
            self._decisions.append(step.decision)
        if step.alert is not None:
            self._alerts.append(step.alert)
        self._cases += [change.case for change in step.case_changes]
        if len(self._entries) >= BLOCK_ROWS:
            self._write()

    def finish(self, last_seq: int, last_clock_us: int) -> None:
        """Write what is left, close the files, tell the store where the archive ends, and export."""
        self._write()
        self._journal.close()
        self._decisions_file.close()
        self._draft.store.archive((), last_seq, last_clock_us)
        self._export()

    def close(self) -> None:
        """Release the files, finished or not."""
        self._journal.close()
        self._decisions_file.close()

    def _write(self) -> None:
        if self._entries:
            self._archive(to_block(self._entries))
        self._decisions_file.write(self._decisions)
        self._draft.store.commit(Batch(decisions=self._decisions, alerts=self._alerts, cases=self._cases))
        self._entries, self._decisions, self._alerts, self._cases = [], [], [], []

    def _archive(self, block: pa.RecordBatch) -> None:
        self._journal.write_batch(block)
        last = block.num_rows - 1
        ends = (block.column("seq")[last].as_py(), block.column("clock_us")[last].as_py())
        self._draft.store.archive(ids_of(block), *ends)

    def _export(self) -> None:
        store, paths = self._draft.store, self._draft.paths
        cases = store.cases(order="age")
        case_of = {alert.tx_id: case.id for case in cases for alert in case.alerts}
        write_cases(paths.cases, cases)
        write_alerts(paths.alerts, store.alerts(case_of), case_of)
