"""The section `[training]`: when a home learns a new model from its own journal; it is a candidate, never in force."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When `headgate models retrain --due` learns a candidate, and from what."""

    every_days: Annotated[
        int, Meta(ge=1, le=400, description="Days of the journal after which the newest model is due to be followed.")
    ] = 28
    history_days: Annotated[int, Meta(ge=14, le=4000, description="Days of the journal that it is learnt from.")] = 400
    label_delay_days: Annotated[
        int,
        Meta(ge=0, le=400, description="After so many days a payment of which nothing became known counts as fine."),
    ] = 28
