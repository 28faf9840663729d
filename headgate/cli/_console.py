"""How commands speak: plain text or tables for people, one JSON object for machines, progress on a terminal.

Answers go to standard output, everything else to standard error, so that output can be piped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

Tick = Callable[[int], None]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")


def emit_json(value: Any) -> None:
    """Print one JSON value; Structs, dicts, numbers and strings are accepted."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; every cell is shown by `str`, None as an empty cell."""
    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)


def say(text: str) -> None:
    """Tell the person at the terminal something that is not the answer."""
    err.print(text, markup=False, soft_wrap=True)


def say_notes(sentences: Iterable[str]) -> None:
    """Tell what a reader of results must know, a line each, on standard error."""
    for sentence in sentences:
        say(f"Note: {sentence}")


@contextmanager
def progress(description: str, total: int | None) -> Iterator[Tick]:
    """Yield `tick(n)` that advances a progress bar by n; silent where standard error is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(description, total=total)
        yield lambda n: bar.update(task, advance=n)
