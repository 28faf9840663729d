"""Publishes the log of a home beside the service, and has witnesses co-sign it: threads that nobody waits for.

The publisher makes files of what the store has committed, at most PUBLISH_SECONDS later; the order is in
`ledger.publish`. Witnesses are asked after that, by a thread of their own, since one that does not answer takes time.
A witness or a folder that knows more of the log than the store has shows that the store was rolled back: then the
service is told to stop in words. Every other failure is logged and tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from headgate.errors import HeadgateError, RolledBackError
from headgate.ledger.checkpoint import parse_checkpoint
from headgate.ledger.note import Note, VerifierKey, parse_note
from headgate.ledger.publish import Publisher
from headgate.ledger.reader import folder_reader
from headgate.ledger.store import LedgerStore
from headgate.ledger.tiles import CHECKPOINT
from headgate.ledger.witness_client import WitnessClient
from headgate.limits import PUBLISH_SECONDS, WITNESS_TIMEOUT_SECONDS
from headgate.service.around import Log


class ClosableStore(LedgerStore, Protocol):
    """A connection of its own to the store, so that publishing never waits for a commit."""

    def close(self) -> None:
        """Release the store."""


class Publishing:
    """The published log of one store. halt: tells the service to decide nothing more, and why.

    `begin` before the service decides, then `start`; `stop` at the end, after the last group.
    """

    def __init__(
        self,
        store: ClosableStore,
        folder: Path,
        keys: Sequence[VerifierKey],
        witnesses: Sequence[WitnessClient] = (),
        *,
        halt: Callable[[str], None],
        log: Log,
        seconds: float = PUBLISH_SECONDS,
    ) -> None:
        self.folder = folder
        self._store = store
        self._publisher = Publisher(store, folder, keys)
        self._witnesses = tuple(witnesses)
        self._halt, self._log, self._seconds = halt, log, seconds
        self._lock = threading.Lock()
        self._shown = b""
        self._size = 0
        self._cosigned_of = b""
        self._trouble: dict[str, str] = {}
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(self._publish_in_words,), name="headgate-publisher")]
        if self._witnesses:
            self._threads.append(
                threading.Thread(target=self._run, args=(self._cosign_in_words,), name="headgate-cosigner", daemon=True)
            )

    def begin(self) -> None:
        """Publish what the store has, and ask each witness what it knows. Raises LedgerError.

        A folder that cannot be written and a witness that does not answer are tried again later.
        """
        try:
            self.publish()
            self._cosign()
        except OSError as error:
            self._say("publisher", f"The log is not published for now: {error}")

    def start(self) -> None:
        """Go on publishing."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Publish what is committed, have it co-signed, and end; a witness that does not answer is waited for once.

        What a witness is asked at the moment is waited for first, so that nothing is asked of it twice.
        """
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(len(self._witnesses) * WITNESS_TIMEOUT_SECONDS if thread.daemon else None)
        self._publish_in_words()
        if not any(thread.is_alive() for thread in self._threads):
            self._cosign_in_words()
        self._store.close()

    def published(self, size: int) -> bytes:
        """Return the checkpoint of the published log with at least so many entries; publish now where it has less."""
        if self._size < size:
            self.publish()
        return (self.folder / CHECKPOINT).read_bytes()

    def publish(self) -> int:
        """Publish what the store has beyond the folder; return the size."""
        with self._lock:
            head = self._store.ledger_head()
            if head is None or head.checkpoint != self._shown:
                self._size = self._publisher.publish()
                self._shown = b"" if head is None else head.checkpoint
            return self._size

    def _run(self, act: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            act()
            self._stopping.wait(self._seconds)

    def _publish_in_words(self) -> None:
        try:
            self.publish()
            self._trouble.pop("publisher", None)
        except RolledBackError as error:
            self._halt(error.paragraph())
        except (HeadgateError, OSError) as error:
            self._say("publisher", f"The log is not published for now: {error}")

    def _cosign_in_words(self) -> None:
        try:
            self._cosign()
        except RolledBackError as error:
            self._halt(error.paragraph())
        except (HeadgateError, OSError) as error:
            self._say("cosigner", f"The log is not co-signed for now: {error}")

    def _cosign(self) -> None:
        """Have every witness co-sign the published checkpoint; one that does not is told, and the others go on."""
        shown, size = self._shown, self._size
        if not size or not self._witnesses or shown == self._cosigned_of:
            return
        lines = []
        reader = folder_reader(self.folder, size)
        for witness in self._witnesses:
            try:
                lines.append(parse_note(witness.cosigned(shown, reader)).signatures[-1])
                self._trouble.pop(witness.key.name, None)
            except RolledBackError:
                raise
            except HeadgateError as error:
                self._say(witness.key.name, str(error))
        note = parse_note(shown)
        with self._lock:
            if lines and self._shown == shown:
                self._publisher.put_cosigned(Note(note.text, (*note.signatures, *lines)).written())
        if len(lines) == len(self._witnesses):
            self._cosigned_of = shown

    def _say(self, who: str, trouble: str) -> None:
        """Log trouble once, until it is over or another."""
        if trouble != self._trouble.get(who):
            self._trouble[who] = trouble
            self._log(trouble)


def size_of(checkpoint: bytes) -> int:
    """Return how many entries a checkpoint is over."""
    return parse_checkpoint(parse_note(checkpoint).text).size
