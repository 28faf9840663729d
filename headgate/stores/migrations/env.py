"""How Alembic runs the revisions of the PostgreSQL store: on the connection it is given, one program at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from headgate.stores.postgres_schema import VERSION_TABLE

_TURN = 0x68676462  # "hgdb"

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table=VERSION_TABLE)
with context.begin_transaction():
    connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_TURN})"))
    context.run_migrations()
