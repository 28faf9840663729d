"""The writer: the one room that orders effects. One thread owns the state; requests queue for it.

For each group of requests that are waiting, in this order:

1. take     as many as wait, up to a limit, become one group;
2. name     pseudonyms of new accounts are drawn and committed in the vault;
3. check    each request is checked; one that is refused is answered with its error, and nothing of it has changed;
4. fold     seq and clock are stamped, facts, decisions and cases are computed in memory;
5. commit   entries, decisions, alerts and cases of the whole group go to disk in one transaction;
6. answer   each request is answered.

What a crash leaves: before 2 nothing; between 2 and 5 pseudonyms that nothing mentions, which harm nobody; between 5
and 6 decisions that nobody was told yet, which the same request finds again after the start. So every acknowledged
decision is on disk exactly once. When 4 or 5 fail without a crash, memory may be ahead of the disk: the whole group is
answered 503, the state is thrown away, and it is folded again from the store before anything else is decided.
"""

from __future__ import annotations

import queue
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from headgate.cases.case import Case
from headgate.cases.lifecycle import CASE
from headgate.charter.pseudonyms import Vault
from headgate.drivers.door import AnyEntry, admit_entry, name_all
from headgate.drivers.pipeline import Pipeline
from headgate.errors import HeadgateError, UnavailableError
from headgate.journal.entries import Action, Payment
from headgate.journal.order import LiveClock
from headgate.limits import MAX_GROUP, MAX_QUEUE, TICK_SECONDS
from headgate.service.answers import OutcomeOut
from headgate.service.commands.act import Act
from headgate.service.commands.command import Command
from headgate.service.commands.decide import Answer, Decide
from headgate.service.commands.learn import Learn
from headgate.service.commands.stage import Keeper, Stage
from headgate.service.wire import CaseMove, OutcomeIn
from headgate.stores.store import Batch

Answered = TypeVar("Answered")
Log = Callable[[str], None]


class Disk(Keeper, Protocol):
    """What is on disk and what is put there; `commit` is whole or not at all."""

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction."""


class Folded(NamedTuple):
    """The state in memory as the store has it: both folds."""

    pipeline: Pipeline


class _Waiting(NamedTuple):
    command: Command[Any]
    answer: Future[Any]


class Writer:
    """Decides, learns and acts for everybody, one after the other.

    disk: reads and commits. vault: ids to pseudonyms. restore: folds the state from the store. now_us: microseconds
    UTC. log: hears of trouble, in words. `start` before the first request, `stop` at the end.
    """

    def __init__(
        self, disk: Disk, vault: Vault, restore: Callable[[], Folded], now_us: Callable[[], int], log: Log
    ) -> None:
        self._disk = disk
        self._vault = vault
        self._restore = restore
        self._now_us = now_us
        self._log = log
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(MAX_QUEUE)
        self._thread = threading.Thread(target=self._run, name="headgate-writer")
        self._folded: Folded | None = None
        self._clock = LiveClock()
        self._stopping = False
        self.trouble = "The service has not started yet"

    def start(self) -> None:
        """Fold the state from the store and begin. Raises what the restoring raises."""
        self._rebuild()
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, then end."""
        self._stopping, self.trouble = True, "The service is stopping"
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    @property
    def ready(self) -> bool:
        """Whether a request would be decided now."""
        return self._folded is not None and not self._stopping

    @property
    def last_seq(self) -> int:
        """The place of the last entry of the journal; -1 when there is none or while the state is rebuilt."""
        folded = self._folded
        return folded.pipeline.next_seq - 1 if folded else -1

    @property
    def rules_hash(self) -> str:
        """The rules in force; empty while the state is rebuilt."""
        return self._folded.pipeline.rules_hash if self._folded else ""

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return self._queue.qsize()

    def decide(self, payments: list[Payment]) -> Future[list[Answer]]:
        """Decide payments whose ids are still the caller's own; answered when the decisions are on disk."""
        return self.tell(Decide(payments))

    def learn(self, outcomes: list[OutcomeIn]) -> Future[list[OutcomeOut]]:
        """Take outcomes; answered when they are on disk."""
        return self.tell(Learn(outcomes))

    def act(self, action: Action) -> Future[Case]:
        """Do to a case what a person decided; answered with the case when it is on disk."""
        return self.tell(Act(action))

    def tell(self, command: Command[Answered]) -> Future[Answered]:
        """Take any command; answered when what follows from it is on disk. Raises UnavailableError at once."""
        answer: Future[Answered] = Future()
        if not self.ready:
            raise _unavailable(self.trouble)
        try:
            self._queue.put_nowait(_Waiting(command, answer))
        except queue.Full:
            raise _unavailable(f"{MAX_QUEUE} requests are waiting already") from None
        return answer

    def _run(self) -> None:
        while True:
            group, last = self._take()
            if self._folded is None and not self._try_rebuild():
                self._refuse(group)
            elif group:
                self._serve(group)
            else:
                self._tick()
            if last:
                return

    def _take(self) -> tuple[list[_Waiting], bool]:
        """What waits now, at most a group; nothing after a quiet second. True when it was the last."""
        group: list[_Waiting] = []
        try:
            found = self._queue.get(timeout=TICK_SECONDS)
            while found is not None:
                if found.answer.set_running_or_notify_cancel():
                    group.append(found)
                if len(group) == MAX_GROUP:
                    return group, False
                found = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _serve(self, group: list[_Waiting]) -> None:
        folded = self._folded
        assert folded is not None
        try:
            self._name(group)
        except HeadgateError as error:
            self._refuse(group, error)
            return
        clock_us = self._clock.stamp(self._now_us())
        stage = Stage(folded.pipeline, self._disk, self._admit, clock_us)
        try:
            answers = [(waiting, self._answer(waiting, stage)) for waiting in group]
            self._commit(stage.batch())
        except Exception as error:
            self._poison(error)
            self._refuse(group)
            return
        for waiting, answer in answers:
            _give(waiting.answer, answer)

    def _name(self, group: Iterable[_Waiting]) -> None:
        """Draw the pseudonyms of all new accounts of a group at once."""
        name_all((entry for waiting in group for entry in waiting.command.entries()), self._vault)

    def _admit(self, entry: AnyEntry) -> AnyEntry:
        return admit_entry(entry, self._vault)

    def _answer(self, waiting: _Waiting, stage: Stage) -> object:
        """The answer of one command, or the error with which it was refused before anything changed."""
        try:
            waiting.command.check(stage)
        except HeadgateError as error:
            return error
        return waiting.command.fold(stage)

    def _tick(self) -> None:
        """Let deadlines that have passed take their place in the journal."""
        assert self._folded is not None
        try:
            timers = self._folded.pipeline.tick(self._clock.stamp(self._now_us()))
            self._commit(Batch(entries=timers))
        except Exception as error:
            self._poison(error)

    def _commit(self, batch: Batch) -> None:
        if batch.entries:
            self._disk.commit(batch)

    def _poison(self, error: Exception) -> None:
        self._folded = None
        self.trouble = "The last request could not be finished; the state is being folded again from the store"
        self._log(f"{self.trouble}: {type(error).__name__}: {error}")

    def _try_rebuild(self) -> bool:
        try:
            self._rebuild()
        except Exception as error:
            self.trouble = f"The state cannot be folded again: {error}"
            self._log(self.trouble)
        return self._folded is not None

    def _rebuild(self) -> None:
        folded = self._restore()
        self._clock = LiveClock(folded.pipeline.last_clock_us)
        self._folded = folded

    def _refuse(self, group: Iterable[_Waiting], error: HeadgateError | None = None) -> None:
        for waiting in group:
            waiting.answer.set_exception(error or _unavailable(self.trouble))


def case_action(action_id: str, actor: str, move: CaseMove, case_id: str, reason: str) -> Action:
    """Return the entry for what a person does to a case; seq and clock are stamped by the writer."""
    return Action(
        seq=0,
        clock_us=0,
        action_id=action_id,
        actor=actor,
        action=move,
        subject_kind=CASE,
        subject=case_id,
        reason=reason,
    )


def new_action_id(door: str) -> str:
    """Return a fresh id for an action that came in by this door."""
    return f"{door}-{secrets.token_hex(8)}"


_SPACES: Final = re.compile(r"\s+")


def one_line(text: str) -> str:
    """Return a text of a person without line breaks and double spaces."""
    return _SPACES.sub(" ", text).strip()


def _give(future: Future[Any], answer: object) -> None:
    if isinstance(answer, HeadgateError):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _unavailable(trouble: str) -> UnavailableError:
    return UnavailableError(trouble, repair="Use your own fallback for now, and send the request again in a moment.")
