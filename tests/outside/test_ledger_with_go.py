"""Go's own packages (golang.org/x/mod/sumdb/tlog and note) verify logs that headgate wrote; needs Go, about 20 s."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from headgate.ledger.keys import FileSigner
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519
from headgate.ledger.publish import Publisher
from headgate.stores.sqlite_ledger import SqliteLedgerFile

pytestmark = pytest.mark.outside
SIGNER = FileSigner("ledger.bank.example/2026", ED25519, b"k" * 32)
SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 65_793)


def verified(check: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(check), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_go_verifies_every_size_of_a_growing_log_and_its_consistency_with_the_size_before(
    go_check: Path, tmp_path: Path
) -> None:
    store, folder = SqliteLedgerFile(tmp_path / "ledger.db"), tmp_path / "log"
    log, publisher = Log(SIGNER.verifier.name, (SIGNER,), None), Publisher(store, folder)
    before = None
    for size in SIZES:
        log.append([b'{"n":%d}' % number for number in range(log.size, size)], store)
        publisher.publish()
        done = verified(go_check, folder, SIGNER.verifier.text(), *(() if before is None else (before,)))
        assert (done.returncode, done.stdout) == (0, f"{size} entries hold\n"), done.stderr
        before = shutil.copy(folder / "checkpoint", tmp_path / f"checkpoint.{size}")


def test_go_refuses_what_was_changed(go_check: Path, tmp_path: Path) -> None:
    store, folder = SqliteLedgerFile(tmp_path / "ledger.db"), tmp_path / "log"
    Log(SIGNER.verifier.name, (SIGNER,), None).append([b'{"n":%d}' % number for number in range(600)], store)
    Publisher(store, folder).publish()
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        whole = path.read_bytes()
        path.write_bytes(whole[:40] + bytes((whole[40] ^ 1,)) + whole[41:] if len(whole) > 40 else bytes(len(whole)))
        assert verified(go_check, folder, SIGNER.verifier.text()).returncode != 0, path
        path.write_bytes(whole)
    assert verified(go_check, folder, SIGNER.verifier.text()).returncode == 0
