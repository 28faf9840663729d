"""Every fact of the grammar says what it reads, how to compute it and in which words; all fit one engine."""

from __future__ import annotations

from headgate.facts.catalogue import DEFAULT, describe
from headgate.facts.engine import Engine
from headgate.facts.grammar import specs
from headgate.facts.memories import MEMORIES, STORES
from headgate.limits import MAX_FACTS


def test_all_facts_fit_one_engine() -> None:
    assert 1000 < len(specs()) <= MAX_FACTS
    assert Engine(specs()).names == tuple(specs())


def test_no_two_facts_have_the_same_plan_and_every_one_has_words() -> None:
    plans = [spec.plan for spec in specs().values()]
    assert all(plans)
    assert len(set(plans)) == len(plans)
    assert all(spec.sentence.endswith(".") and spec.unit for spec in specs().values())


def test_facts_read_stores_that_there_are_and_no_memory_is_kept_for_nobody() -> None:
    read = frozenset().union(*(spec.reads for spec in specs().values()))
    assert read <= STORES
    assert set(MEMORIES) <= read


def test_every_fact_with_a_window_has_a_name_for_it() -> None:
    assert [row.name for row in describe() if not row.window and specs()[row.name].window_us] == []


def test_facts_that_look_far_are_asked_for_by_name_only() -> None:
    far = ("profile_", "peers_", "ever", "community")
    looked_at = {name for name in DEFAULT for store in specs()[name].reads if store.startswith(far)}
    assert looked_at == set()
