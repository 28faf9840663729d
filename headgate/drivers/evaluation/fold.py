"""One causal pass over the journal: a table with the facts of every payment, in journal order.

The journal and the names of facts enter; nothing that lies after a payment reaches its row. The slow definition
takes the place of the engine when it is asked for, and gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.facts.engine import Engine, chosen_fold, reference_fold
from headgate.facts.values import Witness
from headgate.journal.order import blocks_of
from headgate.limits import COMMUNITY_REFRESH_US

BLOCK_ROWS = 2048  # small enough that a progress bar moves
MOST_WITNESS_ENTRIES = 100_000  # a witness is not looked for in a window with more entries than this


def fold(
    dataset: Dataset,
    names: Sequence[str],
    *,
    time_zone: str,
    reference: bool,
    tick: Tick,
    payments: int | None = None,
) -> pa.Table:
    """Return `seq`, `tx_id` and the facts `names` of each payment; `tick` hears of every journal entry.

    payments: stop after the block that holds the payment of this number.
    """
    currency = dataset.reference_currency
    make_fold = reference_fold if reference else chosen_fold
    engine = Engine(names, reference_currency=currency, time_zone=time_zone, make_fold=make_fold)
    batches = []
    seen = 0
    for block in dataset.blocks(BLOCK_ROWS):
        batches.append(engine.observe(block))
        seen += batches[-1].num_rows
        tick(block.num_rows)
        if payments is not None and seen > payments:
            break
    return pa.Table.from_batches(batches, engine.schema)


def witness_of(dataset: Dataset, seq: int, fact: str, window_us: int) -> Witness | None:
    """Return the payments behind a window fact of the payment at `seq`, by folding its window again.

    A window fact depends on its window alone, besides what is known of accounts and rates; one about communities on
    the window of a refresh that is up to two refreshes old. None where this holds more entries than
    `MOST_WITNESS_ENTRIES`.
    """
    clocks = dataset.journal.column("clock_us").to_numpy()
    since_us = clocks[seq] - window_us - 2 * COMMUNITY_REFRESH_US
    start = int(np.searchsorted(clocks, since_us, side="right"))
    if seq - start > MOST_WITNESS_ENTRIES:
        return None
    before = dataset.journal.slice(0, start)
    standing = before.filter(pc.is_in(before.column("kind"), value_set=pa.array(["account", "rates"])))
    engine = Engine((fact,), reference_currency=dataset.reference_currency)
    for block in blocks_of(pa.concat_tables([standing, dataset.journal.slice(start, seq + 1 - start)])):
        engine.observe(block)
    return engine.evidence(fact)
