"""The pieces of a run put together as its result: no measure is computed here, only named and placed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from headgate import __version__
from headgate.drivers.evaluation.about import about
from headgate.drivers.evaluation.curves import Curves
from headgate.drivers.evaluation.full import Full
from headgate.drivers.evaluation.gfp import Gfp
from headgate.drivers.evaluation.measure import Measures
from headgate.drivers.evaluation.missed import Missed
from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.result import Evaluation, PeriodRow
from headgate.limits import US_PER_DAY, US_PER_SECOND


class Setting(NamedTuple):
    """What was evaluated and how: the part of the result that is known before anything is measured."""

    dataset: str
    reference_currency: str
    label_delay_us: int
    seed: int
    facts: int
    set_apart: tuple[str, ...]


class Cost(NamedTuple):
    """What the run took."""

    payments_per_second: float
    peak_rss_mb: float
    seconds: dict[str, float]


class Told(NamedTuple):
    """What is told beside the numbers."""

    curves: Curves
    missed: tuple[Missed, ...]
    warnings: tuple[str, ...]
    gfp: Gfp
    full: Full | None = None


def assemble(
    setting: Setting, periods: dict[str, Period], purge_us: int, measures: Measures, told: Told, cost: Cost
) -> Evaluation:
    """Return the result of a run. `periods` are train, validation and test with the labels as they came to be."""
    every, raw, scenarios = (measures.learners[name] for name in ("all", "raw", "scenarios"))
    operating = measures.operating
    labelled = sum(int(period.labelled.sum()) for period in periods.values())
    frauds = sum(int(period.positive.sum()) for period in periods.values())
    return Evaluation(
        dataset=setting.dataset,
        headgate_version=__version__,
        reference_currency=setting.reference_currency,
        label_delay_days=setting.label_delay_us / US_PER_DAY,
        seed=setting.seed,
        facts=setting.facts,
        payments=sum(len(period.tx_id) for period in periods.values()),
        labelled=labelled,
        frauds=frauds,
        prevalence=frauds / labelled,
        split={name: period_row(period) for name, period in periods.items()},
        purge_days=purge_us / US_PER_DAY,
        ap=every.ap,
        ap_raw=raw.ap,
        ap_scenarios=scenarios.ap,
        ap_above_raw=_above(every.ap, raw.ap),
        ap_above_scenarios=_above(every.ap, scenarios.ap),
        ap_unseen=measures.ap_unseen,
        roc_auc=every.roc_auc,
        precision_at=every.precision_at,
        recall_at=every.recall_at,
        f1=every.f1,
        value_detected=operating.value_detected,
        scheme_recall=operating.all_schemes.recall,
        scheme_recall_unseen=operating.unseen_schemes.recall,
        hours_to_first_alert=operating.all_schemes.hours_to_first_alert,
        payments_to_first_alert=operating.all_schemes.payments_to_first_alert,
        ece=measures.ece,
        alerts_per_day=operating.alerts_per_day,
        payments_per_second=cost.payments_per_second,
        peak_rss_mb=cost.peak_rss_mb,
        seconds=cost.seconds,
        recall_by_pattern=operating.patterns,
        schemes=operating.all_schemes,
        schemes_unseen=operating.unseen_schemes,
        scheme_outcomes=operating.outcomes,
        learners=measures.learners,
        calibration=measures.reliability,
        curves=told.curves,
        missed=told.missed,
        warnings=told.warnings,
        set_apart=setting.set_apart,
        resampled_by=f"each {measures.clusters.block_name}, {measures.clusters.blocks} of them",
        about=about(measures.intervals),
        gfp=told.gfp,
        full=told.full,
    )


def _above(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def period_row(period: Period) -> PeriodRow:
    """Return a period as the report shows it."""
    first, last = (iso(int(period.clock_us[at])) for at in (0, -1))
    return PeriodRow(
        first=first,
        last=last,
        payments=len(period.tx_id),
        labelled=int(period.labelled.sum()),
        frauds=int(period.positive.sum()),
    )


def iso(clock_us: int) -> str:
    """Return a clock as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
