"""Learning from history: the facts of its payments, and a model for what comes after.

One causal pass by the engine; labels count from the time at which they became known. Used by `train`, by retraining
and by the demo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.charter import Charter
from headgate.connectors.dataset import LABEL_DELAY_US, Dataset
from headgate.drivers.replay import first_decided
from headgate.facts.catalogue import LEARNT
from headgate.facts.engine import Engine
from headgate.journal.order import blocks_of
from headgate.models.document import Origin, Settings
from headgate.models.model import Model
from headgate.models.past import Journal
from headgate.models.search import Budget
from headgate.models.split import history_split, label_columns
from headgate.models.stages import Growing, with_first_stage
from headgate.models.training import train

BLOCK_ROWS = 2048  # small enough that a progress bar moves


def learn(
    dataset: Dataset,
    *,
    share: float,
    charter: Charter,
    time_zone: str = "UTC",
    label_delay_us: int = LABEL_DELAY_US,
    seed: int = 7,
    budget: Budget | None = None,
    tick: Callable[[int], object] = lambda entries: None,
) -> Model:
    """Return a model of the first `share` of the payments; nothing after it is looked at. budget: of a search.

    Raises ModelError where the history is too short or has too few known frauds, and what the engine raises.
    """
    cut = first_decided(dataset.journal, share)
    origin = Origin(
        title=dataset.folder.resolve().name,
        reference_currency=dataset.reference_currency,
        time_zone=time_zone,
        label_delay_us=label_delay_us,
    )
    return learn_history(
        dataset.journal.slice(0, cut),
        dataset.labels,
        dataset.known_at_us,
        end_us=int(dataset.journal.column("clock_us")[cut].as_py()),
        charter=charter,
        origin=origin,
        seed=seed,
        budget=budget,
        tick=tick,
    )


def learn_history(
    history: pa.Table,
    known: Mapping[str, int],
    known_at_us: Mapping[str, int],
    *,
    end_us: int,
    charter: Charter,
    origin: Origin,
    seed: int = 7,
    budget: Budget | None = None,
    tick: Callable[[int], object] = lambda entries: None,
) -> Model:
    """Return a model of a journal that ends before `end_us`.

    known: by payment 1 for a fraud, 0 for a fine one; known_at_us: when that became known. The journal may be without
    its older days; facts then begin with it. Raises as `learn`.
    """
    facts = _facts(history, origin.reference_currency, origin.time_zone, tick)
    payments = history.filter(pc.equal(history.column("kind"), "payment"))
    clock_us = payments.column("clock_us").to_numpy()
    labels, known_at = label_columns(
        payments.column("tx_id").to_pylist(), clock_us, known, known_at_us, origin.label_delay_us
    )
    split = history_split(clock_us, known_at.astype(np.int64), end_us)

    payers, payees = (payments.column(side).to_pylist() for side in ("payer", "payee"))
    how = Growing(charter, origin, seed, Settings())
    stage = with_first_stage(facts, labels, known_at, split, Journal(clock_us, payers, payees), how)
    return train(
        stage.facts,
        labels,
        clock_us,
        split,
        payers=payers,
        payees=payees,
        charter=charter,
        origin=origin,
        seed=seed,
        budget=budget,
        now_seconds=monotonic,
    ).after(stage.model)


def _facts(history: pa.Table, currency: str, time_zone: str, tick: Callable[[int], object]) -> pa.Table:
    engine = Engine(LEARNT, reference_currency=currency, time_zone=time_zone)
    batches = []
    for block in blocks_of(history, BLOCK_ROWS) if len(history) else ():
        batches.append(engine.observe(block))
        tick(block.num_rows)
    return pa.Table.from_batches(batches, engine.schema)
