"""Bipartite: accounts of one side that pay the same accounts of the other side.

The judged payment is the newest leg between the sides. Looks at the payees of its payer, the payers of its payee, and
what these paid, no further.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import LAYER_LOOKS, PATTERN_DEGREE, PATTERN_STEPS

Legs: TypeAlias = dict[str, Edge]  # by payee: the newest payment of one payer to each payee of the other side


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the largest k for which k payers, that of this payment included, each paid k of its payees; never 1.

    The payees are those that the payer paid, the payers those that paid the payee, by the newest payment of each
    pair; the `PATTERN_DEGREE` newest of either are looked at, the judged one first. An account on both sides counts
    on neither, and transfers between own accounts do not count. Where both sides have two accounts, the payers are
    looked at, newest first, each by its newest payments to `LAYER_LOOKS` payees, `PATTERN_STEPS` in all; the payee
    of the judged payment counts for each of them without a look. Strength is the share of pairs that paid, of
    the payers that paid k of the payees, with all of the payees.
    """
    payer, payee = last.payer, last.payee
    newest_out = view.newest_out_per_payee(payer, window_us, PATTERN_DEGREE + 1)
    if last.own or payer == payee or not newest_out:
        return NOTHING
    others = [edge for edge in newest_out if edge.payee != payee]
    paid = {e.payee: e for e in [*others[: PATTERN_DEGREE - 1], last] if not e.own and e.payee != payer}
    cut_out = len(others) >= PATTERN_DEGREE
    if len(paid) < 2:
        return Found(0, truncated=cut_out)
    to_payee = [e for e in view.newest_in_per_payer(payee, window_us, PATTERN_DEGREE + 1) if e.payer != payer]
    paying = {e.payer: e for e in to_payee[: PATTERN_DEGREE - 1] if not e.own and e.payer != payee}
    common = paid.keys() & paying.keys()
    paid = {account: edge for account, edge in paid.items() if account not in common}
    paying = {account: edge for account, edge in paying.items() if account not in common}
    truncated = cut_out or len(to_payee) >= PATTERN_DEGREE
    if len(paid) < 2 or not paying:
        return Found(0, truncated=truncated)
    sides, cut = _legs(view, window_us, paid, paying)
    return _found([paid, *sides], len(paid), truncated or cut, witness)


def _legs(view: GraphView, window_us: int, paid: Legs, paying: Mapping[str, Edge]) -> tuple[list[Legs], bool]:
    """Return what each payer paid of the payees, and whether a limit cut the search."""
    steps, cut, sides = PATTERN_STEPS, False, []
    for payer, to_payee in paying.items():
        newest = view.newest_out_per_payee(payer, window_us, LAYER_LOOKS + 1) if steps else ()
        looked_at = newest[: min(LAYER_LOOKS, steps)]
        cut = cut or not steps or len(newest) > len(looked_at)
        steps -= len(looked_at)
        legs = {edge.payee: edge for edge in looked_at if edge.payee in paid and not edge.own}
        sides.append({**legs, to_payee.payee: to_payee})
    return sides, cut


def _found(sides: list[Legs], payees: int, truncated: bool, witness: bool) -> Found:
    count = max(k for k in range(len(sides) + 1) if sum(len(legs) >= k for legs in sides) >= k)
    if count < 2:
        return Found(0, truncated=truncated)
    chosen = [legs for legs in sides if len(legs) >= count]
    payments = (edge for legs in chosen for edge in legs.values())
    return Found(
        count=count,
        strength=sum(len(legs) for legs in chosen) / (len(chosen) * payees),
        truncated=truncated,
        payments=tuple((edge, "across", 1) for edge in sorted(payments, key=lambda e: e.seq)) if witness else (),
    )


PATTERN = Pattern(
    name="bipartite",
    sentence="Accounts, the payer among them, that each paid as many or more of the payer's payees.",
    find=find,
)
