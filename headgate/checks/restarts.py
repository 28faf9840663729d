"""Law: a service that was snapshot, died and was restored goes on as one that never stopped.

    restarts(make, save_state, load, entries, tmp_path)

`make()` returns your pipeline at the start of a journal, `save(pipeline, folder)` writes it into a folder that is not
there yet, `load(folder)` brings it back. What came between the snapshot and the death is replayed, as after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from headgate.checks.stops import stretches
from headgate.decisions.record import canonical_json
from headgate.drivers.announcing import announced
from headgate.drivers.pipeline import Pipeline, Step
from headgate.errors import LawError
from headgate.journal.entries import Entry

_PARTS = ("entries", "decisions", "cases", "announcements")


def restarts(
    make: Callable[[], Pipeline],
    save: Callable[[Pipeline, Path], object],
    load: Callable[[Path], Pipeline],
    entries: Sequence[Entry],
    folder: Path,
    *,
    seed: int = 0,
    stops: int = 3,
) -> None:
    """Raise LawError unless a run with random snapshots and deaths brings and remembers the same as one without."""
    whole = make()
    wanted = [_brought(whole.step(entry)) for entry in entries]
    random, pipeline, found = Random(seed), make(), []
    for number, (start, end) in enumerate(list(stretches(len(entries), stops, random))):
        saved = random.randint(start, end)
        found += [_brought(pipeline.step(entry)) for entry in entries[start:saved]]
        save(pipeline, folder / f"stop-{number}")
        found += [_brought(pipeline.step(entry)) for entry in entries[saved:end]]
        pipeline = load(folder / f"stop-{number}")
        again = [_brought(pipeline.step(entry)) for entry in _placed(found, saved, end)]
        _compare(_flat(found[saved:end]), _flat(again), f"entries {saved} to {end}, replayed")
    _compare(_flat(wanted), _flat(found), "the whole journal")
    _compare([_remembered(whole)], [_remembered(pipeline)], "what is remembered at the end")


def _placed(found: Sequence[tuple[Any, ...]], start: int, end: int) -> list[Entry]:
    """The journal as it was written: each entry at its place, with the deadlines before it."""
    return [entry for brought in found[start:end] for entry in brought[0]]


def _brought(step: Step) -> tuple[Any, ...]:
    decision = None if step.decision is None else canonical_json(step.decision)
    return step.entries, decision, step.case_changes, announced(step)


def _flat(brought: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """One list a part, so that a deadline may be a step of its own or come before its entry."""
    columns = list(zip(*brought, strict=True)) or [(), (), (), ()]
    entries, decisions, cases, told = columns
    flat = [tuple(each for part in parts for each in part) for parts in (entries, cases, told)]
    return [flat[0], tuple(each for each in decisions if each), flat[1], flat[2]]


def _remembered(pipeline: Pipeline) -> tuple[Any, ...]:
    return pipeline.next_seq, pipeline.last_clock_us, pipeline.decisions.state(), pipeline.cases.state()


def _compare(wanted: Sequence[Any], found: Sequence[Any], where: str) -> None:
    for name, want, have in zip(_PARTS, wanted, found, strict=False):
        if want != have:
            raise LawError(
                f"The law 'restarts' is broken: {name} are others after a restart",
                where=where,
                repair="Write everything that a later decision can depend on into the snapshot.",
            )
