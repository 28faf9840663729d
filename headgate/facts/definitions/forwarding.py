"""What became of money that came in: which share left again, how soon, to how many; and what pays for this payment.

Of each account the `FORWARD_LOOKS` newest payments each way of the window are looked at, transfers between own accounts
left out. In the order of the journal each payment sent takes from what was received before it, the oldest first, until
its amount is made up; what is left of it came from elsewhere. So every piece of money has a payment in, a payment out
and an amount. The judged payment takes part in what pays for it alone, as the newest payment sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.keys import PAYEE_RECEIVED, PAYEE_SENT, PAYER_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, INT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import FORWARD_LOOKS

_SPANS = (SPANS[3], SPANS[4], SPANS[6])
_W = f"{{{'|'.join(span.name for span in _SPANS)}}}"
_SIDES = {"payer": (PAYER_RECEIVED, PAYER_SENT), "payee": (PAYEE_RECEIVED, PAYEE_SENT)}
_READS = frozenset({"sent", "received"})


class Piece(NamedTuple):
    """Money that came in by one payment and left by another."""

    into: Edge
    out: Edge
    amount: int

    @property
    def held_us(self) -> int:
        """How long it stayed."""
        return self.out.clock_us - self.into.clock_us


class Account(NamedTuple):
    """What an account received in a window, and the pieces of it that left again."""

    received: Sequence[Edge]
    pieces: Sequence[Piece]


Rule: TypeAlias = Callable[[Account], FactValue]


def pieces(received: Sequence[Edge], sent: Sequence[Edge]) -> list[Piece]:
    """Return which money left by which payment; both sequences oldest first."""
    found, left = [], [edge.amount for edge in received]
    for out in sent:
        wanted = out.amount
        for at, into in enumerate(received):
            taken = min(left[at], wanted) if into.seq < out.seq else 0
            if taken:
                found.append(Piece(into, out, taken))
                left[at] -= taken
                wanted -= taken
    return found


def specs() -> Iterator[FactSpec]:
    """Yield the facts about money that is passed on."""
    for span in _SPANS:
        for side in _SIDES:
            yield from _forwarded(side, span)
        yield from _of_the_pair(span)
        yield from _funded(span)


def _forwarded(side: str, span: Span) -> Iterator[FactSpec]:
    came = f"that the {side} received {span.words}"
    form = "{payer|payee}_forwarded"

    def fact(measure: str, sentence: str, unit: str, arrow_type: pa.DataType, rule: Rule) -> FactSpec:
        return _fact(side, form, "forwarded", measure, sentence, unit, arrow_type, span, rule)

    yield fact(
        "ratio", f"Share of the money {came} that left again before this payment: float(left) / float(received); null "
        "without money received.", "ratio", FLOAT, _share,
    )  # fmt: skip
    yield fact("hold", f"Seconds for which the money {came} was held until it left: {_HOLD}.", "seconds", FLOAT, _hold)
    yield fact(
        "fastest", f"Fewest seconds for which any money {came} was held until it left: float(microseconds) / "
        "1000000.0; null where none left.", "seconds", FLOAT, _fastest,
    )  # fmt: skip
    yield fact(
        "payees", f"Number of different accounts to which the money {came} left again.", "accounts", INT,
        lambda account: len({piece.out.payee for piece in account.pieces}),
    )  # fmt: skip


def _of_the_pair(span: Span) -> Iterator[FactSpec]:
    came = f"that the payee received from this payer {span.words}"

    def fact(measure: str, sentence: str, unit: str, rule: Rule) -> FactSpec:
        return _fact("pair", "pair_forwarded", "forwarded", measure, sentence, unit, FLOAT, span, rule)

    yield fact(
        "ratio", f"Share of the money {came} that the payee sent on before this payment: float(left) / "
        "float(received); null without money received.", "ratio", _share,
    )  # fmt: skip
    yield fact("hold", f"Seconds for which the money {came} was held until it left: {_HOLD}.", "seconds", _hold)


def _funded(span: Span) -> Iterator[FactSpec]:
    came = f"what the payer received {span.words} and had not sent on"

    def fact(measure: str, sentence: str, unit: str, arrow_type: pa.DataType, rule: Rule) -> FactSpec:
        return _fact("payer", "payer_funded", "funded", measure, sentence, unit, arrow_type, span, rule)

    yield fact(
        "ratio", f"Share of this amount that {came} makes up: float(made up) / float(x); null where x is 0.",
        "ratio", FLOAT,
        lambda account: arithmetic.ratio(sum(p.amount for p in account.pieces), account.received[-1].amount),
    )  # fmt: skip
    yield fact("hold", f"Seconds for which {came} was held until this payment: {_HOLD}.", "seconds", FLOAT, _hold)
    yield fact(
        "payers", f"Number of different accounts from which {came} came, as far as it makes up this amount.",
        "accounts", INT, lambda account: len({piece.into.payer for piece in account.pieces}),
    )  # fmt: skip


_HOLD = (
    "the mean over the money, float(sum of amount * microseconds) / float(sum of amount) / 1000000.0; null where none "
    "left"
)


def _share(account: Account) -> FactValue:
    return arithmetic.ratio(
        sum(piece.amount for piece in account.pieces), sum(edge.amount for edge in account.received)
    )


def _hold(account: Account) -> FactValue:
    weighted = sum(piece.amount * piece.held_us for piece in account.pieces)
    mean = arithmetic.ratio(weighted, sum(piece.amount for piece in account.pieces))
    return None if mean is None else mean / 1_000_000.0


def _fastest(account: Account) -> FactValue:
    fewest = min((piece.held_us for piece in account.pieces), default=None)
    return None if fewest is None else float(fewest) / 1_000_000.0


def _fact(
    side: str, form: str, kind: str, measure: str, sentence: str, unit: str, arrow_type: pa.DataType, span: Span,
    rule: Rule,
) -> FactSpec:  # fmt: skip
    def account(moment: Moment) -> Account:
        return moment.once(("forwarding", side, kind, span), lambda: _looked_at(moment, side, kind, span))

    def behind(moment: Moment) -> Behind:
        found = account(moment).pieces
        into = {piece.into.seq: (piece.into, "received", 0) for piece in found}
        out = {piece.out.seq: (piece.out, "judged" if piece.out is moment.edge else "sent", 0) for piece in found}
        return Behind([*into.values(), *out.values()])

    return FactSpec(
        f"{side}_{kind}_{measure}_{span.name}", f"{form}_{measure}_{_W}", sentence, unit, "window", arrow_type, span.us,
        lambda moment: rule(account(moment)), behind, _READS, plan=(kind, side, measure, span.us),
    )  # fmt: skip


def _looked_at(moment: Moment, side: str, kind: str, span: Span) -> Account:
    ins, outs = (_newest(moment, key, span) for key in _SIDES["payee" if side == "pair" else side])
    if kind == "funded":
        judged = moment.edge
        return Account([judged], [piece for piece in pieces(ins, [*outs, judged]) if piece.out is judged])
    found = pieces(ins, outs)
    if side == "pair":
        payer = moment.edge.payer
        return Account([edge for edge in ins if edge.payer == payer], [p for p in found if p.into.payer == payer])
    return Account(ins, found)


def _newest(moment: Moment, key: Key, span: Span) -> list[Edge]:
    edges = moment.window(key, span).edges()
    return [edge for edge in edges[-FORWARD_LOOKS:] if not edge.own]
