"""Learn what payments turned out to be: all reports of a request or none, each id once."""

from __future__ import annotations

from headgate.errors import ConflictError, NotFoundError
from headgate.journal.entries import Outcome, OutcomeClass, Payment
from headgate.service.answers import OutcomeOut
from headgate.service.commands.stage import Stage
from headgate.service.wire import OutcomeIn


class Learn:
    """Take outcomes in their order, all or none."""

    def __init__(self, outcomes: list[OutcomeIn]) -> None:
        self.outcomes = outcomes
        self._fresh: dict[str, Outcome] = {}

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError for an unknown payment or report, ConflictError for an id with other content."""
        for given in self.outcomes:
            known = self._fresh.get(given.outcome_id) or stage.outcome(given.outcome_id)
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
        return outcome_of(payment, given.outcome_id, given.outcome, given.source, given.supersedes)


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


def _told(outcome: Outcome) -> tuple[str, str, str, str | None]:
    return outcome.tx_id, outcome.outcome, outcome.source, outcome.supersedes
