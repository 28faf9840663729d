"""The limits of a run in sentences: what its data, its intervals and its misses do not let anybody claim."""

from __future__ import annotations

from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.validation.sensitivity import Sensitive
from headgate.drivers.validation.stability import Moved, Span

_WIDE = 0.2
_FEW_SCHEMES = 10
_MOVED = 0.25


def limits(
    e: Evaluation, spans: tuple[Span, ...], sensitive: tuple[Sensitive, ...], moved: tuple[Moved, ...]
) -> tuple[str, ...]:
    """Return what a reader must not conclude from the figures."""
    return (
        *_of_evidence(e),
        *_of_time(spans, moved),
        *_of_settings(sensitive),
        *e.warnings,
        "One dataset was measured. A result holds for others only where it was measured on them.",
        "Labels are what somebody found or a simulation planted; frauds that nobody found count as honest.",
        "The figures are about payments. They say nothing about persons, and no score of a person exists.",
    )


def _of_evidence(e: Evaluation) -> list[str]:
    said = []
    interval = e.about["ap"].interval
    if isinstance(interval, tuple) and interval[1] - interval[0] > _WIDE:
        said.append(
            f"The interval of average precision is wide ({interval[0]:.2f} to {interval[1]:.2f}): the period is short."
        )
    if 0 < e.schemes.schemes < _FEW_SCHEMES:
        said.append(f"Only {e.schemes.schemes} schemes lie in the test period: shares of schemes are anecdotes.")
    if e.schemes.schemes and not e.schemes_unseen.schemes:
        said.append("Every scheme of the test period has payments before it: new schemes were not measured.")
    never = [row.pattern_type for row in e.recall_by_pattern if row.recall == 0]
    if never:
        said.append(f"No payment was found of: {', '.join(never)}.")
    if e.full is not None and not e.full.canary.alive:
        said.append("The canary died: something looks ahead, and no figure of this run can be trusted.")
    return said


def _of_time(spans: tuple[Span, ...], moved: tuple[Moved, ...]) -> list[str]:
    said = []
    rates = [span.alerts_per_day for span in spans if span.payments]
    if rates and max(rates) > 2 * max(min(rates), 1e-9):
        said.append(
            f"Alerts a day range from {min(rates):.1f} to {max(rates):.1f} at one threshold over the test period."
        )
    far = [row.fact for row in moved if row.psi > _MOVED]
    if far:
        said.append(f"{len(far)} facts moved since training (PSI above {_MOVED}), most of all {', '.join(far[:3])}.")
    return said


def _of_settings(sensitive: tuple[Sensitive, ...]) -> list[str]:
    clear = [row for row in sensitive if row.lost_interval and (row.lost_interval[0] > 0 or row.lost_interval[1] < 0)]
    return [
        f"It depends on its settings: with {row.change} average precision is {row.ap or 0:.3f}, "
        f"{abs(row.lost or 0):.3f} {'lower' if (row.lost or 0) > 0 else 'higher'}."
        for row in clear
    ]
