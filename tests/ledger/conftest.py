"""Logs for the tests of the ledger: made by its own writer and publisher, with fixed keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from headgate.ledger.keys import FileSigner
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519, VerifierKey
from headgate.ledger.publish import Publisher
from headgate.stores.sqlite_ledger import SqliteLedgerFile

ORIGIN = "ledger.bank.example/2026"
SIGNER = FileSigner(ORIGIN, ED25519, b"k" * 32)


class Kept(NamedTuple):
    """A log, its store and the folder where it is published."""

    log: Log
    store: SqliteLedgerFile
    folder: Path
    key: VerifierKey

    def add(self, *groups: Sequence[bytes]) -> bytes:
        """Append groups of entries, publish, and return the checkpoint."""
        for group in groups:
            self.log.append(group, self.store)
        Publisher(self.store, self.folder, (self.key,)).publish()
        return (self.folder / "checkpoint").read_bytes()


def entry(number: int) -> bytes:
    return b'{"at_us":%d,"kind":"snapshot","number":%d}' % (1_700_000_000_000_000 + number, number)


def entries(start: int, end: int) -> list[bytes]:
    return [entry(number) for number in range(start, end)]


@pytest.fixture
def make_log(tmp_path: Path) -> Callable[..., Kept]:
    """A function that makes a log of a size, in its own folder, published at the sizes given."""

    def make(*sizes: int, name: str = "log", signer: FileSigner = SIGNER) -> Kept:
        store = SqliteLedgerFile(tmp_path / f"{name}.db")
        kept = Kept(Log(signer.verifier.name, (signer,), None), store, tmp_path / name, signer.verifier)
        for start, end in zip((0, *sizes), sizes, strict=False):
            kept.add(entries(start, end))
        return kept

    return make
