"""`headgate features`: every fact that can be asked for, in words, and the grammar of their names."""

from __future__ import annotations

import click

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.facts.catalogue import DEFAULT, describe, forms
from headgate.facts.spec import SPANS

_GRAMMAR = (
    "The window {w} is (t - w, t] at the clock t of the payment, over what precedes it in the journal. The payment "
    "itself is not counted; patterns are what it would complete. Any other name is refused."
)


@click.command(
    epilog="Example: headgate features --grep payer_sent. Facts are used in scenarios, models and `headgate facts`."
)
@click.option("--grep", "text", default="", help="Only facts whose name or sentence holds this text.")
@click.option("--default", "only_default", is_flag=True, help="Only the facts that the model and the library use.")
@json_option
def command(text: str, only_default: bool, as_json: bool) -> int:
    """Print every fact with its sentence, unit, class and window, and the grammar of names."""
    rows = [row for row in describe(text) if row.default or not only_default]
    windows = [span.name for span in SPANS]
    if as_json:
        grammar = [form._asdict() for form in forms()]
        emit_json({"facts": [row._asdict() for row in rows], "grammar": grammar, "windows": windows})
        return 0 if rows else 1
    for row in rows:
        traits = " · ".join(part for part in (row.unit, row.klass, row.window, row.type) if part)
        click.echo(f"{click.style(row.name, bold=True)}  {traits}\n    {row.sentence}")
    if not text:
        emit_table("Grammar", ("form", "facts", "example"), forms())
    say(f"{len(rows)} facts, {len(DEFAULT)} by default. Windows: {' '.join(windows)}. {_GRAMMAR}")
    return 0 if rows else 1
