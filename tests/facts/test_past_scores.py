"""Past scores say what was said of earlier payments, by the definition, and keep no more than 28 days of them."""

from __future__ import annotations

import sys
from random import Random

import pyarrow as pa
import pytest

from headgate.errors import SnapshotError
from headgate.facts.past_scores import MOST_SCORE, NAMES, PastScores, Scored, defined
from headgate.limits import PAST_LOOKS, US_PER_DAY, US_PER_HOUR


def journal(seed: int, payments: int) -> list[Scored]:
    """Crowded days and long silences, equal clocks, payments to oneself, payments that nothing could judge."""
    random, clock_us, made = Random(seed), 0, []
    for number in range(payments):
        clock_us += random.choice((0, 1, US_PER_HOUR, US_PER_DAY, 7 * US_PER_DAY)) if number % 150 > 110 else 1_000_000
        score = None if random.random() < 0.1 else random.randint(0, MOST_SCORE)
        made.append(Scored(clock_us, random.choice("abcd"), random.choice("abcdef"), score))
    return made


def fold(payments: list[Scored]) -> pa.Table:
    clocks, payers, payees, scores = zip(*payments, strict=True)
    return PastScores().fold(clocks, payers, payees, [-1 if score is None else score for score in scores])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_fold_gives_what_the_definition_says(seed: int) -> None:
    payments, past = journal(seed, 900), PastScores()
    for number, each in enumerate(payments):
        assert past.facts(*each[:3]) == defined(payments[:number], *each[:3]), number
        past.add(*each)
    one_by_one = [defined(payments[:number], *each[:3]) for number, each in enumerate(payments)]
    assert [tuple(row.values()) for row in fold(payments).to_pylist()] == one_by_one


def test_whole_numbers_stay_whole_and_means_are_fractions() -> None:
    past = PastScores()
    past.add(0, "a", "b", 3)
    kinds = [type(value) for value in past.facts(1, "x", "b")[14:21]]
    assert kinds == [int, float, int, float, int, float, int]


def test_the_scores_of_inflows_are_known_to_the_next_outflow() -> None:
    past = PastScores()
    past.add(0, "a", "mule", 900)
    past.add(US_PER_DAY, "b", "mule", 100)
    facts = dict(zip(NAMES, past.facts(3 * US_PER_DAY, "mule", "c"), strict=True))
    assert facts["payer_received_score_max_28d"] == 900
    assert facts["payer_received_score_mean_7d"] == 500.0
    assert facts["payer_received_score_decayed_28d"] == (900 >> 3) + (100 >> 2)
    assert facts["payer_received_score_max_24h"] is None
    assert facts["payer_sent_score_max_28d"] is None


def test_a_payment_says_nothing_of_itself_or_of_what_comes_later() -> None:
    payments = journal(5, 300)
    whole = fold(payments)
    later = [each if place < 200 else each._replace(score=7) for place, each in enumerate(payments)]
    assert fold(later).slice(0, 201) == whole.slice(0, 201)


def test_what_is_older_than_28_days_is_forgotten_and_no_account_keeps_more_than_the_limit() -> None:
    past = PastScores()
    for second in range(3 * PAST_LOOKS):
        past.add(second, "a", "b", 1)
    assert len(past) == 2 * PAST_LOOKS
    past.add(29 * US_PER_DAY, "x", "y", 5)
    assert len(past) == 2
    assert past.facts(29 * US_PER_DAY, "a", "b") == (None,) * len(NAMES)


def test_it_goes_on_from_its_state_as_if_it_had_never_stopped() -> None:
    payments, past, again = journal(9, 400), PastScores(), PastScores()
    for each in payments[:250]:
        past.add(*each)
    again.load(past.state())
    for each in payments[250:]:
        assert again.facts(*each[:3]) == past.facts(*each[:3])
        past.add(*each)
        again.add(*each)
    assert again.state() == past.state()
    before = again.state()
    for damaged in (b"no state", before[:-1], before + b"x", before[:20] + b"\xff" * 8 + before[28:], before[8:]):
        with pytest.raises(SnapshotError, match="past scores are damaged"):
            again.load(damaged)
    assert again.state() == before


@pytest.mark.parametrize(("place", "value"), [(-8, -1), (-8, MOST_SCORE + 1), (-16, 1)])
def test_a_state_with_a_score_or_a_clock_that_cannot_be_is_refused(place: int, value: int) -> None:
    past = PastScores()
    past.add(10, "a", "b", 5)
    past.add(20, "a", "b", MOST_SCORE)
    state = bytearray(past.state())
    end = len(state) + place
    state[end : end + 8] = value.to_bytes(8, sys.byteorder, signed=True)
    with pytest.raises(SnapshotError, match=r"no such score|runs back in time"):
        PastScores().load(bytes(state))
    assert PastScores().load(past.state()) is None
