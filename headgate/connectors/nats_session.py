"""The conversation with a NATS server, inside the thread of its client: gather, publish, acknowledge.

Bytes and positions only. Everything here runs in one event loop; `connectors.nats` is its door.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from nats.errors import Error as NatsError

from headgate.connectors.nats_client import ManyClient, answer
from headgate.connectors.nats_pull import Pull
from headgate.connectors.stream import Message, Out
from headgate.errors import BrokerError
from headgate.limits import BROKER_SECONDS
from headgate.settings.nats import Nats

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~/-]*")  # what `quote` leaves as it is
AGAIN: Final = "It is tried again by itself; nothing is lost. Look whether the server runs and can be reached."


class Session:
    """What happens in the thread of the client."""

    def __init__(self, options: dict[str, Any], settings: Nats, log: Callable[[str], None]) -> None:
        self._options = options
        self._settings = settings
        self._log = log
        self._given = settings.given()
        self._pulls: list[Pull] = []
        self._held: dict[str, Message] = {}
        self._came = asyncio.Event()
        self._answers = Answers()
        self._down = ""
        self._client = ManyClient()

    async def open(self) -> None:
        """Connect and subscribe."""
        await self._client.connect(**self._options, error_cb=self._hear)
        inbox = self._client.new_inbox()
        await self._client.hear(f"{inbox}.out.*", self._answers.heard)
        self._answers.inbox = f"{inbox}.out."
        for kind, subject in self._settings.taken().items():
            pull = Pull(self._client, kind, f"{inbox}.in.{kind}", self._came, self._settings.batch)  # type: ignore[arg-type]
            await pull.open(subject, self._settings)
            self._pulls.append(pull)

    async def gather(self, wait_seconds: float) -> list[Message]:
        """Return the next messages, at most a batch."""
        self._check_up()
        await self._waited(1, wait_seconds)
        if self._ready:
            await self._waited(self._settings.batch, self._settings.linger_ms / 1000)
        found: list[Message] = []
        for pull in self._pulls:
            found += pull.take(self._settings.batch - len(found))
            await pull.ask()  # it comes while these are decided
        # The server sends again what it takes for lost; what is in hand already is not handed in twice.
        fresh = {message.position: message for message in found if message.position not in self._held}
        self._held |= fresh
        return list(fresh.values())

    async def settle(self, out: Sequence[Out], done: Sequence[Message]) -> None:
        """Publish, wait until all of it is kept, then acknowledge."""
        self._check_up()
        kept = self._answers.expect(len(out))
        await self._client.send(self._publication(number, each) for number, each in enumerate(out))
        await kept
        await self._client.send(answer(message.mark, b"+ACK") for message in done)
        # A consumer takes acknowledgements in order, so the answer to the last one stands for all of them.
        for last in {message.kind: message for message in done}.values():
            await self._client.request(last.mark.decode(), b"+ACK", BROKER_SECONDS)
        for message in done:
            self._held.pop(message.position, None)

    async def progress(self) -> None:
        """Ask for more time for what was polled, and for what waits to be."""
        self._check_up()
        await self._say(b"+WPI", [*self._held.values(), *(message for pull in self._pulls for message in pull.came)])

    async def leave(self) -> None:
        """Give back what was polled and close."""
        try:
            if self._client.is_connected:
                for pull in self._pulls:
                    await pull.end()
                waiting = [message for pull in self._pulls for message in pull.take(len(pull.came))]
                await self._say(b"-NAK", [*self._held.values(), *waiting])
        finally:
            await self._client.close()

    async def _say(self, word: bytes, messages: Iterable[Message]) -> None:
        await self._client.send(answer(message.mark, word) for message in messages)
        await self._client.flush(BROKER_SECONDS)

    def _publication(self, number: int, out: Out) -> bytes:
        headers = (("Nats-Msg-Id", _message_id(out)), *out.headers)
        return self._client.publication(self._given[out.kind], f"{self._answers.inbox}{number}", headers, out.body)

    @property
    def behind(self) -> int:
        """How many messages of all subjects were not taken."""
        return sum(pull.behind for pull in self._pulls)

    @property
    def _ready(self) -> int:
        return sum(len(pull.came) for pull in self._pulls)

    async def _waited(self, least: int, seconds: float) -> None:
        """Ask for messages and wait until there are enough, or for the time."""
        until = self._time() + seconds
        while True:
            self._came.clear()
            for pull in self._pulls:
                await pull.ask()
            left = until - self._time()
            if self._ready >= least or left <= 0:
                return
            try:
                await asyncio.wait_for(self._came.wait(), left)
            except TimeoutError:
                return

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _check_up(self) -> None:
        if self._down or not self._client.is_connected:
            said = self._down or "the connection is gone"
            raise BrokerError(f"NATS cannot be used: {said}", where=self._settings.servers, repair=AGAIN)

    async def _hear(self, error: Exception) -> None:
        self._down = str(error) or type(error).__name__
        self._log(f"NATS: {self._down}")
        self._came.set()


class Answers:
    """What the server says to each message that is published."""

    def __init__(self) -> None:
        self.inbox = ""
        self._left: set[int] = set()
        self._kept: asyncio.Future[None] | None = None

    def expect(self, count: int) -> asyncio.Future[None]:
        """Return what is done when the server keeps the messages 0 to count - 1, or fails with what it says."""
        self._left = set(range(count))
        self._kept = asyncio.get_running_loop().create_future()
        if not count:
            self._kept.set_result(None)
        return self._kept

    def heard(self, subject: bytes, reply: bytes, body: bytes) -> None:
        """Take one answer."""
        if self._kept is None or self._kept.done():
            return
        if not body or b'"error"' in body:
            said = body.decode() or "no stream holds a subject that is published to"
            self._kept.set_exception(NatsError(said))
            return
        self._left.discard(int(subject.rpartition(b".")[2]))
        if not self._left:
            self._kept.set_result(None)


def _message_id(out: Out) -> str:
    return f"{out.kind}-{out.key if _PLAIN.fullmatch(out.key) else quote(out.key)}"
