"""The ledger: its leaves, its signed head, and what other programs want to have logged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the ledger, empty."""
    for name in ("ledger_leaves", "ledger_told"):
        op.create_table(
            name,
            sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("content", BYTEA(), nullable=False),
        )
    op.create_table(
        "ledger_state",
        sa.Column("one", sa.BigInteger(), sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", BYTEA(), nullable=False),
        sa.Column("checkpoint", BYTEA(), nullable=False),
    )
