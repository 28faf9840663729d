from __future__ import annotations

from typing import Any

import msgspec
import pytest

from headgate.decisions.policy import load_policy
from headgate.decisions.remembered import AccountLists, Burdens, Snoozes
from headgate.decisions.scores import ScoreHistory, day_bound
from headgate.limits import MAX_DAY_SCORES, THRESHOLD_DAYS


def test_a_payer_is_full_after_so_many_interventions_in_the_window() -> None:
    burdens = Burdens(2, 10)
    burdens.add("p", 100)
    assert not burdens.is_full("p", 100)
    burdens.add("p", 105)
    assert burdens.is_full("p", 109)
    assert not burdens.is_full("p", 110), "the first is no longer within (100, 110]"
    assert not burdens.is_full("other", 105)


def test_a_confirmed_fraud_lifts_the_cap() -> None:
    burdens = Burdens(1, 10)
    burdens.add("p", 1)
    burdens.lift("p")
    assert not burdens.is_full("p", 1)


def test_burdens_are_forgotten_when_over_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    burdens = Burdens(3, 10)
    for clock in range(100):
        burdens.add(f"p{clock}", clock)
    assert len(burdens.state()) <= 11
    monkeypatch.setattr("headgate.decisions.remembered.MAX_BURDEN_PAYERS", 5)
    crowded = Burdens(3, 1000)
    for clock in range(100):
        crowded.add(f"p{clock}", clock)
    assert [payer for payer, _ in crowded.state()] == ["p95", "p96", "p97", "p98", "p99"]


def test_a_dismissed_scenario_is_quiet_for_its_pair_its_time_and_its_amounts() -> None:
    snoozes = Snoozes(10)
    snoozes.add(["ring"], "p", "q", 500, 100)
    assert snoozes.of("p", "q", 500, 109) == {"ring"}
    assert not snoozes.of("p", "q", 501, 109), "a larger amount is looked at again"
    assert not snoozes.of("p", "q", 500, 110), "its time is over"
    assert not snoozes.of("q", "p", 500, 109), "the other way is another pair"


def test_a_second_dismissal_keeps_the_first_of_another_scenario() -> None:
    snoozes = Snoozes(10)
    snoozes.add(["one"], "p", "q", 500, 100)
    snoozes.add(["two"], "p", "q", 500, 105)
    assert snoozes.of("p", "q", 1, 106) == {"one", "two"}
    assert snoozes.of("p", "q", 1, 112) == {"two"}
    snoozes.end("p", "q")
    assert not snoozes.of("p", "q", 1, 106)


def test_dismissals_are_forgotten_when_over_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    snoozes = Snoozes(10)
    for clock in range(100):
        snoozes.add(["ring"], f"p{clock}", "q", 1, clock)
    assert len(snoozes.state()) <= 11
    monkeypatch.setattr("headgate.decisions.remembered.MAX_SNOOZES", 4)
    crowded = Snoozes(1000)
    for clock in range(100):
        crowded.add(["ring", "model"], f"p{clock}", "q", 1, clock)
    assert [payer for payer, _, _ in crowded.state()] == ["p98", "p99"]


def test_an_account_stands_on_a_list_until_it_expires_or_is_removed(kit: Any) -> None:
    lists = AccountLists(load_policy().lists)
    lists.apply(kit.listed("sanctions", "a", expires_us=50))
    assert lists.stands_on("stop", "a", 49)
    assert not lists.stands_on("stop", "a", 50)
    assert not lists.stands_on("deny", "a", 49)
    lists.apply(kit.listed("allow", "b"))
    lists.apply(kit.listed("allow", "b", change="remove"))
    assert not lists.stands_on("allow", "b", 1)


def test_a_deny_list_needs_two_people(kit: Any) -> None:
    lists = AccountLists(load_policy().lists)
    lists.apply(kit.listed("deny", "a"))
    lists.apply(kit.listed("deny", "a", second_actor="ada"))
    lists.apply(kit.listed("deny", "a", second_actor=" "))
    assert not lists.stands_on("deny", "a", 1)
    lists.apply(kit.listed("deny", "a", second_actor="grace"))
    assert lists.stands_on("deny", "a", 1)


def test_a_list_that_the_policy_does_not_name_is_left_alone(kit: Any) -> None:
    lists = AccountLists(load_policy().lists)
    lists.apply(kit.listed("newsletter", "a"))
    assert not lists


def test_a_full_memory_of_lists_lets_go_of_what_is_over_and_never_of_a_stop(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.decisions.remembered.MAX_LISTED_ACCOUNTS", 2)
    lists = AccountLists(load_policy().lists)
    lists.apply(kit.listed("sanctions", "a"))
    lists.apply(kit.listed("allow", "b"))
    lists.apply(kit.listed("allow", "c", expires_us=5))
    lists.apply(kit.listed("allow", "d", clock_us=9))
    assert [account for account, _ in lists.state()] == ["a", "d"]


@pytest.mark.parametrize("rows", [3, 500])
def test_memories_survive_a_snapshot(kit: Any, rows: int) -> None:
    def through(state: Any) -> Any:
        return msgspec.msgpack.decode(msgspec.msgpack.encode(state))

    pairs: list[tuple[Any, Any]] = [
        (Burdens(3, 100), Burdens(3, 100)),
        (Snoozes(100), Snoozes(100)),
        (AccountLists(load_policy().lists), AccountLists(load_policy().lists)),
        (ScoreHistory(300, kit.seeded(3.0)), ScoreHistory(300)),
    ]
    burdens, snoozes, lists, history = (pair[0] for pair in pairs)
    history.open(5)
    for row in range(rows):
        burdens.add(f"p{row % 7}", row)
        snoozes.add(["ring"], f"p{row % 7}", "q", row, row)
        lists.apply(kit.listed("deny", f"p{row % 7}", second_actor="grace", expires_us=row))
        history.count()
        history.keep(float(row % 50), row, f"p{row}", "q", {})
    for memory, fresh in pairs:
        fresh.load(through(memory.state()))
        assert fresh.state() == memory.state()
    restored = pairs[3][1]
    assert restored.least_kept == history.least_kept
    history.open(6)
    restored.open(6)
    assert restored.closed == history.closed


def test_a_day_keeps_its_highest_scores_and_says_when_some_were_left_out() -> None:
    history = ScoreHistory(3)
    history.open(10)
    for row, rank in enumerate([1.0, 5.0, 3.0, 3.0, 2.0]):
        history.count()
        history.keep(rank, row, f"p{row}", "hub", {})
    assert history.least_kept == 3.0
    history.open(11)
    (day,) = history.closed
    assert [score.score for score in day.scores] == [5.0, 3.0, 3.0]
    assert (day.day, day.payments, day.complete) == (10, 5, False)


def test_of_equal_scores_the_earlier_payment_is_kept() -> None:
    history = ScoreHistory(1)
    history.open(1)
    history.keep(3.0, 1, "first", "x", {})
    history.keep(3.0, 2, "second", "x", {})
    assert history.state()["top"] == [[3.0, -1, "first", "x"]]


def test_only_twenty_eight_days_are_looked_at() -> None:
    history = ScoreHistory(3)
    for day in range(100):
        history.open(day)
        history.count()
    assert [day.day for day in history.closed] == list(range(99 - THRESHOLD_DAYS, 99))


def test_seeds_count_as_the_days_before_the_first_on_their_own_weekdays(kit: Any) -> None:
    seeds = [msgspec.structs.replace(kit.seeded(3.0)[0], day=day) for day in (703, 704)]
    for first in range(700, 720):
        history = ScoreHistory(3, seeds)
        history.open(first)
        days = [day.day for day in history.closed]
        assert [day % 7 for day in days] == [703 % 7, 704 % 7]
        assert first - 7 <= days[-1] < first


def test_a_hub_joins_no_case_and_a_pair_of_hubs_only_with_itself() -> None:
    history = ScoreHistory(9)
    history.open(1)
    hub = {"payee_received_distinct_28d": 51}
    both = hub | {"payer_sent_distinct_28d": 99}
    history.keep(9.0, 1, "a", "shop", hub)
    history.keep(8.0, 2, "b", "shop", hub)
    history.keep(7.0, 3, "bank", "shop", both)
    history.keep(6.0, 4, "bank", "shop", both)
    history.keep(5.0, 5, "c", "d", {"payee_received_distinct_28d": 50})
    history.open(2)
    assert [score[1:] for score in history.closed[0].scores] == [(0, 0), (1, 1), (2, 2), (2, 2), (3, 4)]


def test_the_scores_of_a_day_are_bounded_by_the_budget_and_by_the_limit() -> None:
    assert day_bound(10) == 256
    assert day_bound(100) == 1600
    assert day_bound(1e9) == MAX_DAY_SCORES


def test_names_of_accounts_are_gone_when_their_day_is_closed() -> None:
    history = ScoreHistory(9)
    history.open(1)
    history.keep(9.0, 1, "account-of-somebody", "another", {})
    history.open(2)
    assert "somebody" not in str(history.state())
