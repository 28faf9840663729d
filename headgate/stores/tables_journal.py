"""The journal as tables: the tail in order of seq, entries by identity wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from headgate.errors import ConflictError, OrderError
from headgate.journal.entries import Entry, Payment, kind_of
from headgate.journal.identity import entry_id
from headgate.statements import lists
from headgate.stores.database import MANY, Database, Work
from headgate.stores.tables_archive import ArchiveTables

_PAGE = 4096
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


class JournalTables(ArchiveTables):
    """See `stores.store.Journal`."""

    def last_seq(self) -> int:
        """The seq of the last entry, archived or in the tail; -1 when there is none."""
        return self._last("seq", "last_seq", -1)

    def last_clock_us(self) -> int:
        """The clock of the last entry, archived or in the tail; 0 when there is none."""
        return self._last("clock_us", "last_clock_us", 0)

    def tail(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """Yield the entries of the tail with seq >= from_seq, in order."""
        for content in pages(self._database, "journal", from_seq, limit):
            yield _decode(content)

    def tail_from(self, clock_us: int) -> int:
        """The seq of the first entry of the tail with this clock or a later one; last_seq() + 1 where there is none.

        Clocks grow with seq, so some twenty looks by seq find it without an index by clock.
        """
        first = self._database.one("SELECT min(seq) FROM journal")
        low, high = (first[0] if first and first[0] is not None else 0), self.last_seq() + 1
        while low < high:
            middle = (low + high) // 2
            row = self._database.one("SELECT clock_us FROM journal WHERE seq = ?", (middle,))
            low, high = (middle + 1, high) if row is None or row[0] < clock_us else (low, middle)
        return low

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """The entry with this identity (of its kind), from the tail or from the archive, or None."""
        row = self._database.one("SELECT content FROM journal WHERE kind = ? AND id = ?", (kind, entry_id))
        if row is not None:
            found: Entry = _decode(row[0])
            return found
        seq = self.archived_seq(kind, entry_id)
        return None if seq is None else self.archive.entry(self.part_of(seq), seq)

    def known(self, kind: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of these identities (of a kind) under which there is an entry, in the tail or in the archive."""
        found: set[str] = set()
        for marks, some in lists(ids):
            among = f"kind = ? AND id IN {marks}"
            sql = f"SELECT id FROM journal WHERE {among} UNION ALL SELECT id FROM archived WHERE {among}"
            found.update(str(row[0]) for row in self._database.read(sql, (kind, *some, kind, *some)))
        return frozenset(found)

    def payment(self, tx_id: str) -> Payment | None:
        """The payment with this id, from the tail or from the archive, or None."""
        payment = self.entry("payment", tx_id)
        assert payment is None or isinstance(payment, Payment)
        return payment

    def _last(self, column: str, archived: str, otherwise: int) -> int:
        row = self._database.one(f"SELECT {column} FROM journal ORDER BY seq DESC LIMIT 1") or self._database.one(
            f"SELECT {archived} FROM parts ORDER BY last_seq DESC LIMIT 1"
        )
        return otherwise if row is None else int(row[0])

    def _append(self, db: Work, entries: Sequence[Entry]) -> None:
        rows = ((entry.seq, entry.clock_us, kind_of(entry), entry_id(entry), _encode(entry)) for entry in entries)
        db.append("journal", rows)

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
    left = limit if limit is not None else MANY
    sql = f"SELECT seq, content FROM {table} WHERE seq >= ? ORDER BY seq LIMIT ?"
    while left > 0:
        rows = database.read(sql, (from_seq, min(_PAGE, left)))
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
