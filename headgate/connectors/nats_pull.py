"""What comes from one subject of NATS: asked for ahead of need, kept until it is taken.

Bytes and positions only. Runs in the event loop of the client.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Final

from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError as NoStreamError

from headgate.connectors.nats_client import ManyClient
from headgate.connectors.stream import Message, Taken
from headgate.errors import BrokerError
from headgate.limits import BROKER_SECONDS, STREAM_FLIGHTS, US_PER_SECOND
from headgate.settings.nats import Nats

_PULL_SECONDS: Final = 30  # how long the server keeps a request for messages that do not come


class Pull:
    """The messages of one subject, kept until they are taken; a batch of them is asked for before it is needed."""

    def __init__(self, client: ManyClient, kind: Taken, inbox: str, came: asyncio.Event, batch: int) -> None:
        self._client = client
        self._kind = kind
        self._batch = batch
        self._inbox = inbox
        self._event = came
        self._consumer = ("", "")
        self._subscription: Subscription | None = None
        self._asked = 0
        self._pending = 0
        self.came: deque[Message] = deque()

    async def open(self, subject: str, settings: Nats) -> None:
        context = self._client.jetstream()
        try:
            stream = await context.find_stream_name_by_subject(subject)
        except NoStreamError:
            raise BrokerError(
                f"No JetStream stream holds the subject {subject}",
                where="[nats]",
                repair="Make one, or name another subject in headgate.toml; an empty name turns an optional one off.",
            ) from None
        durable = f"{settings.durable}-{self._kind}"
        config = ConsumerConfig(
            durable_name=durable,
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=settings.ack_wait_seconds,
            max_ack_pending=(STREAM_FLIGHTS + 2) * settings.batch,
        )
        await context.add_consumer(stream, config)
        self._subscription = await self._client.hear(self._inbox, self._heard)
        self._consumer = (stream, durable)

    async def ask(self) -> None:
        """Ask for a batch where less than one is here and nothing is on its way."""
        if self._asked <= 0 and len(self.came) < self._batch:
            self._asked = self._batch
            request = {"batch": self._batch, "expires": _PULL_SECONDS * US_PER_SECOND * 1000}
            await self._client.publish(
                "$JS.API.CONSUMER.MSG.NEXT." + ".".join(self._consumer), json.dumps(request).encode(), self._inbox
            )

    async def end(self) -> None:
        """Hear no more, and have the server forget what was asked for; what it had sent by then is in `came`.

        A server to which messages are given back while such a request lies there may hold back the first of them until
        their time is over, and count wrong what it handed out (nats-server before 2.10.16). It looks through the
        requests when it is asked about the consumer.
        """
        if self._subscription is not None:
            await self._client.hear_no_more(self._subscription)
            await self._client.jetstream().consumer_info(*self._consumer, timeout=BROKER_SECONDS)

    @property
    def behind(self) -> int:
        """How many were not taken: what came, and what the server has behind it."""
        return len(self.came) + self._pending

    def take(self, most: int) -> list[Message]:
        """Return what came, at most so many."""
        return [self.came.popleft() for _ in range(min(most, len(self.came)))]

    def _heard(self, subject: bytes, reply: bytes, body: bytes) -> None:
        if reply:
            self._asked -= 1
            parts = _parts(reply.decode())
            self._pending = int(parts[8])
            self.came.append(Message(self._kind, f"{parts[2]}/{parts[5]}", body, reply))
        else:  # the request has ended: its time is over, or the server has nothing more
            self._asked = 0
        self._event.set()


def _parts(reply: str) -> list[str]:
    """The parts of `$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.….PENDING`, without those of a server with a domain.

    The third is the stream, the sixth the sequence, the ninth how many messages are left for the consumer.
    """
    parts = reply.split(".")
    return parts if len(parts) == 9 else [*parts[:2], *parts[4:]]
