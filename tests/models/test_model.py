from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.errors import FileError, ModelError
from headgate.models.calibration import Calibration, calibrate
from headgate.models.model import Model


def rows_of(table: pa.Table, count: int) -> list[dict[str, object]]:
    return table.slice(0, count).to_pylist()


def test_a_payment_alone_has_the_margin_bits_that_it_has_in_any_block(history, model: Model) -> None:
    whole = model.margin(history.facts)
    alone = np.array([model.margin_one(row) for row in rows_of(history.facts, 500)])
    assert alone.tobytes() == whole[:500].tobytes()
    parts = [model.margin(batch) for batch in history.facts.to_batches(max_chunksize=77)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@settings(max_examples=60, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {
            "payee_received_distinct_24h": st.none() | st.integers(0, 2**62),
            "payee_received_distinct_7d": st.none() | st.integers(0, 2**62),
            "payer_amount_ratio_28d": st.none() | st.floats(),
            "payer_sent_sum_24h": st.none() | st.integers(-(2**62), 2**62),
            "payer_sent_gap": st.none() | st.floats(allow_nan=True),
            "channel": st.none() | st.sampled_from(["web", "app", "never seen", ""]),
            "same_party": st.none() | st.booleans(),
        }
    )
)
def test_odd_values_score_alike_alone_and_in_a_block(history, model: Model, values: dict[str, object]) -> None:
    schema = pa.schema([field for field in history.facts.schema if field.name in values])
    block = pa.Table.from_pylist([values], schema=schema)
    assert model.margin(block).tobytes() == np.array([model.margin_one(values)]).tobytes()


def test_a_text_never_seen_in_training_is_missing(model: Model, history) -> None:
    row = rows_of(history.facts, 1)[0]
    assert model.margin_one(row | {"channel": "carrier pigeon"}) == model.margin_one(row | {"channel": None})


def test_a_saved_model_loads_to_the_same_scores(history, model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = Model.load(tmp_path / "model")
    assert again.content_hash == model.content_hash
    assert again.margin(history.facts).tobytes() == model.margin(history.facts).tobytes()
    assert again.score_days == model.score_days
    assert again.card() == (tmp_path / "model" / "card.md").read_text()


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [("model.txt", "num_leaves=", "num_leaves= "), ("model.json", '"seed": 7', '"seed": 8')],
)
def test_an_altered_model_is_refused(model: Model, tmp_path: Path, file: str, before: str, after: str) -> None:
    model.save(tmp_path)
    path = tmp_path / file
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(ModelError, match="was altered after training"):
        Model.load(tmp_path)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks model\.json"):
        Model.load(tmp_path)


def test_a_damaged_document_is_refused(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ModelError, match="is damaged"):
        Model.load(tmp_path)


def test_a_model_of_another_format_is_refused(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(ModelError, match="format 1, this version reads 2"):
        Model.load(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(model: Model, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FileError, match="taken"):
        model.save(tmp_path / "taken")


def test_a_missing_fact_is_named_for_a_block_and_for_one(history, model: Model) -> None:
    with pytest.raises(ModelError, match="'channel' is missing"):
        model.margin(history.facts.drop_columns(["channel"]))
    row = {name: value for name, value in rows_of(history.facts, 1)[0].items() if name != "channel"}
    with pytest.raises(ModelError, match="'channel' is missing"):
        model.margin_one(row)


def test_an_empty_block_gives_no_margins(history, model: Model) -> None:
    assert len(model.margin(history.facts.slice(0, 0))) == 0


def test_probabilities_rise_with_the_margin_and_are_never_certain(history, model: Model) -> None:
    margins = np.sort(model.margin(history.facts))
    probabilities = model.probability(margins)
    assert (np.diff(probabilities) >= 0).all()
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert probabilities[-1] == model.probability_one(float(margins[-1]))


def test_probabilities_agree_with_the_frauds_of_validation() -> None:
    draw = np.random.default_rng(1)
    margins = draw.normal(-3, 2, 20_000)
    labels = (draw.random(20_000) < 1 / (1 + np.exp(-margins))).astype(np.int8)
    labels[:100] = -1
    curve = calibrate(margins, labels)
    for low, high in ((-6, -4), (-4, -2), (-2, 0), (0, 3)):
        inside = (margins > low) & (margins < high) & (labels >= 0)
        assert abs(curve.many(margins[inside]).mean() - labels[inside].mean()) < 0.02


@pytest.mark.parametrize(("frauds", "least", "most"), [(1, 0.5, 0.51), (3, 0.75, 0.76), (300, 0.996, 0.998)])
def test_a_few_frauds_at_the_top_prove_no_certainty(frauds: int, least: float, most: float) -> None:
    margins = np.arange(30_000.0)
    labels = (margins >= len(margins) - frauds).astype(np.int8)
    curve = calibrate(margins, labels)
    assert least < curve.one(margins[-1]) < most
    assert 0 < curve.one(0.0) < frauds / len(margins) / 1000


def test_a_higher_step_of_fewer_payments_is_never_the_less_probable() -> None:
    margins = np.repeat([0.0, 1.0, 2.0], [1000, 1000, 1])
    labels = np.concatenate([np.zeros(1000), np.arange(1000) % 10 > 0, [1]]).astype(np.int8)
    probabilities = calibrate(margins, labels).many(np.array([0.0, 1.0, 1.5, 2.0]))
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities[3] == pytest.approx(0.9, abs=0.001)


def test_without_both_classes_the_probability_is_logistic() -> None:
    curve = calibrate(np.array([1.0, 2.0]), np.array([0, 0], np.int8))
    assert curve == Calibration()
    assert curve.one(0.0) == 0.5
    assert 0 < curve.one(-1e9) < curve.one(1e9) < 1


def test_the_card_says_what_the_model_must_not_be_used_for(model: Model) -> None:
    card = model.card()
    assert model.content_hash in card
    for heading in ("## Data", "## Facts", "## Known limits", "## What it must not be used for"):
        assert heading in card
    assert "to score, rank or list persons" in card
    assert "7 days" in card
    assert all(f"`{name}`" in card for name in model.facts)
