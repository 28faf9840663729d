"""Evidence: the payments behind one fact, cut to what a person can read, in the order of the journal."""

from __future__ import annotations

from collections.abc import Mapping

from headgate.errors import NotFoundError, UnknownFactError, nearest
from headgate.facts.moment import Moment
from headgate.facts.spec import FactSpec
from headgate.facts.values import Witness, WitnessPayment
from headgate.facts.view import Edge
from headgate.limits import MAX_WITNESS_PAYMENTS


def witness_of(spec: FactSpec, moment: Moment) -> Witness:
    """Return the newest payments behind a fact, oldest first; `truncated` when some were left out."""
    behind = spec.behind(moment)
    ordered = sorted(behind.payments, key=lambda part: (part[0].seq, part[2]))
    return Witness(
        fact=spec.name,
        payments=tuple(_payment(*part) for part in ordered[-MAX_WITNESS_PAYMENTS:]),
        share_retained=behind.share_retained,
        truncated=behind.truncated or len(ordered) > MAX_WITNESS_PAYMENTS,
    )


def position_of(positions: Mapping[str, int], name: str) -> int:
    """Return the position of a fact that is computed. Raises UnknownFactError for another name."""
    if name not in positions:
        raise UnknownFactError(
            f"The fact {name!r} is not computed here",
            where="evidence",
            repair=f"{nearest(name, list(positions))}Ask for it when the engine is made.",
        )
    return positions[name]


def no_payment_behind() -> NotFoundError:
    """Return the error for evidence that is asked for when the last entry was no payment."""
    return NotFoundError(
        "There is no payment to give evidence for",
        where="evidence",
        repair="Ask for evidence directly after the payment, before the next entry or snapshot.",
    )


def _payment(edge: Edge, role: str, hop: int) -> WitnessPayment:
    return WitnessPayment(
        tx_id=edge.tx_id, seq=edge.seq, clock_us=edge.clock_us, payer=edge.payer, payee=edge.payee,
        reference_minor=edge.amount, role=role, hop=hop,
    )  # fmt: skip
