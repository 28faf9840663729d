"""The section `[limits]`: how much one key may send."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one key may send, so that none can crowd out the others. Beyond it the answer is 429."""

    requests_per_second: Annotated[
        float, Meta(gt=0, le=1_000_000, description="Requests that a key may send in a second, in the long run.")
    ] = 5_000.0
    requests_burst: Annotated[
        float, Meta(ge=1, le=1_000_000, description="Requests that a key may send at once after a pause.")
    ] = 10_000.0
    entries_per_second: Annotated[
        float,
        Meta(
            gt=0,
            le=10_000_000,
            description="Payments, outcomes, statuses, events of sessions and facts of accounts that a key may send in "
            "a second, in the long run. A list counts as many as it holds.",
        ),
    ] = 20_000.0
    entries_burst: Annotated[float, Meta(ge=1, le=10_000_000, description="The same, at once after a pause.")] = (
        40_000.0
    )
