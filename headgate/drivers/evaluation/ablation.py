"""Ablation: the full model without one family of facts at a time, both stages taught anew and measured as the whole.

What a family adds is what is lost without it; families that tell the same can each be missed without loss. Where fine
payments are many, both sides learn from a part of them and grow their trees once, as the first stage does, so that a
family costs minutes less.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from headgate.drivers.evaluation.compare import Against, paired
from headgate.drivers.evaluation.families import WORDS, families
from headgate.drivers.evaluation.intervals import Interval
from headgate.drivers.evaluation.learners import Teaching, scores_of, teach, with_past
from headgate.drivers.evaluation.ranking import Floats
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.facts.past_scores import NAMES
from headgate.models.document import Settings
from headgate.models.past import thinned


class AblationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One family taken away: `ap` without it, and what the whole lies above that (`lost`), with paired interval."""

    family: str
    words: str
    facts: int
    ap: float | None
    ap_interval: Interval | None
    lost: float | None
    lost_interval: Interval | None


def ablation(
    facts: pa.Table, columns: Sequence[str], how: Teaching, whole: Floats, at: Against, tick: Tick
) -> tuple[AblationRow, ...]:
    """Return a row for each family of `columns`, the largest loss first. whole: the full model's scores on test."""
    part = how._replace(labels=thinned(how.labels))
    if not np.array_equal(part.labels, how.labels):
        part = part._replace(settings=msgspec.structs.replace(how.settings or Settings(), grown_again=False))
        whole = scores_of(teach(facts, columns, part), facts, how.split).test
    without: dict[str, Floats] = {}
    members = families(columns)
    for name, taken in members.items():
        rest = [column for column in columns if column not in set(taken)]
        if set(rest) - set(NAMES):
            told = with_past(facts, rest, part) if set(NAMES) & set(rest) else facts
            without[name] = scores_of(teach(told, rest, part), told, how.split).test
        tick(1)
    found = paired(at, whole, without)
    rows = [
        AblationRow(
            family=name,
            words=WORDS.get(name, name),
            facts=len(members[name]),
            ap=of.ap,
            ap_interval=of.interval,
            lost=of.lost,
            lost_interval=of.lost_interval,
        )
        for name, of in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: -(row.lost or 0.0)))
