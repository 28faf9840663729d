"""Conditions over the facts of one payment, written down once for the kernel, which asks them where the facts lie.

Trees enter; what tells which of them are true leaves. A fact that is absent, None or NaN is unknown. What a tree means
is said in `tree.py`; here it is only written as the kernel reads it. Hot code: a payment costs one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from headgate.facts.values import FactValue
from headgate.kernel import Conditions
from headgate.scenarios.tree import (
    Among,
    Arithmetic,
    AsNumber,
    Compare,
    Constant,
    Every,
    Fact,
    Holds,
    IsNull,
    Node,
    Not,
    Some,
    Statement,
)

Facts = Mapping[str, FactValue]


def asked_of(statements: Sequence[Statement]) -> Callable[[Facts], tuple[int, ...]]:
    """Return the function that gives the numbers of the statements that are true, in their order.

    It raises TypeError for a fact that is of another type than a statement reads.
    """
    places: dict[str, int] = {}
    written = [_written(statement, places) for statement in statements]
    return Conditions(list(places), written).true_of


def _written(node: Node, places: dict[str, int]) -> tuple[object, ...]:
    """Return a node as the kernel reads it: the word for it, and what is in it. places: of the facts, as they come."""
    match node:
        case Fact(name, type):
            return "fact", places.setdefault(name, len(places)), type
        case Constant(value):
            return "constant", value
        case AsNumber(of):
            return "as_number", _written(of, places)
        case Arithmetic(op, left, right):
            return "arithmetic", op, _written(left, places), _written(right, places)
        case Compare(op, left, right):
            return "compare", op, _written(left, places), _written(right, places)
        case Among(value, constants):
            return "among", _written(value, places), *(_written(each, places) for each in constants)
        case IsNull(value):
            return "is_null", _written(value, places)
        case Holds(value):
            return "holds", _written(value, places)
        case Not(part):
            return "not", _written(part, places)
        case Every(parts):
            return "every", *(_written(part, places) for part in parts)
        case Some(parts):
            return "some", *(_written(part, places) for part in parts)
