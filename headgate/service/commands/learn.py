"""Learn what payments turned out to be: all reports of a request or none, each id once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from headgate.errors import FieldError, NotFoundError
from headgate.journal.entries import Entry, Outcome, OutcomeClass, Payment
from headgate.limits import MAX_AHEAD_US
from headgate.service.answers import OutcomeOut
from headgate.service.commands.once import Once, Told
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
        self._reports = _Reports(outcomes)

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError for an unknown payment or report, ConflictError for an id with other content."""
        self._reports.check(stage)

    def fold(self, stage: Stage) -> list[OutcomeOut]:
        """Return one answer for each outcome."""
        return [_answer(told) for told in self._reports.fold(stage)]


class _Reports(Once[OutcomeIn]):
    """The entries of reports. One may correct another that stands before it in the same request."""

    def entry(self, given: OutcomeIn, stage: Stage) -> Outcome:
        payment = stage.payment(given.tx_id)
        if payment is None:
            raise NotFoundError(
                f"There is no payment {given.tx_id!r}",
                where="tx_id",
                repair="Report outcomes of payments that were sent here before.",
            )
        if given.supersedes and given.supersedes not in self.taken and stage.outcome(given.supersedes) is None:
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


def _answer(told: Told) -> OutcomeOut:
    entry = told.entry
    assert isinstance(entry, Outcome)
    return OutcomeOut(
        outcome_id=entry.outcome_id, tx_id=entry.tx_id, clock_us=entry.clock_us, repeated=told.repeated
    )  # fmt: skip


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
