"""What a condition may say, what it means where facts are unknown, and how it is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pytest

from headgate.charter.charter import load_charter
from headgate.errors import ConditionError, RefusedFieldError, UnknownFactError
from headgate.limits import MAX_CONDITION_CHARS, MAX_CONDITION_NODES
from headgate.scenarios.condition import compile_condition


def test_a_condition_knows_its_facts_and_parameters_in_order() -> None:
    condition = compile_condition(
        "amount > :floor AND (payer_sent_count_24h >= :n OR amount > 5)", {"floor": 1, "n": 2}
    )
    assert condition.facts == ("amount", "payer_sent_count_24h")
    assert condition.parameters == ("floor", "n")


@pytest.mark.parametrize("unknown", [None, math.nan])
@pytest.mark.parametrize("op", ["=", "<>", "<", "<=", ">", ">="])
def test_an_unknown_fact_never_fires_and_neither_does_its_negation(op: str, unknown: float | None) -> None:
    for text in (f"payer_amount_z_28d {op} 1000", f"NOT (payer_amount_z_28d {op} 1000)"):
        condition = compile_condition(text)
        batch = pa.RecordBatch.from_pydict({"payer_amount_z_28d": pa.array([unknown], pa.float64())})
        assert not condition.row({"payer_amount_z_28d": unknown})
        assert condition.column(batch).to_pylist() == [False]


def test_what_is_unknown_is_reported() -> None:
    condition = compile_condition("payer_amount_z_28d > 3 AND amount > 1 AND same_party")
    assert condition.missing({"payer_amount_z_28d": math.nan, "amount": None}) == condition.facts
    assert condition.missing({"payer_amount_z_28d": 4.0, "amount": 2, "same_party": False}) == ()


def test_an_absent_fact_is_unknown() -> None:
    assert not compile_condition("amount > 1").row({})
    assert compile_condition("amount IS NULL").row({})


def test_division_by_zero_is_unknown() -> None:
    condition = compile_condition("payer_sent_sum_24h / payer_received_sum_24h > 0.5")
    assert not condition.row({"payer_sent_sum_24h": 5, "payer_received_sum_24h": 0})
    assert condition.row({"payer_sent_sum_24h": 5, "payer_received_sum_24h": 6})


def test_large_integers_are_compared_exactly() -> None:
    condition = compile_condition("payer_sent_sum_24h > :limit", {"limit": 2**53})
    batch = pa.RecordBatch.from_pydict({"payer_sent_sum_24h": [2**53, 2**53 + 1]})
    assert condition.column(batch).to_pylist() == [False, True]
    assert condition.row({"payer_sent_sum_24h": 2**53 + 1})


def test_a_table_of_several_chunks_and_dictionary_texts_are_read() -> None:
    first = pa.table({"channel": pa.array(["card", None]).dictionary_encode(), "amount": pa.array([1, 2], pa.int32())})
    condition = compile_condition("channel = 'card' OR amount = 2")
    assert condition.column(pa.concat_tables([first, first])).to_pylist() == [True] * 4


def test_a_batch_without_the_column_is_an_error() -> None:
    with pytest.raises(ConditionError, match="no column 'amount'"):
        compile_condition("amount > 1").column(pa.RecordBatch.from_pydict({"seq": [1]}))


def test_a_column_of_another_type_is_an_error() -> None:
    with pytest.raises(ConditionError, match="holds string"):
        compile_condition("amount > 1").column(pa.RecordBatch.from_pydict({"amount": ["many"]}))


REFUSED = {
    "amount > abs(amount)": "'ABS(amount)' is a function",
    "amount % 2 = 1": "is MOD",
    "amount // 2 = 1": "is INTDIV",
    "amount ** 2 > 1": "is a function",
    "(SELECT 1) > amount": "is a query",
    "SELECT amount > 1": "is a query",
    "amount IN (SELECT 1)": "is IN",
    "amount > CASE WHEN same_party THEN 1 END": "is CASE",
    "amount::int > 1": "is a cast",
    "CAST(amount AS INT) > 1": "is a cast",
    "channel LIKE 'x%'": "is LIKE",
    "t.amount > 1": "is a name of several parts",
    "amount > $1": "without a name",
    "amount > ?": "without a name",
    "amount = 0x1F": "is ALIAS",
    "amount > 1 AS z": "is ALIAS",
    "amount > 1; DROP TABLE x": "more than one expression",
    "amount IS TRUE": "uses IS without NULL",
    "amount IS DISTINCT FROM 1": "may not use",
    "amount BETWEEN SYMMETRIC 1 AND 2": "is BETWEEN",
    "amount = NULL": "equals nothing",
    "amount IN (amount, 2)": "is not a constant",
    "amount IN ()": "nothing in its brackets",
    "1 < amount < 5": "is true or false, where a value is needed",
    "(amount > 1) IS NULL": "is true or false, where a value is needed",
    "amount": "is an integer, where something true or false is needed",
    "channel": "is a text, where something true or false is needed",
    "amount + 1": "is a value, where something true or false is needed",
    "amount > 'x'": "compares an integer with a text",
    "same_party = 1": "compares a yes or no with an integer",
    "channel > 'a'": "orders texts",
    "same_party < TRUE": "orders yes and no",
    "channel + 1 > 2": "is a text, where a number is needed",
    "-channel > 2": "is a text, where a number is needed",
    "amount > 99999999999999999999": "too large",
    "amount > 1e999": "too large",
    "amount > :lim": "is not a parameter",
    "amount > :nothing": "has no value",
    "amount >": "cannot be read",
    "amount > 1 AND": "cannot be read",
    "amount > 'x": "cannot be read",
    "COPY x TO 'y'": "is COPY",
    "PRAGMA x": "is PRAGMA",
    "EXISTS (SELECT 1)": "is a function",
    "amount > INTERVAL 1 DAY": "is INTERVAL",
    "current_date > amount": "is a function",
    "[1][1] > amount": "is BRACKET",
    "(amount, 2) = (1, 2)": "is TUPLE",
    "": "is empty",
    "  \n": "is empty",
    "(" * 400 + "amount > 1" + ")" * 400: "nested too deeply",
    "amount > 1 " + " " * MAX_CONDITION_CHARS: "characters, more than",
    "amount > 1" + " OR amount > 1" * (MAX_CONDITION_NODES // 4): "parts",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_outside_the_grammar_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, {"limit": 1, "nothing": None})
    assert REFUSED[text] in caught.value.what
    assert caught.value.repair


def test_a_refusal_says_the_place() -> None:
    with pytest.raises(ConditionError) as caught:
        compile_condition("amount > 1\nAND abs(amount) > 2")
    assert caught.value.where == "line 2, column 5 of the condition"


def test_a_wrong_parameter_suggests_the_nearest() -> None:
    with pytest.raises(ConditionError, match="Did you mean 'limit'"):
        compile_condition("amount > :limt", {"limit": 1})


def test_a_long_chain_within_the_limit_is_accepted() -> None:
    condition = compile_condition(" OR ".join(f"amount = {n}" for n in range(55)))
    assert condition.row({"amount": 54})
    assert not condition.row({"amount": 55})


def test_an_unknown_fact_suggests_the_nearest_name() -> None:
    with pytest.raises(UnknownFactError, match="Did you mean 'payer_sent_count_24h'"):
        compile_condition("payer_sent_cuont_24h > 3")


def test_a_refused_field_is_refused_with_the_charters_sentence() -> None:
    with pytest.raises(RefusedFieldError, match="gender says nothing about a payment"):
        compile_condition("owner_gender = 'f'")


def test_an_adopters_charter_narrows_what_a_condition_may_read(tmp_path: Path) -> None:
    path = tmp_path / "charter.toml"
    path.write_text('[[refuse]]\ncategory = "signals"\nwords = ["remote access"]\nwhy = "No consent."\n')
    assert compile_condition("remote_access").row({"remote_access": True})
    with pytest.raises(RefusedFieldError, match="No consent"):
        compile_condition("remote_access", charter=load_charter(path))


@pytest.mark.parametrize(
    "text", ["(:limit < amount)", ":limit < amount", "amount > (-(-:limit))", "(-:limit + 5) < amount"]
)
def test_a_parameter_may_stand_first(text: str) -> None:
    condition = compile_condition(text, {"limit": 3})
    assert condition.row({"amount": 4})
    assert not condition.row({"amount": 2})


def test_comments_in_a_condition_are_allowed() -> None:
    assert compile_condition("amount > 1 -- in minor units").row({"amount": 2})


def test_many_signs_before_a_fact_cost_no_more_than_their_number() -> None:
    assert compile_condition("- " * 60 + "amount > 1").row({"amount": 2})
