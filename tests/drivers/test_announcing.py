"""What others are told: every transition once, numbered by the journal, the same however the journal is cut."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.cases.announcement import Announcement
from headgate.cases.grouping import CaseState
from headgate.decisions.decide import DecisionState
from headgate.decisions.policy import parse_policy
from headgate.drivers.announcing import announced, announced_deadlines
from headgate.drivers.pipeline import Pipeline
from headgate.errors import HeadgateError
from headgate.facts.engine import Engine
from headgate.journal.entries import Action, Entry, ListEntry, Payment, PaymentStatusChange
from headgate.limits import US_PER_HOUR

POLICY = parse_policy(
    "[burden]\ninterventions = 1000\n[legal]\nescalate_seconds = 7200\n[control]\nbelow_share = 0.0", "policy.toml"
)
FACTS = ("amount", "payer_sent_distinct_28d", "payer_received_distinct_28d", "payee_sent_distinct_28d",
         "payee_received_distinct_28d")  # fmt: skip
ACCOUNTS = ("A", "B", "C", "D", "DENIED", "LISTED")


def pipeline() -> Pipeline:
    line = Pipeline(Engine(FACTS), (), None, DecisionState(POLICY), CaseState())
    for name, account in (("deny", "DENIED"), ("sanctions", "LISTED")):
        line.step(listed(name, account))
    return line


def listed(name: str, account: str) -> ListEntry:
    return ListEntry(
        seq=0, clock_us=0, list_name=name, change="add", account=account, reason="r", actor="a", second_actor="b"
    )


def payment(number: int, clock_us: int, payer: str, payee: str, rail: str = "transfer") -> Payment:
    return Payment(
        seq=0, clock_us=clock_us, tx_id=f"t{number}", ts_us=clock_us, payer=payer, payee=payee, amount_minor=5_000,
        currency="EUR", rail=rail,
    )  # fmt: skip


def action(number: int, clock_us: int, kind: str, subject: str, move: str, actor: str = "ada") -> Action:
    return Action(
        seq=0, clock_us=clock_us, action_id=f"x{number}", actor=actor, action=move, subject_kind=kind, subject=subject,
        reason="Looked into.",
    )  # fmt: skip


def random_story(seed: int, length: int = 60) -> list[Entry | int]:
    """Entries, and clocks at which a quiet service looks at its deadlines."""
    random, clock_us = Random(seed), 1
    story: list[Entry | int] = []
    for number in range(length):
        clock_us += random.choice((0, 1, US_PER_HOUR, 9 * US_PER_HOUR))
        earlier = f"t{random.randrange(number + 1)}"
        kind = random.random()
        if kind < 0.55:
            payer, payee = random.sample(ACCOUNTS, 2)
            story.append(payment(number, clock_us, payer, payee, random.choice(("transfer", "instant"))))
        elif kind < 0.7:
            moves = ("release_hold", "confirm_hold", "place_legal_stop", "clear_legal_stop")
            story.append(action(number, clock_us, "payment", earlier, random.choice(moves)))
        elif kind < 0.85:
            case_id = f"C-{random.randrange(1, 4):06d}"
            story.append(action(number, clock_us, "case", case_id, random.choice(("confirm", "dismiss", "reopen"))))
        elif kind < 0.95:
            story.append(
                PaymentStatusChange(
                    seq=0, clock_us=clock_us, tx_id=earlier, payer="A", payee="B", amount_minor=5_000, currency="EUR",
                    new_status="cancelled",
                )
            )  # fmt: skip
        else:
            story.append(clock_us)
    return story


def lived(story: list[Entry | int]) -> tuple[list[Entry], list[Announcement]]:
    """The journal that a service makes of a story, and what it tells."""
    line = pipeline()
    journal: list[Entry] = []
    told: list[Announcement] = []
    for each in story:
        if isinstance(each, int):
            passed = line.tick(each)
            journal += passed.timers
            told += announced_deadlines(passed)
            continue
        try:
            step = line.step(each)
        except HeadgateError:
            continue
        journal += step.entries
        told += announced(step)
    return journal, told


def replayed(journal: list[Entry]) -> list[Announcement]:
    line = pipeline()
    return [each for entry in journal for each in announced(line.step(entry))]


@given(seed=st.integers(0, 10_000))
def test_replays_of_the_same_journal_give_the_same_announcements(seed: int) -> None:
    journal, told = lived(random_story(seed))
    assert replayed(journal) == told
    places = [(each.seq, each.place) for each in told]
    assert places == sorted(set(places))


@given(seed=st.integers(0, 10_000))
def test_every_transition_is_announced_exactly_once(seed: int) -> None:
    journal, _ = lived(random_story(seed))
    line = pipeline()
    for entry in journal:
        before = standing(line)
        step = line.step(entry)
        kinds = Counter((each.kind, each.subject) for each in announced(step))
        asked: Counter[tuple[str, str]] = Counter()
        if step.decision is not None and step.decision.action == "step_up":
            asked["payment.step_up", step.decision.tx_id] = 1
        assert kinds == expected(before, standing(line), entry) + asked


def standing(line: Pipeline) -> dict[str, Any]:
    """Every payment that waits and every case, as a person would look them up."""
    found: dict[str, Any] = {}
    for waiting in line.decisions.holds.state()["waiting"]:
        found[waiting["tx_id"]] = (waiting["state"], waiting["escalated"])
    for case in line.cases.cases():
        found[case.id] = (case.state, len(case.alerts))
    return found


def expected(before: dict[str, Any], after: dict[str, Any], entry: Entry) -> Counter[tuple[str, str]]:
    """What differs between two moments, in the words of announcements."""
    kinds: Counter[tuple[str, str]] = Counter()
    for subject in {*before, *after}:
        was, now = before.get(subject), after.get(subject)
        if was != now:
            kinds[name_of(subject, was, now, entry), subject] += 1
    return kinds


def name_of(subject: str, was: Any, now: Any, entry: Entry) -> str:
    if subject.startswith("C-"):
        if was is None:
            return "case.opened"
        if now[0] == was[0]:
            return "case.grew"
        return "case." + ("reopened" if now[0] == "open" else now[0])
    if now is not None:
        return "payment.escalated" if now[1] else {"held": "payment.held", "stopped": "payment.stopped"}[now[0]]
    if was[0] == "stopped":
        return "payment.cleared"
    if isinstance(entry, PaymentStatusChange):
        return "payment.withdrawn"
    confirms = isinstance(entry, Action) and entry.action in ("confirm_hold", "confirm")
    return "payment.confirmed" if confirms else "payment.released"


def test_a_hold_tells_when_it_ends_and_which_case_it_is_in_and_then_that_it_ended() -> None:
    line = pipeline()
    held = line.step(payment(1, 1, "A", "DENIED"))
    day_us = POLICY.longest_hold_seconds("transfer") * 1_000_000
    assert [(each.kind, each.id, each.by, each.due_us, each.case_id) for each in announced(held)] == [
        ("payment.held", "2.0", "decision", 1 + day_us, "C-000001"),
        ("case.opened", "2.1", "decision", None, None),
    ]
    late = line.step(payment(2, 1 + 2 * day_us, "A", "B"))
    assert [(each.kind, each.id, each.by, each.clock_us, each.case_id) for each in announced(late)] == [
        ("payment.released", "3.0", "timer", 1 + day_us, "C-000001")
    ]


@pytest.mark.parametrize(("move", "kind"), [("confirm", "payment.confirmed"), ("dismiss", "payment.released")])
def test_what_a_person_decides_about_a_case_is_told_of_its_held_payments(move: str, kind: str) -> None:
    line = pipeline()
    line.step(payment(1, 1, "A", "DENIED"))
    told = announced(line.step(action(2, 5, "case", "C-000001", move)))
    assert [(each.kind, each.subject, each.by, each.case_id) for each in told] == [
        (kind, "t1", "person", "C-000001"),
        (f"case.{'confirmed' if move == 'confirm' else 'dismissed'}", "C-000001", "person", None),
    ]


def test_a_stop_that_was_placed_before_its_payment_came_is_told_once() -> None:
    line = pipeline()
    placed = announced(line.step(action(1, 1, "payment", "t2", "place_legal_stop")))
    assert [(each.kind, each.subject, each.by) for each in placed] == [("payment.stopped", "t2", "person")]
    came = line.step(payment(2, 2, "A", "B"))
    assert came.decision is not None
    assert came.decision.action == "legal_stop"
    assert [each.kind for each in announced(came)] == ["case.opened"]
