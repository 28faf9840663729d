"""The model at the limit on trees times leaves, and at twice of it: scores of one stage and of two, a batch, reasons.

Rows are drawn, for the time depends on their number only. Processor time, so that a busy machine gives much the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa

from headgate.facts.past_scores import NAMES
from headgate.journal.entries import Payment
from headgate.limits import MAX_MODEL_LEAVES, US_PER_DAY, US_PER_HOUR
from headgate.models import document, fit
from headgate.models.document import Settings
from headgate.models.model import Model
from headgate.models.past import coarse
from headgate.models.reasons import explain
from headgate.models.scorer import Scorer

ROWS, FACTS, SCORED, EXPLAINED, ROUNDS = 6_000, 200, 1_000, 60, 3
TIMES = (1, 2)  # the limit
TAUGHT, FEW = 0.7, 20  # the share of the time that has frauds as they come, and those after it: too few to stop by
Figures = dict[str, float]


def run_folders(data: Path | None, scratch: Path) -> Figures:
    """Return microseconds a payment and milliseconds for reasons; neither folder is looked at."""
    draw = np.random.default_rng(1)
    values = draw.normal(size=(ROWS, FACTS))
    label = draw.random(ROWS) < 1 / (1 + np.exp(5 - values[:, :10].sum(1)))
    label[np.flatnonzero(label & (np.arange(ROWS) >= TAUGHT * ROWS))[FEW:]] = False
    clock = np.sort(draw.integers(0, 90 * US_PER_DAY, ROWS))
    facts = {f"fact_{place}": values[:, place] for place in range(FACTS)}
    table = pa.table(facts | {"ts": pa.array(clock, pa.timestamp("us", "UTC")), "label": label.astype(np.int8)})
    figures: Figures = {"facts": FACTS, "limit": MAX_MODEL_LEAVES, "training_rows": ROWS}
    for times in TIMES:
        with mock.patch.object(document, "MAX_MODEL_LEAVES", times * MAX_MODEL_LEAVES):
            of_limit = _at_limit(table, draw)
        figures |= {name if times == 1 else f"{name}_at_{times}_times_the_limit": of_limit[name] for name in of_limit}
    return figures


def _at_limit(table: pa.Table, draw: np.random.Generator) -> Figures:
    """The figures of a model that has as many trees as may be."""
    settings = Settings(rounds_without_validation=10_000)
    began = time.process_time()
    first = fit(table, settings=settings)
    seconds = time.process_time() - began
    wide = table
    for name in NAMES:
        wide = wide.append_column(name, pa.array(draw.integers(0, 1200, ROWS).astype(float)))
    second = fit(wide, settings=settings).after(fit(table, settings=coarse(settings)))
    rows = table.slice(0, SCORED).to_pylist()
    payments = [_payment(number) for number in range(SCORED)]
    return {
        "trees_times_leaves": first.document.rounds * first.document.settings.leaves,
        "score_us": _each(first.margin_one, rows) * 1e6,
        "score_of_two_stages_us": _two_stages(second, payments, rows) * 1e6,
        "batch_us_a_row": _least(lambda: first.margin(table)) / ROWS * 1e6,
        "contributions_ms": _each(first.contributions, rows[:EXPLAINED]) * 1e3,
        "reasons_ms": _each(lambda row: explain(first, row), rows[:EXPLAINED]) * 1e3,
        "training_seconds": seconds,
    }


def table(figures: Figures) -> str:
    """Return the figures for a terminal."""
    return "\n".join(f"{key:>44}  {value:.4g}" for key, value in figures.items() if key != "python")


def _payment(number: int) -> Payment:
    clock_us = number * US_PER_HOUR
    return Payment(
        seq=number, clock_us=clock_us, tx_id=f"P{number}", ts_us=clock_us, payer=f"A{number % 50}",
        payee=f"B{number % 40}", amount_minor=1000, currency="EUR",
    )  # fmt: skip


def _two_stages(model: Model, payments: list[Payment], rows: list[dict[str, Any]]) -> float:
    """Seconds a payment with what it remembers of earlier scores: a scorer of its own for each round."""

    def once() -> None:
        scorer = Scorer(model)
        for payment, row in zip(payments, rows, strict=True):
            scorer.judge(payment, row)

    return _least(once) / len(rows)


def _each(call: Callable[[Any], object], items: list[Any]) -> float:
    """Processor seconds a call."""

    def once() -> None:
        _all(map(call, items))

    return _least(once) / len(items)


def _all(calls: Iterable[object]) -> None:
    for _ in calls:
        pass


def _least(work: Callable[[], object]) -> float:
    """The least processor seconds of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)
