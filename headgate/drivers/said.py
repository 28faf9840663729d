"""What the ledger says about a step of the pipeline: decisions, holds, cases, and changes of what decides.

Pure: steps go in, entries of the ledger come out, in the order in which things happened. A value about a payment or an
account is committed to under the key of its payer, of the account, for the month in which it is logged. What people
write in words stays in the journal: an entry names the action there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final, NamedTuple

import msgspec

from headgate.cases.case import CaseChange
from headgate.decisions import record
from headgate.decisions.holds import HoldChange
from headgate.drivers.pipeline import Step
from headgate.journal.entries import Action, Activation, ActivationKind, ListEntry, Payment
from headgate.ledger import kinds
from headgate.ledger.kinds import Entry
from headgate.stores.archive import Part

Parts = Mapping[tuple[ActivationKind, str], str]
_CHANGED: Final[dict[ActivationKind, type[kinds.Changed]]] = {
    "scenario": kinds.ScenarioChanged,
    "model": kinds.ModelChanged,
    "candidate": kinds.ModelChanged,
    "policy": kinds.PolicyChanged,
    "rollout": kinds.PolicyChanged,
    "rules": kinds.PolicyChanged,
    "charter": kinds.CharterChanged,
}
_CASE_OUTCOMES: Final = ("confirmed", "dismissed", "reopened")


class Pen(NamedTuple):
    """What a group of entries is written with: its clock, and commitments. commit(subject, value) gives 64 digits."""

    at_us: int
    commit: Callable[[str, bytes], str]


def said(step: Step, pen: Pen, before: Parts) -> list[Entry]:
    """Return what the ledger says about a step. before: the content hash of each part of the rules in force before."""
    entries = [*held(step.hold_changes, pen, step.entry)] if step.hold_changes else []
    if step.decision is not None and isinstance(step.entry, Payment):
        entries += decided(step.decision, step.entry.payer, pen)
    elif isinstance(step.entry, Action):
        entries += _case_decided(step.entry, step.case_changes, pen)
    elif isinstance(step.entry, ListEntry):
        entries.append(_listed(step.entry, pen))
    elif isinstance(step.entry, Activation):
        entries.append(_changed(step.entry, pen, before))
    return entries


def decided(decision: record.Decision, payer: str, pen: Pen) -> list[Entry]:
    """Return what the ledger says about a decision: the decision, and the hold that it sets."""
    payment = pen.commit(payer, decision.tx_id.encode())
    made = kinds.Decision(
        at_us=pen.at_us,
        seq=decision.seq,
        payment=payment,
        action=decision.action,
        fired=tuple([each.scenario_id for each in decision.fired]),
        record=pen.commit(payer, record.canonical_json(decision)),
        facts=decision.facts_digest,
        versions=named_versions(decision.versions)[0],
    )
    if decision.action not in ("hold", "legal_stop"):
        return [made]
    expires_us = decision.hold_expires_us or 0
    return [made, kinds.HoldSet(at_us=pen.at_us, payment=payment, action=decision.action, expires_us=expires_us)]


def versions_of(versions: record.Versions, at_us: int) -> kinds.Versions:
    """Return the entry about a set of versions."""
    content, named = named_versions(versions)
    return kinds.Versions(at_us=at_us, content=content, versions=named)


@lru_cache(maxsize=8)
def named_versions(versions: record.Versions) -> tuple[str, dict[str, str]]:
    """Return the hash of a set of versions, and the set by name."""
    named: dict[str, str] = {name: content for name, content in msgspec.to_builtins(versions).items() if content}
    return hashlib.sha256(msgspec.json.encode(named, order="sorted")).hexdigest(), named


def held(changes: Iterable[HoldChange], pen: Pen, cause: object = None) -> Iterator[Entry]:
    """Yield what the ledger says about payments that wait. cause: the entry of the journal that brought it."""
    reason = f"action {cause.action_id}" if isinstance(cause, Action) else ""
    for change in changes:
        if change.escalated:
            continue
        payment = pen.commit(change.payer, change.tx_id.encode())
        by = change.actor if change.by == "person" else ""
        if change.state == "stopped":
            yield kinds.HoldSet(at_us=pen.at_us, payment=payment, action="legal_stop", expires_us=0)
        elif change.state == "held":
            yield kinds.HoldSet(at_us=pen.at_us, payment=payment, action="hold", expires_us=0)
        elif change.state == "confirmed":
            yield kinds.HoldConfirmed(at_us=pen.at_us, payment=payment, person=by, reason=reason)
        else:
            why = reason if change.by == "person" else f"{change.state} by {change.by}"
            yield kinds.HoldReleased(at_us=pen.at_us, payment=payment, person=by, reason=why)


def account_read(person: str, purpose: str, case: str, accounts: Iterable[str]) -> tuple[Callable[[Pen], Entry], ...]:
    """Return what has each account's being looked at logged, once."""
    return tuple(partial(_account, kinds.AccountRead, person, purpose, case, each) for each in dict.fromkeys(accounts))


def reveal(person: str, purpose: str, case: str, account: str) -> Callable[[Pen], Entry]:
    """Return what has it logged that a person is shown the name behind a pseudonym."""
    return partial(_account, kinds.Reveal, person, purpose, case, account)


def drafted(person: str, case: str, content: bytes) -> Callable[[Pen], Entry]:
    """Return what has a drafted report logged; it is committed to under a key of the case, for it is about many."""
    return partial(_drafted, person, case, content)


def exported(person: str, purpose: str, content: bytes) -> Callable[[Pen], Entry]:
    """Return what has an export logged; content: the bytes of its `summary.json`, or of a query's answer."""
    return partial(_exported, person, purpose, hashlib.sha256(content).hexdigest())


def _account(
    kind: type[kinds.AccountRead | kinds.Reveal], person: str, purpose: str, case: str, account: str, pen: Pen
) -> Entry:
    seen = pen.commit(account, account.encode())
    return kind(at_us=pen.at_us, person=person, purpose=purpose, case=case, account=seen)


def _drafted(person: str, case: str, content: bytes, pen: Pen) -> Entry:
    return kinds.ReportDrafted(at_us=pen.at_us, person=person, case=case, report=pen.commit(case, content))


def _exported(person: str, purpose: str, digest: str, pen: Pen) -> Entry:
    return kinds.Exported(at_us=pen.at_us, person=person, purpose=purpose, content=digest)


def archived(part: Part) -> Callable[[Pen], Entry]:
    """Return what has it logged that a part of the journal is in the archive, with the hashes of its files."""
    return lambda pen: kinds.Archived(
        at_us=pen.at_us,
        name=part.name,
        first_seq=part.first_seq,
        last_seq=part.last_seq,
        journal=part.journal_sha256,
        decisions=part.decisions_sha256,
    )


def _case_decided(action: Action, changes: Iterable[CaseChange], pen: Pen) -> Iterator[Entry]:
    for change in changes:
        if change.change in _CASE_OUTCOMES:
            yield kinds.CaseDecided(
                at_us=pen.at_us, case=change.case.id, person=action.actor, approved_by="", outcome=change.change
            )


def _listed(entry: ListEntry, pen: Pen) -> Entry:
    account = pen.commit(entry.account, entry.account.encode())
    added = entry.change == "add"
    return kinds.ListChanged(
        at_us=pen.at_us,
        name=entry.list_name,
        person=entry.actor,
        approved_by=entry.second_actor or "",
        before="" if added else account,
        after=account if added else "",
        reason=f"journal entry {entry.seq}",
    )


def _changed(entry: Activation, pen: Pen, before: Parts) -> Entry:
    return _CHANGED[entry.subject_kind](
        at_us=pen.at_us,
        name=entry.subject,
        person=entry.actor,
        approved_by=entry.second_actor or "",
        before=before.get((entry.subject_kind, entry.subject), ""),
        after=entry.content_hash,
        reason=f"journal entry {entry.seq}",
    )
