"""Whoever is asked is told of what; nobody else is told anything."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.cases.case import Alert
from headgate.charter.charter import load_charter
from headgate.errors import ScenarioError
from headgate.scenarios.document import parse_file
from headgate.scenarios.loader import load_library, packaged
from headgate.scenarios.scenario import compile_scenario

LIBRARY = load_library()
ASKING = [each for each in LIBRARY if each.action != "review"]


def spoken(kit: Any, scenario_id: str, severity: str, words: str, action: str = "step_up") -> Any:
    return msgspec.structs.replace(kit.fired(scenario_id, severity, action), payer_words=words)


def test_the_most_severe_scenario_speaks_to_the_payer(kit: Any) -> None:
    fired = [spoken(kit, "a", "low", "Low."), spoken(kit, "b", "high", "High."), spoken(kit, "c", "high", "Later.")]
    decision = kit.state().decide(kit.payment(), {}, fired, 5.0)
    assert (decision.action, decision.payer_sentence) == ("step_up", "High.")


def test_where_no_scenario_has_words_the_policy_speaks(kit: Any) -> None:
    state = kit.roomy('[actions]\nstep_up_sentence = "Who asked you to pay?"\n')
    decision = state.decide(kit.payment(rail="instant"), {}, (), 9.0)
    assert (decision.action, decision.payer_sentence) == ("step_up", "Who asked you to pay?")


def test_a_snoozed_scenario_says_nothing(kit: Any) -> None:
    state = kit.state()
    first = state.decide(kit.payment(1, payer="p", payee="q"), {}, [spoken(kit, "a", "high", "A.")], 5.0)
    alert = Alert(payment=kit.payment(1, payer="p", payee="q"), decision=first, reference_minor=10**6)
    state.settle(kit.act("dismiss", "C-1", kind="case", clock_us=first.clock_us), [alert])
    again = [spoken(kit, "a", "high", "A."), spoken(kit, "b", "low", "B.")]
    assert state.decide(kit.payment(2, payer="p", payee="q"), {}, again, 5.0).payer_sentence == "B."


@given(st.data())
def test_every_step_up_has_words_and_no_other_action_has(kit: Any, data: st.DataObject) -> None:
    state = kit.roomy("above_share = 0.2\n")
    state.apply(kit.listed("deny", "payee3", second_actor="grace"))
    for number in range(12):
        library = data.draw(st.lists(st.sampled_from(LIBRARY), max_size=2, unique=True))
        fired = [
            msgspec.structs.replace(kit.fired(each.id, each.severity, each.action), payer_words=each.file.payer_words)
            for each in library
        ]
        payment = kit.payment(number, rail=data.draw(st.sampled_from(["instant", "transfer", "card"])))
        decision = state.decide(payment, {}, fired, data.draw(st.floats(-5, 12)))
        assert bool(decision.payer_sentence) == (decision.action == "step_up")


@pytest.mark.parametrize("scenario", ASKING, ids=lambda each: each.id)
def test_packaged_words_are_plain_and_accuse_nobody(scenario: Any) -> None:
    words = scenario.file.payer_words
    assert words.endswith(".")
    assert "{" not in words
    assert not {"suspicious", "criminal", "fraudster", "launder", "mule"} & set(words.lower().split())


def without_words(scenario_id: str) -> Any:
    text = next(each.text for each in packaged() if each.where == f"{scenario_id}.toml")
    return msgspec.structs.replace(parse_file(text, "x"), payer_words="")


@pytest.mark.parametrize("scenario_id", ["app-scam-new-payee", "scatter-gather"])
def test_a_file_that_may_ask_the_payer_without_words_is_refused(scenario_id: str) -> None:
    with pytest.raises(ScenarioError, match="no words for the payer"):
        compile_scenario(without_words(scenario_id), "own.toml", charter=load_charter())


def test_a_file_that_only_asks_for_a_review_needs_none() -> None:
    assert compile_scenario(without_words("layering-chain"), "own.toml", charter=load_charter()).file.payer_words == ""


@pytest.mark.parametrize("words", ["You pay {amount}.", "Two\nlines."])
def test_words_that_show_a_fact_or_have_several_lines_are_refused(words: str) -> None:
    file = msgspec.structs.replace(without_words("scatter-gather"), payer_words=words)
    with pytest.raises(ScenarioError, match="show a fact"):
        compile_scenario(file, "own.toml", charter=load_charter())
