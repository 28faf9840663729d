"""A chain is followed payment by payment, however long; hubs, own transfers and other sums take no part in it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from headgate.checks.agrees import agrees
from headgate.checks.forgets import forgets
from headgate.checks.resumes import resumes
from headgate.facts.compiled import CompiledFold
from headgate.facts.engine import Engine, reference_fold
from headgate.facts.fold import Fold
from headgate.facts.grammar import specs
from headgate.journal.entries import Account, Entry, Payment
from headgate.limits import CHAIN_HOPS, CHAIN_LOOKS, US_PER_DAY, US_PER_HOUR

NAMES = tuple(name for name, spec in specs().items() if spec.plan[0] == "chain")


def compiled_fold(names: tuple[str, ...], currency: str, time_zone: str) -> Fold:
    return CompiledFold(names, reference_currency=currency, time_zone=time_zone)


def reference() -> Engine:
    return Engine(NAMES, make_fold=reference_fold)


def compiled() -> Engine:
    return Engine(NAMES, make_fold=compiled_fold)


def paid(seq: int, hours: float, payer: str, payee: str, amount_minor: int) -> Payment:
    clock_us = US_PER_DAY + int(hours * US_PER_HOUR)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR",
    )  # fmt: skip


def walks(seed: int, payments: int = 400, step_hours: int = 12, accounts: int = 9) -> list[Entry]:
    """Sums that wander, most of them handed on almost whole; two accounts are one party's, one is a hub."""
    random, entries, at = Random(seed), list[Entry](), 0.0
    for account in ("a0", "a1"):
        entries.append(Account(seq=len(entries), clock_us=US_PER_DAY, account=account, party="one"))
    walkers = [("a2", 100_000), ("a3", 50_000), ("a0", 7_000)]
    while len(entries) < payments:
        at += random.choice((0, 0, 1, step_hours))
        which = random.randrange(len(walkers))
        payer, amount = walkers[which]
        payee = random.choice([f"a{number}" for number in range(accounts) if f"a{number}" != payer])
        amount = random.choice((amount, amount * 90 // 100, amount * 101 // 100, amount * 89 // 100, 0))
        entries.append(paid(len(entries), at, payer, payee, amount))
        walkers[which] = (payee, amount) if amount else (f"a{random.randrange(accounts)}", 100_000)
        if random.random() < 0.2:
            entries.append(paid(len(entries), at, f"b{random.randrange(accounts)}", "a2", random.randrange(100_000)))
    return entries


def test_a_sum_that_is_handed_on_stands_ever_deeper() -> None:
    engine = Engine(
        ("chain_depth_72h", "chain_gap_72h", "chain_kept_ratio_72h", "chain_span_72h", "chain_left_ratio_72h")
    )
    found = [engine.observe_one(paid(hop, 48 * hop, f"a{hop}", f"a{hop + 1}", 1_000_000 - hop)) for hop in range(20)]
    depths = [facts["chain_depth_72h"] for facts in found if facts]
    assert depths == [*range(1, CHAIN_HOPS + 1), *[CHAIN_HOPS] * 5]
    assert tuple((found[0] or {}).values()) == (1, None, None, 0.0, 1.0)
    assert tuple((found[3] or {}).values()) == (4, 48 * 3600.0, 1 / 999_998, 144 * 3600.0, 999_997 / 1_000_000)
    assert (found[19] or {})["chain_span_72h"] is None
    witness = engine.evidence("chain_depth_72h")
    assert [(payment.tx_id, payment.role) for payment in witness.payments] == [("t18", "received"), ("t19", "judged")]


def test_a_chain_breaks_where_the_window_ends_or_the_sum_is_another() -> None:
    engine = Engine(("chain_depth_24h", "chain_depth_72h", "chain_depth_7d"))
    engine.observe_one(paid(0, 0, "a", "b", 1000))
    assert engine.observe_one(paid(1, 24, "b", "c", 1010)) == dict(zip(engine.names, (1, 2, 2), strict=True))
    assert engine.observe_one(paid(2, 25, "b", "d", 1011)) == dict(zip(engine.names, (1, 1, 1), strict=True))
    assert engine.observe_one(paid(3, 26, "c", "d", 909)) == dict(zip(engine.names, (2, 3, 3), strict=True))
    assert engine.observe_one(paid(4, 26, "d", "e", 800)) == dict(zip(engine.names, (1, 1, 1), strict=True))
    assert engine.observe_one(paid(5, 26 + 72, "d", "e", 900)) == dict(zip(engine.names, (1, 1, 4), strict=True))


def test_the_money_of_a_hub_cannot_be_told_apart() -> None:
    engine = Engine(("chain_depth_24h", "chain_depth_72h"))
    for seq in range(CHAIN_LOOKS):
        engine.observe_one(paid(seq, seq, f"p{seq}", "hub", 1000))
    assert (engine.observe_one(paid(32, 32, "hub", "b", 1000)) or {})["chain_depth_72h"] == 2
    engine.observe_one(paid(33, 33, "p", "hub", 1000))
    facts = engine.observe_one(paid(34, 34, "hub", "b", 1000))
    assert facts == {"chain_depth_24h": 2, "chain_depth_72h": 1}


def test_own_transfers_take_no_part() -> None:
    engine = Engine(("chain_depth_24h",))
    for seq, account in enumerate(("b", "c")):
        engine.observe_one(Account(seq=seq, clock_us=US_PER_DAY, account=account, party="one"))
    engine.observe_one(paid(2, 0, "a", "b", 1000))
    assert engine.observe_one(paid(3, 1, "b", "c", 1000)) == {"chain_depth_24h": 1}
    assert engine.observe_one(paid(4, 2, "c", "d", 1000)) == {"chain_depth_24h": 1}


@pytest.mark.parametrize(("seed", "step_hours", "accounts"), [(1, 12, 9), (2, 1, 5), (3, 60, 12), (4, 1, 3)])
def test_values_and_evidence_are_those_of_the_definition(seed: int, step_hours: int, accounts: int) -> None:
    agrees(reference, compiled, walks(seed, step_hours=step_hours, accounts=accounts), seed=seed, evidence=0.3)


def test_a_restored_kernel_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    def restore(path: Path) -> Engine:
        return Engine.restore(path, make_fold=compiled_fold)

    resumes(compiled, restore, walks(5, accounts=4), tmp_path)


@pytest.mark.parametrize("make", [reference, compiled])
def test_nothing_is_left_after_a_silence(make: type[Engine]) -> None:
    forgets(make, walks(6, payments=150))
