"""A writer that dies a thousand times around its order of writes leaves one history; about 10 s."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from headgate.ledger import verify
from headgate.ledger.checkpoint import Checkpoint, parse_checkpoint
from headgate.ledger.log import Log, Prepared
from headgate.ledger.note import parse_note
from headgate.ledger.publish import Publisher
from headgate.stores.database import Work
from headgate.stores.sqlite_ledger import SqliteLedgerFile
from tests.ledger.conftest import ORIGIN, SIGNER, entry


class DeadError(Exception):
    """The process died here."""


class Mortal(SqliteLedgerFile):
    """A store that dies inside its transaction when `dies` says so."""

    dies = False

    def _log(self, db: Work, leaves: Sequence[bytes], head: object, expected_size: int) -> None:
        super()._log(db, leaves, head, expected_size)
        if self.dies:
            raise DeadError


def write(log: Log, store: Mortal, publisher: Publisher, leaves: list[bytes], step: int) -> None:
    """One group of leaves, dying at a step of the order of writes: 0 signed, 1 storing, 2 stored, 3 never."""
    prepared: Prepared = log.prepare(leaves)
    if step == 0:
        raise DeadError
    store.dies = step == 1
    store.append_to_ledger(prepared.leaves, prepared.head, prepared.expected_size)
    if step == 2:
        raise DeadError
    log.committed(prepared)
    publisher.publish()


def published(folder: Path) -> Checkpoint | None:
    path = folder / "checkpoint"
    return parse_checkpoint(parse_note(path.read_bytes()).text) if path.exists() else None


def test_a_thousand_crashes_leave_one_history(tmp_path: Path) -> None:
    draw, folder, store = random.Random(3), tmp_path / "log", Mortal(tmp_path / "ledger.db")
    store._database._connection.execute("PRAGMA synchronous = OFF")  # it is this process that dies, not the machine
    seen: dict[int, Checkpoint] = {}
    kept: list[bytes] = []
    crashes = number = 0
    while crashes < 1_000:
        log = Log(ORIGIN, (SIGNER,), store.ledger_head())
        assert store.ledger_leaves(0, 10**6)[: log.size] == kept
        publisher = Publisher(store, folder)
        while True:
            leaves = [entry(number + at) for at in range(draw.randint(0, 3))]
            number, step = number + len(leaves), draw.choice((0, 1, 2, 3, 3))
            try:
                write(log, store, publisher, leaves, step)
            except DeadError:
                crashes += 1
                kept += leaves if step == 2 else []  # it was stored, and nobody was told
                break
            kept += leaves
            shown = published(folder)
            if shown is not None:
                assert seen.setdefault(shown.size, shown) == shown
    store.dies = False
    Publisher(store, folder).publish()
    found = verify.verify(verify.Log(str(folder)), verify.parse_key(SIGNER.verifier.text()), ORIGIN)
    assert found[1] == []
    again = verify.Log(str(folder))
    again.scan(len(kept), set(seen), None)
    assert {size: again.roots[size] for size in seen} == {size: shown.root for size, shown in seen.items()}
    store.close()
