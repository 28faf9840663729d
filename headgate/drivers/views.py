"""The views that a question may be asked of: the whole journal, one view an entry kind, decisions, what fired, cases.

Archive files are scanned where they lie; the tail, which is short, and the cases are copied. Everything is in
pseudonyms, and no name of a person is in reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from headgate.decisions.record import DECISION_SCHEMA, Decision, to_batch
from headgate.drivers.exports import CASE_SCHEMA, case_rows
from headgate.journal.schema import BLOCK_SCHEMA, FIELDS
from headgate.limits import ARCHIVE_BLOCK_ROWS
from headgate.stores.archive import Kind
from headgate.stores.store import Store
from headgate.stores.whole import blocks, decisions

NAMES: Final = {
    "payment": "payments",
    "payment_status": "statuses",
    "outcome": "outcomes",
    "account": "accounts",
    "session": "sessions",
    "rates": "rates",
    "list": "lists",
    "activation": "activations",
    "action": "actions",
    "timer": "timers",
}
_TIME: Final = "make_timestamp(clock_us) AS clock, CAST(make_timestamp(clock_us) AS DATE) AS day"
_FIRED: Final = """
CREATE VIEW fired AS SELECT tx_id, seq, clock_us, clock, day, alert, decided.action AS decided, f.* FROM (
  SELECT tx_id, seq, clock_us, clock, day, alert, action, unnest(fired) AS f FROM decisions) AS decided"""
_EVIDENCE: Final = """
CREATE VIEW evidence AS SELECT about, fact, share_retained, truncated, p.* FROM (
  SELECT about, w.fact AS fact, w.share_retained AS share_retained, w.truncated AS truncated, unnest(w.payments) AS p
  FROM (SELECT tx_id AS about, unnest(evidence) AS w FROM decisions))"""
_CASE_ALERTS: Final = "CREATE VIEW case_alerts AS SELECT case_id, state, unnest(alerts) AS tx_id FROM cases"


def make_views(connection: duckdb.DuckDBPyConnection, store: Store) -> dict[str, tuple[str, ...]]:
    """Make every view on a connection; return their names and columns."""
    after = max((part.last_seq for part in store.parts()), default=-1) + 1
    _union(connection, store, "journal", BLOCK_SCHEMA, blocks(store, after))
    for kind, name in NAMES.items():
        columns = ", ".join(f'"{column}"' for column in FIELDS[kind])
        connection.execute(f"CREATE VIEW {name} AS SELECT {columns}, clock, day FROM journal WHERE kind = '{kind}'")
    _union(connection, store, "decisions", DECISION_SCHEMA, _batches(decisions(store, after)))
    cases = pa.RecordBatch.from_pylist(case_rows(store.cases(order="age")), CASE_SCHEMA)
    _copied(connection, "cases", CASE_SCHEMA, [cases])
    for view in (_FIRED, _EVIDENCE, _CASE_ALERTS):
        connection.execute(view)
    return _described(connection)


def _union(
    connection: duckdb.DuckDBPyConnection, store: Store, kind: Kind, schema: pa.Schema, tail: Iterable[pa.RecordBatch]
) -> None:
    """One view of the archived files of a kind and of what came after them."""
    files = [store.archive.path(kind, part.name) for part in store.parts()]
    plain = schema.remove_metadata()
    _copied(connection, f"tail_of_{kind}", plain, tail)
    archived = ds.dataset(files, plain, "parquet", store.archive.files) if files else plain.empty_table()
    connection.register(f"archive_of_{kind}", archived)
    both = " UNION ALL ".join(f"SELECT *, {_TIME} FROM {part}_of_{kind}" for part in ("archive", "tail"))
    connection.execute(f"CREATE VIEW {kind} AS {both}")


def _copied(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> None:
    plain = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in batches)
    connection.register("given", pa.RecordBatchReader.from_batches(schema, plain))
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    connection.unregister("given")


def _batches(found: Iterator[Decision]) -> Iterator[pa.RecordBatch]:
    rows: list[Decision] = []
    for decision in found:
        rows.append(decision)
        if len(rows) == ARCHIVE_BLOCK_ROWS:
            yield to_batch(rows)
            rows = []
    yield to_batch(rows)


def _described(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    names = ("journal", *NAMES.values(), "decisions", "fired", "evidence", "cases", "case_alerts")
    found = {}
    for name in names:
        connection.execute(f"SELECT * FROM {name} LIMIT 0")
        found[name] = tuple(column[0] for column in connection.description or ())
    return found
