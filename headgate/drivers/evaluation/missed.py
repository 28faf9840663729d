"""Frauds without an alert, one of each pattern type, with the flow that they completed or the lack of it.

Facts, scores and truth enter; short stories leave. Accounts appear as letters that hold within one example only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from string import ascii_uppercase
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.ranking import Flags, Floats
from headgate.facts.patterns import patterns
from headgate.facts.values import Witness
from headgate.journal.currency import MINOR_DIGITS
from headgate.limits import US_PER_SECOND

MOST_EXAMPLES = 12
MOST_WITNESS_ROWS = 12
_UNUSUAL_SHARE = 0.05  # a pattern that fewer payments than this reach is worth showing

FindWitness = Callable[[str, str], Witness | None]  # (tx_id, fact) -> the payments behind the fact
GiveReasons = Callable[[str], Sequence[str]]  # tx_id -> what the model saw


class WitnessRow(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of the flow behind a fact; `flow` names accounts by letters within this example."""

    tx_id: str
    at: str
    amount: str
    flow: str
    role: str


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A fraud without an alert: where it ranked, why, and the flow that it completed, if it completed one."""

    pattern_type: str
    tx_id: str
    at: str
    amount: str
    place_in_scheme: int | None
    rank: int
    score: float
    sentence: str
    reasons: tuple[str, ...]
    witness_fact: str | None
    witness: tuple[WitnessRow, ...]


class Unusual(NamedTuple):
    """The pattern fact of a payment that the fewest payments of the period reach, and the share that does."""

    fact: str
    value: int
    share: float


class Looking(NamedTuple):
    """What is needed to tell the stories. `facts` has one row for each payment of the test period."""

    test: Period
    facts: pa.Table
    scores: Floats
    alerted: Flags
    currency: str
    witness: FindWitness
    reasons: GiveReasons


def missed_examples(at: Looking) -> tuple[Missed, ...]:
    """Return the missed fraud of the highest amount for each pattern type, at most `MOST_EXAMPLES`."""
    open_rows = np.flatnonzero(at.test.positive & ~at.alerted)
    by_type: dict[str, int] = {}
    for row in sorted(open_rows.tolist(), key=lambda row: (-at.test.amount_minor[row], row)):
        by_type.setdefault(at.test.pattern_type[row] or "fraud outside a known scheme", row)
    return tuple(_story(at, name, by_type[name]) for name in sorted(by_type)[:MOST_EXAMPLES])


def _story(at: Looking, pattern_type: str, row: int) -> Missed:
    tx_id = at.test.tx_id[row]
    unusual = most_unusual(at.facts, row)
    shown = unusual if unusual is not None and unusual.share < _UNUSUAL_SHARE else None
    witness = at.witness(tx_id, shown.fact) if shown else None
    place = _place(at.test, row)
    return Missed(
        pattern_type=pattern_type,
        tx_id=tx_id,
        at=moment(int(at.test.clock_us[row])),
        amount=money(at.test.amount_minor[row], at.currency),
        place_in_scheme=place,
        rank=1 + int((at.scores > at.scores[row]).sum()),
        score=float(at.scores[row]),
        sentence=_sentence(at, row, unusual, place),
        reasons=tuple(at.reasons(tx_id)),
        witness_fact=shown.fact if shown and witness else None,
        witness=rows_of(witness, at.currency) if witness else (),
    )


def most_unusual(facts: pa.Table, row: int) -> Unusual | None:
    """Return the pattern count of a row that the fewest rows reach; the shorter window among equals."""
    found = []
    for name in facts.column_names:
        if name.rpartition("_")[0] not in patterns():
            continue
        values = facts.column(name).to_numpy()
        if values[row] > 0:
            found.append(Unusual(name, int(values[row]), float((values >= values[row]).mean())))
    return min(found, key=lambda unusual: unusual.share, default=None)


def _sentence(at: Looking, row: int, unusual: Unusual | None, place: int | None) -> str:
    rank, allowed = 1 + int((at.scores > at.scores[row]).sum()), int(at.alerted.sum())
    begin = f"Its score ranks {rank:,} of {len(at.scores):,}; {allowed:,} were alerted."
    if place == 1:
        begin += " It is the first payment of its scheme: nothing of the scheme lay before it."
    if unusual is None:
        return f"{begin} It completes none of the patterns that headgate looks for."
    if unusual.share < _UNUSUAL_SHARE:
        return f"{begin} It completes {unusual.fact} = {unusual.value}, which {unusual.share:.2%} of payments reach."
    return (
        f"{begin} It completes no unusual flow: its rarest pattern, {unusual.fact} = {unusual.value}, "
        f"is reached by {unusual.share:.0%} of payments."
    )


def _place(test: Period, row: int) -> int | None:
    number = int(test.scheme[row])
    if number < 0 or not test.schemes[number].unseen:
        return None
    return test.schemes[number].rows.index(row) + 1


def rows_of(witness: Witness, currency: str) -> tuple[WitnessRow, ...]:
    """Return the newest payments of a witness, oldest first, with accounts as letters."""
    letters: dict[str, str] = {}
    shown = witness.payments[-MOST_WITNESS_ROWS:]
    return tuple(
        WitnessRow(
            tx_id=payment.tx_id,
            at=moment(payment.clock_us),
            amount=money(payment.reference_minor, currency),
            flow=f"{_letter(letters, payment.payer)} → {_letter(letters, payment.payee)}",
            role=payment.role.replace("_", " "),
        )
        for payment in shown
    )


def _letter(letters: dict[str, str], account: str) -> str:
    return letters.setdefault(account, ascii_uppercase[len(letters) % 26] + "′" * (len(letters) // 26))


def moment(clock_us: int) -> str:
    """Return a time as `2018-11-03 14:05`, UTC."""
    return datetime.fromtimestamp(clock_us / US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M")


def money(minor: float, currency: str) -> str:
    """Return minor units as an amount, for instance `1,234.50 EUR`; a currency that is not stated is left out."""
    digits = MINOR_DIGITS[currency]
    return f"{minor / 10**digits:,.{digits}f} {currency}".removesuffix(" XXX")
