"""Snapshots: whole or not there, told from damaged ones, and as good as never having stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torture.rules import fresh, small_rules

from headgate.checks.restarts import restarts
from headgate.decisions.holds import Holds
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import Rules
from headgate.drivers.snapshots import MANIFEST, Snapshots, check
from headgate.drivers.state import load_state, save_state
from headgate.errors import FileError, LawError, SnapshotError
from headgate.journal.entries import Action, Entry, Payment

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return small_rules(tmp_path_factory.mktemp("small") / "rules")


def story(length: int, seed: int = 0) -> list[Entry]:
    """Payments of which many wait, an hour apart now and then, and a person who looks into the first case."""
    found: list[Entry] = []
    for number in range(length):
        clock_us = 1 + (number // 3) * HOUR_US
        if number % 10 == 9:
            moves = ("confirm", "reopen", "dismiss", "reopen")
            found.append(
                Action(
                    seq=0, clock_us=clock_us, action_id=f"a{number}", actor="ada", action=moves[number // 10 % 4],
                    subject_kind="case", subject="C-000001", reason="Looked into.",
                )
            )  # fmt: skip
            continue
        amount = (95_000, 82_000, 71_000, 5_000)[(number + seed) % 4]
        found.append(
            Payment(
                seq=0, clock_us=clock_us, tx_id=f"t{number}", ts_us=clock_us, payer=f"A{number % 7}",
                payee=f"B{number % 5}", amount_minor=amount, currency="EUR", rail=("transfer", "instant")[number % 2],
            )
        )  # fmt: skip
    return found


def after(rules: Rules, length: int) -> Pipeline:
    pipeline = fresh(rules)
    for entry in story(length):
        pipeline.step(entry)
    return pipeline


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), length=st.integers(1, 60))
def test_a_restart_from_a_snapshot_is_no_restart(
    rules: Rules, tmp_path_factory: pytest.TempPathFactory, seed: int, length: int
) -> None:
    folder = tmp_path_factory.mktemp("law")
    restarts(
        lambda: fresh(rules),
        save_state,
        lambda place: load_state(place, lambda name: rules),
        story(length),
        folder,
        seed=seed,
    )


def test_the_law_finds_a_snapshot_that_forgets_what_waits(rules: Rules, tmp_path: Path) -> None:
    def forgetful(place: Path) -> Pipeline:
        pipeline = load_state(place, lambda name: rules)
        pipeline.decisions.holds = Holds(HOUR_US)
        return pipeline

    with pytest.raises(LawError, match="'restarts' is broken"):
        restarts(lambda: fresh(rules), save_state, forgetful, story(60), tmp_path, seed=3)


def test_the_newest_snapshot_is_used_and_so_many_are_kept(rules: Rules, tmp_path: Path) -> None:
    snapshots, steps = Snapshots(tmp_path / "snapshots"), []
    assert snapshots.newest(lambda name: rules, 0, print) is None
    for length in (10, 20, 30, 40):
        snapshots.write(after(rules, length), steps.append)
    assert steps == ["written", "synced", "placed"] * 4
    snapshots.keep(2)
    kept = snapshots.seqs()
    assert kept == tuple(after(rules, length).next_seq for length in (40, 30))
    newest = snapshots.newest(lambda name: rules, kept[0], print)
    assert newest is not None
    assert newest.next_seq == kept[0]
    assert newest.cases.state() == after(rules, 40).cases.state()


def test_one_snapshot_of_each_day_is_kept_for_some_days(rules: Rules, tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "snapshots")
    days = {}
    for length in (30, 60, 150, 160, 215, 220, 300):
        pipeline = after(rules, length)
        days[pipeline.next_seq] = pipeline.last_clock_us // (24 * HOUR_US)
        snapshots.write(pipeline)
    first, *_, fifth, sixth, last = days
    assert list(days.values()) == [0, 0, 2, 2, 2, 3, 4]
    (snapshots.place(first) / MANIFEST).write_text("{")
    snapshots.keep(1, 2)
    assert snapshots.seqs() == (last, sixth, fifth), "of day 2 the newest; day 0 is too long ago"
    snapshots.keep(1)
    assert snapshots.seqs() == (last,)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda place: flip(place / "facts.snapshot"), "facts.snapshot is not what was written"),
        (lambda place: flip(place / "decisions.msgpack"), "decisions.msgpack is not what was written"),
        (lambda place: (place / "decisions.msgpack").write_bytes(b""), "decisions.msgpack is not what was written"),
        (lambda place: (place / MANIFEST).write_text("{"), "snapshot.json says"),
        (lambda place: (place / MANIFEST).unlink(), "cannot be read"),
        (lambda place: (place / "facts.snapshot").unlink(), "cannot be read"),
    ],
)
def test_a_damaged_snapshot_is_set_aside_in_words_and_the_one_before_is_used(
    rules: Rules, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    snapshots, said = Snapshots(tmp_path / "snapshots"), []
    older, newer = snapshots.write(after(rules, 20)), snapshots.write(after(rules, 30))
    damage(newer)
    used = snapshots.newest(lambda name: rules, 1000, said.append)
    assert used is not None
    assert used.next_seq == after(rules, 20).next_seq
    assert len(said) == 1
    assert words in said[0]
    assert f"set aside as {newer.name}.damaged" in said[0]
    assert sorted(path.name for path in snapshots.folder.iterdir()) == sorted([older.name, f"{newer.name}.damaged"])


def test_a_snapshot_under_a_wrong_name_or_ahead_of_the_journal_is_refused(rules: Rules, tmp_path: Path) -> None:
    snapshots, said = Snapshots(tmp_path / "snapshots"), []
    place = snapshots.write(after(rules, 20))
    seq = snapshots.seqs()[0]
    assert check(place, seq).next_seq == seq
    with pytest.raises(SnapshotError, match="the journal ends before"):
        check(place, seq - 1)
    shutil.copytree(place, place.with_name(f"{seq + 1:015d}"))
    with pytest.raises(SnapshotError, match="its name"):
        check(place.with_name(f"{seq + 1:015d}"), 1000)
    assert snapshots.newest(lambda name: rules, seq - 1, said.append) is None
    assert len(said) == 2


def test_what_was_never_finished_is_removed_and_never_used(rules: Rules, tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "snapshots")

    def dies(step: str) -> None:
        raise InterruptedError(step)

    with pytest.raises(FileError, match="cannot be written"):
        snapshots.write(after(rules, 20), dies)
    assert [path.suffix for path in snapshots.folder.iterdir()] == [".unfinished"]
    assert snapshots.newest(lambda name: rules, 1000, print) is None
    snapshots.tidy()
    assert list(snapshots.folder.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_in_words(rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="nothing of the journal is lost"):
        Snapshots(tmp_path / "file" / "snapshots").write(after(rules, 2))
