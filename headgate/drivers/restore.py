"""A home out of its backup: everything is checked before anything is written, then it appears whole or not at all.

The store comes back as SQLite, whichever database it was in; `headgate store copy` brings it into PostgreSQL again. The
archive comes back into the home. What is written is HOME.partial, which becomes HOME by a rename (see `drivers.draft`).
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from pathlib import Path
from typing import IO

import msgspec

from headgate.disk import sync
from headgate.drivers.backup import FORMAT, MANIFEST, Manifest, Member
from headgate.drivers.draft import placing
from headgate.errors import FileError


def restore(file: Path, home: Path, *, overwrite: bool = False) -> Manifest:
    """Make a home of a backup. Raises FileError for a damaged file, and where the home cannot be written."""
    manifest = verify(file)
    expected = {member.name: member for member in manifest.files}
    with placing(home, overwrite=overwrite) as partial, tarfile.open(file, "r:gz") as tar:
        for info in tar:
            if info.name != MANIFEST:
                content = tar.extractfile(info)
                assert content is not None, "only files pass the check"
                _write(partial / info.name, content, expected[info.name])
    return manifest


def verify(file: Path) -> Manifest:
    """Return the manifest of a backup whose every byte is as it says. Raises FileError with what is wrong."""
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(file, "r:gz") as tar:
            for info in tar:
                content = tar.extractfile(info) if info.isreg() and _is_inside(info.name) else None
                if content is None or manifest is not None:
                    raise _damaged(file, f"it holds {info.name!r}, which no backup does")
                if info.name == MANIFEST:
                    manifest = msgspec.json.decode(content.read(), type=Manifest)
                else:
                    found[info.name] = (info.size, hashlib.file_digest(content, "sha256").hexdigest())  # type: ignore[arg-type]
    except (OSError, EOFError, tarfile.TarError, msgspec.MsgspecError, ValueError) as error:
        raise _damaged(file, str(error) or type(error).__name__) from error
    if manifest is None:
        raise _damaged(file, "its end is missing")
    _compare(file, manifest, found)
    return manifest


def _compare(file: Path, manifest: Manifest, found: dict[str, tuple[int, str]]) -> None:
    if manifest.format != FORMAT:
        raise _damaged(file, f"its format is {manifest.format}, this program knows {FORMAT}")
    expected = {member.name: (member.size, member.sha256) for member in manifest.files}
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            raise _damaged(file, f"{name} is not what the manifest says")


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return bool(name) and not name.startswith("/") and "" not in parts and ".." not in parts and "\\" not in name


def _write(path: Path, content: IO[bytes], member: Member) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, member.mode), "wb") as target:
        while piece := content.read(1 << 20):
            digest.update(piece)
            target.write(piece)
    assert digest.hexdigest() == member.sha256, "the backup changed while it was read"
    sync(str(path))


def _damaged(file: Path, what: str) -> FileError:
    return FileError(
        f"This is no whole backup: {what}",
        where=str(file),
        repair="Use another copy of the backup. Nothing was written.",
    )
