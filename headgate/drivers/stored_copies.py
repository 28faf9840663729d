"""Every copy of a decision in the store, compared: with what was decided again, what was logged, and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.three_sides import NOT_LOGGED, NOT_THERE, NOTHING, Difference, Logged, differences
from headgate.journal.entries import Payment
from headgate.stores.tables_decisions import Copy


def in_copies(
    copies: Sequence[Copy], again: Decision | None, logged: Logged | None, payment: Payment | None
) -> Iterator[Difference]:
    """Yield what differs in any copy. again: decided again; payment: as the journal has it; None where it is not."""
    if all(each.beside_alert for each in copies):
        yield _whole("table decisions", NOTHING, again, logged)
    for copy in copies:
        if copy.decision is None:
            yield _whole(copy.where, "cannot be read: the row was changed or damaged", again, logged)
        else:
            yield from differences(again, copy.decision, logged, copy.where)
        right = again or (logged and logged.entry) or copy.decision
        if copy.action is not None and right is not None and copy.action != right.action:
            yield _action(copy, again, logged)
        if copy.beside_alert and payment is not None:
            yield from _payment(payment, copy)


def _whole(where: str, stored: str, again: Decision | None, logged: Logged | None) -> Difference:
    """A record that is gone or cannot be read; of the others, the action."""
    return Difference(
        name="record",
        recomputed=again.action if again else NOT_THERE,
        stored=stored,
        logged=logged.entry.action if logged else NOT_LOGGED,
        where=where,
    )


def _action(copy: Copy, again: Decision | None, logged: Logged | None) -> Difference:
    return Difference(
        name="action",
        recomputed=again.action if again else NOT_THERE,
        stored=str(copy.action),
        logged=logged.entry.action if logged else NOT_LOGGED,
        where=f"{copy.where}, column action",
    )


def _payment(payment: Payment, copy: Copy) -> Iterator[Difference]:
    """Where the copy of the payment beside an alert is not the one in the journal."""
    journal = msgspec.to_builtins(payment)
    beside = dict.fromkeys(journal, "cannot be read") if copy.payment is None else msgspec.to_builtins(copy.payment)
    for name, value in journal.items():
        if beside.get(name) != value:
            yield Difference(
                name=f"payment.{name}",
                recomputed=f"{value} (the journal)",
                stored=str(beside.get(name)),
                logged="not shown by the log",
                where=copy.where,
            )
