"""What is known of the payments of a home: the latest outcome of each, from its journal.

A recall is not a fraud and says nothing about the payment; an outcome that another supersedes does not count.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from headgate.drivers.home import Home

_COLUMNS = ["outcome_id", "tx_id", "outcome", "supersedes"]


def known_outcomes(home: Home) -> dict[str, bool]:
    """Return for each payment with a known outcome whether it was a fraud."""
    return latest(home.blocks())


def latest(journal: Iterable[pa.RecordBatch]) -> dict[str, bool]:
    """Return the same from the blocks of a journal. The latest outcome of a payment that is no recall counts."""
    rows: dict[str, tuple[str, str]] = {}
    gone: set[str] = set()
    for block in journal:
        outcomes = block.filter(pc.equal(block.column("kind"), "outcome")).select(_COLUMNS)
        for outcome_id, tx_id, outcome, supersedes in zip(*(c.to_pylist() for c in outcomes.columns), strict=True):
            rows[outcome_id] = (tx_id, outcome)
            gone |= {supersedes} if supersedes else set()
    counted = (row for outcome_id, row in rows.items() if outcome_id not in gone and row[1] != "recall")
    return {tx_id: outcome == "fraud" for tx_id, outcome in counted}
