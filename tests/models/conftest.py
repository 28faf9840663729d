from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.models.document import Settings
from headgate.models.model import Model
from headgate.models.split import Split, time_split
from headgate.models.training import train

QUICK = Settings(learning_rate=0.2, leaves=7, most_rounds=40, patience=10, least_rows_in_leaf=5)


class History(NamedTuple):
    facts: pa.Table
    labels: np.ndarray
    clock_us: np.ndarray
    known_at_us: np.ndarray
    payers: list[str]
    payees: list[str]

    def split(self) -> Split:
        return time_split(self.clock_us, self.known_at_us)

    def train(self, **options: object) -> Model:
        given = {"settings": QUICK, "payers": self.payers, "payees": self.payees, **options}
        return train(self.facts, self.labels, self.clock_us, self.split(), **given)


def make_history(rows: int = 4000, seed: int = 3) -> History:
    """A hundred days of payments; fraud is likelier with many payers, in one channel."""
    draw = np.random.default_rng(seed)
    clock = np.sort(draw.integers(0, 100 * US_PER_DAY, rows)) + US_PER_HOUR
    payers_seen = draw.poisson(1.5, rows)
    risky = draw.random(rows) < 0.3
    labels = (draw.random(rows) < np.where(risky, 0.02, 0.002) * (1 + payers_seen**2)).astype(np.int8)
    ratio = draw.normal(1.0, 0.3, rows) + labels * 0.2
    facts = pa.table(
        {
            "seq": np.arange(rows),
            "tx_id": [f"t{row}" for row in range(rows)],
            "payee_received_distinct_24h": payers_seen,
            "payee_received_distinct_7d": payers_seen + draw.poisson(1.0, rows),
            "payer_amount_ratio_28d": pa.array(ratio, mask=draw.random(rows) < 0.2),
            "payer_sent_sum_24h": draw.integers(0, 10**7, rows),
            "payer_sent_gap": pa.array(draw.exponential(5e4, rows), mask=draw.random(rows) < 0.1),
            "channel": np.where(risky, "web", np.where(draw.random(rows) < 0.5, "app", "branch")),
            "same_party": pa.array(draw.random(rows) < 0.1),
        }
    )
    accounts = [f"a{number}" for number in draw.integers(0, 300, rows)]
    return History(facts, labels, clock, clock + 2 * US_PER_DAY, accounts, accounts[::-1])


@pytest.fixture(scope="session")
def long_history() -> History:
    """With enough frauds in validation to stop by."""
    return make_history(6000)


@pytest.fixture(scope="session")
def history() -> History:
    return make_history()


@pytest.fixture(scope="session")
def model(history: History) -> Model:
    return history.train()
