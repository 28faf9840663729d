"""What was usual over months: the payments of one key in the closed UTC days before the payment's own day.

Day d is clock // 86400000000; the n days before day d are d-n .. d-1, so that what happened today is in none of them.
Buckets hold n, S and the largest amount of a key and day: S of 400 days may pass 64 bits, it is an exact integer of
128 bits that is converted once. Declined payments are not counted. There is no payment to show, but the one judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.days import Closed, Days
from headgate.facts.keys import DIRECTED, PAIR_SENT, PAIRS, PAYEE_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, INT, PROFILE_SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.limits import US_PER_DAY

MONEY = "reference minor units"
_OWN = {"payer": PAYER_SENT, "payee": PAYEE_RECEIVED, "pair": PAIR_SENT}
_SPANS = f"{{{'|'.join(span.name for span in PROFILE_SPANS)}}}"


def specs() -> Iterator[FactSpec]:
    """Yield the profiles of accounts and pairs."""
    for key in (*DIRECTED, *PAIRS):
        for span in PROFILE_SPANS:
            yield from (rule(key, span) for rule in (count, total, mean, largest, active_days))
    for name, key in _OWN.items():
        yield from (amount_ratio(name, key, span) for span in PROFILE_SPANS)
        yield from (amount_max_ratio(name, key, span) for span in PROFILE_SPANS)


def count(key: Key, span: Span) -> FactSpec:
    """n."""
    return _fact(
        key, span, "count", INT, "payments",
        f"Number of payments that {key.words} {span.words}.",
        lambda closed: closed.n,
    )  # fmt: skip


def total(key: Key, span: Span) -> FactSpec:
    """float(S): the exact sum may need more than 64 bits."""
    return _fact(
        key, span, "sum", FLOAT, MONEY,
        f"Sum of what {key.words} {span.words}: float(S).",
        lambda closed: float(closed.total),
    )  # fmt: skip


def mean(key: Key, span: Span) -> FactSpec:
    """S / n."""
    return _fact(
        key, span, "mean", FLOAT, MONEY,
        f"Mean amount of what {key.words} {span.words}: float(S) / float(n); null without a payment.",
        lambda closed: arithmetic.mean(closed.n, closed.total),
    )  # fmt: skip


def largest(key: Key, span: Span) -> FactSpec:
    """The largest amount."""
    return _fact(
        key, span, "max", INT, MONEY,
        f"Largest amount that {key.words} {span.words}; null without a payment.",
        lambda closed: closed.largest if closed.n else None,
    )  # fmt: skip


def active_days(key: Key, span: Span) -> FactSpec:
    """Closed days with a payment."""
    return _fact(
        key, span, "active_days", INT, "days",
        f"Number of days with at least one payment that {key.words} {span.words}.",
        lambda closed: closed.active,
    )  # fmt: skip


def amount_ratio(name: str, key: Key, span: Span) -> FactSpec:
    """The amount as a multiple of the mean."""

    def value(moment: Moment) -> FactValue:
        closed = _closed(moment, key, span)
        return arithmetic.ratio(closed.n * moment.edge.amount, closed.total)

    sentence = (
        f"This amount divided by the mean of what {key.words} {span.words}: float(n*x) / float(S); null where S is 0."
    )
    return FactSpec(
        f"{name}_amount_ratio_{span.name}", f"{{payer|payee|pair}}_amount_ratio_{_SPANS}", sentence,
        "ratio", "profile", FLOAT, span.us,
        value, lambda moment: Behind([(moment.edge, "judged", 0)]), frozenset({_store(key)}),
        plan=("profile_amount_ratio", key.name, _days(span)),
    )  # fmt: skip


def amount_max_ratio(name: str, key: Key, span: Span) -> FactSpec:
    """The amount as a multiple of the largest one."""

    def value(moment: Moment) -> FactValue:
        return arithmetic.ratio(moment.edge.amount, _closed(moment, key, span).largest)

    sentence = (
        f"This amount divided by the largest that {key.words} {span.words}: float(x) / float(largest); null where that "
        "is 0."
    )
    return FactSpec(
        f"{name}_amount_max_ratio_{span.name}", f"{{payer|payee|pair}}_amount_max_ratio_{_SPANS}", sentence,
        "ratio", "profile", FLOAT, span.us,
        value, lambda moment: Behind([(moment.edge, "judged", 0)]), frozenset({_store(key)}),
        plan=("profile_amount_max_ratio", key.name, _days(span)),
    )  # fmt: skip


def _fact(
    key: Key,
    span: Span,
    measure: str,
    arrow_type: pa.DataType,
    unit: str,
    sentence: str,
    rule: Callable[[Closed], FactValue],
) -> FactSpec:
    keys = "{pair|reverse_pair}_sent" if key in PAIRS else "{payer|payee}_{sent|received}"
    return FactSpec(
        f"{key.name}_{measure}_{span.name}", f"{keys}_{measure}_{_SPANS}", sentence,
        unit, "profile", arrow_type, span.us,
        lambda moment: rule(_closed(moment, key, span)), lambda moment: Behind(), frozenset({_store(key)}),
        plan=(f"profile_{measure}", key.name, _days(span)),
    )  # fmt: skip


def _closed(moment: Moment, key: Key, span: Span) -> Closed:
    days: Days = moment.memory(_store(key))
    return moment.once(("closed", key, span), lambda: days.closed(key.of(moment.edge), moment.clock_us, _days(span)))


def _store(key: Key) -> str:
    return f"profile_{key.store}"


def _days(span: Span) -> int:
    return span.us // US_PER_DAY
