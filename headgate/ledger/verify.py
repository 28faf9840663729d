"""Verifies a transparency log that headgate (or another C2SP tlog-tiles log) wrote. This file stands alone.

It needs Python 3.11 and the package `cryptography`; it only reads. `python verify.py --help` says how.
Exit 0: everything holds; 1: something does not, told in sentences; 2: wrong use.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from urllib import error, request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH, SKEW_US, MOST_FAULTS, MOST_BYTES, MOST_DEPTH = 256, 300_000_000, 20, 256 * 65_537 + 1, 100
ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
NOT_PROVED = "Not proved: that the records were right when they were written; only that they were not changed since."
UNWITNESSED = "No witness was asked for: a rolled-back disk, or another history for others, is not seen from here."
Keys: TypeAlias = Mapping[tuple[str, bytes], tuple[int, bytes]]  # name, id: 1 (log) or 4 (witness), public key
Files: TypeAlias = Sequence[tuple[str, bytes]]  # names and bytes
Form: TypeAlias = Callable[[bytes], str]  # what is wrong with the form of an entry, or nothing
Quick: TypeAlias = Callable[[bytes, int], int]  # a bundle and a time before: its last time, -1 to look entry by entry
Fault: TypeAlias = ValueError  # something does not hold; its text is a sentence


def parse_key(text: str) -> Keys:
    """Return the key of a line name+id+base64."""
    name, short, encoded = (*text.strip().split("+", 2), "", "")[:3]
    key_id = sha256(name.encode() + b"\n" + (content := _unbase64(encoded))).digest()[:4]
    if not name or len(content) != 33 or content[0] not in (1, 4) or key_id.hex() != short:
        raise Fault(f"{text.strip()[:80]!r} is no Ed25519 verifier key, or a letter of it was changed")
    return {(name, key_id): (content[0], content[1:])}


def open_checkpoint(label: str, data: bytes, origin: str, keys: Keys) -> tuple[int, bytes, dict[str, int]]:
    """Return size, root and witness times of a checkpoint. All signatures of known keys must hold, one of the log."""
    text, blank, lines = (whole := data.decode("utf-8", "replace")).rpartition("\n\n")
    if whole.encode() != data or not blank or lines[-1:] != "\n" or re.search("[\0-\x09\x0b-\x1f]", whole):
        raise Fault(f"{label} is no signed note: bytes are missing, were added or changed")
    signed, witnesses = False, {}
    for line in lines[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if not match or len(content := _unbase64(match[2])) < 5:
            raise Fault(f"{label} has a malformed signature line {line[:60]!r}")
        kind, public = keys.get((match[1], content[:4]), (0, b""))
        signature, message = content[4:], f"{text}\n"
        if kind == 4:
            witnesses[match[1]] = int.from_bytes(content[4:12], "big")
            signature, message = content[12:], f"cosignature/v1\ntime {witnesses[match[1]]}\n{text}\n"
        try:
            if kind:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message.encode())
        except (InvalidSignature, ValueError):
            raise Fault(f"The signature of {match[1]} under {label} does not hold: one of them was changed") from None
        signed |= kind == 1
    if not signed:
        raise Fault(f"{label} is not signed by a key of the log that was given (unknown key)")
    parts = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n(\S{44})", text)
    if not parts or len(root := _unbase64(parts[3])) != 32:
        raise Fault(f"{label} is no checkpoint: it has other lines than origin, size and root")
    if parts[1] != origin:
        raise Fault(f"{label} is of the log {parts[1]!r}, not of {origin!r} (wrong origin)")
    return int(parts[2]), root, witnesses


def check_receipt(label: str, data: bytes, origin: str, keys: Keys) -> tuple[int, int, bytes]:
    """Return the number of the entry that a receipt proves to be in the log, and size and root of its checkpoint."""
    head, _, note = data.partition(b"\n\n")
    form = r"c2sp\.org/tlog-proof@v1\nextra (\S*)\nindex (0|[1-9][0-9]{0,17})((?:\n\S{44}){0,63})"
    if not (parts := re.fullmatch(form, head.decode("ascii", "replace"))):
        raise Fault(f"{label} is no receipt that carries its entry (c2sp.org/tlog-proof@v1)")
    size, root, _ = open_checkpoint(f"the checkpoint in {label}", note, origin, keys)
    at, last, hash_ = int(parts[2]), size - 1, sha256(b"\0" + _unbase64(parts[1])).digest()
    for sibling in map(_unbase64, parts[3].split()):
        right = at & 1 or at == last
        hash_ = sha256(b"\1" + (sibling + hash_ if right else hash_ + sibling)).digest()
        while right and not at & 1 and at:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    if int(parts[2]) >= size or last or hash_ != root:
        raise Fault(f"{label} does not prove its entry: entry {parts[2]} is not what its checkpoint was signed over")
    return int(parts[2]), size, root


def check_form(entry: bytes) -> str:
    """Return what is wrong with the form of an entry (canonical JSON, integers and ASCII keys only), or nothing."""
    with suppress(ValueError, RecursionError):
        value = json.loads(entry)
        if isinstance(value, dict) and _plain(value, MOST_DEPTH) and ENCODE(value).encode() == entry:
            return ""
    return "is not canonical JSON (sorted ASCII keys, integers only, no spaces)"


def root_of(hashes: list[bytes]) -> bytes:
    """Return the Merkle tree hash over hashes of one level."""
    while len(hashes) > 1:
        odd = hashes[len(hashes) & ~1 :]
        hashes = [sha256(b"\1" + hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes) - 1, 2)] + odd
    return hashes[0] if hashes else sha256(b"").digest()


class Log:
    """A log in a folder or behind an address, in one pass over its entries. `faults` are sentences."""

    def __init__(self, place: str) -> None:
        self.place, self.last_us, self.faults, self.roots = place, 0, list[str](), {0: root_of([])}

    def read(self, path: str) -> bytes | None:
        if not self.place.startswith(("http://", "https://")):
            return Path(self.place, path).read_bytes() if Path(self.place, path).is_file() else None
        try:
            with request.urlopen(f"{self.place.rstrip('/')}/{path}", timeout=30) as answer:  # noqa: S310
                return bytes(answer.read(MOST_BYTES))
        except (OSError, ValueError) as problem:
            if isinstance(problem, error.HTTPError) and problem.code in (404, 410):
                return None
            raise Fault(f"{path} cannot be fetched: {problem}") from problem

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return a tile, cut from the full one where the partial one is gone. Level -1 is a bundle of entries."""
        data = self.read(tile_path(level, index, width))
        if data is None and width < WIDTH and (whole := self.read(tile_path(level, index))):
            data = cut(level, whole, width)
        if data is None:
            raise Fault(f"{tile_path(level, index, width)} is missing: what it covers cannot be checked")
        return data

    def scan(self, size: int, stops: set[int], form: Form | None, quick: Quick | None = None) -> None:
        """Check every entry and every tile of a log of this size, and keep the root at each of the sizes in `stops`."""
        full: list[bytes] = []  # the hash of each full bundle
        for first in range(0, size, WIDTH):
            hashes = self._bundle(first, min(WIDTH, size - first), form, quick)
            for stop in stops & set(range(first + 1, first + len(hashes) + 1)):
                self.roots[stop] = root_of([*full, root_of(hashes[: stop - first])])
            full += [root_of(hashes)] if len(hashes) == WIDTH else []
        level, hashes = 1, full
        while hashes:
            parts = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
            for index, part in enumerate(parts):
                if (at := self._difference(part, self.tile(level, index, len(part)))) is not None:
                    start, span = (index * WIDTH + at) * WIDTH**level, WIDTH**level
                    path = tile_path(level, index, len(part))
                    raise Fault(f"Hash {at} in {path} is not that of entries {start} to {start + span - 1}: changed")
            level, hashes = level + 1, [root_of(part) for part in parts if len(part) == WIDTH]

    def _bundle(self, first: int, width: int, form: Form | None, quick: Quick | None) -> list[bytes]:
        data, tile = (self.tile(level, first // WIDTH, width) for level in (-1, 0))
        path, tile_name = (tile_path(level, first // WIDTH, width) for level in (-1, 0))
        entries = unbundle(data)
        hashes = [sha256(b"\0" + entry).digest() for entry in entries]
        if (at := self._difference(hashes, tile)) is not None:
            told = f"Entry {first + at} ({b''.join(entries[at : at + 1])[:60]!r}) in {path}"
            raise Fault(f"{told} and its hash in {tile_name} do not agree: one of them was changed")
        if (other := len(data) - sum(len(each) + 2 for each in entries)) or len(entries) != width:
            raise Fault(f"{path} has {len(entries)} entries and {other} other bytes instead of {width} entries")
        if form and quick and (us := quick(data, self.last_us)) >= 0:
            self.last_us, form = us, None
        for at, entry in enumerate(entries if form else (), first):
            us = int(said[1]) if (said := re.search(rb'"at_us":(\d{1,16})[,}]', entry)) else self.last_us
            wrong = (form and form(entry)) or (us < self.last_us and "says an earlier time than the entry before it")
            if wrong and len(self.faults) < MOST_FAULTS:
                self.faults.append(f"Entry {at} ({entry[:60]!r}) {wrong}")
            self.last_us = us
        return hashes

    def _difference(self, hashes: list[bytes], tile: bytes) -> int | None:
        places = (at for at, each in enumerate(hashes) if each != tile[32 * at : 32 * at + 32])
        return None if b"".join(hashes) == tile else next(places, len(hashes))

    def older_tiles(self, size: int) -> None:
        """Check the partial tiles of earlier sizes in a folder: each has to be the beginning of its tile now."""
        for file in sorted(Path(self.place).glob("tile/**/*.p/*[0-9]")):
            _, name, *digits = file.relative_to(self.place).parts
            level, index = -1 if name == "entries" else int(name), int(re.sub("[x.p]", "", "".join(digits[:-1])))
            now, width = min((size >> 8 * max(level, 0)) - index * WIDTH, WIDTH), int(file.name)
            if width < now and file.read_bytes() != cut(level, self.tile(level, index, now), width):
                self.faults.append(f"{tile_path(level, index, width)}, of an earlier size, was changed")


def verify(
    log: Log | None, keys: Keys, origin: str, saved: Files = (), receipts: Files = (), witnesses: int = 0,
    form: Form | None = check_form, now_us: int | None = None, quick: Quick | None = None,
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Return sentences on what holds, and on what does not. form None: hashes only; log None: receipts only."""
    proofs = [(label, *check_receipt(label, data, origin, keys)) for label, data in receipts]
    holds = [f"{label} proves entry {index} of {origin}." for label, index, *_ in proofs]
    if log is None:
        return holds, []
    if (data := log.read("checkpoint")) is None:
        raise Fault(f"There is no checkpoint in {log.place}: it is no log, or the file is missing")
    size, root, cosigned = open_checkpoint("The log's checkpoint", data, origin, keys)
    earlier = [(name, *open_checkpoint(name, note, origin, keys)[:2]) for name, note in saved]
    earlier += [(label, signed, hash_) for label, _, signed, hash_ in proofs]
    log.scan(size, {size, *(signed for _, signed, _ in earlier)}, form, quick)
    for name, signed, hash_ in [("The log's checkpoint", size, root), *earlier]:
        if signed > size:
            raise Fault(f"{name} was signed over {signed} entries, the log has {size}: it is an old copy, or was cut")
        if log.roots[signed] != hash_:
            raise Fault(f"{name} was signed over {signed} other entries than the log has: there are two histories")
    log.older_tiles(size)
    if len(cosigned) < witnesses:
        log.faults.append(f"Of the witnesses asked for, {len(cosigned)} co-signed the checkpoint, not {witnesses}")
    clocks = {"This computer": now_us or time.time_ns() // 1000}
    for name, us in (clocks | {name: 1_000_000 * seconds for name, seconds in cosigned.items()}).items():
        if us + SKEW_US < log.last_us:
            log.faults.append(f"The clock of {name} is {log.last_us - us} us behind the last entry: one is wrong")
    holds.append(f"All {size} entries, the tiles and the checkpoint of {origin} agree, and a given key signed them.")
    holds += [f"{name} ({signed} entries) is a beginning of this log." for name, signed, _ in earlier]
    return [*holds, *(f"The witness {name} co-signed it." for name in cosigned)], log.faults


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile; level -1 is a bundle of entries."""
    parts = re.findall("...", f"{index:0{-(-len(str(index)) // 3) * 3}}")
    name = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return f"tile/{'entries' if level < 0 else level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def unbundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; the last one is left out where bytes are missing."""
    entries, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    return entries if at == len(data) else entries[:-1]


def cut(level: int, data: bytes, width: int) -> bytes:
    """Return the beginning of a tile."""
    return data[: 32 * width] if level >= 0 else data[: sum(len(each) + 2 for each in unbundle(data)[:width])]


def _unbase64(text: str) -> bytes:
    content = b""
    with suppress(ValueError):
        content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise Fault(f"{text[:60]!r} is no base64")
    return content


def _plain(value: object, depth: int) -> bool:
    if isinstance(value, dict | list):
        parts, names = (value.values(), "".join(value)) if isinstance(value, dict) else (value, "")
        return depth > 0 and names.isascii() and all(_plain(each, depth - 1) for each in parts)
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) < 2**53)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Verify a transparency log.", epilog=NOT_PROVED)
    parser.add_argument("log", nargs="?", help="folder or address of the log; without it, only receipts are checked")
    parser.add_argument("--key", action="append", required=True, help="verifier key of the log (name+id+key)")
    parser.add_argument("--witness", action="append", default=[], help="verifier key of a witness that co-signs")
    parser.add_argument("--origin", help="name of the log; default: the name of its key")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="a checkpoint saved earlier")
    parser.add_argument("--receipt", action="append", default=[], type=Path, help="a receipt for one entry")
    parser.add_argument("--hashes-only", action="store_true", help="take any entries, not canonical JSON only")
    args = parser.parse_args(argv)
    try:
        keys = {each: key for text in args.key + args.witness for each, key in parse_key(text).items()}
        saved, receipts = ([(str(each), each.read_bytes()) for each in got] for got in (args.checkpoint, args.receipt))
    except (Fault, OSError) as error:
        parser.error(str(error))
    asked = saved, receipts, len(args.witness), None if args.hashes_only else check_form
    try:
        holds, faults = verify(args.log and Log(args.log), keys, args.origin or args.key[0].split("+")[0], *asked)
    except Fault as fault:
        holds, faults = [], [str(fault)]
    remarks = [] if faults else [NOT_PROVED] if args.witness else [NOT_PROVED, UNWITNESSED]
    sys.stdout.write("".join(f"{line}\n" for line in [*holds, *remarks, *(f"FAULT: {fault}." for fault in faults)]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
