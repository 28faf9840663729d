"""The store as tables, in any database that `stores.database` describes: one commit, one transaction."""

from __future__ import annotations

from headgate.stores.archive import Archive
from headgate.stores.database import Database
from headgate.stores.store import Batch
from headgate.stores.tables_announcements import AnnouncementTables
from headgate.stores.tables_cases import CaseTables
from headgate.stores.tables_decisions import DecisionTables
from headgate.stores.tables_ledger import LedgerTables
from headgate.stores.tables_users import UserTables


class TableStore(DecisionTables, CaseTables, AnnouncementTables, UserTables, LedgerTables):
    """See `stores.store.Store`. archive: where the parts of older days lie."""

    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self.archive = archive

    @property
    def database(self) -> Database:
        """The database itself, for copies of the whole."""
        return self._database

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; see `stores.store.Store.commit`."""
        with self._database.transaction() as db:
            db.take_turn()
            if self._is_there(batch.entries):
                self._check_logged(batch.logged)
                return
            self._append(db, batch.entries)
            self._decide(db, batch.decisions, batch.alerts)
            self._keep_cases(db, batch.cases)
            self._announce(db, batch.announcements)
            if batch.logged is not None:
                self._log(db, batch.logged.leaves, batch.logged.head, batch.logged.expected_size)
                self._forget_told(db, batch.told)

    def reopen(self) -> None:
        """Begin again with what is really on disk; see `stores.store.Store.reopen`."""
        self._database.reopen()

    def close(self) -> None:
        """Release the database."""
        self._database.close()
