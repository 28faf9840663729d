"""`headgate audit`: what an auditor takes from a log: an export with proofs, and the standing report."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.drivers.home import Home
from headgate.drivers.leaving import home_of_log, leave
from headgate.drivers.report.audit import audit_page
from headgate.drivers.report.page import write
from headgate.drivers.said import exported
from headgate.errors import FieldError
from headgate.ledger import export as exports
from headgate.ledger.auditor import auditor_page
from headgate.ledger.looked_for import Bounds, Noted, Scene, findings, noted
from headgate.ledger.reading import fields_of, read_log
from headgate.limits import US_PER_SECOND

_keys = click.option("--key", "keys", multiple=True, help="Verifier key of the log; default: those in its `vkeys`.")
_when = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group("audit")
def command() -> None:
    """Look at a published log as an auditor does. The log is verified before anything is taken from it.

    \b
    Example: headgate audit report home/log
    """


@command.command("export")
@click.argument("log")
@click.option("--from", "start", type=_when, required=True, help="From this day or time on (UTC).")
@click.option("--to", "end", type=_when, required=True, help="Up to this day or time, not included (UTC).")
@click.option("--purpose", required=True, help="What the export is needed for; stands in it.")
@click.option("--kind", "kinds", multiple=True, help="Only entries of this kind.")
@click.option("--person", "persons", multiple=True, help="Only what this user did or approved.")
@click.option("--with-purpose", "purposes", multiple=True, help="Only looks that stated this purpose.")
@click.option("--case", "cases", multiple=True, help="Only entries about this case.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("export"), show_default=True)
@click.option(
    "--by", "person", default=getpass.getuser, show_default="who runs the command", help="Who makes it; for the log."
)
@_keys
@json_option
def export(
    log: str,
    start: datetime,
    end: datetime,
    purpose: str,
    kinds: tuple[str, ...],
    persons: tuple[str, ...],
    purposes: tuple[str, ...],
    cases: tuple[str, ...],
    out: Path,
    person: str,
    keys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the entries of a period into a folder, with a proof for each: it is checked without the log.

    Of a log that lies in its home, that the export was made is left for the log before the folder is there.

    \b
    Example: headgate audit export home/log --from 2026-01-01 --to 2027-01-01 --purpose "annual audit"
    """
    asked = exports.Asked(
        from_us=_us(start),
        to_us=_us(end),
        purpose=purpose,
        kinds=kinds,
        persons=persons,
        purposes=purposes,
        cases=cases,
    )
    home = home_of_log(log)
    try:
        summary = exports.export(log, keys, asked, out, lambda made: _leave(home, person, purpose, made))
    finally:
        if home is not None:
            home.close()
    if as_json:
        emit_json(summary)
        return
    say(f"{summary.entries} of {summary.log_size} entries are in {out}, each with its proof.")
    if home is None:
        say("That it was made stands in no log: this log does not lie in its home.")


def _leave(home: Home | None, person: str, purpose: str, made: bytes) -> None:
    if home is not None:
        leave(home, [exported(person, purpose, made)])


@command.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--log", "log", default="", help="The log: it is verified, and asked whether entries were left out.")
@_keys
@json_option
def check(folder: Path, log: str, keys: tuple[str, ...], as_json: bool) -> None:
    """Check an export: the signature, every proof, the summary. Exit 1 where anything does not hold.

    \b
    Example: headgate audit check export --log home/log
    """
    checked = exports.check_export(folder, keys, log)
    summary = checked.summary
    if as_json:
        emit_json({"sound": True, "complete": checked.complete, "summary": summary})
        return
    click.echo(f"All {summary.entries} entries are in the log {summary.origin} of {summary.log_size} entries.")
    left_out = "Nothing was left out." if checked.complete else "Not proved: that nothing was left out. Give --log."
    click.echo(left_out)
    if not keys:
        click.echo("The key was read from the export itself: make sure, by another way, that it is the institution's.")


@command.command("report")
@click.argument("log")
@click.option("--zone", default="UTC", show_default=True, help="The adopter's time zone, such as Europe/Berlin.")
@click.option("--hours", type=(int, int), default=(7, 20), show_default=True, help="Working hours, from and to.")
@click.option("--weekends", is_flag=True, help="Saturday and Sunday are working days too.")
@click.option("--looks-a-day", type=click.IntRange(1), default=20, show_default=True, help="Never told below this.")
@click.option("--peers-times", type=click.IntRange(1), default=3, show_default=True, help="Times the peers' median.")
@click.option(
    "--decision-days", type=click.IntRange(1), default=30, show_default=True, help="From a look to a decision."
)
@click.option("--back-days", type=click.IntRange(1), default=7, show_default=True, help="Changed and changed back.")
@click.option("--silent-hours", type=click.IntRange(1), default=24, show_default=True, help="Longest silence.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the report as one HTML page too.")
@_keys
@json_option
def report(
    log: str,
    zone: str,
    hours: tuple[int, int],
    weekends: bool,
    looks_a_day: int,
    peers_times: int,
    decision_days: int,
    back_days: int,
    silent_hours: int,
    html: Path | None,
    keys: tuple[str, ...],
    as_json: bool,
) -> int:
    """Tell what stands out in the use of the system, each finding with its entries. Exit 1 where there is any.

    Findings are questions about uses, never a score of a person.

    \b
    Example: headgate audit report home/log --zone Europe/Berlin --hours 7 20 --html report.html
    """
    bounds = Bounds(
        first_hour=hours[0],
        last_hour=hours[1],
        weekdays=tuple(range(7 if weekends else 5)),
        peers_times=peers_times,
        looks_a_day=looks_a_day,
        decision_days=decision_days,
        back_days=back_days,
        silent_hours=silent_hours,
    )
    entries: list[Noted] = []
    sound = read_log(log, keys, lambda number, entry: entries.append(noted(number, fields_of(entry))))
    found = findings(Scene(entries, bounds, _zone(zone)))
    if html:
        write(audit_page(sound.origin, sound.size, zone, bounds, found), html)
    if as_json:
        emit_json({"origin": sound.origin, "entries": sound.size, "bounds": bounds, "zone": zone, "findings": found})
        return 1 if found else 0
    for each in found:
        click.echo(f"{each.rule}: {each.sentence} (entries {_numbers(each.entries)}).")
    say(f"{len(found)} findings in {sound.size} entries of {sound.origin}. A finding is a question, not an answer.")
    return 1 if found else 0


@command.command("page")
@click.argument("out", type=click.Path(path_type=Path))
def page(out: Path) -> None:
    """Write the page that verifies a log in a browser, by itself, from files or from where it is served.

    \b
    Example: headgate audit page auditor.html
    """
    write(auditor_page(), out)
    say(f"{out} is one file without any connection of its own; read it before you trust it.")


def _numbers(entries: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, entries[:8]))
    return f"{shown}, and {len(entries) - 8} more" if len(entries) > 8 else shown


def _us(when: datetime) -> int:
    return int(when.replace(tzinfo=UTC).timestamp()) * US_PER_SECOND


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FieldError(
            f"{name!r} is no time zone", where="--zone", repair="Name one such as UTC or Europe/Berlin."
        ) from error
