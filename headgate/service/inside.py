"""What answers requests sees of what decides: a writer that takes commands, the published log, figures, troubles.

Both may stand in one process or in two (`apart`); nobody who asks can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from headgate.errors import UnavailableError
from headgate.journal.entries import Payment
from headgate.service.answers import OutcomeOut
from headgate.service.awaiting import Promise
from headgate.service.commands.command import Command
from headgate.service.commands.decide import Answer, Decide
from headgate.service.commands.learn import Learn
from headgate.service.wire import OutcomeIn

Answered = TypeVar("Answered")


class Deciding:
    """Takes commands. `ready`: whether a request would be decided now; else `trouble` says why not.

    last_seq: the place of the last entry of the journal; -1 when there is none or while the state is rebuilt.
    rules_hash: the rules in force; empty while the state is rebuilt. queued: how many requests wait.
    """

    trouble: str

    @property
    def ready(self) -> bool:
        """Whether a request would be decided now."""
        raise NotImplementedError

    @property
    def last_seq(self) -> int:
        """The place of the last entry of the journal."""
        raise NotImplementedError

    @property
    def rules_hash(self) -> str:
        """The rules in force."""
        raise NotImplementedError

    @property
    def queued(self) -> int:
        """How many requests wait."""
        raise NotImplementedError

    def put(self, command: Command[Any], answer: Promise) -> None:
        """Take any command; it is answered there when what follows from it is on disk. UnavailableError at once."""
        raise NotImplementedError

    def unavailable(self, requests: int, trouble: str = "") -> UnavailableError:
        """Return the refusal of so many requests, which are counted. trouble: why, where it is not `trouble`."""
        raise NotImplementedError

    def tell(self, command: Command[Answered]) -> Future[Answered]:
        """Take any command; see `put`."""
        answer: Future[Answered] = Future()
        self.put(command, answer)
        return answer

    def decide(self, payments: list[Payment]) -> Future[list[Answer]]:
        """Decide payments whose ids are still the caller's own; answered when the decisions are on disk."""
        return self.tell(Decide(payments))

    def learn(self, outcomes: list[OutcomeIn]) -> Future[list[OutcomeOut]]:
        """Take outcomes; answered when they are on disk."""
        return self.tell(Learn(outcomes))


class PublishedLog(Protocol):
    """The log as others can fetch it."""

    @property
    def folder(self) -> Path:
        """Where its files lie."""

    def published(self, size: int) -> bytes:
        """Return the checkpoint of the published log with at least so many entries; it may have to wait."""


class Wishes(Protocol):
    """What became of rules that were asked for."""

    @property
    def trouble(self) -> str:
        """Why the last wish is not granted; empty where it is."""


class Inside(NamedTuple):
    """All of it. figures: what is counted there, in the text format of Prometheus; it may have to wait."""

    writer: Deciding
    log: PublishedLog
    wishes: Wishes
    figures: Callable[[], bytes]
