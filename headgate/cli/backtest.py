"""`headgate backtest`: what a scenario, model or policy would have changed in the history of a home."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.decisions.policy import load_policy
from headgate.drivers.backtest import ALL_TIME, Candidate, backtest
from headgate.drivers.backtested import Backtest, Course, Example
from headgate.drivers.control import Estimate
from headgate.drivers.home import Home
from headgate.drivers.proposed import proposed, settings_of
from headgate.errors import FieldError
from headgate.limits import US_PER_SECOND
from headgate.models.model import Model
from headgate.models.reasons import money

_time = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_file = click.Path(path_type=Path)


@click.command("backtest", epilog="Example: headgate backtest fan-in-funnel --home home --param least_payers=4")
@click.argument("scenario", required=False)
@click.option("--model", type=_file, help="Try a model in the place of the one in force.")
@click.option("--policy", type=_file, help="Try a policy in the place of the one in force.")
@click.option("--home", "root", type=_file, default=Path("home"), show_default=True, help="Whose history to use.")
@click.option("--from", "start", type=_time, help="From this day or time on, UTC; default: the first decision.")
@click.option("--to", "end", type=_time, help="Up to, not including, this day or time, UTC; default: the last one.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the scenario.")
@json_option
def command(
    scenario: str | None,
    model: Path | None,
    policy: Path | None,
    root: Path,
    start: datetime | None,
    end: datetime | None,
    params: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run SCENARIO (a file, or an id of the home) over the history of a home, and show what it would have changed.

    Nothing is changed: the journal is read, and every payment is decided twice, without and with it.
    """
    if sum(given is not None for given in (scenario, model, policy)) != 1:
        raise FieldError(
            "One thing is tried at a time", where="backtest", repair="Name a scenario, --model or --policy."
        )
    if params and scenario is None:
        raise FieldError("Only a scenario has parameters", where="--param", repair="Name the scenario.")
    home = Home(root)
    try:
        with progress("Deciding again", home.store.last_seq() + 1) as tick:
            result = backtest(home, _candidate(home, scenario, model, policy, params), _period(start, end), tick)
    finally:
        home.close()
    emit_json(result) if as_json else _show(result)


def _candidate(
    home: Home, scenario: str | None, model: Path | None, policy: Path | None, params: tuple[str, ...]
) -> Candidate:
    if model is not None:
        return Candidate(model=Model.load(model))
    if policy is not None:
        return Candidate(policy=load_policy(policy))
    assert scenario is not None
    currency = home.settings.reference_currency
    return Candidate(scenario=proposed(scenario, settings_of(params), home.rules, currency))


def _period(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    first, last = (None if each is None else _us(each) for each in (start, end))
    period = (ALL_TIME[0] if first is None else first, ALL_TIME[1] if last is None else last)
    if period[0] >= period[1]:
        raise FieldError("The period is empty", where="--from, --to", repair="Let --to be later than --from.")
    return period


def _us(time: datetime) -> int:
    return round(time.replace(tzinfo=UTC).timestamp()) * US_PER_SECOND


def _show(of: Backtest) -> None:
    currency = of.reference_currency
    overlap = "" if of.overlap is None else f", {of.overlap:.0%} of them were alerts already"
    click.echo(f"{of.candidate} ({of.content_hash[:12]})")
    click.echo(f"{of.payments} payments from {_day(of.from_us)}, {of.days:.1f} days")
    click.echo(f"It speaks on {of.spoken} payments, {of.spoken_per_day:.2f} a day{overlap}.")
    click.echo(f"Value: {money(of.value_minor, currency)}. Precision: {_estimate(of.precision)}.\n")
    rows = [_course(name, each, currency) for name, each in (("without", of.without), ("with", of.tried))]
    emit_table("Alerts", ("", "count", "a day", "precision", "recall", "fraud read"), rows)
    emit_table("Actions that would differ", ("without -> with", "payments"), list(of.changes.items()))
    for each in of.examples:
        click.echo(f"\n{_example(each, currency)}\n  {each.reason}".rstrip())
    _remarks(of)


def _remarks(of: Backtest) -> None:
    say(f"{of.new_alerts} new alerts, {of.lost_alerts} that would be gone: the line keeps the budget.")
    if not of.precision.known:
        say("Precision cannot be told: no outcome is known of the payments on which it speaks.")
    if of.reproduced < 1:
        say(f"Decided again without it, only {of.reproduced:.2%} of the decisions are as recorded: judge with care.")


def _course(name: str, of: Course, currency: str) -> tuple[str, ...]:
    recall = "cannot be told" if of.recall is None else f"{of.recall:.1%}"
    fraud = money(of.fraud_value_minor, currency)
    return name, str(of.alerts), f"{of.alerts_per_day:.2f}", _estimate(of.precision), recall, fraud


def _estimate(of: Estimate) -> str:
    if of.share is None or of.low is None or of.high is None:
        return "cannot be told"
    return f"{of.share:.1%} ({of.low:.1%} to {of.high:.1%}, {of.known} known)"


def _example(of: Example, currency: str) -> str:
    turned = {True: "fraud", False: "fine", None: "outcome not known"}[of.fraud]
    acted = of.tried if of.tried == of.without else f"{of.without} -> {of.tried}"
    return f"{of.tx_id}  {_day(of.clock_us)}  {money(of.reference_minor, currency)}  {acted}  ({turned})"


def _day(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d")
