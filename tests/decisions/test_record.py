from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from headgate.decisions.record import (
    DECISION_SCHEMA,
    Decision,
    FiredScenario,
    Versions,
    canonical_json,
    explained,
    from_batch,
    record_hash,
    to_batch,
)
from headgate.facts.values import Witness, WitnessPayment

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "decision-record.md"

PLAIN = Decision(
    tx_id="t1",
    seq=1,
    clock_us=5,
    action="allow",
    alert=False,
    score=None,
    probability=None,
    rank_score=0.0,
    threshold=4.0,
)
STEP = WitnessPayment(tx_id="t0", seq=0, clock_us=1, payer="a", payee="b", reference_minor=7, role="in", hop=1)
FULL = Decision(
    tx_id="t2",
    seq=2,
    clock_us=6,
    action="hold",
    alert=True,
    score=1.25,
    probability=0.1,
    rank_score=1.9,
    threshold=0.5,
    fired=(FiredScenario(scenario_id="s", title="T", severity="high", action="hold", reason="Why."),),
    reasons=("Because.",),
    evidence=(Witness(fact="fan_in_24h", payments=(STEP,), share_retained=0.1, truncated=True),),
    missing=("payer_age_days",),
    control="none",
    adjustments=("rail",),
    hold_expires_us=99,
    facts_digest="abc",
    versions=Versions(policy="p"),
)


def test_records_survive_columns_and_parquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_batches([to_batch([PLAIN, FULL])]), tmp_path / "d.parquet")
    assert from_batch(pq.read_table(tmp_path / "d.parquet")) == [PLAIN, FULL]


def test_no_records_are_an_empty_batch_of_the_same_schema() -> None:
    assert to_batch([]).schema == DECISION_SCHEMA
    assert from_batch(to_batch([])) == []


def test_the_schema_and_the_record_name_the_same_fields() -> None:
    assert tuple(DECISION_SCHEMA.names) == Decision.__struct_fields__


def test_the_canonical_json_has_sorted_keys_and_exact_numbers() -> None:
    text = canonical_json(FULL)
    assert text.startswith(b'{"action":"hold","adjustments":["rail"],"alert":true,"clock_us":6')
    assert b'"score":1.25' in text
    assert msgspec.json.decode(text, type=Decision) == FULL


def test_any_change_changes_the_hash() -> None:
    assert record_hash(FULL) == record_hash(msgspec.json.decode(canonical_json(FULL), type=Decision))
    assert record_hash(FULL) != record_hash(msgspec.structs.replace(FULL, threshold=0.5000000000000001))


def test_reasons_and_evidence_are_added_and_nothing_else_changes() -> None:
    again = explained(PLAIN, ["Because."], FULL.evidence)
    assert again.reasons == ("Because.",)
    assert again.evidence == FULL.evidence
    assert msgspec.structs.replace(again, reasons=(), evidence=()) == PLAIN


@pytest.mark.parametrize("struct", [Decision, FiredScenario, Versions])
def test_every_field_stands_in_the_reference(struct: type[msgspec.Struct]) -> None:
    text = REFERENCE.read_text("utf-8")
    assert [name for name in struct.__struct_fields__ if f"`{name}`" not in text] == []


def test_every_adjustment_stands_in_the_reference() -> None:
    text = REFERENCE.read_text("utf-8")
    (kinds,) = (field.type for field in msgspec.structs.fields(Decision) if field.name == "adjustments")
    names = kinds.__args__[0].__args__
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in text] == []
