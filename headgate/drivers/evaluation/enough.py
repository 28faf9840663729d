"""What a dataset must hold to be measured, and the error with its repair where it does not.

Counts and the split enter; nothing leaves but an error. A measure of nothing is refused, never printed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headgate.errors import DatasetError
from headgate.limits import MIN_EVALUATION_PAYMENTS, MIN_TRAINING_FRAUDS, MIN_TRAINING_ROWS, US_PER_DAY
from headgate.models.split import Labels, Split


def require_labels(labels: Mapping[str, int], payments: int, folder: str) -> None:
    """Raise DatasetError where there are no labels at all, one class only, or hardly any payments."""
    if not labels:
        raise DatasetError(
            "The dataset has no labels, so nothing can be measured",
            where=f"{folder}, labels.parquet",
            repair="Add labels.parquet with tx_id and label (1 fraud, 0 fine, null not labelled); "
            "`headgate replay` works without labels.",
        )
    if payments < MIN_EVALUATION_PAYMENTS:
        raise DatasetError(
            f"{payments} payments are too few to train, tune and measure on",
            where=folder,
            repair=f"Give at least {MIN_EVALUATION_PAYMENTS} payments, in practice many thousands.",
        )
    present = set(labels.values())
    if len(present) == 1:
        missing = "fine (0)" if 1 in present else "fraud (1)"
        raise DatasetError(
            f"All labels are the same: no payment is labelled as {missing}",
            where=f"{folder}, labels.parquet",
            repair="Label both frauds and payments that were fine.",
        )


def require_periods(split: Split, label: Labels, clock_us: np.ndarray, delay_us: int) -> None:
    """Raise DatasetError where training knows no fraud or no fine payment, or the test period lacks one of them."""
    known = split.train_labels(label)
    ever = label[: split.train_stop]
    for value, name in ((1, "fraud"), (0, "fine payment")):
        if not (known == value).any():
            delays_us = (split.known_at_us - clock_us)[: split.train_stop][ever == value]
            _refuse_training(name, delays_us, clock_us, delay_us)
        if not (label[split.valid_stop :] == value).any():
            raise DatasetError(
                f"The test period (the last fifth of the payments) has no labelled {name}, so nothing can be measured",
                repair="Give a longer history, or one whose labels reach to its end.",
            )
    _require_to_learn(known, ever, bool((split.known_at_us - clock_us == delay_us).all()))


def _require_to_learn(known: Labels, ever: Labels, by_setting: bool) -> None:
    """The same bounds as training has, before minutes are spent on facts. ever: the labels whenever they came."""
    if _learnable(known):
        return
    if not _learnable(ever):
        repair = "Give a longer history, or one with more labels in it."
    elif by_setting:
        repair = "Give a longer history, or use `--label-delay 0` if labels were known at once."
    else:
        repair = "Give a longer history, or correct known_at in labels.parquet, or leave it out to use `--label-delay`."
    raise DatasetError(
        f"By the end of the training period (the first 60% of the payments) {_count(known, 1)} frauds and "
        f"{_count(known, 0)} fine payments were known; {MIN_TRAINING_FRAUDS} frauds among {MIN_TRAINING_ROWS} "
        "payments are needed",
        repair=repair,
    )


def _learnable(label: Labels) -> bool:
    frauds = _count(label, 1)
    return frauds >= MIN_TRAINING_FRAUDS and frauds + _count(label, 0) >= MIN_TRAINING_ROWS


def _count(label: Labels, value: int) -> int:
    return int((label == value).sum())


def _refuse_training(name: str, delays_us: np.ndarray, clock_us: np.ndarray, delay_us: int) -> None:
    """delays_us: of the labels of the period, none known in time. All equal to `delay_us`: by the setting."""
    if not len(delays_us):
        raise DatasetError(
            f"The training period (the first 60% of the payments) has no labelled {name}",
            repair="Give a longer history, or one whose labels begin earlier.",
        )
    by_setting = bool((delays_us == delay_us).all())
    longer = "give a longer history."
    raise DatasetError(
        f"No label of a {name} was known by the end of the training period: the payments span "
        f"{_days(int(clock_us[-1] - clock_us[0]) / US_PER_DAY)} and labels come "
        f"{'' if by_setting else 'by their known_at '}{_days(int(delays_us.min()) / US_PER_DAY)} "
        f"{'' if by_setting else 'or more '}after their payment",
        repair=f"Use `--label-delay 0` if the labels were known at once, or {longer}"
        if by_setting
        else f"Correct known_at in labels.parquet, leave it out to use `--label-delay`, or {longer}",
    )


def _days(days: float) -> str:
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"
