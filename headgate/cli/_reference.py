"""The pages made from the code itself: commands, errors, entry kinds, those of the service, and the file verify.py.

`python -m headgate.cli._reference DOCS_FOLDER` writes them; a test fails where a written page is not what this makes.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from headgate import errors
from headgate.cli import root
from headgate.journal.entries import KINDS
from headgate.journal.schema import BLOCK_SCHEMA, SCHEMA_VERSION
from headgate.ledger import verify
from headgate.ledger.kinds import KINDS as KINDS_OF_LEDGER
from headgate.service import reference as service


def commands_page() -> str:
    """Return the page of all commands as Markdown."""
    lines = [
        "# Commands",
        "",
        "Every command answers `--help`. Exit codes: 0 success, 1 the answer is no, 2 wrong use. `--json` prints one",
        "object for machines; progress and remarks go to standard error.",
        "",
    ]
    for path, command in _commands(root, "headgate"):
        context = click.Context(command, info_name=path)
        lines += [f"## {path}", "", "```text", command.get_help(context).replace("\b", "").rstrip(), "```", ""]
    return "\n".join(lines)


def _commands(group: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    assert isinstance(group, click.Group)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def errors_page() -> str:
    """Return the page of all errors as Markdown."""
    rows = [
        f"| `{kind.code}` | {kind.http_status} | {kind.exit_code} | {inspect.getdoc(kind)} |"
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.HeadgateError) and kind is not errors.HeadgateError
    ]
    head = [
        "# Errors",
        "",
        "Every error says what happened, where (file, row, column, field) and how to repair it. The code is stable: it",
        "is the last part of the `type` of a Problem Details answer.",
        "",
        "| code | HTTP status | exit code | meaning |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *sorted(rows)]) + "\n"


def journal_page() -> str:
    """Return the page of all entry kinds and their columns as Markdown."""
    lines = [
        "# The journal",
        "",
        "The journal is the only input: decisions, cases and snapshots follow from it. Entries are stored as one",
        f"flat Arrow table, schema version {SCHEMA_VERSION}; a column that a kind does not have is null in its rows.",
        "Columns are only ever added. Times are int64 microseconds UTC, amounts int64 in minor units of the currency.",
        "`headgate journal check FOLDER` proves order, clocks, kinds, values and duplicates;",
        "`headgate journal totals FOLDER` gives daily control totals. The order and the clock follow",
        "[the rules of time](../explanation/the-rules-of-time.md).",
        "",
    ]
    for kind, entry_type in KINDS.items():
        lines += [
            f"## `{kind}`",
            "",
            inspect.getdoc(entry_type) or "",
            "",
            "| column | type | required |",
            "|---|---|---|",
        ]
        for field in msgspec.structs.fields(entry_type):
            required = "yes" if field.default is msgspec.NODEFAULT else "no"
            lines.append(f"| `{field.name}` | {BLOCK_SCHEMA.field(field.name).type} | {required} |")
        lines.append("")
    return "\n".join(lines)


def ledger_page() -> str:
    """Return the page of all kinds of ledger entries and their fields as Markdown."""
    lines = [
        "# Entries of the ledger",
        "",
        "Every entry is one line of canonical JSON (RFC 8785): names sorted, integers only, no spaces. `kind` says",
        "what it is, `v` is the version of its fields, `at_us` the writer's clock in microseconds UTC. A commitment",
        "stands in the place of every value about a person or a business (see",
        "[the ledger](../explanation/the-ledger.md)).",
        "`headgate verify` checks the form of every entry; objects and lists lie in each other at most a hundred deep.",
        "When which is written is told in [what is logged](what-is-logged.md).",
        "",
    ]
    for name, kind in KINDS_OF_LEDGER.items():
        lines += [f"## `{name}`", "", inspect.getdoc(kind) or "", "", "| field | content |", "|---|---|"]
        schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
        lines += [f"| `{field}` | {_content_of(schema[field])} |" for field in sorted(schema) if field != "kind"]
        lines.append("")
    return "\n".join(lines)


def _content_of(schema: dict[str, Any]) -> str:
    if schema["type"] == "array":
        return f"list: {_content_of(schema['items'])}"
    if schema["type"] == "object":
        return f"by name: {_content_of(schema['additionalProperties'])}"
    return str(schema["description"])


def main(folder: Path) -> None:
    """Write the pages into the docs folder."""
    (folder / "reference" / "commands.md").write_text(commands_page(), "utf-8")
    (folder / "reference" / "errors.md").write_text(errors_page(), "utf-8")
    (folder / "reference" / "journal.md").write_text(journal_page(), "utf-8")
    (folder / "reference" / "ledger-entries.md").write_text(ledger_page(), "utf-8")
    (folder / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
    for name, text in service.pages().items():
        (folder / "reference" / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
