"""A hash of facts that is the same wherever they were computed: canonical bytes, floats by their IEEE 754 bits.

Every name and value is written with its length, so that no two lists of facts share their bytes.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping

from headgate.facts.values import FactValue


def facts_digest(names: Iterable[str], values: Mapping[str, FactValue] | Iterable[FactValue]) -> str:
    """Return the SHA-256, in hex, of facts in the order of `names`.

    values: by name, or in the same order as the names. Integers must fit 64 bits.
    """
    order = tuple(names)
    row = [values[name] for name in order] if isinstance(values, Mapping) else list(values)
    digest = hashlib.sha256()
    for name, value in zip(order, row, strict=True):
        digest.update(_text(name) + _value(value))
    return digest.hexdigest()


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def _value(value: FactValue) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"i" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"d" + struct.pack("<d", value)
    return b"s" + _text(value)
