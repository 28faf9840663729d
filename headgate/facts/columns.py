"""Facts as columns: the Arrow schema of a set of facts. Names and types are those of single values."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headgate.facts.spec import FactSpec


def facts_schema(specs: Iterable[FactSpec]) -> pa.Schema:
    """Return `seq`, `tx_id`, then one column a fact, in order."""
    keys = [pa.field("seq", pa.int64(), nullable=False), pa.field("tx_id", pa.utf8(), nullable=False)]
    return pa.schema([*keys, *(pa.field(spec.name, spec.arrow_type) for spec in specs)])
