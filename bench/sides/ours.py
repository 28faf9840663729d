"""Our side: the engine in blocks or one payment at a time, over the same payments.

Run by `bench.kernel` as `python -m bench.sides.ours ORDER`, ORDER in JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.sides.columns import CURRENCY, block, blocks, load, part
from bench.sides.meter import measured, use_one_core
from headgate.facts.engine import Engine
from headgate.journal.schema import from_block
from headgate.limits import MAX_BLOCK_ROWS


def timed(order: dict[str, Any]) -> dict[str, float]:
    """Absorb the first `warm` payments, then measure the facts of the others: blocks of `rows`, or calls for one."""
    columns, rows = load(order["stream"], order["warm"] + order["payments"]), order["rows"]
    early = blocks(part(columns, 0, order["warm"]), MAX_BLOCK_ROWS)
    later = block(part(columns, order["warm"], len(columns.seq)))
    singles = [later.slice(row, 1) for row in range(later.num_rows)] if rows == 1 else []
    entries = [entry for one in singles for entry in from_block(one)]
    engine = Engine(order["names"], reference_currency=CURRENCY)

    def warm_up() -> None:
        for one in early:
            engine.absorb(one)

    def work() -> None:
        for entry in entries:
            engine.observe_one(entry)
        # Blocks are let go as in a stream: pyarrow keeps beside each what was read of it.
        for start in () if entries else range(0, later.num_rows, rows):
            engine.observe(later.slice(start, rows))

    warmed, figures = measured(warm_up), measured(work)
    return figures | {"memory_mb": warmed["memory_mb"] + figures["memory_mb"]}


def counted(order: dict[str, Any]) -> dict[str, int]:
    """Write the facts of a sample."""
    engine = Engine(order["names"], reference_currency=CURRENCY)
    facts = [engine.observe(one) for one in blocks(load(order["stream"], order["payments"]), 4096)]
    table = pa.Table.from_batches(facts, engine.schema)
    pq.write_table(table, order["out"])
    return {"payments": len(table)}


if __name__ == "__main__":
    use_one_core()
    told = json.loads(sys.argv[1])
    print(json.dumps({"timed": timed, "counted": counted}[told["what"]](told)))
