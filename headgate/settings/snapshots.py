"""The section `[snapshots]`: how often the state is written aside, so that a restart is quick."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Snapshots(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the state is written aside, and how many of these snapshots are kept."""

    every_seconds: Annotated[
        int,
        Meta(ge=0, le=7 * 86_400, description="How long after one snapshot the next is written; 0 writes none."),
    ] = 900
    least_entries: Annotated[
        int,
        Meta(ge=1, le=10**9, description="How many journal entries must have come since the last one."),
    ] = 10_000
    keep: Annotated[
        int,
        Meta(ge=1, le=1000, description="How many snapshots are kept; older ones are removed when a new one is whole."),
    ] = 3
    keep_days: Annotated[
        int,
        Meta(
            ge=0,
            le=3650,
            description="For how many days back one snapshot of each day is kept beside these: a decision of then is "
            "made again from there by `explain --verify`; 0 keeps none.",
        ),
    ] = 7
