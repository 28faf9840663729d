"""What the command line shows and gives out of a home, left for its ledger first: the writer logs it within a second.

It is on disk in the store before anything is shown. Whoever may run commands on a home may read its files by other
programs too, which leaves nothing: that is for the rights of the machine to prevent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from headgate.drivers.book import Say
from headgate.drivers.home import Home
from headgate.drivers.paths import Paths
from headgate.drivers.said import Pen
from headgate.errors import HeadgateError
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import encode_entry
from headgate.limits import US_PER_SECOND
from headgate.settings.document import load_settings


def leave(home: Home, says: Iterable[Say]) -> None:
    """Leave entries for the ledger of a home. Raises UnavailableError where they cannot be written: show nothing."""
    now_us = time.time_ns() // 1000
    month = f"{datetime.fromtimestamp(now_us / US_PER_SECOND, UTC):%Y-%m}"
    keys = SubjectKeys(home.paths.subject_keys, clock_us=lambda: now_us)
    try:
        with keys.together() as commit:
            pen = Pen(now_us, lambda subject, value: commit(subject, month, value))
            left = [encode_entry(say(pen)) for say in says]
        for content in left:
            home.store.tell_ledger(content)
    finally:
        keys.close()


def home_of_log(place: str) -> Home | None:
    """Return the home whose log lies in a folder, opened; None for a copy elsewhere, and for an address."""
    folder = Path(place).resolve()
    beside = folder.parent.iterdir() if folder.is_dir() else ()
    for root in (folder.parent, *beside):
        if Paths(root).settings.is_file() and _log_folder(root) == folder:
            return Home(root)
    return None


def _log_folder(root: Path) -> Path | None:
    try:
        named = load_settings(root, os.environ).ledger.folder
    except HeadgateError:
        return None  # it is another home, and what is wrong with its settings is told when it is opened
    return (root / named if named else Paths(root).log).resolve()
