"""From a margin to a probability, apart from the ranking: isotonic ties would harm the order of alerts.

Margins and known labels of the validation period enter; a rising step-free curve leaves. Nothing is ranked by it.
"""

from __future__ import annotations

import math
from bisect import bisect_right

import msgspec
import numpy as np
import numpy.typing as npt

from headgate.models.split import Labels

Floats = npt.NDArray[np.float64]


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """A rising curve through points (margin, probability), straight between them, flat outside.

    Without points the probability is the logistic function of the margin. Isotonic regression: Zadrozny and
    Elkan, "Transforming classifier scores into accurate multiclass probability estimates", 2002.
    """

    margins: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()

    def one(self, margin: float) -> float:
        """Return the probability of one margin, strictly between 0 and 1."""
        if not self.margins:
            return _logistic(margin)
        place = bisect_right(self.margins, margin)
        if place == 0:
            return self.probabilities[0]
        if place == len(self.margins):
            return self.probabilities[-1]
        left, right = self.margins[place - 1], self.margins[place]
        low, high = self.probabilities[place - 1], self.probabilities[place]
        return low + (high - low) * ((margin - left) / (right - left))

    def many(self, margins: Floats) -> Floats:
        """Return the probabilities (n,) of margins (n,): the same bits as one by one."""
        return np.array([self.one(margin) for margin in margins.tolist()], np.float64)


def calibrate(margins: Floats, labels: Labels) -> Calibration:
    """Return the isotonic curve of validation rows with a known label; the logistic one where a class is absent.

    Each of its steps is drawn towards the rate of all rows by one payment: a few payments at the top, all of them
    frauds, prove no certainty, and none at the bottom proves innocence.
    """
    known = labels >= 0
    margins, fraud = margins[known], labels[known] == 1
    if fraud.all() or not fraud.any():
        return Calibration()
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression().fit(margins, fraud)
    _, step_of = np.unique(fitted.y_thresholds_, return_inverse=True)  # of each point of the curve
    step = step_of[np.searchsorted(fitted.X_thresholds_, margins, side="right") - 1]
    rates = (np.bincount(step, fraud) + fraud.mean()) / (np.bincount(step) + 1)
    return Calibration(
        margins=tuple(fitted.X_thresholds_.astype(float).tolist()),
        probabilities=tuple(np.maximum.accumulate(rates)[step_of].tolist()),
    )


def _logistic(margin: float) -> float:
    bounded = max(-30.0, min(30.0, margin))
    return 1.0 / (1.0 + math.exp(-bounded))
