"""Entries as bytes: canonical JSON (RFC 8785), cheap because entries hold integers, texts and ASCII names only.

With sorted names, no spaces and no fractions, a fast encoder writes the same bytes as the RFC asks for. What cannot be
written so is refused before it is logged.
"""

from __future__ import annotations

import msgspec

from headgate.errors import LedgerError
from headgate.ledger.kinds import KINDS, Entry
from headgate.limits import MAX_LEDGER_ENTRY_BYTES

_encode = msgspec.json.Encoder(order="sorted").encode
_entry = {kind: msgspec.json.Decoder(type_).decode for kind, type_ in KINDS.items()}


class _Kind(msgspec.Struct):
    kind: str


_kind = msgspec.json.Decoder(_Kind).decode


def encode_entry(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry. Raises LedgerError for values that its kind does not allow."""
    content = _encode(entry)
    try:
        _entry[str(entry.__struct_config__.tag)](content)
    except msgspec.MsgspecError as error:
        raise LedgerError(
            f"This cannot be logged: {error}",
            where=type(entry).__name__,
            repair="Give the values that docs/reference/ledger-entries.md asks for.",
        ) from error
    if len(content) > MAX_LEDGER_ENTRY_BYTES:
        raise LedgerError(
            f"An entry of {len(content)} bytes is too long for the log",
            where=type(entry).__name__,
            repair=f"Log at most {MAX_LEDGER_ENTRY_BYTES} bytes: a commitment to a long value, not the value.",
        )
    return content


def encode_made(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry that was made of values checked before, as decisions are: half the cost.

    The length alone is checked. `encode_entry` gives the same bytes, after it has read them back by their schema.
    """
    content = _encode(entry)
    if len(content) > MAX_LEDGER_ENTRY_BYTES:
        return encode_entry(entry)  # which says what is wrong
    return content


def decode_entry(content: bytes) -> Entry:
    """Return an entry from its bytes. Raises LedgerError unless they are the canonical bytes of a known kind."""
    try:
        kind = _kind(content).kind
        if kind not in _entry:
            raise _wrong(content, f"is of the unknown kind {kind!r}")
        entry = _entry[kind](content)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _wrong(content, f"does not fit its kind: {error}") from error
    if _encode(entry) != content:
        raise _wrong(content, "is not canonical JSON, or lacks a field")
    return entry


def _wrong(content: bytes, what: str) -> LedgerError:
    return LedgerError(
        f"An entry {what}",
        where=content[:80].decode("ascii", "replace"),
        repair="Read it with the version of headgate that wrote it; if that fails too, it was not written by headgate.",
    )
