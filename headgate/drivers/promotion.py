"""Whether a candidate model may take the place of the model in force: evidence from recent decisions, and the answer.

Decisions that both ranked and their known outcomes are read. The candidate has to rank better beyond chance and must
not burden honest payers more. Nothing is changed here; who promotes is a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headgate.decisions.record import Decision
from headgate.drivers.home import Home
from headgate.drivers.known import known_outcomes
from headgate.errors import ConflictError
from headgate.limits import US_PER_DAY
from headgate.models.measures import average_precision, paired_interval
from headgate.stores.whole import decisions

RECENT_DAYS: Final = 90
LEAST_FRAUDS: Final = 10
LEAST_FINE: Final = 50
SEED: Final = 7
Tick = Callable[[int], object]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What both rankings did on the same payments of the last days with a known outcome.

    champion is empty where the scenarios alone are in force. average_precision: by rank score. difference: candidate
    minus champion; interval: 95%, paired, over days; None with fewer than five days. burden: alerts on fine payments
    for each honest payer. refused: why the candidate may not be promoted, in words; empty where it may.
    """

    champion: str
    candidate: str
    days: int
    payments: int
    frauds: int
    honest_payers: int
    champion_average_precision: float
    candidate_average_precision: float
    difference: float
    interval: tuple[float, float] | None
    champion_burden: float
    candidate_burden: float
    refused: tuple[str, ...] = ()

    def words(self) -> str:
        """Return the evidence in one sentence, for the record."""
        low, high = self.interval or (float("nan"), float("nan"))
        return (
            f"average precision {self.candidate_average_precision:.3f} against {self.champion_average_precision:.3f} "
            f"(difference 95%: {low:+.3f} to {high:+.3f}), {self.candidate_burden:.4f} against "
            f"{self.champion_burden:.4f} false alarms per honest payer, on {self.payments} payments of {self.days} days"
        )


class _Row(NamedTuple):
    day: int
    payer: str
    fraud: bool
    champion: tuple[float, bool]
    candidate: tuple[float, bool]


def evidence(home: Home, tick: Tick = lambda decisions: None) -> Evidence:
    """Return the evidence of a home for its candidate; `Staging.promote_model` says whether there is one."""
    model, candidate = home.rules.model, home.rules.candidate
    assert candidate is not None, "there is a candidate"
    champion = model.content_hash if model else ""
    return weighed(decisions(home.store), known_outcomes(home), _payers(home), champion, candidate.content_hash, tick)


def weighed(
    made: Iterable[Decision],
    fraud: Mapping[str, bool],
    payers: Mapping[str, str],
    champion: str,
    candidate: str,
    tick: Tick = lambda decisions: None,
) -> Evidence:
    """Return the evidence of decisions, known outcomes and payers by payment id."""
    rows = list(_rows(made, fraud, payers, (champion, candidate), tick))
    last = max((row.day for row in rows), default=0)
    rows = [row for row in rows if row.day > last - RECENT_DAYS]
    bad = np.array([row.fraud for row in rows], bool)
    days = np.array([row.day for row in rows], np.int64)
    old, new = (np.array([side[0] for side in sides]) for sides in _sides(rows))
    before, after = average_precision(old, bad), average_precision(new, bad)
    honest = {row.payer for row in rows if not row.fraud}
    burdens = [sum(side[1] and not row.fraud for side, row in zip(s, rows, strict=True)) for s in _sides(rows)]
    found = Evidence(
        champion=champion,
        candidate=candidate,
        days=len(set(days.tolist())),
        payments=len(rows),
        frauds=int(bad.sum()),
        honest_payers=len(honest),
        champion_average_precision=before,
        candidate_average_precision=after,
        difference=after - before,
        interval=paired_interval(new, old, bad, days, SEED) if bad.any() else None,
        champion_burden=burdens[0] / max(1, len(honest)),
        candidate_burden=burdens[1] / max(1, len(honest)),
    )
    return msgspec.structs.replace(found, refused=tuple(_refusals(found)))


def require(found: Evidence) -> None:
    """Raise ConflictError with every reason where the candidate may not be promoted."""
    if found.refused:
        raise ConflictError(
            f"The candidate is not promoted: {'; '.join(found.refused)}",
            where=f"candidate {found.candidate[:12]}",
            repair="Let it run in the shadow until more outcomes are known, or train another. "
            "`headgate models compare` shows the evidence.",
        )


def _refusals(found: Evidence) -> Iterator[str]:
    fine = found.payments - found.frauds
    if found.frauds < LEAST_FRAUDS or fine < LEAST_FINE:
        yield (
            f"both ranked {found.payments} payments with a known outcome, {found.frauds} of them frauds; "
            f"{LEAST_FRAUDS} frauds and {LEAST_FINE} fine ones are needed"
        )
    elif found.interval is None:
        yield f"the outcomes are of {found.days} days, five are needed for an interval"
    elif found.interval[0] <= 0:
        low, high = found.interval
        yield (
            f"its average precision of {found.candidate_average_precision:.3f} against "
            f"{found.champion_average_precision:.3f} is not better beyond chance "
            f"(difference 95%: {low:+.3f} to {high:+.3f})"
        )
    if found.candidate_burden > found.champion_burden:
        yield (
            f"it alerts {found.candidate_burden:.3f} times for each honest payer, the one in force "
            f"{found.champion_burden:.3f} times"
        )


def _sides(rows: list[_Row]) -> tuple[list[tuple[float, bool]], list[tuple[float, bool]]]:
    return [row.champion for row in rows], [row.candidate for row in rows]


def _rows(
    made: Iterable[Decision], fraud: Mapping[str, bool], payers: Mapping[str, str], pair: tuple[str, str], tick: Tick
) -> Iterator[_Row]:
    """The payments with a known outcome that exactly these two models ranked."""
    champion, candidate = pair
    for decision in made:
        tick(1)
        shadow, known = decision.shadow, fraud.get(decision.tx_id)
        if shadow is None or known is None:
            continue
        did = (decision.rank_score, decision.rank_score >= decision.threshold)
        would = (shadow.rank_score, shadow.rank_score >= shadow.threshold)
        day, payer = decision.clock_us // US_PER_DAY, payers[decision.tx_id]
        if (decision.versions.model, shadow.model) == (champion, candidate):
            yield _Row(day, payer, known, did, would)
        elif decision.versions.model == candidate and shadow.model == champion:
            yield _Row(day, payer, known, would, did)


def _payers(home: Home) -> Mapping[str, str]:
    payers: dict[str, str] = {}
    for block in home.blocks():
        columns = (block.column(name).to_pylist() for name in ("kind", "tx_id", "payer"))
        payers |= {tx_id: payer for kind, tx_id, payer in zip(*columns, strict=True) if kind == "payment"}
    return payers
