"""Decisions and alerts as tables. An alert keeps its decision, so that cases never wait for the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from headgate.cases.case import Alert
from headgate.decisions.record import Decision
from headgate.journal.entries import Payment
from headgate.stores.database import Work
from headgate.stores.tables_archive import ArchiveTables
from headgate.stores.tables_journal import pages

_encode = msgspec.msgpack.Encoder().encode
_decision = msgspec.msgpack.Decoder(Decision).decode
_payment = msgspec.msgpack.Decoder(Payment).decode
Value = TypeVar("Value")
_ALERT = "SELECT payment, decision, reference_minor FROM alerts WHERE tx_id = ?"


class Copy(NamedTuple):
    """One copy of a decision that a store has: where, and the record, None where it cannot be read.

    action: what stands in the column beside the record, None where there is none. beside_alert: whether it has a copy
    of the payment beside it, `payment`, None where that cannot be read.
    """

    where: str
    decision: Decision | None
    action: str | None = None
    beside_alert: bool = False
    payment: Payment | None = None


class DecisionTables(ArchiveTables):
    """See `stores.store.Decisions`."""

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment, from the tail or from the archive, or None."""
        row = self._database.one("SELECT content FROM decisions WHERE tx_id = ?", (tx_id,)) or self._database.one(
            "SELECT decision FROM alerts WHERE tx_id = ?", (tx_id,)
        )
        if row is not None:
            return _decision(row[0])
        seq = self.archived_seq("payment", tx_id)
        return None if seq is None else self.archive.decision(self.part_of(seq), seq)

    def decision_copies(self, tx_id: str) -> tuple[Copy, ...]:
        """Every copy of the decision on a payment: of the tail or the archive, and beside an alert."""
        found = []
        row = self._database.one("SELECT content, action FROM decisions WHERE tx_id = ?", (tx_id,))
        if row is not None:
            found.append(Copy("table decisions", _read(_decision, row[0]), row[1]))
        elif (seq := self.archived_seq("payment", tx_id)) is not None:
            part = self.part_of(seq)
            archived = self.archive.decision(part, seq)
            found += [] if archived is None else [Copy(f"archive decisions/{part.name}.parquet", archived)]
        row = self._database.one(_ALERT, (tx_id,))
        if row is not None:
            decision, payment = _read(_decision, row[1]), _read(_payment, row[0])
            found.append(Copy("table alerts", decision, beside_alert=True, payment=payment))
        return tuple(found)

    def decisions(self, from_seq: int = 0, limit: int | None = None) -> Iterator[Decision]:
        """Yield decisions on payments of the tail with seq >= from_seq, in order."""
        for content in pages(self._database, "decisions", from_seq, limit):
            yield _decision(content)

    def similar_ids(self, tx_id: str, limit: int = 20) -> tuple[str, ...]:
        """Ids of payments near to this one in alphabetical order, for a hint after a mistyped id."""
        after = sorted(self._near(tx_id, ">=", "", limit))[:limit]
        before = sorted(self._near(tx_id, "<", "DESC", limit), reverse=True)[:limit]
        return (*after, *before)

    def _near(self, tx_id: str, relation: str, order: str, limit: int) -> Iterator[str]:
        """Ids on one side of this one: of the tail's decisions, and of archived payments."""
        for table, name in (("decisions", "tx_id"), ("archived", "id")):
            of_payments = "kind = 'payment' AND" if table == "archived" else ""
            sql = f"SELECT {name} FROM {table} WHERE {of_payments} {name} {relation} ? ORDER BY {name} {order} LIMIT ?"
            yield from (str(row[0]) for row in self._database.read(sql, (tx_id, limit)))

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

    def _decide(self, db: Work, decisions: Sequence[Decision], alerts: Sequence[Alert]) -> None:
        db.append("decisions", ((row.seq, row.tx_id, row.action, _encode(row)) for row in decisions))
        db.append("alerts", map(_alert_row, alerts))


def _read(decode: Callable[[bytes], Value], content: bytes) -> Value | None:
    """A value that may have been damaged, None where it cannot be read."""
    try:
        return decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _alert_row(alert: Alert) -> tuple[object, ...]:
    return alert.tx_id, alert.reference_minor, _encode(alert.payment), _encode(alert.decision)
