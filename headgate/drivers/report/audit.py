"""The standing report about the use of the system as one page. Findings enter as values; nothing is looked for here."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from headgate import __version__
from headgate.drivers.report.page import render
from headgate.ledger.looked_for import RULES, Bounds, Finding


def audit_page(origin: str, size: int, zone: str, bounds: Bounds, found: Sequence[Finding]) -> str:
    """Return the report on the log `origin` of `size` entries as HTML."""
    return render(
        "audit.html",
        charts=(),
        headgate_version=__version__,
        origin=origin,
        size=size,
        zone=zone,
        bounds=bounds,
        found=found,
        rules=[inspect.getdoc(rule) for rule in RULES],
    )
