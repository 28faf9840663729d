"""The log of the service: one event a line on standard error, and nothing in it that leads to a person.

A line has a time, a level, an event in words and fields of its own. It never holds an account id, a body, a path with
ids or a query: requests are named by their route, failures by their class and the lines of code, never by their text.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec

from headgate.settings.log import LogSettings

_MOST_FRAMES: Final = 20


class Lines(logging.Formatter):
    """Writes a record as one line, as JSON or as text."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        fields = _fields(record)
        if self._form == "json":
            return msgspec.json.encode(fields).decode()
        rest = " ".join(f"{name}={value}" for name, value in fields.items() if name not in ("time", "level", "event"))
        return " ".join(filter(None, (fields["time"], fields["level"].upper(), fields["event"], rest)))


@contextmanager
def lines_of(settings: LogSettings, stream: TextIO | None = None) -> Iterator[None]:
    """Let everything that this process says inside come out as lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(settings.format))
    root, own = logging.getLogger(), logging.getLogger("headgate")
    before, levels = root.handlers, (root.level, own.level)
    root.handlers = [handler]
    own.setLevel(settings.level.upper())
    root.setLevel(max(own.level, logging.WARNING))  # a library may name what it works on, so it only warns
    try:
        yield
    finally:
        root.handlers = before
        root.setLevel(levels[0])
        own.setLevel(levels[1])


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    said = record.getMessage().partition("\n")[0]
    fields: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "event": said}
    if record.exc_info and record.exc_info[0] is not None:
        fields |= {"failure": record.exc_info[0].__name__, "lines": _lines(record.exc_info[2])}
    return fields | getattr(record, "fields", {})


def _lines(trace: Any) -> list[str]:
    """Where a failure happened: files and lines of code, innermost last, without any value."""
    frames = traceback.extract_tb(trace)[-_MOST_FRAMES:]
    return [f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
