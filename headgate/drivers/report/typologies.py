"""The library as pages of documentation: one of all typologies, one of each, with what was measured.

Scenarios, simulated schemes and measurements enter; Markdown leaves. Every figure in it was measured by the command
that the page names.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.drivers.simulation.scheme import Scheme
from headgate.drivers.typologies import Measurement, Worth
from headgate.scenarios.measure import ALL
from headgate.scenarios.scenario import Scenario

MERGED_ABOVE = 0.8
_PAIRS = 15


def overview(scenarios: Sequence[Scenario], own: dict[str, Scheme], all_measured: Sequence[Measurement]) -> str:
    """Return the page of all typologies: what is found of the own scheme, alerts a day, precision, overlaps."""
    lines = [
        "# Typologies",
        "",
        f"The packaged library: {len(scenarios)} typologies, each a [scenario](../reference/scenarios.md) with",
        "sources, with examples, and with a [simulated scheme](../reference/simulator.md) and honest lookalikes of its",
        "own.",
        "",
        *_how(all_measured),
        "",
        "| typology | severity | own scheme found | recall of its payments | alerts a day | precision |",
        "|---|---|---|---|---|---|",
        *(_row(each, own[each.id], all_measured[0]) for each in scenarios),
        _total(all_measured[0]),
        "",
        *_other_folders(scenarios, all_measured[1:]),
        *_overlaps(all_measured[0]),
    ]
    return "\n".join(lines) + "\n"


def page(scenario: Scenario, scheme: Scheme, all_measured: Sequence[Measurement]) -> str:
    """Return the page of one typology."""
    file, first = scenario.file, all_measured[0]
    worth = first.worth[scenario.id]
    lines = [
        f"# {file.title}",
        "",
        f"`{scenario.id}` · severity {scenario.severity} · action {scenario.action}",
        "",
        file.what.strip(),
        "",
        "Fires where",
        "",
        "```sql",
        file.condition.strip(),
        "```",
        "",
        "## Sources",
        "",
        *(f"- {r.publisher} ({r.year}): {r.title}.{' ' + r.note if r.note else ''}" for r in file.references),
        "",
        "## Its scheme and its lookalikes",
        "",
        f"`{scheme.name}`: {scheme.sentence}",
        "",
        *(f"- `{twin.name}`: {twin.sentence} Fires on {worth.twins.get(twin.name, 0)} payment(s) of these."
          for twin in scheme.twins),
        "",
        "## What it is worth",
        "",
        "| folder | alerts | a day | precision | recall of all fraud | schemes with an alert |",
        "|---|---|---|---|---|---|",
        *(_worth_row(each, scenario.id) for each in all_measured),
        "",
        *_found(worth, first.name),
        "",
        *_shared(scenario.id, first),
        "How this was measured: [Typologies](index.md).",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _how(all_measured: Sequence[Measurement]) -> list[str]:
    folders = "; ".join(
        f"`{each.name}`: {each.payments:,} payments in {each.days:.0f} days, {each.frauds:,} fraudulent "
        f"({each.frauds / each.payments:.2%})"
        for each in all_measured
    )
    return [
        "Written by `make typologies` (with `DATA=folder` a dataset folder of yours is measured along). "
        f"{folders}. In the first world every typology has a scheme, so that crime is more frequent than in life: "
        "recall by scheme carries over, precision does not. Thresholds were set on another seed of it.",
        "",
        "*Own scheme found*: schemes of the own kind with at least one alert. *Recall of its payments* counts every "
        "payment of the scheme, those too that another typology looks for (a mule scheme has payments in and out). "
        "*Precision* counts any fraud as right.",
    ]


def _row(scenario: Scenario, scheme: Scheme, measured: Measurement) -> str:
    worth = measured.worth[scenario.id]
    mine = next((each for each in worth.found if each.kind == scheme.name), None)
    found = f"{mine.schemes} of {mine.of_schemes} | {mine.recall:.0%}" if mine else "none was played | "
    return (
        f"| [`{scenario.id}`]({scenario.id}.md) | {scenario.severity} | {found} | "
        f"{worth.measured.per_day:.2f} | {_share(worth.measured.precision)} |"
    )


def _total(measured: Measurement) -> str:
    figures = measured.worth[ALL].measured
    return (
        f"| any of them | | {figures.schemes} of {figures.of} | {_share(figures.recall)} | "
        f"{figures.per_day:.2f} | {_share(figures.precision)} |"
    )


def _other_folders(scenarios: Sequence[Scenario], others: Sequence[Measurement]) -> list[str]:
    if not others:
        return []
    lines = [
        "## Other folders",
        "",
        "Alerts a day, precision and schemes with an alert; empty where nothing fires.",
        "",
    ]
    lines.append("| typology | " + " | ".join(f"`{each.name}`" for each in others) + " |")
    lines.append("|---|" + "---|" * len(others))
    for name in (*(each.id for each in scenarios), ALL):
        cells = (_cell(each, name) for each in others)
        lines.append(f"| {name if name == ALL else f'`{name}`'} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(measured: Measurement, name: str) -> str:
    figures = measured.worth[name].measured
    if not figures.fired:
        return ""
    return f"{figures.per_day:.2f} a day, {_share(figures.precision)}, {figures.schemes} of {figures.of}"


def _overlaps(measured: Measurement) -> list[str]:
    over = [pair for pair in measured.overlaps if pair.of_smaller > MERGED_ABOVE]
    said = "No two do." if not over else f"{len(over)} pair(s) do."
    return [
        "## Overlap",
        "",
        f"Two typologies of which the one with fewer alerts shares more than {MERGED_ABOVE:.0%} of them with the "
        f"other are merged. {said} The {_PAIRS} largest shares in `{measured.name}`, of the smaller one and of both "
        "together:",
        "",
        "| one | other | alerts of both | of the smaller | of both together |",
        "|---|---|---|---|---|",
        *(
            f"| `{pair.first}` | `{pair.second}` | {pair.both} | {pair.of_smaller:.0%} | {pair.of_union:.0%} |"
            for pair in measured.overlaps[:_PAIRS]
        ),
    ]


def _worth_row(measured: Measurement, scenario_id: str) -> str:
    figures = measured.worth[scenario_id].measured
    return (
        f"| `{measured.name}` | {figures.fired} | {figures.per_day:.2f} | {_share(figures.precision)} | "
        f"{_share(figures.recall)} | {figures.schemes} of {figures.of} |"
    )


def _found(worth: Worth, name: str) -> list[str]:
    found = [each for each in worth.found if each.payments]
    if not found:
        return [f"In `{name}` it fires on no scheme."]
    return [
        f"By kind of scheme, in `{name}`:",
        "",
        "| scheme | payments | recall | schemes with an alert |",
        "|---|---|---|---|",
        *(
            f"| `{each.kind}` | {each.payments} of {each.of_payments} | {each.recall:.0%} | "
            f"{each.schemes} of {each.of_schemes} |"
            for each in sorted(found, key=lambda each: (-each.payments, each.kind))
        ),
    ]


def _shared(scenario_id: str, measured: Measurement) -> list[str]:
    pairs = [pair for pair in measured.overlaps if scenario_id in (pair.first, pair.second)][:3]
    if not pairs:
        return []
    said = ", ".join(
        f"`{pair.second if pair.first == scenario_id else pair.first}` {pair.both} ({pair.of_union:.0%} of both)"
        for pair in pairs
    )
    return [f"Alerts shared with others: {said}.", ""]


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
