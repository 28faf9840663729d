"""A flow: the bare payments of a day in columns, before the counter dresses them.

Accounts are numbers of the population, amounts minor units, times microseconds UTC. Values only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from headgate.drivers.simulation.draws import Bools, Ints
from headgate.drivers.simulation.forms import NONE


@dataclass(frozen=True)
class Flow:
    """Columns of equal length. `story` is the number of the episode that a payment belongs to, or -1."""

    ts_us: Ints
    payer: Ints
    payee: Ints
    amount: Ints
    form: Ints
    currency: Ints  # 0 is the home currency, k the k-th foreign one
    remittance: Ints
    story: Ints
    remote: Ints
    declined: Ints

    def __len__(self) -> int:
        return len(self.ts_us)

    def take(self, rows: Ints | Bools) -> Flow:
        """Return the rows named by number or by mask."""
        return Flow(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def replaced(self, **columns: Ints) -> Flow:
        """Return the flow with other columns in the place of these."""
        return Flow(**{field.name: columns.get(field.name, getattr(self, field.name)) for field in fields(self)})


def flow(
    ts_us: Ints,
    payer: Ints | int,
    payee: Ints | int,
    amount: Ints,
    form: Ints | int,
    *,
    currency: Ints | int = 0,
    remittance: Ints | int = 0,
) -> Flow:
    """Return a flow of honest payments; single numbers stand for every row."""

    def column(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), ts_us.shape).copy()

    return Flow(
        ts_us=ts_us,
        payer=column(payer),
        payee=column(payee),
        amount=column(amount),
        form=column(form),
        currency=column(currency),
        remittance=column(remittance),
        story=column(NONE),
        remote=column(0),
        declined=column(0),
    )


def joined(flows: Sequence[Flow]) -> Flow:
    """Return all rows of the flows, in their order."""
    return Flow(**{f.name: np.concatenate([getattr(part, f.name) for part in flows]) for f in fields(Flow)})


def empty() -> Flow:
    """Return a flow of no payments."""
    nothing = np.zeros(0, dtype=np.int64)
    return flow(nothing, nothing, nothing, nothing, nothing)
