"""Looks of people at accounts: logged before anything is shown, with who, for which purpose and in which case.

A payment system that reads its own decisions by key is no person, and shows them to nobody; it is not logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Final

from starlette.requests import Request

from headgate.cases.case import Alert
from headgate.decisions.record import Decision
from headgate.drivers.said import Pen
from headgate.journal.entries import Entry, Payment
from headgate.ledger import kinds
from headgate.service.commands.stage import Stage
from headgate.service.guard import caller_of
from headgate.service.parts import parts_of

INVESTIGATION: Final = "investigation"
_PURPOSES: Final = {"auditor": "audit", "dpo": "data-protection", "engineer": "maintenance"}


class Look:
    """Have it logged that a person looks at accounts; answered when it is on disk. Nothing else changes."""

    def __init__(self, person: str, purpose: str, case: str, accounts: Iterable[str]) -> None:
        self.person, self.purpose, self.case = person, purpose, case
        self.accounts = tuple(dict.fromkeys(accounts))

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Nothing can be wrong with it."""

    def fold(self, stage: Stage) -> None:
        """Say it with this group."""
        for account in self.accounts:
            stage.say(partial(self._entry, account))

    def _entry(self, account: str, pen: Pen) -> kinds.AccountRead:
        return kinds.AccountRead(
            at_us=pen.at_us,
            person=self.person,
            purpose=self.purpose,
            case=self.case,
            account=pen.commit(account, account.encode()),
        )


def look(request: Request, accounts: Iterable[str], case: str = "") -> None:
    """Wait until it is logged that whoever asks looks at these accounts. Raises UnavailableError: then show nothing."""
    caller = caller_of(request)
    if caller.role != "gateway":
        asked: Future[None] = parts_of(request).writer.tell(
            Look(caller.name, _PURPOSES.get(caller.role, INVESTIGATION), case, accounts)
        )
        asked.result()


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
