"""The first tables. Names and order of columns are those of the SQLite store; text sorts by its bytes in both."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, empty but for the row that writers lock."""
    _journal()
    _decisions()
    _people()
    _announcements()
    turn = op.create_table("turn", _number("one", primary_key=True), sa.CheckConstraint("one = 1"))
    op.bulk_insert(turn, [{"one": 1}])


def _journal() -> None:
    op.create_table(
        "journal",
        _number("seq", primary_key=True, autoincrement=False),
        _number("clock_us"),
        _text("kind"),
        _text("id", nullable=True),
        _bytes("content"),
    )
    op.create_index("journal_id", "journal", ["kind", "id"], unique=True, postgresql_where=sa.text("id IS NOT NULL"))
    op.create_table(
        "parts",
        _text("name", unique=True),
        _number("first_seq"),
        _number("last_seq", primary_key=True, autoincrement=False),
        _number("first_clock_us"),
        _number("last_clock_us"),
        _number("decisions"),
        _text("journal_sha256"),
        _text("decisions_sha256"),
    )
    op.create_table("archived", _text("kind", primary_key=True), _text("id", primary_key=True), _number("seq"))


def _decisions() -> None:
    op.create_table(
        "decisions",
        _number("seq", primary_key=True, autoincrement=False),
        _text("tx_id", unique=True),
        _text("action"),
        _bytes("content"),
    )
    op.create_table(
        "alerts",
        _text("tx_id", primary_key=True),
        _number("reference_minor"),
        _bytes("payment"),
        _bytes("decision"),
    )
    op.create_table(
        "cases",
        _number("number", primary_key=True, autoincrement=False),
        _text("state"),
        _number("opened_us"),
        _number("updated_us"),
        sa.Column("rank_score", sa.Double(), nullable=True),
        _number("value_minor"),
        _bytes("content"),
    )
    op.create_index("cases_state", "cases", ["state"])
    op.create_table(
        "case_alerts",
        _text("tx_id", sa.ForeignKey("alerts.tx_id"), primary_key=True),
        _number("number", sa.ForeignKey("cases.number")),
    )


def _people() -> None:
    op.create_table(
        "users",
        _text("name", primary_key=True),
        _text("role"),
        _text("password_hash"),
        _number("created_us"),
        _number("disabled"),
    )
    op.create_table(
        "web_sessions",
        _text("token_hash", primary_key=True),
        _text("login", sa.ForeignKey("users.name", ondelete="CASCADE")),
        _number("created_us"),
        _number("expires_us"),
    )
    op.create_table(
        "login_attempts",
        sa.Column("number", sa.BigInteger(), sa.Identity(), primary_key=True),
        _text("login"),
        _number("clock_us"),
    )
    op.create_index("login_attempts_user", "login_attempts", ["login", "clock_us"])
    op.create_table(
        "api_keys",
        _text("key_hash", primary_key=True),
        _text("name", unique=True),
        _text("role"),
        _number("created_us"),
        _number("disabled"),
        _text("scopes"),
        _number("expires_us", nullable=True),
    )


def _announcements() -> None:
    place = (_number("seq", primary_key=True, autoincrement=False), _number("place", primary_key=True))
    op.create_table("announcements", *place, _number("clock_us"), _text("subject"), _bytes("content"))
    op.create_index("announcements_subject", "announcements", ["subject"])
    op.create_table("heard", _text("subscriber", primary_key=True), _number("seq"), _number("place"))
    op.create_table(
        "dead_letters",
        _text("subscriber", primary_key=True),
        _number("seq", primary_key=True),
        _number("place", primary_key=True),
        _bytes("content"),
    )


def _number(name: str, *more: Any, nullable: bool = False, **named: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), *more, nullable=nullable, **named)


def _text(name: str, *more: Any, nullable: bool = False, **named: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), *more, nullable=nullable, **named)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, BYTEA(), nullable=False)
