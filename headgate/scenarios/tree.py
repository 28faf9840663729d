"""The tree of a condition: a closed set of values and statements, typed before anything is evaluated.

The parser makes it; what the kernel asks of a row, the column evaluator and the SQL text are three readings of it. Its
meaning: SQL's three-valued logic; NaN is NULL; two integers are compared as integers, all other numbers as float64, and
each integer is converted once; arithmetic is float64; what divides by zero is NULL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

Type = Literal["integer", "number", "text", "truth"]
CompareOp = Literal["=", "<>", "<", "<=", ">", ">="]
ArithmeticOp = Literal["+", "-", "*", "/"]

# What is true exactly where the comparison is false.
OPPOSITE: dict[CompareOp, CompareOp] = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of a fact."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, or a parameter by its name."""

    value: int | float | str | bool
    type: Type
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class AsNumber:
    """An integer converted to float64."""

    of: Value
    type: Type = "number"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two float64 values and an operation; NULL where it divides by zero or the result is NaN."""

    op: ArithmeticOp
    left: Value
    right: Value
    type: Type = "number"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one type, compared."""

    op: CompareOp
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of the constants, which are of its type."""

    value: Value
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """The value is not known; this statement itself is always true or false."""

    value: Value


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes-or-no value stands as a statement by itself."""

    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    """The statement is false."""

    part: Statement


@dataclass(frozen=True, slots=True)
class Every:
    """All parts are true."""

    parts: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part is true."""

    parts: tuple[Statement, ...]


Value: TypeAlias = Fact | Constant | AsNumber | Arithmetic
Statement: TypeAlias = Compare | Among | IsNull | Holds | Not | Every | Some
Node: TypeAlias = Value | Statement


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, in the order of the text."""
    yield node
    for field in fields(node):
        content = getattr(node, field.name)
        for child in content if isinstance(content, tuple) else (content,):
            if isinstance(child, _CLASSES):
                yield from walk(child)


_CLASSES = (Fact, Constant, AsNumber, Arithmetic, Compare, Among, IsNull, Holds, Not, Every, Some)
