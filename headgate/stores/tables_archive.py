"""What a store knows of the archive: its parts in order, and where each identity lies. The files are in `archive.py`.

A part belongs to the archive from the transaction on that names it here and deletes what it holds from the tail, so
whoever reads by seq finds every entry in one of the two and in one only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from headgate.errors import ConflictError, OrderError
from headgate.stores.archive import Archive, Part
from headgate.stores.database import Database

_COLUMNS: Final = ", ".join(Part.__struct_fields__)
_KNOW: Final = "INSERT INTO archived VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class ArchiveTables:
    """See `stores.store.Archived`."""

    _database: Database
    archive: Archive

    def parts(self, from_seq: int = 0) -> tuple[Part, ...]:
        """The parts of the archive that hold an entry with seq >= from_seq, in order."""
        sql = f"SELECT {_COLUMNS} FROM parts WHERE last_seq >= ? ORDER BY last_seq"
        return tuple(Part(*row) for row in self._database.read(sql, (from_seq,)))

    def part_of(self, seq: int) -> Part:
        """The part that holds this entry, which must be archived."""
        row = self._database.one(f"SELECT {_COLUMNS} FROM parts WHERE last_seq >= ? ORDER BY last_seq LIMIT 1", (seq,))
        assert row is not None, "an entry that is known to be archived lies in a part"
        return Part(*row)

    def archived_seq(self, kind: str, entry_id: str) -> int | None:
        """The seq of the archived entry with this identity (of its kind), or None."""
        row = self._database.one("SELECT seq FROM archived WHERE kind = ? AND id = ?", (kind, entry_id))
        return None if row is None else int(row[0])

    def take_part(self, part: Part, ids: Iterable[tuple[str, str, int]]) -> None:
        """See `stores.store.Archived.take_part`."""
        with self._database.transaction() as db:
            db.take_turn()
            if self._has(part):
                return
            db.append("parts", [msgspec.structs.astuple(part)])
            db.execute_each(_KNOW, ids)
            for table in ("journal", "decisions"):
                db.execute(f"DELETE FROM {table} WHERE seq <= ?", (part.last_seq,))

    def _has(self, part: Part) -> bool:
        """Whether this very part was taken before; OrderError or ConflictError where it does not fit."""
        last = (self.parts() or (None,))[-1]
        archived = -1 if last is None else last.last_seq
        if part.first_seq <= archived:
            if part in self.parts():
                return True
            raise ConflictError(
                f"The archive already has other entries from seq {part.first_seq} on",
                where=f"part {part.name}",
                repair="Somebody else has moved them: read the archive again. Nothing was changed.",
            )
        tail = self._database.one("SELECT min(seq), max(seq) FROM journal")
        first, end = (archived + 1, part.last_seq) if tail is None or tail[0] is None else tail
        if part.first_seq != archived + 1 or part.first_seq != first or part.last_seq > end:
            raise OrderError(
                f"A part of the archive holds seq {part.first_seq} to {part.last_seq}, and {archived + 1} comes next",
                where=f"part {part.name}",
                repair="Parts follow one another without a gap and hold committed entries only. Nothing was changed.",
            )
        return False
