"""What must be true of the ledger of a writer that was killed: one history, with every decision in it once.

The store's leaves give the root that is signed; the published folder, however it died, is a beginning of them, and is
made again from them; every commitment opens to the decision that it is about.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headgate.decisions.record import canonical_json
from headgate.errors import NotFoundError
from headgate.journal.entries import Payment
from headgate.ledger import kinds, verify
from headgate.ledger.checkpoint import parse_checkpoint
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import decode_entry
from headgate.ledger.keys import load_key_file
from headgate.ledger.kinds import Entry
from headgate.ledger.note import parse_note
from headgate.ledger.publish import Publisher
from headgate.stores.sqlite import SqliteStore

Same = Callable[[str, Any, Any], None]


def audit_ledger(folder: Path, store: SqliteStore, subjects: SubjectKeys, same: Same) -> None:
    """Tell `same` what is there and what should be."""
    head = store.ledger_head()
    leaves = [] if head is None else store.ledger_leaves(0, 2**40)
    if head is None:
        same("a journal without a ledger", store.last_seq(), -1)
        return
    same("entries of the ledger", len(leaves), head.size)
    entries = [decode_entry(leaf) for leaf in leaves]
    _holds_every_decision(entries, store, subjects, same)
    clocks = [entry.at_us for entry in entries]
    same("clocks of the ledger that never run backwards", clocks, sorted(clocks))
    key = load_key_file(folder / "ledger.key").verifier
    with tempfile.TemporaryDirectory() as scratch:
        Publisher(store, Path(scratch), (key,)).publish()
        saved = [("the killed checkpoint", note)] if (note := _published(folder)) else []
        log = verify.Log(scratch)
        _, faults = verify.verify(log, verify.parse_key(key.text()), key.name, saved, now_us=2**52)
        same("faults of the log", faults, [])


def _published(folder: Path) -> bytes | None:
    """The checkpoint that was published when the writer died, which must stand over tiles that verify."""
    path = folder / "log" / "checkpoint"
    return path.read_bytes() if path.exists() else None


def killed_log_verifies(folder: Path, same: Same) -> None:
    """Verify the published folder just as the killed writer left it."""
    note = _published(folder)
    if note is None:
        return
    key = load_key_file(folder / "ledger.key").verifier
    log = verify.Log(str(folder / "log"))
    _, faults = verify.verify(log, verify.parse_key(key.text()), key.name, now_us=2**52)
    same("faults of the log as it was left", faults, [])
    assert parse_checkpoint(parse_note(note).text).size > 0


def _holds_every_decision(entries: list[Entry], store: SqliteStore, subjects: SubjectKeys, same: Same) -> None:
    logged = [entry for entry in entries if isinstance(entry, kinds.Decision)]
    decisions, payers = list(store.decisions()), _payers(store)
    same("decisions in the ledger", [each.seq for each in logged], [each.seq for each in decisions])
    for entry, decision in zip(logged, decisions, strict=False):
        month = time.strftime("%Y-%m", time.gmtime(entry.at_us // 1_000_000))
        try:
            opens = subjects.opens(entry.record, payers[decision.tx_id], month, canonical_json(decision))
        except NotFoundError as error:
            opens = error
        same(f"what is committed to about {decision.tx_id}", opens, True)


def _payers(store: SqliteStore) -> dict[str, str]:
    return {entry.tx_id: entry.payer for entry in store.tail() if isinstance(entry, Payment)}
