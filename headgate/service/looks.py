"""Looks of people at accounts, names and drafts: logged before anything is shown, with who, for what, in which case.

A payment system that reads its own decisions by key is no person, and shows them to nobody; it is not logged. Lists of
cases and of payments that wait show no account, so reading them is no look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Final

from starlette.requests import Request

from headgate.cases.case import Alert
from headgate.decisions.record import Decision
from headgate.drivers.book import Say
from headgate.drivers.said import account_read
from headgate.journal.entries import Payment
from headgate.service.commands.note import Note
from headgate.service.guard import caller_of
from headgate.service.parts import parts_of

INVESTIGATION: Final = "investigation"
_PURPOSES: Final = {"auditor": "audit", "dpo": "data-protection", "engineer": "maintenance"}


def look(request: Request, accounts: Iterable[str], case: str = "", also: Iterable[Say] = ()) -> None:
    """Wait until it is logged that whoever asks looks at these accounts. Raises UnavailableError: then show nothing.

    also: what is logged with it.
    """
    caller = caller_of(request)
    if caller.role != "gateway":
        purpose = _PURPOSES.get(caller.role, INVESTIGATION)
        record(request, (*account_read(caller.name, purpose, case, accounts), *also))


def record(request: Request, says: Iterable[Say]) -> None:
    """Wait until these are logged. Raises UnavailableError."""
    noted: Future[None] = parts_of(request).writer.tell(Note(says))
    noted.result()


def accounts_of(decision: Decision, payment: Callable[[str], Payment | None]) -> Iterator[str]:
    """Yield every account that the answer about a decision shows. payment: looks one up, once it is known who asks."""
    found = payment(decision.tx_id)
    if found is not None:
        yield from (found.payer, found.payee)
    for witness in decision.evidence:
        for each in witness.payments:
            yield from (each.payer, each.payee)


def accounts_of_alerts(alerts: Iterable[Alert]) -> Iterator[str]:
    """Yield every account that a page about alerts shows."""
    for alert in alerts:
        yield from accounts_of(alert.decision, lambda tx_id, alert=alert: alert.payment)  # type: ignore[misc]
