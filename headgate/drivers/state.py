"""Both folds at rest: what a home keeps of a pipeline at the end of its archive, and how it goes on from there.

A pipeline that was saved, restored and given the rest of the journal is one that never stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from headgate.cases.grouping import CaseState
from headgate.decisions.decide import DecisionState
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import Rules
from headgate.errors import FileError, SnapshotError
from headgate.facts.engine import Engine

ENGINE_FILE = "facts.snapshot"
FOLD_FILE = "decisions.msgpack"


class _Folded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decisions: dict[str, Any]
    cases: bytes
    next_seq: int
    last_clock_us: int


def open_pipeline(rules: Rules, engine: Engine) -> Pipeline:
    """Return a pipeline by these rules at the start of a journal."""
    decisions = DecisionState(rules.policy, model=rules.model, versions=rules.versions())
    return Pipeline(engine, rules.scenarios, rules.model, decisions, CaseState())


def save_state(pipeline: Pipeline, folder: Path) -> None:
    """Write a pipeline at rest into a folder of its own."""
    folder.mkdir()
    pipeline.engine.snapshot(folder / ENGINE_FILE)
    folded = _Folded(
        decisions=pipeline.decisions.state(),
        cases=pipeline.cases.state(),
        next_seq=pipeline.next_seq,
        last_clock_us=pipeline.last_clock_us,
    )
    (folder / FOLD_FILE).write_bytes(msgspec.msgpack.encode(folded))


def load_state(folder: Path, rules: Rules) -> Pipeline:
    """Return the pipeline that was saved, to go on by the rules of its home.

    Raises FileError or SnapshotError where a file of it is missing or damaged.
    """
    pipeline = open_pipeline(rules, Engine.restore(folder / ENGINE_FILE))
    folded = _read(folder / FOLD_FILE)
    pipeline.decisions.load(folded.decisions)
    pipeline.cases.load(folded.cases)
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
