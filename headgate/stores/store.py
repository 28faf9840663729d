"""What a store promises, as an interface; `headgate.checks.store` proves it of any implementation.

A batch is committed whole or not at all, and is on disk when `commit` returns. Errors: UnavailableError when the
store cannot be written now (full, locked, read-only), FileError when it cannot be opened, OrderError and
ConflictError for a batch that does not continue the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.cases.case import Alert, Case, CaseOrder, CaseStateName
from headgate.decisions.record import Decision
from headgate.journal.entries import Entry, Payment
from headgate.ledger.log import Prepared
from headgate.ledger.store import LedgerStore
from headgate.stores.archive import Archive, Part
from headgate.stores.users import NOBODY, ApiKey, By, User, WebSession


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one commit brings: entries with consecutive seq, and what the folds made of them.

    Of a case that changes several times in one batch only the last change is kept, so give them in order. logged:
    leaves of the ledger about all this, with the signed head over them. told: up to which number these leaves say what
    other programs had left for the ledger.
    """

    entries: Sequence[Entry] = ()
    decisions: Sequence[Decision] = ()
    alerts: Sequence[Alert] = ()
    cases: Sequence[Case] = ()
    announcements: Sequence[Announcement] = ()
    logged: Prepared | None = None
    told: int = -1


class Archived(Protocol):
    """The parts of the journal that lie in files, by day; a part holds entries and the decisions among them."""

    archive: Archive

    def parts(self, from_seq: int = 0) -> tuple[Part, ...]:
        """The parts of the archive that hold an entry with seq >= from_seq, in order."""

    def archived_seq(self, kind: str, entry_id: str) -> int | None:
        """The seq of the archived entry with this identity (of its kind), or None."""

    def take_part(self, part: Part, ids: Iterable[tuple[str, str, int]]) -> None:
        """Name a part whose files are in the archive, and delete from the tail what it holds, in one transaction.

        ids: (kind, identity, seq) of its entries; of two with one identity, which only a dataset can bring, the first
        stays. A part that was taken before changes nothing. Raises ConflictError where other entries are archived from
        its first seq on, OrderError where it does not follow the archive or holds what is not committed.
        """


class Journal(Archived, Protocol):
    """The journal: its tail, and by identity every entry wherever it is kept."""

    def last_seq(self) -> int:
        """The seq of the last entry, archived or in the tail; -1 when there is none."""

    def last_clock_us(self) -> int:
        """The clock of the last entry, archived or in the tail; 0 when there is none."""

    def tail(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """Yield the entries of the tail with seq >= from_seq, in order."""

    def tail_from(self, clock_us: int) -> int:
        """The seq of the first entry of the tail with this clock or a later one; last_seq() + 1 where there is none."""

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """The entry with this identity (of its kind; see `journal.identity`), tail or archive, or None."""

    def known(self, kind: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of these identities (of a kind) under which there is an entry, in the tail or in the archive."""

    def payment(self, tx_id: str) -> Payment | None:
        """The payment with this id, from the tail or from the archive, or None."""


class Decisions(Protocol):
    """What was decided, and the alerts among it."""

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment, from the tail or from the archive, or None."""

    def decisions(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Decision]:
        """Yield decisions on payments of the tail with seq >= from_seq, in order."""

    def similar_ids(self, tx_id: str, limit: int = 20) -> tuple[str, ...]:
        """Ids of payments near to this one in alphabetical order, for a hint after a mistyped id."""

    def alert(self, tx_id: str) -> Alert | None:
        """The alert of a payment, or None."""

    def alerts(self, tx_ids: Iterable[str]) -> tuple[Alert, ...]:
        """The alerts with these ids, in order of seq; ids without alert are left out."""


class Cases(Protocol):
    """The cases."""

    def case(self, case_id: str) -> Case | None:
        """A case by its id, or None."""

    def case_of(self, tx_id: str) -> Case | None:
        """The case that holds the alert of this payment, or None."""

    def cases(
        self,
        state: CaseStateName | None = None,
        order: CaseOrder = "risk",
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[Case, ...]:
        """Cases of a state (None: all), sorted: risk and value highest first, age oldest first, updated newest first.

        Ties follow the order of opening. Urgency: by what reading them can still save at the last clock of the journal,
        see `cases.urgency`.
        """

    def count_cases(self, state: CaseStateName | None = None) -> int:
        """How many cases there are in a state (None: all)."""


class Announcements(Protocol):
    """What others are to be told, how far each subscriber has been told it, and what could not be told."""

    def announcements(self, after: tuple[int, int] = (-1, -1), limit: int = 1000) -> Iterator[Announcement]:
        """Yield at most `limit` announcements after this (seq, place), in order."""

    def announcements_about(self, subject: str) -> tuple[Announcement, ...]:
        """Every announcement about a payment or case that is not forgotten yet, in order."""

    def heard(self, subscriber: str) -> tuple[int, int]:
        """The (seq, place) up to which a subscriber has been told everything; (-1, -1) for a new one."""

    def note_heard(self, subscriber: str, last: tuple[int, int], letter: DeadLetter | None = None) -> None:
        """Remember how far a subscriber has been told, and the one that it did not take, in one transaction."""

    def dead_letters(self, subscriber: str | None = None) -> tuple[DeadLetter, ...]:
        """What a subscriber (None: all) did not take, in order."""

    def remove_dead_letter(self, subscriber: str, about: tuple[int, int]) -> None:
        """Take a letter off the list; NotFoundError when it is not there."""

    def forget_announcements(self, until_us: int) -> int:
        """Delete announcements with a clock up to this; return how many. Dead letters stay."""


class Users(Protocol):
    """People, programs and their logins."""

    def add_user(self, user: User, by: By = NOBODY) -> None:
        """Add a user; ConflictError when the name is taken. by: who does it, for the ledger, here and below."""

    def replace_user(self, user: User, by: By = NOBODY) -> None:
        """Change a user; NotFoundError when there is none of that name."""

    def user(self, name: str) -> User | None:
        """A user by name, or None."""

    def users(self) -> tuple[User, ...]:
        """Every user by name."""

    def add_web_session(self, session: WebSession) -> None:
        """Keep a login."""

    def web_session(self, token_hash: str, now_us: int) -> WebSession | None:
        """The login behind a token hash, or None when there is none or it has expired."""

    def end_web_session(self, token_hash: str) -> None:
        """Forget a login; nothing happens when there is none."""

    def end_web_sessions_of(self, user: str) -> None:
        """Forget every login of a user."""

    def note_login_failure(self, user: str, now_us: int) -> None:
        """Remember a wrong password."""

    def login_failures(self, user: str, since_us: int) -> int:
        """How many wrong passwords there were after a clock."""

    def clear_login_failures(self, user: str) -> None:
        """Forget the wrong passwords of a user, after a right one."""

    def add_api_key(self, key: ApiKey, by: By = NOBODY) -> None:
        """Keep a key; ConflictError when its name is taken."""

    def api_key(self, key_hash: str) -> ApiKey | None:
        """The key behind a hash, or None when there is none or it is disabled."""

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Every key by name."""

    def disable_api_key(self, name: str, by: By = NOBODY) -> None:
        """Take a key out of use; NotFoundError when there is none of that name."""


class Ledger(LedgerStore, Protocol):
    """The ledger, and what other programs have left for its one writer."""

    def tell_ledger(self, content: bytes) -> None:
        """Leave an entry for the ledger; its writer logs it with its next group, at its own clock."""

    def told_to_ledger(self) -> list[tuple[int, bytes]]:
        """Return the number and content of each entry that was left and is not logged yet, in order."""


class Store(Journal, Decisions, Cases, Announcements, Users, Ledger, Protocol):
    """Everything that a home keeps in one place, so that one transaction covers it."""

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; it is on disk when this returns.

        The first entry must have seq last_seq() + 1 (OrderError), and the ledger the size that the leaves were signed
        for (ConflictError), so that of two writers one loses. A batch that is already there with the same content
        changes nothing; with other content it is a ConflictError.
        """

    def reopen(self) -> None:
        """After a failure: let go of everything, and begin again with what is really on disk.

        What is in doubt is written again or given up before this returns, so that nothing is built on it. Raises
        FileError or UnavailableError where that cannot be done now.
        """

    def close(self) -> None:
        """Release the store."""
