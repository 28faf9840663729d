"""The kernel obeys the laws of fold 1, over journals made to bite: edges, hubs, silences, second thoughts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from headgate.checks.agrees import agrees
from headgate.checks.anonymous import anonymous
from headgate.checks.bounded import bounded
from headgate.checks.comparison import facts_of, require_same
from headgate.checks.forgets import forgets
from headgate.checks.journals import START_US, crowded_journal, hub_journal, random_journal
from headgate.checks.no_tomorrow import no_tomorrow
from headgate.checks.replays import replays
from headgate.checks.resumes import resumes
from headgate.facts.engine import Engine
from headgate.facts.grammar import specs
from headgate.facts.spec import SPANS
from headgate.journal.entries import Account, Entry, Outcome, Payment, PaymentStatusChange, Session
from headgate.journal.schema import to_block
from headgate.limits import MAX_REFERENCE_MINOR, US_PER_DAY, US_PER_HOUR, US_PER_SECOND

Make = Callable[..., Engine]
AMOUNTS = (0, 1, 2, 3, 5_000, 10_000, 10_001, MAX_REFERENCE_MINOR - 1, MAX_REFERENCE_MINOR)


class Script:
    """Writes a journal entry by entry; `at` is the clock in microseconds since the start."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: Any, at: int, **values: Any) -> None:
        self.entries.append(kind(seq=len(self.entries), clock_us=START_US + at, **values))

    def pay(self, at: int, payer: str, payee: str, amount: int = 10_000, **values: Any) -> None:
        number = len(self.entries)
        self.add(
            Payment, at, tx_id=f"tx-{number}", ts_us=START_US + at, payer=payer, payee=payee, amount_minor=amount,
            currency="EUR", **values,
        )  # fmt: skip

    def status(self, at: int, payer: str, payee: str, status: str, amount: int = 10_000) -> None:
        self.add(
            PaymentStatusChange, at, tx_id=f"tx-{len(self.entries)}", payer=payer, payee=payee, amount_minor=amount,
            currency="EUR", new_status=status,
        )  # fmt: skip

    def tell(self, at: int, outcome_id: str, payer: str, payee: str, outcome: str, supersedes: str | None) -> None:
        self.add(
            Outcome, at, outcome_id=outcome_id, tx_id=f"tx-of-{outcome_id}", payer=payer, payee=payee, amount_minor=700,
            currency="EUR", payment_clock_us=START_US, outcome=outcome, source="case", supersedes=supersedes,
        )  # fmt: skip

    def event(self, at: int, account: str, event: str) -> None:
        self.add(Session, at, session_id=f"session-{len(self.entries)}", account=account, event=event)


def edges() -> list[Entry]:
    """One of everything at one moment, then payments one microsecond before, at and after the end of every window."""
    script = Script()
    for payer, payee in (("a", "b"), ("b", "a"), ("a", "c"), ("c", "b")):
        script.pay(0, payer, payee, 7_000)
        script.pay(0, payer, payee, 9_000, status="declined")
        script.status(0, payer, payee, "returned", 1_000)
        script.tell(0, f"told-{payer}{payee}", payer, payee, "fraud", None)
        for event in ("login", "payee_added", "device_changed", "limit_changed", "signal"):
            script.event(0, payer, event)
    spans = [*(span.us for span in SPANS), 400 * US_PER_DAY, 428 * US_PER_DAY]
    for edge in sorted(span + shift for span in spans for shift in (-1, 0, 1)):
        script.pay(edge, "a", "b")
    lonely = [span + shift for span in spans for shift in (-1, 0, 1)]
    for number, edge in enumerate(lonely):
        start = (number + 2) * 500 * US_PER_DAY
        script.pay(start, "a", "b", 5_000)
        script.pay(start, "b", "c", 5_000)
        script.pay(start + edge, "b", "a", 4_000)
    return script.entries


def hours(seed: int) -> list[Entry]:
    """Payments at whole hours, so that at any moment every window begins at one; a merchant, a pair, a few others."""
    random, script, at = Random(seed), Script(), 0
    for account in ("a", "b", "c", "merchant"):
        script.add(Account, 0, account=account, party=random.choice(("one", "two")))
    for number in range(420):
        payer, payee = random.sample(("a", "b", "c", "d", "merchant", f"other-{random.randrange(40)}"), 2)
        if number % 3 < 2:
            payer, payee = ("a", "merchant") if number % 3 else (payer if payer != "merchant" else "d", "merchant")
        script.pay(at, payer, payee, random.choice((*AMOUNTS, 7_000, 7_001, 9_804, 9_803, 14_286)))
        at += random.choice((0, 1, 1, 1, 2, 6)) * US_PER_HOUR
    return script.entries


def full_sides() -> list[Entry]:
    """Searches of which one side alone has a payment less than the limit, just as many, or more."""
    script = Script()
    for size in (62, 63, 64, 65):
        legs = [("source", "hub"), *((f"hub-{n}", "sink") for n in range(size)), ("hub", "sink")]
        legs += [("hub", f"end-{n}") for n in range(size)]
        legs += [("hub", "sink"), ("hub-0", "hub"), ("hub", "end-0"), ("end-0", "source"), ("source", "hub-1")]
        for number, (payer, payee) in enumerate(legs):
            script.pay((size * 30 * 24 + number // 3) * US_PER_HOUR // 24, payer, payee, 10_000 - number)
    return script.entries


def heavy_legs() -> list[Entry]:
    """A source pays two intermediaries very often, one of which had paid on in the middle, the other before it all."""
    script, minute = Script(), US_PER_HOUR // 60
    script.pay(0, "early", "sink", 1_000)
    for number in range(1, 71):
        script.pay(number * minute, "source", "middle", 1_000 + number)
        script.pay(number * minute, "source", "early", 2_000 + number)
        if number == 40:
            script.pay(number * minute, "middle", "sink", 900)
    for number in range(71, 75):
        script.pay(number * minute, "source", f"last-{number}", 500)
        script.pay(number * minute, f"last-{number}", "sink", 400)
    return script.entries


def silences(seed: int) -> list[Entry]:
    """Waves of payments with silences of about a window and the horizon between them, under names that come back."""
    random, script, at = Random(seed), Script(), 0
    for wave in range(24):
        names = [f"wave-{random.choice((wave % 3, wave))}-{n}" for n in range(7)]
        for _ in range(random.randrange(1, 14)):
            payer, payee = random.sample(names, 2)
            script.pay(
                at, payer, payee, random.choice(AMOUNTS), status=random.choice(("submitted",) * 5 + ("declined",))
            )
            at += random.choice((0, 0, 1, US_PER_HOUR, US_PER_DAY))
        at += random.choice((28, 28, 30, 200, 400, 401)) * US_PER_DAY - random.choice((0, 0, 1, US_PER_HOUR))
    return script.entries


def second_thoughts(seed: int) -> list[Entry]:
    """Many outcomes about few accounts, superseded early, late, twice, when forgotten, and under unknown ids."""
    random, script, at, ids = Random(seed), Script(), 0, ["never told"]
    names = ("a", "b", "c")
    for number in range(420):
        payer, payee = random.sample(names, 2)
        supersedes = random.choice(ids[-random.choice((2, 90, 400)) :]) if random.random() < 0.4 else None
        again = random.random() < 0.1
        outcome_id = random.choice(ids[1:] or ["first"]) if again else f"told-{number}"
        script.tell(at, outcome_id, payer, payee, random.choice(("fraud", "fine", "recall")), supersedes)
        ids.append(outcome_id)
        at += random.choice((0, 1, US_PER_HOUR, 3 * US_PER_HOUR))
        if number % 3 == 0:
            script.pay(at, *random.sample(names, 2))
        if number % 140 == 139:
            at += random.choice((20, 27, 29)) * US_PER_DAY
    return script.entries


def bursts(seed: int) -> list[Entry]:
    """Sessions by the hundred, accounts that change hands and hide what was known, own transfers."""
    random, script, at = Random(seed), Script(), 0
    names = [f"account-{n}" for n in range(6)]
    for number in range(900):
        kind = random.random()
        if kind < 0.5:
            event = random.choice(("login", "login", "payee_added", "device_changed", "limit_changed", "signal"))
            script.event(at, random.choice(names[:2]), event)
        elif kind < 0.65:
            script.add(
                Account, at, account=random.choice(names), party=random.choice((None, "one", "two", "three")),
                joint_parties=random.choice(((), ("one",), ("two", "four"))),
                opened_us=random.choice((None, START_US + at, START_US + at + 1, 0, -(10**15))),
                account_type=random.choice((None, "current", "savings")),
                account_country=random.choice((None, "DE", "FR")),
            )  # fmt: skip
        else:
            script.pay(
                at, *random.sample(names, 2), random.choice(AMOUNTS), device_new=random.choice((None, True, False))
            )
        at += random.choice((0, 0, 1, US_PER_HOUR, 5 * US_PER_HOUR)) + (number % 300 == 299) * 27 * US_PER_DAY
    return script.entries


def great_hub(payments: int) -> list[Entry]:
    """One merchant with thousands of payments in 28 days, large amounts rare, one customer in every third of them."""
    random, script, at = Random(payments), Script(), 0
    script.add(Account, 0, account="customer-1", party="one")
    script.add(Account, 0, account="merchant", party="one")
    for number in range(payments):
        payer = "customer" if number % 3 == 0 else f"customer-{random.randrange(payments // 3)}"
        amount = random.choice(AMOUNTS) if random.random() < 0.002 else random.randrange(10**6)
        script.pay(at, payer, "merchant", amount)
        at += random.choice((0, random.randrange(2 * 26 * US_PER_DAY // payments)))
    for _ in range(24):
        at += random.choice((US_PER_HOUR, 20 * US_PER_HOUR, 2 * US_PER_DAY))
        script.pay(at, random.choice(("customer", f"customer-{random.randrange(payments // 3)}", "new")), "merchant")
        script.pay(at, "merchant", "supplier")
    return script.entries


JOURNALS: dict[str, Callable[[], Sequence[Entry]]] = {
    "edges": edges,
    "hours": lambda: hours(1),
    "full sides": full_sides,
    "heavy legs": heavy_legs,
    "silences": lambda: silences(1),
    "more silences": lambda: silences(2),
    "second thoughts": lambda: second_thoughts(1),
    "bursts": lambda: bursts(1),
    "ties": lambda: random_journal(4, 200, accounts=8, days=1),
    "few accounts": lambda: random_journal(1, 400, accounts=6, days=90),
    "many accounts": lambda: random_journal(2, 300, accounts=60, days=40),
    "years": lambda: random_journal(3, 250, accounts=12, days=1500),
    "crowd": lambda: crowded_journal(72),
    "hub": lambda: hub_journal(5, 1200),
}


@pytest.mark.parametrize("journal", JOURNALS)
def test_the_kernel_agrees_with_the_reference(journal: str, make_reference: Make, make_compiled: Make) -> None:
    entries = JOURNALS[journal]()
    agrees(make_reference, make_compiled, entries, evidence=min(0.02, 5 / len(entries)))


def test_the_kernel_agrees_about_a_hub_with_thousands_of_payments(make_reference: Make, make_compiled: Make) -> None:
    journal = great_hub(8_190)  # so that searches back cross the border of 4096 places
    engines = make_reference(), make_compiled()
    for engine in engines:
        engine.absorb(to_block(journal[:6_000]))
        engine.absorb(to_block(journal[6_000:-60]))
    one, other = (facts_of(engine, journal[-60:], 7) for engine in engines)
    assert max(one.column("payee_received_count_28d").to_pylist()) > 8_000
    require_same("agrees", one, other, "")


@pytest.mark.parametrize("pattern", ["temporal_cycle", "simple_cycle"])
def test_of_equal_rings_both_show_the_same(pattern: str, make_reference: Any, make_compiled: Any) -> None:
    random, script = Random(1), Script()
    for minute in range(40):
        payer, payee = random.sample("abcde", 2)
        script.pay(US_PER_DAY + minute * 60 * US_PER_SECOND, payer, payee)
    names = (f"{pattern}_24h", f"{pattern}_24h_strength")
    agrees(lambda: make_reference(names), lambda: make_compiled(names), script.entries, evidence=1.0)
    assert max(facts_of(make_compiled(names), script.entries).column(names[0]).to_pylist()) > 1


@pytest.mark.parametrize("journal", ["edges", "hours", "silences"])
def test_a_fact_alone_is_what_it_is_among_all(journal: str, known: tuple[str, ...], make_compiled: Any) -> None:
    block = to_block(JOURNALS[journal]())
    among_all = pa.Table.from_batches([make_compiled().observe(block)])
    for name in known:
        alone = pa.Table.from_batches([make_compiled((name,)).observe(block)])
        require_same("agrees", among_all.select([name]), alone.select([name]), f"{name} asked for alone")


def test_payments_that_no_fact_asked_for_looks_at_are_forgotten(make_compiled: Any) -> None:
    def remembered(*names: str) -> int:
        engine = make_compiled(names)
        engine.absorb(to_block(JOURNALS["hours"]()))
        return int(engine.sizes()["records.payments"])

    hour, day, month = (remembered(f"payer_sent_count_{span}") for span in ("1h", "24h", "28d"))
    assert hour < day < month
    assert remembered("fan_in_24h") == day
    assert remembered("payer_sent_new_24h") == remembered("fan_in_24h", "payee_sent_sum_28d") == month


@pytest.mark.parametrize("journal", ["hub", "bursts"])
def test_any_batching_gives_the_same_bits(journal: str, make_compiled: Make) -> None:
    replays(make_compiled, JOURNALS[journal](), splits=1)


@pytest.mark.parametrize("journal", ["hub", "bursts", "silences", "second thoughts", "few accounts", "years"])
def test_a_restored_kernel_goes_on_as_if_it_had_never_stopped(
    journal: str, make_compiled: Make, restore: Callable[[Path], Engine], tmp_path: Path
) -> None:
    resumes(make_compiled, restore, JOURNALS[journal](), tmp_path, stops=4)


@pytest.mark.parametrize("journal", ["hub", "second thoughts"])
def test_nothing_later_changes_a_fact(journal: str, make_compiled: Make) -> None:
    no_tomorrow(make_compiled, JOURNALS[journal](), moments=2)


def test_what_left_the_longest_window_is_gone(make_compiled: Make) -> None:
    forgets(make_compiled, random_journal(9, 200, accounts=15, days=90))
    forgets(make_compiled, hub_journal(10, 600), rounds=2)


def test_renaming_changes_nothing(make_compiled: Make) -> None:
    anonymous(make_compiled, hub_journal(11, 800))
    anonymous(make_compiled, random_journal(12, 300, accounts=10, days=2))


def test_every_limit_of_a_search_is_reached_and_told(known: tuple[str, ...], make_compiled: Make) -> None:
    limits = tuple(name for name in known if name.endswith("_truncated"))
    assert limits
    bounded(lambda: make_compiled((*limits, "payer_sent_count_28d")))


def test_the_hub_is_large_then_small_then_large_again(make_compiled: Make) -> None:
    facts = facts_of(make_compiled(("payee_received_count_28d", "pair_sent_count_28d")), JOURNALS["hub"]())
    pair, merchant = (
        facts.column("pair_sent_count_28d").to_pylist(),
        facts.column("payee_received_count_28d").to_pylist(),
    )
    assert max(pair[:720]) > 64
    assert max(merchant[:720]) > 200
    assert max(pair[780:900]) < 16
    assert max(merchant[780:900]) < 32
    assert max(pair[900:]) > 48


def test_the_kernel_knows_every_fact(known: tuple[str, ...]) -> None:
    assert known == tuple(specs())
