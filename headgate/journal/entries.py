"""The entry kinds as values.

Every entry has `seq` (its place in the journal) and `clock_us` (int64 microseconds UTC, stamped once, never
smaller than the entry before). Amounts are integers in minor units of their currency. Accounts are opaque ids;
nothing about a person enters except the id of the party that links a party's own accounts.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Direction = Literal["payer", "payee", "both"]
PaymentStatus = Literal["submitted", "declined"]
LaterStatus = Literal["declined", "returned", "cancelled", "reversed"]
OutcomeClass = Literal["fraud", "fine", "recall"]
SessionEvent = Literal["login", "payee_added", "device_changed", "limit_changed", "signal"]
ListChange = Literal["add", "remove"]
ActivationKind = Literal["scenario", "model", "policy", "charter", "rollout", "candidate", "rules"]
TimerKind = Literal["hold_expires", "legal_clock"]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    seq: int
    clock_us: int


class Payment(_Entry, frozen=True, kw_only=True, tag="payment"):
    """A submitted payment, before it settles.

    `ts_us` is the payment's own time; `late` marks one that arrived after its time. `direction` says which side
    is a customer of the adopter. The `authentication` and `*_72h`/`*_24h` signals are attributes of this one payment,
    given with consent; None where unknown.
    """

    tx_id: str
    ts_us: int
    payer: str
    payee: str
    amount_minor: int
    currency: str
    rail: str = ""
    channel: str = ""
    direction: Direction = "both"
    status: PaymentStatus = "submitted"
    merchant_category: str | None = None
    remittance_type: str | None = None
    authentication: str | None = None
    sim_swapped_72h: bool | None = None
    device_new: bool | None = None
    remote_access: bool | None = None
    late: bool = False


class PaymentStatusChange(_Entry, frozen=True, kw_only=True, tag="payment_status"):
    """What became of an earlier payment. Returned, cancelled and reversed alter flow balances from now on."""

    tx_id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    new_status: LaterStatus
    reason: str | None = None


class Outcome(_Entry, frozen=True, kw_only=True, tag="outcome"):
    """What a payment turned out to be, counted from this entry's clock on. A recall is not a fraud.

    `known_us` is when it became known outside, where that was told; no fact looks at it.
    """

    outcome_id: str
    tx_id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    payment_clock_us: int
    outcome: OutcomeClass
    source: str
    supersedes: str | None = None
    known_us: int | None = None


class Account(_Entry, frozen=True, kw_only=True, tag="account"):
    """Facts of an account. `party` links accounts of one party; a party is never scored."""

    account: str
    party: str | None = None
    joint_parties: tuple[str, ...] = ()
    opened_us: int | None = None
    account_type: str | None = None
    account_country: str | None = None


class Session(_Entry, frozen=True, kw_only=True, tag="session"):
    """Something that happened in a banking session of an account. `event_id` tells events of one kind apart."""

    session_id: str
    account: str
    event: SessionEvent
    signal: str | None = None
    event_id: str | None = None


class Rates(_Entry, frozen=True, kw_only=True, tag="rates"):
    """The value of one major unit of `currency` in major units of `base`, as a decimal string."""

    base: str
    currency: str
    rate: str


class ListEntry(_Entry, frozen=True, kw_only=True, tag="list"):
    """An account enters or leaves a list of accounts, with a reason, an expiry and up to two people."""

    list_name: str
    change: ListChange
    account: str
    reason: str
    expires_us: int | None = None
    actor: str
    second_actor: str | None = None


class Activation(_Entry, frozen=True, kw_only=True, tag="activation"):
    """A scenario, model, policy, charter or rollout takes effect, named by the hash of its content; no hash: withdrawn.

    The kind `rules` comes last and names all of them together: from the next entry on they decide. `actor` asked for
    it, for a `reason` in words, or `headgate` where its files said so; second_actor: who approved it, if anybody did.
    """

    subject_kind: ActivationKind
    subject: str
    content_hash: str
    actor: str
    reason: str | None = None
    second_actor: str | None = None


class Action(_Entry, frozen=True, kw_only=True, tag="action"):
    """What a person did: confirm or dismiss a case, release or confirm a hold, clear a legal stop."""

    action_id: str
    actor: str
    action: str
    subject_kind: str
    subject: str
    reason: str


class Timer(_Entry, frozen=True, kw_only=True, tag="timer"):
    """A deadline passed: a hold expires into release, or a legal clock escalates."""

    timer: TimerKind
    tx_id: str
    due_us: int


Entry: TypeAlias = (
    Payment | PaymentStatusChange | Outcome | Account | Session | Rates | ListEntry | Activation | Action | Timer
)

KINDS: dict[str, type[Entry]] = {
    "payment": Payment,
    "payment_status": PaymentStatusChange,
    "outcome": Outcome,
    "account": Account,
    "session": Session,
    "rates": Rates,
    "list": ListEntry,
    "activation": Activation,
    "action": Action,
    "timer": Timer,
}


def kind_of(entry: Entry) -> str:
    """Return the kind of an entry, for instance `payment`."""
    tag = entry.__struct_config__.tag
    assert isinstance(tag, str)
    return tag
