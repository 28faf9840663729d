"""What the counterparties of an account did, against a search through the whole journal for every payment."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.journals import random_journal
from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.limits import NEIGHBOURS, US_PER_DAY, US_PER_HOUR

SPANS = {"24h": 24 * US_PER_HOUR, "7d": 7 * US_PER_DAY}
START = 10 * US_PER_DAY


def paid(seq: int, payer: str, payee: str, amount_minor: int = 100, **more: Any) -> Payment:
    return Payment(
        seq=seq, clock_us=START + seq, ts_us=START + seq, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR", **more,
    )  # fmt: skip


class Search:
    """The payments of one window as a plain list, oldest first."""

    def __init__(self, before: list[Payment], now: Payment, span: str) -> None:
        since = now.clock_us - SPANS[span]
        self.payments = [old for old in before if old.clock_us > since and old.status != "declined"]

    def neighbours(self, account: str, others: str) -> list[str]:
        back = others == "payers"
        mine = [old for old in self.payments if (old.payee if back else old.payer) == account]
        names = [old.payer if back else old.payee for old in reversed(mine)]
        return list(dict.fromkeys(names))[:NEIGHBOURS]

    def measures(self, account: str, direction: str) -> dict[str, int]:
        sent = direction == "sent"
        mine = [old for old in self.payments if (old.payer if sent else old.payee) == account]
        return {
            "count": len(mine),
            "sum": sum(old.amount_minor for old in mine),
            "distinct": len({old.payee if sent else old.payer for old in mine}),
        }

    def facts(self, side: str, account: str, span: str) -> dict[str, float | int | None]:
        found: dict[str, float | int | None] = {}
        for others in ("payers", "payees"):
            near = self.neighbours(account, others)
            for direction in ("sent", "received"):
                each = [self.measures(name, direction) for name in near]
                for measure in ("count", "sum", "distinct"):
                    values = [one[measure] for one in each]
                    start = f"{side}_{others}_{direction}_{measure}"
                    found[f"{start}_mean_{span}"] = sum(values) / len(values) if values else None
                    found[f"{start}_max_{span}"] = max(values, default=None)
            far = {name for one in near for name in self.neighbours(one, others)} - {account}
            found[f"{side}_two_hops_{'back' if others == 'payers' else 'on'}_distinct_{span}"] = len(far)
        return found


@pytest.mark.parametrize("side", ["payer", "payee"])
@pytest.mark.parametrize("span", SPANS)
def test_neighbours_are_what_a_search_through_the_journal_finds(side: str, span: str) -> None:
    journal = random_journal(51, 500, accounts=60, days=5)
    payments = [entry for entry in journal if isinstance(entry, Payment) and entry.currency == "EUR"]
    engine = Engine(list(Search([], payments[0], span).facts(side, "", span)))
    most = 0
    for place, payment in enumerate(payments):
        search = Search(payments[:place], payment, span)
        account = payment.payer if side == "payer" else payment.payee
        assert engine.observe_one(payment) == search.facts(side, account, span)
        most = max(most, len(search.neighbours(account, "payers")))
    assert most >= (NEIGHBOURS if span == "7d" else 5)


def test_the_newest_neighbours_are_looked_at_and_shown() -> None:
    engine = Engine(("payee_payers_sent_sum_max_24h", "payee_payers_sent_count_mean_24h"))
    engine.observe_one(paid(0, "oldest", "hub", 10**6))
    for seq in range(1, NEIGHBOURS + 1):
        engine.observe_one(paid(seq, f"p{seq}", "hub", seq))
    facts = engine.observe_one(paid(100, "x", "hub"))
    assert facts == {"payee_payers_sent_sum_max_24h": NEIGHBOURS, "payee_payers_sent_count_mean_24h": 1.0}
    witness = engine.evidence("payee_payers_sent_sum_max_24h")
    assert [part.seq for part in witness.payments] == list(range(1, NEIGHBOURS + 1))
    assert {part.role for part in witness.payments} == {"received"}


def test_two_hops_lead_to_accounts_behind_the_counterparties_but_not_to_oneself() -> None:
    engine = Engine(("payer_two_hops_back_distinct_24h", "payer_two_hops_on_distinct_24h"))
    for seq, (payer, payee) in enumerate([("s1", "m"), ("s2", "m"), ("a", "m"), ("m", "a"), ("a", "n"), ("n", "end")]):
        engine.observe_one(paid(seq, payer, payee))
    facts = engine.observe_one(paid(9, "a", "z"))
    assert facts == {"payer_two_hops_back_distinct_24h": 2, "payer_two_hops_on_distinct_24h": 1}
    assert [part.role for part in engine.evidence("payer_two_hops_on_distinct_24h").payments] == ["sent", "sent"]
    alone = engine.observe_one(paid(10, "nobody", "a"))
    assert alone == {"payer_two_hops_back_distinct_24h": 0, "payer_two_hops_on_distinct_24h": 0}
