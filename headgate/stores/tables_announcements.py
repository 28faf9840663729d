"""Announcements, how far each subscriber has heard them, and dead letters,."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.errors import NotFoundError
from headgate.stores.database import Database, Work

_encode = msgspec.msgpack.Encoder().encode
_announcement = msgspec.msgpack.Decoder(Announcement).decode
_letter = msgspec.msgpack.Decoder(DeadLetter).decode
_AFTER = "SELECT content FROM announcements WHERE (seq, place) > (?, ?) ORDER BY seq, place LIMIT ?"
_HEARD = (
    "INSERT INTO heard VALUES (?, ?, ?) "
    "ON CONFLICT (subscriber) DO UPDATE SET seq = excluded.seq, place = excluded.place"
)
_LETTER = (
    "INSERT INTO dead_letters VALUES (?, ?, ?, ?) "
    "ON CONFLICT (subscriber, seq, place) DO UPDATE SET content = excluded.content"
)


class AnnouncementTables:
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
            db.execute(_HEARD, (subscriber, *last))
            if letter is not None:
                about = (letter.announcement.seq, letter.announcement.place)
                db.execute(_LETTER, (subscriber, *about, _encode(letter)))

    def dead_letters(self, subscriber: str | None = None) -> tuple[DeadLetter, ...]:
        """What a subscriber (None: all) did not take, in order."""
        rows = self._database.read(
            "SELECT content FROM dead_letters WHERE CAST(? AS TEXT) IS NULL OR subscriber = ? "
            "ORDER BY subscriber, seq, place",
            (subscriber, subscriber),
        )
        return tuple(_letter(row[0]) for row in rows)

    def remove_dead_letter(self, subscriber: str, about: tuple[int, int]) -> None:
        """Take a letter off the list; NotFoundError when it is not there."""
        with self._database.transaction() as db:
            sql = "DELETE FROM dead_letters WHERE subscriber = ? AND seq = ? AND place = ?"
            if not db.execute(sql, (subscriber, *about)):
                raise NotFoundError(
                    f"There is no dead letter {about[0]}.{about[1]} of {subscriber!r}.",
                    where="dead letters",
                    repair="List them again: somebody else may have taken it.",
                )

    def forget_announcements(self, until_us: int) -> int:
        """Delete announcements with a clock up to this; return how many. Dead letters stay."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM announcements WHERE clock_us <= ?", (until_us,))

    def _announce(self, db: Work, announcements: Sequence[Announcement]) -> None:
        rows = ((each.seq, each.place, each.clock_us, each.subject, _encode(each)) for each in announcements)
        db.append("announcements", rows)
