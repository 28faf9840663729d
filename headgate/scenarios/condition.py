"""A condition, compiled once: over one payment, over a batch, and as SQL text.

The text of an author enters with the values of its parameters; every name in it must be a fact that the charter lets
through. What is unknown (absent, NULL, NaN) never makes a condition fire, and is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from headgate.charter.charter import Charter, load_charter
from headgate.errors import RefusedFieldError
from headgate.facts import grammar
from headgate.facts.values import FactValue
from headgate.scenarios.column import Columns
from headgate.scenarios.parse import TypeOf, parse
from headgate.scenarios.row import asked_of
from headgate.scenarios.sqltext import sql_of
from headgate.scenarios.tree import Constant, Fact, Statement, Type, walk


class Condition:
    """One condition.

    `facts`: names of the facts it reads, in order of first use. `parameters`: names of those it uses. `sql`: a DuckDB
    expression that is true or false, never NULL.
    """

    def __init__(self, text: str, tree: Statement) -> None:
        self.text = text
        self.tree = tree
        nodes = tuple(walk(tree))
        self.facts = tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, Fact)))
        used = (node.parameter for node in nodes if isinstance(node, Constant))
        self.parameters = tuple(dict.fromkeys(name for name in used if name is not None))
        self._asked = asked_of([tree])
        self.sql = f"coalesce({sql_of(tree)}, FALSE)"

    def row(self, facts: Mapping[str, FactValue]) -> bool:
        """Return whether the condition fires for one payment. Raises TypeError for a fact of another type."""
        return bool(self._asked(facts))

    def column(self, batch: pa.RecordBatch | pa.Table) -> pa.BooleanArray:
        """Return for each row whether the condition fires; never null. Raises ConditionError for a missing column."""
        return pa.array(Columns(batch).test(self.tree))

    def missing(self, facts: Mapping[str, FactValue]) -> tuple[str, ...]:
        """Return the facts of the condition that are unknown here: absent, None or NaN."""
        return tuple(name for name in self.facts if facts.get(name) is None or facts[name] != facts[name])


def compile_condition(
    text: str,
    parameters: Mapping[str, FactValue] | None = None,
    *,
    charter: Charter | None = None,
    type_of: TypeOf | None = None,
) -> Condition:
    """Return the condition in `text`, with `:name` standing for a parameter.

    charter: the packaged one by default. type_of: gives a fact's type in the place of the grammar of facts. Raises
    ConditionError (outside the grammar), RefusedFieldError (the charter) or UnknownFactError (no such fact).
    """
    charter = charter or _packaged_charter()
    known = type_of or fact_type

    def checked(name: str) -> Type:
        why = charter.refusal(name)
        if why:
            raise RefusedFieldError(
                f"A condition may not read {name!r}", where="condition", repair=f"{why} Leave it out."
            )
        return known(name)

    return Condition(text, parse(text, parameters or {}, checked))


def fact_type(name: str) -> Type:
    """Return the type of a fact of the grammar; raises UnknownFactError with the nearest name."""
    return _TYPES[str(grammar.parse(name).arrow_type)]


_TYPES: dict[str, Type] = {"int64": "integer", "double": "number", "string": "text", "bool": "truth"}


@cache
def _packaged_charter() -> Charter:
    return load_charter()
