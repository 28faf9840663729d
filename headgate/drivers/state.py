"""Both folds at rest: what a home keeps of a pipeline at the end of its archive, and how it goes on from there.

A pipeline that was saved, restored and given the rest of the journal is one that never stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from headgate.cases.grouping import CaseState
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import Rules
from headgate.drivers.trial import decisions_of, trial_of
from headgate.errors import FileError, SnapshotError
from headgate.facts.engine import Engine

ENGINE_FILE = "facts.snapshot"
FOLD_FILE = "decisions.msgpack"


class _Folded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decisions: dict[str, Any]
    cases: bytes
    next_seq: int
    last_clock_us: int
    rules: str
    scores: dict[str, bytes] = {}
    watch: dict[str, Any] = {}


def open_pipeline(rules: Rules, engine: Engine, rule_set: Callable[[str], Rules] | None = None) -> Pipeline:
    """Return a pipeline by these rules at the start of a journal; rule_set finds those of later activations."""
    return Pipeline(
        engine,
        rules.scenarios,
        rules.model,
        decisions_of(rules),
        CaseState(),
        trial=trial_of(rules),
        rule_set=rule_set,
        rules_hash=rules.content_hash,
    )


def save_state(pipeline: Pipeline, folder: Path) -> None:
    """Write a pipeline at rest into a folder of its own."""
    folder.mkdir()
    pipeline.engine.snapshot(folder / ENGINE_FILE)
    folded = _Folded(
        decisions=pipeline.decisions.state(),
        cases=pipeline.cases.state(),
        next_seq=pipeline.next_seq,
        last_clock_us=pipeline.last_clock_us,
        rules=pipeline.rules_hash,
        scores=pipeline.scorers.state(),
        watch={} if pipeline.watch is None else pipeline.watch.state(),
    )
    (folder / FOLD_FILE).write_bytes(msgspec.msgpack.encode(folded))


def load_state(folder: Path, rule_set: Callable[[str], Rules]) -> Pipeline:
    """Return the pipeline that was saved, to go on by the rules that were in force; rule_set finds them by hash.

    Raises FileError or SnapshotError where a file of it is missing or damaged.
    """
    folded = _read(folder / FOLD_FILE)
    pipeline = open_pipeline(rule_set(folded.rules), Engine.restore(folder / ENGINE_FILE), rule_set)
    pipeline.decisions.load(folded.decisions)
    pipeline.cases.load(folded.cases)
    pipeline.scorers.load(folded.scores)
    if pipeline.watch is not None:
        pipeline.watch.load(folded.watch)
    pipeline.next_seq, pipeline.last_clock_us = folded.next_seq, folded.last_clock_us
    return pipeline


def _read(path: Path) -> _Folded:
    repair = "Restore the home from a backup, or replay its dataset into a new home."
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_Folded)
    except OSError as error:
        raise FileError(f"The state cannot be read: {error.strerror}", where=str(path), repair=repair) from error
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"The state is damaged: {error}", where=str(path), repair=repair) from error
