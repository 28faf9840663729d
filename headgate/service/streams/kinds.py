"""What the messages of a topic are: how they are read, what the writer is asked, and what is told about the answer.

Adding a kind of message is adding a line to KINDS. Messages are those of the HTTP API; there is one schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple

import msgspec

from headgate.connectors.stream import Out, Taken
from headgate.service.answers import DecisionOut
from headgate.service.commands.accounts import Accounts
from headgate.service.commands.sessions import Sessions
from headgate.service.commands.statuses import Statuses
from headgate.service.inside import Deciding
from headgate.service.intake import Intake
from headgate.stores.store import Store

Read = Callable[[Intake, bytes], tuple[bool, list[Any]]]
Ask = Callable[[Deciding, list[Any]], Future[list[Any]]]
Tell = Callable[[Store, Iterable[Any]], list[Out]]
_encode = msgspec.json.Encoder().encode


class Kind(NamedTuple):
    """One kind of message. tell: what is published about the answers."""

    read: Read
    ask: Ask
    tell: Tell


def _decisions(store: Store, answers: Iterable[Any]) -> list[Out]:
    told = (DecisionOut.of(answer.decision, store) for answer in answers)
    return [Out("decisions", each.tx_id, _encode(each)) for each in told]


def _nothing(store: Store, answers: Iterable[Any]) -> list[Out]:
    return []


# In the order in which the messages of one batch are taken: what is told about a payment comes after it.
KINDS: Final[dict[Taken, Kind]] = {
    "accounts": Kind(Intake.accounts, lambda writer, given: writer.tell(Accounts(given)), _nothing),
    "sessions": Kind(Intake.sessions, lambda writer, given: writer.tell(Sessions(given)), _nothing),
    "payments": Kind(Intake.payments, Deciding.decide, _decisions),
    "statuses": Kind(Intake.statuses, lambda writer, given: writer.tell(Statuses(given)), _nothing),
    "outcomes": Kind(Intake.outcomes, Deciding.learn, _nothing),
}
