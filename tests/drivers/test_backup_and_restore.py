"""A home is backed up while it is served; what is restored is checked first, and decides on with the same bits."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sqlite3
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from click.testing import CliRunner

from headgate.cli.backup import command as backup_command
from headgate.cli.restore import command as restore_command
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.drivers import backup as backup_module
from headgate.drivers.backup import backup
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.moving import move_closed_days
from headgate.drivers.replay import replay
from headgate.drivers.restore import restore, verify
from headgate.drivers.rollouts import in_force_at
from headgate.drivers.rules import load_rules
from headgate.errors import FileError, UnavailableError
from headgate.journal.entries import Payment
from headgate.journal.order import order_table
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY
from headgate.service.opening import opened
from headgate.service.people import add_person
from headgate.stores.copying import LEFT_BEHIND, TABLES
from headgate.stores.users import WebSession

T0 = 1_772_409_600_000_000  # 2026-03-02
MINUTE_US = 60_000_000


def payment(number: int) -> Payment:
    """The same twelve payers and three payees all the time; sums are handed on now and then."""
    clock_us = T0 + 20 * number * MINUTE_US
    chain = number % 7 == 0
    return Payment(
        seq=0,
        clock_us=clock_us,
        tx_id=f"P-{number:05d}",
        ts_us=clock_us,
        payer=f"C-{number % 12}",
        payee=f"C-{(number + 1) % 12}" if chain else f"SHOP-{number % 3}",
        amount_minor=90_000 - number if chain else 2_000 + 13 * (number % 40),
        currency="EUR",
        channel="app",
    )


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replayed")
    table, _ = order_table(pa.Table.from_batches([to_block([payment(number) for number in range(200)])]))
    replay(Dataset(folder=folder, journal=table, reference_currency="EUR"), folder / "home", load_rules())
    return folder / "home"


@pytest.fixture
def home(replayed: Path, tmp_path: Path) -> Path:
    shutil.copytree(replayed, tmp_path / "home")
    return tmp_path / "home"


def decide(root: Path, numbers: range, during: threading.Event | None = None) -> list[Decision]:
    """Serve a home and let payments arrive, each at its own time."""
    clock = [T0]
    made = []
    with opened(root, "127.0.0.1", lambda entries: None, lambda: clock[0]) as parts:
        for number in numbers:
            clock[0] = payment(number).ts_us
            (answer,) = parts.writer.decide([payment(number)]).result(timeout=60)
            made.append(answer.decision)
            if during is not None and len(made) == 40:
                during.set()
    return made


def test_a_backup_under_load_is_of_one_moment_and_goes_on_with_the_same_bits(home: Path, tmp_path: Path) -> None:
    begun = threading.Event()
    made: list[Decision] = []
    serving = threading.Thread(target=lambda: made.extend(decide(home, range(200, 500), begun)))
    serving.start()
    assert begun.wait(timeout=60)
    reading = Home(home)
    move_closed_days(reading.store, payment(230).ts_us, keep_days=0)
    manifest = backup(reading, tmp_path / "home.backup", now_us=T0)
    reading.close()
    still_serving = serving.is_alive()
    serving.join(timeout=120)
    assert still_serving, "the backup was taken while payments came in"
    restore(tmp_path / "home.backup", tmp_path / "restored")
    again = Home(tmp_path / "restored")
    assert again.store.last_seq() == manifest.last_seq < made[-1].seq
    known = [decision for decision in made if decision.seq <= manifest.last_seq]
    assert [again.store.decision(decision.tx_id) for decision in known] == known
    assert all(explain(again, decision.tx_id).same_bits for decision in known[::20])
    again.close()
    goes_on = range(200 + len(known), 500)
    assert decide(tmp_path / "restored", goes_on) == made[len(known) :]


def test_rules_that_take_effect_while_the_backup_is_taken_are_in_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup_module._copy_of_store

    def changed_meanwhile(of: Home, path: Path) -> Any:
        policy = home / "policy.toml"
        policy.write_text(policy.read_text().replace("cases_per_day = 10", "cases_per_day = 11"))
        made.extend(decide(home, range(200, 202)))
        return copy(of, path)

    made: list[Decision] = []
    monkeypatch.setattr(backup_module, "_copy_of_store", changed_meanwhile)
    of = Home(home)
    backup(of, tmp_path / "backup.tar.gz", T0)
    of.close()
    restore(tmp_path / "backup.tar.gz", tmp_path / "again")
    restored = Home(tmp_path / "again")
    in_force = in_force_at(restored.store.last_seq() + 1, restored.blocks())
    assert restored.rule_sets.get(in_force).policy.content_hash == made[-1].versions.policy
    assert restored.pipeline().rules_hash == in_force
    restored.close()


def test_everything_of_the_home_is_in_it_and_the_vault_stays_private(home: Path, tmp_path: Path) -> None:
    (home / "headgate.toml").write_text("[server]\nhttps = true\n")
    for left in ("left.partial", "writer.lock", "snapshots/0007.unfinished/facts.snapshot"):
        (home / left).parent.mkdir(exist_ok=True, parents=True)
        (home / left).write_text("nobody's")
    original = Home(home)
    move_closed_days(original.store, T0 + 90 * US_PER_DAY, keep_days=0)
    manifest = backup(original, tmp_path / "home.backup", now_us=5)
    expected = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    expected = {name for name in expected if (home / name).read_bytes() != b"nobody's"}
    expected = {name for name in expected if not name.endswith(("-wal", "-shm"))}
    assert {member.name for member in manifest.files} == expected
    assert (tmp_path / "home.backup").stat().st_mode & 0o777 == 0o600
    assert manifest.made_us == 5
    restore(tmp_path / "home.backup", tmp_path / "restored")
    assert (tmp_path / "restored" / "vault.db").stat().st_mode & 0o777 == 0o600
    for name in expected - {"headgate.db", "vault.db"}:
        assert (tmp_path / "restored" / name).read_bytes() == (home / name).read_bytes(), name
    vault, other = original.vault(), Home(tmp_path / "restored").vault()
    assert vault.pseudonyms(["C-1", "SHOP-2"]) == other.pseudonyms(["C-1", "SHOP-2"])
    for each in (vault, other, original):
        each.close()


def test_nobody_is_logged_in_by_a_backup(home: Path, tmp_path: Path) -> None:
    original = Home(home)
    add_person(original.store, "ada", "analyst", "a long enough sentence", 0)
    original.store.add_web_session(WebSession(token_hash="t", user="ada", created_us=1, expires_us=10**16))
    original.store.note_login_failure("ada", 7)
    backup(original, tmp_path / "home.backup", now_us=5)
    restore(tmp_path / "home.backup", tmp_path / "restored")
    again = Home(tmp_path / "restored")
    assert (again.store.users(), again.store.web_session("t", 5)) == (original.store.users(), None)
    assert original.store.web_session("t", 5) is not None
    assert again.store.login_failures("ada", 0) == 0
    again.close()
    original.close()


def test_every_table_is_copied_or_left_behind_on_purpose(home: Path) -> None:
    db = sqlite3.connect(home / "headgate.db")
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    assert tables - {"sqlite_sequence"} == {*TABLES, *LEFT_BEHIND}


@pytest.fixture
def file(home: Path, tmp_path: Path) -> Path:
    original = Home(home)
    backup(original, tmp_path / "home.backup", now_us=5)
    original.close()
    return tmp_path / "home.backup"


def rewritten(file: Path, change: str) -> None:
    """Write the file again with one thing wrong."""
    with tarfile.open(file, "r:gz") as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as tar:
        for info, content in members:
            if change == "without the model" and info.name == "policy.toml":
                continue
            if change == "without a manifest" and info.name == "manifest.json":
                continue
            if change == "another byte" and info.name == "vault.db":
                content = content[:-1] + bytes([content[-1] ^ 1])
            if change == "another format" and info.name == "manifest.json":
                content = content.replace(b'"format": 1', b'"format": 9')
            if change == "a path outside" and info.name == "policy.toml":
                info.name = "../policy.toml"
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        if change == "a link":
            link = tarfile.TarInfo("state/link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("without the model", "policy.toml is not what the manifest says"),
        ("without a manifest", "its end is missing"),
        ("another byte", "vault.db is not what the manifest says"),
        ("another format", "its format is 9"),
        ("a path outside", r"'\.\./policy.toml', which no backup does"),
        ("a link", "'state/link', which no backup does"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(
    change: str, words: str, file: Path, tmp_path: Path
) -> None:
    rewritten(file, change)
    with pytest.raises(FileError, match=words):
        restore(file, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert not (tmp_path / "restored.partial").exists()


def test_a_backup_that_was_cut_or_is_something_else_is_refused(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    for wrong in (content[: len(content) // 2], b"Dear reader", gzip.compress(b"no tar"), b""):
        file.write_bytes(wrong)
        with pytest.raises(FileError, match="no whole backup"):
            verify(file)


def test_a_backup_replaces_nothing_and_a_restore_only_what_it_is_told_to(file: Path, home: Path) -> None:
    original = Home(home)
    with pytest.raises(FileError, match="a file of this name"):
        backup(original, file, now_us=5)
    with pytest.raises(FileError, match="cannot be written"):
        backup(original, file.parent / "none" / "file", now_us=5)
    original.close()
    with pytest.raises(FileError, match="not empty"):
        restore(file, home)
    restore(file, home, overwrite=True)
    Home(home).close()


def test_files_that_are_replaced_meanwhile_are_taken_together_or_not_at_all(home: Path, tmp_path: Path) -> None:
    """Somebody renames a new state over the old one all the time; what is taken belongs together."""
    stop = threading.Event()

    def replacing() -> Iterator[None]:
        number = 0
        while not stop.is_set():
            number += 1
            for name in ("a", "b"):
                (tmp_path / name).write_text(str(number))
            fresh = tmp_path / f"fresh-{number}"
            fresh.mkdir()
            for name in ("a", "b"):
                os.rename(tmp_path / name, fresh / name)
            if number > 1:
                os.rename(home / "pair", tmp_path / f"old-{number}")
            os.rename(fresh, home / "pair")
            time.sleep(0.002)
            yield

    thread = threading.Thread(target=lambda: list(replacing()))
    thread.start()
    original = Home(home)
    try:
        taken = 0
        for number in range(12):
            try:
                backup(original, tmp_path / f"{number}.backup", now_us=5)
            except UnavailableError:
                continue
            with tarfile.open(tmp_path / f"{number}.backup") as tar:
                pair = [tar.extractfile(info).read() for info in tar if info.name.startswith("pair/")]  # type: ignore[union-attr]
            assert len(set(pair)) <= 1
            assert len(pair) in (0, 2)
            taken += 1
        assert taken
    finally:
        stop.set()
        thread.join()
        original.close()


def test_the_commands_back_up_and_restore(home: Path, tmp_path: Path) -> None:
    def run(command: object, *arguments: str) -> dict[str, object]:
        result = CliRunner().invoke(command, [*arguments, "--json"], standalone_mode=False, catch_exceptions=False)  # type: ignore[arg-type]
        found: dict[str, object] = msgspec.json.decode(result.stdout)
        return found

    made = run(backup_command, str(home), "--to", str(tmp_path / "file"))
    again = run(restore_command, str(tmp_path / "file"), "--home", str(tmp_path / "again"))
    assert made == again
    assert made["last_seq"] == Home(tmp_path / "again").store.last_seq()
