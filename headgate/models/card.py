"""The model card: what a model is, what it was learnt from, how well it ranks, and what it must not be used for.

Written at training from the model's own document, in words for a reader who is not an engineer. It reads no data.
Source: Mitchell et al., "Model cards for model reporting", 2019.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from headgate.limits import US_PER_DAY, US_PER_SECOND
from headgate.models.document import Checked, Document, Metrics, Provenance, SearchRecord

LIMITS = (
    "It knows only schemes that resemble those of its training period; the first payments of a scheme look ordinary.",
    "It learns from known outcomes: what was never reported or never investigated looks fine to it.",
    "The probability is an average over many payments; it is no statement about the people who pay or are paid.",
    "The figures above come from the period that also stopped its training and flatter it. "
    "`headgate evaluate` measures on later payments.",
    "When customers, products or schemes change it grows stale; train it again and compare before it takes effect.",
)

FORBIDDEN = (
    "to score, rank or list persons, accounts or households;",
    "to predict that somebody will commit a crime, or as evidence that somebody did;",
    "to refuse, close or end a customer relation without a decision of a person;",
    "for credit, insurance, employment, housing, benefits, advertising or any social score;",
    "on payments of another kind or country than those of its training, unless it was measured there first.",
)

FACTS_SHOWN = 25


def model_card(document: Document, content_hash: str) -> str:
    """Return the card as Markdown."""
    sections = (
        f"# Model card\n\nModel `{content_hash[:12]}` scores one payment from facts about earlier payments. "
        "It ranks payments for people to read; it decides nothing about a person.",
        _data(document.provenance),
        _measures(document.metrics),
        _facts(document),
        _reasons(document.reasons),
        "## Known limits\n\n" + _bullets((*document.warnings, *LIMITS)),
        "## What it must not be used for\n\n" + _bullets(FORBIDDEN),
        _making(document, content_hash),
    )
    return "\n\n".join(sections) + "\n"


def _data(data: Provenance) -> str:
    rows = (
        ("Data", data.title),
        ("Training period", f"{_date(data.train_from_us)} to {_date(data.train_end_us)}"),
        ("Validation period", f"{_date(data.train_end_us)} to {_date(data.valid_end_us)}"),
        ("Training payments with a known label", f"{data.train_rows:,}, of them {data.train_frauds:,} frauds"),
        ("Training payments left out, label not yet known", f"{data.train_unknown:,}"),
        ("Validation payments with a known label", f"{data.valid_rows:,}, of them {data.valid_frauds:,} frauds"),
        *_grown_again(data),
        ("Label delay assumed where the data has no date", f"{data.label_delay_us / US_PER_DAY:g} days"),
        ("Amounts in", data.reference_currency),
    )
    return "## Data\n\n" + _table(("what", "value"), rows)


def _grown_again(data: Provenance) -> tuple[tuple[str, str], ...]:
    if not data.both_rows:
        return ()
    return (("Grown again on both periods", f"{data.both_rows:,}, of them {data.both_frauds:,} frauds"),)


def _measures(metrics: Metrics) -> str:
    rows = (
        ("Average precision", _number(metrics.average_precision) + _within(metrics.average_precision_interval)),
        ("Share of frauds (average precision of guessing)", _number(metrics.fraud_share)),
        ("ROC area", _number(metrics.roc_auc)),
        ("Precision in the top 0.5% of payments", _number(metrics.precision_at_half_percent)),
        ("Recall in the top 0.5% of payments", _number(metrics.recall_at_half_percent)),
    )
    text = "Measured on the trees before they learnt from validation too, which also said how many there are."
    return f"## How well it ranks (validation period)\n\n{text}\n\n{_table(('measure', 'value'), rows)}"


def _facts(document: Document) -> str:
    shown = document.importance[:FACTS_SHOWN]
    rows = [(f"`{name}`", f"{share:.1%}") for name, share in shown]
    text = f"It reads {len(document.columns)} facts; {len(document.importance)} of them decide something. The largest:"
    refused = "No fact is about gender, age, nationality or any other attribute of a person; the charter refuses them."
    every = ", ".join(f"`{column.name}`" for column in document.columns)
    return f"## Facts\n\n{text}\n\n{_table(('fact', 'share of the gain'), rows)}\n\n{refused}\n\nAll facts: {every}."


def _reasons(checked: Checked) -> str:
    text = "A reason is told only where the score falls when its fact is turned back to what is usual. "
    if not checked.reasons:
        return "## Reasons\n\n" + text + "No payment of validation gave a reason to check."
    share = checked.failed / checked.reasons
    return (
        f"## Reasons\n\n{text}Of {checked.reasons} reasons of the {checked.payments} highest payments of validation, "
        f"{checked.failed} ({share:.1%}) did not stand this check and would not be told."
    )


def _searched(record: SearchRecord | None) -> str:
    if record is None:
        return "not searched"
    chosen, first = record.trials[record.chosen], record.trials[0]
    until = "until its time was over" if record.by_time else "by count"
    return (
        f"{len(record.trials)} settings were tried on {record.folds} time-ordered folds, {until}; number "
        f"{record.chosen + 1} was chosen, with a mean average precision of {chosen.average_precision:.3f} "
        f"against {first.average_precision:.3f} of the defaults"
    )


def _making(document: Document, content_hash: str) -> str:
    rows = [
        ("Method", "Gradient-boosted trees (LightGBM), isotonic calibration"),
        ("Trees", str(document.rounds)),
        ("Leaves of a tree, at most", str(document.settings.leaves)),
        ("Search", _searched(document.search)),
        ("Seed", str(document.seed)),
        *((name, text) for name, text in sorted(document.versions.items())),
        ("Hash of its content", f"`{content_hash}`"),
    ]
    return "## How it was made\n\n" + _table(("what", "value"), rows)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]
    return "\n".join(lines)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _date(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).date().isoformat()


def _within(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" (95%: {interval[0]:.3f} to {interval[1]:.3f})"


def _number(value: float | None) -> str:
    return "not measurable" if value is None else f"{value:.3f}"
