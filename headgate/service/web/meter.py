"""Score against threshold as a bar: where it ends and where the line of the day stands, with the words for both."""

from __future__ import annotations

from typing import Final

import msgspec

from headgate.decisions.record import Decision

WIDTH: Final = 400
_LINE: Final = 0.7  # the line of the day always stands here, so that bars compare
_SPAN: Final = 6.0  # units of rank on the left of the line


class Meter(msgspec.Struct, frozen=True, kw_only=True):
    """A bar of WIDTH units: `score` is where it ends, `threshold` where the line stands."""

    score: int
    threshold: int
    over: bool
    words: str


def meter_of(decision: Decision) -> Meter:
    """Return the bar of a decision; what is beyond either end is drawn at that end."""
    distance = (decision.rank_score - decision.threshold) / _SPAN
    share = min(1.0, max(0.01, _LINE + _LINE * distance)) if distance == distance else 0.01
    over = decision.rank_score >= decision.threshold
    return Meter(score=round(WIDTH * share), threshold=round(WIDTH * _LINE), over=over, words=_words(decision, over))


def _words(decision: Decision, over: bool) -> str:
    ranked = f"Rank of this payment {decision.rank_score:.2f}, line of the day {decision.threshold:.2f}"
    side = "at or above the line" if over else "below the line"
    if decision.probability is None:
        return f"{ranked}: {side}."
    return (
        f"{ranked}: {side}. Of payments that scored like this, {_percent(decision.probability)} turned out to be fraud."
    )


def _percent(probability: float) -> str:
    return "fewer than 0.1 %" if probability < 0.001 else f"about {probability * 100:.3g} %"
