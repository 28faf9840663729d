"""Decide payments: all of a request or none, each id once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from headgate.decisions.record import Decision
from headgate.errors import ConflictError, NotFoundError
from headgate.journal.entries import Payment
from headgate.journal.order import LiveClock
from headgate.journal.validation import check_ahead
from headgate.service.answers import DecisionOut
from headgate.service.commands.stage import Stage

_encode: Final = msgspec.msgpack.Encoder().encode
_payments: Final = msgspec.msgpack.Decoder(list[Payment]).decode


class Answer(NamedTuple):
    """A decision, and whether it had been made before."""

    decision: Decision
    repeated: bool


class Answers(list[Answer]):
    """An answer for each payment of a request. It is packed in one piece, which costs less than one by one."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (_encode(list(self)),)


class _Unpacked(NamedTuple):
    """An answer in the process that tells it, as it tells it: made once, and not of a decision again."""

    decision: DecisionOut
    repeated: bool


_answers: Final = msgspec.msgpack.Decoder(list[_Unpacked]).decode


def _unpacked(packed: bytes) -> Answers:
    return Answers(map(Answer._make, _answers(packed)))


class Decide:
    """Decide payments in their order, all or none."""

    def __init__(self, payments: list[Payment]) -> None:
        self.payments = payments
        self._fresh: dict[str, Payment] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _asked, (_encode(self.payments),)

    def entries(self) -> Iterable[Payment]:
        """The payments, by the ids of the caller."""
        return self.payments

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
        return Answers(self._decided(payment.tx_id, stage) for payment in self.payments)

    def _decided(self, tx_id: str, stage: Stage) -> Answer:
        fresh = self._fresh.pop(tx_id, None)
        if fresh is not None:
            late = LiveClock.is_late(fresh.ts_us, stage.clock_us)
            stage.fold(fresh if fresh.late == late else msgspec.structs.replace(fresh, late=late))
        decision = stage.decision(tx_id)
        assert decision is not None, "checked before anything was folded"
        return Answer(decision, repeated=fresh is None)


def _asked(packed: bytes) -> Decide:
    return Decide(_payments(packed))


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


def same_content(first: Payment, second: Payment) -> bool:
    """Whether two payments are the same but for what headgate stamped."""
    stamped = {"seq": 0, "clock_us": 0, "late": False}
    return msgspec.structs.replace(first, **stamped) == msgspec.structs.replace(second, **stamped)
