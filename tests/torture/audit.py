"""What must be true of the files of a writer, however it died; looked at in a copy, so that nothing is repaired.

The journal as it is on disk goes through a fresh pipeline: decisions, alerts, cases and announcements must be the same
bits. Everything that was acknowledged must be there, once, as it was acknowledged.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from headgate.charter.pseudonyms import Vault
from headgate.decisions.record import canonical_json
from headgate.drivers.announcing import announced
from headgate.drivers.rules import Rules
from headgate.errors import HeadgateError
from headgate.journal.entries import Action, Outcome, Payment
from headgate.ledger.commitments import SubjectKeys
from headgate.stores.sqlite import SqliteStore
from torture.client import Client
from torture.ledger_audit import audit_ledger, killed_log_verifies
from torture.life import LOG, SUBJECTS
from torture.rules import fresh


class Found:
    """What an audit found: the last clock of the journal, its length, and what is wrong, in words."""

    def __init__(self) -> None:
        self.last_clock_us = 0
        self.entries = 0
        self.wrong: list[str] = []

    def same(self, what: str, have: Any, want: Any) -> None:
        """Note a difference."""
        if have != want:
            self.wrong.append(f"{what}: {str(have)[:300]} instead of {str(want)[:300]}")


def audit(folder: Path, rules: Rules, client: Client) -> Found:
    """Return what is wrong with the files of a folder."""
    found = Found()
    with tempfile.TemporaryDirectory() as copy:
        for path in folder.glob("*.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copy)
        for name in (LOG, SUBJECTS):
            if (folder / name).exists():
                shutil.copytree(folder / name, Path(copy) / name)
        if (folder / "ledger.key").exists():
            shutil.copy(folder / "ledger.key", copy)
        try:
            _look(Path(copy), rules, client, found)
        except (HeadgateError, sqlite3.Error) as error:
            found.wrong.append(f"the files cannot be read: {error}")
    found.wrong += client.contradictions
    return found


def _look(copy: Path, rules: Rules, client: Client, found: Found) -> None:
    for path in sorted(copy.glob("*.db")):
        with sqlite3.connect(path) as db:
            found.same(f"integrity of {path.name}", db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
    store, vault = SqliteStore(copy / "headgate.db"), Vault(copy / "vault.db")
    try:
        found.last_clock_us, found.entries = store.last_clock_us(), store.last_seq() + 1
        _is_what_its_journal_gives(store, rules, found)
        _holds_what_was_acknowledged(store, vault, client, found)
        subjects = SubjectKeys(copy / SUBJECTS, clock_us=lambda: 0)
        audit_ledger(copy, store, subjects, found.same)
        subjects.close()
        killed_log_verifies(copy, found.same)
    finally:
        store.close()
        vault.close()


def _is_what_its_journal_gives(store: SqliteStore, rules: Rules, found: Found) -> None:
    journal = list(store.tail())
    found.same("seq without a gap", [entry.seq for entry in journal], list(range(len(journal))))
    clocks = [entry.clock_us for entry in journal]
    found.same("clocks that never run backwards", clocks, sorted(clocks))
    pipeline = fresh(rules)
    steps = [pipeline.step(entry) for entry in journal]
    decided = [canonical_json(step.decision) for step in steps if step.decision]
    found.same("decisions", [canonical_json(decision) for decision in store.decisions()], decided)
    found.same("announcements", list(store.announcements(limit=2**31)), [a for step in steps for a in announced(step)])
    alerts = [step.alert for step in steps if step.alert]
    found.same("alerts", list(store.alerts(alert.tx_id for alert in alerts)), alerts)
    found.same("cases", store.cases(order="age"), pipeline.cases.cases())


def _holds_what_was_acknowledged(store: SqliteStore, vault: Vault, client: Client, found: Found) -> None:
    journal = list(store.tail())
    payments = Counter(entry.tx_id for entry in journal if isinstance(entry, Payment))
    others = Counter(entry.outcome_id for entry in journal if isinstance(entry, Outcome))
    others += Counter(entry.action_id for entry in journal if isinstance(entry, Action))
    for name, reply in client.acknowledged.items():
        request = client.asked[name]
        if reply.error:
            continue
        for payment, record in zip(request.payments, reply.records, strict=False):
            decision, entry = store.decision(payment.tx_id), store.payment(payment.tx_id)
            found.same(f"{payment.tx_id} in the journal", payments[payment.tx_id], 1)
            found.same(f"the decision on {payment.tx_id}", decision and canonical_json(decision), record)
            found.same(f"the payer of {payment.tx_id}", entry and entry.payer, vault.known(payment.payer))
        key = request.outcome.outcome_id if request.outcome else request.move[0] if request.move else None
        if key is not None:
            found.same(f"{key} in the journal", others[key], 1)
