"""Whose payments a fact is about: the payer's, the payee's, or those between the two.

Each key has the words that sentences use and the store in which its payments stand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from headgate.facts.view import Edge


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """One choice of payments. of: the key in `store` for the payment judged. words: after "payments that"."""

    name: str
    form: str
    store: str
    of: Callable[[Edge], Hashable]
    words: str
    others: str = ""

    def role(self, edge: Edge, judged: Edge) -> str:
        """Return what the payment was for the account the fact is about: `sent` or `received`."""
        if self.store == "any":
            return "sent" if edge.payer == self.of(judged) else "received"
        return "received" if self.store.endswith("received") else "sent"


def payer(edge: Edge) -> str:
    """The account that pays."""
    return edge.payer


def payee(edge: Edge) -> str:
    """The account that is paid."""
    return edge.payee


def pair(edge: Edge) -> tuple[str, str]:
    """The two accounts in the direction of the payment."""
    return (edge.payer, edge.payee)


def reverse_pair(edge: Edge) -> tuple[str, str]:
    """The two accounts against the direction of the payment."""
    return (edge.payee, edge.payer)


_SIDES = "{payer|payee}"
_FORM = "{payer|payee}_{sent|received|any}"

PAYER_SENT = Key("payer_sent", _FORM, "sent", payer, "the payer sent", "payees")
PAYER_RECEIVED = Key("payer_received", _FORM, "received", payer, "the payer received", "payers")
PAYER_ANY = Key("payer_any", _FORM, "any", payer, "the payer sent or received", "counterparties")
PAYEE_SENT = Key("payee_sent", _FORM, "sent", payee, "the payee sent", "payees")
PAYEE_RECEIVED = Key("payee_received", _FORM, "received", payee, "the payee received", "payers")
PAYEE_ANY = Key("payee_any", _FORM, "any", payee, "the payee sent or received", "counterparties")
PAIR_SENT = Key("pair_sent", "{pair|reverse_pair}_sent", "pair", pair, "this payer sent to this payee")
REVERSE_PAIR_SENT = Key(
    "reverse_pair_sent", "{pair|reverse_pair}_sent", "pair", reverse_pair, "this payee sent to this payer"
)

DIRECTED = (PAYER_SENT, PAYER_RECEIVED, PAYEE_SENT, PAYEE_RECEIVED)
ACCOUNTS = (PAYER_SENT, PAYER_RECEIVED, PAYER_ANY, PAYEE_SENT, PAYEE_RECEIVED, PAYEE_ANY)
PAIRS = (PAIR_SENT, REVERSE_PAIR_SENT)

PAYER_RETURNED_SENT = Key("payer_returned_sent", _SIDES, "returned_sent", payer, "the payer got back")
PAYER_RETURNED_RECEIVED = Key("payer_returned_received", _SIDES, "returned_received", payer, "the payer gave back")
PAYEE_RETURNED_SENT = Key("payee_returned_sent", _SIDES, "returned_sent", payee, "the payee got back")
PAYEE_RETURNED_RECEIVED = Key("payee_returned_received", _SIDES, "returned_received", payee, "the payee gave back")

PAYER_DECLINED = Key("payer_declined", _SIDES, "declined_sent", payer, "the payer tried to send and were declined")
PAYEE_DECLINED = Key(
    "payee_declined", _SIDES, "declined_received", payee, "others tried to send to the payee and were declined"
)
