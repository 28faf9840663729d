"""From the text of a condition to its tree: sqlglot reads the grammar, and every node is held against a white list.

Text of an author enters. Nothing is evaluated here; what is not on the list is a ConditionError that names the part
and its place, and what is too large is refused before or right after it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, get_args

import sqlglot
from sqlglot import exp

from headgate.errors import ConditionError, nearest
from headgate.facts.values import FactValue
from headgate.limits import MAX_CONDITION_CHARS, MAX_CONDITION_NODES
from headgate.scenarios.tree import (
    Among,
    Arithmetic,
    ArithmeticOp,
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

TypeOf = Callable[[str], Type]

_COMPARE: dict[type[exp.Expression], CompareOp] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expression], ArithmeticOp] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
# The parts that a node of each class may have; `typed` and `safe` of a division say nothing about the text.
_BINARY = frozenset({"this", "expression"})
_ARGS: dict[type[exp.Expression], frozenset[str]] = {
    **dict.fromkeys((*_COMPARE, *_ARITHMETIC, exp.And, exp.Or, exp.Is), _BINARY),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Paren, exp.Column, exp.Boolean, exp.Placeholder), frozenset({"this"})),
    exp.Div: _BINARY | {"typed", "safe"},
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Null: frozenset(),
}
_WORDS: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Query, "a query"),
    (exp.Case, "CASE"),
    (exp.Cast, "a cast"),
    (exp.Func, "a function"),
    (exp.Like, "LIKE"),
    (exp.Placeholder, "a parameter without a name"),
    (exp.Column, "a name of several parts"),
)
_NUMBER = re.compile(r"\d+|\d*\.?\d+(?:[eE][+-]?\d+)?|\d+\.(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"\d+")
_GRAMMAR = (
    "A condition is made of facts, :parameters, numbers, 'texts', TRUE, FALSE, + - * /, = <> < <= > >=, "
    "BETWEEN, IN (…), IS [NOT] NULL, AND, OR, NOT and brackets."
)
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
    root = _expression(text)
    _bounded(root)
    return _Reader(text, parameters, type_of).statement(root)


def _expression(text: str) -> exp.Expression:
    if not text.strip():
        raise ConditionError("The condition is empty", repair=_GRAMMAR)
    if len(text) > MAX_CONDITION_CHARS:
        raise ConditionError(
            f"The condition has {len(text)} characters, more than {MAX_CONDITION_CHARS}",
            repair="Split it into several scenarios.",
        )
    try:
        found = sqlglot.parse(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ConditionError(
            f"The condition cannot be read: {_first_line(error)}", where=_place_of(error), repair=_GRAMMAR
        ) from error
    except RecursionError as error:
        raise ConditionError("The condition is nested too deeply", repair="Remove brackets.") from error
    if len(found) != 1 or found[0] is None:
        raise ConditionError("The condition is more than one expression", repair="Join its parts with AND or OR.")
    return _without_bare_aliases(found[0])


def _without_bare_aliases(root: exp.Expression) -> exp.Expression:
    """Take out the aliases without a name that sqlglot sees where an expression begins with `:name`."""

    def bare(node: exp.Expression) -> exp.Expression:
        nameless = isinstance(node, exp.Alias) and not node.args.get("alias")
        return node.this if nameless else node

    clean = root.transform(bare)
    assert isinstance(clean, exp.Expression)
    return clean


def _first_line(error: Exception) -> str:
    details = getattr(error, "errors", None)
    said = details[0]["description"] if details else str(error)
    return str(said).splitlines()[0].split(" for <class")[0].rstrip(". ")


def _place_of(error: Exception) -> str:
    details = getattr(error, "errors", None)
    return f"line {details[0]['line']}, column {details[0]['col']}" if details else ""


def _bounded(root: exp.Expression) -> None:
    if sum(1 for _ in root.walk()) > MAX_CONDITION_NODES:
        raise ConditionError(
            f"The condition has more than {MAX_CONDITION_NODES} parts", repair="Split it into several scenarios."
        )


class _Reader:
    """Reads one expression; keeps the text to say where a part stands."""

    def __init__(self, text: str, parameters: Mapping[str, FactValue], type_of: TypeOf) -> None:
        self.text = text
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
        if type(node) in _COMPARE:
            return self._compare(_COMPARE[type(node)], node, node.this, node.expression)
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
        if type(node) in _ARITHMETIC:
            left, right = self._number(node.this), self._number(node.expression)
            return Arithmetic(_ARITHMETIC[type(node)], left, right)
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
        return Arithmetic("-", Constant(0.0, "number"), self._number(node.this))

    def _number(self, node: exp.Expression) -> Value:
        value = self.value(node)
        if not _numeric(value):
            self._fail(node, f"is {_A[value.type]}, where a number is needed")
        return _as_number(value)

    # The white list.

    def _check(self, node: exp.Expression) -> None:
        allowed = _ARGS.get(type(node))
        used = {name for name, part in node.args.items() if part not in (None, False, [])}
        bare = isinstance(node, exp.Placeholder) and not _name(node.this)
        if allowed is None or bare or used - allowed:
            known = next((words for kind, words in _WORDS if isinstance(node, kind)), node.key.upper())
            self._fail(node, f"is {known}, which a condition may not use")

    def _same_kind(self, node: exp.Expression, left: Value, right: Value) -> None:
        if left.type != right.type and not (_numeric(left) and _numeric(right)):
            self._fail(node, f"compares {_A[left.type]} with {_A[right.type]}")

    def _fail(self, node: exp.Expression, why: str, repair: str = _GRAMMAR) -> NoReturn:
        raise ConditionError(f"{self._written(node)!r} {why}", where=self._place(node), repair=repair)

    def _written(self, node: exp.Expression) -> str:
        written = str(node.sql(dialect="duckdb", comments=False)).replace("$", ":")
        return written if len(written) <= 60 else written[:59] + "…"

    def _place(self, node: exp.Expression) -> str:
        starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
        if not starts:
            return "in the condition"
        before = self.text[: min(starts)].split("\n")
        return f"line {len(before)}, column {len(before[-1]) + 1} of the condition"


def _name(written: Any) -> bool:
    return isinstance(written, str) and written.isidentifier()


def _numeric(value: Value) -> bool:
    return value.type in ("integer", "number")


def _as_number(value: Value) -> Value:
    """Return the value as float64; a constant is converted here, a fact where it is evaluated."""
    if value.type == "number":
        return value
    if isinstance(value, Constant):
        return Constant(float(value.value), "number", value.parameter)
    return AsNumber(value)


assert set(get_args(CompareOp)) == set(_COMPARE.values())
