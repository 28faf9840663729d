"""The families of facts that are compared: what each side computes for them, and how many payments a measurement takes.

Each family holds those before it. Standard library only: both sides read it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

WINDOWS: Final = {"24h": 86_400, "72h": 259_200, "7d": 604_800}  # seconds
ACCOUNTS: Final = ("payer_sent", "payer_received", "payee_sent", "payee_received")
MEASURES: Final = ("distinct", "count", "mean", "sum", "max", "std")
WARM: Final = 50_000  # payments before the timed ones, at most: as many as fill the window


class Family(NamedTuple):
    """facts: forms of our names, `{w}` is the window. theirs: what is switched on. payments: the most to be timed."""

    name: str
    facts: tuple[str, ...]
    theirs: tuple[str, ...]
    payments: int


_FANS = (
    "fan_in_{w} fan_out_{w} payer_sent_count_{w} payee_received_count_{w} "
    "payer_sent_distinct_{w} payee_received_distinct_{w}"
).split()
_STATISTICS = [f"{key}_{measure}_{{w}}" for key in ACCOUNTS for measure in MEASURES]

FAMILIES: Final = (
    Family("fan + degree", tuple(_FANS), ("fan", "degree"), 100_000),
    Family("+ statistics", tuple(_STATISTICS), ("vertex_stats",), 100_000),
    Family("+ scatter-gather", ("scatter_gather_{w}", "gather_scatter_{w}"), ("scatter-gather",), 50_000),
    Family("+ temporal cycle", ("temporal_cycle_{w}",), ("temp-cycle",), 20_000),
    Family("+ simple cycle", ("simple_cycle_{w}",), ("lc-cycle",), 10_000),
)


def facts_until(family: str, window: str) -> list[str]:
    """Return our names for a family and those before it, each once."""
    forms = [form for one in _until(family) for form in one.facts]
    return list(dict.fromkeys(form.format(w=window) for form in forms))


def theirs_until(family: str) -> list[str]:
    """Return what is switched on for a family and those before it on the other side."""
    return [name for one in _until(family) for name in one.theirs]


def _until(family: str) -> tuple[Family, ...]:
    place = [one.name for one in FAMILIES].index(family)
    return FAMILIES[: place + 1]
