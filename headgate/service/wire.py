"""What the API takes in, as values: the shapes of requests, with limits, words and examples for the documentation.

Decoding is strict: a field that is not listed here is refused. Nothing here knows a stored entry.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from headgate.journal.entries import Direction, LaterStatus, ListChange, PaymentStatus, SessionEvent
from headgate.limits import MAX_ID_CHARS, MAX_JOINT_PARTIES, MAX_NOTE_CHARS, MAX_PAYMENTS_PER_REQUEST, MAX_TEXT_CHARS

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
Time: TypeAlias = Annotated[datetime, Meta(tz=True)]
OutcomeName: TypeAlias = Literal["fraud", "fine", "chargeback", "recall"]


class PaymentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment before it settles. Account ids are replaced by pseudonyms before anything is kept."""

    tx_id: Annotated[Id, Meta(description="Your id of the payment; it must be unique.", examples=["P-2025-000017"])]
    ts: Annotated[
        Time,
        Meta(description="When it was made, with a time zone (RFC 3339).", examples=["2025-03-04T16:05:09Z"]),
    ]
    payer: Annotated[Id, Meta(description="Your id of the paying account.", examples=["DE-4711"])]
    payee: Annotated[Id, Meta(description="Your id of the receiving account.", examples=["DE-0815"])]
    amount: Annotated[
        Decimal,
        Meta(description="In major units, best as text: a decimal with a point.", examples=["1250.00"]),
    ]
    currency: Annotated[str, Meta(max_length=3, description="ISO 4217.", examples=["EUR"])]
    rail: Annotated[Text, Meta(description="How it settles, as your policy names it.", examples=["instant"])] = ""
    channel: Annotated[Text, Meta(description="How it was ordered.", examples=["app"])] = ""
    direction: Annotated[Direction, Meta(description="Which side is your customer.")] = "both"
    status: Annotated[PaymentStatus, Meta(description="`declined` for one that you refused yourself.")] = "submitted"
    merchant_category: Annotated[Text | None, Meta(description="Category code of a merchant.")] = None
    remittance_type: Annotated[Text | None, Meta(description="Kind of the remittance text, never the text.")] = None
    authentication: Annotated[Text | None, Meta(description="How the payer was authenticated.")] = None
    sim_swapped_72h: Annotated[
        bool | None, Meta(description="With the payer's consent: whether the SIM was swapped in the last 72 hours.")
    ] = None
    device_new: Annotated[bool | None, Meta(description="Whether the device is new to the payer.")] = None
    remote_access: Annotated[bool | None, Meta(description="Whether the device was under remote control.")] = None


class OutcomeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payment turned out to be, counted from now on."""

    outcome_id: Annotated[Id, Meta(description="Your id of this report; unique.", examples=["O-2025-0003"])]
    tx_id: Annotated[Id, Meta(description="The payment that it is about.", examples=["P-2025-000017"])]
    outcome: Annotated[
        OutcomeName,
        Meta(
            description="`fraud`: confirmed as fraud, scam or laundering. `fine`: confirmed as honest. `chargeback`: "
            "charged back as fraud; it counts as fraud. `recall`: asked back for any other reason; it is no fraud.",
            examples=["fraud"],
        ),
    ]
    source: Annotated[Text, Meta(min_length=1, description="Who says so.", examples=["customer report"])]
    supersedes: Annotated[Id | None, Meta(description="The report that this one corrects.")] = None
    known_at: Annotated[
        Time | None,
        Meta(description="When it became known outside. Kept beside the outcome, which counts from its arrival on."),
    ] = None


class StatusIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a payment after it was sent here. A status of a payment is told once."""

    tx_id: Annotated[Id, Meta(description="The payment that it is about.", examples=["P-2025-000017"])]
    new_status: Annotated[
        LaterStatus,
        Meta(
            description="`declined`: refused by you or its receiver's bank. `cancelled`: withdrawn before it settled; "
            "this ends a hold. `returned`: sent back. `reversed`: taken back by its scheme.",
            examples=["returned"],
        ),
    ]
    reason: Annotated[Text | None, Meta(description="A code or a few words.", examples=["AC04"])] = None


class SessionIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened in a banking session of an account, counted from its arrival on."""

    session_id: Annotated[Id, Meta(description="Your id of the session.", examples=["S-2025-000201"])]
    account: Annotated[Id, Meta(description="Your id of the account.", examples=["DE-4711"])]
    event: Annotated[SessionEvent, Meta(description="What happened.", examples=["payee_added"])]
    signal: Annotated[Text | None, Meta(description="Name of a consented signal, where the event is `signal`.")] = None
    event_id: Annotated[
        Id | None,
        Meta(description="Your id of the event. Without it, an event and signal counts once in a session."),
    ] = None


class AccountIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts of an account. They replace all that was told about it before, so a repetition is harmless."""

    account: Annotated[Id, Meta(description="Your id of the account.", examples=["DE-4711"])]
    party: Annotated[
        Id | None, Meta(description="Your id of its holder: it links a party's own accounts, and is never scored.")
    ] = None
    joint_parties: Annotated[
        tuple[Id, ...], Meta(max_length=MAX_JOINT_PARTIES, description="Your ids of further holders.")
    ] = ()
    opened_at: Annotated[Time | None, Meta(description="When it was opened.")] = None
    account_type: Annotated[Text | None, Meta(description="As your policy names it.", examples=["private"])] = None
    account_country: Annotated[
        Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None, Meta(description="ISO 3166-1 alpha-2.", examples=["DE"])
    ] = None


class ReasonIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a person decides as they do. `action_id` makes a repetition harmless."""

    reason: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_NOTE_CHARS,
            description="One or two sentences; they stay in the history under your name.",
            examples=["Payroll of a new company, confirmed by its contract."],
        ),
    ]
    action_id: Annotated[Id | None, Meta(description="Your id of this action; drawn when left out.")] = None


class ListChangeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a list of accounts. `change_id` makes a repetition harmless."""

    change_id: Annotated[Id, Meta(description="Your id of this change; unique.", examples=["L-2025-0007"])]
    list: Annotated[Id, Meta(description="A list that the policy names.", examples=["deny"])]
    change: Annotated[ListChange, Meta(description="`add` or `remove`.", examples=["add"])]
    account: Annotated[Id, Meta(description="Your id of the account.", examples=["DE-4711"])]
    reason: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_TEXT_CHARS,
            description="One sentence; it stays in the journal under your name.",
            examples=["Mule account, confirmed by its bank."],
        ),
    ]
    expires_at: Annotated[Time | None, Meta(description="When it ends by itself; never, where left out.")] = None


class RevealIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which account of a case a person has to know by name, for which purpose of the charter, and why."""

    account: Annotated[Id, Meta(description="An account of the case, by its pseudonym.", examples=["A-K3J5Q2XZ"])]
    purpose: Annotated[Text, Meta(description="A purpose of the charter.", examples=["investigation"])]
    reason: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_NOTE_CHARS,
            description="One or two sentences; they stay with the vault under your name.",
            examples=["The holder has to be called before the hold expires."],
        ),
    ]


Payments: TypeAlias = PaymentIn | Annotated[list[PaymentIn], Meta(min_length=1, max_length=MAX_PAYMENTS_PER_REQUEST)]
Outcomes: TypeAlias = OutcomeIn | Annotated[list[OutcomeIn], Meta(min_length=1, max_length=MAX_PAYMENTS_PER_REQUEST)]
Statuses: TypeAlias = StatusIn | Annotated[list[StatusIn], Meta(min_length=1, max_length=MAX_PAYMENTS_PER_REQUEST)]
Sessions: TypeAlias = SessionIn | Annotated[list[SessionIn], Meta(min_length=1, max_length=MAX_PAYMENTS_PER_REQUEST)]
Accounts: TypeAlias = AccountIn | Annotated[list[AccountIn], Meta(min_length=1, max_length=MAX_PAYMENTS_PER_REQUEST)]
PaymentMove: TypeAlias = Literal["release", "confirm-hold", "stop", "clear"]
CaseMove: TypeAlias = Literal["confirm", "dismiss", "reopen"]
