"""The validation pack as a folder: report, numbers, re-run, sensitivity, stability, limits, data, and a README.

Order of effects: everything is computed → files are written to FOLDER.partial → that folder is renamed to FOLDER. A
crash before the rename leaves FOLDER as it was.
"""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from headgate.connectors.importing import write_folder
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.report.evaluation import evaluation_page
from headgate.drivers.report.figures import between, count, decimal, percent
from headgate.drivers.report.page import write
from headgate.drivers.validation.rerun import Rerun
from headgate.drivers.validation.sensitivity import Sensitive
from headgate.drivers.validation.stability import Moved, Span


class Pack(NamedTuple):
    """What a pack holds."""

    data: Path
    result: Evaluation
    model_hash: str
    rerun: Rerun
    again: dict[str, Any]
    sensitivity: tuple[Sensitive, ...]
    spans: tuple[Span, ...]
    moved: tuple[Moved, ...]
    limits: tuple[str, ...]


def write_pack(pack: Pack, folder: Path, *, overwrite: bool) -> None:
    """Write the pack. FileError where the folder is not empty or cannot be written."""
    write_folder(folder, lambda at: _fill(pack, at), overwrite=overwrite)


def _fill(pack: Pack, folder: Path) -> None:
    write(evaluation_page(pack.result), folder / "report.html")
    for name, value in (
        ("evaluation.json", pack.result),
        ("rerun.json", {"comparison": pack.rerun, "numbers": pack.again}),
        ("sensitivity.json", pack.sensitivity),
        ("stability.json", {"spans": pack.spans, "facts": pack.moved}),
        ("limits.json", pack.limits),
        ("inputs.json", _inputs(pack)),
    ):
        (folder / name).write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    (folder / "README.md").write_text(_readme(pack), "utf-8")


def _inputs(pack: Pack) -> dict[str, Any]:
    files = sorted(path for path in pack.data.iterdir() if path.suffix == ".parquet")
    return {
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "model": pack.model_hash,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("headgate", "lightgbm", "numpy", "pyarrow")},
    }


def _readme(pack: Pack) -> str:
    e, same = pack.result, not pack.rerun.differ
    rows = [
        "# Validation pack",
        "",
        f"Dataset `{e.dataset}`, headgate {e.headgate_version}, model `{pack.model_hash[:16]}`. For an independent",
        "validation of the model as the guidance on model risk asks (SR 26-2): it gives evidence and its limits.",
        "People judge; it approves nothing.",
        "",
        "| question | file | answer |",
        "|---|---|---|",
        f"| What was measured, and how well | `report.html`, `evaluation.json` | average precision {decimal(e.ap)} "
        f"({between(_pair(e, 'ap'))}), recall {percent(e.recall_at['0.5%'])} reading 0.5% |",
        f"| Does a fresh process find the same | `rerun.json` | {'yes' if same else 'NO'}: "
        f"{count(pack.rerun.compared)} numbers compared, {len(pack.rerun.differ)} differ |",
        f"| Does it hang on a seed or a setting | `sensitivity.json` | average precision {_range(pack)} over "
        f"{len(pack.sensitivity)} changes |",
        f"| Is it stable over time | `stability.json` | {len(pack.spans)} spans, largest shift of a fact: PSI "
        f"{decimal(pack.moved[0].psi if pack.moved else None)} |",
        f"| What must nobody conclude | `limits.json`, below | {len(pack.limits)} limits |",
        "| On which data and programs | `inputs.json` | hashes of the files, versions |",
        "",
        "Repeat it: `" + " ".join(pack.rerun.command) + "`",
        "",
        "## Limits",
        "",
        *(f"- {sentence}" for sentence in pack.limits),
        "",
        "## Sensitivity",
        "",
        "| change | AP | 95% interval | below this run | 95% interval, in pairs |",
        "|---|---|---|---|---|",
        *(
            f"| {row.change} | {decimal(row.ap)} | {between(row.ap_interval)} | {decimal(row.lost)} "
            f"| {between(row.lost_interval)} |"
            for row in pack.sensitivity
        ),
        "",
        "## Stability",
        "",
        "| from | to | payments | frauds | AP | precision | recall | alerts a day | PSI of scores |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {span.first[:10]} | {span.last[:10]} | {count(span.payments)} | {span.frauds} | {decimal(span.ap)} "
            f"| {percent(span.precision)} | {percent(span.recall)} | {count(span.alerts_per_day)} "
            f"| {decimal(span.score_psi)} |"
            for span in pack.spans
        ),
        "",
        "| fact | PSI between training and test |",
        "|---|---|",
        *(f"| `{row.fact}` | {decimal(row.psi)} |" for row in pack.moved),
        "",
    ]
    return "\n".join(rows)


def _pair(e: Evaluation, name: str) -> tuple[float, float] | None:
    interval = e.about[name].interval
    return interval if isinstance(interval, tuple) else None


def _range(pack: Pack) -> str:
    found = [row.ap for row in pack.sensitivity if row.ap is not None]
    return f"{decimal(min(found))} to {decimal(max(found))}" if found else "not measured"
