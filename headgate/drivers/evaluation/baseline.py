"""The baseline of IBM's graph features in a run: measured where the wheel was named, beside the other learners.

Same facts, split and learner as the rest; what the full model lies above it is drawn in pairs.
"""

from __future__ import annotations

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.compare import Against, paired
from headgate.drivers.evaluation.gfp import NOT_ASKED, TOO_SLOW, Gfp, gfp_features, gfp_scores, other_python
from headgate.drivers.evaluation.learners import Teaching
from headgate.drivers.evaluation.measure import Scored
from headgate.drivers.evaluation.prepare import Rows
from headgate.drivers.evaluation.stopwatch import Progress, Stopwatch


def baseline(
    dataset: Dataset, rows: Rows, how: Teaching, whole: Scored, at: Against, watch: Stopwatch, progress: Progress
) -> tuple[Gfp, Scored | None]:
    """Return what is told of the baseline, and its scores where it was measured. FileError where there is no wheel."""
    python = other_python()
    if python is None:
        return Gfp(why_not=NOT_ASKED), None
    with watch.step("graph features of IBM"), progress("Graph features of IBM", 2) as tick:
        made = gfp_features(python, dataset, rows.facts)
        tick(1)
        if made is None:
            return Gfp(why_not=TOO_SLOW), None
        scored = gfp_scores(made, how)
        of = paired(at, whole.test, {"gfp": scored.test})["gfp"]
        tick(1)
    told = Gfp(
        ap=of.ap,
        ap_interval=of.interval,
        ap_above=of.lost,
        ap_above_interval=of.lost_interval,
        features=len(made.names),
        version=made.version,
        feature_seconds=made.seconds,
        window_days=made.window_days,
    )
    return told, scored
