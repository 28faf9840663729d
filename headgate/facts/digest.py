"""A hash of facts that is the same wherever they were computed: SHA-256 over two MessagePack arrays, names and values.

MessagePack writes integers in their shortest form and floats by their IEEE 754 bits, each with its type and length, so
that no two lists of facts share their bytes and anybody can compute the hash again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import msgspec

from headgate.facts.values import FactValue
from headgate.kernel import Facts

_AT_ONCE: Final = 2047  # bytes; for more, hashlib lets go of the interpreter, and waits for it where others are busy
_encode = msgspec.msgpack.Encoder().encode


def facts_digest(names: tuple[str, ...], values: Mapping[str, FactValue]) -> str:
    """Return the SHA-256, in hex, of facts in the order of `names`. Integers must fit 64 bits."""
    return digest_of(names)({name: values[name] for name in names})


@lru_cache(maxsize=8)
def digest_of(names: tuple[str, ...]) -> Callable[[Mapping[str, FactValue]], str]:
    """Return what hashes facts that come in the order of these names; the names are hashed once."""
    begun = hashlib.sha256(_encode(names))

    def digest(facts: Mapping[str, FactValue]) -> str:
        whole, content = begun.copy(), packed(facts)
        if len(content) <= _AT_ONCE:
            whole.update(content)
        else:
            for start in range(0, len(content), _AT_ONCE):
                whole.update(content[start : start + _AT_ONCE])
        return whole.hexdigest()

    return digest


def packed(facts: Mapping[str, FactValue]) -> bytes:
    """Return the values of facts in their order as a MessagePack array; facts of the kernel write the same bytes."""
    return facts.packed() if isinstance(facts, Facts) else _encode(list(facts.values()))
