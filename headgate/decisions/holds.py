"""Payments that wait: a hold releases itself unless a person confirms it; a legal stop waits for a person.

Openings by a decision, actions of people and timers enter in the order of the journal; changes leave. There is no
way from a legal stop to release, nor from a hold to harm, without a named person. Open payments only are kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from headgate.errors import ConflictError, FieldError, NotFoundError, nearest
from headgate.journal.entries import Action, PaymentStatusChange, Timer, TimerKind
from headgate.limits import MAX_OPEN_HOLDS

HoldStateName: TypeAlias = Literal["held", "stopped", "released", "confirmed", "cleared", "withdrawn"]
By: TypeAlias = Literal["decision", "person", "timer", "payer"]

PAYMENT: Final = "payment"  # Action.subject_kind of what is done to a waiting payment
RELEASE: Final = "release_hold"
CONFIRM: Final = "confirm_hold"
STOP: Final = "place_legal_stop"
CLEAR: Final = "clear_legal_stop"
PERSON_ACTIONS: Final = (RELEASE, CONFIRM, STOP, CLEAR)
MACHINE_ACTORS: Final = ("headgate", "system")  # names under which no person acts

_BY_PERSON: Final[dict[tuple[HoldStateName | None, str], HoldStateName]] = {
    ("held", RELEASE): "released",
    ("held", CONFIRM): "confirmed",
    ("held", STOP): "stopped",
    (None, STOP): "stopped",
    ("stopped", CLEAR): "cleared",
}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that waits. `due_us`: when a hold releases itself, or a legal stop is escalated (None: it was)."""

    tx_id: str
    payer: str
    state: Literal["held", "stopped"]
    since_us: int
    due_us: int | None
    escalated: bool = False


class HoldChange(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a waiting payment; `actor` is empty unless `by` is a person."""

    tx_id: str
    payer: str
    state: HoldStateName
    by: By
    clock_us: int
    actor: str = ""
    escalated: bool = False


class Holds:
    """All payments that wait. Holds are bounded by MAX_OPEN_HOLDS; legal stops by the people who place them."""

    def __init__(self, escalate_us: int) -> None:
        self._escalate_us = escalate_us
        self._waiting: dict[str, Waiting] = {}
        self._due: list[tuple[int, str]] = []
        self._held = 0

    @property
    def has_room(self) -> bool:
        """Whether another hold may be opened."""
        return self._held < MAX_OPEN_HOLDS

    def waiting(self, tx_id: str) -> Waiting | None:
        """Return a payment that waits, None where it does not."""
        return self._waiting.get(tx_id)

    def all(self) -> tuple[Waiting, ...]:
        """Return every payment that waits, in the order in which they began to."""
        return tuple(self._waiting.values())

    def hold(self, tx_id: str, payer: str, clock_us: int, expires_us: int) -> None:
        """Hold a payment until `expires_us` at the latest."""
        assert expires_us > clock_us, "a hold has a length"
        assert self.has_room, "the caller asks for room first"
        self._wait(Waiting(tx_id=tx_id, payer=payer, state="held", since_us=clock_us, due_us=expires_us))

    def stop(self, tx_id: str, payer: str, clock_us: int) -> None:
        """Stop a payment until a person clears it."""
        due_us = clock_us + self._escalate_us
        self._wait(Waiting(tx_id=tx_id, payer=payer, state="stopped", since_us=clock_us, due_us=due_us))

    def due(self, clock_us: int) -> tuple[Timer, ...]:
        """Return the timers that have come due at a clock, in order of their time; nothing changes by asking.

        Their `seq` is -1 and their clock the due time: whoever owns the journal stamps them.
        """
        if not self._due or self._due[0][0] > clock_us:
            return ()
        passed = sorted({entry for entry in self._passed(clock_us) if self._is_current(*entry)})
        return tuple(self._timer(due_us, self._waiting[tx_id]) for due_us, tx_id in passed)

    def apply_timer(self, timer: Timer) -> HoldChange | None:
        """Let a timer act: a hold is released, a legal stop escalated. A timer out of date changes nothing."""
        waiting = self._waiting.get(timer.tx_id)
        if waiting is None or waiting.due_us != timer.due_us or timer.timer != _timer_kind(waiting):
            return None
        assert timer.clock_us >= timer.due_us, "a timer acts when it is due"
        if waiting.state == "held":
            return self._end(waiting, "released", "timer", timer.clock_us)
        self._keep(msgspec.structs.replace(waiting, due_us=None, escalated=True))
        return HoldChange(
            tx_id=waiting.tx_id,
            payer=waiting.payer,
            state="stopped",
            by="timer",
            clock_us=timer.clock_us,
            escalated=True,
        )

    def check(self, action: Action) -> None:
        """Raise unless a person may do this now: FieldError, NotFoundError or ConflictError with the repair.

        A stop may be placed on any payment; whoever owns the journal knows whether the payment exists.
        """
        if action.action not in PERSON_ACTIONS:
            raise FieldError(
                f"{action.action!r} is nothing that can be done to a payment.",
                where="action",
                repair=f"{nearest(action.action, PERSON_ACTIONS)}Use one of {', '.join(PERSON_ACTIONS)}.",
            )
        if not is_person(action.actor):
            raise FieldError(f"{action.actor!r} is not a person.", where="actor", repair="Say who acts.")
        if not action.reason.strip():
            raise FieldError("This needs a reason.", where="reason", repair="Write in a sentence why.")
        waiting = self._waiting.get(action.subject)
        if waiting is None and action.action != STOP:
            raise NotFoundError(
                f"The payment {action.subject!r} is not waiting.",
                where="subject",
                repair="It may have been released, confirmed or cleared meanwhile; look at its decision.",
            )
        if self._target(action) is None:
            assert waiting is not None
            raise ConflictError(
                f"The payment {action.subject!r} is {waiting.state}; {action.action!r} does not apply to it.",
                where="subject",
                repair=f"A payment that is {waiting.state} takes {' or '.join(_moves_from(waiting.state))}.",
            )

    def apply_action(self, action: Action, payer: str = "") -> HoldChange | None:
        """Let a person act; what does not apply (any more), or is not by a person, changes nothing."""
        target = self._target(action) if action.subject_kind == PAYMENT and is_person(action.actor) else None
        if target is None:
            return None
        waiting = self._waiting.get(action.subject)
        if target == "stopped":
            return self._stop_by(action, waiting.payer if waiting else payer)
        assert waiting is not None
        return self._end(waiting, target, "person", action.clock_us, action.actor)

    def settle(self, tx_id: str, action: Literal["release_hold", "confirm_hold"], by: Action) -> HoldChange | None:
        """Let what a person decided about a whole case act on one held payment of it; a legal stop stays."""
        waiting = self._waiting.get(tx_id)
        if waiting is None or waiting.state != "held" or not is_person(by.actor):
            return None
        return self._end(waiting, _BY_PERSON["held", action], "person", by.clock_us, by.actor)

    def apply_status(self, change: PaymentStatusChange) -> HoldChange | None:
        """A payer who cancels a held payment ends its hold; a legal stop stays."""
        waiting = self._waiting.get(change.tx_id)
        if waiting is None or waiting.state != "held" or change.new_status != "cancelled":
            return None
        return self._end(waiting, "withdrawn", "payer", change.clock_us)

    def state(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"waiting": [msgspec.to_builtins(waiting) for waiting in self._waiting.values()]}

    def load(self, state: Mapping[str, Any]) -> None:
        """Take the place of holds that `state` gave."""
        self._waiting, self._due, self._held = {}, [], 0
        for waiting in msgspec.convert(state["waiting"], list[Waiting]):
            self._wait(waiting)

    def _target(self, action: Action) -> HoldStateName | None:
        waiting = self._waiting.get(action.subject)
        return _BY_PERSON.get((waiting.state if waiting else None, action.action))

    def _stop_by(self, action: Action, payer: str) -> HoldChange:
        self._forget(action.subject)
        self.stop(action.subject, payer, action.clock_us)
        return HoldChange(
            tx_id=action.subject,
            payer=payer,
            state="stopped",
            by="person",
            clock_us=action.clock_us,
            actor=action.actor,
        )

    def _wait(self, waiting: Waiting) -> None:
        assert waiting.tx_id not in self._waiting, "a payment waits once"
        self._keep(waiting)
        self._held += waiting.state == "held"
        if waiting.due_us is not None:
            heapq.heappush(self._due, (waiting.due_us, waiting.tx_id))

    def _keep(self, waiting: Waiting) -> None:
        self._waiting[waiting.tx_id] = waiting
        self._drop_outdated()

    def _end(self, waiting: Waiting, state: HoldStateName, by: By, clock_us: int, actor: str = "") -> HoldChange:
        assert state != "released" or waiting.state == "held", "a legal stop is never released"
        assert state in ("released", "withdrawn") or by == "person", "only a person confirms or clears"
        self._forget(waiting.tx_id)
        return HoldChange(tx_id=waiting.tx_id, payer=waiting.payer, state=state, by=by, clock_us=clock_us, actor=actor)

    def _forget(self, tx_id: str) -> None:
        gone = self._waiting.pop(tx_id, None)
        self._held -= gone is not None and gone.state == "held"
        self._drop_outdated()

    def _drop_outdated(self) -> None:
        """Drop deadlines that no longer hold from the front; rebuild when they are the greater part."""
        while self._due and not self._is_current(*self._due[0]):
            heapq.heappop(self._due)
        if len(self._due) > 2 * len(self._waiting) + 64:
            self._due = [entry for entry in self._due if self._is_current(*entry)]
            heapq.heapify(self._due)

    def _passed(self, clock_us: int) -> Iterator[tuple[int, str]]:
        """The entries of the heap that are due; what lies under one that is not due is not looked at."""
        places = [0]
        while places:
            place = places.pop()
            if place < len(self._due) and self._due[place][0] <= clock_us:
                yield self._due[place]
                places += (2 * place + 1, 2 * place + 2)

    def _is_current(self, due_us: int, tx_id: str) -> bool:
        waiting = self._waiting.get(tx_id)
        return waiting is not None and waiting.due_us == due_us

    def _timer(self, due_us: int, waiting: Waiting) -> Timer:
        return Timer(seq=-1, clock_us=due_us, timer=_timer_kind(waiting), tx_id=waiting.tx_id, due_us=due_us)


def is_person(actor: str) -> bool:
    """Tell whether a name can be that of a person: not empty, and none under which the machine acts."""
    name = actor.strip().lower()
    return bool(name) and name.split(":", 1)[0] not in MACHINE_ACTORS


def _timer_kind(waiting: Waiting) -> TimerKind:
    return "hold_expires" if waiting.state == "held" else "legal_clock"


def _moves_from(state: str) -> list[str]:
    return [repr(action) for (source, action) in _BY_PERSON if source == state]
