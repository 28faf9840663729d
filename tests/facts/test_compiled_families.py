"""Profiles, what is known for ever, peers, neighbours and communities: the kernel gives the bits of the reference."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from headgate.checks.agrees import agrees
from headgate.checks.forgets import forgets
from headgate.checks.journals import crowded_journal, random_journal
from headgate.checks.resumes import resumes
from headgate.facts.compiled import CompiledFold
from headgate.facts.engine import Engine, reference_fold
from headgate.facts.fold import Fold
from headgate.facts.grammar import specs
from headgate.journal.schema import to_block
from headgate.kernel import fail_allocation_after

_MEASURES = (
    "profile_", "known_days", "ever_", "peer_", "neighbour_", "two_hops", "component_", "community_", "same_component",
    "same_community", "forwarded", "funded", "habit", "new_ratio", "rhythm", "fraud_", "way", "walk",
)  # fmt: skip
NAMES = tuple(name for name, spec in specs().items() if str(spec.plan[0]).startswith(_MEASURES))


def compiled_fold(names: tuple[str, ...], currency: str, time_zone: str) -> Fold:
    return CompiledFold(names, reference_currency=currency, time_zone=time_zone)


reference = partial(Engine, NAMES, make_fold=reference_fold)
compiled = partial(Engine, NAMES, make_fold=compiled_fold)


@pytest.mark.parametrize(
    ("seed", "accounts", "days"), [(1, 40, 3), (2, 10, 30), (3, 4, 120), (4, 100, 10), (5, 15, 900)]
)
def test_values_and_evidence_are_those_of_the_reference(seed: int, accounts: int, days: int) -> None:
    agrees(reference, compiled, random_journal(seed, 300, accounts=accounts, days=days), seed=seed)


def test_hubs_are_cut_at_the_same_neighbours() -> None:
    agrees(reference, compiled, crowded_journal(72))


@pytest.mark.parametrize(("seed", "days"), [(6, 20), (7, 900)])
def test_a_restored_kernel_goes_on_with_the_same_bits(seed: int, days: int, tmp_path: Path) -> None:
    restore = partial(Engine.restore, make_fold=compiled_fold)
    resumes(compiled, restore, random_journal(seed, 300, accounts=15, days=days), tmp_path, seed=seed)


def test_after_a_long_silence_only_what_is_known_for_ever_is_left() -> None:
    forgets(compiled, random_journal(8, 300))


def test_communities_of_a_snapshot_without_payments_are_empty() -> None:
    fold, other = CompiledFold(NAMES), CompiledFold(NAMES)
    other.load(fold.state())
    assert not any(other.sizes().values())


def test_a_failed_allocation_is_an_error_and_no_crash() -> None:
    block = to_block(random_journal(9, 100, accounts=30, days=200))
    failed = 0
    for allocations in range(0, 400, 7):
        fold = CompiledFold(NAMES)
        fail_allocation_after(allocations)
        try:
            fold.observe_block(block)
        except MemoryError:
            failed += 1
        finally:
            fail_allocation_after(-1)
    assert failed > 10
