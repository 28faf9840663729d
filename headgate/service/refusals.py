"""What the service could not decide: counted since the start, and the interval kept until it is on record.

Any thread may note a refusal; the writer takes the interval, puts it into the journal as an entry, and gives it back
when that fails. A stop of the process is no refusal: whoever calls then finds nobody there.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Final

import msgspec

from headgate.drivers.announcing import SERVICE
from headgate.drivers.said import Pen
from headgate.journal.entries import Action
from headgate.ledger.kinds import Refused
from headgate.limits import MAX_TEXT_CHARS, US_PER_SECOND

DECISIONS: Final = "decisions"  # Action.subject of an interval without decisions
REFUSED: Final = "refused"


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which requests were refused: first and last moment (microseconds UTC), how many, and why at last."""

    first_us: int
    last_us: int
    requests: int
    trouble: str

    def and_then(self, later: Interval) -> Interval:
        """Return both as one."""
        return msgspec.structs.replace(
            later,
            first_us=min(self.first_us, later.first_us),
            last_us=max(self.last_us, later.last_us),
            requests=self.requests + later.requests,
        )

    def entry(self, seq: int) -> Action:
        """Return it for the journal, with an id of its own; clock and seq are stamped by the writer."""
        return Action(
            seq=seq,
            clock_us=0,
            action_id=f"{REFUSED}-{seq}",
            actor="headgate",
            action=REFUSED,
            subject_kind=SERVICE,
            subject=DECISIONS,
            reason=f"{self.requests} refused from {_time(self.first_us)} to {_time(self.last_us)}: {self.trouble}",
        )

    def logged(self, pen: Pen) -> Refused:
        """Return it for the ledger, without what an error said about a payment."""
        reason = self.trouble.split(":")[0]
        return Refused(
            at_us=pen.at_us, from_us=self.first_us, until_us=self.last_us, requests=self.requests, reason=reason
        )


class Refusals:
    """`count`: requests answered 503 since the start. `pending`: the interval that is not on record yet."""

    def __init__(self) -> None:
        self.count = 0
        self.pending: Interval | None = None
        self._lock = threading.Lock()

    def note(self, requests: int, now_us: int, trouble: str) -> None:
        """Count requests that were refused now, for this reason; nothing happens for none."""
        if requests:
            words = "".join(c if c.isprintable() else " " for c in trouble[:MAX_TEXT_CHARS])
            self._add(Interval(first_us=now_us, last_us=now_us, requests=requests, trouble=words))
            with self._lock:
                self.count += requests

    def take(self) -> Interval | None:
        """Return the interval that is not on record yet; the caller puts it there or gives it back."""
        with self._lock:
            taken, self.pending = self.pending, None
            return taken

    def give_back(self, interval: Interval | None) -> None:
        """Keep an interval that could not be put on record."""
        if interval is not None:
            self._add(interval)

    def _add(self, interval: Interval) -> None:
        with self._lock:
            self.pending = self.pending.and_then(interval) if self.pending else interval


def _time(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us / US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
