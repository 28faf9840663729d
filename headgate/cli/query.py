"""`headgate query`: a question in SQL over the whole of a home."""

from __future__ import annotations

import csv
import getpass
import io
from pathlib import Path

import click
import msgspec

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.home import Home
from headgate.drivers.leaving import leave
from headgate.drivers.query import Answer, query, views_of
from headgate.drivers.said import exported
from headgate.errors import FieldError
from headgate.limits import MAX_QUERY_ROWS, QUERY_MEMORY_MB, QUERY_SECONDS


@click.command("query", epilog='Example: headgate query "select action, count(*) from decisions group by action"')
@click.argument("sql", required=False)
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@click.option("--limit", type=click.IntRange(1, MAX_QUERY_ROWS), default=1000, show_default=True, help="Rows at most.")
@click.option(
    "--memory-mb", type=click.IntRange(64), default=QUERY_MEMORY_MB, show_default=True, help="Memory at most."
)
@click.option("--seconds", type=click.FloatRange(0.1), default=QUERY_SECONDS, show_default=True, help="Time at most.")
@click.option("--purpose", default="maintenance", show_default=True, help="What it is asked for; stands in the log.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values with a line of names.")
@click.option("--views", is_flag=True, help="List the views and their columns instead.")
@json_option
def command(
    sql: str | None,
    root: Path,
    limit: int,
    memory_mb: int,
    seconds: float,
    purpose: str,
    as_csv: bool,
    views: bool,
    as_json: bool,
) -> None:
    """Ask one SELECT (the dialect of DuckDB) of journal, decisions and cases, archived or not.

    Nothing can be changed, and the SQL reaches no file and no network. Accounts are pseudonyms. That something was
    asked, by whom and for what, is left for the log before the answer is shown.
    """
    home = Home(root)
    try:
        if views:
            answer = _views(home)
        elif sql is None:
            raise FieldError("No query was given", where="SQL", repair="Write one SELECT, or ask for --views.")
        else:
            answer = query(home, sql, limit, memory_mb=memory_mb, seconds=seconds)
            content = msgspec.json.encode(answer.rows, enc_hook=str)
            leave(home, [exported(getpass.getuser(), purpose, content)])
    finally:
        home.close()
    _show(answer, as_csv, as_json)


def _views(home: Home) -> Answer:
    rows: list[tuple[object, ...]] = [(name, ", ".join(columns)) for name, columns in views_of(home).items()]
    return Answer(columns=("view", "columns"), rows=rows, more=False)


def _show(answer: Answer, as_csv: bool, as_json: bool) -> None:
    if as_json:
        emit_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    elif as_csv:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([answer.columns, *answer.rows])
        click.echo(text.getvalue(), nl=False)
    else:
        emit_table("", answer.columns, answer.rows)
    if answer.more:
        say("There are more rows: raise --limit, or ask for fewer.")
