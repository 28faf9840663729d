"""The conditions of many scenarios asked together: a part that several of them share is asked once for all.

A condition is true where all its parts are, in any order. The part that most conditions share comes first; where it is
not true, none of them is looked at further. The answers are those of each condition by itself. Hot code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TypeAlias

from headgate.scenarios.row import Facts, Test, closure_of
from headgate.scenarios.tree import Constant, Every, Node, Statement

Ask: TypeAlias = Callable[[Facts, list[int]], None]
Asked: TypeAlias = tuple[int, tuple[Statement, ...]]  # the number of a condition and the parts that are still to ask


def together(conditions: Sequence[Statement]) -> Callable[[Facts], list[int]]:
    """Return the function that gives the numbers of the conditions that are true, in their order."""
    ask = _ask([(number, tuple(dict.fromkeys(_parts(each)))) for number, each in enumerate(conditions)])

    def true_of(facts: Facts) -> list[int]:
        found: list[int] = []
        ask(facts, found)
        if len(found) > 1:
            found.sort()
        return found

    return true_of


def _parts(statement: Statement) -> list[Statement]:
    if isinstance(statement, Every):
        return [part for each in statement.parts for part in _parts(each)]
    return [_unnamed(statement)]


def _unnamed(node: Statement) -> Statement:
    """The same with parameters as plain constants, so that equal parts of two scenarios are equal."""
    return _replaced(node)  # type: ignore[return-value]


def _replaced(node: Node) -> Node:
    if isinstance(node, Constant):
        return replace(node, parameter=None)
    changed: dict[str, object] = {}
    for field in fields(node):
        content = getattr(node, field.name)
        if isinstance(content, tuple):
            changed[field.name] = tuple(_replaced(each) for each in content)
        elif hasattr(content, "__dataclass_fields__"):
            changed[field.name] = _replaced(content)
    return replace(node, **changed) if changed else node  # type: ignore[arg-type]


def _ask(asked: Sequence[Asked]) -> Ask:
    steps: list[Ask] = []
    rest = list(asked)
    while rest:
        part = _most_shared(rest)
        if part is None:
            steps += [_alone(number, parts) for number, parts in rest]
            break
        inner = [(number, tuple(each for each in parts if each != part)) for number, parts in rest if part in parts]
        steps.append(_under(closure_of(part, True), _ask(inner)))
        rest = [each for each in rest if part not in each[1]]
    return steps[0] if len(steps) == 1 else _all_of(tuple(steps))


def _most_shared(asked: Sequence[Asked]) -> Statement | None:
    """The part of most conditions, the first of equals; None where no two share one."""
    counts = Counter(part for _, parts in asked for part in parts)
    part, count = max(counts.items(), key=lambda item: item[1], default=(None, 0))
    return part if count > 1 else None


def _alone(number: int, parts: tuple[Statement, ...]) -> Ask:
    tests: tuple[Test, ...] = tuple(closure_of(part, True) for part in parts)

    def ask(facts: Facts, found: list[int]) -> None:
        for test in tests:
            if not test(facts):
                return
        found.append(number)

    return ask


def _under(test: Test, inner: Ask) -> Ask:
    def ask(facts: Facts, found: list[int]) -> None:
        if test(facts):
            inner(facts, found)

    return ask


def _all_of(steps: tuple[Ask, ...]) -> Ask:
    def ask(facts: Facts, found: list[int]) -> None:
        for step in steps:
            step(facts, found)

    return ask
