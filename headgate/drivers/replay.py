"""Replay: a dataset's journal runs through the pipeline as if it were live, and becomes a home.

The first share of the payments is history: facts and hubs learn from it, nothing is decided. From there on each entry
is decided in order. The same journal, rules and randomness give the same home, however the journal is cut.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.dataset import Dataset
from headgate.drivers.door import admit
from headgate.drivers.draft import Draft, Token, building
from headgate.drivers.home import Settings
from headgate.drivers.pipeline import Pipeline, Step
from headgate.drivers.recorder import Recorder
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules
from headgate.drivers.state import open_pipeline, save_state
from headgate.errors import FieldError
from headgate.facts.engine import Engine
from headgate.journal.order import blocks_of, entries_of
from headgate.limits import ARCHIVE_BLOCK_ROWS, US_PER_DAY, US_PER_HOUR

FROM_SHARE: Final = 0.6
Tick = Callable[[int], object]


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did. `history` payments were only learnt from; `days` is the decided time."""

    home: str
    history: int
    decided: int
    alerts: int
    cases: int
    actions: dict[str, int]
    days: float
    alerts_per_day: float
    cases_per_day: float
    entries: int


def replay(
    dataset: Dataset,
    home: Path,
    rules: Rules,
    *,
    from_share: float = FROM_SHARE,
    overwrite: bool = False,
    token: Token = secrets.token_bytes,
    tick: Tick = lambda rows: None,
) -> ReplayResult:
    """Make a home of a dataset. tick hears of every journal entry; token gives the randomness of pseudonyms.

    Raises FileError where the home cannot be written, FieldError for a share outside 0 to 1, and what the dataset and
    the rules raise.
    """
    cut = first_decided(dataset.journal, from_share)
    with building(home, overwrite=overwrite, token=token) as draft:
        journal = admit(dataset.journal, draft.vault)
        pipeline, counted = _fill(draft, journal, cut, rules, dataset.reference_currency, tick)
        _keep(draft, pipeline, rules, dataset.reference_currency, cut)
        return _result(home, draft, counted, pipeline.next_seq)


def first_decided(journal: pa.Table, from_share: float) -> int:
    """Return the row of the first entry that is decided: payments of one clock stay together."""
    if not 0 <= from_share < 1:
        raise FieldError(
            f"{from_share} of the payments cannot be history",
            where="--from-share",
            repair="Give a share from 0 (decide all) to below 1.",
        )
    rows = np.flatnonzero(pc.equal(journal.column("kind"), "payment").to_numpy(zero_copy_only=False))
    clocks = journal.column("clock_us").to_numpy()
    first = rows[min(round(from_share * len(rows)), len(rows) - 1)]
    return int(np.searchsorted(clocks, clocks[first], side="left"))


class _Counted:
    """What went through, as it goes."""

    def __init__(self, history: int) -> None:
        self.history = history
        self.actions: Counter[str] = Counter()
        self.alerts = 0
        self.first_us = self.last_us = 0

    def take(self, step: Step) -> None:
        if step.decision is None:
            return
        self.actions[step.decision.action] += 1
        self.alerts += step.decision.alert
        self.first_us = self.first_us or step.decision.clock_us
        self.last_us = step.decision.clock_us


def _fill(
    draft: Draft, journal: pa.Table, cut: int, rules: Rules, currency: str, tick: Tick
) -> tuple[Pipeline, _Counted]:
    zone = rules.policy.budget.time_zone
    pipeline = open_pipeline(rules, Engine(rules.facts, reference_currency=currency, time_zone=zone))
    history, rest = journal.slice(0, cut), journal.slice(cut)
    counted = _Counted(int(pc.sum(pc.equal(history.column("kind"), "payment")).as_py() or 0))
    recorder = Recorder(draft)
    try:
        for block in blocks_of(history, ARCHIVE_BLOCK_ROWS) if cut else ():
            pipeline.remember(block)
            recorder.history(block)
            tick(block.num_rows)
        starts_us = rest.column("clock_us")[0].as_py()
        for activation in rules.activations():
            recorder.take(pipeline.step(msgspec.structs.replace(activation, clock_us=starts_us)))
        for entry in entries_of(rest, ARCHIVE_BLOCK_ROWS):
            step = pipeline.step(entry)
            recorder.take(step)
            counted.take(step)
            tick(1)
        recorder.finish()
    finally:
        recorder.close()
    return pipeline, counted


def _keep(draft: Draft, pipeline: Pipeline, rules: Rules, currency: str, cut: int) -> None:
    rules.write(draft.paths)
    RuleSets(draft.paths.rules, currency).put(rules)
    save_state(pipeline, draft.paths.state)
    settings = Settings(
        reference_currency=currency,
        time_zone=rules.policy.budget.time_zone,
        facts=rules.decided_facts,
        decided_from_seq=cut,
    )
    draft.paths.settings.write_bytes(msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def _result(home: Path, draft: Draft, counted: _Counted, entries: int) -> ReplayResult:
    days = max(counted.last_us - counted.first_us, US_PER_HOUR) / US_PER_DAY
    cases = sum(case.state != "merged" for case in draft.store.cases(order="age"))
    return ReplayResult(
        home=str(home),
        history=counted.history,
        decided=counted.actions.total(),
        alerts=counted.alerts,
        cases=cases,
        actions=dict(counted.actions),
        days=days,
        alerts_per_day=counted.alerts / days,
        cases_per_day=cases / days,
        entries=entries,
    )
