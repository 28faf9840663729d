"""`headgate charter`: what headgate may be used for, what may enter, and why a field does not."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.charter.charter import Charter, load_charter, packaged_text
from headgate.cli._console import emit_json, emit_table, json_option, say

_own = click.option(
    "--charter",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An adopter's charter, laid over the packaged one.",
)


@click.group(
    invoke_without_command=True,
    epilog="Example: headgate charter check owner_gender Location amount",
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """Show the charter, or ask it about fields."""
    if context.invoked_subcommand is None:
        context.invoke(show, as_json=as_json)
    return 0


@command.command(epilog="Example: headgate charter show --toml")
@click.option("--toml", "as_toml", is_flag=True, help="Print the packaged file, to start an own one from.")
@_own
@json_option
def show(path: Path | None = None, as_toml: bool = False, as_json: bool = False) -> int:
    """Print purposes, what may enter by table, and the refusals with their sentences."""
    charter = load_charter(path)
    if as_toml:
        click.echo(packaged_text(), nl=False)
    elif as_json:
        emit_json(_whole(charter))
    else:
        emit_table("Purposes", ("id", "purpose"), list(charter.purposes.items()))
        emit_table("May enter", ("table", "fields"), [(t, ", ".join(n)) for t, n in charter.allowed.items()])
        emit_table("Never enters", ("category", "why"), [(each.category, each.why) for each in charter.refusals])
        say(f"Content hash {charter.content_hash}. An own charter may add refusals, never take one away.")
    return 0


def _whole(charter: Charter) -> dict[str, object]:
    return {
        "content_hash": charter.content_hash,
        "purposes": charter.purposes,
        "allowed": charter.allowed,
        "refusals": charter.refusals,
    }


@command.command(epilog="Example: headgate charter check owner_gender amount. Exit code 1: a field is refused.")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD…")
@click.option("--table", default="", help="The table that the fields stand in, for instance account or labels.")
@_own
@json_option
def check(fields: tuple[str, ...], table: str, path: Path | None, as_json: bool) -> int:
    """Say of each field whether it may enter, and why not."""
    charter = load_charter(path)
    rows = [(field, *_standing(charter, field, table)) for field in fields]
    if as_json:
        emit_json([{"field": field, "standing": standing, "why": why} for field, standing, why in rows])
    else:
        emit_table("", ("field", "standing", "why"), rows)
    return 1 if any(standing == "refused" for _, standing, _ in rows) else 0


def _standing(charter: Charter, field: str, table: str) -> tuple[str, str]:
    refused = charter.refused(field, table)
    if refused:
        return "refused", f"{refused.category}: {refused.why}"
    if charter.is_allowed(field, table):
        return "allowed", ""
    return "unlisted", "Nothing refuses it, and no fact uses it: it is left out unless a column map names it."
