"""The sections `[[webhooks]]`: who is told about payments that wait and about cases."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from headgate.limits import MAX_TEXT_CHARS


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One receiver of announcements. It is told each at least once and in order; see how to receive webhooks."""

    name: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9][a-z0-9-]{0,63}$",
            description="Its name: how far it has heard is remembered under it.",
        ),
    ]
    url: Annotated[
        str,
        Meta(
            pattern="^https?://[^ ]+$",
            max_length=2048,
            description="Where announcements are sent. HTTPS, unless it is this machine.",
        ),
    ]
    secret_env: Annotated[
        str,
        Meta(
            max_length=MAX_TEXT_CHARS,
            description="The environment variable that holds its secret: `whsec_` and 24 to 64 bytes in base64. Two "
            "secrets with a space between them sign both, while one takes the place of the other.",
        ),
    ] = ""
    secret_file: Annotated[
        str, Meta(max_length=4096, description="The file that holds its secret, instead of a variable.")
    ] = ""
    kinds: Annotated[
        tuple[str, ...],
        Meta(description="Which announcements it is told, such as `payment.held`; all where none is named."),
    ] = ()
    private_networks: Annotated[
        bool, Meta(description="Whether its address may be in a private network. This machine itself always may.")
    ] = False
    timeout_seconds: Annotated[
        float, Meta(gt=0, le=120, description="How long one attempt may take, from name to answer.")
    ] = 10.0
    attempts: Annotated[
        int, Meta(ge=1, le=100, description="How often one announcement is tried before it becomes a dead letter.")
    ] = 12
    first_wait_seconds: Annotated[
        float,
        Meta(gt=0, le=3600, description="How long it waits after the first failure at most; twice as long each time."),
    ] = 1.0
    longest_wait_seconds: Annotated[
        float, Meta(gt=0, le=86_400, description="How long it waits between two attempts at most.")
    ] = 300.0
