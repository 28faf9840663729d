"""Announcements, how far each subscriber has heard them, and dead letters, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.errors import NotFoundError
from headgate.stores.sqlite_database import Database

_encode = msgspec.msgpack.Encoder().encode
_announcement = msgspec.msgpack.Decoder(Announcement).decode
_letter = msgspec.msgpack.Decoder(DeadLetter).decode
_AFTER = "SELECT content FROM announcements WHERE (seq, place) > (?, ?) ORDER BY seq, place LIMIT ?"


class SqliteAnnouncements:
    """See `stores.store.Announcements`."""

    _database: Database

    def announcements(self, after: tuple[int, int] = (-1, -1), limit: int = 1000) -> Iterator[Announcement]:
        """Yield at most `limit` announcements after this (seq, place), in order."""
        for row in self._database.read(_AFTER, (*after, limit)):
            yield _announcement(row[0])

    def announcements_about(self, subject: str) -> tuple[Announcement, ...]:
        """Every announcement about a payment or case that is not forgotten yet, in order."""
        rows = self._database.read(
            "SELECT content FROM announcements WHERE subject = ? ORDER BY seq, place", (subject,)
        )
        return tuple(_announcement(row[0]) for row in rows)

    def heard(self, subscriber: str) -> tuple[int, int]:
        """The (seq, place) up to which a subscriber has been told everything; (-1, -1) for a new one."""
        row = self._database.one("SELECT seq, place FROM heard WHERE subscriber = ?", (subscriber,))
        return (-1, -1) if row is None else (int(row[0]), int(row[1]))

    def note_heard(self, subscriber: str, last: tuple[int, int], letter: DeadLetter | None = None) -> None:
        """Remember how far a subscriber has been told, and the one that it did not take, in one transaction."""
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO heard VALUES (?, ?, ?)", (subscriber, *last))
            if letter is not None:
                about = (letter.announcement.seq, letter.announcement.place)
                db.execute(
                    "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?)", (subscriber, *about, _encode(letter))
                )

    def dead_letters(self, subscriber: str | None = None) -> tuple[DeadLetter, ...]:
        """What a subscriber (None: all) did not take, in order."""
        rows = self._database.read(
            "SELECT content FROM dead_letters WHERE ?1 IS NULL OR subscriber = ?1 ORDER BY subscriber, seq, place",
            (subscriber,),
        )
        return tuple(_letter(row[0]) for row in rows)

    def remove_dead_letter(self, subscriber: str, about: tuple[int, int]) -> None:
        """Take a letter off the list; NotFoundError when it is not there."""
        with self._database.transaction() as db:
            sql = "DELETE FROM dead_letters WHERE subscriber = ? AND seq = ? AND place = ?"
            if not db.execute(sql, (subscriber, *about)).rowcount:
                raise NotFoundError(
                    f"There is no dead letter {about[0]}.{about[1]} of {subscriber!r}.",
                    where="dead letters",
                    repair="List them again: somebody else may have taken it.",
                )

    def forget_announcements(self, until_us: int) -> int:
        """Delete announcements with a clock up to this; return how many. Dead letters stay."""
        with self._database.transaction() as db:
            return int(db.execute("DELETE FROM announcements WHERE clock_us <= ?", (until_us,)).rowcount)

    def _announce(self, db: sqlite3.Connection, announcements: Sequence[Announcement]) -> None:
        rows = ((each.seq, each.place, each.clock_us, each.subject, _encode(each)) for each in announcements)
        db.executemany("INSERT INTO announcements VALUES (?, ?, ?, ?, ?)", rows)
