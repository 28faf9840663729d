"""What was refused, what turned out, what happened in sessions: declines, outcomes and session events of an account.

Outcomes count from the clock at which they became known. One that a later outcome supersedes no longer counts; a
recall is an outcome, but not a fraud.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts import arithmetic
from headgate.facts.keys import PAYEE_DECLINED, PAYER_DECLINED, Key
from headgate.facts.moment import Moment
from headgate.facts.records import Verdict
from headgate.facts.spec import FLOAT, INT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue

SESSION_WORDS = {
    "login": "logins to the payer's account",
    "payee_added": "payees added in sessions of the payer",
    "device_changed": "changes of device in sessions of the payer",
    "limit_changed": "changes of a limit in sessions of the payer",
}
_TOLD = {"": "outcomes_any", "sent_": "outcomes_sent", "received_": "outcomes_received"}
_SIDE_WORDS = {"": "took part in", "sent_": "sent", "received_": "received"}


def specs() -> Iterator[FactSpec]:
    """Yield the facts about declines, outcomes and sessions."""
    for span in SPANS:
        yield declined("payer", PAYER_DECLINED, span)
        yield declined("payee", PAYEE_DECLINED, span)
        yield from (session(event, span) for event in SESSION_WORDS)
        for side in ("payer", "payee"):
            for direction in _TOLD:
                yield confirmed_count(side, direction, span)
                yield confirmed_rate(side, direction, span)


def declined(side: str, key: Key, span: Span) -> FactSpec:
    """Number of declines."""

    def behind(moment: Moment) -> Behind:
        return Behind([(edge, "declined", 0) for edge in moment.window(key, span).edges()])

    sentence = f"Number of payments that {key.words}, {span.words}."
    return FactSpec(
        f"{side}_declined_count_{span.name}", "{payer|payee}_declined_count_{w}", sentence,
        "payments", "window", INT, span.us,
        lambda moment: moment.window(key, span).count, behind, frozenset({key.store}),
        plan=("declined", key.name, span.us),
    )  # fmt: skip


def session(event: str, span: Span) -> FactSpec:
    """Number of session events."""
    sentence = f"Number of {SESSION_WORDS[event]}, {span.words}."
    return FactSpec(
        f"payer_session_{event}_count_{span.name}",
        f"payer_session_{{{'|'.join(SESSION_WORDS)}}}_count_{{w}}", sentence,
        "events", "window", INT, span.us,
        lambda moment: len(moment.records("events", (moment.edge.payer, event), span)),
        lambda moment: Behind(), frozenset({"events"}), plan=("session", event, span.us),
    )  # fmt: skip


def confirmed_count(side: str, direction: str, span: Span) -> FactSpec:
    """Number of frauds told."""

    def value(moment: Moment) -> FactValue:
        return sum(verdict.fraud for verdict in _told(moment, side, direction, span))

    sentence = (
        f"Number of payments that the {side} {_SIDE_WORDS[direction]} and that became known as fraud, {span.words}."
    )
    return FactSpec(
        f"{side}_{direction}confirmed_count_{span.name}",
        "{payer|payee}[_{sent|received}]_confirmed_count_{w}", sentence,
        "payments", "window", INT, span.us,
        value, lambda moment: _frauds(moment, side, direction, span), _reads(direction),
        plan=("confirmed_count", side, _TOLD[direction], span.us),
    )  # fmt: skip


def confirmed_rate(side: str, direction: str, span: Span) -> FactSpec:
    """Frauds / outcomes."""

    def value(moment: Moment) -> FactValue:
        told = _told(moment, side, direction, span)
        return arithmetic.ratio(sum(verdict.fraud for verdict in told), len(told))

    sentence = (
        f"Of the payments that the {side} {_SIDE_WORDS[direction]} and whose outcome became known, {span.words}, the "
        "share that was fraud: float(frauds) / float(outcomes); null without an outcome."
    )
    return FactSpec(
        f"{side}_{direction}confirmed_rate_{span.name}",
        "{payer|payee}[_{sent|received}]_confirmed_rate_{w}", sentence,
        "ratio", "window", FLOAT, span.us,
        value, lambda moment: _frauds(moment, side, direction, span), _reads(direction),
        plan=("confirmed_rate", side, _TOLD[direction], span.us),
    )  # fmt: skip


def _told(moment: Moment, side: str, direction: str, span: Span) -> list[Verdict]:
    account = moment.edge.payer if side == "payer" else moment.edge.payee
    return moment.records(_TOLD[direction], account, span)


def _frauds(moment: Moment, side: str, direction: str, span: Span) -> Behind:
    told = _told(moment, side, direction, span)
    return Behind([(verdict.edge, "fraud", 0) for verdict in told if verdict.fraud])


def _reads(direction: str) -> frozenset[str]:
    return frozenset({_TOLD[direction], "outcomes_by_id"})
