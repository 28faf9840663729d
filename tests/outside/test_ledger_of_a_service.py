"""Verifiers that others wrote (Go's sumdb/tlog and note, Rust's ct-merkle) on the log that a service wrote.

The log grows by decisions and looks to sizes around powers of 256, with partial tiles of every earlier size beside.
Needs Go and cargo, about a minute.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headgate.drivers.said import account_read
from headgate.journal.entries import Payment
from headgate.ledger.checkpoint import parse_checkpoint
from headgate.ledger.note import parse_note
from headgate.ledger.proof import prove_consistency, prove_inclusion
from headgate.ledger.reader import folder_reader
from headgate.ledger.tiles import ENTRIES, tiles_of
from headgate.service.commands.note import Note
from headgate.service.opening import opened
from headgate.service.parts import Parts

pytestmark = pytest.mark.outside
SIZES = (17, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793)
_SERVICE = Path(__file__).parents[1] / "service" / "conftest.py"
_spec = importlib.util.spec_from_file_location("bank_of_the_service_tests", _SERVICE)
assert _spec is not None
assert _spec.loader is not None
_bank = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_bank)
rules, told_payments, replayed_once, home, fresh = (
    _bank.rules, _bank.told_payments, _bank.replayed_once, _bank.home, _bank.fresh
)  # fmt: skip


def grow(parts: Parts, size: int, fresh: Iterator[Payment]) -> None:
    """Let the log of a service grow to a size: by decisions, and by looks for the rest."""
    head = parts.store.ledger_head()
    assert head is not None
    if size - head.size > 100:
        parts.writer.decide([next(fresh) for _ in range(30)]).result(60)
        head = parts.store.ledger_head()
        assert head is not None
    (look,) = account_read("ana", "audit", "", ["A-1"])
    parts.writer.tell(Note([look] * (size - head.size))).result(60)
    assert parts.publishing is not None
    assert parts.publishing.publish() == size


def asked(log: Path, size: int, earlier: list[int]) -> tuple[list[str], list[str]]:
    """Roots and proofs of the log as it is, and as many that are wrong, in the words of the Rust program."""
    node = folder_reader(log, size).node
    root = parse_checkpoint(parse_note((log / "checkpoint").read_bytes()).text).root
    right, wrong = [f"root {size} {root.hex()}"], [f"root {size} {bytes(32).hex()}"]
    for index in sorted({0, size // 3, size - 1}):
        proof = b"".join(prove_inclusion(index, size, node))
        right.append(f"inclusion {size} {index} {proof.hex()}")
        wrong.append(f"inclusion {size} {index} {(proof + bytes(32)).hex()}")
    for old in earlier:
        proof = b"".join(prove_consistency(old, size, node))
        right.append(f"consistency {old} {size} {proof.hex()}")
        wrong.append(f"consistency {old} {size} {(proof[:-1] + bytes((proof[-1] ^ 1,))).hex()}")
    return right, wrong


def test_verifiers_of_others_take_the_log_of_a_service_at_every_size(
    home: Path, fresh: Iterator[Payment], go_check: Path, rust_check: Path, tmp_path: Path
) -> None:
    log, before = home / "log", list[Any]()
    right, wrong, earlier = list[str](), list[str](), list[int]()
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        for size in SIZES:
            grow(parts, size, fresh)
            key = (log / "vkeys").read_text().split()[0]
            done = subprocess.run([str(go_check), str(log), key, *before], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout) == (0, f"{size} entries hold\n"), done.stderr
            before = [shutil.copy(log / "checkpoint", tmp_path / f"checkpoint.{size}")]
            more, less = asked(log, size, earlier)
            right, wrong, earlier = [*right, *more], [*wrong, *less], [*earlier, size]
        bundles = b"".join((log / name.path()).read_bytes() for name in tiles_of(ENTRIES, SIZES[-1]))
    assert list((log / "tile").rglob("*.p")), "partial tiles of earlier sizes lie there too"
    (tmp_path / "bundles").write_bytes(bundles)
    judged = subprocess.run(
        [str(rust_check), str(tmp_path / "bundles")], input="\n".join([*right, *wrong]) + "\n", capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert judged.stdout.split() == ["yes"] * len(right) + ["no"] * len(wrong)
