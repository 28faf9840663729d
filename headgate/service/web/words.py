"""How values read on a page: amounts, times, spans, and the words for actions and states.

Values go in, short texts come out. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from headgate.cases.case import Case
from headgate.journal.currency import MINOR_DIGITS

ACTIONS: Final[dict[str, tuple[str, str]]] = {
    "allow": ("Allowed", "good"),
    "step_up": ("Ask the payer", "low"),
    "review": ("Review", "medium"),
    "hold": ("Hold", "high"),
    "legal_stop": ("Legal stop", "critical"),
}  # action -> words, class of colour; from the mildest to the strongest
ACTION_SENTENCES: Final[dict[str, str]] = {
    "allow": "It goes through.",
    "step_up": "The payer is asked to confirm it, with the scam described in words.",
    "review": "It is not stopped, and a person reads it.",
    "hold": "It waits for a person, and is released by itself when nobody confirms the hold in time.",
    "legal_stop": "It is stopped by law; only a person can clear it.",
}
ADJUSTMENTS: Final[dict[str, str]] = {
    "stop_placed": "A person had stopped this payment before it came.",
    "stop_list": "The account stands on the list of legal stops.",
    "deny_list": "The account stands on the list of confirmed mule accounts.",
    "allow_list": "The account stands on the allow list, with a reason and an expiry.",
    "snooze": "A person dismissed this scenario for this pair of accounts.",
    "control": "It was drawn by lot for the control sample.",
    "declined": "The sender had already declined it.",
    "direction": "The account that the scenario looks at is not a customer's.",
    "rail": "The rail settles at once and cannot wait.",
    "burden": "The account has been burdened often enough for now.",
    "holds_full": "As many payments as allowed are already waiting for a person.",
}
STATES: Final[dict[str, str]] = {"open": "medium", "confirmed": "critical", "dismissed": "good", "merged": "low"}
HISTORY: Final[dict[str, str]] = {
    "confirm": "confirmed it",
    "dismiss": "dismissed it",
    "reopen": "opened it again",
    "merge": "merged it",
}
STANDINGS: Final[dict[str, tuple[str, str]]] = {
    "none": ("It does not wait", "low"),
    "held": ("It is held", "high"),
    "stopped": ("It is stopped", "critical"),
    "released": ("It was released", "good"),
    "confirmed": ("The suspicion was confirmed", "critical"),
    "cleared": ("The stop was cleared", "good"),
    "withdrawn": ("It was withdrawn", "low"),
}  # how a payment stands now -> words, class of colour
_BY: Final[dict[str, str]] = {
    "decision": "when it was decided",
    "person": "by a person",
    "timer": "by itself, because its time was over",
    "payer": "by the payer or another bank",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def when(clock_us: int) -> str:
    """Return a clock as `2025-03-04 17:05:09` (UTC)."""
    return (_EPOCH + timedelta(microseconds=clock_us)).strftime("%Y-%m-%d %H:%M:%S")


def iso(clock_us: int) -> str:
    """Return a clock as RFC 3339 text, for machines."""
    return (_EPOCH + timedelta(microseconds=clock_us)).isoformat()


def amount(minor: int, currency: str) -> str:
    """Return an amount in minor units as text with thousands and its decimals."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f}"


def money(minor: int, currency: str) -> str:
    """Return an amount with its currency; XXX, a currency that is not stated, is left out."""
    return ("" if currency == "XXX" else f"{currency}\N{NO-BREAK SPACE}") + amount(minor, currency)


def duration(span_us: int) -> str:
    """Return a span in its two largest units, for instance `2 d 4 h`."""
    minutes = max(0, span_us) // 60_000_000
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 10:
        return f"{days} d"
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def rank(value: float | None) -> str:
    """Return the rank of a payment, or a dash where nothing ranked it."""
    return "–" if value is None else f"{value:.2f}"


def plain(value: object) -> str:
    """Return the value of a fact for a person."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def short(title: str) -> str:
    """Return the head of a title, for a table: what stands before the colon."""
    return title.partition(":")[0]


def action_word(action: str) -> str:
    """Return the words for an action."""
    return ACTIONS[action][0] if action in ACTIONS else action


def action_sentence(action: str) -> str:
    """Return what an action means for the payment."""
    return ACTION_SENTENCES.get(action, "")


def adjustment_sentence(adjustment: str) -> str:
    """Return why an action is not what the table alone would give."""
    return ADJUSTMENTS.get(adjustment, adjustment)


def standing_word(state: str) -> str:
    """Return how a payment stands now, in words."""
    return STANDINGS[state][0]


def standing_class(state: str) -> str:
    """Return the class of colour of how a payment stands."""
    return STANDINGS[state][1]


def by_word(by: str) -> str:
    """Return by whom a payment came to stand as it does."""
    return _BY.get(by, by)


def role_word(role: str) -> str:
    """Return the role of a payment in its evidence, in words."""
    return role.replace("_", " ")


def action_class(action: str) -> str:
    """Return the class of colour of an action."""
    return ACTIONS[action][1] if action in ACTIONS else "low"


def action_of_case(case: Case) -> str:
    """Return the strongest action among the alerts of a case."""
    order = list(ACTIONS)
    return max((alert.action for alert in case.alerts), key=order.index, default="review")


def state_class(state: str) -> str:
    """Return the class of colour of the state of a case."""
    return STATES.get(state, "low")


def history_word(action: str) -> str:
    """Return what a person did, as a clause."""
    return HISTORY.get(action, action)


FILTERS: Final[dict[str, Callable[..., str]]] = {
    function.__name__: function
    for function in (
        when,
        iso,
        amount,
        money,
        duration,
        rank,
        plain,
        short,
        action_word,
        action_sentence,
        adjustment_sentence,
        standing_word,
        standing_class,
        by_word,
        role_word,
        action_class,
        action_of_case,
        state_class,
        history_word,
    )
}
