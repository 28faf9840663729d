"""`headgate cases`: the queue of cases of a home, and one case with its money, its timeline and its reasons."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from headgate.cases.case import ORDERS, STATES, Alert, Case, CaseOrder, CaseStateName
from headgate.cases.flow import Flow, FlowEdge, flow_of, timeline
from headgate.cases.report import draft_of, text_of
from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.book import Say
from headgate.drivers.home import Home
from headgate.drivers.leaving import leave
from headgate.drivers.report.page import write
from headgate.drivers.said import account_read, drafted
from headgate.errors import NotFoundError, nearest
from headgate.limits import US_PER_DAY, US_PER_SECOND
from headgate.models.reasons import money

home_option = click.option(
    "--home", type=click.Path(path_type=Path), default=Path("home"), show_default=True, help="The home to look into."
)

_person = click.option(
    "--person", default=getpass.getuser, show_default="who runs the command", help="Who looks; stands in the log."
)


@click.group(invoke_without_command=True, epilog="Example: headgate cases --home home --state open --order value")
@home_option
@click.option("--state", type=click.Choice(STATES), help="Only cases in this state.")
@click.option("--order", type=click.Choice(ORDERS), default="risk", show_default=True, help="How they are sorted.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many to show.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, home: Path, state: CaseStateName | None, order: CaseOrder, limit: int, as_json: bool
) -> None:
    """List the cases of a home, the riskiest payment first; `headgate cases show ID` shows one."""
    if ctx.invoked_subcommand is not None:
        ctx.obj = home
        return
    opened = Home(home)
    cases = opened.store.cases(state, order, limit)
    if as_json:
        emit_json(
            [
                {"id": case.id, "rank_score": case.rank_score, "value_minor": case.value_minor, "case": case}
                for case in cases
            ]
        )
    else:
        _show_queue(opened, cases, opened.store.count_cases(state))
    opened.close()


@command.command(epilog="Example: headgate cases --home home show C-000001")
@click.argument("case_id")
@_person
@json_option
@click.pass_obj
def show(home: Path, case_id: str, person: str, as_json: bool) -> None:
    """Show one case: what was found and why, the path of the money, what happened when.

    That its accounts were looked at is left for the log before they are shown.
    """
    opened = Home(home)
    case = _case(opened, case_id)
    alerts = opened.store.alerts(alert.tx_id for alert in case.alerts)
    flow = flow_of(alerts)
    _leave_look(opened, case, flow.edges, person)
    if as_json:
        emit_json({"id": case.id, "case": case, "alerts": alerts, "flow": flow, "timeline": timeline(case, flow)})
    else:
        _show_case(case, alerts, flow, opened.settings.reference_currency)
    opened.close()


@command.command(epilog="Example: headgate cases --home home report C-000001 --out draft.txt")
@click.argument("case_id")
@_person
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it here; printed without it.")
@json_option
@click.pass_obj
def report(home: Path, case_id: str, person: str, out: Path | None, as_json: bool) -> None:
    """Draft a report about a case: what is known, and what a person has to add. Nothing is sent to anybody.

    That it was drafted is left for the log before it is given out.
    """
    opened = Home(home)
    try:
        case = _case(opened, case_id)
        alerts = opened.store.alerts(alert.tx_id for alert in case.alerts)
        draft = draft_of(case, alerts, person, opened.settings.reference_currency, opened.store.last_clock_us())
        _leave_look(opened, case, draft.path, person, drafted(person, case.id, draft.content()))
    finally:
        opened.close()
    if out:
        write(text_of(draft), out)
        say(f"{out} is a draft under pseudonyms; what a person has to add stands at its end.")
    elif as_json:
        emit_json(draft)
    else:
        click.echo(text_of(draft), nl=False)


def _leave_look(home: Home, case: Case, path: Iterable[FlowEdge], person: str, *also: Say) -> None:
    accounts = (account for edge in path for account in (edge.payer, edge.payee))
    leave(home, (*account_read(person, "investigation", case.id, accounts), *also))


def _case(home: Home, case_id: str) -> Case:
    case = home.store.case(case_id)
    if case is None:
        raise _unknown(home, case_id)
    return case


def _show_queue(home: Home, cases: tuple[Case, ...], total: int) -> None:
    now_us, currency = home.store.last_clock_us(), home.settings.reference_currency
    rows = [
        (
            case.id,
            case.state,
            len(case.alerts),
            money(case.value_minor, currency),
            "" if case.rank_score is None else f"{case.rank_score:.2f}",
            f"{case.age_us(now_us) / US_PER_DAY:.1f} d",
            ", ".join(case.typologies) or (f"in {case.merged_into}" if case.merged_into else ""),
        )
        for case in cases
    ]
    columns = ("case", "state", "alerts", "value at stake", "rank", "age", "found")
    emit_table(f"{len(rows)} of {total} cases", columns, rows)


def _show_case(case: Case, alerts: tuple[Alert, ...], flow: Flow, currency: str) -> None:
    into = f", merged into {case.merged_into}" if case.merged_into else ""
    click.echo(
        f"{case.id}: {case.state}{into}; {len(case.alerts)} alerts, {money(case.value_minor, currency)} at stake"
    )
    for alert in alerts:
        payment = alert.payment
        amount = money(alert.reference_minor, currency)
        click.echo(f"\n{payment.tx_id}  {alert.decision.action}  {payment.payer} pays {payment.payee} {amount}")
        for sentence in (*(fired.reason for fired in alert.decision.fired), *alert.decision.reasons):
            click.echo(f"  - {sentence}")
    rows = [(node.account, money(node.in_minor, currency), money(node.out_minor, currency)) for node in flow.nodes]
    click.echo()
    emit_table("Money within the case", ("account", "in", "out"), rows)
    lines = [(_time(row.clock_us), row.kind, row.sentence, row.actor or "") for row in timeline(case, flow)]
    emit_table("Timeline", ("UTC", "what", "", "who"), lines)


def _time(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _unknown(home: Home, case_id: str) -> NotFoundError:
    known = [case.id for case in home.store.cases(order="age")]
    hint = nearest(case_id, known)
    return NotFoundError(
        f"There is no case {case_id!r}.", where=str(home.paths.root), repair=f"{hint}`headgate cases` lists the cases."
    )
