"""The section `[log]`: what the service says about itself, on standard error."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the service says about itself, on standard error: one line an event, without account ids and bodies."""

    level: Annotated[LogLevel, Meta(description="The least of what is said: `debug`, `info`, `warning`, `error`.")] = (
        "info"
    )
    format: Annotated[
        Literal["json", "text"], Meta(description="`json` for machines, one object a line; `text` for people.")
    ] = "json"
    requests: Annotated[
        bool,
        Meta(
            description="Whether good answers are events of the level `info` too; refusals and failures always are. "
            "A line costs about a fifth of what a single payment costs, and the figures count every request anyway."
        ),
    ] = False
