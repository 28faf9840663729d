"""A model of two stages at work: the same margins alone, in blocks and after a restart, and folders that tell."""

from __future__ import annotations

import numpy as np
import pytest

from headgate.errors import ModelError
from headgate.facts.past_scores import NAMES
from headgate.journal.entries import Payment
from headgate.journal.schema import to_block
from headgate.models.model import Model
from headgate.models.past import Journal, first_stage
from headgate.models.scorer import Scorer, Scorers
from headgate.models.training import train

from .conftest import QUICK

FACTS = ("payee_received_distinct_24h", "payee_received_distinct_7d", "payer_amount_ratio_28d", "channel")


@pytest.fixture(scope="module")
def staged(history):
    """A model of two stages, and the facts with past scores that it was trained on."""
    journal = Journal(history.clock_us, history.payers, history.payees)

    def teach(facts, labels, clock_us, split) -> Model:
        return train(facts, labels, clock_us, split, names=FACTS, settings=QUICK)

    stage = first_stage(history.facts, history.labels, history.known_at_us, history.split(), journal, teach)
    second = train(
        stage.facts, history.labels, history.clock_us, history.split(), names=(*FACTS, *NAMES), settings=QUICK
    )
    return second.after(stage.model), stage


def payments_of(history, start: int, stop: int) -> list[Payment]:
    return [
        Payment(
            seq=row, clock_us=int(history.clock_us[row]), tx_id=f"t{row}", ts_us=int(history.clock_us[row]),
            payer=history.payers[row], payee=history.payees[row], amount_minor=1, currency="EUR",
        )
        for row in range(start, stop)
    ]  # fmt: skip


def test_serving_gives_the_facts_and_margins_of_training_bit_for_bit(history, staged) -> None:
    model, stage = staged
    stop = history.split().train_stop
    scorer, rows = Scorer(model), history.facts.slice(stop).to_pylist()
    for payment, score in zip(payments_of(history, 0, stop), stage.scores[:stop].tolist(), strict=True):
        scorer._past.add(payment.clock_us, payment.payer, payment.payee, None if score < 0 else score)
    judged = [
        (scorer.judge(*each), scorer.said())
        for each in zip(payments_of(history, stop, len(history.labels)), rows, strict=True)
    ]
    expected = stage.facts.slice(stop)
    assert [said for _, said in judged] == expected.select(NAMES).to_pylist()
    assert np.array([margin for margin, _ in judged]).tobytes() == model.margin(expected).tobytes()
    assert expected.column("payer_received_score_max_28d").null_count < len(rows)


def test_one_by_one_in_blocks_and_after_a_restart_it_says_the_same(history, staged) -> None:
    model, _ = staged
    payments, (block,) = payments_of(history, 0, 600), history.facts.slice(0, 600).combine_chunks().to_batches()
    alone, parts, later = Scorer(model), Scorer(model), Scorer(model)
    one_by_one = [alone.judge(payment, row) for payment, row in zip(payments, block.to_pylist(), strict=True)]
    in_blocks = [
        parts.judge_block(block.slice(start, 150), payments[start : start + 150])[0] for start in (0, 150, 300, 450)
    ]
    assert np.concatenate(in_blocks).tobytes() == np.array(one_by_one).tobytes()
    later.learn(block.slice(0, 400), payments[:400])
    again = Scorer(model)
    again.load(later.state())
    margins, table = again.judge_block(block.slice(400), payments[400:])
    assert margins.tobytes() == np.array(one_by_one[400:]).tobytes()
    assert set(NAMES) < set(table.column_names)
    assert alone.state() == parts.state() == again.state()


def test_a_model_of_one_stage_remembers_nothing(history) -> None:
    model = history.train()
    scorer = Scorer(model)
    payment, row = payments_of(history, 0, 1)[0], history.facts.slice(0, 1).to_pylist()[0]
    assert (scorer.judge(payment, row), scorer.said()) == (model.margin_one(row), {})
    assert not scorer.remembers
    assert scorer.state() == Scorer(model).state()
    assert model.asked == model.facts


def test_it_asks_the_engine_for_the_facts_of_both_stages_only(staged) -> None:
    model, _ = staged
    assert model.asked == FACTS
    assert set(NAMES) < set(model.facts)


def test_a_folder_holds_both_stages_and_tells_when_the_first_is_another(history, staged, tmp_path) -> None:
    model, stage = staged
    model.save(tmp_path / "model")
    again = Model.load(tmp_path / "model")
    assert (again.content_hash, again.first.content_hash) == (model.content_hash, stage.model.content_hash)
    history.train().save(tmp_path / "model" / "first")
    with pytest.raises(ModelError, match="not the first stage"):
        Model.load(tmp_path / "model")


@pytest.mark.parametrize("read_by", ["both stages", "the first", "the second"])
def test_a_fact_that_is_missing_is_named_and_nothing_is_learnt(history, staged, read_by: str) -> None:
    first, second = staged[1].model, staged[0]
    if read_by == "the first":
        second = history.train(names=FACTS[1:])
    elif read_by == "the second":
        first = history.train(names=FACTS[1:])
    model = second.after(first)
    scorer = Scorer(model)
    payment, row = payments_of(history, 0, 1)[0], history.facts.slice(0, 1).to_pylist()[0]
    with pytest.raises(ModelError, match="'payee_received_distinct_24h' is missing"):
        scorer.judge(payment, {name: value for name, value in row.items() if name != FACTS[0]})
    assert scorer.state() == Scorer(model).state()


def test_a_model_that_stays_in_force_keeps_what_it_remembers_and_goes_on_from_a_state(history, staged) -> None:
    model, other = staged[0], history.train()
    payments, rows = payments_of(history, 0, 200), history.facts.slice(0, 200).to_pylist()
    alone, running = Scorers(None, model), Scorers(other, model)
    assert running.remember
    assert not Scorers(other, None).remember
    for place, (payment, row) in enumerate(zip(payments, rows, strict=True)):
        if place == 100:
            running = Scorers(model, None, running)  # the challenger was promoted
        if place == 150:
            stopped, running = running, Scorers(model, None)
            running.load(stopped.state())
        assert running.judge(payment, row)[model.content_hash] == alone.judge(payment, row)[model.content_hash]
    assert running.state() == alone.state()
    assert set(running.state()) == {model.content_hash}


def test_history_that_is_shown_in_blocks_is_remembered_as_if_it_had_been_judged(history, staged) -> None:
    model = staged[0]
    payments, (facts,) = payments_of(history, 0, 300), history.facts.slice(0, 300).combine_chunks().to_batches()
    shown, judged = Scorers(model, None), Scorers(model, None)
    shown.learn(facts, to_block(payments))
    for payment, row in zip(payments, facts.to_pylist(), strict=True):
        judged.judge(payment, row)
    assert shown.state() == judged.state()
