"""What the log says of a snapshot: the hash of its files, logged when it was whole."""

from __future__ import annotations

from typing import Final

import msgspec

from headgate.errors import HeadgateError
from headgate.ledger.entries import decode_entry
from headgate.ledger.kinds import Snapshot
from headgate.ledger.places import Leaves, first_decision

_LOOKED_AT: Final = 200_000  # entries after the place of a snapshot in which it is looked for
_PAGE: Final = 256


def logged_snapshot(seq: int, size: int, leaves: Leaves) -> str:
    """Return the hash that was logged for the snapshot before an entry of the journal, empty where none is found.

    leaves: of a log of `size` entries. A snapshot is logged soon after it is whole: behind the decisions before it.
    """
    try:
        found = first_decision(seq, size, leaves)
        start = behind_the_decision_before(size if found is None else found[0], leaves)
        for first in range(start, min(size, start + _LOOKED_AT), _PAGE):
            for content in leaves(first, min(first + _PAGE, size)):
                entry = decode_entry(content) if b'"kind":"snapshot"' in content else None
                if isinstance(entry, Snapshot) and entry.seq == seq:
                    return entry.content
    except (HeadgateError, msgspec.MsgspecError):
        return ""  # an entry on the way was changed, which is told where the log itself is looked at
    return ""


def behind_the_decision_before(number: int, leaves: Leaves) -> int:
    """Return a place behind which the last decision before this entry stands, not far from it."""
    while number > 0:
        first = max(0, number - _PAGE)
        if any(b'"kind":"decision"' in content for content in leaves(first, number)):
            return first
        number = first
    return 0
