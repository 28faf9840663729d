"""Questions in SQL over a home see archive and tail as one, change nothing, reach nothing else, and fail in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.cli.query import command
from headgate.drivers.home import Home, Settings
from headgate.drivers.moving import move_closed_days
from headgate.drivers.paths import Paths
from headgate.drivers.query import query, views_of
from headgate.errors import FieldError, QueryError
from headgate.journal.entries import Payment, kind_of
from headgate.stores.archive_writer import day_of

ENTRIES = random_journal(seed=8, payments=120, days=5)
BATCHES = sample_batches(ENTRIES)
PAYMENTS = [entry for entry in ENTRIES if isinstance(entry, Payment)]


@pytest.fixture(scope="module", params=["tail", "both", "archive"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    root = tmp_path_factory.mktemp("home")
    settings = Settings(reference_currency="EUR", time_zone="UTC", facts=("amount",), decided_from_seq=0)
    Paths(root).settings.write_bytes(msgspec.json.encode(settings))
    opened = Home(root)
    for batch in BATCHES:
        opened.store.commit(batch)
    keep_days = {"tail": 99, "both": 2, "archive": 0}[request.param]
    now_us = ENTRIES[-1].clock_us + (86_400_000_000 if request.param == "archive" else 0)
    move_closed_days(opened.store, now_us, keep_days)
    yield opened
    opened.close()


def rows(home: Home, sql: str, limit: int = 1000, **named: Any) -> list[tuple[Any, ...]]:
    return query(home, sql, limit, **named).rows


def test_the_views_hold_every_entry_once_wherever_it_lies(home: Home) -> None:
    assert dict(rows(home, "select kind, count(*) from journal group by kind")) == Counter(map(kind_of, ENTRIES))
    assert rows(home, "select seq from journal order by seq", 10_000) == [(entry.seq,) for entry in ENTRIES]
    sums = rows(home, "select currency, sum(amount_minor) from payments group by currency order by currency")
    expected: Counter[str] = Counter()
    for payment in PAYMENTS:
        expected[payment.currency] += payment.amount_minor
    assert sums == sorted(expected.items())
    by_day = rows(home, "select cast(day as text), count(*) from payments group by day order by day")
    assert dict(by_day) == Counter(day_of(payment.clock_us) for payment in PAYMENTS)


def test_decisions_and_cases_are_there_with_their_bits(home: Home) -> None:
    decided = [decision for batch in BATCHES for decision in batch.decisions]
    found = rows(home, "select tx_id, action, score, reasons from decisions order by seq")
    assert found == [(each.tx_id, each.action, each.score, list(each.reasons)) for each in decided]
    assert rows(home, "select count(*) from cases") == [(home.store.count_cases(),)]
    held = rows(home, "select count(*) from case_alerts join decisions using (tx_id) where alert")
    assert held == [(sum(each.alert for each in decided),)]
    assert rows(home, "select count(*) from fired") == rows(home, "select count(*) from evidence") == [(0,)]


def test_a_row_limit_is_kept_and_said(home: Home) -> None:
    answer = query(home, "select * from payments order by seq", 5)
    assert (len(answer.rows), answer.more, answer.columns[:2]) == (5, True, ("seq", "clock_us"))
    assert not query(home, "select count(*) from payments", 1).more


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select * from read_csv('/etc/passwd')", "views of the home only"),
        ("select * from '/etc/passwd'", "views of the home only|does not exist"),
        (
            "select * from read_parquet('https://example.org/x.parquet')",
            "views of the home only|disabled|does not exist",
        ),
        ("select * from home", "does not exist"),
        ("copy payments to '/tmp/payments.csv'", "no single SELECT but COPY"),
        ("attach '/tmp/other.db'", "no single SELECT but ATTACH"),
        ("install httpfs", "no single SELECT"),
        ("load httpfs", "no single SELECT"),
        ("set memory_limit = '100GB'", "no single SELECT but SET"),
        ("drop table tail_of_journal", "no single SELECT but DROP"),
        ("delete from tail_of_journal", "no single SELECT but DELETE"),
        ("select 1; select 2", "no single SELECT but SELECT, SELECT"),
        ("", "no single SELECT but nothing"),
        ("selec 1", "Parser Error"),
        ("select amount_mino from payments", "Did you mean 'amount_minor'"),
        ("select payments.pyer from payments", "Did you mean 'payer'"),
        ("select * from payment", "Did you mean 'payments'"),
        ("select 'a'::int", "Conversion Error"),
        ("select " + "1," * 60_000 + "1", "longer than 100000 characters"),
    ],
)
def test_what_is_no_question_is_refused_in_words(home: Home, sql: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        rows(home, sql)


def test_a_question_that_takes_too_long_or_too_much_is_stopped(home: Home) -> None:
    endless = "select count(*) from range(1000000000) a, range(1000000) b where a.range + b.range = 3"
    with pytest.raises(QueryError, match=r"longer than 0\.2 seconds"):
        rows(home, endless, seconds=0.2)
    large = "select list(range) from range(300000000)"
    with pytest.raises(QueryError, match="needs more than 64 MB"):
        rows(home, large, memory_mb=64)


def test_every_view_is_listed_with_its_columns(home: Home) -> None:
    views = views_of(home)
    assert views["payments"][:3] == ("seq", "clock_us", "tx_id")
    assert {"journal", "decisions", "fired", "evidence", "cases", "case_alerts", "outcomes", "statuses"} <= set(views)
    assert "scenario_id" in views["fired"]


def test_the_command_prints_tables_json_and_csv(home: Home) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(
            command, [*arguments, "--home", str(home.paths.root)], standalone_mode=False, catch_exceptions=False
        )

    sql = "select kind, count(*) as n, min(day) as first from journal group by kind order by kind limit 2"
    expected = sorted(Counter(map(kind_of, ENTRIES)).items())[:2]
    assert [(row["kind"], row["n"]) for row in json.loads(run(sql, "--json").stdout)] == expected
    lines = run(sql, "--csv").stdout.splitlines()
    assert (lines[0], len(lines)) == ("kind,n,first", 3)
    assert expected[0][0] in run(sql).stdout
    assert "There are more rows" in run("select * from payments", "--limit", "1").stderr
    assert "payments" in run("--views").stdout
    with pytest.raises(FieldError, match="No query"):
        run()
