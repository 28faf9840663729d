from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from headgate.charter.charter import load_charter
from headgate.errors import ModelError, RefusedFieldError
from headgate.limits import MAX_MODEL_LEAVES, MIN_STOPPING_FRAUDS
from headgate.models.document import Settings
from headgate.models.model import Model

QUICK = Settings(learning_rate=0.2, leaves=7, most_rounds=40, patience=10, least_rows_in_leaf=5)


def test_training_twice_gives_the_same_model_to_the_byte(history, model: Model) -> None:
    assert history.train().content_hash == model.content_hash


def test_another_seed_gives_another_model(history, model: Model) -> None:
    assert history.train(seed=8).content_hash != model.content_hash


def test_the_ranking_finds_what_makes_fraud_likelier(model: Model) -> None:
    metrics = model.document.metrics
    assert metrics.average_precision is not None
    assert metrics.fraud_share is not None
    assert metrics.average_precision > 2 * metrics.fraud_share
    assert model.document.importance[0][0].startswith("payee_received_distinct")


def test_labels_after_the_training_and_validation_periods_change_nothing(history, model: Model) -> None:
    split = history.split()
    shuffled = history.labels.copy()
    shuffled[split.valid_stop :] = 1 - shuffled[split.valid_stop :]
    shuffled[: split.valid_stop][split.known_at_us[: split.valid_stop] >= split.valid_end_us] = 1
    assert history._replace(labels=shuffled).train().content_hash == model.content_hash


def test_trees_are_grown_again_on_what_both_periods_knew_in_the_end(long_history) -> None:
    split, once = long_history.split(), msgspec.structs.replace(QUICK, grown_again=False)
    before, again = long_history.train(settings=once), long_history.train(settings=QUICK)
    known = (long_history.labels >= 0) & (split.known_at_us < split.valid_end_us)
    known[split.valid_stop :] = False
    data = again.document.provenance
    assert (data.both_rows, data.both_frauds) == (known.sum(), (known & (long_history.labels == 1)).sum())
    assert data.both_rows > data.train_rows + data.valid_rows  # labels that came after the end of training
    assert before.document.rounds < again.document.rounds <= QUICK.rounds_allowed
    assert "Grown again on both periods" in again.card()
    assert "Grown again on both periods" not in before.card()


def test_what_measures_and_calibrates_has_not_learnt_from_validation(long_history) -> None:
    once = msgspec.structs.replace(QUICK, grown_again=False)
    before, again = long_history.train(settings=once).document, long_history.train(settings=QUICK).document
    assert again.metrics == before.metrics
    assert again.calibration == before.calibration
    assert again.score_days == before.score_days


def test_facts_of_the_test_period_change_nothing(history, model: Model) -> None:
    stop = history.split().valid_stop
    table = history.facts
    shuffled = pa.concat_tables(
        [table.slice(0, stop), table.slice(stop).take(list(range(table.num_rows - stop))[::-1])]
    )
    assert history._replace(facts=shuffled).train().content_hash == model.content_hash


def test_renaming_every_account_changes_nothing(history, model: Model) -> None:
    renamed = history.train(payers=[f"x-{a}" for a in history.payers], payees=[f"x-{a}" for a in history.payees])
    assert renamed.content_hash == model.content_hash


def test_a_column_that_the_charter_refuses_stops_training(history) -> None:
    table = history.facts.append_column("customer_gender", pa.array(["f"] * history.facts.num_rows))
    with pytest.raises(RefusedFieldError, match="customer_gender"):
        history._replace(facts=table).train(charter=load_charter())


def test_the_charter_lets_the_other_facts_pass(history, model: Model) -> None:
    assert history.train(charter=load_charter()).content_hash == model.content_hash


def test_one_class_only_is_refused_with_a_repair(history) -> None:
    with pytest.raises(ModelError, match=r"0 known frauds.*scenarios alone"):
        history._replace(labels=np.zeros_like(history.labels)).train()


def test_frauds_only_are_refused(history) -> None:
    with pytest.raises(ModelError, match="0 payments known to be fine"):
        history._replace(labels=np.ones_like(history.labels)).train()


def test_too_few_known_payments_are_refused(history) -> None:
    unknown = history.labels.copy()
    unknown[150:] = -1
    with pytest.raises(ModelError, match=r"Only 150 payments.*200 are needed"):
        history._replace(labels=unknown).train()


def test_a_missing_fact_is_named_with_the_nearest_one(history) -> None:
    with pytest.raises(ModelError, match="Did you mean 'payer_sent_gap'"):
        history.train(names=["payer_sent_gaps"])


def test_a_column_of_another_type_is_refused(history) -> None:
    table = history.facts.append_column("when", pa.array([0] * history.facts.num_rows, pa.timestamp("us")))
    with pytest.raises(ModelError, match="cannot learn from"):
        history._replace(facts=table).train()


def test_a_validation_period_without_frauds_still_gives_a_model_that_says_so(history) -> None:
    labels = history.labels.copy()
    labels[history.split().train_stop :] = 0
    model = history._replace(labels=labels).train(
        settings=msgspec.structs.replace(Settings(), rounds_without_validation=5)
    )
    assert model.document.rounds == 5
    assert model.document.metrics.average_precision is None
    assert "Too few known frauds" in model.card()


def test_validation_with_few_frauds_does_not_end_training_by_their_luck(long_history) -> None:
    labels = long_history.labels.copy()
    split = long_history.split()
    frauds = split.train_stop + np.flatnonzero(labels[split.train_stop : split.valid_stop] == 1)
    labels[frauds[MIN_STOPPING_FRAUDS - 1 :]] = 0
    settings = msgspec.structs.replace(QUICK, rounds_without_validation=7)
    few = long_history._replace(labels=labels).train(settings=settings)
    assert few.document.rounds == 7
    assert "Too few known frauds" in few.card()
    enough = long_history.train(settings=settings)
    assert "Too few known frauds" not in enough.card()


def test_an_unknown_fraud_weight_is_refused(history) -> None:
    with pytest.raises(ModelError, match="'none' or 'sqrt'"):
        history.train(settings=Settings(fraud_weight="huge"))


def test_weighing_frauds_by_the_square_root_raises_their_margins(history, model: Model) -> None:
    settings = msgspec.structs.replace(model.document.settings, fraud_weight="sqrt")
    heavier = history.train(settings=settings)
    assert heavier.margin(history.facts).mean() > model.margin(history.facts).mean()


def test_only_the_frequent_texts_of_training_are_kept_apart(history, model: Model) -> None:
    channel = next(column for column in model.document.columns if column.name == "channel")
    assert set(channel.vocabulary) == {"web", "app", "branch"}
    assert channel.usual == channel.vocabulary[0]


def test_seeded_days_are_closed_bounded_and_fall(model: Model) -> None:
    days = model.score_days
    assert [day.day for day in days] == list(range(days[0].day, days[0].day + len(days)))
    for day in days:
        scores = [score.score for score in day.scores]
        assert scores == sorted(scores, reverse=True)
        assert day.payments == len(scores)
        assert day.complete


def test_the_model_carries_no_account_and_no_payment(history, model: Model) -> None:
    text = msgspec.json.encode(model.document).decode()
    assert not any(f'"{account}"' in text for account in set(history.payers))
    assert '"t1"' not in text


def test_trees_times_leaves_never_exceed_the_limit(history) -> None:
    asked = Settings(leaves=31, most_rounds=10_000, rounds_without_validation=10_000)
    assert asked.rounds_allowed * asked.leaves <= MAX_MODEL_LEAVES
    assert Settings(leaves=10**6).rounds_allowed == 1
    assert Settings(most_rounds=3).rounds_allowed == 3


def test_a_monotone_fact_never_lowers_the_score_when_it_rises(history) -> None:
    settings = msgspec.structs.replace(QUICK, monotone={"payer_sent_sum_24h": 1})
    model = history.train(settings=settings)
    for row in history.facts.slice(0, 40).to_pylist():
        margins = [model.margin_one(row | {"payer_sent_sum_24h": value}) for value in range(0, 10**7, 10**6)]
        assert margins == sorted(margins)


@pytest.mark.parametrize(
    ("monotone", "words"),
    [
        ({"payer_sent_gaps": 1}, "Did you mean 'payer_sent_gap'"),
        ({"channel": 1}, "cannot be"),
        ({"same_party": 2}, "2"),
    ],
)
def test_a_constraint_that_cannot_be_is_refused(history, monotone: dict[str, int], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        history.train(settings=msgspec.structs.replace(QUICK, monotone=monotone))


def test_the_card_has_an_interval_and_the_share_of_reasons_that_failed(model: Model) -> None:
    metrics = model.document.metrics
    assert metrics.average_precision_interval is not None
    low, high = metrics.average_precision_interval
    assert low <= metrics.average_precision <= high
    checked = model.document.reasons
    assert checked.payments == 40
    assert 0 <= checked.failed < checked.reasons
    assert f"{low:.3f} to {high:.3f}" in model.card()
    assert f"Of {checked.reasons} reasons" in model.card()
