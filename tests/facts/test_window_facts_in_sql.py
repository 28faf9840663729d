"""A third, independent implementation: DuckDB computes the aggregate facts from the payments by plain SQL joins."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY, US_PER_HOUR

ROWS = 10_000
WINDOWS = {"1h": US_PER_HOUR, "24h": 24 * US_PER_HOUR, "7d": 7 * US_PER_DAY, "28d": 28 * US_PER_DAY}
# The rows that a fact is about, and the counterparty in them; p is the payment judged, e an earlier one.
KEYS = {
    "payer_sent": ("e.payer = p.payer", "e.payee"),
    "payer_received": ("e.payee = p.payer", "e.payer"),
    "payee_sent": ("e.payer = p.payee", "e.payee"),
    "payee_received": ("e.payee = p.payee", "e.payer"),
    "pair_sent": ("e.payer = p.payer AND e.payee = p.payee", "e.payee"),
    "reverse_pair_sent": ("e.payer = p.payee AND e.payee = p.payer", "e.payee"),
}


@pytest.fixture(scope="module")
def payments() -> list[Payment]:
    """Ten thousand payments in 50 days, with hubs, ties in time, zero amounts and amounts near the limit."""
    random = np.random.default_rng(11)
    clocks = np.sort(random.integers(0, 50 * US_PER_DAY // 1_000_000, ROWS)) // 60 * 60_000_000
    weights = 1 / np.arange(1, 401)
    parties = random.choice(400, (ROWS, 2), p=weights / weights.sum())
    amounts = np.where(random.random(ROWS) < 0.02, 10**11, random.integers(0, 500_000, ROWS))
    return [
        Payment(
            seq=row,
            clock_us=int(clocks[row]),
            tx_id=f"t{row}",
            ts_us=int(clocks[row]),
            payer=f"a{one}",
            payee=f"a{other if other != one else one + 400}",
            amount_minor=int(amounts[row]),
            currency="EUR",
        )
        for row, (one, other) in enumerate(parties)
    ]


@pytest.fixture(scope="module")
def database(payments: list[Payment]) -> duckdb.DuckDBPyConnection:
    rows = pa.table({name: [getattr(p, name) for p in payments] for name in ("seq", "clock_us", "payer", "payee")})
    table = rows.append_column("amount", pa.array([p.amount_minor for p in payments], pa.int64()))
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute("CREATE TABLE payments AS SELECT * FROM given")
    return connection


def in_sql(database: duckdb.DuckDBPyConnection, key: str, window: str) -> dict[str, list[object]]:
    """The facts of one key and window, by a join of every payment with those before it."""
    match, other = KEYS[key]
    answer = database.sql(
        f"""
        SELECT p.seq, count(e.seq) AS count, coalesce(sum(e.amount), 0)::HUGEINT::VARCHAR AS sum, max(e.amount) AS max,
               count(DISTINCT {other}) AS "distinct",
               coalesce(sum(e.amount::HUGEINT * e.amount), 0)::VARCHAR AS squares,
               any_value(p.amount) AS judged
        FROM payments p LEFT JOIN payments e
          ON {match} AND e.seq < p.seq AND e.clock_us > p.clock_us - {WINDOWS[window]} AND e.clock_us <= p.clock_us
        GROUP BY p.seq ORDER BY p.seq
        """
    ).to_arrow_table()
    return {name: answer.column(name).to_pylist() for name in answer.column_names}


def facts_of(payments: list[Payment], names: list[str]) -> dict[str, list[object]]:
    facts = Engine(names).observe(to_block(payments))
    return {name: facts.column(name).to_pylist() for name in names}


def close(mine: object, theirs: float | None) -> bool:
    if theirs is None or mine is None:
        return mine is theirs
    assert isinstance(mine, float)
    return bool(np.isclose(mine, theirs, rtol=1e-12, atol=0))


@pytest.mark.parametrize("key", KEYS)
def test_counts_sums_means_and_deviations_are_what_sql_says(
    key: str, payments: list[Payment], database: duckdb.DuckDBPyConnection
) -> None:
    measures = ["count", "sum", "max", "mean", "std", *(["distinct"] if not key.endswith("pair_sent") else [])]
    mine = facts_of(payments, [f"{key}_{measure}_{window}" for window in WINDOWS for measure in measures])
    for window in WINDOWS:
        theirs = in_sql(database, key, window)
        n, s, q = ([int(str(v)) for v in theirs[name]] for name in ("count", "sum", "squares"))
        assert mine[f"{key}_count_{window}"] == n
        assert mine[f"{key}_sum_{window}"] == s
        assert mine[f"{key}_max_{window}"] == theirs["max"]
        if "distinct" in measures:
            assert mine[f"{key}_distinct_{window}"] == theirs["distinct"]
        means = [s[i] / n[i] if n[i] else None for i in range(ROWS)]
        spread = [(n[i] * q[i] - s[i] * s[i]) ** 0.5 / n[i] if n[i] > 1 else None for i in range(ROWS)]
        assert all(map(close, mine[f"{key}_mean_{window}"], means))
        assert all(map(close, mine[f"{key}_std_{window}"], spread))


@pytest.mark.parametrize(("fact", "key"), [("payer", "payer_sent"), ("payee", "payee_received"), ("pair", "pair_sent")])
def test_the_standard_score_of_an_amount_is_what_sql_says(
    fact: str, key: str, payments: list[Payment], database: duckdb.DuckDBPyConnection
) -> None:
    mine = facts_of(payments, [f"{fact}_amount_z_28d"])[f"{fact}_amount_z_28d"]
    theirs = in_sql(database, key, "28d")
    n, s, q, x = ([int(str(v)) for v in theirs[name]] for name in ("count", "sum", "squares", "judged"))
    spread = [n[i] * q[i] - s[i] * s[i] for i in range(ROWS)]
    expected = [(n[i] * x[i] - s[i]) / spread[i] ** 0.5 if n[i] > 1 and spread[i] else None for i in range(ROWS)]
    assert all(map(close, mine, expected))
    assert sum(value is not None for value in expected) > 100


@pytest.mark.parametrize("key", KEYS)
def test_the_time_since_the_last_payment_is_what_sql_says(
    key: str, payments: list[Payment], database: duckdb.DuckDBPyConnection
) -> None:
    mine = facts_of(payments, [f"{key}_gap"])[f"{key}_gap"]
    rows = database.execute(
        f"""SELECT (p.clock_us - max(e.clock_us)) / 1000000.0::DOUBLE
            FROM payments p LEFT JOIN payments e ON {KEYS[key][0]} AND e.seq < p.seq
            GROUP BY p.seq, p.clock_us ORDER BY p.seq"""
    ).fetchall()
    assert mine == [row[0] for row in rows]


@pytest.mark.parametrize("key", ["payer_sent", "payee_received"])
def test_new_counterparties_are_what_sql_says(
    key: str, payments: list[Payment], database: duckdb.DuckDBPyConnection
) -> None:
    mine = facts_of(payments, [f"{key}_new_7d"])[f"{key}_new_7d"]
    match, other = KEYS[key]
    rows = database.execute(
        f"""
        WITH met AS (
          SELECT p.seq, {other} AS other, min(e.clock_us) AS first_us, any_value(p.clock_us) AS now_us
          FROM payments p JOIN payments e ON {match} AND e.seq < p.seq AND e.clock_us > p.clock_us - {WINDOWS["28d"]}
          GROUP BY p.seq, {other})
        SELECT count(m.other) FROM payments p
        LEFT JOIN met m ON m.seq = p.seq AND m.first_us > m.now_us - {WINDOWS["7d"]}
        GROUP BY p.seq ORDER BY p.seq
        """
    ).fetchall()
    assert mine == [row[0] for row in rows]
