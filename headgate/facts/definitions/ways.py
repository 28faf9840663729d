"""Whether the payment comes by the channel and on the rail that its accounts usually use.

Of the payments of the window the `HABIT_LOOKS` newest are looked at, those without a channel (or rail) among them; n is
how many these are. A payment that states none is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.keys import PAYEE_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.records import Way
from headgate.facts.spec import BOOL, FLOAT, LONGEST, Behind, FactSpec
from headgate.facts.values import FactValue
from headgate.limits import HABIT_LOOKS

_BY = {"channel": "by its channel", "rail": "on its rail"}


def specs() -> Iterator[FactSpec]:
    """Yield the comparisons of channel and rail."""
    for key in (PAYER_SENT, PAYEE_RECEIVED):
        for field in _BY:
            yield ratio(key, field)
            yield is_new(key, field)


def ratio(key: Key, field: str) -> FactSpec:
    """Share of the earlier payments that came the same way."""
    sentence = (
        f"Of the {HABIT_LOOKS} newest payments that {key.words} {LONGEST.words}, the share that came {_BY[field]}: "
        f"float(such) / float(n); null without a payment or a {field}."
    )
    return _fact(key, field, "ratio", sentence, "ratio", FLOAT, arithmetic.ratio)


def is_new(key: Key, field: str) -> FactSpec:
    """Whether no earlier payment came the same way."""
    sentence = (
        f"Whether none of the {HABIT_LOOKS} newest payments that {key.words} {LONGEST.words} came {_BY[field]}; null "
        f"without a payment or a {field}."
    )
    return _fact(key, field, "is_new", sentence, "yes or no", BOOL, lambda same, n: same == 0 if n else None)


def _fact(
    key: Key, field: str, measure: str, sentence: str, unit: str, arrow_type: pa.DataType,
    of: Callable[[int, int], FactValue],
) -> FactSpec:  # fmt: skip
    store = f"ways_{key.store}"

    def value(moment: Moment) -> FactValue:
        this = getattr(moment.payment, field)
        ways: list[Way] = moment.records(store, key.of(moment.edge), LONGEST)[-HABIT_LOOKS:]
        return of(sum(getattr(way, field) == this for way in ways), len(ways)) if this else None

    def behind(moment: Moment) -> Behind:
        edges = moment.window(key, LONGEST).edges()[-HABIT_LOOKS:]
        return Behind([*((edge, key.role(edge, moment.edge), 0) for edge in edges), (moment.edge, "judged", 0)])

    return FactSpec(
        f"{key.name}_{field}_{measure}_{LONGEST.name}",
        f"{{payer_sent|payee_received}}_{{channel|rail}}_{measure}_{LONGEST.name}", sentence,
        unit, "window", arrow_type, LONGEST.us, value, behind, frozenset({store, key.store}),
        plan=("way", key.name, field, measure),
    )  # fmt: skip
