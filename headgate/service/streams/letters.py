"""Dead letters: a message that was refused, as it came, with what is wrong and where it lay.

The body stays what it was, so that a repaired one can be sent again; the words are in the headers.
"""

from __future__ import annotations

from typing import Final

import msgspec

from headgate.connectors.stream import Message, Out
from headgate.errors import HeadgateError, LimitError
from headgate.limits import MAX_STREAM_BYTES
from headgate.service.problems import problem_of

PROBLEM: Final = "headgate-problem"
POSITION: Final = "headgate-position"
KIND: Final = "headgate-kind"
WHOLE: Final = "headgate-whole-bytes"


def letter(message: Message, error: HeadgateError) -> Out:
    """Return the dead letter about a message; of one that is too large only the beginning is in it."""
    headers = [
        (PROBLEM, msgspec.json.encode(problem_of(error)).decode()),
        (POSITION, message.position),
        (KIND, message.kind),
    ]
    if len(message.body) > MAX_STREAM_BYTES:
        headers.append((WHOLE, str(len(message.body))))
    return Out("dead_letters", message.position, message.body[:MAX_STREAM_BYTES], tuple(headers))


def check_size(message: Message) -> None:
    """Raise LimitError for a message that is too large."""
    if len(message.body) > MAX_STREAM_BYTES:
        raise LimitError(
            f"The message has {len(message.body)} bytes",
            where=message.position,
            repair=f"Send at most {MAX_STREAM_BYTES} in one message.",
        )
