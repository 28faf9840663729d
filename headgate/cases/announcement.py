"""Announcements: what others are told by webhook and topic about payments that wait, and about cases.

Values only. They are committed with what they announce, so that none is lost and none is told that did not happen;
their id follows from the journal, so that whoever hears one twice can see it.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

AnnouncementKind: TypeAlias = Literal[
    "payment.step_up",
    "payment.held",
    "payment.stopped",
    "payment.released",
    "payment.confirmed",
    "payment.cleared",
    "payment.withdrawn",
    "payment.escalated",
    "case.opened",
    "case.grew",
    "case.merged",
    "case.confirmed",
    "case.dismissed",
    "case.reopened",
    "service.refused",
]

ANNOUNCEMENTS: Final[dict[AnnouncementKind, str]] = {
    "payment.step_up": "The payer should be asked; the sentence names the scam that is feared.",
    "payment.held": "A payment waits; it is released by itself at `due_us` unless a person confirms the suspicion.",
    "payment.stopped": "A payment is stopped until a person clears it; it is never released by time.",
    "payment.released": "A payment waits no longer: its hold has expired, or a person released it.",
    "payment.confirmed": "A person confirmed the suspicion about a held payment.",
    "payment.cleared": "A person cleared a legal stop.",
    "payment.withdrawn": "A waiting payment was cancelled or declined elsewhere.",
    "payment.escalated": "Nobody has looked at a legal stop within its clock.",
    "case.opened": "A case was opened.",
    "case.grew": "A case has more alerts.",
    "case.merged": "A case became part of another.",
    "case.confirmed": "A person confirmed a case.",
    "case.dismissed": "A person dismissed a case.",
    "case.reopened": "A person opened a case again.",
    "service.refused": "For a time nothing could be decided; the sentence says when, how often and why.",
}


class Announcement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. `seq` is the journal entry that brought it, `place` its number among those of the entry.

    subject: the id of the payment or case, or `decisions`. by: `decision`, `person`, `timer` or `payer`. due_us: when a
    hold releases itself (microseconds UTC). sentence: words for the payer where there are some; in words what befell
    the service. case_id: the case of the payment.
    """

    seq: int
    place: int
    clock_us: int
    kind: AnnouncementKind
    subject: str
    by: str = ""
    due_us: int | None = None
    sentence: str = ""
    case_id: str | None = None

    @property
    def id(self) -> str:
        """The same for every copy of this announcement, for instance `120034.0`."""
        return f"{self.seq}.{self.place}"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement that a subscriber did not take after the last attempt, and why; kept until a person acts."""

    subscriber: str
    announcement: Announcement
    attempts: int
    last_error: str
    clock_us: int
