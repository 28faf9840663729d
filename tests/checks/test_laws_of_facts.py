"""The engine obeys the laws of fold 1, and engines that break one are caught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headgate.checks.agrees import agrees
from headgate.checks.anonymous import anonymous
from headgate.checks.bounded import bounded
from headgate.checks.explains import explains
from headgate.checks.forgets import forgets
from headgate.checks.journals import random_journal
from headgate.checks.no_tomorrow import no_tomorrow
from headgate.checks.replays import replays
from headgate.checks.resumes import resumes
from headgate.errors import LawError
from headgate.facts.catalogue import DEFAULT
from headgate.facts.digest import facts_digest
from headgate.facts.engine import Engine
from headgate.facts.grammar import specs
from headgate.facts.reference import ReferenceFold
from headgate.journal.entries import Entry, Payment

ALL = tuple(specs())
LIMITS = tuple(name for name in ALL if name.endswith("_truncated"))


def default_engine() -> Engine:
    return Engine(DEFAULT, time_zone="Europe/Berlin")


def full_engine() -> Engine:
    return Engine(ALL)


class Bare:
    """The reference fold without the engine front."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._fold = ReferenceFold(names)
        self.schema = self._fold.schema
        self.observe = self._fold.observe_block
        self.observe_one = self._fold.observe
        self.evidence = self._fold.evidence
        self.sizes = self._fold.sizes


@pytest.mark.parametrize("seed", [1, 2])
def test_any_batching_gives_the_same_bits(seed: int) -> None:
    replays(default_engine, random_journal(seed, 400), seed=seed)


def test_any_batching_gives_the_same_bits_for_every_fact_of_the_grammar() -> None:
    replays(full_engine, random_journal(3, 150, accounts=15), splits=1)


@pytest.mark.parametrize("seed", [4, 5])
def test_a_restored_engine_goes_on_as_if_it_had_never_stopped(seed: int, tmp_path: Path) -> None:
    resumes(default_engine, Engine.restore, random_journal(seed, 400), tmp_path, seed=seed)


def test_a_restored_engine_goes_on_for_every_fact_of_the_grammar(tmp_path: Path) -> None:
    resumes(full_engine, Engine.restore, random_journal(6, 150, accounts=15), tmp_path)


def test_nothing_later_changes_a_fact() -> None:
    no_tomorrow(default_engine, random_journal(7, 300))
    no_tomorrow(full_engine, random_journal(8, 120, accounts=15), moments=1)


def test_what_left_the_longest_window_is_gone() -> None:
    forgets(full_engine, random_journal(9, 120, accounts=15, days=90))


def test_renaming_changes_nothing() -> None:
    anonymous(default_engine, random_journal(10, 400))
    anonymous(full_engine, random_journal(11, 150, accounts=15))


def test_every_limit_of_a_search_is_reached_and_told() -> None:
    bounded(lambda: Engine((*LIMITS, "payer_sent_count_28d")))


def test_recorded_facts_are_found_again() -> None:
    journal, engine = random_journal(12, 200), default_engine()
    recorded = {
        entry.tx_id: facts_digest(engine.names, facts)
        for entry in journal
        if (facts := engine.observe_one(entry)) is not None and isinstance(entry, Payment)
    }
    assert len(recorded) == 200
    explains(default_engine, journal, recorded)
    with pytest.raises(LawError, match="does not give the recorded facts again"):
        explains(default_engine, journal, {"tx-7": "0" * 64})
    with pytest.raises(LawError, match="not in the journal"):
        explains(default_engine, journal, {"nobody": "0" * 64})


def test_the_engine_agrees_with_the_reference() -> None:
    agrees(lambda: Bare(DEFAULT), lambda: Engine(DEFAULT), random_journal(13, 300))


def payments_only(seed: int) -> list[Entry]:
    return [entry for entry in random_journal(seed, 60) if isinstance(entry, Payment)]


class CountsTheBlock(Engine):
    """Adds the number of payments in the block: depends on batching and on the future."""

    def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
        facts = super().observe(block)
        column = facts.schema.get_field_index("payer_sent_count_24h")
        return facts.set_column(column, facts.schema.field(column), pc.add(facts.column(column), len(facts)))


class SortsById(Engine):
    """Lets the order of names decide."""

    def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
        facts = super().observe(block)
        column = facts.schema.get_field_index("payer_sent_count_24h")
        names = zip(block.column("payer").to_pylist(), block.column("payee").to_pylist(), strict=True)
        order = [int(payer < payee) for payer, payee in names][: len(facts)]
        return facts.set_column(column, facts.schema.field(column), pa.array(order, pa.int64()))


class NeverForgets(Engine):
    """Remembers how often it was asked."""

    asked = 0

    def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
        self.asked += len(block)
        return super().observe(block)

    def sizes(self) -> dict[str, int]:
        return {**super().sizes(), "asked": self.asked}


def small(kind: type[Engine]) -> Any:
    return lambda: kind(("payer_sent_count_24h", "fan_in_24h_truncated"))


def test_an_engine_that_looks_at_the_block_is_caught() -> None:
    journal = random_journal(14, 60)
    with pytest.raises(LawError, match="replays"):
        replays(small(CountsTheBlock), journal)
    with pytest.raises(LawError, match="agrees"):
        agrees(small(Engine), small(CountsTheBlock), journal)


def test_an_engine_that_knows_the_future_is_caught() -> None:
    class Peeks(Engine):
        def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
            facts = super().observe(block)
            column = facts.schema.get_field_index("payer_sent_count_24h")
            total = pc.sum(block.column("amount_minor")).as_py()
            return facts.set_column(column, facts.schema.field(column), pa.array([total] * len(facts), pa.int64()))

    with pytest.raises(LawError, match="no tomorrow"):
        no_tomorrow(small(Peeks), random_journal(15, 60))


def test_an_engine_that_sorts_by_name_is_caught() -> None:
    with pytest.raises(LawError, match="anonymous"):
        anonymous(small(SortsById), payments_only(16))


def test_an_engine_that_never_forgets_is_caught() -> None:
    with pytest.raises(LawError, match="forgets"):
        forgets(small(NeverForgets), random_journal(17, 60))


def test_an_engine_that_starts_anew_after_a_restore_is_caught(tmp_path: Path) -> None:
    with pytest.raises(LawError, match="resumes"):
        resumes(small(Engine), lambda path: small(Engine)(), random_journal(18, 60, days=1), tmp_path)


def test_a_limit_that_is_never_reached_is_caught() -> None:
    with pytest.raises(LawError, match="never true"):
        bounded(small(Engine), crowd=random_journal(19, 5))
    with pytest.raises(LawError, match="nowhere cut"):
        bounded(lambda: Engine(("amount",)))
