"""What the command line shows and gives out of a home, left for its ledger first: the writer logs it within a second.

It is on disk in the store before anything is shown. Whoever may run commands on a home may read its files by other
programs too, which leaves nothing: that is for the rights of the machine to prevent.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from headgate.drivers.book import Say
from headgate.drivers.home import Home
from headgate.drivers.said import Pen
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import encode_entry
from headgate.limits import US_PER_SECOND


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
