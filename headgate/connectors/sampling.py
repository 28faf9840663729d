"""What the first rows of a source say about a guessed map: time unit, label values, decimal mark.

Looks at a sample only; whatever it guesses is shown before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from headgate.connectors.column_map import ColumnMap, LabelValues, TimeFormat, TimeUnit
from headgate.connectors.source_files import rows

SAMPLE_ROWS = 2000
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y%m%d",
)


def sample_rows(path: Path) -> list[dict[str, Any]]:
    """Return the values of the first rows that are not malformed."""
    return [row.values for row in islice(rows(path), SAMPLE_ROWS) if row.fault is None]


def refine(column_map: ColumnMap, sample: Sequence[dict[str, Any]]) -> tuple[ColumnMap, list[str]]:
    """Return the map with time, label and decimal settings that fit the sample, and notes on what was guessed."""
    notes: list[str] = []
    if "ts" in column_map.columns:
        values = [row.get(column_map.columns["ts"]) for row in sample]
        time, said = _time_format(values)
        column_map = msgspec.structs.replace(column_map, time=time)
        notes.extend(said)
    if "label" in column_map.columns:
        labels, said = _label_values([row.get(column_map.columns["label"]) for row in sample])
        column_map = msgspec.structs.replace(column_map, label=labels)
        notes.extend(said)
    if "amount" in column_map.columns:
        amounts = [str(row.get(column_map.columns["amount"]) or "") for row in sample]
        if any(re.fullmatch(r"-?[\d.]*\d,\d{1,2}", amount) for amount in amounts):
            column_map = msgspec.structs.replace(column_map, decimal=",")
            notes.append("Amounts are read with a decimal comma.")
    return column_map, notes


def _time_format(values: Sequence[Any]) -> tuple[TimeFormat, list[str]]:
    if any(isinstance(value, date) for value in values):
        return TimeFormat(), []
    shown = [str(value).strip() for value in values if value not in (None, "")]
    numbers = [float(text) for text in shown if _NUMBER.fullmatch(text)]
    if shown and len(numbers) >= 0.9 * len(shown) and not _is_day(shown):
        unit = _unit(max(numbers))
        notes = [f"Times are numbers: read as {unit} since 1970-01-01."]
        if max(numbers) < 10**8:
            notes = ["Times are running numbers, not a clock: read as seconds since 1970-01-01; only the order counts."]
        return TimeFormat(unit=unit), notes
    for layout in _FORMATS:
        if shown and all(_fits(text, layout) for text in shown[:50]):
            return TimeFormat(format=layout), [f"Times are read as {layout}."]
    return TimeFormat(), []


def _is_day(shown: Sequence[str]) -> bool:
    return all(re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", text) for text in shown)


def _unit(largest: float) -> TimeUnit:
    units: tuple[tuple[float, TimeUnit], ...] = ((1e17, "ns"), (1e14, "us"), (1e11, "ms"))
    return next((unit for least, unit in units if largest >= least), "s")


def _fits(text: str, layout: str) -> bool:
    try:
        datetime.strptime(text, layout)
    except ValueError:
        return False
    return True


def _label_values(values: Sequence[Any]) -> tuple[LabelValues, list[str]]:
    known = LabelValues()
    seen = {"" if value is None else str(value).strip().lower() for value in values}
    strange = sorted(seen - {*known.fraud, *known.fine, *known.unlabelled})
    if not strange:
        return known, []
    note = (
        f"Label values {', '.join(map(repr, strange))} are taken as not labelled; change [label] where that is wrong."
    )
    return LabelValues(unlabelled=[*known.unlabelled, *strange]), [note]
