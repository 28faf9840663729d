"""Charts as plain data: axes with their titles, and lines, drawn by the script of the page.

The titles of axes and lines are declared beside their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Tone = Literal["all", "raw", "scenarios", "other", "good", "bad", "muted"]
Mark = Literal["line", "points", "steps"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One series: x and y of the same length."""

    label: str
    tone: Tone
    x: Sequence[float]
    y: Sequence[float | None]
    mark: Mark = "line"
    dashed: bool = False


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One chart. `x_kind` time takes seconds since 1970 (UTC); `shares` shows an axis from 0 to 1 in percent."""

    key: str
    x_title: str
    y_title: str
    lines: tuple[Line, ...]
    x_kind: Literal["number", "share", "log", "time"] = "number"
    y_kind: Literal["number", "share"] = "number"
