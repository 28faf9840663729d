"""The compiled fold. `Kernel` takes plans, entries and columns; `headgate.facts.compiled` is its only caller.

Everything that it computes is defined by `headgate.facts.reference`; the law `agrees` holds the two together. Beside it
stands the form of the ledger's entries, defined by `headgate.ledger.verify.check_form`: `is_canonical(entry)`, and
`time_after(bundle, time_us)`, which returns the last time that a bundle of entries says, or -1 if one of them is not
canonical or says an earlier time than what came before it. `Facts` holds the facts of one payment and is read as the
mapping that it tells; `Conditions` tells which conditions are true of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from headgate.kernel._kernel import (
    Conditions,
    Facts,
    Kernel,
    PlainDoor,
    fail_allocation_after,
    is_canonical,
    pattern_names,
    time_after,
    visited,
)

Mapping.register(Facts)

__all__ = [
    "Conditions",
    "Facts",
    "Kernel",
    "PlainDoor",
    "fail_allocation_after",
    "is_canonical",
    "pattern_names",
    "time_after",
    "visited",
]
