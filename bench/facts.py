"""Fold 1: the whole default catalogue against counts and sums alone, in blocks against one payment at a time."""

from __future__ import annotations

from itertools import islice

import pyarrow as pa

from bench.stream import cpu_seconds, peak_mb
from headgate.connectors.dataset import Dataset
from headgate.facts.catalogue import DEFAULT
from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.journal.order import entries_of

ENTRIES = 20_000
PLAIN = tuple(name for name in DEFAULT if "_count_" in name or "_sum_" in name)
PATTERNS = ("fan_", "gather_", "scatter_", "temporal_cycle", "pass_through")


def run(dataset: Dataset) -> dict[str, float | int | str]:
    """Return payments a CPU second and ratios."""
    blocks = list(islice(dataset.blocks(1024), ENTRIES // 1024))
    payments = sum(int(block.column("kind").to_pylist().count("payment")) for block in blocks)
    unpatterned = tuple(name for name in DEFAULT if not name.startswith(PATTERNS))

    def fold(names: tuple[str, ...]) -> None:
        engine = Engine(names, reference_currency=dataset.reference_currency)
        for block in blocks:
            engine.observe(block)

    def one_by_one() -> None:
        engine = Engine(DEFAULT, reference_currency=dataset.reference_currency)
        for entry in entries_of(pa.Table.from_batches(blocks)):
            if engine.observe_one(entry) is None:
                assert not isinstance(entry, Payment)

    whole, plain = cpu_seconds(lambda: fold(DEFAULT)), cpu_seconds(lambda: fold(PLAIN))
    without, single = cpu_seconds(lambda: fold(unpatterned)), cpu_seconds(one_by_one)
    return {
        "facts_in_the_default_catalogue": len(DEFAULT),
        "payments_per_cpu_second_default": payments / whole,
        "payments_per_cpu_second_counts_and_sums": payments / plain,
        "time_default_over_counts_and_sums": whole / plain,
        "time_default_over_default_without_patterns": whole / without,
        "time_one_by_one_over_blocks": single / whole,
        "peak_mb": peak_mb(),
    }
