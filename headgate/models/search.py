"""A modest search for how the trees are grown: a fixed list of trials from a seed, judged on time-ordered folds.

The list is a function of the seed alone, so a budget counted in trials gives the same model every time; a budget of
time stops the same list earlier and is recorded as what was tried. The clock enters as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np

from headgate.models.document import SearchRecord, Settings, Trial

CHOICES: Final = {
    "learning_rate": (0.05, 0.08, 0.12),
    "leaves": (15, 31, 63),
    "least_rows_in_leaf": (10, 20, 50, 100),
    "share_of_facts": (0.3, 0.5, 0.8),
    "leaf_penalty": (1.0, 5.0, 20.0),
    "fraud_weight": ("none", "sqrt"),
}


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How much to search. `trials` beyond the default settings; `seconds`: no trial begins after so long (None: all).

    With `seconds` the machine's speed decides how many trials there are: the model is then not reproducible by its
    seed, but by the count of trials that its card names.
    """

    trials: int = 0
    seconds: float | None = None
    folds: int = 3


def proposals(base: Settings, seed: int) -> Iterator[Settings]:
    """Yield the base settings, then endlessly others drawn from `CHOICES`; a function of base and seed."""
    yield base
    draw = np.random.default_rng(seed)
    while True:
        yield msgspec.structs.replace(
            base, **{name: values[int(draw.integers(len(values)))] for name, values in CHOICES.items()}
        )


def search(
    base: Settings,
    budget: Budget,
    seed: int,
    judge: Callable[[Settings], float],
    now_seconds: Callable[[], float],
) -> tuple[Settings, SearchRecord]:
    """Return the settings with the highest value of `judge` (mean average precision of the folds), and all trials.

    The earlier trial wins among equals, so the defaults stay unless something is better.
    """
    began, tried = now_seconds(), list[Trial]()
    for settings in proposals(base, seed):
        spent = budget.seconds is not None and now_seconds() - began >= budget.seconds
        if len(tried) > budget.trials or (tried and spent):
            break
        if all(trial.settings != settings for trial in tried):
            tried.append(Trial(settings=settings, average_precision=judge(settings)))
    best = max(range(len(tried)), key=lambda place: (tried[place].average_precision, -place))
    record = SearchRecord(trials=tuple(tried), chosen=best, folds=budget.folds, by_time=budget.seconds is not None)
    return tried[best].settings, record
