"""The section `[kafka]`: payments in and decisions out through Kafka; off until a server is named."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta

from headgate.limits import MAX_STREAM_BATCH, MAX_TEXT_CHARS
from headgate.settings.streams import Streams

Topic: TypeAlias = Annotated[str, Meta(max_length=249, pattern=r"^[A-Za-z0-9._-]*$")]
Security: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Short: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]

# What the client is told besides `options`, by setting.
CLIENT: Final[dict[str, str]] = {
    "servers": "bootstrap.servers",
    "security": "security.protocol",
    "sasl_mechanism": "sasl.mechanism",
    "sasl_username": "sasl.username",
    "sasl_password": "sasl.password",
    "ssl_ca_file": "ssl.ca.location",
    "ssl_certificate_file": "ssl.certificate.location",
    "ssl_key_file": "ssl.key.location",
    "ssl_key_password": "ssl.key.password",
}


class Kafka(Streams, frozen=True, kw_only=True):
    """Streams through Kafka. Topics must exist; an empty name turns a topic off."""

    servers: Annotated[str, Meta(description="`host:port`, several with commas. Empty: no Kafka.")] = ""
    group: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_TEXT_CHARS,
            description="The consumer group, and the transactional id of what is published; one for each home.",
        ),
    ] = "headgate"
    payments: Annotated[Topic, Meta(description="Topic of payments to decide.")] = "headgate.payments"
    outcomes: Annotated[Topic, Meta(description="Topic of what payments turned out to be.")] = "headgate.outcomes"
    statuses: Annotated[Topic, Meta(description="Topic of payments that were declined, returned or cancelled.")] = ""
    sessions: Annotated[Topic, Meta(description="Topic of facts about sessions.")] = ""
    accounts: Annotated[Topic, Meta(description="Topic of facts about accounts.")] = ""
    decisions: Annotated[Topic, Meta(min_length=1, description="Topic that decisions are published to.")] = (
        "headgate.decisions"
    )
    announcements: Annotated[Topic, Meta(description="Topic that announcements are published to.")] = (
        "headgate.announcements"
    )
    dead_letters: Annotated[Topic, Meta(min_length=1, description="Topic for messages that were refused.")] = (
        "headgate.dead-letters"
    )
    batch: Annotated[int, Meta(ge=1, le=MAX_STREAM_BATCH, description="Messages decided together, at most.")] = 1000
    linger_ms: Annotated[
        int, Meta(ge=0, le=1000, description="How long a batch waits to be filled after its first message.")
    ] = 5
    security: Annotated[Security, Meta(description="`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.")] = "PLAINTEXT"
    sasl_mechanism: Annotated[Short, Meta(description="For instance `SCRAM-SHA-512`.")] = ""
    sasl_username: Annotated[Short, Meta(description="Name for SASL.")] = ""
    sasl_password: Annotated[Short, Meta(description="Password for SASL; put it into the environment.")] = ""
    ssl_ca_file: Annotated[str, Meta(description="Certificates that are trusted, PEM.")] = ""
    ssl_certificate_file: Annotated[str, Meta(description="The client's certificate, PEM.")] = ""
    ssl_key_file: Annotated[str, Meta(description="The client's key, PEM.")] = ""
    ssl_key_password: Annotated[Short, Meta(description="Password of the key; put it into the environment.")] = ""
    options: Annotated[
        dict[str, str | int | bool],
        Meta(description="Further properties of librdkafka by their own names, for what has no setting here."),
    ] = {}  # noqa: RUF012 - msgspec gives each section a dictionary of its own

    def client(self) -> dict[str, str | int | bool]:
        """Return what every client of this section is told."""
        named = {name: getattr(self, setting) for setting, name in CLIENT.items()}
        return {**{name: value for name, value in named.items() if value}, **self.options}
