"""Revisions of the schema of the PostgreSQL store, run by Alembic; see `stores.postgres_schema`."""
