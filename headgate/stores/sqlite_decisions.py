"""Decisions and alerts in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from headgate.cases.case import Alert
from headgate.decisions.record import Decision
from headgate.journal.entries import Payment
from headgate.stores.sqlite_database import Database
from headgate.stores.sqlite_journal import pages

_encode = msgspec.msgpack.Encoder().encode
_decision = msgspec.msgpack.Decoder(Decision).decode
_payment = msgspec.msgpack.Decoder(Payment).decode
_ALERT = "SELECT payment, content, reference_minor FROM alerts JOIN decisions USING (tx_id) WHERE tx_id = ?"


class SqliteDecisions:
    """See `stores.store.Decisions`."""

    _database: Database

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment, or None."""
        row = self._database.one("SELECT content FROM decisions WHERE tx_id = ?", (tx_id,))
        return None if row is None else _decision(row[0])

    def decisions(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Decision]:
        """Yield decisions with seq >= from_seq, in order."""
        for content in pages(self._database, "decisions", from_seq, limit):
            yield _decision(content)

    def similar_ids(self, tx_id: str, limit: int = 20) -> tuple[str, ...]:
        """Ids of decided payments near to this one in alphabetical order, for a hint after a mistyped id."""
        after = "SELECT tx_id FROM decisions WHERE tx_id >= ? ORDER BY tx_id LIMIT ?"
        before = "SELECT tx_id FROM decisions WHERE tx_id < ? ORDER BY tx_id DESC LIMIT ?"
        rows = self._database.read(after, (tx_id, limit)) + self._database.read(before, (tx_id, limit))
        return tuple(str(row[0]) for row in rows)

    def alert(self, tx_id: str) -> Alert | None:
        """The alert of a payment, or None."""
        found = self.alerts((tx_id,))
        return found[0] if found else None

    def alerts(self, tx_ids: Iterable[str]) -> tuple[Alert, ...]:
        """The alerts with these ids, in order of seq; ids without alert are left out."""
        rows = (self._database.one(_ALERT, (tx_id,)) for tx_id in tx_ids)
        found = [
            Alert(payment=_payment(payment), decision=_decision(decision), reference_minor=reference_minor)
            for payment, decision, reference_minor in filter(None, rows)
        ]
        return tuple(sorted(found, key=lambda alert: alert.payment.seq))

    def _decide(self, db: sqlite3.Connection, decisions: Sequence[Decision], alerts: Sequence[Alert]) -> None:
        db.executemany(
            "INSERT INTO decisions VALUES (?, ?, ?, ?)",
            ((row.seq, row.tx_id, row.action, _encode(row)) for row in decisions),
        )
        db.executemany(
            "INSERT INTO alerts VALUES (?, ?, ?)",
            ((alert.tx_id, alert.reference_minor, _encode(alert.payment)) for alert in alerts),
        )
