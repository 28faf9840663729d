"""Conditions that the kernel asks of one payment say what the column evaluator says; models read the same facts."""

from __future__ import annotations

import math
import random

import numpy as np
import pyarrow as pa
import pytest

from headgate.facts.values import FactValue
from headgate.kernel import Conditions, Facts
from headgate.models.encoding import Encoder, FactColumn
from headgate.scenarios.condition import compile_condition
from headgate.scenarios.row import asked_of
from headgate.scenarios.tree import Type

TYPES: dict[str, Type] = {
    **dict.fromkeys(("i", "j"), "integer"),
    **dict.fromkeys(("x", "y"), "number"),
    **dict.fromkeys(("t", "u"), "text"),
    "b": "truth",
}
ARROW = {"integer": pa.int64(), "number": pa.float64(), "text": pa.utf8(), "truth": pa.bool_()}
EDGE = 2**53
VALUES: dict[Type, list[FactValue]] = {
    "integer": [None, 0, 1, 2, -1, EDGE, EDGE + 1, -(2**62)],
    "number": [None, math.nan, math.inf, -math.inf, 0.0, -0.0, 0.5, 2.0, float(EDGE), 1e300],
    "text": [None, "", "card", "überweisung"],
    "truth": [None, True, False],
}
TEXTS = [
    *(f"i {sign} j" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(f"x {sign} y" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(f"i {sign} x" for sign in ("=", "<", ">=")),
    *(f"x {sign} y > i" for sign in "+-*/"),
    "i / j >= 1 OR NOT x = 2",
    "i BETWEEN j AND 2 AND NOT b",
    "x NOT BETWEEN 0 AND y",
    "i IN (1, 2, 9007199254740993)",
    "x NOT IN (0.5, 2)",
    "t IN ('card', '') OR t IS NULL",
    "t <> 'überweisung' AND b = TRUE",
    "t = u",
    "NOT (x IS NULL OR t = 'card')",
    "x * y IS NOT NULL AND x - x IS NULL",
    "b OR x > 1 OR i = 0",
    "NOT (b AND x > 1 AND i = 0)",
]
CONDITIONS = [compile_condition(text, type_of=TYPES.__getitem__) for text in TEXTS]


def drawn(count: int) -> list[dict[str, FactValue]]:
    draw = random.Random(11)
    return [{name: draw.choice(VALUES[type]) for name, type in TYPES.items()} for _ in range(count)]


def test_alone_and_in_a_column_they_are_true_of_the_same_payments() -> None:
    rows = drawn(800)
    block = pa.table({name: pa.array([row[name] for row in rows], ARROW[type]) for name, type in TYPES.items()})
    columns = [condition.column(block).to_pylist() for condition in CONDITIONS]
    asked = asked_of([condition.tree for condition in CONDITIONS])
    expected = [tuple(at for at, column in enumerate(columns) if column[row]) for row in range(len(rows))]
    assert [asked(Facts(row)) for row in rows] == expected
    assert [asked(row) for row in rows] == expected
    assert all(any(column) and not all(column) for column in columns)


def test_facts_of_other_names_and_orders_are_read_by_their_names() -> None:
    asked = asked_of([compile_condition("i > 1 AND x > 1", type_of=TYPES.__getitem__).tree])
    for facts, wanted in (
        ({"i": 2, "x": 2.0}, (0,)),
        ({"x": 2.0, "more": 0, "i": 2}, (0,)),
        ({"x": 2.0}, ()),
        ({"i": 2, "x": 1.0}, ()),
        ({"i": math.nan, "x": 2.0}, ()),
    ):
        assert asked(Facts(facts)) == asked(facts) == wanted


@pytest.mark.parametrize("value", ["2", 2.5, True])
def test_a_fact_of_another_type_is_named(value: FactValue) -> None:
    with pytest.raises(TypeError, match="fact i is of another type"):
        asked_of([compile_condition("i > 1", type_of=TYPES.__getitem__).tree])({"i": value})


@pytest.mark.parametrize(
    ("names", "written"),
    [
        ([], ("holds", ("fact", 0, "truth"))),
        (["i"], ("holds", ("fact", 0, "colour"))),
        (["i"], ("sometimes", ("fact", 0, "truth"))),
        (["i"], ("compare", "~", ("fact", 0, "integer"), ("constant", 1))),
    ],
)
def test_what_is_no_condition_is_refused(names: list[str], written: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="a condition"):
        Conditions(names, [written])


def test_a_model_reads_from_facts_what_it_reads_from_columns() -> None:
    kinds = {"integer": "number", "number": "number", "text": "text", "truth": "bool"}
    encoder = Encoder(
        tuple(
            FactColumn(name=name, kind=kinds[type], vocabulary=("card", "") if type == "text" else ())  # type: ignore[arg-type]
            for name, type in TYPES.items()
        )
    )
    rows = drawn(200)
    block = pa.table({name: pa.array([row[name] for row in rows], ARROW[type]) for name, type in TYPES.items()})
    expected = encoder.matrix(block)
    assert np.array([encoder.row(Facts(row)) for row in rows]).tobytes() == expected.tobytes()
    assert np.array([encoder.row(row) for row in rows]).tobytes() == expected.tobytes()


def test_facts_are_read_as_the_mapping_that_they_tell() -> None:
    told: dict[str, FactValue] = {"i": -1, "x": 0.5, "t": "é", "b": False, "none": None}
    facts = Facts(told)
    assert facts == told
    assert told == facts
    assert facts != {**told, "i": 0}
    assert facts == Facts(told)
    assert ({**facts}, list(facts), len(facts)) == (told, list(told), 5)
    assert (list(facts.values()), list(facts.items())) == (list(told.values()), list(told.items()))
    assert [type(value) for value in facts.values()] == [type(value) for value in told.values()]
    assert (facts.get("t"), facts.get("no"), facts.get("no", 3), "x" in facts, "no" in facts) == (
        "é",
        None,
        3,
        True,
        False,
    )
    with pytest.raises(KeyError, match="no"):
        facts["no"]
    with pytest.raises(OverflowError):
        Facts({"i": 2**63})
    with pytest.raises(TypeError):
        Facts({"i": object()})
