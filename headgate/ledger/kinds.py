"""The catalogue of what is logged: every kind with its sentence and its fields. The reference page is made from it.

A field of type Commitment stands in the place of every value about a person or a business: see `commitments`.
Fields are only ever added, with a new schema version `v`; an entry is read with the kind that has its version.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from headgate.limits import MAX_CLOCK_US, MAX_JSON_INTEGER, MAX_NOTE_CHARS, MAX_TEXT_CHARS

Commitment = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="keyed commitment, 64 hex digits")]
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of a content, 64 hex digits")]
Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS, description="text")]
Name = Annotated[str, Meta(pattern="^[ -~]{1,128}$", description="name in ASCII")]
Sentence = Annotated[str, Meta(max_length=MAX_NOTE_CHARS, description="a sentence without names of customers")]
Count = Annotated[int, Meta(ge=0, le=MAX_JSON_INTEGER, description="whole number")]
TimeUs = Annotated[int, Meta(ge=0, le=MAX_CLOCK_US, description="microseconds UTC since 1970")]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every entry has: when it was logged (the writer's clock, never backwards) and its schema version."""

    at_us: TimeUs
    v: Count = 1


class LogOpened(Entry, frozen=True, kw_only=True, tag="log_opened"):
    """The log was opened: the first entry, and again after each start of the service."""

    origin: Text
    keys: tuple[Text, ...]
    engine: Text


class LogClosed(Entry, frozen=True, kw_only=True, tag="log_closed"):
    """The service stopped in order, or the log was closed for good."""

    reason: Sentence


class Decision(Entry, frozen=True, kw_only=True, tag="decision"):
    """A payment was decided: the action and what fired; the whole record as a commitment; `versions` names the set."""

    seq: Count
    payment: Commitment
    action: Text
    fired: tuple[Text, ...]
    record: Commitment
    facts: Hash
    versions: Hash


class Versions(Entry, frozen=True, kw_only=True, tag="versions"):
    """The set of versions that decides from here on; decisions name it by `content`, the hash of its canonical JSON."""

    content: Hash
    versions: dict[Name, Text]


class HoldSet(Entry, frozen=True, kw_only=True, tag="hold_set"):
    """A payment was held; a fraud hold expires by itself, a legal stop (expires_us 0) does not."""

    payment: Commitment
    action: Text
    expires_us: TimeUs


class HoldReleased(Entry, frozen=True, kw_only=True, tag="hold_released"):
    """A held payment was let go: by its deadline (person empty) or by a person."""

    payment: Commitment
    person: Text
    reason: Sentence


class HoldConfirmed(Entry, frozen=True, kw_only=True, tag="hold_confirmed"):
    """A person confirmed a hold before its deadline, so that the payment was not made."""

    payment: Commitment
    person: Text
    reason: Sentence


class Changed(Entry, frozen=True, kw_only=True):
    """Something that rules decisions was changed: what, by whom, from which content to which (empty: none)."""

    name: Text
    person: Text
    approved_by: Text
    before: Text
    after: Text
    reason: Sentence


class ScenarioChanged(Changed, frozen=True, kw_only=True, tag="scenario_changed"):
    """A scenario was activated, changed or taken out."""


class ModelChanged(Changed, frozen=True, kw_only=True, tag="model_changed"):
    """A model was activated, replaced or taken out."""


class PolicyChanged(Changed, frozen=True, kw_only=True, tag="policy_changed"):
    """The policy (budget, actions, longest holds) was changed."""


class CharterChanged(Changed, frozen=True, kw_only=True, tag="charter_changed"):
    """The charter, which says what the system may be used for, was changed."""


class ListChanged(Changed, frozen=True, kw_only=True, tag="list_changed"):
    """A list was changed; the accounts on it are in the content that `after` is the hash of."""


class RoleChanged(Changed, frozen=True, kw_only=True, tag="role_changed"):
    """A user was added, disabled, or given another role; `before` and `after` are roles."""


class KeyChanged(Changed, frozen=True, kw_only=True, tag="key_changed"):
    """A key of the log or an API key was added, replaced or disabled; `before` and `after` are public keys or names."""


class Reveal(Entry, frozen=True, kw_only=True, tag="reveal"):
    """A person was shown a name behind a pseudonym; logged before it was shown."""

    person: Text
    purpose: Text
    case: Text
    account: Commitment


class AccountRead(Entry, frozen=True, kw_only=True, tag="account_read"):
    """A person was shown an account's payments or relations; logged before they were shown."""

    person: Text
    purpose: Text
    case: Text
    account: Commitment


class ReportDrafted(Entry, frozen=True, kw_only=True, tag="report_drafted"):
    """A report to the authority was drafted from a case; the draft as a commitment."""

    person: Text
    case: Text
    report: Commitment


class CaseDecided(Entry, frozen=True, kw_only=True, tag="case_decided"):
    """People closed a case with an outcome; four eyes where the policy asks for them."""

    case: Text
    person: Text
    approved_by: Text
    outcome: Text


class Erased(Entry, frozen=True, kw_only=True, tag="erased"):
    """Keys of a subject were erased, by retention or request: what was committed under them cannot be read any more."""

    subject: Commitment
    periods: tuple[Text, ...]
    reason: Sentence


class LegalHold(Entry, frozen=True, kw_only=True, tag="legal_hold"):
    """A legal hold forbids erasing a subject's keys until it expires; until_us 0 lifts it."""

    subject: Commitment
    person: Text
    reason: Sentence
    until_us: TimeUs


class Snapshot(Entry, frozen=True, kw_only=True, tag="snapshot"):
    """The state of the folds was saved; decisions can be recomputed from here."""

    seq: Count
    content: Hash


class Archived(Entry, frozen=True, kw_only=True, tag="archived"):
    """A part of the journal left the store for the archive; its files have these hashes from then on."""

    name: Text
    first_seq: Count
    last_seq: Count
    journal: Hash
    decisions: Text


class Refused(Entry, frozen=True, kw_only=True, tag="refused"):
    """The service could not decide in an interval and said so (503); callers used their own fallback."""

    from_us: TimeUs
    until_us: TimeUs
    requests: Count
    reason: Sentence


class Exported(Entry, frozen=True, kw_only=True, tag="exported"):
    """An export of the log was made, or a question asked over a home; the summary or the answer by its hash."""

    person: Text
    purpose: Text
    content: Hash


CATALOGUE: Final[tuple[type[Entry], ...]] = (
    LogOpened, LogClosed, Versions, Decision, HoldSet, HoldReleased, HoldConfirmed, ScenarioChanged, ModelChanged,
    PolicyChanged, CharterChanged, ListChanged, RoleChanged, KeyChanged, Reveal, AccountRead, ReportDrafted,
    CaseDecided, Erased, LegalHold, Snapshot, Archived, Refused, Exported,
)  # fmt: skip
KINDS: Final[dict[str, type[Entry]]] = {str(kind.__struct_config__.tag): kind for kind in CATALOGUE}
