"""What was missed is told with its flow, without naming an account."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from headgate.drivers.evaluation.missed import Looking, missed_examples, money, most_unusual, rows_of
from headgate.drivers.evaluation.period import Truth, period
from headgate.facts.values import Witness, WitnessPayment
from headgate.limits import US_PER_HOUR

IDS = [f"t{n}" for n in range(100)]


def looking(fan_in, alerted=()):
    truth = Truth(
        {tx: int(tx in ("t10", "t20", "t30", "t40")) for tx in IDS},
        {"t10": ("ring", "cycle"), "t20": ("ring", "cycle"), "t30": ("mule", "fan_in")},
    )
    clock = np.arange(100, dtype=np.int64) * US_PER_HOUR
    amount = np.arange(100, dtype=float) * 100
    return Looking(
        test=period(IDS, clock, amount, truth, first=0, stop=100),
        facts=pa.table({"fan_in_24h": fan_in, "amount": np.arange(100)}),
        scores=np.arange(100, dtype=float),
        alerted=np.array([tx in alerted for tx in IDS]),
        currency="EUR",
        witness=lambda tx, fact: Witness(fact=fact, payments=(leg("t1", "u", "hub"), leg(tx, "v", "hub"))),
        reasons=lambda tx: (f"a reason for {tx}",),
    )


def leg(tx, payer, payee):
    return WitnessPayment(
        tx_id=tx, seq=0, clock_us=0, payer=payer, payee=payee, reference_minor=123456, role="last_leg"
    )


def quiet():
    return np.ones(100, dtype=np.int64)


def test_one_example_of_each_type_the_one_of_highest_amount():
    told = missed_examples(looking(quiet()))
    assert [(m.pattern_type, m.tx_id) for m in told] == [
        ("cycle", "t20"),
        ("fan_in", "t30"),
        ("fraud outside a known scheme", "t40"),
    ]
    assert told[0].reasons == ("a reason for t20",)
    assert told[0].place_in_scheme == 2
    assert told[2].place_in_scheme is None


def test_what_was_alerted_is_not_told():
    assert missed_examples(looking(quiet(), alerted=("t10", "t20", "t30", "t40"))) == ()


def test_an_unusual_flow_is_shown_and_the_lack_of_one_is_said():
    counts = quiet()
    counts[30] = 9
    cycle, fan, other = missed_examples(looking(counts))
    assert "It completes fan_in_24h = 9, which 1.00% of payments reach." in fan.sentence
    assert [row.flow for row in fan.witness] == ["A → B", "C → B"]
    assert fan.witness[0].amount == "1,234.56 EUR"
    assert cycle.witness == ()
    assert "no unusual flow" in cycle.sentence
    assert "fan_in_24h = 1, is reached by 100% of payments" in other.sentence


def test_a_payment_that_completes_no_pattern_at_all_is_told_so():
    told = missed_examples(looking(np.zeros(100, dtype=np.int64)))
    assert "completes none of the patterns" in told[0].sentence
    assert "first payment of its scheme" in told[1].sentence


def test_the_rarest_pattern_of_a_payment_is_chosen():
    facts = pa.table({"fan_in_24h": [1, 1, 1, 5], "fan_out_7d": [2, 2, 3, 3], "fan_in_7d_strength": [1.0, 1, 1, 1]})
    assert most_unusual(facts, 3) == ("fan_in_24h", 5, 0.25)
    assert most_unusual(facts, 2) == ("fan_out_7d", 3, 0.5)


def test_accounts_become_letters_however_many():
    payments = tuple(leg(f"t{n}", f"payer {n}", "hub") for n in range(40))
    rows = rows_of(Witness(fact="fan_in_24h", payments=payments), "EUR")
    assert len(rows) == 12
    assert rows[-1].flow == "M → B"
    assert "hub" not in str(rows)


def test_money_has_the_digits_of_its_currency():
    assert money(123450, "EUR") == "1,234.50 EUR"
    assert money(1234, "JPY") == "1,234 JPY"
    assert money(1250, "XXX") == "12.50"
