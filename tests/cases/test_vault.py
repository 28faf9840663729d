from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import apsw
import pytest
from torture.losing_disk import LosingDisk
from torture.sqlite_on_it import connector

from headgate.charter import at_hand
from headgate.charter.pseudonyms import Vault
from headgate.errors import FieldError, FileError, NotFoundError, UnavailableError

PURPOSES = ("fraud_investigation",)


def open_vault(tmp_path: Path, **more) -> Vault:
    return Vault(tmp_path / "vault.db", purposes=PURPOSES, clock_us=lambda: 77, **more)


def test_an_account_keeps_its_pseudonym_and_nobody_else_has_it(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    drawn = vault.pseudonyms([f"acc{n}" for n in range(500)])
    assert len(set(drawn.values())) == 500
    assert all(len(name) == 10 and name.startswith("A-") for name in drawn.values())
    vault.close()
    again = open_vault(tmp_path)
    assert again.pseudonym("acc7") == drawn["acc7"]
    assert len(again) == 500


def test_an_account_and_a_party_of_the_same_id_have_two_pseudonyms(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    account, party = vault.pseudonym("1"), vault.pseudonyms(["1"], prefix="P")["1"]
    assert (account[:2], party[:2]) == ("A-", "P-")
    assert vault.known("1", prefix="P") == party


def test_a_pair_has_the_pseudonyms_of_its_accounts_and_ids_that_can_be_none_are_not_named(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    vault.name(["1", "", "2", "x" * 200])
    assert len(vault) == 2
    named = vault.pseudonyms(["1", "2", "3"])
    assert vault.pair("1", "2") == (named["1"], named["2"])
    assert vault.pair("3", "3") == (named["3"], named["3"])
    assert vault.pair("4", "1") == (vault.known("4"), named["1"])
    with pytest.raises(FieldError, match="200 characters"):
        vault.pair("1", "x" * 200)
    vault.name(["1"], "P")
    assert vault.known("1", prefix="P") != named["1"]


def test_pseudonyms_come_from_the_randomness_that_was_given(tmp_path: Path) -> None:
    draws = iter([b"\x00" * 5, b"\x00" * 5, b"\x01" * 5])
    vault = open_vault(tmp_path, token=lambda size: next(draws))
    assert vault.pseudonym("a") == "A-AAAAAAAA"
    assert vault.pseudonym("b") == "A-AEAQCAIB"  # the draw that was taken is drawn again


def test_randomness_that_repeats_for_ever_is_refused(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, token=lambda size: b"\x00" * size)
    vault.pseudonym("a")
    with pytest.raises(UnavailableError, match="source of randomness"):
        vault.pseudonym("b")
    assert vault.known("b") is None


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    open_vault(tmp_path).pseudonym("a")
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_reveal_is_on_disk_before_the_name_is_known(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    name = vault.pseudonym("DE99")
    assert vault.reveal(name, "fraud_investigation", "ana", note="C-000001") == "DE99"
    seen = sqlite3.connect(tmp_path / "vault.db").execute("SELECT actor, purpose, pseudonym, note FROM accesses")
    assert seen.fetchall() == [("ana", "fraud_investigation", name, "C-000001")]
    assert vault.accesses()[0].clock_us == 77


def test_no_name_is_revealed_where_the_access_cannot_be_recorded(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    name = vault.pseudonym("DE99")
    vault._db.execute("PRAGMA query_only = ON")
    with pytest.raises(UnavailableError, match="cannot be written"):
        vault.reveal(name, "fraud_investigation", "ana")


def test_a_reveal_needs_a_purpose_of_the_charter_and_a_person(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    name = vault.pseudonym("DE99")
    with pytest.raises(FieldError, match="Did you mean 'fraud_investigation'"):
        vault.reveal(name, "fraud_investigatio", "ana")
    with pytest.raises(FieldError, match="needs a person"):
        vault.reveal(name, "fraud_investigation", " ")
    assert vault.accesses() == ()


def test_what_is_forgotten_cannot_be_revealed_and_is_gone_from_the_file(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    name = vault.pseudonym("DE-secret-iban")
    assert vault.forget("DE-secret-iban") is True
    assert vault.forget("DE-secret-iban") is False
    with pytest.raises(NotFoundError, match="after an erasure"):
        vault.reveal(name, "fraud_investigation", "ana")
    assert len(vault.accesses()) == 1
    vault.close()
    assert b"DE-secret-iban" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert open_vault(tmp_path).pseudonym("DE-secret-iban") != name


def test_an_empty_or_overlong_id_is_refused(tmp_path: Path) -> None:
    for wrong in ("", "x" * 200):
        with pytest.raises(FieldError, match="account id"):
            open_vault(tmp_path).pseudonyms(["good", wrong])
    assert open_vault(tmp_path).known("good") is None


def test_another_programs_file_is_not_taken_for_a_vault(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "vault.db") as other:
        other.execute("CREATE TABLE songs(name)")
    with pytest.raises(FileError, match="another program"):
        open_vault(tmp_path)


def test_a_vault_of_another_version_is_not_opened(tmp_path: Path) -> None:
    open_vault(tmp_path).close()
    with sqlite3.connect(tmp_path / "vault.db") as newer:
        newer.execute("PRAGMA user_version = 9")
    with pytest.raises(FileError, match="version 9"):
        open_vault(tmp_path)


def test_a_damaged_file_and_a_missing_folder_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "vault.db").write_bytes(b"not a database, but long enough to look at" * 40)
    with pytest.raises(FileError, match="cannot be opened"):
        open_vault(tmp_path)
    with pytest.raises(FileError, match="cannot be opened"):
        open_vault(tmp_path / "nowhere")


def test_a_name_erased_by_another_program_is_remembered_no_more(tmp_path: Path) -> None:
    service, officer = open_vault(tmp_path), open_vault(tmp_path)
    before = service.pseudonym("acc1")
    assert service.pseudonym("acc1") == before
    assert officer.forget("acc1")
    service.look_for_erasures()
    assert service.pseudonym("acc1") != before
    assert service.forget("acc1")
    assert service.known("acc1") is None
    assert service.pseudonym("acc1") not in (before, None)


def test_no_more_names_are_remembered_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_hand, "MAX_REMEMBERED_NAMES", 10)
    vault = open_vault(tmp_path)
    drawn = {name: vault.pseudonym(name) for name in (f"acc{n}" for n in range(35))}
    assert len(vault._at_hand.of("A")) <= 11
    assert vault.pseudonyms(drawn) == drawn


def test_a_vault_whose_making_is_cut_short_at_any_write_can_be_made_again(tmp_path: Path) -> None:
    """A process that dies while the file is made leaves nothing of it, or all of it."""
    for writes in range(40):
        path, disk = tmp_path / f"vault-{writes}.db", LosingDisk(f"cut-{writes}")
        left = [writes]

        def hears(what: str, file: str, left: list[int] = left) -> None:
            left[0] -= what in ("write", "sync")
            if left[0] < 0:
                raise apsw.IOError("the machine has stopped")

        disk.hears = hears
        with contextlib.suppress(FileError):
            Vault(path, connect=connector(disk.name)).close()
        with contextlib.closing(Vault(path)) as vault:
            assert vault.pseudonym("DE-1").startswith("A-")
