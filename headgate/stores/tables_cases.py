"""Cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.cases.case import Case, CaseOrder, CaseStateName
from headgate.cases.urgency import most_urgent
from headgate.stores.database import MANY, Database, Work
from headgate.stores.tables_journal import JournalTables

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Case).decode

_ORDER: Final[dict[CaseOrder, str]] = {
    "risk": "rank_score IS NULL, rank_score DESC, number",
    "age": "opened_us, number",
    "value": "value_minor DESC, number",
    "updated": "updated_us DESC, number",
}

_OF_STATE: Final = "(CAST(? AS TEXT) IS NULL OR state = ?)"
_KEEP: Final = (
    "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET state = excluded.state, "
    "opened_us = excluded.opened_us, updated_us = excluded.updated_us, rank_score = excluded.rank_score, "
    "value_minor = excluded.value_minor, content = excluded.content"
)
_HOLD: Final = "INSERT INTO case_alerts VALUES (?, ?) ON CONFLICT (tx_id) DO UPDATE SET number = excluded.number"


class CaseTables(JournalTables):
    """See `stores.store.Cases`; the clock of the journal says how much time is left."""

    _database: Database

    def case(self, case_id: str) -> Case | None:
        """A case by its id, or None."""
        digits = case_id.removeprefix("C-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 18):
            return None
        row = self._database.one("SELECT content FROM cases WHERE number = ?", (int(digits),))
        case = None if row is None else _decode(row[0])
        return case if case is not None and case.id == case_id else None

    def case_of(self, tx_id: str) -> Case | None:
        """The case that holds the alert of this payment, or None."""
        row = self._database.one("SELECT content FROM cases JOIN case_alerts USING (number) WHERE tx_id = ?", (tx_id,))
        return None if row is None else _decode(row[0])

    def cases(
        self,
        state: CaseStateName | None = None,
        order: CaseOrder = "risk",
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[Case, ...]:
        """Cases of a state (None: all), sorted: risk and value highest first, age oldest first, updated newest first.

        Ties follow the order of opening. Urgency is as `cases.urgency` says at the clock of the journal.
        """
        if order == "urgency":
            urgent = most_urgent(self.cases(state, "age"), self.last_clock_us())
            return urgent[offset : None if limit is None else offset + limit]
        rows = self._database.read(
            f"SELECT content FROM cases WHERE {_OF_STATE} ORDER BY {_ORDER[order]} LIMIT ? OFFSET ?",
            (state, state, MANY if limit is None else limit, offset),
        )
        return tuple(_decode(row[0]) for row in rows)

    def count_cases(self, state: CaseStateName | None = None) -> int:
        """How many cases there are in a state (None: all)."""
        row = self._database.one(f"SELECT count(*) FROM cases WHERE {_OF_STATE}", (state, state))
        assert row is not None
        return int(row[0])

    def _keep_cases(self, db: Work, cases: Sequence[Case]) -> None:
        last = {case.number: case for case in cases}.values()
        if not last:
            return
        db.execute_each(_KEEP, map(_row, last))
        db.execute_each(_HOLD, ((alert.tx_id, case.number) for case in last for alert in case.alerts))


def _row(case: Case) -> tuple[object, ...]:
    return (
        case.number,
        case.state,
        case.opened_us,
        case.updated_us,
        case.rank_score,
        case.value_minor,
        _encode(case),
    )
