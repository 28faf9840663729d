"""How a verified decision is told: the verdict, where it stands in the log, what differs, what cannot be proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from headgate.drivers.logged_place import Place
from headgate.drivers.three_sides import Difference
from headgate.drivers.verification import Verdict, Verification
from headgate.limits import US_PER_SECOND

_VERDICTS: Final[dict[Verdict, str]] = {
    "same": "Verified: decided again, stored and logged alike.",
    "same_without_keys": "Verified as far as it can still be: nothing differs, and the log cannot show the record.",
    "differs": "NOT VERIFIED: not all agree.",
    "unproved": "NOT VERIFIED: nothing differs that could be compared, and something does not hold or is not there.",
}


def verified_lines(found: Verification) -> Iterator[str]:
    """Yield what is found, line by line."""
    if found.recomputed is not None:
        yield f"Decided again from {found.began}."
    if found.same_bits is not None:
        yield f"Same bits as stored: {'yes' if found.same_bits else 'no'}"
    if found.place is not None:
        yield from _place(found.place)
    for each in found.differences:
        yield f"DIFFERS: {_difference(each)}"
    for fault in found.faults:
        yield f"FAULT: {_sentence(fault)}"
    yield from map(_sentence, found.remarks)
    yield _VERDICTS[found.verdict]


def _place(place: Place) -> Iterator[str]:
    yield f"In the log {place.origin} at entry {place.number}, logged {_time(place.entry.at_us)} UTC,"
    when = f"; its last entry was logged {_time(place.last_us)} UTC" if place.last_us else ""
    yield f"under the checkpoint of {place.size} entries with root {place.root}, signed by"
    yield f"{', '.join(place.signed_by)}{when}."
    for each in place.cosigned:
        yield f"Witness {each.witness} co-signed it {_time(each.at_seconds * US_PER_SECOND)} UTC."


def _difference(each: Difference) -> str:
    sides = f"recomputed {each.recomputed} / stored {each.stored} / logged {each.logged}"
    return f"{each.name} ({each.where}): {sides}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _time(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
