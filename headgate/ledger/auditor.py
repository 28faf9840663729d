"""The page for auditors: one HTML file that verifies a log by the browser's own cryptography.

It reads from where it is served or from files that are chosen; no library, no connection to anybody else.
"""

from __future__ import annotations

from importlib.resources import files


def auditor_page() -> str:
    """Return the page. It is the same for every log."""
    return files("headgate.ledger").joinpath("auditor.html").read_text(encoding="utf-8")
