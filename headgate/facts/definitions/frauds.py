"""Frauds that became known: of the two accounts, of the pair, and of those who pay and are paid, and how long they run.

A fraud counts from the clock at which it became known until 400 days later, unless a later outcome supersedes it. The
counterparties of an account are its `NEIGHBOURS` (16) most recent distinct ones; one has a known fraud when it sent or
received a payment that became known as fraud. Of a pair the `FRAUD_LOOKS` newest known frauds of the payer are
looked at.

Frauds come in runs: a till with a skimmer, an account that was taken over. When the run that became known began, when
its last payment was made, and what turned out fine since tell whether it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts import arithmetic
from headgate.facts.keys import payee, payer
from headgate.facts.moment import Moment
from headgate.facts.records import Verdict
from headgate.facts.spec import FLOAT, INT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import FRAUD_LOOKS, NEIGHBOURS, PROFILE_HORIZON_US, US_PER_DAY

_YEAR = Span("400d", PROFILE_HORIZON_US, "in the 400 days before")
_FRAUD_SPANS = (Span("90d", 90 * US_PER_DAY, "in the 90 days before"), _YEAR)
_AROUND_SPANS = (SPANS[4], SPANS[6])
_RUN = SPANS[6]
_SIDES = {"payer": payer, "payee": payee}
_STORES = {"payers": "received", "payees": "sent"}
_WINDOWS = "{90d|400d}"
_ENDS = {"first": "earliest", "last": "latest"}


def specs() -> Iterator[FactSpec]:
    """Yield the facts about known frauds."""
    for side in _SIDES:
        for direction in ("sent", "received"):
            yield from (count(side, direction, span) for span in _FRAUD_SPANS)
            yield gap(side, direction)
            yield from (made(side, direction, which) for which in _ENDS)
            yield fine_since(side, direction)
        yield from (around(side, others, span) for others in _STORES for span in _AROUND_SPANS)
    yield from (of_pair(span) for span in _FRAUD_SPANS)


def count(side: str, direction: str, span: Span) -> FactSpec:
    """Number of known frauds."""
    sentence = f"Number of payments that the {side} {direction} and that became known as fraud, {span.words}."
    return FactSpec(
        f"{side}_{direction}_fraud_count_{span.name}", f"{{payer|payee}}_{{sent|received}}_fraud_count_{_WINDOWS}",
        sentence, "payments", "profile", INT, span.us,
        lambda moment: len(_told(moment, side, direction, span)),
        lambda moment: _frauds(_told(moment, side, direction, span)), _reads(f"frauds_{direction}"),
        plan=("fraud_count", side, direction, span.us),
    )  # fmt: skip


def gap(side: str, direction: str) -> FactSpec:
    """Time since the last known fraud."""

    def value(moment: Moment) -> FactValue:
        told = _told(moment, side, direction, _YEAR)
        return float(moment.clock_us - told[-1].clock_us) / 1_000_000.0 if told else None

    sentence = (
        f"Seconds since a payment that the {side} {direction} last became known as fraud: float(microseconds) / "
        f"1000000.0; null without one {_YEAR.words}."
    )
    return FactSpec(
        f"{side}_{direction}_fraud_gap", "{payer|payee}_{sent|received}_fraud_gap", sentence,
        "seconds", "profile", FLOAT, _YEAR.us,
        value, lambda moment: _frauds(_told(moment, side, direction, _YEAR)[-1:]), _reads(f"frauds_{direction}"),
        plan=("fraud_gap", side, direction, _YEAR.us),
    )  # fmt: skip


def made(side: str, direction: str, which: str) -> FactSpec:
    """Time since the earliest, or the latest, of the known frauds was made."""

    def end(moment: Moment) -> list[Verdict]:
        newest = _told(moment, side, direction, _RUN)[-FRAUD_LOOKS:]
        in_order = sorted(newest, key=lambda verdict: (verdict.paid_us, verdict.seq))
        return in_order[-1:] if which == "last" else in_order[:1]

    def value(moment: Moment) -> FactValue:
        found = end(moment)
        since_us = [moment.clock_us - verdict.paid_us for verdict in found]
        return float(since_us[0]) / 1_000_000.0 if found else None

    sentence = (
        f"Seconds since the {_ENDS[which]} of the payments that the {side} {direction} and that became known as fraud, "
        f"{_RUN.words}, was made, of the {FRAUD_LOOKS} that became known last: float(microseconds) / 1000000.0; null "
        "without one."
    )
    return FactSpec(
        f"{side}_{direction}_fraud_{which}_gap_{_RUN.name}",
        "{payer|payee}_{sent|received}_fraud_{first|last}_gap_28d", sentence, "seconds", "window", FLOAT, _RUN.us,
        value, lambda moment: _frauds(end(moment)), _reads(f"frauds_{direction}"),
        plan=("fraud_made", side, direction, _RUN.us, which),
    )  # fmt: skip


def fine_since(side: str, direction: str) -> FactSpec:
    """Number of payments that turned out to be no fraud since the last one that did."""

    def last(moment: Moment) -> list[Verdict]:
        return _told(moment, side, direction, _RUN)[-1:]

    def value(moment: Moment) -> FactValue:
        fraud = last(moment)
        if not fraud:
            return None
        told: list[Verdict] = moment.records(f"outcomes_{direction}", _SIDES[side](moment.edge), _RUN)
        return sum(verdict.seq > fraud[0].seq for verdict in told)

    sentence = (
        f"Number of payments that the {side} {direction} and that became known to be no fraud since the last that "
        f"became known as one, {_RUN.words}; null without a fraud."
    )
    return FactSpec(
        f"{side}_{direction}_fine_since_fraud_{_RUN.name}", "{payer|payee}_{sent|received}_fine_since_fraud_28d",
        sentence, "payments", "window", INT, _RUN.us,
        value, lambda moment: _frauds(last(moment)),
        _reads(f"frauds_{direction}") | {f"outcomes_{direction}", "outcomes_by_id"},
        plan=("fine_since_fraud", side, direction, _RUN.us),
    )  # fmt: skip


def of_pair(span: Span) -> FactSpec:
    """Number of known frauds between the two."""

    def told(moment: Moment) -> list[Verdict]:
        newest = _told(moment, "payer", "sent", span)[-FRAUD_LOOKS:]
        return [verdict for verdict in newest if verdict.edge.payee == moment.edge.payee]

    sentence = f"Number of payments that this payer sent to this payee and that became known as fraud, {span.words}."
    return FactSpec(
        f"pair_sent_fraud_count_{span.name}", f"pair_sent_fraud_count_{_WINDOWS}", sentence,
        "payments", "profile", INT, span.us,
        lambda moment: len(told(moment)), lambda moment: _frauds(told(moment)), _reads("frauds_sent"),
        plan=("fraud_pair", span.us),
    )  # fmt: skip


def around(side: str, others: str, span: Span) -> FactSpec:
    """Share of the counterparties that have a known fraud."""

    def near(moment: Moment) -> list[Edge]:
        window = moment.window_of(_STORES[others], _SIDES[side](moment.edge), span)
        return window.newest_per_other(NEIGHBOURS)

    def known(moment: Moment, edge: Edge) -> bool:
        account = edge.payer if others == "payers" else edge.payee
        return bool(moment.records("frauds_any", account, _YEAR))

    def value(moment: Moment) -> FactValue:
        edges = near(moment)
        return arithmetic.ratio(sum(known(moment, edge) for edge in edges), len(edges))

    def behind(moment: Moment) -> Behind:
        return Behind([(edge, _STORES[others], 0) for edge in near(moment) if known(moment, edge)])

    sentence = (
        f"Of the {NEIGHBOURS} most recent {others} of the {side} {span.words}, the share that took part in a payment "
        f"known as fraud {_YEAR.words}: float(such) / float({others}); null without {others}."
    )
    return FactSpec(
        f"{side}_{others}_fraud_ratio_{span.name}", "{payer|payee}_{payers|payees}_fraud_ratio_{7d|28d}", sentence,
        "ratio", "profile", FLOAT, span.us,
        value, behind, _reads("frauds_any") | {_STORES[others]}, plan=("fraud_around", side, others, span.us),
    )  # fmt: skip


def _told(moment: Moment, side: str, direction: str, span: Span) -> list[Verdict]:
    return moment.records(f"frauds_{direction}", _SIDES[side](moment.edge), span)


def _frauds(told: list[Verdict]) -> Behind:
    return Behind([(verdict.edge, "fraud", 0) for verdict in told])


def _reads(store: str) -> frozenset[str]:
    return frozenset({store, "frauds_by_id"})
