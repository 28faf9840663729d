"""How many, how much, with how many others, since when: the payments of one key in one window.

n is their number, S the sum of their amounts, Q the sum of the squares. The payment judged is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.keys import ACCOUNTS, DIRECTED, PAIRS, Key
from headgate.facts.moment import Moment, Window
from headgate.facts.spec import FLOAT, INT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import PROFILE_HORIZON_US

MONEY = "reference minor units"


def specs() -> Iterator[FactSpec]:
    """Yield the volumes of accounts and pairs."""
    for key in (*ACCOUNTS, *PAIRS):
        for span in SPANS:
            yield from (rule(key, span) for rule in (count, total, mean, largest, deviation))
        yield gap(key)
    yield from (distinct(key, span) for key in ACCOUNTS for span in SPANS)
    yield from (new(key, span) for key in DIRECTED for span in SPANS if span.us <= SPANS[4].us)


def count(key: Key, span: Span) -> FactSpec:
    """n."""
    return _fact(
        key, span, "count", INT, "payments",
        f"Number of payments that {key.words} {span.words}.",
        lambda window: window.count,
    )  # fmt: skip


def total(key: Key, span: Span) -> FactSpec:
    """S."""
    return _fact(
        key, span, "sum", INT, MONEY,
        f"Sum of what {key.words} {span.words}.",
        lambda window: window.total(),
    )  # fmt: skip


def mean(key: Key, span: Span) -> FactSpec:
    """S / n."""
    return _fact(
        key, span, "mean", FLOAT, MONEY,
        f"Mean amount of what {key.words} {span.words}: float(S) / float(n); null without a payment.",
        lambda window: arithmetic.mean(window.count, window.total()),
    )  # fmt: skip


def largest(key: Key, span: Span) -> FactSpec:
    """The largest amount; its evidence is that payment, the newest of equals."""

    def value(window: Window) -> FactValue:
        edge = window.largest()
        return None if edge is None else edge.amount

    def which(window: Window) -> list[Edge]:
        edge = window.largest()
        return [] if edge is None else [edge]

    return _fact(
        key, span, "max", INT, MONEY,
        f"Largest amount that {key.words} {span.words}; null without a payment.",
        value, which,
    )  # fmt: skip


def deviation(key: Key, span: Span) -> FactSpec:
    """Population standard deviation."""
    return _fact(
        key, span, "std", FLOAT, MONEY,
        f"Standard deviation of the amounts that {key.words} {span.words}: "
        "sqrt(float(n*Q - S*S)) / float(n); null below two payments.",
        lambda window: arithmetic.deviation(window.count, window.total(), window.squares()),
    )  # fmt: skip


def distinct(key: Key, span: Span) -> FactSpec:
    """Number of different counterparties."""
    return _fact(
        key, span, "distinct", INT, "accounts",
        f"Number of different {key.others} in what {key.words} {span.words}.",
        lambda window: window.distinct(),
    )  # fmt: skip


def new(key: Key, span: Span) -> FactSpec:
    """Counterparties of the window that are not in the part of the longest window before it."""
    return _fact(
        key, span, "new", INT, "accounts",
        f"Number of different {key.others} in what {key.words} {span.words}, "
        "not met in the rest of the 28 days before.",
        lambda window: len(window.new()),
        lambda window: window.new(),
        form=f"{{payer|payee}}_{{sent|received}}_new_{{{'|'.join(s.name for s in SPANS[:5])}}}",
    )  # fmt: skip


def gap(key: Key) -> FactSpec:
    """Time since the newest payment within the profile horizon."""

    def value(moment: Moment) -> FactValue:
        newest = moment.latest(key)
        return None if newest is None else float(moment.clock_us - newest.clock_us) / 1_000_000.0

    def behind(moment: Moment) -> Behind:
        newest = moment.latest(key)
        return _behind(key, moment, [] if newest is None else [newest])

    sentence = (
        f"Seconds since the last payment that {key.words}: float(microseconds) / 1000000.0; "
        "null without one in the 400 days before."
    )
    return FactSpec(
        f"{key.name}_gap", f"{key.form}_gap", sentence, "seconds", "profile", FLOAT, PROFILE_HORIZON_US,
        value, behind, frozenset({f"latest_{key.store}"}), plan=("gap", key.name),
    )  # fmt: skip


def _fact(
    key: Key,
    span: Span,
    measure: str,
    arrow_type: pa.DataType,
    unit: str,
    sentence: str,
    rule: Callable[[Window], FactValue],
    which: Callable[[Window], Sequence[Edge]] = Window.edges,
    form: str = "",
) -> FactSpec:
    return FactSpec(
        name=f"{key.name}_{measure}_{span.name}",
        form=form or f"{key.form}_{measure}_{{w}}",
        sentence=sentence,
        unit=unit,
        klass="window",
        arrow_type=arrow_type,
        window_us=span.us,
        value=lambda moment: rule(moment.window(key, span)),
        behind=lambda moment: _behind(key, moment, which(moment.window(key, span))),
        reads=frozenset({key.store}),
        plan=(measure, key.name, span.us),
    )


def _behind(key: Key, moment: Moment, edges: Sequence[Edge]) -> Behind:
    return Behind([(edge, key.role(edge, moment.edge), 0) for edge in edges])
