"""The section `[server]`: how the service behaves towards the outside."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from headgate.limits import MAX_TEXT_CHARS

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

FallbackAction: TypeAlias = Literal["allow", "step_up", "review", "hold"]


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the service answers, and to whom."""

    hosts: Annotated[
        tuple[str, ...],
        Meta(description="Names under which browsers and programs may reach it, besides the loopback names."),
    ] = ()
    https: Annotated[
        bool,
        Meta(
            description="Whether a proxy in front speaks HTTPS to the browser; then cookies are sent over HTTPS only."
        ),
    ] = False
    fallback_action: Annotated[
        FallbackAction,
        Meta(
            description="What callers are told to do by themselves while headgate cannot decide: "
            "`allow`, `step_up`, `review` or `hold`."
        ),
    ] = "step_up"
    fallback_sentence: Annotated[
        str, Meta(min_length=1, max_length=MAX_TEXT_CHARS, description="The same in words.")
    ] = "headgate cannot decide now. Apply your own limits, ask the payer to confirm, and send the payment again later."

    @property
    def known_hosts(self) -> list[str]:
        """Every name under which the service answers."""
        return [*LOOPBACK, *self.hosts]
