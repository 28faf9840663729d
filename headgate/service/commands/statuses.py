"""Tell what became of payments: declined, returned, cancelled or reversed; each status of a payment once."""

from __future__ import annotations

from headgate.errors import NotFoundError
from headgate.journal.entries import PaymentStatusChange
from headgate.service.commands.once import Once
from headgate.service.commands.stage import Stage
from headgate.service.wire import StatusIn


class Statuses(Once[StatusIn]):
    """Take statuses in their order, all or none. A payment that is held and cancelled waits no longer."""

    def entry(self, given: StatusIn, stage: Stage) -> PaymentStatusChange:
        """Return the entry; NotFoundError for a payment that was never sent."""
        payment = stage.payment(given.tx_id)
        if payment is None:
            raise NotFoundError(
                f"There is no payment {given.tx_id!r}",
                where="tx_id",
                repair="Tell the status of payments that were sent here before.",
            )
        return PaymentStatusChange(
            seq=0,
            clock_us=0,
            tx_id=payment.tx_id,
            payer=payment.payer,
            payee=payment.payee,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            new_status=given.new_status,
            reason=given.reason,
        )
