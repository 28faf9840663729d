"""What the writer can be asked: decide payments, learn outcomes, do what a person decided about a case.

A command first checks, and then nothing has changed; after that it folds, and then it cannot fail. What it adds is
staged until the group is committed. Nothing here reads a clock, a file or a queue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol

import msgspec

from headgate.cases.case import Alert, Case
from headgate.cases.lifecycle import CASE
from headgate.decisions.record import Decision
from headgate.drivers.pipeline import Pipeline, Step
from headgate.errors import ConflictError, NotFoundError
from headgate.journal.entries import Action, Entry, Outcome, OutcomeClass, Payment
from headgate.journal.order import LiveClock
from headgate.journal.validation import check_ahead
from headgate.service.answers import OutcomeOut
from headgate.service.wire import OutcomeIn
from headgate.stores.store import Batch

OUTCOME_OF: Final[dict[str, OutcomeClass]] = {"confirm": "fraud", "dismiss": "fine"}


class Answer(NamedTuple):
    """A decision, and whether it had been made before."""

    decision: Decision
    repeated: bool


class Keeper(Protocol):
    """What a command may look up of what is on disk."""

    def payment(self, tx_id: str) -> Payment | None:
        """A payment by its id."""

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment."""


class Stage:
    """The state in memory, and what a group of commands has added to it that is not on disk yet.

    admit: puts pseudonyms in the place of ids. outcomes: every outcome that is known, by its id.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        keeper: Keeper,
        outcomes: dict[str, Outcome],
        admit: Callable[[Payment], Payment],
        clock_us: int,
    ) -> None:
        self.pipeline = pipeline
        self.admit = admit
        self.clock_us = clock_us
        self.outcomes = outcomes
        self._keeper = keeper
        self._steps: list[Step] = []
        self._payments: dict[str, tuple[Payment, Decision]] = {}

    def fold(self, entry: Entry) -> Step:
        """Take one entry into the state."""
        step = self.pipeline.step(msgspec.structs.replace(entry, clock_us=self.clock_us))
        self._steps.append(step)
        if isinstance(step.entry, Payment) and step.decision is not None:
            self._payments[step.entry.tx_id] = (step.entry, step.decision)
        if isinstance(step.entry, Outcome):
            self.outcomes[step.entry.outcome_id] = step.entry
        return step

    def payment(self, tx_id: str) -> Payment | None:
        """A payment that was decided, in this group or before."""
        staged = self._payments.get(tx_id)
        return staged[0] if staged else self._keeper.payment(tx_id)

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment, made in this group or before."""
        staged = self._payments.get(tx_id)
        return staged[1] if staged else self._keeper.decision(tx_id)

    def batch(self) -> Batch:
        """Everything that this group adds, for one transaction."""
        return Batch(
            entries=[entry for step in self._steps for entry in step.entries],
            decisions=[step.decision for step in self._steps if step.decision],
            alerts=[step.alert for step in self._steps if step.alert],
            cases=[change.case for step in self._steps for change in step.case_changes],
        )


class Decide:
    """Decide payments in their order, all or none."""

    def __init__(self, payments: list[Payment]) -> None:
        self.payments = payments
        self._fresh: dict[str, Payment] = {}

    def check(self, stage: Stage) -> None:
        """Raise FarFutureError, FieldError or ConflictError with the place in the list."""
        for payment in map(stage.admit, self.payments):
            known = stage.payment(payment.tx_id) or self._fresh.get(payment.tx_id)
            if known is None:
                check_ahead(payment, stage.clock_us)
                stage.pipeline.engine.check(payment)
                self._fresh[payment.tx_id] = payment
            elif not same_content(known, payment):
                raise _other_content(payment)
            elif payment.tx_id not in self._fresh and stage.decision(payment.tx_id) is None:
                raise _only_history(payment)

    def fold(self, stage: Stage) -> list[Answer]:
        """Return one answer for each payment."""
        return [self._decided(payment.tx_id, stage) for payment in self.payments]

    def _decided(self, tx_id: str, stage: Stage) -> Answer:
        fresh = self._fresh.pop(tx_id, None)
        if fresh is not None:
            late = LiveClock.is_late(fresh.ts_us, stage.clock_us)
            stage.fold(msgspec.structs.replace(fresh, late=late))
        decision = stage.decision(tx_id)
        assert decision is not None, "checked before anything was folded"
        return Answer(decision, repeated=fresh is None)


def _other_content(payment: Payment) -> ConflictError:
    return ConflictError(
        f"Payment {payment.tx_id!r} came before with other content",
        where="tx_id",
        repair="Ids must be unique: send another payment under another id. Nothing was changed.",
    )


def _only_history(payment: Payment) -> NotFoundError:
    return NotFoundError(
        f"Payment {payment.tx_id!r} is part of the history that was learnt from, and was never decided",
        where="tx_id",
        repair="Nothing has to be done: its facts count.",
    )


class Learn:
    """Take outcomes in their order, all or none."""

    def __init__(self, outcomes: list[OutcomeIn]) -> None:
        self.outcomes = outcomes
        self._fresh: dict[str, Outcome] = {}

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError for an unknown payment or report, ConflictError for an id with other content."""
        for given in self.outcomes:
            known = stage.outcomes.get(given.outcome_id) or self._fresh.get(given.outcome_id)
            if known is None:
                outcome = self._outcome(given, stage)
                stage.pipeline.engine.check(outcome)
                self._fresh[given.outcome_id] = outcome
            elif _told(known) != (given.tx_id, given.outcome, given.source, given.supersedes):
                raise ConflictError(
                    f"Outcome {given.outcome_id!r} came before with other content",
                    where="outcome_id",
                    repair="Report a correction under an id of its own, with `supersedes`. Nothing was changed.",
                )

    def fold(self, stage: Stage) -> list[OutcomeOut]:
        """Return one answer for each outcome."""
        return [self._learnt(given.outcome_id, stage) for given in self.outcomes]

    def _learnt(self, outcome_id: str, stage: Stage) -> OutcomeOut:
        fresh = self._fresh.pop(outcome_id, None)
        if fresh is not None:
            stage.fold(fresh)
        known = stage.outcomes[outcome_id]
        return OutcomeOut(outcome_id=outcome_id, tx_id=known.tx_id, clock_us=known.clock_us, repeated=fresh is None)

    def _outcome(self, given: OutcomeIn, stage: Stage) -> Outcome:
        payment = stage.payment(given.tx_id)
        if payment is None:
            raise NotFoundError(
                f"There is no payment {given.tx_id!r}",
                where="tx_id",
                repair="Report outcomes of payments that were sent here before.",
            )
        if given.supersedes and given.supersedes not in stage.outcomes and given.supersedes not in self._fresh:
            raise NotFoundError(
                f"There is no outcome {given.supersedes!r} to correct", where="supersedes", repair="Check the id."
            )
        return outcome_of(payment, given.outcome_id, given.outcome, given.source, given.supersedes)


class Act:
    """Do to a case what a person decided; its payments get the outcome that follows."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self._done = False

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError, FieldError or ConflictError; an action that was done before is no conflict."""
        case = stage.pipeline.cases.case(self.action.subject)
        done = next((line for line in case.history if line.action_id == self.action.action_id), None)
        if done is None:
            stage.pipeline.cases.check(self.action)
            stage.pipeline.engine.check(self.action)
        elif (done.actor, done.action, done.reason) != (self.action.actor, self.action.action, self.action.reason):
            raise ConflictError(
                f"Action {self.action.action_id!r} came before with other content",
                where="action_id",
                repair="Give every action an id of its own. Nothing was changed.",
            )
        self._done = done is not None

    def fold(self, stage: Stage) -> Case:
        """Return the case after it."""
        if not self._done:
            before = stage.pipeline.cases.case(self.action.subject)
            stage.fold(self.action)
            for outcome in case_outcomes(before, self.action, stage.pipeline.cases.alerts(before.id)):
                stage.fold(outcome)
        return stage.pipeline.cases.case(self.action.subject)


def same_content(first: Payment, second: Payment) -> bool:
    """Whether two payments are the same but for what headgate stamped."""
    stamped = {"seq": 0, "clock_us": 0, "late": False}
    return msgspec.structs.replace(first, **stamped) == msgspec.structs.replace(second, **stamped)


def outcome_of(
    payment: Payment, outcome_id: str, outcome: OutcomeClass, source: str, supersedes: str | None
) -> Outcome:
    """Return the entry that tells what a payment turned out to be; seq and clock are stamped later."""
    return Outcome(
        seq=0,
        clock_us=payment.clock_us,
        outcome_id=outcome_id,
        tx_id=payment.tx_id,
        payer=payment.payer,
        payee=payment.payee,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        payment_clock_us=payment.clock_us,
        outcome=outcome,
        source=source,
        supersedes=supersedes,
    )


def case_outcomes(case: Case, action: Action, alerts: Iterable[Alert]) -> list[Outcome]:
    """Return the outcomes that follow from confirming or dismissing a case, each superseding the one before it.

    Ids are made from the action and the payment, so the same action gives the same outcomes.
    """
    outcome = OUTCOME_OF.get(action.action)
    if outcome is None:
        return []
    earlier = [line for line in case.history if line.action in OUTCOME_OF]
    found = []
    for alert in alerts:
        before = [line for line in earlier if line.clock_us >= alert.payment.clock_us]
        corrects = _case_outcome_id(before[-1].action_id, alert.tx_id) if before else None
        name = _case_outcome_id(action.action_id, alert.tx_id)
        found.append(outcome_of(alert.payment, name, outcome, f"case {case.id}", corrects))
    return found


def _case_outcome_id(action_id: str, tx_id: str) -> str:
    digest = hashlib.sha256("\n".join((action_id, tx_id)).encode()).hexdigest()
    return f"{CASE}-{digest[:32]}"


def _told(outcome: Outcome) -> tuple[str, str, str, str | None]:
    return outcome.tx_id, outcome.outcome, outcome.source, outcome.supersedes
