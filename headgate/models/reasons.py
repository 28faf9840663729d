"""Why a payment scored high: what its facts added, as a few sentences with values that a person can check.

A model, the facts of one payment and the words of the grammar enter; at most five sentences leave, each about a fact
that raised the score. A fact that lowered it gives no reason, and no sentence is about a person.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from headgate.errors import UnknownFactError
from headgate.facts import grammar
from headgate.facts.past_scores import named
from headgate.facts.values import FactValue
from headgate.journal.currency import MINOR_DIGITS
from headgate.limits import MAX_REASONS
from headgate.models.encoding import FactColumn
from headgate.models.model import Model
from headgate.models.usual import own_usual, usual_of

MONEY_UNIT = "reference minor units"
_WINDOW = re.compile(r"_\d+[hd](?=_|$)|_(?:strength|truncated)$")


class Words(NamedTuple):
    """What the grammar says of a fact: its sentence up to the formula, and its unit."""

    sentence: str
    unit: str


class Reason(NamedTuple):
    """One reason: the fact that speaks for its family, what the family added to the margin, the sentence."""

    fact: str
    added: float
    sentence: str


class Explained(NamedTuple):
    """The reasons that stood the check, strongest first; how many were checked, and how many of them failed."""

    reasons: tuple[Reason, ...]
    checked: int
    failed: int


def reasons(model: Model, facts: Mapping[str, FactValue], *, most: int = MAX_REASONS) -> tuple[Reason, ...]:
    """Return the reasons of `explain`."""
    return explain(model, facts, most=most).reasons


def explain(model: Model, facts: Mapping[str, FactValue], *, most: int = MAX_REASONS) -> Explained:
    """Return the families of facts that raised the margin of one payment, the strongest first.

    A family is a fact over all its windows, so that five sentences say five different things; the member that added
    most speaks for it. A reason is told only where the score falls when its family is turned back to what is usual:
    a contribution that does not stand this check explains the trees, not the payment. Costs as much as some fifty
    scores, so it is for payments that a person reads.
    """
    families: dict[str, list[tuple[float, int, FactColumn]]] = {}
    added = model.contributions(facts)
    for place, column in enumerate(model.document.columns):
        families.setdefault(family(column.name), []).append((added[column.name], -place, column))
    totals = [(sum(member[0] for member in members), max(members), members) for members in families.values()]
    raised = sorted((each for each in totals if each[0] > 0), key=_strongest)
    currency = model.document.provenance.reference_currency
    margin, stood, checked = model.margin_one(facts), list[Reason](), 0
    for total, (_, _, column), members in raised:
        if len(stood) == most:
            break
        checked += 1
        if model.margin_one({**facts} | {each.name: usual_of(each, facts) for _, _, each in members}) < margin:
            own = own_usual(column.name, facts)
            stood.append(Reason(column.name, total, sentence(column, facts[column.name], currency, own)))
    return Explained(tuple(stood), checked, checked - len(stood))


_Member = tuple[float, int, FactColumn]


def _strongest(family_: tuple[float, _Member, list[_Member]]) -> tuple[float, int]:
    total, (_, place, _), _ = family_
    return -total, -place


@lru_cache(maxsize=4096)
def family(name: str) -> str:
    """Return the name of a fact without its windows: `payer_sent_sum_24h` and `payer_sent_sum_7d` are one family."""
    return _WINDOW.sub("", _WINDOW.sub("", name))


def sentence(column: FactColumn, value: FactValue, currency: str, own: float | None = None) -> str:
    """Return what the fact is, its value, and what is usual: `own` for this account, and in the training period."""
    words = words_of(column.name)
    here = "not known" if column.usual is None else shown(column.usual, words.unit, currency)
    account = "" if own is None else f"usual for this account: {shown(own, words.unit, currency)}; "
    return f"{words.sentence}: {shown(value, words.unit, currency)} ({account}usual here: {here})."


@lru_cache(maxsize=4096)
def words_of(name: str) -> Words:
    """Return the words of a fact; a column that the grammar does not know is named as it is."""
    try:
        spec = grammar.parse(name)
    except UnknownFactError:
        past = next((each for each in named() if each.name == name), None)
        return Words(name, "") if past is None else Words(past.sentence.partition(",")[0], past.unit)
    head = re.split(r"[:;]", spec.sentence, maxsplit=1)[0].strip().rstrip(".")
    return Words(re.sub("^Seconds since", "Time since", head), spec.unit)


def shown(value: FactValue, unit: str, currency: str) -> str:
    """Return a value with its unit, as a person writes it."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return repr(value) if not value else value
    if unit == MONEY_UNIT:
        return money(value, currency)
    if unit == "seconds":
        return duration(value)
    if unit == "day" and value in range(len(_WEEKDAYS)):
        return _WEEKDAYS[int(value)]
    if unit == "hour":
        return f"{value:02.0f}:00"
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{number} {_counted(unit, value)}".rstrip()


def _counted(unit: str, value: float) -> str:
    """The unit in words: a ratio and a bare count have none, one payment is no plural."""
    if unit in ("", "ratio", "count", "yes or no", "text"):
        return ""
    return unit[:-1] if value == 1 and unit.endswith("s") else unit


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def money(minor: float, currency: str) -> str:
    """Return an amount of minor units in major units, for instance `EUR 1,234.50`."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{currency} {Decimal(round(minor)).scaleb(-digits):,.{digits}f}"


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units, for instance `3 hours 5 minutes`."""
    left = round(seconds)
    parts = []
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}" + ("s" if count != 1 else ""))
    return " ".join(parts[:2]) or "0 seconds"
