"""Where a decision stands in the log of a home, and under which signed checkpoint: found, proved, and said in words.

The log is read as an outsider reads it, from its folder or address; a receipt that somebody kept is checked against it.
What is not published yet is proved by the store's own entries, all of them hashed again. Nothing here raises because a
log does not hold: that is what there is to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from headgate.drivers.home import Home
from headgate.drivers.log_keys import log_keys
from headgate.errors import FileError, HeadgateError, LedgerError
from headgate.ledger import verify
from headgate.ledger.checkpoint import Signed, open_checkpoint
from headgate.ledger.entries import decode_entry
from headgate.ledger.kinds import Decision
from headgate.ledger.note import COSIGNATURE, VerifierKey, parse_key, timestamp_of
from headgate.ledger.places import Leaves, number_of
from headgate.ledger.proof import check_consistency, prove_consistency, prove_inclusion
from headgate.ledger.reader import TileReader
from headgate.ledger.reading import fetch_of
from headgate.ledger.receipt import Receipt, check_receipt, parse_receipt
from headgate.ledger.tiles import CHECKPOINT
from headgate.ledger.tree import Tree, grow
from headgate.limits import MAX_PUBLISH_ENTRIES


class Cosigned(msgspec.Struct, frozen=True, kw_only=True):
    """A witness that signed the checkpoint too, and when by its own clock (seconds UTC)."""

    witness: str
    at_seconds: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a decision stands, proved: entry `number` of the log `origin`, under a checkpoint of `size` entries.

    root: hex. last_us: the clock of the last entry under the checkpoint, 0 where the log does not show it.
    published: whether outsiders see it already.
    """

    origin: str
    number: int
    entry: Decision
    size: int
    root: str
    signed_by: tuple[str, ...]
    cosigned: tuple[Cosigned, ...]
    last_us: int
    published: bool


class Looked(NamedTuple):
    """What looking into the log gave. faults: why it is not proved. remarks: what else is to be known.

    leaves: the entries of the published log, of which there are `size`; None where there is none that holds.
    """

    place: Place | None
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    size: int = 0
    leaves: Leaves | None = None


class _Known(NamedTuple):
    origin: str
    keys: tuple[VerifierKey, ...]
    remarks: tuple[str, ...] = ()


class _Log(NamedTuple):
    """A log that is read: its checkpoint and its files."""

    signed: Signed
    note: bytes
    reader: TileReader


def look_up(home: Home, seq: int, *, place: str = "", keys: Sequence[str] = (), receipt: bytes | None = None) -> Looked:
    """Return where the decision on the entry `seq` of the journal stands.

    place: folder or address of the log, the home's own where it is empty. keys: verifier keys; those of the home
    where none is given. receipt: one that was kept. Raises NoteError for a key that is none.
    """
    at = place or str(home.log_folder)
    if not place and home.store.ledger_head() is None:
        return Looked(None, (_NOT_BEGUN,), ())
    try:
        known = _known(home, at, keys)
    except (FileError, LedgerError) as error:
        if keys:
            raise
        return Looked(None, (str(error),), ())
    faults: list[str] = []
    log = _read(at, known, faults)
    found = None
    try:
        if receipt is not None:
            found = _kept(receipt, seq, known, log)
        else:
            found = _found(home, seq, known, log)
    except (HeadgateError, msgspec.MsgspecError, ValueError) as error:
        faults.append(str(error))
    if found is None and not faults:
        faults.append(_NOT_IN_IT)
    faults += [] if found is None else _against_store(home, found)
    remarks = list(known.remarks)
    if found is not None and not found.published:
        remarks.append("It is not published yet: a service publishes within a second, or when it next starts.")
    if found is not None and not found.cosigned:
        remarks.append(verify.UNWITNESSED)
    size, leaves = (0, None) if log is None else (log.reader.size, log.reader.leaves)
    return Looked(found, tuple(dict.fromkeys(faults)), tuple(remarks), size, leaves)


_NOT_BEGUN = "There is no receipt: the log of this home has not begun. It begins when the home is first served"
_NOT_IN_IT = (
    "There is no receipt: the decision is not in the log. It was made before the log began, for instance by a replay, "
    "or it never went through the service"
)


def _known(home: Home, at: str, texts: Sequence[str]) -> _Known:
    """The keys that are trusted, and the name of the log."""
    witnesses = tuple(parse_key(each.key) for each in home.installed.ledger.witnesses)
    if texts:
        keys = tuple(map(parse_key, texts))
        return _Known(keys[0].name, (*keys, *witnesses))
    try:
        own = log_keys(home.paths, home.installed.ledger, begun=True)
        return _Known(own.origin, (*own.verifiers, *witnesses))
    except FileError:
        lines = (_words(at, "vkeys") or b"").decode("utf-8", "replace").split()
        if not lines:
            raise
    keys = tuple(map(parse_key, lines))
    return _Known(keys[0].name, (*keys, *witnesses), (_OWN_KEY,))


_OWN_KEY = (
    "The key was read from the log itself: make sure, by another way, that it is the institution's, and give it with "
    "--key."
)


def _read(at: str, known: _Known, faults: list[str]) -> _Log | None:
    """The published log under a checkpoint that holds; None, and why in `faults` where it should be there."""
    try:
        note = _words(at, CHECKPOINT)
        if note is None:
            faults.append(f"The log is missing: there is no checkpoint in {at}. Others cannot verify anything")
            return None
        signed = open_checkpoint(note, known.origin, known.keys)
    except LedgerError as error:
        faults.append(str(error))
        return None
    return _Log(signed, note, TileReader(signed.checkpoint.size, fetch_of(verify.Log(at))))


def _found(home: Home, seq: int, known: _Known, log: _Log | None) -> Place | None:
    head = home.store.ledger_head()
    looked = [(log.reader.size, log.reader.leaves)] if log else []
    looked += [(head.size, home.store.ledger_leaves)] if head else []
    for size, leaves in looked:
        try:
            found = number_of(seq, size, leaves)
        except msgspec.MsgspecError:
            continue  # an entry on the way was changed; the other copy is asked
        if found is not None:
            break
    else:
        return None
    number, entry = found
    if log is not None and number < log.reader.size:
        (entry,) = log.reader.leaves(number, number + 1)
        proof = prove_inclusion(number, log.reader.size, log.reader.node)
        kept = Receipt(number, entry, proof, log.note)
        return _placed(kept, check_receipt(kept, known.origin, known.keys), seq, log.reader)
    assert head is not None
    return _unpublished(home, number, entry, open_checkpoint(head.checkpoint, known.origin, known.keys))


def _kept(receipt: bytes, seq: int, known: _Known, log: _Log | None) -> Place:
    """A receipt that was kept: it has to hold, and the log of today to go on from its checkpoint."""
    kept = parse_receipt(receipt)
    signed = check_receipt(kept, known.origin, known.keys)
    if log is not None:
        old, now = signed.checkpoint, log.signed.checkpoint
        if old.size > now.size:
            raise LedgerError(
                f"The receipt is under a checkpoint of {old.size} entries, the log has {now.size}: it was rolled back",
                where="receipt",
                repair="Ask the operator where the entries are that were signed.",
            )
        check_consistency(
            old.size, now.size, old.root, now.root, prove_consistency(old.size, now.size, log.reader.node)
        )
    return _placed(kept, signed, seq, log.reader if log else None)


def _unpublished(home: Home, number: int, entry: bytes, signed: Signed) -> Place:
    """An entry of the store that outsiders do not see yet: proved by hashing all entries of the store again."""
    size, tree = signed.checkpoint.size, Tree()
    while tree.size < size:
        leaves = home.store.ledger_leaves(tree.size, min(size, tree.size + MAX_PUBLISH_ENTRIES))
        if not leaves:
            break
        tree = grow(tree, leaves).tree
    if (tree.size, tree.root()) != (size, signed.checkpoint.root):
        raise LedgerError(
            "The entries in the store do not give the root that was signed: one of them was changed",
            where="ledger_leaves",
            repair="Compare them with the published log, and restore the store from a backup.",
        )
    (last,) = home.store.ledger_leaves(size - 1, size)
    return _place(number, entry, signed, decode_entry(last).at_us, published=False)


def _placed(kept: Receipt, signed: Signed, seq: int, reader: TileReader | None) -> Place:
    assert kept.entry is not None
    size = signed.checkpoint.size
    last_us = decode_entry(reader.leaves(size - 1, size)[0]).at_us if reader else 0
    place = _place(kept.number, kept.entry, signed, last_us, published=True)
    if place.entry.seq != seq:
        raise LedgerError(
            f"Entry {kept.number} is about the decision on entry {place.entry.seq} of the journal, not on {seq}",
            where="receipt",
            repair="Give the receipt of this payment; without one, the log itself is asked.",
        )
    return place


def _place(number: int, content: bytes, signed: Signed, last_us: int, *, published: bool) -> Place:
    entry = decode_entry(content)
    if not isinstance(entry, Decision):
        raise LedgerError(
            f"Entry {number} is about no decision", where="receipt", repair="Give the receipt of a decision."
        )
    witnesses = {each.key_id: each for each in signed.signed_by if each.kind == COSIGNATURE}
    lines = (each for each in signed.note.signatures if each.key_id in witnesses)
    return Place(
        origin=signed.checkpoint.origin,
        number=number,
        entry=entry,
        size=signed.checkpoint.size,
        root=signed.checkpoint.root.hex(),
        signed_by=tuple(each.text() for each in signed.signed_by if each.kind != COSIGNATURE),
        cosigned=tuple(Cosigned(witness=each.name, at_seconds=timestamp_of(each.signature)) for each in lines),
        last_us=last_us,
        published=published,
    )


def _against_store(home: Home, place: Place) -> list[str]:
    """Whether the store has the same entry at this place."""
    own = home.store.ledger_leaves(place.number, place.number + 1)
    try:
        same = bool(own) and decode_entry(own[0]) == place.entry
    except LedgerError:
        same = False
    what = "was changed" if own else "is missing"
    return [] if same else [f"The store's own copy of entry {place.number} of the log {what} (table ledger_leaves)"]


def _words(at: str, path: str) -> bytes | None:
    try:
        return verify.Log(at).read(path)
    except (OSError, ValueError) as error:
        raise LedgerError(
            f"The log cannot be read: {error}", where=at, repair="Check the folder or address, and that it answers."
        ) from error
