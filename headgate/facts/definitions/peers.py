"""How the amount compares with what accounts of the same type do: the peer group of an account is its account type.

The group is the type that the newest `account` entry named when a payment was seen; an account of unknown type is in
no group, and its payments count in none. n and S are those of all payments that accounts of the group sent (or
received) in the 28 closed UTC days before the payment's own day; declined payments are not counted. n*x and S are exact
integers of up to 128 bits, each converted once. There is no payment to show, but the one judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts import arithmetic
from headgate.facts.days import Days
from headgate.facts.keys import PAYEE_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, Behind, FactSpec
from headgate.facts.values import FactValue
from headgate.limits import PEER_DAYS, US_PER_DAY


def specs() -> Iterator[FactSpec]:
    """Yield the comparisons with peers."""
    yield amount_ratio("payer", PAYER_SENT)
    yield amount_ratio("payee", PAYEE_RECEIVED)


def amount_ratio(side: str, key: Key) -> FactSpec:
    """The amount as a multiple of the mean of the peer group."""
    store = f"peers_{key.store}"

    def value(moment: Moment) -> FactValue:
        days: Days = moment.memory(store)
        group = moment.account_type(moment.edge.payer if side == "payer" else moment.edge.payee)
        closed = days.closed(group, moment.clock_us, PEER_DAYS)
        return arithmetic.ratio(closed.n * moment.edge.amount, closed.total)

    sentence = (
        f"This amount divided by the mean of what all accounts of the {side}'s type {key.store} in the {PEER_DAYS} "
        "closed days before: float(n*x) / float(S); null where the type is not known or S is 0."
    )
    return FactSpec(
        f"{side}_peer_amount_ratio_{PEER_DAYS}d", f"{{payer|payee}}_peer_amount_ratio_{PEER_DAYS}d", sentence,
        "ratio", "profile", FLOAT, PEER_DAYS * US_PER_DAY,
        value, lambda moment: Behind([(moment.edge, "judged", 0)]), frozenset({store}),
        plan=("peer_amount_ratio", side, PEER_DAYS),
    )  # fmt: skip
