"""The section `[store]`: where journal, decisions, cases and users are kept, and how long to wait for it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from headgate.limits import MAX_STORE_WAIT_MS, STORE_WAIT_MS


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where journal, decisions, cases and users are kept. A URL with a password belongs in the environment."""

    url: Annotated[
        str,
        Meta(
            pattern="^(postgres(ql)?://.+)?$",
            description="`postgresql://USER@HOST/DATABASE` for PostgreSQL (needs `headgate[postgres]`); "
            "empty for SQLite in the home.",
        ),
    ] = ""
    wait_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=MAX_STORE_WAIT_MS,
            description="How many milliseconds a write waits for another that holds the store.",
        ),
    ] = STORE_WAIT_MS
    connect_seconds: Annotated[
        int, Meta(ge=1, le=60, description="How many seconds a connection to PostgreSQL may take.")
    ] = 5
