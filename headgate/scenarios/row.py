"""A condition over the facts of one payment, as nested closures made once.

Facts enter by name; a fact that is absent, None or NaN is unknown. Each statement becomes two closures, "is true" and
"is false", so that three-valued logic costs two-valued tests. Hot code: no attribute is looked up by string here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from headgate.facts.values import FactValue
from headgate.scenarios.tree import (
    OPPOSITE,
    Among,
    Arithmetic,
    AsNumber,
    Compare,
    CompareOp,
    Constant,
    Every,
    Fact,
    Holds,
    IsNull,
    Not,
    Some,
    Statement,
    Value,
)

Facts = Mapping[str, FactValue]
Test = Callable[[Facts], bool]
Read = Callable[[Facts], FactValue]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def closure_of(statement: Statement, truth: bool) -> Test:
    """Return the closure that tells whether the statement is true (or, with truth=False, is false)."""
    match statement:
        case Some((IsNull(Fact(name, "text")), part)) if truth and _of_text(part) == name:
            return _unknown_or(name, part)
        case Every(parts) | Some(parts):
            tests = tuple(closure_of(part, truth) for part in parts)
            return _all(tests) if isinstance(statement, Every) is truth else _any(tests)
        case Not(part):
            return closure_of(part, not truth)
        case Compare(op, left, right):
            return _compare(op if truth else OPPOSITE[op], left, right)
        case Among(Fact(name, "text"), constants):
            return _text_among(name, frozenset(each.value for each in constants), truth)
        case Among(value, constants):
            return _among(read_of(value), frozenset(each.value for each in constants), truth)
        case IsNull(value):
            return _is_null(read_of(value), truth)
        case Holds(value):
            return _holds(read_of(value), truth)


def read_of(value: Value) -> Read:
    """Return the closure that gives a value: an int, float, str or bool, or None where it is unknown."""
    match value:
        case Fact(name, type):
            return _number_fact(name) if type == "number" else _fact(name)
        case Constant(constant):
            return lambda facts: constant
        case AsNumber(of):
            return _as_number(read_of(of))
        case Arithmetic(op, left, right):
            return _ARITHMETIC[op](read_of(left), read_of(right))


def _all(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 2:  # most are of two or three, and a loop costs more than they do
        first, second = tests
        return lambda facts: first(facts) and second(facts)
    if len(tests) == 3:
        one, two, three = tests
        return lambda facts: one(facts) and two(facts) and three(facts)

    def every(facts: Facts) -> bool:
        for test in tests:
            if not test(facts):
                return False
        return True

    return every


def _any(tests: tuple[Test, ...]) -> Test:
    def some(facts: Facts) -> bool:
        for test in tests:
            if test(facts):
                return True
        return False

    return some


def _compare(op: CompareOp, left: Value, right: Value) -> Test:
    if isinstance(left, Fact) and isinstance(right, Constant) and op in _AGAINST:
        return _AGAINST[op](left.name, right.value)
    compare, first, second = _OPERATORS[op], read_of(left), read_of(right)

    def compares(facts: Facts) -> bool:
        one, two = first(facts), second(facts)
        return one is not None and two is not None and compare(one, two)

    return compares


# The usual statement, a fact against a constant. NaN compares as false by itself, except for <>, which is not here.


def _above(name: str, constant: FactValue) -> Test:
    def above(facts: Facts) -> bool:
        value = facts.get(name)
        return value is not None and value > constant  # type: ignore[operator]

    return above


def _at_least(name: str, constant: FactValue) -> Test:
    def at_least(facts: Facts) -> bool:
        value = facts.get(name)
        return value is not None and value >= constant  # type: ignore[operator]

    return at_least


def _below(name: str, constant: FactValue) -> Test:
    def below(facts: Facts) -> bool:
        value = facts.get(name)
        return value is not None and value < constant  # type: ignore[operator]

    return below


def _at_most(name: str, constant: FactValue) -> Test:
    def at_most(facts: Facts) -> bool:
        value = facts.get(name)
        return value is not None and value <= constant  # type: ignore[operator]

    return at_most


def _equal(name: str, constant: FactValue) -> Test:
    return lambda facts: facts.get(name) == constant


_AGAINST: dict[str, Callable[[str, FactValue], Test]] = {
    ">": _above,
    ">=": _at_least,
    "<": _below,
    "<=": _at_most,
    "=": _equal,
}


def _among(read: Read, constants: frozenset[FactValue], truth: bool) -> Test:
    def among(facts: Facts) -> bool:
        value = read(facts)
        return value is not None and (value in constants) is truth

    return among


def _text_among(name: str, constants: frozenset[FactValue], truth: bool) -> Test:
    if truth:
        return lambda facts: facts.get(name) in constants
    known = constants | {None}
    return lambda facts: facts.get(name) not in known


def _of_text(part: Statement) -> str:
    """The text fact that the part asks to be among constants, or not among them; empty for anything else."""
    inner = part.part if isinstance(part, Not) else part
    return inner.value.name if isinstance(inner, Among) and isinstance(inner.value, Fact) else ""


def _unknown_or(name: str, part: Statement) -> Test:
    """Not known, or (not) among constants: how a scenario names the rails and types that it applies to."""
    among = part.part if isinstance(part, Not) else part
    assert isinstance(among, Among)
    constants = frozenset(each.value for each in among.constants)
    if isinstance(part, Not):
        return lambda facts: facts.get(name) not in constants
    allowed = constants | {None}
    return lambda facts: facts.get(name) in allowed


def _is_null(read: Read, truth: bool) -> Test:
    return lambda facts: (read(facts) is None) is truth


def _holds(read: Read, truth: bool) -> Test:
    return lambda facts: read(facts) is truth


def _fact(name: str) -> Read:
    return lambda facts: facts.get(name)


def _number_fact(name: str) -> Read:
    def number(facts: Facts) -> FactValue:
        value = facts.get(name)
        return value if value == value else None

    return number


def _as_number(read: Read) -> Read:
    def as_number(facts: Facts) -> FactValue:
        value = read(facts)
        return None if value is None else float(value)

    return as_number


def _arithmetic(compute: Callable[[float, float], float]) -> Callable[[Read, Read], Read]:
    def of(left: Read, right: Read) -> Read:
        def arithmetic(facts: Facts) -> FactValue:
            one, two = left(facts), right(facts)
            if one is None or two is None:
                return None
            result = compute(one, two)  # type: ignore[arg-type]
            return result if result == result else None

        return arithmetic

    return of


def _divide(left: Read, right: Read) -> Read:
    def divide(facts: Facts) -> FactValue:
        one, two = left(facts), right(facts)
        if one is None or two is None or two == 0.0:
            return None
        result = one / two  # type: ignore[operator]
        return result if result == result else None

    return divide


_ARITHMETIC: dict[str, Callable[[Read, Read], Read]] = {
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _divide,
}
