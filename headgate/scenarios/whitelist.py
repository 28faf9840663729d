"""What sqlglot may hand over: the white list of its nodes, and how a refusal names the part and its place.

Text of an author enters, an expression of sqlglot leaves; each node of it still has to pass `check`. What is too large
is refused before or right after it is read.
"""

from __future__ import annotations

from typing import Any, NoReturn, get_args

import sqlglot
from sqlglot import exp

from headgate.errors import ConditionError
from headgate.limits import MAX_CONDITION_CHARS, MAX_CONDITION_NODES
from headgate.scenarios.tree import ArithmeticOp, CompareOp

GRAMMAR = (
    "A condition is made of facts, :parameters, numbers, 'texts', TRUE, FALSE, + - * /, = <> < <= > >=, "
    "BETWEEN, IN (…), IS [NOT] NULL, AND, OR, NOT and brackets."
)

COMPARE: dict[type[exp.Expression], CompareOp] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
ARITHMETIC: dict[type[exp.Expression], ArithmeticOp] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
# The parts that a node of each class may have; `typed` and `safe` of a division say nothing about the text.
_BINARY = frozenset({"this", "expression"})
_ARGS: dict[type[exp.Expression], frozenset[str]] = {
    **dict.fromkeys((*COMPARE, *ARITHMETIC, exp.And, exp.Or, exp.Is), _BINARY),
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


class Text:
    """The text of one condition, read. `root`: its expression, bounded in size but not yet checked."""

    def __init__(self, text: str) -> None:
        """Raise ConditionError for text that is empty, too long, not an expression, or more than one."""
        self._text = text
        self.root = _expression(text)
        _bounded(self.root)

    def check(self, node: exp.Expression) -> None:
        """Raise ConditionError unless the node, without those below it, is on the white list."""
        allowed = _ARGS.get(type(node))
        used = {name for name, part in node.args.items() if part not in (None, False, [])}
        bare = isinstance(node, exp.Placeholder) and not _name(node.this)
        if allowed is None or bare or used - allowed:
            known = next((words for kind, words in _WORDS if isinstance(node, kind)), node.key.upper())
            self.fail(node, f"is {known}, which a condition may not use")

    def fail(self, node: exp.Expression, why: str, repair: str = GRAMMAR) -> NoReturn:
        """Raise ConditionError that names the part, why it is refused, and its place."""
        raise ConditionError(f"{_written(node)!r} {why}", where=self._place(node), repair=repair)

    def _place(self, node: exp.Expression) -> str:
        starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
        if not starts:
            return "in the condition"
        before = self._text[: min(starts)].split("\n")
        return f"line {len(before)}, column {len(before[-1]) + 1} of the condition"


def _written(node: exp.Expression) -> str:
    written = str(node.sql(dialect="duckdb", comments=False)).replace("$", ":")
    return written if len(written) <= 60 else written[:59] + "…"


def _expression(text: str) -> exp.Expression:
    if not text.strip():
        raise ConditionError("The condition is empty", repair=GRAMMAR)
    if len(text) > MAX_CONDITION_CHARS:
        raise ConditionError(
            f"The condition has {len(text)} characters, more than {MAX_CONDITION_CHARS}",
            repair="Split it into several scenarios.",
        )
    try:
        found = sqlglot.parse(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ConditionError(
            f"The condition cannot be read: {_first_line(error)}", where=_place_of(error), repair=GRAMMAR
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


def _name(written: Any) -> bool:
    return isinstance(written, str) and written.isidentifier()


assert set(get_args(CompareOp)) == set(COMPARE.values())
