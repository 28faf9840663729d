"""Copies a whole store into an empty one, table by table, as it stands at one moment; between any two databases.

Logins and wrong passwords stay behind: nobody should be logged in by a copy.
"""

from __future__ import annotations

from typing import Final

from headgate.errors import ConflictError
from headgate.stores.tables import TableStore

# In an order in which every row comes after those that it refers to.
TABLES: Final = (
    "journal",
    "parts",
    "archived",
    "decisions",
    "alerts",
    "cases",
    "case_alerts",
    "users",
    "api_keys",
    "announcements",
    "heard",
    "dead_letters",
    "ledger_leaves",
    "ledger_state",
    "ledger_told",
)
LEFT_BEHIND: Final = ("web_sessions", "login_attempts")


def copy_store(source: TableStore, target: TableStore) -> dict[str, int]:
    """Copy everything but logins in one transaction; return how many rows went by table.

    Others may read and write the source meanwhile: the copy is of the moment at which it began. Raises ConflictError
    unless the target is empty, and what the databases raise.
    """
    copied = dict.fromkeys(TABLES, 0)
    with source.database.moment() as rows_of, target.database.transaction() as db:
        db.take_turn()
        for table in TABLES:
            if target.database.read(f"SELECT 1 FROM {table} LIMIT 1"):
                raise ConflictError(
                    "The store that should take the copy is not empty",
                    where=f"table {table}",
                    repair="Name an empty database; nothing was changed.",
                )
        for table in TABLES:
            copied[table] = db.append(table, rows_of(table))
    return copied


def forget_logins(store: TableStore) -> None:
    """Log everybody out of a store, and forget wrong passwords."""
    with store.database.transaction() as db:
        for table in LEFT_BEHIND:
            db.execute(f"DELETE FROM {table}")
