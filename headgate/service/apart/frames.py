"""Values between the two processes of a service: pickled, each with its length in bytes before it.

Both ends are this program, on a pair of sockets without a name that nobody else can reach; nothing that came from
outside is unpickled here.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, Final, NamedTuple

_LENGTH: Final = struct.Struct("<Q")


class Standing(NamedTuple):
    """How the deciding process stands; see `inside.Deciding` and `inside.Wishes`. stopping: the other has to end."""

    ready: bool
    trouble: str
    last_seq: int
    rules_hash: str
    waits: str
    stopping: bool = False


class Wish(NamedTuple):
    """A command, or a question by its name and arguments. number: under which it is answered."""

    number: int
    command: Any = None
    question: str = ""
    arguments: tuple[Any, ...] = ()


class Refused(NamedTuple):
    """Requests that were refused before they came to the writer, and why."""

    requests: int
    trouble: str


class Listening(NamedTuple):
    """The answering process answers now."""


class Answered(NamedTuple):
    """What became of the wish with this number: a result or an error."""

    number: int
    result: Any
    error: BaseException | None = None


def framed(value: Any) -> bytes:
    """Return the bytes of a value on the wire."""
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(content)) + content


class Frames:
    """Bytes as they come, in any pieces, become values."""

    def __init__(self) -> None:
        self._left = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Return the values that are whole with these bytes, in order."""
        self._left += data
        found, start = [], 0
        while len(self._left) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._left, start)
            begin = start + _LENGTH.size
            if len(self._left) - begin < length:
                break
            found.append(pickle.loads(memoryview(self._left)[begin : begin + length]))  # noqa: S301  see above
            start = begin + length
        del self._left[:start]
        return found
