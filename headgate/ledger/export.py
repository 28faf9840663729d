"""An export for an auditor: the entries of a period, each with its inclusion proof, in one folder.

`entries.jsonl` has one line an entry: its number, its proof, the entry as it was logged. `checkpoint` is what the
proofs lead to, `vkeys` who signed it, `summary.json` what was asked for and what there is. The folder is checked
without the log. Inclusion proofs cannot show that nothing was left out: for that the check asks the log again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from headgate.errors import FieldError, FileError, LedgerError
from headgate.kernel import is_canonical
from headgate.ledger.checkpoint import open_checkpoint
from headgate.ledger.hashing import leaf_hash
from headgate.ledger.note import from_base64, parse_key, to_base64
from headgate.ledger.proof import check_inclusion, prove_inclusion
from headgate.ledger.reading import fields_of, read_log
from headgate.limits import MAX_TEXT_CHARS

FILES = ("entries.jsonl", "checkpoint", "vkeys", "summary.json")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an export is of: entries logged in [from_us, to_us), and of these the ones that fit every filter given."""

    from_us: int
    to_us: int
    purpose: str
    kinds: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()

    def takes(self, entry: dict[str, Any]) -> bool:
        """Return whether an entry is asked for. A filter on a field that the entry lacks leaves it out."""
        people = {entry.get("person"), entry.get("approved_by")} - {None, ""}
        return (
            self.from_us <= int(entry.get("at_us", -1)) < self.to_us
            and (not self.kinds or entry.get("kind") in self.kinds)
            and (not self.persons or bool(people & set(self.persons)))
            and (not self.purposes or entry.get("purpose") in self.purposes)
            and (not self.cases or entry.get("case") in self.cases)
        )


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is in an export. entries_sha256: of the file `entries.jsonl`, as 64 hex digits."""

    asked: Asked
    origin: str
    log_size: int
    entries: int
    by_kind: dict[str, int]
    by_person: dict[str, int]
    entries_sha256: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `entries.jsonl`: number, proof as base64 from the leaf up, and the entry byte for byte."""

    number: int
    proof: tuple[str, ...]
    entry: msgspec.Raw


class Checked(NamedTuple):
    """A sound export: its summary, and whether the log was asked for what may be missing."""

    summary: Summary
    complete: bool


_line, _summary = msgspec.json.Decoder(Line).decode, msgspec.json.Decoder(Summary).decode


def export(
    place: str, keys: Sequence[str], asked: Asked, folder: Path, record: Callable[[bytes], None] = lambda summary: None
) -> Summary:
    """Verify the log and write what is asked for into a new folder; return its summary.

    record: hears the bytes of `summary.json` before the folder is there; what it raises leaves none. Raises FieldError
    without a purpose or with an empty period, FileError where the folder is there already, LedgerError where the log
    does not hold.
    """
    _check(asked)
    chosen: list[tuple[int, bytes]] = []

    def visit(number: int, entry: bytes) -> None:
        if asked.takes(fields_of(entry)):
            chosen.append((number, entry))

    sound = read_log(place, keys, visit)
    lines = b"".join(
        msgspec.json.encode(
            Line(
                number,
                tuple(map(to_base64, prove_inclusion(number, sound.size, sound.reader.node))),
                msgspec.Raw(entry),
            )
        )
        + b"\n"
        for number, entry in chosen
    )
    summary = _summed(asked, sound.origin, sound.size, [entry for _, entry in chosen], lines)
    content = msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"
    vkeys = "".join(f"{key}\n" for key in sound.keys).encode()
    _write(folder, dict(zip(FILES, (lines, sound.checkpoint, vkeys, content), strict=True)), lambda: record(content))
    return summary


def check_export(folder: Path, keys: Sequence[str] = (), place: str = "") -> Checked:
    """Check an export: signature, every proof, and that it is what its summary says. Raises LedgerError, FileError.

    keys: verifier keys of the log; those in the folder where none is given. place: the log, which is verified too and
    asked whether entries are missing from the export.
    """
    lines, note, vkeys, content = (_read(folder / name) for name in FILES)
    texts = tuple(keys) or tuple(vkeys.decode("utf-8", "replace").split())
    try:
        summary = _summary(content)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _broken("summary.json", f"it is no summary: {error}") from error
    if not texts:
        raise FileError("There is no verifier key", where=str(folder / "vkeys"), repair="Give one with --key.")
    root = open_checkpoint(note, summary.origin, [parse_key(text) for text in texts]).checkpoint
    entries, numbers = list[bytes](), list[int]()
    for row, text in enumerate(lines.splitlines(), 1):
        line = _parsed(row, text)
        proof = [hash_ for each in line.proof if (hash_ := from_base64(each)) is not None]
        entry = bytes(line.entry)
        if len(proof) != len(line.proof) or not is_canonical(entry) or (numbers and line.number <= numbers[-1]):
            raise _broken(f"entries.jsonl line {row}", "its proof, its entry or its number is malformed")
        try:
            check_inclusion(line.number, root.size, leaf_hash(entry), proof, root.root)
        except LedgerError as error:
            raise _broken(f"entries.jsonl line {row}", f"entry {line.number} was changed, or its proof") from error
        if not summary.asked.takes(fields_of(entry)):
            raise _broken(f"entries.jsonl line {row}", f"entry {line.number} is not what was asked for")
        entries.append(entry)
        numbers.append(line.number)
    if _summed(summary.asked, root.origin, root.size, entries, lines) != summary:
        raise _broken("summary.json", "it does not say what is in the other files")
    if place:
        _check_complete(summary.asked, numbers, root.size, place, texts, folder / "checkpoint")
    return Checked(summary, complete=bool(place))


def _check_complete(asked: Asked, numbers: list[int], size: int, place: str, keys: Sequence[str], saved: Path) -> None:
    wanted: list[int] = []

    def visit(number: int, entry: bytes) -> None:
        if number < size and asked.takes(fields_of(entry)):
            wanted.append(number)

    read_log(place, keys, visit, (saved,))
    missing = sorted(set(wanted) - set(numbers))
    if missing:
        raise _broken("entries.jsonl", f"{len(missing)} entries were left out, the first is entry {missing[0]}")


def _summed(asked: Asked, origin: str, size: int, entries: Sequence[bytes], lines: bytes) -> Summary:
    fields = [fields_of(entry) for entry in entries]
    return Summary(
        asked=asked,
        origin=origin,
        log_size=size,
        entries=len(entries),
        by_kind=dict(sorted(Counter(str(each.get("kind", "")) for each in fields).items())),
        by_person=dict(sorted(Counter(str(each["person"]) for each in fields if each.get("person")).items())),
        entries_sha256=sha256(lines).hexdigest(),
    )


def _check(asked: Asked) -> None:
    if not asked.purpose.strip():
        raise FieldError("An export needs a purpose", where="--purpose", repair="Say what the entries are needed for.")
    if len(asked.purpose) > MAX_TEXT_CHARS:
        raise FieldError(
            f"The purpose has {len(asked.purpose)} characters",
            where="--purpose",
            repair=f"Say it in {MAX_TEXT_CHARS} at most.",
        )
    if asked.from_us >= asked.to_us:
        raise FieldError("The period is empty", where="--from, --to", repair="Give a beginning before the end.")


def _parsed(row: int, text: bytes) -> Line:
    try:
        return _line(text)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _broken(f"entries.jsonl line {row}", f"it is no line of an export: {error}") from error


def _write(folder: Path, files: dict[str, bytes], record: Callable[[], None]) -> None:
    """Write all files aside, have it recorded, and put the folder in its place: it is there whole or not at all."""
    aside = folder.with_name(f".{folder.name}.new")
    try:
        if folder.exists():
            raise FileError("There is something already", where=str(folder), repair="Name a folder that is not there.")
        aside.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (aside / name).write_bytes(content)
        record()
        aside.rename(folder)
    except OSError as error:
        raise FileError(
            f"The export cannot be written: {error.strerror}", where=str(folder), repair="Name another folder."
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"This is no export: {error.strerror}", where=str(path), repair="Give a folder made by `audit export`."
        ) from error


def _broken(where: str, what: str) -> LedgerError:
    return LedgerError(
        f"The export does not hold: {what}", where=where, repair="Ask for the export again, and keep this one."
    )
