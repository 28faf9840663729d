"""What the shadows of a home said: how often each part fired without effect, and which actions would have differed.

Decisions and outcomes are read; nothing is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from headgate.decisions.record import Decision
from headgate.decisions.rollout import CANDIDATE
from headgate.drivers.home import Home
from headgate.drivers.known import known_outcomes
from headgate.drivers.rollouts import in_force_at
from headgate.stores.whole import decisions


class PartReport(msgspec.Struct, frozen=True, kw_only=True):
    """One part on trial. aside: payments on which it spoke without effect (the candidate: would have alerted);
    with_effect: where it had effect; of both, `known` have a known outcome and `frauds` are frauds.
    """

    part: str
    stage: str
    aside: int
    with_effect: int
    frauds: int
    known: int


class ShadowReport(msgspec.Struct, frozen=True, kw_only=True):
    """All parts on trial. changes: `action -> action` that would have followed, and for how many payments.

    waits: the files say something else than what is in force.
    """

    decisions: int
    parts: tuple[PartReport, ...]
    changes: dict[str, int]
    waits: bool


class _Spoke(NamedTuple):
    part: str
    effect: bool


def shadow_report(home: Home, tick: Callable[[int], object] = lambda decisions: None) -> ShadowReport:
    """Return what the shadows said in all decisions of a home; tick hears of every decision."""
    fraud = known_outcomes(home)
    counted: dict[_Spoke, Counter[bool | None]] = {}
    changes: Counter[str] = Counter()
    seen = 0
    for decision in decisions(home.store):
        seen += 1
        tick(1)
        for spoke in _spoke(decision):
            counted.setdefault(spoke, Counter())[fraud.get(decision.tx_id)] += 1
        shadow = decision.shadow
        if shadow is not None and (shadow.action, shadow.alert) != (decision.action, decision.alert):
            changes[f"{_said(decision.action, decision.alert)} -> {_said(shadow.action, shadow.alert)}"] += 1
    in_force = in_force_at(home.store.last_seq() + 1, home.blocks())
    return ShadowReport(
        decisions=seen,
        parts=tuple(_part(home, name, counted) for name in _names(home, counted)),
        changes=dict(changes),
        waits=in_force != home.rules.content_hash,
    )


def _spoke(decision: Decision) -> Iterator[_Spoke]:
    yield from (_Spoke(each.scenario_id, True) for each in decision.fired if each.stage != "live")
    if decision.shadow is None:
        return
    yield from (_Spoke(each.scenario_id, False) for each in decision.shadow.fired)
    if decision.shadow.model and decision.shadow.alert:
        yield _Spoke(CANDIDATE, False)


def _names(home: Home, counted: dict[_Spoke, Counter[bool | None]]) -> list[str]:
    rules = home.rules
    staged = {*rules.rollout.scenarios, *((CANDIDATE,) if rules.candidate else ())}
    return sorted({*staged, *(spoke.part for spoke in counted)})


def _part(home: Home, name: str, counted: dict[_Spoke, Counter[bool | None]]) -> PartReport:
    rollout = home.rules.rollout
    staged = rollout.candidate if name == CANDIDATE else rollout.scenarios.get(name)
    aside, effect = (counted.get(_Spoke(name, has), Counter[bool | None]()) for has in (False, True))
    both = aside + effect
    share = f" {staged.share:g}" if staged and staged.share is not None else ""
    return PartReport(
        part=name,
        stage=f"{staged.stage}{share}" if staged else "live",
        aside=aside.total(),
        with_effect=effect.total(),
        frauds=both[True],
        known=both[True] + both[False],
    )


def _said(action: str, alert: bool) -> str:
    return f"{action}, read" if alert else action
