"""The compiled fold. `Kernel` takes plans, entries and columns; `headgate.facts.compiled` is its only caller.

Everything that it computes is defined by `headgate.facts.reference`; the law `agrees` holds the two together.
"""

from __future__ import annotations

from headgate.kernel._kernel import Kernel, PlainDoor, fail_allocation_after, pattern_names, visited

__all__ = ["Kernel", "PlainDoor", "fail_allocation_after", "pattern_names", "visited"]
