"""The result of an evaluation as one value: the JSON of the command and the input of the report.

Plain numbers stand at the top, so that a script reads `ap` directly; `about` holds unit, sentence and interval
of each. Accounts do not appear; payments appear by id.
"""

from __future__ import annotations

import msgspec

from headgate.drivers.evaluation.about import About
from headgate.drivers.evaluation.calibration import Reliability
from headgate.drivers.evaluation.curves import Curves
from headgate.drivers.evaluation.full import Full
from headgate.drivers.evaluation.gfp import Gfp
from headgate.drivers.evaluation.measure import LearnerMeasures
from headgate.drivers.evaluation.missed import Missed
from headgate.drivers.evaluation.schemes import PatternRecall, SchemeOutcome, SchemesFound


class PeriodRow(msgspec.Struct, frozen=True, kw_only=True):
    """One period of the split; times are ISO 8601, UTC."""

    first: str
    last: str
    payments: int
    labelled: int
    frauds: int


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of one run. `*_at` are by budget; `learners` has the same for the baselines; `full` is `--full`."""

    dataset: str
    headgate_version: str
    reference_currency: str
    label_delay_days: float
    seed: int
    facts: int
    payments: int
    labelled: int
    frauds: int
    prevalence: float
    split: dict[str, PeriodRow]
    purge_days: float
    ap: float | None
    ap_raw: float | None
    ap_scenarios: float | None
    ap_above_raw: float | None
    ap_above_scenarios: float | None
    ap_unseen: float | None
    roc_auc: float | None
    precision_at: dict[str, float | None]
    recall_at: dict[str, float | None]
    f1: float | None
    value_detected: float | None
    scheme_recall: float | None
    scheme_recall_unseen: float | None
    hours_to_first_alert: float | None
    payments_to_first_alert: float | None
    ece: float | None
    alerts_per_day: float
    payments_per_second: float
    peak_rss_mb: float
    seconds: dict[str, float]
    recall_by_pattern: tuple[PatternRecall, ...]
    schemes: SchemesFound
    schemes_unseen: SchemesFound
    scheme_outcomes: tuple[SchemeOutcome, ...]
    learners: dict[str, LearnerMeasures]
    calibration: tuple[Reliability, ...]
    curves: Curves
    missed: tuple[Missed, ...]
    warnings: tuple[str, ...]
    set_apart: tuple[str, ...]
    resampled_by: str
    about: dict[str, About]
    gfp: Gfp
    full: Full | None = None
