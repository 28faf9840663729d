"""The values that fold 1 hands out: a fact's value, and the payments behind it.

Pure values; no state, no input or output.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

FactValue: TypeAlias = int | float | bool | str | None


class WitnessPayment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a witness, with the role it plays. `reference_minor` is in reference minor units."""

    tx_id: str
    seq: int
    clock_us: int
    payer: str
    payee: str
    reference_minor: int
    role: str
    hop: int = 0


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """The payments behind one fact, in order of `seq`; the judged payment itself, where it takes part, is last.

    `share_retained` is the share of the money that stayed on the way, between 0 and 1, where the pattern has one.
    `truncated` says that a budget of the search or of the witness was reached.
    """

    fact: str
    payments: tuple[WitnessPayment, ...]
    share_retained: float | None = None
    truncated: bool = False
