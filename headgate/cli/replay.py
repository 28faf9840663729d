"""`headgate replay`: the payments of a dataset as if they came one by one; a home is what stays."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.charter.charter import load_charter
from headgate.cli._console import emit_json, emit_table, json_option, progress, say_notes
from headgate.connectors.dataset import read_dataset
from headgate.drivers.replay import FROM_SHARE, ReplayResult, replay
from headgate.drivers.rules import load_rules
from headgate.limits import US_PER_DAY

_file = click.Path(path_type=Path)


@click.command("replay", epilog="Example: headgate replay world --out home --model model")
@click.argument("folder", type=_file)
@click.option("--out", "home", required=True, type=_file, help="The home to make.")
@click.option("--model", type=_file, help="A model made by `headgate train`; without it scenarios decide alone.")
@click.option("--policy", type=_file, help="A policy file in the place of the packaged one.")
@click.option("--charter", type=_file, help="A charter file in the place of the packaged one.")
@click.option("--scenarios", type=_file, help="A folder of scenarios over the packaged ones.")
@click.option("--candidate", type=_file, help="A model to try out beside it.")
@click.option("--rollout", type=_file, help="A rollout file: which scenarios and models are only tried out.")
@click.option("--from-share", type=float, default=FROM_SHARE, show_default=True, help="Share that is only learnt from.")
@click.option("--label-delay", type=click.FloatRange(0, 400), default=7.0, show_default=True, help="In days.")
@click.option("--overwrite", is_flag=True, help="Replace a home that is there.")
@json_option
def command(
    folder: Path,
    home: Path,
    model: Path | None,
    policy: Path | None,
    charter: Path | None,
    scenarios: Path | None,
    candidate: Path | None,
    rollout: Path | None,
    from_share: float,
    label_delay: float,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Replay the dataset in FOLDER: decisions, alerts and cases, each from what was known just before it.

    Account ids are replaced by pseudonyms at the door of the home.
    """
    given = load_charter(charter)
    dataset = read_dataset(folder, label_delay_us=round(label_delay * US_PER_DAY), charter=given)
    rules = load_rules(
        charter=charter,
        policy=policy,
        scenarios=scenarios,
        model=model,
        candidate=candidate,
        rollout=rollout,
        reference_currency=dataset.reference_currency,
    )
    with progress("Replaying", len(dataset.journal)) as tick:
        result = replay(dataset, home, rules, from_share=from_share, overwrite=overwrite, tick=tick)
    say_notes(dataset.notes)
    emit_json(result) if as_json else _show(result)


def _show(result: ReplayResult) -> None:
    rows = [
        ("payments learnt from", result.history),
        ("payments decided", result.decided),
        ("days decided", f"{result.days:.1f}"),
        *((f"decided {action}", count) for action, count in sorted(result.actions.items())),
        ("alerts", f"{result.alerts} ({result.alerts_per_day:.1f} a day)"),
        ("cases", f"{result.cases} ({result.cases_per_day:.1f} a day)"),
    ]
    emit_table(f"Home {result.home}", ("", ""), rows)
