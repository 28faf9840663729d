"""The decision record: everything that was decided about one payment, why, and by which versions.

Pure values with a columnar and a canonical JSON form. A record is never altered; what happens later is another entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
import pyarrow as pa

from headgate.facts.values import Witness

ActionName: TypeAlias = Literal["allow", "step_up", "review", "hold", "legal_stop"]
Control: TypeAlias = Literal["none", "below", "above"]
Adjustment: TypeAlias = Literal[
    "stop_placed",
    "stop_list",
    "deny_list",
    "allow_list",
    "snooze",
    "control",
    "declined",
    "direction",
    "rail",
    "burden",
    "holds_full",
]

ACTIONS: Final[tuple[ActionName, ...]] = ("allow", "step_up", "review", "hold", "legal_stop")


class FiredScenario(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that fired, with its reason in words; `snoozed` when a person had dismissed it for this pair.

    stage: `live` for all payments, `share` for a share of them, `shadow` for none.
    """

    scenario_id: str
    title: str
    severity: str
    action: str
    reason: str
    snoozed: bool = False
    content_hash: str = ""
    stage: str = "live"


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """What decided, each by the hash of its content; empty where there is none."""

    engine: str = ""
    scenarios: str = ""
    model: str = ""
    policy: str = ""
    charter: str = ""
    rollout: str = ""


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded beside a decision and had no effect on it.

    fired: scenarios without effect on this payment. model: the model that did not rank this payment (the candidate, or
    the model in force where the candidate ranked), empty where there is one ranking only; score, probability:
    what it gave. rank_score, threshold, action, alert: what would have followed if all of this had had effect.
    """

    fired: tuple[FiredScenario, ...] = ()
    model: str = ""
    score: float | None = None
    probability: float | None = None
    rank_score: float
    threshold: float
    action: ActionName
    alert: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one payment.

    alert: whether a person reads it. score: the raw margin of the model, None without one; probability: calibrated.
    rank_score: what was compared with `threshold`, the line of its day. reasons: sentences about the model's score.
    evidence: the payments behind fired scenarios and patterns. missing: facts that were null or NaN (for payments that
    are not plainly allowed). control: drawn into the randomised sample below or above the line. adjustments: why the
    action is not what the table alone would give. hold_expires_us: when a hold releases itself. control_probability:
    how likely this payment was to be drawn into a control sample, drawn or not; None where nothing was drawn.
    payer_sentence: what the payer is told when asked. shadow: what was recorded without effect.
    """

    tx_id: str
    seq: int
    clock_us: int
    action: ActionName
    alert: bool
    score: float | None
    probability: float | None
    rank_score: float
    threshold: float
    fired: tuple[FiredScenario, ...] = ()
    reasons: tuple[str, ...] = ()
    evidence: tuple[Witness, ...] = ()
    missing: tuple[str, ...] = ()
    control: Control = "none"
    adjustments: tuple[Adjustment, ...] = ()
    hold_expires_us: int | None = None
    facts_digest: str = ""
    versions: Versions = Versions()
    control_probability: float | None = None
    payer_sentence: str = ""
    shadow: Shadow | None = None


def explained(decision: Decision, reasons: Iterable[str], evidence: Iterable[Witness]) -> Decision:
    """Return the decision with the sentences and the payments behind it, which only an alert is worth."""
    return msgspec.structs.replace(decision, reasons=tuple(reasons), evidence=tuple(evidence))


def canonical_json(decision: Decision) -> bytes:
    """Return the record as JSON with sorted keys and shortest exact floats: equal records, equal bytes."""
    return msgspec.json.encode(decision, order="sorted")


def record_hash(decision: Decision) -> str:
    """Return the sha256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical_json(decision)).hexdigest()


_WITNESS_PAYMENT: Final = pa.struct(
    [
        ("tx_id", pa.utf8()),
        ("seq", pa.int64()),
        ("clock_us", pa.int64()),
        ("payer", pa.utf8()),
        ("payee", pa.utf8()),
        ("reference_minor", pa.int64()),
        ("role", pa.utf8()),
        ("hop", pa.int64()),
    ]
)
_WITNESS: Final = pa.struct(
    [
        ("fact", pa.utf8()),
        ("payments", pa.list_(_WITNESS_PAYMENT)),
        ("share_retained", pa.float64()),
        ("truncated", pa.bool_()),
    ]
)
_FIRED: Final = pa.struct(
    [(name, pa.bool_() if name == "snoozed" else pa.utf8()) for name in FiredScenario.__struct_fields__]
)
_SHADOW: Final = pa.struct(
    [
        ("fired", pa.list_(_FIRED)),
        ("model", pa.utf8()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("rank_score", pa.float64()),
        ("threshold", pa.float64()),
        ("action", pa.utf8()),
        ("alert", pa.bool_()),
    ]
)
_VERSIONS: Final = pa.struct([(name, pa.utf8()) for name in Versions.__struct_fields__])

DECISION_SCHEMA: Final = pa.schema(
    [
        pa.field("tx_id", pa.utf8(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("clock_us", pa.int64(), nullable=False),
        pa.field("action", pa.utf8(), nullable=False),
        pa.field("alert", pa.bool_(), nullable=False),
        pa.field("score", pa.float64()),
        pa.field("probability", pa.float64()),
        pa.field("rank_score", pa.float64(), nullable=False),
        pa.field("threshold", pa.float64(), nullable=False),
        pa.field("fired", pa.list_(_FIRED), nullable=False),
        pa.field("reasons", pa.list_(pa.utf8()), nullable=False),
        pa.field("evidence", pa.list_(_WITNESS), nullable=False),
        pa.field("missing", pa.list_(pa.utf8()), nullable=False),
        pa.field("control", pa.utf8(), nullable=False),
        pa.field("adjustments", pa.list_(pa.utf8()), nullable=False),
        pa.field("hold_expires_us", pa.int64()),
        pa.field("facts_digest", pa.utf8(), nullable=False),
        pa.field("versions", _VERSIONS, nullable=False),
        pa.field("control_probability", pa.float64()),
        pa.field("payer_sentence", pa.utf8(), nullable=False),
        pa.field("shadow", _SHADOW),
    ]
)


def to_batch(decisions: Sequence[Decision]) -> pa.RecordBatch:
    """Return decisions as columns of `DECISION_SCHEMA`, one row each."""
    rows: list[dict[str, Any]] = [msgspec.to_builtins(decision) for decision in decisions]
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in DECISION_SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=DECISION_SCHEMA)


def from_batch(batch: pa.RecordBatch | pa.Table) -> list[Decision]:
    """Return the decisions of a batch made by `to_batch`."""
    return msgspec.convert(batch.to_pylist(), list[Decision])
