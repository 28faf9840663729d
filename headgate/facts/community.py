"""Which accounts belong together: connected components and communities of the payments of one refresh.

A pure function of payments in journal order, in integers; nodes are numbered by first appearance, so that names decide
nothing. Label propagation after Raghavan, Albert and Kumara (2007), synchronous and in a fixed number of rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from headgate.limits import COMMUNITY_ROUNDS

Near: TypeAlias = "Sequence[dict[int, int]]"  # node -> neighbour -> number of payments between the two, either way


@dataclass(frozen=True, slots=True)
class Groups:
    """One division of the nodes. `of` is the label of each node; a label is the number of a node.

    size: accounts by label. inner: payments with both ends in the group. touching: payments with one end or both.
    """

    of: Sequence[int] = ()
    size: Counter[int] = field(default_factory=Counter)
    inner: Counter[int] = field(default_factory=Counter)
    touching: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Communities:
    """The accounts of one refresh by their number, with the component and the community of each."""

    number: dict[str, int]
    components: Groups
    communities: Groups


def communities_of(pairs: Iterable[tuple[str, str]]) -> Communities:
    """Divide the accounts of payments, given as (payer, payee) in journal order.

    Nodes are numbered 0, 1, ... as they appear, the payer of a payment before its payee. A component is a set of
    accounts that payments connect, in either direction; its label is its smallest number. A community is a set of
    accounts with one label after COMMUNITY_ROUNDS (4) rounds: each node begins with its own number, and in each round
    all nodes at once take the label with the greatest weight among their neighbours. A neighbour weighs as much as
    there are payments between the two, in either direction; a node's own label of the round before weighs 1 on top;
    of equal weights the smallest label wins.
    """
    number: dict[str, int] = {}
    legs = [tuple(number.setdefault(account, len(number)) for account in pair) for pair in pairs]
    near: list[dict[int, int]] = [{} for _ in number]
    for one, other in legs:
        near[one][other] = near[one].get(other, 0) + 1
        near[other][one] = near[other].get(one, 0) + 1
    labels: Sequence[int] = range(len(number))
    for _ in range(COMMUNITY_ROUNDS):
        labels = [_heaviest(node, labels, near) for node in range(len(number))]
    return Communities(number, _groups(_connected(near), legs), _groups(labels, legs))


def _heaviest(node: int, labels: Sequence[int], near: Near) -> int:
    weights = {labels[node]: 1}
    for other, payments in near[node].items():
        weights[labels[other]] = weights.get(labels[other], 0) + payments
    return min(weights, key=lambda label: (-weights[label], label))


def _connected(near: Near) -> list[int]:
    """The smallest number of each node's component."""
    labels = [-1] * len(near)
    for start in range(len(near)):
        reached = [start] if labels[start] < 0 else []
        while reached:
            node = reached.pop()
            if labels[node] < 0:
                labels[node] = start
                reached.extend(near[node])
    return labels


def _groups(labels: Sequence[int], legs: Iterable[tuple[int, ...]]) -> Groups:
    groups = Groups(labels, Counter(labels))
    for one, other in legs:
        ends = {labels[one], labels[other]}
        groups.touching.update(ends)
        if len(ends) == 1:
            groups.inner.update(ends)
    return groups
