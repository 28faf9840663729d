"""Learn what payments turned out to be: all reports of a request or none, each id once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from headgate.errors import ConflictError, FieldError, NotFoundError
from headgate.journal.entries import Entry, Outcome, OutcomeClass, Payment
from headgate.limits import MAX_AHEAD_US
from headgate.service.answers import OutcomeOut
from headgate.service.commands.stage import Stage
from headgate.service.entering import micros
from headgate.service.wire import OutcomeIn

CHARGEBACK = "chargeback: "  # before the source of a fraud that was charged back


class Report(NamedTuple):
    """What is said about a payment, in the words of the journal. `known_us`: when it became known outside."""

    outcome: OutcomeClass
    source: str
    supersedes: str | None = None
    known_us: int | None = None


class Learn:
    """Take outcomes in their order, all or none."""

    def __init__(self, outcomes: list[OutcomeIn]) -> None:
        self.outcomes = outcomes
        self._fresh: dict[str, Outcome] = {}

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError for an unknown payment or report, ConflictError for an id with other content."""
        for given in self.outcomes:
            known = self._fresh.get(given.outcome_id) or stage.outcome(given.outcome_id)
            if known is None:
                outcome = self._outcome(given, stage)
                stage.pipeline.engine.check(outcome)
                self._fresh[given.outcome_id] = outcome
            elif _told(known) != (given.tx_id, report_of(given)):
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
        known = stage.outcome(outcome_id)
        assert known is not None, "it was checked or folded just now"
        return OutcomeOut(outcome_id=outcome_id, tx_id=known.tx_id, clock_us=known.clock_us, repeated=fresh is None)

    def _outcome(self, given: OutcomeIn, stage: Stage) -> Outcome:
        payment = stage.payment(given.tx_id)
        if payment is None:
            raise NotFoundError(
                f"There is no payment {given.tx_id!r}",
                where="tx_id",
                repair="Report outcomes of payments that were sent here before.",
            )
        if given.supersedes and given.supersedes not in self._fresh and stage.outcome(given.supersedes) is None:
            raise NotFoundError(
                f"There is no outcome {given.supersedes!r} to correct", where="supersedes", repair="Check the id."
            )
        report = report_of(given)
        if report.known_us is not None and not payment.ts_us <= report.known_us <= stage.clock_us + MAX_AHEAD_US:
            raise FieldError(
                "It is said to be known before the payment was made, or in the time to come",
                where="known_at",
                repair="Give the time at which it became known, with a time zone, or leave it out.",
            )
        return outcome_of(payment, given.outcome_id, report)


def report_of(given: OutcomeIn) -> Report:
    """Return a report in the words of the journal: a chargeback is a fraud whose source says so."""
    known_us = None if given.known_at is None else micros(given.known_at)
    if given.outcome == "chargeback":
        return Report("fraud", CHARGEBACK + given.source, given.supersedes, known_us)
    return Report(given.outcome, given.source, given.supersedes, known_us)


def outcome_of(payment: Payment, outcome_id: str, report: Report) -> Outcome:
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
        outcome=report.outcome,
        source=report.source,
        supersedes=report.supersedes,
        known_us=report.known_us,
    )


def _told(outcome: Outcome) -> tuple[str, Report]:
    return outcome.tx_id, Report(outcome.outcome, outcome.source, outcome.supersedes, outcome.known_us)
