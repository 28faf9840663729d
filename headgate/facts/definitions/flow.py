"""What stays and what goes on: the balance of an account's flow, net of what was returned, cancelled or reversed.

R is what an account received less what it gave back, S what it sent less what it got back, each by the clock at which
it became known. A return of a payment older than the window counts in the window in which it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.facts import arithmetic
from headgate.facts.keys import (
    PAYEE_RECEIVED,
    PAYEE_RETURNED_RECEIVED,
    PAYEE_RETURNED_SENT,
    PAYEE_SENT,
    PAYER_RECEIVED,
    PAYER_RETURNED_RECEIVED,
    PAYER_RETURNED_SENT,
    PAYER_SENT,
    Key,
)
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """The four kinds of payments that make one account's balance."""

    side: str
    received: Key
    gave_back: Key
    sent: Key
    got_back: Key

    def inflow(self, moment: Moment, span: Span) -> int:
        """R."""
        return moment.window(self.received, span).total() - moment.window(self.gave_back, span).total()

    def outflow(self, moment: Moment, span: Span) -> int:
        """S."""
        return moment.window(self.sent, span).total() - moment.window(self.got_back, span).total()

    @property
    def reads(self) -> frozenset[str]:
        """The stores that the balance looks into."""
        return frozenset(key.store for key in (self.received, self.gave_back, self.sent, self.got_back))


PAYER = Flow("payer", PAYER_RECEIVED, PAYER_RETURNED_RECEIVED, PAYER_SENT, PAYER_RETURNED_SENT)
PAYEE = Flow("payee", PAYEE_RECEIVED, PAYEE_RETURNED_RECEIVED, PAYEE_SENT, PAYEE_RETURNED_SENT)


def specs() -> Iterator[FactSpec]:
    """Yield the balances of flow."""
    for span in SPANS:
        yield retained(PAYER, span)
        yield retained(PAYEE, span)
        yield outflow(span)
        yield last_received(span)


def retained(flow: Flow, span: Span) -> FactSpec:
    """(R - S) / R."""

    def value(moment: Moment) -> FactValue:
        inflow = flow.inflow(moment, span)
        return arithmetic.ratio(inflow - flow.outflow(moment, span), inflow)

    sentence = (
        f"Share of what the {flow.side} received {span.words} that stayed, net of returns: "
        "float(R - S) / float(R); null unless R is above 0."
    )
    return FactSpec(
        f"{flow.side}_retained_ratio_{span.name}", "{payer|payee}_retained_ratio_{w}", sentence,
        "ratio", "window", FLOAT, span.us,
        value, lambda moment: _sides(moment, span, flow.received, flow.sent), flow.reads,
        plan=("retained", flow.side, span.us),
    )  # fmt: skip


def outflow(span: Span) -> FactSpec:
    """(S + x) / R."""

    def value(moment: Moment) -> FactValue:
        sent = PAYER.outflow(moment, span) + moment.edge.amount
        return arithmetic.ratio(sent, PAYER.inflow(moment, span))

    def behind(moment: Moment) -> Behind:
        sides = _sides(moment, span, PAYER.received, PAYER.sent)
        return Behind([*sides.payments, (moment.edge, "judged", 0)])

    sentence = (
        f"What the payer sent {span.words} together with this amount, as a share of what it received, net of "
        "returns: float(S + x) / float(R); null unless R is above 0."
    )
    return FactSpec(
        f"payer_outflow_ratio_{span.name}", "payer_outflow_ratio_{w}", sentence,
        "ratio", "window", FLOAT, span.us, value, behind, PAYER.reads, plan=("outflow", "payer", span.us),
    )  # fmt: skip


def last_received(span: Span) -> FactSpec:
    """x over the amount of the newest payment received."""

    def value(moment: Moment) -> FactValue:
        newest = moment.window(PAYER_RECEIVED, span).newest()
        return None if newest is None else arithmetic.ratio(moment.edge.amount, newest.amount)

    def behind(moment: Moment) -> Behind:
        newest = moment.window(PAYER_RECEIVED, span).newest()
        received = [] if newest is None else [(newest, "received", 0)]
        return Behind([*received, (moment.edge, "judged", 0)])

    sentence = (
        f"This amount divided by the last amount that the payer received {span.words}: float(x) / float(last); "
        "null without one."
    )
    return FactSpec(
        f"payer_last_received_ratio_{span.name}", "payer_last_received_ratio_{w}", sentence,
        "ratio", "window", FLOAT, span.us, value, behind, frozenset({PAYER_RECEIVED.store}),
        plan=("last_received", PAYER_RECEIVED.name, span.us),
    )  # fmt: skip


def _sides(moment: Moment, span: Span, *keys: Key) -> Behind:
    return Behind([(edge, key.role(edge, moment.edge), 0) for key in keys for edge in moment.window(key, span).edges()])
