"""Fold 2, first half: one payment at a time, in the order of the journal, with a small bounded state.

A payment, its facts, the scenarios that fired and its margin enter; a decision leaves. Hot code: an ordinary payment
costs a few microseconds. It reads no clock and no file, and what it remembers is bounded by limits.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from headgate.decisions.actions import ActionRules, Wanted, words_for_payer
from headgate.decisions.holds import CONFIRM, PAYMENT, RELEASE, HoldChange, Holds
from headgate.decisions.judging import NOTHING_ASIDE, Aside, Judgement, Judges, Seen, recorded
from headgate.decisions.policy import Policy
from headgate.decisions.ranker import Scorer
from headgate.decisions.record import Decision, Versions
from headgate.decisions.remembered import MODEL_ALONE, AccountLists, Burdens, Snoozes
from headgate.facts.values import FactValue
from headgate.journal.entries import Action, Entry, ListEntry, Outcome, Payment, PaymentStatusChange, Timer
from headgate.limits import US_PER_DAY, US_PER_SECOND
from headgate.models.history import day_end_us, local_day
from headgate.scenarios.firing import Fired

Facts = Mapping[str, FactValue]


class Judged(Protocol):
    """An alert that a person judged with its case: the payment, what was decided, the amount in reference units."""

    @property
    def payment(self) -> Payment:
        """The payment."""

    @property
    def decision(self) -> Decision:
        """What was decided about it."""

    @property
    def reference_minor(self) -> int:
        """Its amount in reference minor units."""


class DecisionState:
    """What fold 2 knows between two payments: the line of the day, holds, burdens, snoozes, lists.

    policy: the settings. model: what made the margins, None for scenarios alone. candidate: a model beside it, with a
    line of its own. versions: what else is in force.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        model: Scorer | None = None,
        versions: Versions | None = None,
        candidate: Scorer | None = None,
    ) -> None:
        self.policy = policy
        self.holds = Holds(policy.legal.escalate_seconds * US_PER_SECOND)
        self._burdens = Burdens(policy.burden.interventions, policy.burden.days * US_PER_DAY)
        self._snoozes = Snoozes(policy.snooze.days * US_PER_DAY)
        self._lists = AccountLists(policy.lists)
        self._last_clock_us = 0
        self._table = ActionRules(policy, self._lists, self._burdens, self.holds)
        self.activate(model, versions, candidate)

    def activate(self, model: Scorer | None, versions: Versions | None = None, candidate: Scorer | None = None) -> None:
        """Let other models (or none) rank from the next payment on; their own score days make the first lines.

        Scores of two models cannot be compared, so those of the one before are dropped. All else stays.
        """
        self._judges = Judges(self.policy, self._table, model, candidate)
        self.versions = msgspec.structs.replace(
            versions or Versions(), policy=self.policy.content_hash, model=self._judges.ranker.model_hash
        )
        self._day_until_us = 0

    @property
    def threshold(self) -> float:
        """The line of the open day."""
        return self._judges.ranker.threshold

    def decide(
        self,
        payment: Payment,
        facts: Facts,
        fired: Sequence[Fired],
        margin: float | None,
        *,
        facts_digest: str = "",
        aside: Aside = NOTHING_ASIDE,
    ) -> Decision:
        """Return what happens to the payment, and remember it. `margin` is None exactly where there is no model.

        Payments come in the order of the journal. Reasons and evidence are added by `record.explained`.
        """
        clock_us = payment.clock_us
        assert clock_us >= self._last_clock_us, "time never runs backwards"
        self._last_clock_us = clock_us
        if clock_us >= self._day_until_us:
            self._open_day(clock_us)
        amount = _amount(payment, facts)
        quiet = self._snoozes.of(payment.payer, payment.payee, amount, clock_us)
        kept = [each for each in fired if each.scenario_id not in quiet] if quiet else fired
        seen = Seen(payment, amount, kept, quiet)
        made, other = self._judges.judge(seen, margin, facts, aside)
        shadow = self._judges.shadow(seen, made, other, aside)
        wanted = made.wanted
        expires_us = self._remember(payment, wanted)
        asked = wanted.action == "step_up"
        return Decision(
            tx_id=payment.tx_id,
            seq=payment.seq,
            clock_us=clock_us,
            action=wanted.action,
            alert=wanted.alert,
            score=made.margin,
            probability=made.probability,
            rank_score=made.rank,
            threshold=made.ranker.threshold,
            fired=recorded(fired, quiet) if fired else (),
            missing=_missing(facts) if wanted.alert or wanted.action != "allow" else (),
            control=wanted.control,
            adjustments=wanted.why,
            hold_expires_us=expires_us,
            facts_digest=facts_digest,
            versions=self._versions_by(made),
            control_probability=wanted.drawn_with,
            payer_sentence=words_for_payer(kept, self.policy.actions.step_up_sentence) if asked else "",
            shadow=shadow,
        )

    def _versions_by(self, made: Judgement) -> Versions:
        if made.ranker is self._judges.ranker:
            return self.versions
        return msgspec.structs.replace(self.versions, model=made.ranker.model_hash)

    def due(self, clock_us: int) -> tuple[Timer, ...]:
        """Return the timers that have come due, for the owner of the journal to stamp and apply."""
        return self.holds.due(clock_us)

    def listed(self, clock_us: int) -> Iterator[tuple[str, str, int | None]]:
        """Yield (list, account, expires_us) of every account that stands on a list of the policy at a clock."""
        return self._lists.standing(clock_us)

    def check(self, action: Action) -> None:
        """Raise unless a person may do this to a waiting payment now; see `Holds.check`."""
        self.holds.check(action)

    def apply(self, entry: Entry) -> HoldChange | None:
        """Take an entry that is no payment; return what it changed about a waiting payment.

        Actions on cases are `settle`'s; activations are `activate`'s, for they bring the model itself.
        """
        if isinstance(entry, Timer):
            return self.holds.apply_timer(entry)
        if isinstance(entry, Action):
            return self._apply_action(entry)
        if isinstance(entry, PaymentStatusChange):
            return self.holds.apply_status(entry)
        if isinstance(entry, ListEntry):
            self._lists.apply(entry)
        elif isinstance(entry, Outcome) and entry.outcome == "fraud":
            self._confirmed(entry.payer, entry.payee)
        return None

    def settle(self, action: Action, alerts: Iterable[Judged]) -> tuple[HoldChange, ...]:
        """Let a person's judgement of a case act on its alerts: `confirm` or `dismiss`.

        Confirmed: its holds are confirmed. Dismissed: its holds are released, and what fired, and the model, stay
        quiet for each pair up to a multiple of the amount. Legal stops wait on.
        """
        changes = [self._settle(action, alert) for alert in alerts] if action.action in ("confirm", "dismiss") else []
        return tuple(change for change in changes if change is not None)

    def _settle(self, action: Action, alert: Judged) -> HoldChange | None:
        payment = alert.payment
        if action.action == "confirm":
            self._confirmed(payment.payer, payment.payee)
            return self.holds.settle(payment.tx_id, CONFIRM, action)
        names = (MODEL_ALONE, *(fired.scenario_id for fired in alert.decision.fired))
        ceiling = round(alert.reference_minor * self.policy.snooze.times_amount)
        self._snoozes.add(names, payment.payer, payment.payee, ceiling, action.clock_us)
        return self.holds.settle(payment.tx_id, RELEASE, action)

    def _apply_action(self, action: Action) -> HoldChange | None:
        if action.subject_kind != PAYMENT:
            return None
        change = self.holds.apply_action(action)
        if change is not None and change.state == "confirmed":
            self._burdens.lift(change.payer)
        return change

    def _confirmed(self, payer: str, payee: str) -> None:
        self._burdens.lift(payer)
        self._snoozes.end(payer, payee)

    def _open_day(self, clock_us: int) -> None:
        day = local_day(clock_us, self.policy.zone)
        self._day_until_us = day_end_us(day, self.policy.zone)
        self._judges.open_day(day)

    def _remember(self, payment: Payment, wanted: Wanted) -> int | None:
        """Open the hold or stop and add to the payer's burden; return when a hold expires."""
        if wanted.action == "legal_stop" and self.holds.waiting(payment.tx_id) is None:
            self.holds.stop(payment.tx_id, payment.payer, payment.clock_us)
        if wanted.action not in ("step_up", "hold"):
            return None
        self._burdens.add(payment.payer, payment.clock_us)
        if wanted.action == "step_up":
            return None
        expires_us = payment.clock_us + self.policy.longest_hold_seconds(payment.rail) * US_PER_SECOND
        self.holds.hold(payment.tx_id, payment.payer, payment.clock_us, expires_us)
        return expires_us

    def state(self) -> dict[str, Any]:
        """Return everything as plain values that msgpack can write."""
        return {
            "last_clock_us": self._last_clock_us,
            "day_until_us": self._day_until_us,
            "rankers": self._judges.state(),
            "holds": self.holds.state(),
            "burdens": self._burdens.state(),
            "snoozes": self._snoozes.state(),
            "lists": self._lists.state(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take the place of a state; scores of other models than those in force are dropped."""
        self._last_clock_us = state["last_clock_us"]
        self.holds.load(state["holds"])
        self._burdens.load(state["burdens"])
        self._snoozes.load(state["snoozes"])
        self._lists.load(state["lists"])
        if self._judges.load(state["rankers"], local_day(self._last_clock_us, self.policy.zone)):
            self._day_until_us = state["day_until_us"]


def _amount(payment: Payment, facts: Facts) -> int:
    """The amount in reference minor units; in the payment's own where nobody asked for the fact."""
    amount = facts.get("amount")
    return amount if isinstance(amount, int) else payment.amount_minor


def _missing(facts: Facts) -> tuple[str, ...]:
    """The facts that are null or NaN, in order."""
    return tuple(name for name, value in facts.items() if value is None or value != value)
