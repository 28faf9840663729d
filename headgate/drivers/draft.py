"""A home while it is being built: HOME.partial, which becomes HOME by a rename, whole or not at all.

Order: everything is written and closed in HOME.partial; an older home moves to HOME.old; HOME.partial becomes HOME;
HOME.old is removed. A crash before the renames leaves the older home as it was and a HOME.partial that the next run
clears away; a crash between them leaves the older home as HOME.old.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.charter.pseudonyms import Vault
from headgate.drivers.paths import Paths
from headgate.errors import FileError
from headgate.stores.sqlite import SqliteStore

Token = Callable[[int], bytes]


class Draft:
    """What a home under construction offers: its paths, its vault and its store."""

    def __init__(self, root: Path, token: Token) -> None:
        self.paths = Paths(root)
        self.vault = Vault(self.paths.vault, token=token)
        self.store = SqliteStore(self.paths.store)

    def close(self) -> None:
        """Close vault and store, so that everything is in their files."""
        self.vault.close()
        self.store.close()


@contextmanager
def building(home: Path, *, overwrite: bool = False, token: Token = secrets.token_bytes) -> Iterator[Draft]:
    """Yield a draft that becomes `home` when the block ends well, and disappears when it does not.

    token: source of the randomness of pseudonyms. Raises FileError for a folder that is not empty (overwrite replaces
    a home, never another folder) or that cannot be written.
    """
    with placing(home, overwrite=overwrite) as partial:
        draft = Draft(partial, token)
        try:
            yield draft
        finally:
            draft.close()


@contextmanager
def placing(home: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield an empty folder that becomes `home` when the block ends well, and disappears when it does not.

    Raises FileError as `building` does.
    """
    home = Path(os.path.abspath(home))
    _check_target(home, overwrite)
    partial = home.with_name(f"{home.name}.partial")
    with _writing(home):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    try:
        yield partial
        with _writing(home):
            _take_its_place(partial, home)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _check_target(home: Path, overwrite: bool) -> None:
    with _writing(home):
        if not home.exists() or (home.is_dir() and not any(home.iterdir())):
            return
    if not overwrite:
        raise FileError(
            "The folder is not empty",
            where=str(home),
            repair="Name another folder, or replace the home there with --overwrite.",
        )
    if not Paths(home).settings.is_file():
        raise FileError(
            "The folder is no home, so it is not replaced",
            where=str(home),
            repair="Name another folder; --overwrite replaces a home of headgate only.",
        )


def _take_its_place(partial: Path, home: Path) -> None:
    old = home.with_name(f"{home.name}.old")
    if home.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.rename(home, old)
    os.rename(partial, home)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(
            f"The home cannot be written: {error.strerror or error}",
            where=str(home),
            repair="Name a folder in a place where you may write, with room on its disk.",
        ) from error
