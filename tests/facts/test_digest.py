"""The hash of facts can be computed by anybody, and tells apart whatever differs."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.checks.journals import random_journal
from headgate.facts.digest import digest_of, facts_digest
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue

VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)


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
    assert (digest_of(names)(values) == digest_of(names)(changed)) == same
    assert digest_of(names)(values) != digest_of((*names[:-1], "g"))(values)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), (None, 0), ("", None), ("1", 1)])
def test_equal_looking_values_of_other_types_differ(one: FactValue, other: FactValue) -> None:
    assert digest_of(("f",))([one]) != digest_of(("f",))([other])


def test_an_engine_gives_facts_in_the_order_of_its_names() -> None:
    engine = Engine(("payer_sent_count_24h", "amount", "pair_sent_count_28d"))
    given_facts = [facts for entry in random_journal(3, 20) if (facts := engine.observe_one(entry)) is not None]
    assert given_facts
    assert all(tuple(facts) == engine.names for facts in given_facts)
