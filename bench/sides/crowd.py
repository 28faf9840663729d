"""A synthetic stream made in columns, block by block, so that its size costs no memory: N payments in any 28 days.

Private accounts are quiet and pay the same few again and again; merchants are few, and the first of them takes about
one payment in nine (Zipf). No scheme is in it: it is a load, not a test of detection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bench.sides.columns import Columns, block
from headgate.limits import MAX_BLOCK_ROWS

DAYS = 28
HUB = 0  # the merchant with most payments
_SHOPS, _FRIENDS, _WAGES = 0.62, 0.28, 0.06  # what is left is trade between merchants
_CONTACTS = 6  # private accounts that a private account pays


class Crowd(NamedTuple):
    """payments: how many fall into 28 days. Accounts grow with it: one merchant a 2,000, one private account a 20."""

    payments: int
    seed: int = 1

    @property
    def merchants(self) -> int:
        """Accounts 0 to `merchants` - 1, most paid first."""
        return max(50, self.payments // 2000)

    @property
    def people(self) -> int:
        """The accounts after the merchants."""
        return max(1000, self.payments // 20)

    def blocks(self, start: int, stop: int, rows: int = MAX_BLOCK_ROWS) -> Iterator[pa.RecordBatch]:
        """Yield payments `start` up to `stop` as blocks of the journal; the same seed and blocks give the same."""
        for first in range(start, stop, rows):
            yield block(self.columns(first, min(rows, stop - first)))

    def columns(self, first: int, rows: int) -> Columns:
        """Return payments `first` to `first + rows` - 1."""
        rng = np.random.default_rng([self.seed, first])
        seq = np.arange(first, first + rows, dtype=np.int64)
        payer, payee = self._ends(rng, rows)
        amounts = np.rint(rng.lognormal(8.3, 1.2, rows)).astype(np.int64) + 1
        return Columns(seq, seq * (DAYS * 86_400) // self.payments, payer, payee, amounts)

    def to_the_hub(self, first: int, rows: int) -> Columns:
        """Return payments of as many private accounts to the merchant with most payments."""
        made = self.columns(first, rows)
        people = self._person(np.random.default_rng([self.seed, first, 1]), rows)
        return made._replace(payer=people, payee=np.full(rows, HUB, dtype=np.int64))

    def _ends(self, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        kind, merchant, person = rng.random(rows), self._merchant(rng, rows), self._person(rng, rows)
        friend = self._friend(rng, person)
        shop, friends = kind < _SHOPS, (kind >= _SHOPS) & (kind < _SHOPS + _FRIENDS)
        wages = (kind >= _SHOPS + _FRIENDS) & (kind < _SHOPS + _FRIENDS + _WAGES)
        supplier = (merchant + 1 + self._merchant(rng, rows) % (self.merchants - 1)) % self.merchants
        payer = np.where(shop | friends, person, merchant)
        return payer, np.select([shop, friends, wages], [merchant, friend, person], supplier)

    def _merchant(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        """Draw by Zipf with exponent 1.12."""
        weights = np.cumsum(np.arange(1, self.merchants + 1) ** -1.12)
        return np.asarray(np.searchsorted(weights, rng.random(rows) * weights[-1]), dtype=np.int64)

    def _person(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        """Draw with some busier than others."""
        return np.asarray(self.merchants + np.floor(self.people * rng.random(rows) ** 1.6), dtype=np.int64)

    def _friend(self, rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
        """Draw one of the contacts of each person: near numbers, so that circles of people pay each other."""
        step = 1 + rng.integers(0, _CONTACTS, len(person)) ** 2
        return self.merchants + (person - self.merchants + step) % self.people


def dense(payments: int, window_s: int, seed: int = 1) -> Columns:
    """Return payments between so few accounts, 7 payments of each in a window, that many cycles close."""
    return _even(payments, window_s, seed, accounts=300, in_window=2100)


def sparse(payments: int, window_s: int, seed: int = 1) -> Columns:
    """Return payments of accounts that pay two others in a window: rings close, and no search meets its bounds."""
    return _even(payments, window_s, seed, accounts=1000, in_window=2100)


def _even(payments: int, window_s: int, seed: int, *, accounts: int, in_window: int) -> Columns:
    """Return payments of equal accounts at equal distances of time, so many in a window."""
    rng = np.random.default_rng(seed)
    payer = rng.integers(0, accounts, payments)
    payee = (payer + rng.integers(1, accounts, payments)) % accounts
    seq = np.arange(payments, dtype=np.int64)
    return Columns(seq, seq * (window_s // in_window), payer, payee, rng.integers(100, 100_000, payments))
