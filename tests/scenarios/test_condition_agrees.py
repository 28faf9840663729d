"""Random conditions over random rows: the row, the column and DuckDB say the same."""

from __future__ import annotations

import math

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.facts.values import FactValue
from headgate.scenarios.condition import compile_condition
from headgate.scenarios.tree import Type

FACTS: dict[str, tuple[Type, pa.DataType]] = {
    "i_one": ("integer", pa.int64()),
    "i_two": ("integer", pa.int64()),
    "f_one": ("number", pa.float64()),
    "f_two": ("number", pa.float64()),
    "t_one": ("text", pa.utf8()),
    "b_one": ("truth", pa.bool_()),
    "b_two": ("truth", pa.bool_()),
}
CONNECTION = duckdb.connect(config={"threads": 1})
EDGE = 2**53
INTEGERS = st.sampled_from([0, 1, -1, 2, 7, 100, EDGE - 1, EDGE, EDGE + 1, EDGE + 2, 2**62, -(2**62)])
FLOATS = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 7.0, 100.0, float(EDGE), float(EDGE + 2), 1e300, math.nan, math.inf, -math.inf]
)
TEXTS = st.sampled_from(["", "card", "it's", "überweisung", "CARD"])


def value_of(type: Type) -> st.SearchStrategy[FactValue]:
    known = {"integer": INTEGERS, "number": FLOATS, "text": TEXTS, "truth": st.booleans()}[type]
    return st.none() | known


ROWS = st.lists(st.fixed_dictionaries({name: value_of(type) for name, (type, _) in FACTS.items()}), min_size=1)

integer_literals = INTEGERS.map(str)
number_literals = st.sampled_from(["0.0", "1.5", "2.5", "9007199254740993.0", "1e300", ":share", "-:share", ":limit"])
numbers = st.recursive(
    st.sampled_from(["i_one", "i_two", "f_one", "f_two"]) | integer_literals | number_literals,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda n: f"-({n})")
    ),
    max_leaves=6,
)
comparisons = st.tuples(numbers, st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]), numbers).map(" ".join)
text_literals = st.sampled_from(["'card'", "'it''s'", "''", "'überweisung'", ":channel"])
leaves = st.one_of(
    comparisons,
    st.tuples(numbers, numbers, numbers).map(lambda t: f"{t[0]} BETWEEN {t[1]} AND {t[2]}"),
    st.tuples(numbers, numbers, numbers).map(lambda t: f"{t[0]} NOT BETWEEN {t[1]} AND {t[2]}"),
    st.tuples(numbers, st.lists(integer_literals | number_literals, min_size=1, max_size=4)).map(
        lambda t: f"{t[0]} IN ({', '.join(t[1])})"
    ),
    st.lists(text_literals, min_size=1, max_size=3).map(lambda t: f"t_one NOT IN ({', '.join(t)})"),
    st.tuples(st.sampled_from(["=", "<>"]), text_literals).map(lambda t: f"t_one {t[0]} {t[1]}"),
    st.tuples(numbers, st.sampled_from(["IS NULL", "IS NOT NULL"])).map(" ".join),
    st.sampled_from(["b_one", "b_two", "b_one = b_two", "b_one <> TRUE", "TRUE", "FALSE", ":yes", "t_one IS NULL"]),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " AND ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " OR ".join(parts) + ")"),
        inner.map(lambda part: f"NOT ({part})"),
    ),
    max_leaves=6,
)
PARAMETERS: dict[str, FactValue] = {"share": 0.25, "limit": EDGE + 1, "channel": "card", "yes": True}


def type_of(name: str) -> Type:
    return FACTS[name][0]


def batch_of(rows: list[dict[str, FactValue]]) -> pa.RecordBatch:
    arrays = [pa.array([row[name] for row in rows], type) for name, (_, type) in FACTS.items()]
    return pa.RecordBatch.from_arrays(arrays, list(FACTS))


def in_duckdb(batch: pa.RecordBatch, expression: str) -> list[bool | None]:
    CONNECTION.register("facts", pa.Table.from_batches([batch]))
    return [row[0] for row in CONNECTION.execute(f"SELECT {expression} FROM facts").fetchall()]


@given(conditions, ROWS)
@settings(max_examples=300, deadline=None)
def test_row_column_and_duckdb_fire_alike(text: str, rows: list[dict[str, FactValue]]) -> None:
    condition = compile_condition(text, PARAMETERS, type_of=type_of)
    batch = batch_of(rows)
    by_row = [condition.row(row) for row in rows]
    column = condition.column(batch)
    assert column.null_count == 0
    assert column.to_pylist() == by_row
    assert in_duckdb(batch, condition.sql) == by_row


plain_numbers = st.sampled_from(["i_one", "i_two", "f_one", "f_two", "3", "7.5", "i_one + 2", "f_one - f_two"])
plain_leaves = st.one_of(
    st.tuples(plain_numbers, st.sampled_from(["=", "<>", "<", ">="]), plain_numbers).map(" ".join),
    st.tuples(plain_numbers).map(lambda t: f"{t[0]} BETWEEN 1 AND 7"),
    st.sampled_from(["b_one", "NOT b_one", "t_one IN ('card', '')", "f_one IS NULL", "NOT f_one IS NOT NULL"]),
)
plain_conditions = st.lists(
    st.tuples(plain_leaves, st.sampled_from(["AND", "OR", "AND NOT", "OR NOT"])), min_size=1, max_size=6
).map(lambda parts: " ".join(f"{leaf} {join}" for leaf, join in parts) + " b_two")
SMALL_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "i_one": st.none() | st.integers(-9, 9),
            "i_two": st.none() | st.integers(-9, 9),
            "f_one": st.none() | st.sampled_from([-1.5, 0.0, 3.0, 7.5]),
            "f_two": st.none() | st.sampled_from([-1.5, 0.0, 3.0, 7.5]),
            "t_one": st.none() | TEXTS,
            "b_one": st.none() | st.booleans(),
            "b_two": st.none() | st.booleans(),
        }
    ),
    min_size=1,
)


@given(plain_conditions, SMALL_ROWS)
@settings(max_examples=200, deadline=None)
def test_the_text_itself_means_in_duckdb_what_it_means_here(text: str, rows: list[dict[str, FactValue]]) -> None:
    """Precedence and three-valued logic are those of SQL: DuckDB reads the author's text, without brackets."""
    condition = compile_condition(text, type_of=type_of)
    assert in_duckdb(batch_of(rows), f"coalesce({text}, FALSE)") == [condition.row(row) for row in rows]
