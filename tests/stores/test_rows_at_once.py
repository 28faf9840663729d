"""Rows go into SQLite by statements of a few sizes; none is lost or doubled between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.stores.sqlite import SqliteStore


@pytest.mark.parametrize("count", [0, 1, 3, 4, 21, 64, 85, 150])
def test_every_row_is_there_once_and_in_order(tmp_path: Path, count: int) -> None:
    store = SqliteStore(tmp_path / "headgate.db")
    rows = [(seq, seq, "rates", None, b"x%d" % seq) for seq in range(count)]
    with store.database.transaction() as db:
        assert db.append("journal", iter(rows)) == count
    assert store.database.read("SELECT seq, clock_us, kind, id, content FROM journal ORDER BY seq") == rows
    store.close()
