"""Which action a payment gets: lists first, then the line and the table, then what is possible for this payment.

A payment, its scenarios and whether it ranks above the line enter; an action with the reasons for any change leaves.
It only asks what is remembered and alters nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from headgate.decisions.holds import Holds
from headgate.decisions.policy import Policy
from headgate.decisions.rank import SEVERITY_ORDER, draws
from headgate.decisions.record import ActionName, Adjustment, Control
from headgate.decisions.remembered import MODEL_ALONE, AccountLists, Burdens
from headgate.journal.entries import Payment
from headgate.scenarios.firing import Fired


class Wanted(NamedTuple):
    """An action on its way through the rules.

    alert: a person reads it. why: what changed it, in order. counts: it belongs to the history that makes the lines.
    drawn_with: the probability with which it was, or would have been, drawn into a control sample; None for no draw.
    """

    action: ActionName
    alert: bool
    why: tuple[Adjustment, ...] = ()
    control: Control = "none"
    counts: bool = True
    drawn_with: float | None = None

    def but(self, action: ActionName, why: Adjustment) -> Wanted:
        """The same, changed by a rule."""
        return self._replace(action=action, why=(*self.why, why))


_ALLOW = Wanted("allow", False)


class ActionRules:
    """The table of the policy, applied to one payment at a time."""

    def __init__(self, policy: Policy, lists: AccountLists, burdens: Burdens, holds: Holds) -> None:
        self._policy = policy
        self._lists = lists
        self._burdens = burdens
        self._holds = holds
        asks_from = policy.actions.step_up_below_line
        self._asks_from = len(SEVERITY_ORDER) if asks_from == "never" else SEVERITY_ORDER[asks_from]

    def wanted(
        self,
        payment: Payment,
        fired: Sequence[Fired],
        probability: float | None,
        quiet: frozenset[str],
        above: bool,
        sample_below: float,
    ) -> Wanted:
        """Return the action of a payment.

        fired: without what is snoozed; quiet: what is snoozed for its pair. above: its rank reaches the line.
        sample_below: the share of the payments below the line that is read at random.
        """
        if self._holds.waiting(payment.tx_id) is not None:
            return Wanted("legal_stop", True, ("stop_placed",), counts=False)
        wanted = self._by_list(payment) if self._lists else None
        if wanted is None and not above:
            wanted = self._below(payment, fired, sample_below)
        elif wanted is None and not fired and MODEL_ALONE in quiet:
            wanted = Wanted("allow", False, ("snooze",), counts=False)
        elif wanted is None:
            wanted = self._above(payment, fired, probability)
        if wanted.action in ("allow", "review", "legal_stop"):
            return wanted
        return self._spared(payment, self._possible(payment, wanted))

    def _by_list(self, payment: Payment) -> Wanted | None:
        sides, clock_us = (payment.payer, payment.payee), payment.clock_us
        if any(self._lists.stands_on("stop", account, clock_us) for account in sides):
            return Wanted("legal_stop", True, ("stop_list",), counts=False)
        if any(self._lists.stands_on("deny", account, clock_us) for account in sides):
            return Wanted("hold", True, ("deny_list",), counts=False)
        if self._lists.stands_on("allow", payment.payee, clock_us):
            return Wanted("allow", False, ("allow_list",), counts=False)
        return None

    def _below(self, payment: Payment, fired: Sequence[Fired], sample_below: float) -> Wanted:
        asks = (each for each in fired if each.action != "review" and SEVERITY_ORDER[each.severity] >= self._asks_from)
        if any(asks):
            return Wanted("step_up", False)
        if not sample_below:
            return _ALLOW
        if draws(self._policy.control.salt, payment.tx_id)[0] < sample_below:
            return Wanted("review", True, ("control",), "below", drawn_with=sample_below)
        return Wanted("allow", False, drawn_with=sample_below)

    def _above(self, payment: Payment, fired: Sequence[Fired], probability: float | None) -> Wanted:
        actions = {each.action for each in fired}
        likely = probability is not None and probability >= self._policy.actions.hold_probability
        if not likely and "hold" not in actions:
            return Wanted("step_up" if "step_up" in actions else "review", True)
        return Wanted("hold", True)

    def _spared(self, payment: Payment, wanted: Wanted) -> Wanted:
        """Let a share of what the rank would hold go through, so that its outcome becomes known.

        The same where the payer is asked because the rail cannot wait. What people listed is not drawn.
        """
        share = self._policy.control.above_share
        held = wanted.action == "hold" or (wanted.action == "step_up" and "rail" in wanted.why)
        if not share or not held or not wanted.counts:
            return wanted
        if draws(self._policy.control.salt, payment.tx_id)[1] >= share:
            return wanted._replace(drawn_with=share)
        return wanted.but("review", "control")._replace(control="above", drawn_with=share)

    def _possible(self, payment: Payment, wanted: Wanted) -> Wanted:
        """What becomes of a step-up or hold, given the payment's status, rail and side, its payer, and the room."""
        instead: ActionName = "review" if wanted.alert else "allow"
        if payment.status == "declined":
            return wanted.but(instead, "declined")
        if wanted.action == "hold" and not self._policy.longest_hold_seconds(payment.rail):
            wanted = wanted.but("step_up", "rail")
        if wanted.action == "step_up" and payment.direction == "payee":
            return wanted.but(instead, "direction")
        if self._burdens.is_full(payment.payer, payment.clock_us) and "deny_list" not in wanted.why:
            return wanted.but(instead, "burden")
        if wanted.action == "hold" and not self._holds.has_room:
            return wanted.but(instead, "holds_full")
        return wanted


def words_for_payer(fired: Sequence[Fired], otherwise: str) -> str:
    """Return what a payer who is asked is told: the words of the most severe scenario that has some."""
    spoken = [each for each in fired if each.payer_words]
    if not spoken:
        return otherwise
    return max(spoken, key=_severity).payer_words


def _severity(fired: Fired) -> int:
    return SEVERITY_ORDER[fired.severity]
