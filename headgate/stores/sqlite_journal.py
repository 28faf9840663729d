"""The journal's tail in SQLite: entries in order, payments by id, and where the archive of older ones ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from headgate.errors import ConflictError, OrderError
from headgate.journal.entries import Entry, Payment, kind_of
from headgate.journal.identity import entry_id
from headgate.stores.sqlite_database import Database

_PAGE = 4096
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


class SqliteJournal:
    """See `stores.store.Journal`."""

    _database: Database

    def last_seq(self) -> int:
        """The seq of the last entry, archived or in the tail; -1 when there is none."""
        return self._last("seq", -1)

    def last_clock_us(self) -> int:
        """The clock of the last entry, archived or in the tail; 0 when there is none."""
        return self._last("clock_us", 0)

    def tail(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """Yield the entries of the tail with seq >= from_seq, in order."""
        for content in pages(self._database, "journal", from_seq, limit):
            yield _decode(content)

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """The entry of the tail with this identity (of its kind; see `journal.identity`), or None."""
        row = self._database.one("SELECT content FROM journal WHERE kind = ? AND id = ?", (kind, entry_id))
        return None if row is None else _decode(row[0])

    def payment(self, tx_id: str) -> Payment | None:
        """The payment of the tail with this id, or None."""
        payment = self.entry("payment", tx_id)
        assert payment is None or isinstance(payment, Payment)
        return payment

    def archived_seq(self, kind: str, entry_id: str) -> int | None:
        """The seq of the archived entry with this identity, or None."""
        row = self._database.one("SELECT seq FROM archived WHERE kind = ? AND id = ?", (kind, entry_id))
        return None if row is None else int(row[0])

    def archive(self, ids: Iterable[tuple[str, str, int]], last_seq: int, last_clock_us: int) -> None:
        """Record (kind, identity, seq) of entries that are kept elsewhere, and where the archive ends.

        Of two with one identity, which only a dataset can bring, the first stays.
        """
        with self._database.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO archived VALUES (?, ?, ?)", ids)
            db.execute("INSERT OR REPLACE INTO archive_end VALUES (1, ?, ?)", (last_seq, last_clock_us))

    def _last(self, column: str, otherwise: int) -> int:
        row = self._database.one(
            f"SELECT {column} FROM (SELECT seq, clock_us FROM journal UNION ALL "
            "SELECT seq, clock_us FROM archive_end) ORDER BY seq DESC LIMIT 1"
        )
        return otherwise if row is None else int(row[0])

    def _append(self, db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        rows = ((entry.seq, entry.clock_us, kind_of(entry), entry_id(entry), _encode(entry)) for entry in entries)
        db.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", rows)

    def _is_there(self, entries: Sequence[Entry]) -> bool:
        """Whether these entries are already committed; OrderError or ConflictError where they do not fit."""
        last_seq = self.last_seq()
        for place, entry in enumerate(entries):
            if entry.seq != entries[0].seq + place:
                raise _not_next(entry.seq, entries[0].seq + place)
        if not entries or entries[0].seq == last_seq + 1:
            return False
        if entries[0].seq > last_seq:
            raise _not_next(entries[0].seq, last_seq + 1)
        if list(self.tail(entries[0].seq, len(entries))) != list(entries):
            raise ConflictError(
                f"The journal already has other entries from seq {entries[0].seq} on.",
                where=f"last seq {last_seq}",
                repair="Another writer was faster: read the journal again and repeat.",
            )
        return True


def pages(database: Database, table: str, from_seq: int, limit: int | None) -> Iterator[bytes]:
    """Yield the contents of a table in order of seq, a page at a time so that nobody waits for a long read."""
    left = limit if limit is not None else 2**62
    sql = f"SELECT seq, content FROM {table} WHERE seq >= ? ORDER BY seq LIMIT ?"
    while left > 0:
        rows: list[tuple[Any, ...]] = database.read(sql, (from_seq, min(_PAGE, left)))
        yield from (content for _, content in rows)
        if len(rows) < _PAGE:
            return
        left -= len(rows)
        from_seq = rows[-1][0] + 1


def _not_next(seq: int, expected: int) -> OrderError:
    return OrderError(
        f"An entry has seq {seq} where {expected} comes next.",
        where="journal",
        repair="Entries of a batch follow the journal without a gap: stamp them again.",
    )
