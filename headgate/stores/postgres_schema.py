"""The schema of the PostgreSQL store: which revision it stands at, and how Alembic brings it to this program's.

Revisions are files in `migrations/versions`; they only ever move forward. Two programs that open a store at once take
turns, and the second finds the work done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg

from headgate.errors import FileError

HEAD: Final = "0002"  # the last revision in migrations/versions
VERSION_TABLE: Final = "headgate_version"
_FOLDER: Final = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME: Final = threading.Lock()  # Alembic keeps its context for the whole process
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


def prepare(connection: Connection, connect: Callable[[], Connection]) -> None:
    """Make or upgrade the tables where they are not those of this program.

    connect: opens another connection, for Alembic. Raises FileError where a newer program made the tables, or where
    they cannot be made.
    """
    found = _revision(connection)
    if found != HEAD:
        _upgrade(connect, found)


def _revision(connection: Connection) -> str | None:
    there = connection.execute("SELECT to_regclass(%s)", (VERSION_TABLE,)).fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}".encode()).fetchone()
    return None if row is None else str(row[0])


def _by_hand(connection: Connection) -> Connection:
    """A connection whose transactions the caller begins and ends, as SQLAlchemy wants it."""
    connection.autocommit = False
    return connection


def _upgrade(connect: Callable[[], Connection], found: str | None) -> None:
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise FileError(
            f"The store was made by a newer headgate: its schema is {found}, this program knows {HEAD}",
            where="PostgreSQL",
            repair="Run the newer version, or restore a backup made by this one.",
        )
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: _by_hand(connect()),
        poolclass=sa.pool.NullPool,
    )
    try:
        with _ONE_AT_A_TIME, engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except sa.exc.DBAPIError as error:
        primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
        raise FileError(
            f"The tables of the store cannot be made: {primary or 'the server does not answer'}",
            where="PostgreSQL",
            repair="Give headgate a database or schema of its own, and the right to create tables in it.",
        ) from None
    finally:
        engine.dispose()
