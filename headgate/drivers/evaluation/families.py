"""Families of facts, for taking one away at a time: which family a column of the full model belongs to.

A family is a file of the fact definitions; the volumes of pairs stand apart from those of accounts, because what two
accounts did together is another kind of knowledge than what each did.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.drivers.evaluation.learners import POINTS
from headgate.errors import UnknownFactError
from headgate.facts.grammar import parse
from headgate.facts.past_scores import NAMES

WORDS = {
    "attributes": "what the payment itself says",
    "accounts": "age, type and party of the accounts",
    "volume": "how much and with how many others each account pays",
    "pairs": "what payer and payee paid each other before",
    "deviation": "deviation from the account's own past",
    "flow": "what came in against what goes out",
    "feedback": "declines, sessions and outcomes that became known",
    "patterns": "patterns that the payment completes",
    "neighbourhood": "what the counterparties did",
    "communities": "who belongs together",
    "peers": "comparison with accounts of the same kind",
    "profile": "what was usual over months",
    "chains": "where the payment stands in a chain that hands a sum on",
    "forwarding": "what became of money that came in",
    "habits": "whether amount, hour and pace are usual for the accounts",
    "walk": "what lies two hops around the accounts, along the money",
    "ways": "whether channel and rail are usual for the accounts",
    "rhythm": "since when and how regularly the accounts and the pair pay",
    "frauds": "frauds of the year before, of the accounts and those around them, and how long a run of them goes on",
    "ever": "what is known since the account was first seen",
    "scenarios": "points of the scenarios that fired",
    "past scores": "what was said of the accounts' earlier payments",
    "other": "other columns",
}
_PAIR = ("pair_", "reverse_pair_")


def family_of(name: str) -> str:
    """Return the family of a column."""
    if name == POINTS:
        return "scenarios"
    if name in NAMES:
        return "past scores"
    try:
        spec = parse(name)
    except UnknownFactError:
        return "other"
    home = spec.value.__module__.rpartition(".")[2]
    return "pairs" if home == "volume" and name.startswith(_PAIR) else home


def families(columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the columns by family, in the order in which families first appear."""
    found: dict[str, list[str]] = {}
    for name in columns:
        found.setdefault(family_of(name), []).append(name)
    return {name: tuple(members) for name, members in found.items()}


def reads_outcomes(name: str) -> bool:
    """Whether a fact depends on what became known of payments."""
    try:
        return any(store.startswith(("outcomes", "frauds")) for store in parse(name).reads)
    except UnknownFactError:
        return False
