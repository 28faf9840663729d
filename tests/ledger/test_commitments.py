"""Commitments show a value only to those who have its key; erasing the key erases, in backups too; a hold blocks it."""

from __future__ import annotations

import hmac
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headgate.errors import FileError, LegalHoldError, NotFoundError, UnavailableError
from headgate.ledger import verify
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import encode_entry
from headgate.ledger.kinds import Reveal
from tests.ledger.conftest import ORIGIN, SIGNER, Kept

DAY_US = 86_400_000_000


class Clock:
    def __init__(self) -> None:
        self.now_us = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> SubjectKeys:
    return SubjectKeys(tmp_path / "keys", clock_us=clock)


def test_a_commitment_opens_to_its_value_under_its_subject_and_period_only(keys: SubjectKeys) -> None:
    made = keys.commit("A-1", "2026-11", b"tx-9")
    assert made == keys.commit("A-1", "2026-11", b"tx-9")
    assert keys.opens(made, "A-1", "2026-11", b"tx-9")
    assert not keys.opens(made, "A-1", "2026-11", b"tx-8")
    others = {keys.commit("A-2", "2026-11", b"tx-9"), keys.commit("A-1", "2026-12", b"tx-9"), made}
    assert len(others) == 3
    assert all(len(each) == 64 for each in others)


@pytest.mark.parametrize("value", [b"", b"P-1", bytes(55), bytes(64), b"x" * 800], ids=len)
def test_a_commitment_is_the_hmac_that_everybody_can_compute(
    keys: SubjectKeys, tmp_path: Path, value: bytes
) -> None:  # fmt: skip
    commitment = keys.commit("A-1", "2026-11", value)
    ((key,),) = sqlite3.connect(tmp_path / "keys" / "subject-keys.db").execute("SELECT content FROM subject_keys")
    assert commitment == hmac.new(key, value, "sha256").hexdigest()


def test_keys_stay_in_files_that_only_their_owner_can_read(keys: SubjectKeys, tmp_path: Path, clock: Clock) -> None:
    keys.commit("A-1", "2026-11", b"x")
    keys.backup(tmp_path / "backup")
    for path in (*(tmp_path / "keys").iterdir(), tmp_path / "backup"):
        assert path.stat().st_mode & 0o077 == 0, path
    again = SubjectKeys(tmp_path / "keys", clock_us=clock)
    assert again.opens(keys.commit("A-1", "2026-11", b"x"), "A-1", "2026-11", b"x")
    (tmp_path / "keys" / "subject-keys.db").chmod(0o644)
    with pytest.raises(FileError, match="Others can read"):
        SubjectKeys(tmp_path / "keys", clock_us=clock)


def test_erasing_leaves_the_log_provable_and_the_value_unreadable(
    keys: SubjectKeys, make_log: Callable[..., Kept], tmp_path: Path
) -> None:
    account = keys.commit("A-1", "2026-11", b"DE89370400440532013000")
    other = keys.commit("A-2", "2026-11", b"DE02120300000000202051")
    kept = make_log()
    kept.add([
        encode_entry(Reveal(at_us=5, person="ana", purpose="investigation", case="C-1", account=each))
        for each in (account, other)
    ])  # fmt: skip
    before = kept.store.ledger_leaves(0, 2)
    assert keys.erase("A-1") == ("2026-11",)
    assert keys.erase("A-1") == ()
    with pytest.raises(NotFoundError, match="erased"):
        keys.opens(account, "A-1", "2026-11", b"DE89370400440532013000")
    assert keys.opens(other, "A-2", "2026-11", b"DE02120300000000202051")
    assert keys.commit("A-1", "2026-11", b"DE89370400440532013000") != account
    assert kept.store.ledger_leaves(0, 2) == before
    found = verify.verify(verify.Log(str(kept.folder)), verify.parse_key(SIGNER.verifier.text()), ORIGIN)
    assert found[1] == []


def test_an_erased_key_is_in_no_file_any_more(tmp_path: Path, clock: Clock) -> None:
    drawn: list[bytes] = []

    def token(count: int) -> bytes:
        drawn.append(bytes((len(drawn) + 65,)) * count)
        return drawn[-1]

    keys = SubjectKeys(tmp_path / "keys", clock_us=clock, token=token)
    keys.commit("A-1", "2026-11", b"x")
    secret = drawn[-1]
    assert any(secret in path.read_bytes() for path in (tmp_path / "keys").iterdir())
    keys.erase("A-1")
    assert not any(secret in path.read_bytes() for path in (tmp_path / "keys").iterdir())


def test_only_the_periods_asked_for_are_erased(keys: SubjectKeys) -> None:
    made = {period: keys.commit("A-1", period, b"x") for period in ("2026-10", "2026-11")}
    assert keys.erase("A-1", ["2026-10", "2026-01"]) == ("2026-10",)
    assert keys.opens(made["2026-11"], "A-1", "2026-11", b"x")


def test_a_legal_hold_blocks_the_erasure_until_it_expires_or_is_lifted(keys: SubjectKeys, clock: Clock) -> None:
    keys.commit("A-1", "2026-11", b"x")
    keys.hold("A-1", "court order 7/26", "dora", clock.now_us + DAY_US)
    with pytest.raises(LegalHoldError, match=r"hold of dora forbids.*court order 7/26"):
        keys.erase("A-1")
    assert keys.held("A-1") == ("court order 7/26", "dora", clock.now_us + DAY_US)
    clock.now_us += DAY_US
    assert keys.held("A-1") is None
    keys.hold("A-1", "again", "dora", clock.now_us + DAY_US)
    keys.hold("A-1", "", "dora", 0)
    assert keys.erase("A-1") == ("2026-11",)


@pytest.mark.parametrize(("reason", "days"), [("", 1), ("no expiry to speak of", 4000), ("in the past", -1)])
def test_a_legal_hold_needs_a_reason_and_an_expiry(keys: SubjectKeys, clock: Clock, reason: str, days: int) -> None:
    with pytest.raises(LegalHoldError, match="needs a reason and an expiry"):
        keys.hold("A-1", reason, "dora", clock.now_us + days * DAY_US)


def restored(tmp_path: Path, clock: Clock, backup: Path) -> SubjectKeys:
    """A new folder of keys on another machine, with today's backup.key, from a backup."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    (folder / "backup.key").write_bytes((tmp_path / "keys" / "backup.key").read_bytes())
    (folder / "subject-keys.db").unlink(missing_ok=True)
    keys = SubjectKeys(folder, clock_us=clock)
    keys.restore(backup)
    return keys


def test_a_backup_made_before_an_erasure_cannot_be_opened_and_one_made_after_it_lacks_the_key(
    keys: SubjectKeys, tmp_path: Path, clock: Clock
) -> None:
    kept, gone = keys.commit("A-1", "2026-11", b"x"), keys.commit("A-2", "2026-11", b"y")
    keys.hold("A-1", "court order", "dora", clock.now_us + DAY_US)
    keys.backup(tmp_path / "before")
    assert restored(tmp_path, clock, tmp_path / "before").opens(gone, "A-2", "2026-11", b"y")
    keys.erase("A-2")
    with pytest.raises(FileError, match="an erasure came after it"):
        restored(tmp_path, clock, tmp_path / "before")
    keys.backup(tmp_path / "after")
    again = restored(tmp_path, clock, tmp_path / "after")
    assert again.opens(kept, "A-1", "2026-11", b"x")
    assert again.held("A-1") is not None
    with pytest.raises(NotFoundError):
        again.opens(gone, "A-2", "2026-11", b"y")
    with pytest.raises(FileError, match="keys here already"):
        again.restore(tmp_path / "after")


def test_a_changed_backup_and_a_file_that_holds_no_keys_are_refused(
    keys: SubjectKeys, tmp_path: Path, clock: Clock
) -> None:
    keys.commit("A-1", "2026-11", b"x")
    keys.backup(tmp_path / "backup")
    data = bytearray((tmp_path / "backup").read_bytes())
    data[-1] ^= 1
    (tmp_path / "changed").write_bytes(data)
    with pytest.raises(FileError, match="cannot be opened"):
        restored(tmp_path, clock, tmp_path / "changed")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "subject-keys.db").write_text("Dear reader, this is a letter and no database.")
    (tmp_path / "bad" / "subject-keys.db").chmod(0o600)
    with pytest.raises(FileError, match="cannot be opened"):
        SubjectKeys(tmp_path / "bad", clock_us=clock)


_DRAW = """
import sys
from pathlib import Path
from headgate.ledger.commitments import SubjectKeys
keys = SubjectKeys(Path(sys.argv[1]), clock_us=lambda: 1)
for number in range(200):
    print(keys.commit(f"A-{number}", "2026-11", b"x"))
"""


def test_two_processes_that_draw_at_once_commit_under_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _DRAW, str(tmp_path / "keys")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    one, other = (process.communicate()[0] for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert one == other
    assert len(set(one.split())) == 200


def test_many_that_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    for number in range(20):
        ready = threading.Barrier(6)

        def draw(folder: Path = tmp_path / str(number), ready: threading.Barrier = ready) -> str:
            ready.wait()
            keys = SubjectKeys(folder, clock_us=lambda: 1)
            try:
                return keys.commit("A-1", "2026-11", b"x")
            finally:
                keys.close()

        with ThreadPoolExecutor(6) as pool:
            assert len({each.result() for each in [pool.submit(draw) for _ in range(6)]}) == 1


def test_keys_of_many_subjects_are_drawn_at_once_and_are_those_that_would_be_drawn_one_by_one(
    tmp_path: Path, clock: Clock
) -> None:
    one, other = (SubjectKeys(tmp_path, clock_us=clock) for _ in range(2))
    before = other.commit("A-7", "2026-11", b"value")
    subjects = [f"A-{number % 900}" for number in range(1000)]
    with one.together("2026-11", subjects) as commit:
        made = {subject: commit(subject, "2026-11", b"value") for subject in subjects}
        other_month = commit("A-7", "2026-12", b"value")
    assert made["A-7"] == before != other_month
    assert len(set(made.values())) == 900
    assert {subject: other.commit(subject, "2026-11", b"value") for subject in subjects} == made
    other.erase("A-7", ["2026-11"])
    with one.together("2026-11", ["A-7"]) as commit:
        assert commit("A-7", "2026-11", b"value") != before
    one.close()
    other.close()


def test_an_erasure_by_another_process_is_seen_by_one_that_remembers_the_key(tmp_path: Path, clock: Clock) -> None:
    writer, eraser = (SubjectKeys(tmp_path / "keys", clock_us=clock) for _ in range(2))
    made = writer.commit("A-1", "2026-11", b"x")
    assert eraser.erase("A-1") == ("2026-11",)
    assert writer.commit("A-1", "2026-11", b"x") != made


def test_keys_that_another_process_writes_are_waited_for_and_then_told(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.ledger.key_store._WAIT_SECONDS", 0)
    one, other = (SubjectKeys(tmp_path / "keys", clock_us=clock) for _ in range(2))
    with one.together() as commit:
        commit("A-1", "2026-11", b"x")
        with pytest.raises(UnavailableError, match="in use by another process"):
            other.erase("A-1")
    assert other.erase("A-1") == ("2026-11",)
