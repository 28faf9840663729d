"""The section `[nats]`: payments in and decisions out through NATS JetStream; off until a server is named."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from headgate.limits import MAX_STREAM_BATCH, MAX_TEXT_CHARS
from headgate.settings.streams import Streams

Subject: TypeAlias = Annotated[str, Meta(max_length=249, pattern=r"^[^\s*>]*$")]
Short: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]


class Nats(Streams, frozen=True, kw_only=True):
    """Streams through NATS JetStream. Streams that hold the subjects must exist; an empty name turns one off."""

    servers: Annotated[str, Meta(description="`nats://host:port`, several with commas. Empty: no NATS.")] = ""
    durable: Annotated[
        str,
        Meta(
            max_length=64,
            pattern=r"^[A-Za-z0-9_-]+$",
            description="Name of the durable consumers, made where they are missing; one for each home.",
        ),
    ] = "headgate"
    payments: Annotated[Subject, Meta(description="Subject of payments to decide.")] = "headgate.payments"
    outcomes: Annotated[Subject, Meta(description="Subject of what payments turned out to be.")] = "headgate.outcomes"
    statuses: Annotated[Subject, Meta(description="Subject of payments that were declined, returned or cancelled.")] = (
        ""
    )
    sessions: Annotated[Subject, Meta(description="Subject of facts about sessions.")] = ""
    accounts: Annotated[Subject, Meta(description="Subject of facts about accounts.")] = ""
    decisions: Annotated[Subject, Meta(min_length=1, description="Subject that decisions are published to.")] = (
        "headgate.decisions"
    )
    announcements: Annotated[Subject, Meta(description="Subject that announcements are published to.")] = (
        "headgate.announcements"
    )
    dead_letters: Annotated[Subject, Meta(min_length=1, description="Subject for messages that were refused.")] = (
        "headgate.dead-letters"
    )
    batch: Annotated[int, Meta(ge=1, le=MAX_STREAM_BATCH, description="Messages decided together, at most.")] = 1000
    linger_ms: Annotated[
        int, Meta(ge=0, le=1000, description="How long a batch waits to be filled after its first message.")
    ] = 5
    ack_wait_seconds: Annotated[
        int, Meta(ge=1, le=3600, description="After how long a message that was not settled is delivered again.")
    ] = 30
    user: Annotated[Short, Meta(description="Name for the server.")] = ""
    password: Annotated[Short, Meta(description="Password for the server; put it into the environment.")] = ""
    token: Annotated[Short, Meta(description="Token for the server; put it into the environment.")] = ""
    credentials_file: Annotated[str, Meta(description="A `.creds` file with a JWT and its key.")] = ""
    ssl_ca_file: Annotated[str, Meta(description="Certificates that are trusted, PEM; set it to ask for TLS.")] = ""
    ssl_certificate_file: Annotated[str, Meta(description="The client's certificate, PEM.")] = ""
    ssl_key_file: Annotated[str, Meta(description="The client's key, PEM.")] = ""
