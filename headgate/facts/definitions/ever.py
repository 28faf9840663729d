"""What is known of an account for ever: since when it is seen, how often it paid and was paid, its largest payments.

Counted from the first entry of the journal on, over payments that were not declined; nothing expires. There is no
payment to show: what stands behind the figures may be years old.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from headgate.facts.ever import Ever, Seen
from headgate.facts.keys import DIRECTED, PAYEE_SENT, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, INT, Behind, FactSpec, Plan, Rule
from headgate.facts.values import FactValue

STORE = "ever"


def specs() -> Iterator[FactSpec]:
    """Yield the facts that are never forgotten."""
    yield known_days("payer", PAYER_SENT)
    yield known_days("payee", PAYEE_SENT)
    for key in DIRECTED:
        yield ever_count(key)
        yield ever_max(key)


def known_days(side: str, key: Key) -> FactSpec:
    """Time since the first payment of an account, sent or received."""

    def value(moment: Moment) -> FactValue:
        seen = _seen(moment, key)
        return None if seen is None else float(moment.clock_us - seen.first_us) / 86_400_000_000.0

    sentence = (
        f"Days since the first payment that the {side} sent or received: float(microseconds) / 86400000000.0; null "
        "where there is none before this one."
    )
    return _fact(
        f"{side}_known_days", "{payer|payee}_known_days", sentence, "days", FLOAT, value, ("known_days", side)
    )  # fmt: skip


def ever_count(key: Key) -> FactSpec:
    """Number of payments since the journal began."""
    side, direction = key.name.split("_")

    def value(moment: Moment) -> FactValue:
        seen = _seen(moment, key)
        return 0 if seen is None else getattr(seen, direction)

    return _fact(
        f"{key.name}_ever_count", "{payer|payee}_{sent|received}_ever_count",
        f"Number of payments that {key.words} since the journal began.",
        "payments", INT, value, ("ever_count", side, direction),
    )  # fmt: skip


def ever_max(key: Key) -> FactSpec:
    """Largest amount since the journal began."""
    side, direction = key.name.split("_")

    def value(moment: Moment) -> FactValue:
        seen = _seen(moment, key)
        return None if seen is None else getattr(seen, f"{direction}_max")

    return _fact(
        f"{key.name}_ever_max", "{payer|payee}_{sent|received}_ever_max",
        f"Largest amount that {key.words} since the journal began; null without a payment.",
        "reference minor units", INT, value, ("ever_max", side, direction),
    )  # fmt: skip


def _fact(name: str, form: str, sentence: str, unit: str, arrow_type: pa.DataType, value: Rule, plan: Plan) -> FactSpec:
    return FactSpec(
        name, form, sentence, unit, "ever", arrow_type, None,
        value, lambda moment: Behind(), frozenset({STORE}), plan=plan,
    )  # fmt: skip


def _seen(moment: Moment, key: Key) -> Seen | None:
    ever: Ever = moment.memory(STORE)
    account = moment.edge.payer if key.name.startswith("payer") else moment.edge.payee
    return ever.of(account)
