"""Detection on datasets: raw row, scenarios, all facts and IBM's graph features, one split and learner, with ablation.

`--data` names a dataset folder or a folder of them; without it two simulated worlds are measured. HEADGATE_BENCH_SNAPML
adds IBM's features, HEADGATE_BENCH_DOCS=1 writes docs/detection.md, HEADGATE_BENCH_ABLATION=0 leaves the long part out.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec

from headgate.charter.charter import load_charter
from headgate.cli._console import progress
from headgate.connectors.dataset import read_dataset
from headgate.drivers.evaluation.evaluate import evaluate
from headgate.drivers.evaluation.prepare import Options, Parts
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.evaluation.stopwatch import Stopwatch
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.errors import HeadgateError
from headgate.scenarios.loader import load_library

Figures = dict[str, Any]
PAGE = Path(__file__).parents[1] / "docs" / "detection.md"
WORLDS = (("harbour", 41), ("upland", 42))
PAYMENTS, DAYS = 20_000, 120
NOT_MEASURED = "–"


def run_folders(data: Path | None, scratch: Path) -> Figures:
    """Return the figures of every dataset folder; one that cannot be measured stands there with its reason."""
    figures: Figures = {}
    told = {"datasets": figures, "command": _command(data), "simulated": data is None}
    for folder in _folders(data, scratch):
        try:
            figures[folder.name] = _figures(_measured(folder))
        except HeadgateError as error:
            figures[folder.name] = {"why_not": error.paragraph()}
        if os.environ.get("HEADGATE_BENCH_DOCS", "0") not in ("", "0"):
            PAGE.write_text(page(told), "utf-8")  # after each, so that what took an hour is not lost with the next
    return told


def _folders(data: Path | None, scratch: Path) -> list[Path]:
    if data is None:
        for name, seed in WORLDS:
            simulate(Order(world_named(name), days=DAYS, seed=seed, payments=PAYMENTS), scratch / name)
        return [scratch / name for name, _ in WORLDS]
    if (data / "transactions.parquet").is_file():
        return [data]
    return sorted(path.parent for path in data.glob("*/transactions.parquet"))


def _measured(folder: Path) -> Evaluation:
    charter = load_charter(None)
    watch = Stopwatch(time.perf_counter)
    options = Options(full=_with_the_long_part())
    with watch.step("read"):
        dataset = read_dataset(folder, label_delay_us=options.label_delay_us, charter=charter)
    parts = Parts(load_library(None, charter, reference_currency=dataset.reference_currency), charter)
    return evaluate(dataset, parts, options, watch=watch, progress=progress)


def _with_the_long_part() -> bool:
    return os.environ.get("HEADGATE_BENCH_ABLATION", "1") not in ("", "0")


def _figures(e: Evaluation) -> Figures:
    """What the page shows; the numbers are those of `headgate evaluate --full --json`."""
    full = json.loads(msgspec.json.encode(e.full)) if e.full else None
    return {
        "payments": e.payments,
        "frauds": e.frauds,
        "prevalence": e.prevalence,
        "ap": {name: learner.ap for name, learner in e.learners.items()},
        "ap_interval": {name: e.about[key].interval for name, key in _INTERVALS.items()},
        "recall_at_half_percent": {name: learner.recall_at["0.5%"] for name, learner in e.learners.items()},
        "ap_above_raw": e.ap_above_raw,
        "ap_above_raw_interval": e.about["ap_above_raw"].interval,
        "ap_unseen": e.ap_unseen,
        "ap_unseen_interval": e.about["ap_unseen"].interval,
        "schemes": msgspec.to_builtins(e.schemes),
        "schemes_unseen": msgspec.to_builtins(e.schemes_unseen),
        "recall_by_pattern": msgspec.to_builtins(e.recall_by_pattern),
        "value_detected": e.value_detected,
        "ece": e.ece,
        "gfp": msgspec.to_builtins(e.gfp),
        "full": full,
        "seconds": e.seconds,
        "peak_rss_mb": e.peak_rss_mb,
        "warnings": list(e.warnings),
        "label_delay_days": e.label_delay_days,
        "facts": e.facts,
        "headgate": e.headgate_version,
    }


_INTERVALS = {"all": "ap", "raw": "ap_raw", "scenarios": "ap_scenarios"}


def _command(data: Path | None) -> str:
    said = "make bench-detection" if _with_the_long_part() else "HEADGATE_BENCH_ABLATION=0 make bench-detection"
    return f"{said} DOCS=1" if data is None else f"{said} SNAPML=1 DOCS=1 DATA=folder-of-dataset-folders"


def table(figures: Figures) -> str:
    """Return the figures for a terminal."""
    return page(figures)


def page(figures: Figures) -> str:
    """Return docs/detection.md."""
    measured = {name: of for name, of in figures["datasets"].items() if "why_not" not in of}
    lines = [
        "# Detection, measured",
        "",
        f"Made by `{figures['command']}`; the protocol is in [evaluation](reference/evaluation.md).",
        "Average precision on the last fifth of the time, 95% intervals in brackets, the same learner and default",
        "settings everywhere; behind IBM's features the days of their window. *In pairs*: how far one lies above the",
        "other on the same resamples. *Unseen*: frauds of schemes with no payment before the test period. Simulated",
        "data make some things easier than life does: what is known of that, and what did not help, stands with",
        "[the model](explanation/the-model.md).",
        "",
        "| dataset | frauds | raw row | scenarios alone | IBM's graph features | all facts | unseen schemes |",
        "|---|---|---|---|---|---|---|",
        *(_main_row(name, of) for name, of in measured.items()),
        "",
        "| dataset | all above the raw row, in pairs | all above IBM's graph features, in pairs | schemes found "
        "| value detected | minutes | memory, MB |",
        "|---|---|---|---|---|---|---|",
        *(_second_row(name, of) for name, of in measured.items()),
        "",
    ]
    lines += [
        f"- `{name}` was not measured. {of['why_not']}" for name, of in figures["datasets"].items() if "why_not" in of
    ]
    lines += _kinds(measured)
    long = {name: of for name, of in measured.items() if of["full"]}
    if long:
        lines += [*_ablation(long), *_delays(long), *_canary(long)]
    if len(long) < len(measured):
        without = ", ".join(name for name in measured if name not in long)
        lines += [f"The long part was not measured here for {without}: ablation, label delays, canary.", ""]
    lines += _failures(measured)
    return "\n".join(lines) + "\n"


def _main_row(name: str, of: Figures) -> str:
    ap, spans = of["ap"], of["ap_interval"]
    gfp = of["gfp"]
    cells = [
        f"{of['frauds']:,} of {of['payments']:,}",
        _with(ap["raw"], spans["raw"]),
        _with(ap["scenarios"], spans["scenarios"]),
        _with(gfp.get("ap"), gfp.get("ap_interval")) + (f", {gfp['window_days']} d" if gfp.get("window_days") else ""),
        f"**{_with(ap['all'], spans['all'])}**",
        _with(of["ap_unseen"], of["ap_unseen_interval"]),
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _second_row(name: str, of: Figures) -> str:
    gfp = of["gfp"]
    schemes = of["schemes"]
    value = of["value_detected"]
    cells = [
        _with(of["ap_above_raw"], of["ap_above_raw_interval"]),
        _with(gfp.get("ap_above"), gfp.get("ap_above_interval")),
        f"{schemes['found']} of {schemes['schemes']}" if schemes["schemes"] else NOT_MEASURED,
        NOT_MEASURED if value is None else f"{value:.0%}",
        f"{sum(of['seconds'].values()) / 60:.1f}",
        f"{of['peak_rss_mb']:,.0f}",
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _with(value: float | None, interval: tuple[float, float] | list[float] | None) -> str:
    if value is None:
        return NOT_MEASURED
    return f"{value:.3f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def _kinds(measured: Figures) -> list[str]:
    """Each kind of fraud apart: how it ranks among all fine payments, and what is alerted of it."""
    rows = [
        f"| {name} | {row['pattern_type']} | {row['payments']:,} | {_with(row['ap'], None)} | {row['recall']:.0%} |"
        for name, of in measured.items()
        for row in of["recall_by_pattern"]
    ]
    if not rows:
        return []
    head = "| dataset | kind | payments | average precision among fine payments | alerted at 0.5% of payments |"
    return ["## Each kind of fraud apart", "", head, "|---|---|---|---|---|", *rows, ""]


def _ablation(measured: Figures) -> list[str]:
    rows: dict[str, dict[str, Figures]] = {}
    for name, of in measured.items():
        for row in of["full"]["ablation"] if of["full"] else ():
            rows.setdefault(row["family"], {})[name] = row
    head = " | ".join(measured)
    lines = ["## What each family of facts adds", "", "Average precision lost without the family, in pairs.", ""]
    lines += [f"| without | {head} |", "|---|" + "---|" * len(measured)]
    for family, by_name in rows.items():
        cells = (
            _with(by_name[name]["lost"], by_name[name]["lost_interval"]) if name in by_name else "" for name in measured
        )
        lines.append(f"| {family} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _delays(measured: Figures) -> list[str]:
    lines = ["## If outcomes came later", "", "| dataset | after 0 days | after 7 | after 28 |", "|---|---|---|---|"]
    for name, of in measured.items():
        found = of["full"]["delays"] if of["full"] else ()
        cells = " | ".join(
            _with(row["ap"], row["ap_interval"]) if not row["why_not"] else row["why_not"] for row in found
        )
        lines.append(f"| {name} | {cells} |")
    return [*lines, ""]


def _canary(measured: Figures) -> list[str]:
    lines = ["## Does anything look ahead?", ""]
    for name, of in measured.items():
        told = of["full"]["canary"] if of["full"] else None
        if told is not None:
            alive = not told["changed"] and told["same_model"]
            said = "kept every bit" if alive else f"CHANGED: {', '.join(told['changed']) or 'the model'}"
            lines.append(
                f"- {name}: {told['shuffled']:,} later labels shuffled; {told['facts']} facts and the model {said}."
            )
    return [*lines, ""]


def _failures(measured: Figures) -> list[str]:
    """What did not work, from the same figures: losses that are none, patterns not found, baselines not beaten."""
    lines = ["## What did not work", ""]
    for name, of in measured.items():
        idle = [
            row["family"]
            for row in (of["full"]["ablation"] if of["full"] else ())
            if row["lost_interval"] and row["lost_interval"][0] <= 0
        ]
        if idle:
            lines.append(
                f"- {name}: no gain could be shown for {', '.join(idle)}: the interval of the loss holds zero."
            )
        lines += [
            f"- {name}: of {row['pattern_type']} only {row['recall']:.0%} of {row['payments']} payments are alerted at "
            "the threshold that alerts 0.5% of payments."
            for row in of["recall_by_pattern"]
            if row["recall"] < 0.5
        ]
        gfp = of["gfp"]
        span = gfp.get("ap_above_interval")
        if span and span[0] <= 0:
            lines.append(
                f"- {name}: being ahead of IBM's graph features is not certain ({span[0]:.2f} to {span[1]:.2f})."
            )
        lines += [f"- {name}: {sentence}" for sentence in of["warnings"]]
    return lines
