"""Who belongs together by the payments of a week: components, communities and how closed these are.

As of the newest refresh that is at least a day old: refresh k looks at the payments, declined ones left out, with a
clock in (kR - w, kR], R = 24 h and w = 7 days, and is valid in [(k+1)R, (k+2)R). What a component and a community are,
and how they are numbered, says `community.py`. An account without a payment in that window is in no group: its sizes
are 0, as all sizes are before there was anything to look at. The evidence of an account's groups is what it sent and
received in the window of the refresh.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts import arithmetic
from headgate.facts.community import Communities, Groups
from headgate.facts.keys import payee, payer
from headgate.facts.moment import Moment
from headgate.facts.refreshes import Refreshes
from headgate.facts.spec import BOOL, FLOAT, INT, Behind, FactSpec
from headgate.facts.values import FactValue
from headgate.limits import COMMUNITY_WINDOW_US

STORE = "community"
_READS = frozenset({STORE})
_SIDES = {"payer": payer, "payee": payee}
_AS_OF = "by the payments of 7 days, as of the newest UTC midnight that is at least 24 hours old"
_WORDS = {
    "component": "accounts that payments connect with the account of the {}",
    "community": "accounts in the community of the {}, found by label propagation",
}


def specs() -> Iterator[FactSpec]:
    """Yield the facts about communities."""
    for group in _WORDS:
        yield from (size(side, group) for side in _SIDES)
        yield same(group)
    yield from (inner_ratio(side) for side in _SIDES)


def size(side: str, group: str) -> FactSpec:
    """Number of accounts in a group, the account itself included."""

    def value(moment: Moment) -> FactValue:
        found = _found(moment)
        label = _label(found, group, _SIDES[side](moment.edge))
        return 0 if label is None else _groups(found, group).size[label]

    sentence = f"Number of {_WORDS[group].format(side)}, itself included, {_AS_OF}; 0 where it had no payment in them."
    return FactSpec(
        f"{side}_{group}_size", f"{{payer|payee}}_{group}_size", sentence,
        "accounts", "window", INT, COMMUNITY_WINDOW_US,
        value, lambda moment: _behind(moment, side), _READS, plan=(f"{group}_size", side),
    )  # fmt: skip


def same(group: str) -> FactSpec:
    """Whether both accounts are in one group."""

    def value(moment: Moment) -> FactValue:
        found = _found(moment)
        one, other = (_label(found, group, of(moment.edge)) for of in _SIDES.values())
        return one is not None and one == other

    sentence = f"Whether the two accounts are in one {group}, {_AS_OF}; no where one of them had no payment in them."
    return FactSpec(
        f"same_{group}", f"same_{group}", sentence, "yes or no", "window", BOOL, COMMUNITY_WINDOW_US,
        value, lambda moment: Behind([(moment.edge, "judged", 0)]), _READS, plan=(f"same_{group}",),
    )  # fmt: skip


def inner_ratio(side: str) -> FactSpec:
    """How closed a community is."""

    def value(moment: Moment) -> FactValue:
        found = _found(moment)
        label = _label(found, "community", _SIDES[side](moment.edge))
        groups = found.communities
        return None if label is None else arithmetic.ratio(groups.inner[label], groups.touching[label])

    sentence = (
        f"Of the payments that touch the community of the {side}, the share with both ends in it, {_AS_OF}: "
        "float(inner) / float(touching); null where the account had no payment in them."
    )
    return FactSpec(
        f"{side}_community_inner_ratio", "{payer|payee}_community_inner_ratio", sentence,
        "ratio", "window", FLOAT, COMMUNITY_WINDOW_US,
        value, lambda moment: _behind(moment, side), _READS, plan=("community_inner_ratio", side),
    )  # fmt: skip


def _found(moment: Moment) -> Communities:
    refreshes: Refreshes = moment.memory(STORE)
    return refreshes.current()


def _groups(found: Communities, group: str) -> Groups:
    return found.components if group == "component" else found.communities


def _label(found: Communities, group: str, account: str) -> int | None:
    number = found.number.get(account)
    return None if number is None else _groups(found, group).of[number]


def _behind(moment: Moment, side: str) -> Behind:
    refreshes: Refreshes = moment.memory(STORE)
    account = _SIDES[side](moment.edge)
    edges = [edge for edge in refreshes.edges() if account in (edge.payer, edge.payee)]
    return Behind([(edge, "sent" if edge.payer == account else "received", 0) for edge in edges])
