"""The hash of facts can be computed by anybody, and tells apart whatever differs."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.checks.journals import random_journal
from headgate.facts.digest import digest_of, facts_digest, packed
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.kernel import Facts

VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)


def told(names: tuple[str, ...], values: list[FactValue]) -> dict[str, FactValue]:
    return dict(zip(names, values, strict=True))


def test_it_is_the_sha256_of_two_messagepack_arrays() -> None:
    values: dict[str, FactValue] = {"a": 1, "b": 0.5, "c": None, "d": "é", "e": True}
    plain = msgspec.msgpack.encode(list(values)) + msgspec.msgpack.encode(list(values.values()))
    assert facts_digest(tuple(values), values) == hashlib.sha256(plain).hexdigest()


@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
def test_another_value_type_name_or_order_gives_another_hash(values: list[FactValue], data: st.DataObject) -> None:
    names = tuple(f"f{place}" for place in range(len(values)))
    place = data.draw(st.integers(0, len(values) - 1))
    other = data.draw(VALUES)
    changed = [*values[:place], other, *values[place + 1 :]]
    same = msgspec.msgpack.encode(values) == msgspec.msgpack.encode(changed)
    assert (facts_digest(names, told(names, values)) == facts_digest(names, told(names, changed))) == same
    others = (*names[:-1], "g")
    assert facts_digest(names, told(names, values)) != facts_digest(others, told(others, values))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), (None, 0), ("", None), ("1", 1)])
def test_equal_looking_values_of_other_types_differ(one: FactValue, other: FactValue) -> None:
    assert facts_digest(("f",), {"f": one}) != facts_digest(("f",), {"f": other})


def test_an_engine_gives_facts_in_the_order_of_its_names() -> None:
    engine = Engine(("payer_sent_count_24h", "amount", "pair_sent_count_28d"))
    given_facts = [facts for entry in random_journal(3, 20) if (facts := engine.observe_one(entry)) is not None]
    assert given_facts
    assert all(tuple(facts) == engine.names for facts in given_facts)


EDGES = [each + near for power in range(5, 64) for each in (2**power, -(2**power)) for near in (-1, 0, 1)]
LONG = ["x" * length for length in (0, 31, 32, 255, 256, 65_535, 65_536)] + ["é" * 16, "\N{GRINNING FACE}" * 64]


@given(st.lists(VALUES | st.sampled_from([*EDGES[:-3], *LONG]), max_size=20))
def test_facts_of_the_kernel_are_packed_as_messagepack_writes_them(values: list[FactValue]) -> None:
    facts = told(tuple(f"f{place}" for place in range(len(values))), values)
    assert packed(Facts(facts)) == packed(facts)


def test_many_and_long_facts_are_packed_as_messagepack_writes_them() -> None:
    inside = [each for each in EDGES if -(2**63) <= each < 2**63]
    for values in (inside, LONG, [None] * 15, [None] * 16, [True] * 65_536):
        facts = told(tuple(f"f{place}" for place in range(len(values))), list(values))
        assert packed(Facts(facts)) == packed(facts)
        assert digest_of(tuple(facts))(Facts(facts)) == digest_of(tuple(facts))(facts)
