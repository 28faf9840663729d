"""The desk: a batch of messages becomes a few commands of the writer, and their answers become messages.

Messages that are not well formed never reach the writer. A command holds many messages; where the writer refuses it,
each message is asked for alone, so that the good ones are decided and the bad ones become dead letters. While the
writer cannot decide, a batch waits: nothing is refused for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from headgate.connectors.stream import Message, Out, Taken
from headgate.errors import HeadgateError, UnavailableError
from headgate.limits import BROKER_SECONDS, MAX_GROUP, MAX_PAYMENTS_PER_REQUEST
from headgate.service.inside import Deciding
from headgate.service.intake import Intake
from headgate.service.streams.kinds import KINDS
from headgate.service.streams.letters import check_size, letter
from headgate.stores.store import Store

Wait = Callable[[], bool]


class Part(NamedTuple):
    """Messages of one kind that are one command. values: what each message holds."""

    kind: Taken
    messages: list[Message]
    values: list[list[Any]]
    answer: Future[list[Any]]


class Flight(NamedTuple):
    """A batch on its way: its messages, the dead letters that are known already, and what the writer was asked."""

    messages: list[Message]
    letters: list[Out]
    parts: list[Part]

    @property
    def answered(self) -> bool:
        """Whether the writer has answered all of it."""
        return all(part.answer.done() for part in self.parts)


class Desk:
    """Puts messages to a writer. store: for reading."""

    def __init__(self, intake: Intake, writer: Deciding, store: Store) -> None:
        self._intake = intake
        self._writer = writer
        self._store = store

    def ask(self, messages: list[Message]) -> Flight:
        """Read the messages of a batch and ask the writer for all of them; does not wait for the answers."""
        flight = Flight(messages, [], [])
        for kind in KINDS:
            read = list(self._read(kind, messages, flight.letters))
            flight.parts.extend(self._asked(kind, some) for some in _cut(read))
        return flight

    def answers(self, flight: Flight, wait: Wait) -> list[Out] | None:
        """Return what is to be told about a batch, when all of it is on disk.

        wait: lets some time pass while the writer cannot decide, and says whether to go on; None when it says no.
        """
        out = list(flight.letters)
        for part in flight.parts:
            told = self._told(part, wait)
            if told is None:
                return None
            out += told
        return out

    def _read(self, kind: Taken, messages: list[Message], letters: list[Out]) -> Iterator[tuple[Message, list[Any]]]:
        for message in messages:
            if message.kind == kind:
                try:
                    check_size(message)
                    yield message, KINDS[kind].read(self._intake, message.body)[1]
                except HeadgateError as error:
                    letters.append(letter(message, error))

    def _asked(self, kind: Taken, read: Sequence[tuple[Message, list[Any]]]) -> Part:
        messages, values = [message for message, _ in read], [values for _, values in read]
        return Part(kind, messages, values, self._submit(kind, [value for each in values for value in each]))

    def _submit(self, kind: Taken, values: list[Any]) -> Future[list[Any]]:
        try:
            return KINDS[kind].ask(self._writer, values)
        except UnavailableError as error:
            refused: Future[list[Any]] = Future()
            refused.set_exception(error)
            return refused

    def _told(self, part: Part, wait: Wait) -> list[Out] | None:
        while True:
            try:
                return KINDS[part.kind].tell(self._store, part.answer.result(BROKER_SECONDS))
            except TimeoutError:
                going_on = wait()
            except UnavailableError:
                going_on = wait()
                part = self._again(part) if going_on else part
            except HeadgateError as error:
                return [letter(part.messages[0], error)] if len(part.messages) == 1 else self._one_by_one(part, wait)
            if not going_on:
                return None

    def _again(self, part: Part) -> Part:
        answer = self._submit(part.kind, [value for values in part.values for value in values])
        return part._replace(answer=answer)

    def _one_by_one(self, part: Part, wait: Wait) -> list[Out] | None:
        out: list[Out] = []
        pairs = list(zip(part.messages, part.values, strict=True))
        for start in range(0, len(pairs), MAX_GROUP):
            singles = [self._asked(part.kind, [pair]) for pair in pairs[start : start + MAX_GROUP]]
            for single in singles:
                told = self._told(single, wait)
                if told is None:
                    return None
                out += told
        return out


def _cut(read: Sequence[tuple[Message, list[Any]]]) -> Iterator[list[tuple[Message, list[Any]]]]:
    """Cut messages into commands of about as many payments as one request may have."""
    some: list[tuple[Message, list[Any]]] = []
    held = 0
    for message, values in read:
        if some and held + len(values) > MAX_PAYMENTS_PER_REQUEST:
            yield some
            some, held = [], 0
        some.append((message, values))
        held += len(values)
    if some:
        yield some
