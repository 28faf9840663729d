"""The writer: the one room that orders effects. One thread owns the state; requests queue for it.

For each group of requests that are waiting, in this order (the names are those of the steps, at which tests stop it):

1. `taken`      as many as wait, up to a limit, become one group;
2. `named`      pseudonyms of new accounts are drawn and committed in the vault;
3. check        each request is checked; one that is refused is answered with its error, and nothing of it has changed;
4. `folded`     seq and clock are stamped: deadlines that have passed, the record of an interval without decisions, then
                the requests; facts, decisions, cases and announcements are computed in memory;
5. `signed`     leaves of the ledger about all this, and a checkpoint over the log with them, are signed in memory; keys
                of new data subjects are on disk;
6. `committed`  entries, decisions, alerts, cases, announcements, leaves and checkpoint of the whole group are on disk
                in one transaction, if journal and ledger still end where this writer left them;
7. `answered`   each request is answered;
8. rest         where a snapshot is due, a child process writes the state as it is now, aside; nothing waits for it.

Others read what is committed and follow it: webhooks and topics tell announcements after 6 and remember how far they
came; the log is published from the store after 6, its checkpoint last; the archive takes whole closed days, and a state
is folded from archive and tail as one journal.

What a crash leaves: before 2 nothing; between 2 and 6 pseudonyms and keys that nothing mentions, which harm nobody, and
a signature that nobody saw; between 6 and 7 decisions that nobody was told yet, which the same request finds again
after the start; in 8 a folder with a temporary name, which the next start removes. So every acknowledged decision is on
disk exactly once, in the journal and in the one history of the ledger, and announced exactly once.

When 2, 4, 5 or 6 fail without a crash, nobody knows what of it is on disk, and the system may call the same pages clean
the next time: so nothing is tried again. The whole group is answered 503, the state is thrown away, the files are
closed and opened anew with all that is in doubt written again, and the state is folded from them before anything else
is decided. What was refused meanwhile is counted, and its interval goes into the journal first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from headgate.charter.pseudonyms import Vault
from headgate.drivers.book import Book
from headgate.drivers.door import AnyEntry, admit_entry, name_all
from headgate.errors import HeadgateError, UnavailableError
from headgate.journal.entries import Payment
from headgate.journal.order import LiveClock
from headgate.limits import MAX_QUEUE
from headgate.service.around import At, Disk, Folded, Log, Resting
from headgate.service.awaiting import Promise
from headgate.service.commands.command import Command
from headgate.service.commands.stage import Stage
from headgate.service.inside import Deciding
from headgate.service.refusals import Refusals
from headgate.service.requests import Requests, Waiting


class Writer(Deciding):
    """Decides, learns and acts for everybody, one after the other.

    disk: reads and commits. vault: ids to pseudonyms. restore: folds the state from the store. now_us: microseconds
    UTC. log: hears of trouble, in words. book: the ledger; nothing is logged without it. resting: looks at the state
    between groups. at: hears of every step by name when it is done. answered: is told when a group has its answers.
    `start` before the first request, `stop` at the end. `refused` counts what was answered 503.
    """

    def __init__(
        self,
        disk: Disk,
        vault: Vault,
        restore: Callable[[], Folded],
        now_us: Callable[[], int],
        log: Log,
        *,
        book: Book | None = None,
        resting: Resting | None = None,
        at: At = lambda step: None,
        answered: Callable[[], None] = lambda: None,
    ) -> None:
        self._disk = disk
        self._vault = vault
        self._restore = restore
        self._now_us = now_us
        self._log = log
        self._book = book
        self._resting = resting
        self._at = at
        self._answered = answered
        self._requests = Requests()
        self._thread = threading.Thread(target=self._run, name="headgate-writer")
        self._folded: Folded | None = None
        self._in_doubt = False
        self._clock = LiveClock()
        self._stopping = False
        self._halted = ""
        self.trouble = "The service has not started yet"
        self.refused = Refusals()

    def start(self) -> None:
        """Fold the state from the store and begin. Raises what the restoring raises."""
        self._rebuild()
        if self._book is not None:
            self._serve([])  # that the log was opened is on disk before anybody asks
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, then end."""
        self._stopping, self.trouble = True, "The service is stopping"
        if self._thread.is_alive():
            self._requests.end()
            self._thread.join()

    def halt(self, trouble: str) -> None:
        """Decide nothing any more, for a reason that only people can clear; what was answered stays."""
        self._halted = self.trouble = trouble
        self._log(trouble)

    @property
    def ready(self) -> bool:
        """Whether a request would be decided now."""
        return self._folded is not None and not self._stopping and not self._halted

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
        return len(self._requests)

    def put(self, command: Command[Any], answer: Promise) -> None:
        """Take any command, and answer it there; see `Deciding.put`."""
        if not self.ready:
            raise self.unavailable(1)
        if not self._requests.put(command, answer):
            raise self.unavailable(1, f"{MAX_QUEUE} requests are waiting already")

    def unavailable(self, requests: int, trouble: str = "") -> UnavailableError:
        """See `Deciding.unavailable`; a stop of the service is not put on record."""
        trouble = trouble or self.trouble
        if not self._stopping:
            self.refused.note(requests, self._now_us(), trouble)
        return UnavailableError(
            trouble, repair="Use your own fallback for now, and send the request again in a moment."
        )

    def _run(self) -> None:
        last = False
        while not last:
            group, last = self._requests.take()
            self._at("taken")
            able = not self._halted and (self._folded is not None or self._try_rebuild())
            if able:
                self._serve(group)
            else:
                self._refuse(group)
            self._answered()
            if able:
                self._rest()
        if self._resting is not None:
            self._resting.end()
        if self._book is not None and self._folded is not None and not self._halted:
            self._book.close_log("The service was stopped.")
            self._serve([])

    def _serve(self, group: list[Waiting]) -> None:
        """Decide a group; one without requests lets deadlines that have passed take their place in the journal."""
        refused = self.refused.take()
        try:
            self._name(group)
            stage = self._stage()
            if refused is not None:
                stage.fold(refused.entry(stage.pipeline.next_seq))
                stage.say(refused.logged)
            stage.look_up(entry for each in group for entry in each.command.entries() if isinstance(entry, Payment))
            answers = [(waiting, self._answer(waiting, stage)) for waiting in group]
            self._at("folded")
            self._commit(stage)
        except Exception as error:
            self.refused.give_back(refused)
            self._poison(error)
            self._refuse(group)
            return
        for waiting, answer in answers:
            _give(waiting.answer, answer)
        self._at("answered")

    def _name(self, group: Iterable[Waiting]) -> None:
        """Draw the pseudonyms of all new accounts of a group at once; a malformed id is left to the check."""
        name_all((entry for waiting in group for entry in waiting.command.entries()), self._vault)
        self._at("named")

    def _admit(self, entry: AnyEntry) -> AnyEntry:
        return admit_entry(entry, self._vault)

    def _stage(self) -> Stage:
        """A stage on the state, with the deadlines that have passed in their place."""
        folded = self._folded
        assert folded is not None
        clock_us = self._clock.stamp(self._now_us())
        stage = Stage(folded.pipeline, self._disk, self._admit, clock_us)
        stage.tick()
        return stage

    def _answer(self, waiting: Waiting, stage: Stage) -> object:
        """The answer of one command, or the error with which it was refused before anything changed."""
        try:
            waiting.command.check(stage)
        except HeadgateError as error:
            return error
        return waiting.command.fold(stage)

    def _commit(self, stage: Stage) -> None:
        batch = stage.batch()
        written = None if self._book is None else self._book.write(stage.happened())
        self._at("signed")
        if written is not None:
            batch = msgspec.structs.replace(batch, logged=written.logged, told=written.told)
        if batch.entries or written is not None:
            self._disk.commit(batch)
        if self._book is not None and written is not None:
            self._book.committed(written)
        self._at("committed")

    def _rest(self) -> None:
        if self._resting is not None and self._folded is not None:
            self._resting.look(self._folded)

    def _poison(self, error: Exception) -> None:
        self._folded, self._in_doubt = None, True
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
        if self._in_doubt:
            self._vault.reopen()
            self._disk.reopen()
            if self._book is not None:
                self._book.reopen()
        folded = self._restore()
        if self._book is not None:
            self._book.begin(folded.pipeline.rules_hash)
        self._clock = LiveClock(folded.pipeline.last_clock_us)
        self._folded, self._in_doubt = folded, False

    def _refuse(self, group: list[Waiting]) -> None:
        error = self.unavailable(len(group))
        for waiting in group:
            waiting.answer.set_exception(error)


def _give(promise: Promise, answer: object) -> None:
    if isinstance(answer, HeadgateError):
        promise.set_exception(answer)
    else:
        promise.set_result(answer)
