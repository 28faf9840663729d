"""The folds as they stand after the history of a journal, before its first decided entry: where everything begins.

The journal and sets of rules enter, a pipeline leaves. It is the way back where a stored state cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rollouts import named_before
from headgate.drivers.rules import Rules
from headgate.drivers.state import open_pipeline
from headgate.facts.engine import Engine

Blocks = Callable[[], Iterator[pa.RecordBatch]]


def after_history(
    blocks: Blocks,
    decided_from_seq: int,
    until_seq: int,
    rules: Rules,
    rule_set: Callable[[str], Rules],
    *,
    reference_currency: str,
    time_zone: str,
    tick: Callable[[int], object],
) -> Pipeline:
    """Return a pipeline that has learnt from the history, to be stepped through the entries up to a place.

    blocks: the whole journal, from its start at every call. rules: those in force where the journal names none.
    rule_set: finds rules by their hash. tick: hears how many entries were learnt from.
    """
    named = [rule_set(content_hash) for _, content_hash in named_before(until_seq, blocks())]
    first = named[0] if named else rules
    to_come = {name for each in named for name in each.facts}
    names = (*first.facts, *sorted(to_come - set(first.facts)))
    pipeline = open_pipeline(first, Engine(names, reference_currency=reference_currency, time_zone=time_zone), rule_set)
    for block in blocks():
        history = block.slice(0, max(0, decided_from_seq - int(block.column("seq")[0].as_py())))
        if not history.num_rows:
            break
        pipeline.remember(history)
        tick(history.num_rows)
    return pipeline
