"""What others are told about a step of the pipeline: payments that wait, and cases.

Pure: steps go in, announcements come out, and nothing is looked up. Each is numbered by the journal entry that brought
it and its place among those of the entry, so the same journal gives the same announcements however it was cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from headgate.cases.announcement import Announcement, AnnouncementKind
from headgate.cases.case import CaseChange, ChangeName
from headgate.decisions.holds import HoldChange, HoldStateName
from headgate.decisions.record import Decision
from headgate.drivers.pipeline import Passed, Step
from headgate.journal.entries import Action, Payment, Timer

SERVICE: Final = "service"  # Action.subject_kind of what befell the service itself
_DECIDED: Final[dict[str, AnnouncementKind]] = {
    "step_up": "payment.step_up",
    "hold": "payment.held",
    "legal_stop": "payment.stopped",
}
_WAITS: Final[dict[HoldStateName, AnnouncementKind]] = {
    "held": "payment.held",
    "stopped": "payment.stopped",
    "released": "payment.released",
    "confirmed": "payment.confirmed",
    "cleared": "payment.cleared",
    "withdrawn": "payment.withdrawn",
}
_CASE: Final[dict[ChangeName, AnnouncementKind]] = {
    "opened": "case.opened",
    "grew": "case.grew",
    "merged": "case.merged",
    "confirmed": "case.confirmed",
    "dismissed": "case.dismissed",
    "reopened": "case.reopened",
}


def announced(step: Step) -> tuple[Announcement, ...]:
    """Return what one step tells others, in the order of (seq, place).

    Deadlines that passed before the entry are told under their own seq; of an entry first what was decided, then what
    became of payments that wait, then what became of cases.
    """
    entry, decision = step.entry, step.decision
    if decision is not None and not (step.hold_changes or step.case_changes or _tells(decision)):
        return ()
    expired, settled = _divided(step.hold_changes, step.timers)
    brought = [_decided(decision, step.case_changes)] if decision and _tells(decision) else []
    brought += [_waited(change, entry.seq) for change in settled]
    by = "decision" if isinstance(entry, Payment) else "person"
    brought += [_changed(change, entry.seq, entry.clock_us, by) for change in step.case_changes]
    if isinstance(entry, Action) and entry.subject_kind == SERVICE:
        brought.append(_refused(entry))
    return tuple(_placed((*_expired(expired, step.timers), *brought)))


def announced_deadlines(passed: Passed) -> tuple[Announcement, ...]:
    """Return what deadlines tell others that passed without an entry after them."""
    return tuple(_placed(_expired(passed.hold_changes, passed.timers)))


def _tells(decision: Decision) -> bool:
    """A stop that a person had placed before its payment came was told when it was placed."""
    return decision.action in _DECIDED and "stop_placed" not in decision.adjustments


def _decided(decision: Decision, changes: Iterable[CaseChange]) -> Announcement:
    case_ids = [change.case.id for change in changes]
    return Announcement(
        seq=decision.seq,
        place=0,
        clock_us=decision.clock_us,
        kind=_DECIDED[decision.action],
        subject=decision.tx_id,
        by="decision",
        due_us=decision.hold_expires_us,
        sentence=decision.payer_sentence,
        case_id=case_ids[-1] if case_ids else None,
    )


def _divided(
    changes: Iterable[HoldChange], timers: Iterable[Timer]
) -> tuple[tuple[HoldChange, ...], tuple[HoldChange, ...]]:
    """What the deadlines before an entry brought, and what the entry itself brought."""
    due = {timer.tx_id for timer in timers}
    every = tuple(changes)
    expired = tuple(change for change in every if change.by == "timer" and change.tx_id in due)
    return expired, tuple(change for change in every if change not in expired)


def _expired(changes: Iterable[HoldChange], timers: Iterable[Timer]) -> Iterator[Announcement]:
    seqs = {timer.tx_id: timer.seq for timer in timers}
    yield from (_waited(change, seqs[change.tx_id]) for change in changes)


def _waited(change: HoldChange, seq: int) -> Announcement:
    return Announcement(
        seq=seq,
        place=0,
        clock_us=change.clock_us,
        kind="payment.escalated" if change.escalated else _WAITS[change.state],
        subject=change.tx_id,
        by=change.by,
        case_id=change.case_id,
    )


def _changed(change: CaseChange, seq: int, clock_us: int, by: str) -> Announcement:
    return Announcement(
        seq=seq,
        place=0,
        clock_us=clock_us,
        kind=_CASE[change.change],
        subject=change.case.id,
        by=by,
        case_id=change.case.merged_into,
    )


def _refused(entry: Action) -> Announcement:
    return Announcement(
        seq=entry.seq,
        place=0,
        clock_us=entry.clock_us,
        kind="service.refused",
        subject=entry.subject,
        sentence=entry.reason,
    )


def _placed(told: Iterable[Announcement]) -> Iterator[Announcement]:
    """Number what one entry brought."""
    places: Counter[int] = Counter()
    for each in told:
        yield msgspec.structs.replace(each, place=places[each.seq])
        places[each.seq] += 1
