"""What is known of the two accounts themselves: age, type, country, and whether they are of one party.

Known by `account` entries up to the payment; the newest entry of an account counts as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts.keys import payee, payer
from headgate.facts.moment import Moment
from headgate.facts.spec import BOOL, FLOAT, TEXT, Behind, FactSpec
from headgate.facts.values import FactValue

_SIDES = {"payer": payer, "payee": payee}


def specs() -> Iterator[FactSpec]:
    """Yield the account facts."""
    for side in _SIDES:
        yield age_days(side)
        yield account_type(side)
    yield same_party()
    yield cross_border()


def age_days(side: str) -> FactSpec:
    """Age of the account."""
    account = _SIDES[side]
    sentence = (
        f"Days since the account of the {side} was opened: float(microseconds) / 86400000000.0; null where not known."
    )
    return FactSpec(
        f"{side}_age_days", "{payer|payee}_age_days", sentence, "days", "ever", FLOAT, None,
        lambda moment: moment.age_days(account(moment.edge)), _nothing, plan=("age_days", side),
    )  # fmt: skip


def account_type(side: str) -> FactSpec:
    """Type of the account."""
    account = _SIDES[side]
    return FactSpec(
        f"{side}_type", "{payer|payee}_type", f"Type of the account of the {side}; null where not known.",
        "text", "ever", TEXT, None,
        lambda moment: moment.account_type(account(moment.edge)), _nothing, plan=("account_type", side),
    )  # fmt: skip


def same_party() -> FactSpec:
    """Own-account transfer."""
    return FactSpec(
        "same_party", "same_party", "Whether both accounts are known to have a holder in common.",
        "yes or no", "ever", BOOL, None, lambda moment: moment.edge.own, _judged, plan=("same_party",),
    )  # fmt: skip


def cross_border() -> FactSpec:
    """Countries of the accounts."""

    def value(moment: Moment) -> FactValue:
        here, there = moment.country(moment.edge.payer), moment.country(moment.edge.payee)
        return None if here is None or there is None else here != there

    return FactSpec(
        "cross_border", "cross_border",
        "Whether the two accounts are in different countries; null where one country is not known.",
        "yes or no", "ever", BOOL, None, value, _judged, plan=("cross_border",),
    )  # fmt: skip


def _nothing(moment: Moment) -> Behind:
    return Behind()


def _judged(moment: Moment) -> Behind:
    return Behind([(moment.edge, "judged", 0)])
