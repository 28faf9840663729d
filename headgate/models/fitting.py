"""`fit` and `predict` on tables of facts: Arrow, Polars, pandas, or anything that speaks the Arrow C stream interface.

For notebooks and own experiments. The rules are those of `headgate train`: split by time, labels as they were known.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.charter import Charter
from headgate.errors import ModelError, nearest
from headgate.limits import US_PER_DAY
from headgate.models.calibration import Floats
from headgate.models.document import Origin, Settings
from headgate.models.model import Model
from headgate.models.search import Budget
from headgate.models.split import NEVER_US, Ints, Labels, history_split
from headgate.models.training import KEYS, train


class ArrowStream(Protocol):
    """A table of any library that exports Arrow: pyarrow, Polars 1.3 and later, pandas 2.2 and later."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Export the table."""


class Scores(NamedTuple):
    """For each row (n,): the raw margin to rank by, and the calibrated probability to read."""

    margin: Floats
    probability: Floats


def fit(
    table: ArrowStream,
    *,
    label: str = "label",
    time: str = "ts",
    known_at: str = "known_at",
    facts: Sequence[str] | None = None,
    label_delay_days: float = 7.0,
    settings: Settings | None = None,
    budget: Budget | None = None,
    charter: Charter | None = None,
    title: str = "a table",
    time_zone: str = "UTC",
    reference_currency: str = "EUR",
    seed: int = 7,
) -> Model:
    """Return a model of the rows of a table, one payment each, in any order.

    `label`: 1 fraud, 0 fine, null unknown. `time`: a timestamp (without a zone: UTC). `known_at`: a timestamp, when the
    label became known; where the column or the value is missing, `label_delay_days` after `time`. `facts`: the columns
    to learn from, by default all others. Three quarters of the time teach, the last quarter says when to stop and
    calibrates. Raises ModelError where the table cannot teach, and RefusedFieldError for a column that the charter
    refuses.
    """
    given = _arrow(table)
    clock_us, labels = _clock(given, time), _labels(given, label)
    known_us = _known(given, known_at, clock_us, labels, round(label_delay_days * US_PER_DAY))
    order = np.argsort(clock_us, kind="stable")
    clock_us = clock_us[order]
    apart = {label, time, known_at, *KEYS}
    chosen = tuple(name for name in given.column_names if name not in apart) if facts is None else tuple(facts)
    _refuse_telling(given, chosen, labels)
    return train(
        given.take(pa.array(order)),
        labels[order],
        clock_us,
        history_split(clock_us, known_us[order], int(clock_us[-1]) + 1 if len(clock_us) else 0),
        names=chosen,
        charter=charter,
        settings=settings,
        budget=budget,
        now_seconds=monotonic,
        origin=Origin(
            title=title,
            reference_currency=reference_currency,
            time_zone=time_zone,
            label_delay_us=round(label_delay_days * US_PER_DAY),
        ),
        seed=seed,
    )


def predict(model: Model, table: ArrowStream) -> Scores:
    """Return margins and probabilities of the rows of a table, in its order: the bits that a payment alone has.

    Raises ModelError where a fact of the model is not a column.
    """
    margins = model.margin(_arrow(table))
    return Scores(margins, model.probability(margins))


def _arrow(table: ArrowStream) -> pa.Table:
    if not hasattr(table, "__arrow_c_stream__"):
        raise ModelError(
            f"A {type(table).__name__} is no table that Arrow can read",
            repair="Give a pyarrow, Polars (1.3 or later) or pandas (2.2 or later) table.",
        )
    read = pa.table(table)
    views = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
    fields = [field.with_type(views.get(field.type, field.type)) for field in read.schema]
    return read.cast(pa.schema(fields))


def _column(table: pa.Table, name: str, what: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise ModelError(
            f"The table has no column {name!r} with {what}",
            repair=f"{nearest(name, tuple(table.column_names))}Say where it is, for instance {what.split()[-1]}='...'.",
        )
    return table.column(name)


def _clock(table: pa.Table, name: str) -> Ints:
    clock = _microseconds(_column(table, name, "the time"), name)
    if clock.null_count:
        raise ModelError(f"The column {name!r} lacks {clock.null_count} values", repair="Give each payment its time.")
    return np.asarray(clock.to_numpy(), np.int64)


def _microseconds(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if not pa.types.is_timestamp(column.type):
        raise ModelError(
            f"The column {name!r} is of type {column.type}, not a time",
            repair="Give timestamps, or whole microseconds since 1970 in UTC.",
        )
    return pc.cast(column, pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())


def _labels(table: pa.Table, name: str) -> Labels:
    column = _column(table, name, "the label")
    try:
        values = column.cast(pa.int8()).fill_null(-1).to_numpy()
    except pa.ArrowInvalid:
        values = np.array([9], np.int8)
    if not np.isin(values, (-1, 0, 1)).all():
        raise ModelError(f"The column {name!r} holds other values than 1, 0 and null", repair="Write 1 for fraud.")
    return np.asarray(values, np.int8)


def _known(table: pa.Table, name: str, clock_us: Ints, labels: Labels, delay_us: int) -> Ints:
    later = clock_us + delay_us
    if name in table.column_names:
        stated = _microseconds(table.column(name), name)
        has = stated.is_valid().to_numpy()
        known = np.where(has, stated.fill_null(0).to_numpy(), later)
        early = np.flatnonzero(known < clock_us)
        if len(early):
            raise ModelError(
                f"{len(early)} labels were known before their payment happened",
                where=f"column {name!r}, row {int(early[0])}",
                repair="Correct the times, or leave them empty where they are not known.",
            )
    else:
        known = later
    return np.where(labels < 0, NEVER_US, known).astype(np.int64)


def _refuse_telling(table: pa.Table, names: Sequence[str], labels: Labels) -> None:
    """Refuse a column that is the label itself: it was written after the fact and cannot be known at decision time."""
    known = labels >= 0
    for name in names:
        if name not in table.column_names:
            continue
        column = table.column(name)
        if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
            values = column.cast(pa.int64(), safe=False).fill_null(-1).to_numpy()
            if known.sum() > 1 and np.array_equal(values[known], labels[known]):
                raise ModelError(
                    f"The column {name!r} is the label under another name",
                    repair="Leave it out: it was written when the outcome was known.",
                )
