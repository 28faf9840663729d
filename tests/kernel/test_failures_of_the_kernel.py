"""What goes wrong in the middle, no memory or two threads at once: nothing crashes, and a restored engine goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from headgate.checks.comparison import facts_of, require_same
from headgate.checks.journals import hub_journal, random_journal
from headgate.errors import UnavailableError
from headgate.facts import compiled
from headgate.facts.compiled import CompiledFold
from headgate.facts.engine import Engine
from headgate.journal.entries import Entry
from headgate.journal.schema import to_block

Make = Callable[..., Engine]
Restore = Callable[[Path], Engine]
ROOM = (*range(12), *range(12, 100, 7), *range(100, 4_000, 97))  # allocations that still succeed


@pytest.fixture(scope="module")
def some(known: tuple[str, ...]) -> tuple[str, ...]:
    """Facts that read every store."""
    chosen = {
        *known[::7],
        "payer_any_gap",
        "pair_sent_gap",
        "payer_confirmed_rate_28d",
        "payer_session_login_count_24h",
    }
    return tuple(name for name in known if name in chosen)


def in_blocks(engine: Engine, entries: Sequence[Entry]) -> None:
    for start in range(0, len(entries), 50):
        engine.observe(to_block(entries[start : start + 50]))


def one_by_one(engine: Engine, entries: Sequence[Entry]) -> None:
    for entry in entries:
        engine.observe_one(entry)


@pytest.mark.parametrize("fold", [in_blocks, one_by_one])
def test_an_engine_without_memory_stops_and_a_restored_one_goes_on(
    fold: Callable[[Engine, Sequence[Entry]], None], make_compiled: Make, restore: Restore, some: tuple[str, ...],
    fail_after: Callable[[int], None], tmp_path: Path,
) -> None:  # fmt: skip
    journal = hub_journal(1, 260, accounts=40)
    before, after = journal[: len(journal) // 3], journal[len(journal) // 3 :]
    whole, path = make_compiled(some), tmp_path / "before"
    in_blocks(whole, before)
    whole.snapshot(path)
    expected, failures = facts_of(whole, after), 0
    for room in ROOM:
        engine = restore(path)
        fail_after(room)
        try:
            fold(engine, after)
        except MemoryError:
            failures += 1
        else:
            break
        finally:
            fail_after(-1)
        with pytest.raises(UnavailableError, match="not to be trusted"):
            engine.observe_one(after[-1])
        with pytest.raises(UnavailableError, match="not to be trusted"):
            engine.snapshot(tmp_path / "never")
        if failures % 8 == 1:
            require_same("resumes", expected, facts_of(restore(path), after), "")
    assert failures > 20
    assert room > failures, "the last run has room enough and does not fail"
    assert not (tmp_path / "never").exists()


def test_a_restore_without_memory_fails_and_the_next_one_succeeds(
    make_compiled: Make, restore: Restore, some: tuple[str, ...], fail_after: Callable[[int], None], tmp_path: Path
) -> None:
    journal, engine, path = random_journal(2, 150, accounts=12), make_compiled(some), tmp_path / "snapshot"
    in_blocks(engine, journal[:-40])
    engine.snapshot(path)
    expected, failures = facts_of(engine, journal[-40:]), 0
    for room in range(40, 4_000, 61):
        fail_after(room)
        try:
            restore(path)
        except MemoryError:
            failures += 1
        else:
            break
        finally:
            fail_after(-1)
    assert failures > 3
    require_same("resumes", expected, facts_of(restore(path), journal[-40:]), "")


class Gate:
    """Stands in the middle of a fold, where it asks for the local time, until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def offset_at(self, time_zone: str) -> Callable[[int], int]:
        def ask(second: int) -> int:
            self.reached.set()
            assert self.opened.wait(60)
            return 3600

        return ask


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(compiled, "_offset_at", gate.offset_at)
    yield gate
    gate.opened.set()


def test_a_second_thread_is_refused_and_the_first_is_not_disturbed(gate: Gate) -> None:
    names = ("amount", "hour_local", "payer_sent_count_28d", "fan_in_7d")
    journal, fold, got = random_journal(3, 200), CompiledFold(names), list[pa.RecordBatch]()
    state = CompiledFold(names).state()
    first = threading.Thread(target=lambda: got.append(fold.observe_block(to_block(journal))))
    first.start()
    assert gate.reached.wait(60)
    late, long = to_block(random_journal(4, 1)), to_block(random_journal(4, 900))
    for act in (
        lambda: [fold.observe(entry) for entry in journal],
        lambda: fold.observe_block(late),
        lambda: fold.absorb(late),
        lambda: fold.observe_block(long),  # its amounts would take the place of those that the first reads
        lambda: fold.state(),
        lambda: fold.load(state),
    ):
        with pytest.raises(RuntimeError, match="two threads at once"):
            act()
    gate.opened.set()
    first.join()
    other = CompiledFold(names)
    assert got[0].equals(other.observe_block(to_block(journal)))
    assert fold.observe_block(late).num_rows == 1


def test_two_threads_that_meet_by_chance_never_crash(make_compiled: Make) -> None:
    journal = hub_journal(5, 400)
    block, answers = to_block(journal), list[str]()
    fold = CompiledFold(("payee_received_count_28d", "temporal_cycle_7d", "scatter_gather_28d"))

    def use() -> None:
        for _ in range(6):
            try:
                fold.absorb(block.slice(0, 1))
                fold.observe_block(block.slice(1))
                answers.append("folded")
            except RuntimeError:
                answers.append("refused")

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert "folded" in answers
