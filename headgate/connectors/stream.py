"""What a broker is to headgate: batches of messages come in, messages go out, and both are settled together.

Values and one interface; a file beside this one is one broker. Nothing here knows what a payment is, and nothing is
decided here. `headgate.checks.delivers` proves the promises of any implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

Taken: TypeAlias = Literal["accounts", "sessions", "payments", "statuses", "outcomes"]
Given: TypeAlias = Literal["decisions", "announcements", "dead_letters"]


class Message(NamedTuple):
    """One message that came in. kind: what its topic or subject is for. position: where it lies, in words.

    mark: what the connector needs to settle it; nobody else looks at it.
    """

    kind: Taken
    position: str
    body: bytes
    mark: Any = None


class Out(NamedTuple):
    """One message that goes out. key: the same for every copy of it, so that whoever sees two can tell."""

    kind: Given
    key: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Stream(Protocol):
    """A connection to a broker, used by one thread. Every method raises BrokerError when the broker cannot be used.

    After a BrokerError the stream is closed and another is opened: what was not settled comes again there.
    """

    def poll(self, wait_seconds: float) -> list[Message]:
        """Return the next messages, at most a batch; an empty list when none came within the time."""

    def publish(self, out: Sequence[Out], done: Sequence[Message] = ()) -> None:
        """Return when everything of `out` is kept by the broker and `done` will not come again.

        `done` is settled after `out` is kept, or with it in one transaction; never before.
        """

    def rest(self) -> None:
        """Stay a member while nothing can be taken: messages that were polled are kept, no new ones come."""

    def behind(self) -> int:
        """Return how many messages the broker has that were not polled, as far as it has said; it is not asked."""

    def close(self) -> None:
        """Leave; what was polled and not settled comes again to whoever polls next."""
