"""Files of the archive, held to the hashes that were logged when they were made, and to those in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from headgate.drivers.home import Home
from headgate.drivers.logged_snapshot import behind_the_decision_before
from headgate.errors import HeadgateError
from headgate.ledger.entries import decode_entry
from headgate.ledger.kinds import Archived
from headgate.ledger.places import Leaves, first_decision
from headgate.stores.archive import KINDS, Part

_PAGE: Final = 256


def parts_changed(home: Home, from_seq: int, until_seq: int, size: int, leaves: Leaves | None) -> Iterator[str]:
    """Yield in words which files with entries from one seq to another are not byte for byte what was archived.

    leaves: of the published log of `size` entries, None where there is none. A part that the log does not know is held
    to the store alone.
    """
    parts = [part for part in home.store.parts(from_seq) if part.first_seq <= until_seq]
    logged = {} if leaves is None or not parts else _logged(parts, size, leaves)
    for part in parts:
        number, entry = logged.get(part.name, (0, None))
        for kind, known in zip(KINDS, (part.journal_sha256, part.decisions_sha256), strict=True):
            try:
                digest = home.store.archive.sha256(kind, part.name)
            except HeadgateError:
                digest = ""
            said = known if entry is None else entry.journal if kind == "journal" else entry.decisions
            if digest != known:
                yield f"The file {kind}/{part.name}.parquet of the archive is missing, or not what was archived"
            elif digest != said:
                yield (
                    f"The file {kind}/{part.name}.parquet of the archive is not what was archived by entry {number} of "
                    "the log: it was changed, and its hash in the store (table parts) with it"
                )


def _logged(parts: list[Part], size: int, leaves: Leaves) -> dict[str, tuple[int, Archived]]:
    """What the log says of parts, by their names: its number and the entry. They stand behind their last decisions."""
    wanted, found = {part.name for part in parts}, dict[str, tuple[int, Archived]]()
    try:
        after = first_decision(parts[0].last_seq + 1, size, leaves)
        start = behind_the_decision_before(size if after is None else after[0], leaves)
        for first in range(start, size, _PAGE):
            for number, content in enumerate(leaves(first, min(first + _PAGE, size)), first):
                entry = decode_entry(content) if b'"kind":"archived"' in content else None
                if isinstance(entry, Archived) and entry.name in wanted:
                    found[entry.name] = number, entry
            if len(found) == len(wanted):
                break
    except (HeadgateError, msgspec.MsgspecError):
        return found  # an entry on the way was changed, which is told where the log itself is looked at
    return found
