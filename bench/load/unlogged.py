"""`headgate`, with a service that keeps no ledger: for the benchmark alone, which says what the ledger costs.

The product has no such switch. Everything else is the same code on the same home.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from headgate.cli import main
from headgate.service import opening
from headgate.service.writer import Writer


class Unlogged(Writer):
    """A writer that is given no book."""

    def __init__(self, *parts: Any, book: object, **more: Any) -> None:
        super().__init__(*parts, **more)


class Unpublished:
    """Nothing is published."""

    folder = Path()

    def published(self, size: int) -> bytes:
        """Return nothing; the benchmark never asks."""
        return b""

    def begin(self) -> None:
        """Do nothing."""

    start = stop = begin


if __name__ == "__main__":
    opening.Writer = Unlogged  # type: ignore[misc]
    opening.publishing_of = lambda home, book, writer: Unpublished()  # type: ignore[assignment, return-value]
    main(sys.argv[1:])
