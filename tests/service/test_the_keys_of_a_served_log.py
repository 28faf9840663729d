"""The key of a served log is replaced by settings, or lies behind a command; every checkpoint stays verifiable."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.errors import FieldError, FileError, NoteError, UnavailableError
from headgate.journal.entries import Payment
from headgate.ledger import kinds, verify
from headgate.ledger.entries import decode_entry
from headgate.ledger.keys import load_key_file
from headgate.ledger.kinds import Entry
from headgate.service.opening import opened
from headgate.stores.sqlite import SqliteStore

SIGN = """
import sys
from pathlib import Path
from headgate.ledger.keys import load_key_file
if Path("{broken}").exists():
    sys.exit("the module does not answer")
sys.stdout.buffer.write(load_key_file(Path("{key}")).sign(sys.stdin.buffer.read()))
"""


def serving(home: Path) -> Any:
    return opened(home, "127.0.0.1", lambda entries: None)


def serve(home: Path, fresh: Iterator[Payment], ledger: str = "") -> bytes:
    """Serve a home with these settings, decide a payment, and return the checkpoint that stands at the end."""
    (home / "headgate.toml").write_text(f"[ledger]\n{ledger}\n")
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    return (home / "log" / "checkpoint").read_bytes()


def ran(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(root, ["ledger", *arguments, "--json"], standalone_mode=False)
    assert done.exception is None, done.exception
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def verified(home: Path, key: str, saved: list[bytes]) -> list[str]:
    """Return the faults that somebody with this key alone finds, who saved these checkpoints earlier."""
    notes = [(f"saved {number}", note) for number, note in enumerate(saved)]
    known = {each: found for text in key.split() for each, found in verify.parse_key(text).items()}
    try:
        return verify.verify(verify.Log(str(home / "log")), known, key.split("+")[0], notes)[1]
    except verify.Fault as fault:
        return [str(fault)]


def logged(home: Path) -> list[Entry]:
    store = SqliteStore(home / "headgate.db")
    head = store.ledger_head()
    leaves = store.ledger_leaves(0, head.size if head else 0)
    store.close()
    return [decode_entry(leaf) for leaf in leaves]


def test_a_key_is_replaced_by_settings_and_old_checkpoints_hold_under_the_old_key(
    home: Path, fresh: Iterator[Payment]
) -> None:
    first = serve(home, fresh)
    (old,) = ran("keys", "--home", str(home))["signing"]
    new = ran("new-key", "next.key", "--by", "ana", "--home", str(home))["key"]
    assert (home / "next.key").stat().st_mode & 0o777 == 0o600
    assert (old != new, old.split("+")[0] == new.split("+")[0]) == (True, True)
    both = serve(home, fresh, 'keys = ["ledger.key", "next.key"]')
    assert verified(home, old, [first, both]) == []
    assert verified(home, new, [both]) == []
    last = serve(home, fresh, f'keys = ["next.key"]\nold_keys = ["{old}"]')
    (home / "ledger.key").unlink()
    last = serve(home, fresh, f'keys = ["next.key"]\nold_keys = ["{old}"]')
    assert verified(home, f"{old} {new}", [first, both, last]) == []
    assert any("unknown key" in each for each in verified(home, new, [first]))
    assert any("unknown key" in each for each in verified(home, old, []))
    assert (home / "log" / "vkeys").read_text().split() == [new, old]
    entries = logged(home)
    (added,) = [each for each in entries if isinstance(each, kinds.KeyChanged)]
    assert (added.person, added.after, added.name) == ("ana", new, old.split("+")[0])
    opened_with = [each.keys for each in entries if isinstance(each, kinds.LogOpened)]
    assert opened_with == [(old,), (old, new), (new, old), (new, old)]


def test_a_log_is_not_gone_on_with_by_a_key_that_did_not_sign_it(home: Path, fresh: Iterator[Payment]) -> None:
    serve(home, fresh)
    ran("new-key", "next.key", "--home", str(home))
    before = logged(home)
    with pytest.raises(NoteError, match="No key that is trusted here signed this"):
        serve(home, fresh, 'keys = ["next.key"]')
    assert logged(home) == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_at_the_start(home: Path, fresh: Iterator[Payment], mode: int) -> None:
    serve(home, fresh)
    (home / "ledger.key").chmod(mode)
    with pytest.raises(FileError, match="Others can read this private key") as caught:
        serve(home, fresh)
    assert "mode 600" in caught.value.repair
    (home / "ledger.key").chmod(0o600)
    serve(home, fresh)


def test_a_command_signs_and_while_it_fails_nothing_is_decided(
    home: Path, fresh: Iterator[Payment], tmp_path: Path
) -> None:
    first = serve(home, fresh)
    (old,) = ran("keys", "--home", str(home))["signing"]
    new = ran("new-key", str(tmp_path / "module.key"), "--home", str(home))["key"]
    script, broken = tmp_path / "sign.py", tmp_path / "broken"
    script.write_text(SIGN.format(broken=broken, key=tmp_path / "module.key"))
    command = json.dumps([sys.executable, str(script)])
    settings = f'command = {command}\nverifier = "{new}"\nold_keys = ["{old}"]'
    (home / "headgate.toml").write_text(f"[ledger]\n{settings}\n")
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        broken.touch()
        payment = next(fresh)
        with pytest.raises(UnavailableError):
            parts.writer.decide([payment]).result(60)
        broken.unlink()
        while not parts.writer.ready:
            time.sleep(0.01)
        (answer,) = parts.writer.decide([payment]).result(60)
        assert not answer.repeated, "what was refused was not decided"
    assert verified(home, new, []) == []
    assert verified(home, f"{old} {new}", [first]) == []
    assert sum(isinstance(each, kinds.Refused) for each in logged(home)) == 1
    with pytest.raises(FieldError, match="A command signs, and nobody knows with which key"):
        serve(home, fresh, f"command = {command}")
    other = load_key_file(home / "ledger.key").verifier.text()
    with pytest.raises(UnavailableError, match=r"not started|folded again") as caught:
        serve(home, fresh, f'command = {command}\nverifier = "{other}"\nold_keys = ["{new}"]')
    assert caught.value.repair
