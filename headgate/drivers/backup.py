"""A whole home as one file, taken while it is served: a compressed tar whose last member is the manifest.

Order, because what comes later may know more than what came before, never less:

1. state, model, rules and settings are opened all at once, so that they belong together, and written;
2. the store is copied at one moment: it has every entry that a snapshot of 1 has seen;
3. the vault is copied: it has every pseudonym that the store of 2 mentions, for names are drawn before entries;
4. sets of rules that came since 1, for a set is kept before the journal names it, and never changes;
5. the parts of the archive that the copy of 2 names are written; files of parts never change;
6. the manifest with size, mode and SHA-256 of every member; the file is synced and gets its name.

A crash before 6 leaves FILE.partial, which the next backup to that name replaces. Nothing of the home is changed. The
file holds the vault: it is made with mode 600, and belongs where the vault may be.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Container, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

import msgspec

from headgate import __version__
from headgate.disk import sync
from headgate.drivers.home import Home
from headgate.errors import FileError, UnavailableError
from headgate.stores.archive import FOLDER, KINDS, Part
from headgate.stores.copying import copy_store, forget_logins
from headgate.stores.sqlite import SqliteStore

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
# The archive is written by its parts; the published log is made again from the store; keys of data subjects have a
# backup of their own, which an erasure makes unreadable.
_ELSEWHERE: Final = (FOLDER, "log", "subject-keys")
_DATABASE: Final = (".db", ".db-wal", ".db-shm")
_UNFINISHED: Final = (
    ".partial",
    ".unfinished",
    ".damaged",
    ".lock",
)  # of files and folders that are not of the home yet
_OPENINGS: Final = 20  # tries to open files that belong together while they are being replaced


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a backup; `mode` is that of the file system."""

    name: str
    size: int
    mode: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `last_seq` is the last entry of the journal in it."""

    format: int
    version: str
    made_us: int
    last_seq: int
    files: tuple[Member, ...]


def backup(home: Home, file: Path, now_us: int) -> Manifest:
    """Write a backup of a home to a file that is not there yet. Raises FileError where it cannot be written."""
    if file.exists():
        raise FileError("There is a file of this name already", where=str(file), repair="Name another.")
    partial = file.with_name(f"{file.name}.partial")
    try:
        with _private(partial) as raw:
            manifest = _write(home, raw, now_us)
        sync(str(partial))
        os.replace(partial, file)
        sync(str(file.absolute().parent))
    except OSError as error:
        raise FileError(
            f"The backup cannot be written: {error.strerror or error}",
            where=str(file),
            repair="Name a file in a place where you may write, with room on its disk.",
        ) from error
    return manifest


def _private(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(home: Home, raw: IO[bytes], now_us: int) -> Manifest:
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as tar, tempfile.TemporaryDirectory() as folder:
        members = list(_plain_files(home.paths.root, tar))
        parts, last_seq = _copy_of_store(home, Path(folder) / home.paths.store.name)
        members += _databases(home, Path(folder), tar)
        members += _later_rules(home.paths.root, {member.name for member in members}, tar)
        for part in parts:
            for kind in KINDS:
                with home.store.archive.file(kind, part.name) as file:
                    members.append(_add(tar, f"{FOLDER}/{kind}/{part.name}.parquet", file, 0o644))
        manifest = Manifest(format=FORMAT, version=__version__, made_us=now_us, last_seq=last_seq, files=tuple(members))
        _add(tar, MANIFEST, io.BytesIO(msgspec.json.format(msgspec.json.encode(manifest))), 0o600)
    return manifest


def _plain_files(root: Path, tar: tarfile.TarFile) -> Iterator[Member]:
    """Step 1: what is neither a database nor a part of the archive."""
    with ExitStack() as stack:
        for name, file in _opened_at_once(root, stack):
            yield _add(tar, name, file, os.fstat(file.fileno()).st_mode & 0o777)


def _later_rules(root: Path, written: Container[str], tar: tarfile.TarFile) -> Iterator[Member]:
    """Step 4."""
    for name in _names(root, "rules"):
        if name not in written:
            with (root / name).open("rb") as file:
                yield _add(tar, name, file, os.fstat(file.fileno()).st_mode & 0o777)


def _opened_at_once(root: Path, stack: ExitStack) -> list[tuple[str, IO[bytes]]]:
    """Open files that all had their names at one moment; a folder that is being replaced is tried again."""
    for _ in range(_OPENINGS):
        opened: list[tuple[str, IO[bytes]]] = []
        names = _names(root)
        try:
            opened = [(name, stack.enter_context((root / name).open("rb"))) for name in names]
            same = all(os.path.samestat(os.stat(root / name), os.fstat(file.fileno())) for name, file in opened)
        except FileNotFoundError:
            same = False
        if same and _names(root) == names:
            return opened
        for _, file in opened:
            file.close()
    raise UnavailableError("The files of the home change too fast", where=str(root), repair="Try again in a moment.")


def _names(root: Path, folder: str = ".") -> list[str]:
    found_there = sorted((root / folder).rglob("*"))
    files = (path.relative_to(root) for path in found_there if path.is_file() and not path.is_symlink())
    found = (name for name in files if not any(part.endswith(_UNFINISHED) for part in name.parts))
    return [name.as_posix() for name in found if name.parts[0] not in _ELSEWHERE and not name.name.endswith(_DATABASE)]


def _copy_of_store(home: Home, path: Path) -> tuple[tuple[Part, ...], int]:
    """Step 2, whatever the database of the home is; return the parts and the last seq of the copy, which is closed."""
    if isinstance(home.store, SqliteStore):
        home.store.copy_to(path)
    copy = SqliteStore(path)
    try:
        if not isinstance(home.store, SqliteStore):
            copy_store(home.store, copy)
        forget_logins(copy)
        return copy.parts(), copy.last_seq()
    finally:
        copy.close()


def _databases(home: Home, folder: Path, tar: tarfile.TarFile) -> Iterator[Member]:
    """Steps 2 and 3: the copy of the store, then every other database of the home, each at one moment."""
    paths = [home.paths.store, *(path for path in sorted(home.paths.root.glob("*.db")) if path != home.paths.store)]
    for path in paths:
        copy = folder / path.name
        if path != home.paths.store:
            _copy(path, copy)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        with copy.open("rb") as file:
            yield _add(tar, path.name, file, mode)


def _copy(path: Path, copy: Path) -> None:
    source, target = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], mode: int) -> Member:
    """Write one member as it is read, and return what was written."""
    file.seek(0, os.SEEK_END)
    info = tarfile.TarInfo(name)
    info.size, info.mode = file.tell(), mode
    file.seek(0)
    hashing = _Hashing(file)
    tar.addfile(info, hashing)  # type: ignore[arg-type]
    return Member(name=name, size=info.size, mode=mode, sha256=hashing.digest.hexdigest())


class _Hashing:
    """A file that remembers the hash of what was read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece
