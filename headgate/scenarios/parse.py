"""From the text of a condition to its tree: typed, with parameters in their places.

Text of an author enters. Nothing is evaluated here; what is outside the grammar, or compares what cannot be compared,
is a ConditionError that names the part and its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from headgate.errors import nearest
from headgate.facts.values import FactValue
from headgate.scenarios.tree import (
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
    Type,
    Value,
)
from headgate.scenarios.whitelist import ARITHMETIC, COMPARE, Text

TypeOf = Callable[[str], Type]

_NUMBER = re.compile(r"\d+|\d*\.?\d+(?:[eE][+-]?\d+)?|\d+\.(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"\d+")
_INT64 = 2**63
_A: dict[Type, str] = {
    "integer": "an integer",
    "number": "a number",
    "text": "a text",
    "truth": "a yes or no",
}
_MANY: dict[Type, str] = {"integer": "integers", "number": "numbers", "text": "texts", "truth": "yes and no"}


def parse(text: str, parameters: Mapping[str, FactValue], type_of: TypeOf) -> Statement:
    """Return the tree of a condition.

    `type_of` gives the type of a fact by its name and raises for names that are no facts. Raises ConditionError with
    the part and its place.
    """
    read = Text(text)
    return _Reader(read, parameters, type_of).statement(read.root)


class _Reader:
    """Reads one expression, node by node, each after it was held against the white list."""

    def __init__(self, text: Text, parameters: Mapping[str, FactValue], type_of: TypeOf) -> None:
        self._check, self._fail = text.check, text.fail
        self.parameters = parameters
        self.type_of = type_of

    # Statements: what is true, false or unknown.

    def statement(self, node: exp.Expression) -> Statement:
        self._check(node)
        match node:
            case exp.Paren():
                return self.statement(node.this)
            case exp.And():
                return Every(self._flat(node, exp.And))
            case exp.Or():
                return Some(self._flat(node, exp.Or))
            case exp.Not():
                return Not(self.statement(node.this))
            case exp.Is():
                return self._is_null(node)
            case exp.Between():
                return self._between(node)
            case exp.In():
                return self._among(node)
            case exp.Column() | exp.Boolean() | exp.Placeholder():
                return self._holds(node)
        if type(node) in COMPARE:
            return self._compare(COMPARE[type(node)], node, node.this, node.expression)
        return self._fail(node, "is a value, where something true or false is needed")

    def _flat(self, node: exp.Expression, kind: type[exp.Expression]) -> tuple[Statement, ...]:
        """Return the parts of a chain of AND or of OR, from the first to the last."""
        parts: list[exp.Expression] = []
        while type(node) is kind:
            self._check(node)
            parts.append(node.expression)
            node = node.this
        return tuple(self.statement(part) for part in (node, *reversed(parts)))

    def _is_null(self, node: exp.Expression) -> Statement:
        if not isinstance(node.expression, exp.Null):
            self._fail(node, "uses IS without NULL")
        return IsNull(self.value(node.this))

    def _between(self, node: exp.Expression) -> Statement:
        low = self._compare(">=", node, node.this, node.args["low"])
        high = self._compare("<=", node, node.this, node.args["high"])
        return Every((low, high))

    def _holds(self, node: exp.Expression) -> Statement:
        value = self.value(node)
        if value.type != "truth":
            self._fail(node, f"is {_A[value.type]}, where something true or false is needed")
        return Holds(value)

    def _among(self, node: exp.Expression) -> Statement:
        value = self.value(node.this)
        constants = [self.value(each) for each in node.expressions]
        if not constants:
            self._fail(node, "has nothing in its brackets")
        for each, part in zip(constants, node.expressions, strict=True):
            if not isinstance(each, Constant):
                self._fail(part, "is not a constant, and IN (…) takes constants only")
            self._same_kind(node, value, each)
        if "number" in {value.type, *(each.type for each in constants)}:
            value, constants = _as_number(value), [_as_number(each) for each in constants]
        return Among(value, tuple(each for each in constants if isinstance(each, Constant)))

    def _compare(self, op: CompareOp, node: exp.Expression, one: exp.Expression, two: exp.Expression) -> Compare:
        left, right = self.value(one), self.value(two)
        self._same_kind(node, left, right)
        if op not in ("=", "<>") and not _numeric(left):
            self._fail(node, f"orders {_MANY[left.type]}, which can only be equal or not")
        if left.type != right.type:
            left, right = _as_number(left), _as_number(right)
        return Compare(op, left, right)

    # Values: integers, numbers, texts, yes or no.

    def value(self, node: exp.Expression) -> Value:
        self._check(node)
        match node:
            case exp.Paren():
                return self.value(node.this)
            case exp.Literal():
                return self._literal(node)
            case exp.Boolean():
                return Constant(bool(node.this), "truth")
            case exp.Placeholder():
                return self._parameter(node)
            case exp.Column():
                return Fact(node.name, self.type_of(node.name))
            case exp.Neg():
                return self._negative(node)
            case exp.Null():
                self._fail(node, "is NULL, which equals nothing; write IS NULL or IS NOT NULL")
        if type(node) in ARITHMETIC:
            left, right = self._number(node.this), self._number(node.expression)
            return Arithmetic(ARITHMETIC[type(node)], left, right)
        return self._fail(node, "is true or false, where a value is needed")

    def _literal(self, node: exp.Expression) -> Constant:
        written = str(node.this)
        if node.is_string:
            return Constant(written, "text")
        if not _NUMBER.fullmatch(written):
            self._fail(node, "is not a number that a condition may use")
        value = int(written) if _WHOLE.fullmatch(written) else float(written)
        return self._constant(node, value, None)

    def _parameter(self, node: exp.Expression) -> Constant:
        name = str(node.this)
        if name not in self.parameters:
            known = tuple(self.parameters)
            self._fail(node, "is not a parameter of this scenario", f"{nearest(name, known)}Add it to [parameters].")
        value = self.parameters[name]
        if value is None:
            self._fail(node, "has no value", "Give the parameter a value.")
        return self._constant(node, value, name)

    def _constant(self, node: exp.Expression, value: int | float | str | bool, name: str | None) -> Constant:
        if isinstance(value, bool):
            return Constant(value, "truth", name)
        if isinstance(value, str):
            return Constant(value, "text", name)
        if value != value or abs(value) == float("inf") or (isinstance(value, int) and not -_INT64 < value < _INT64):
            self._fail(node, "is too large to be a number here")
        return Constant(value, "integer" if isinstance(value, int) else "number", name)

    def _negative(self, node: exp.Expression) -> Value:
        of = self.value(node.this)
        if isinstance(of, Constant) and not isinstance(of.value, str | bool):
            return Constant(-of.value, of.type, of.parameter)
        return Arithmetic("-", Constant(0.0, "number"), self._as_number(node, of))

    def _number(self, node: exp.Expression) -> Value:
        return self._as_number(node, self.value(node))

    def _as_number(self, node: exp.Expression, value: Value) -> Value:
        if not _numeric(value):
            self._fail(node, f"is {_A[value.type]}, where a number is needed")
        return _as_number(value)

    def _same_kind(self, node: exp.Expression, left: Value, right: Value) -> None:
        if left.type != right.type and not (_numeric(left) and _numeric(right)):
            self._fail(node, f"compares {_A[left.type]} with {_A[right.type]}")


def _numeric(value: Value) -> bool:
    return value.type in ("integer", "number")


def _as_number(value: Value) -> Value:
    """Return the value as float64; a constant is converted here, a fact where it is evaluated."""
    if value.type == "number":
        return value
    if isinstance(value, Constant):
        return Constant(float(value.value), "number", value.parameter)
    return AsNumber(value)
