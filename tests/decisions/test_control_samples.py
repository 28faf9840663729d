"""Control samples: who is drawn depends on salt and id alone, and each record says how likely it was."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.decisions.rank import draws

BELOW = "[budget]\ncases_per_day = 10\n[control]\nbelow_share = 0.5\n"
ABOVE = "[control]\nbelow_share = 0.0\nabove_share = 0.25\n[budget]\ncases_per_day = 7\nlargest_share = 1.0\n"


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_draw_is_a_pure_function_of_salt_and_id(salt: str, tx_id: str) -> None:
    below, above = draws(salt, tx_id)
    assert draws(salt, tx_id) == (below, above)
    assert 0 <= below < 1
    assert 0 <= above < 1


def test_below_the_line_drawn_or_not_the_probability_is_recorded(kit: Any) -> None:
    state = kit.state(BELOW)
    state.activate(kit.FakeModel())
    clocks = [kit.NOON + number * 216_000_000 for number in range(4000)]
    made = [state.decide(kit.payment(n, clock_us=clock), {}, (), -5.0) for n, clock in enumerate(clocks)]
    assert {each.control_probability for each in made[:200]} == {None}, "no closed day, so no draw"
    for each in made[400:]:
        expected = each.control_probability is not None and draws("headgate", each.tx_id)[0] < each.control_probability
        assert (each.control == "below") == expected
    estimate = sum(1 / each.control_probability for each in made[400:] if each.control == "below")
    assert 0.6 < estimate / 3600 < 1.4, "weights of the drawn ones estimate how many there are"


def test_above_the_line_a_share_of_holds_goes_through_and_every_hold_says_how_likely_that_was(kit: Any) -> None:
    state = kit.state(ABOVE)
    made = [state.decide(kit.payment(number), {}, (), 9.0) for number in range(400)]
    assert {(each.action, each.control) for each in made} == {("hold", "none"), ("review", "above")}
    assert {each.control_probability for each in made} == {0.25}
    assert all((each.control == "above") == (draws("headgate", each.tx_id)[1] < 0.25) for each in made)


def test_a_payment_asked_about_because_its_rail_cannot_wait_may_be_drawn_too(kit: Any) -> None:
    state = kit.state(ABOVE)
    made = [state.decide(kit.payment(number, rail="instant"), {}, (), 9.0) for number in range(200)]
    drawn = [each for each in made if each.control == "above"]
    assert {each.action for each in drawn} == {"review"}
    assert {each.adjustments for each in drawn} == {("rail", "control")}
    assert {each.payer_sentence for each in drawn} == {""}
    assert 20 < len(drawn) < 80


def test_what_would_not_have_been_held_is_no_control_of_a_hold(kit: Any) -> None:
    state = kit.state(ABOVE.replace("0.25", "0.5"))
    state.apply(kit.listed("deny", "mule", second_actor="grace"))
    for number in range(40):
        declined = state.decide(kit.payment(number, status="declined"), {}, (), 9.0)
        listed = state.decide(kit.payment(number, tx_id=f"m{number}", payer=f"m{number}", payee="mule"), {}, (), 9.0)
        assert (declined.control, declined.control_probability) == ("none", None)
        assert (listed.action, listed.control, listed.control_probability) == ("hold", "none", None)
