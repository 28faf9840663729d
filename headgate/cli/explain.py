"""`headgate explain`: why a payment was decided so, whether the journal still gives the same, and the log says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, progress
from headgate.cli._verified import verified_lines
from headgate.decisions.record import Shadow
from headgate.drivers.explain import Explanation, explain
from headgate.drivers.home import Home
from headgate.drivers.verification import Asked, Verification, verify_decision
from headgate.errors import FileError, NoteError
from headgate.facts.values import FactValue, Witness
from headgate.ledger.note import parse_key
from headgate.limits import US_PER_SECOND
from headgate.models.reasons import money


@click.command("explain", epilog="Example: headgate explain TX-1 --verify --home home")
@click.argument("tx_id")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@click.option("--verify", is_flag=True, help="Decide it again by the rules of then, and compare with store and log.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), help="A receipt that was kept.")
@click.option("--log", "place", default="", help="Folder or address of the log; default: the home's own.")
@click.option("--key", "keys", multiple=True, help="Verifier key of the log; default: the home's own.")
@click.option("--from-start", is_flag=True, help="Fold the whole journal, without any snapshot.")
@json_option
def command(
    tx_id: str,
    root: Path,
    verify: bool,
    receipt: Path | None,
    place: str,
    keys: tuple[str, ...],
    from_start: bool,
    as_json: bool,
) -> int:
    """Say in words what was decided about the payment TX_ID and prove its facts from the journal.

    With --verify the whole decision is made again from journal, archive and an older snapshot, by the scenarios,
    models and policy of then, and compared with what is stored and what was logged.

    Exit code 0 when all of it is the same, 1 when something differs or cannot be proved, 2 for wrong use.
    """
    if not verify and (receipt or place or keys or from_start):
        raise click.UsageError("--receipt, --log, --key and --from-start belong to --verify.")
    _check(keys)
    kept = _read(receipt) if receipt else None
    home = Home(root)
    try:
        if verify:
            asked = Asked(log=place, keys=keys, receipt=kept, from_start=from_start)
            with progress("Deciding again", None) as tick:
                return _tell(verify_decision(home, tx_id, asked, tick), as_json)
        explanation = explain(home, tx_id)
    finally:
        home.close()
    if as_json:
        emit_json(explanation)
    else:
        for line in [*_lines(explanation), f"same bits: {'yes' if explanation.same_bits else 'no'}"]:
            click.echo(line)
    return 0 if explanation.same_bits else 1


def _tell(found: Verification, as_json: bool) -> int:
    decision = found.stored or found.recomputed
    if as_json:
        emit_json(found)
    else:
        if decision is not None and found.payment is not None:
            digest = "none: not decided again" if found.recomputed is None else found.recomputed.facts_digest
            explanation = Explanation(
                payment=found.payment,
                decision=decision,
                recomputed_digest=digest,
                same_bits=digest == decision.facts_digest,
                facts=found.facts,
                reference_currency=found.reference_currency,
                past_scores=found.past_scores,
            )
            for line in _lines(explanation):
                click.echo(line)
        for line in verified_lines(found):
            click.echo(line)
    return 0 if found.verdict in ("same", "same_without_keys") else 1


def _check(keys: tuple[str, ...]) -> None:
    try:
        for text in keys:
            parse_key(text)
    except NoteError as error:
        raise click.UsageError(str(error)) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"The receipt cannot be read: {error.strerror}", where=str(path), repair="Give the path of a receipt."
        ) from error


def _lines(e: Explanation) -> list[str]:
    d, p = e.decision, e.payment
    amount = money(p.amount_minor, p.currency)
    score = "no model" if d.score is None else f"model margin {d.score:.4f}, probability {d.probability:.4f}"
    versions = ", ".join(f"{name} {value[:16]}" for name, value in _versions(e) if value)
    adjusted = f" (because of {', '.join(d.adjustments)})" if d.adjustments else ""
    lines = [
        f"{p.tx_id}: {p.payer} pays {p.payee} {amount} on {_time(p.clock_us)} UTC",
        f"Decision: {d.action}{adjusted}; {'alert' if d.alert else 'no alert'}",
        f"Rank {d.rank_score:.4f} against the line of the day {d.threshold:.4f}; {score}",
    ]
    if d.hold_expires_us is not None:
        lines.append(f"The hold releases itself at {_time(d.hold_expires_us)} UTC unless a person confirms it.")
    lines += [f"- {fired.title}: {fired.reason}{' (snoozed)' if fired.snoozed else ''}" for fired in d.fired]
    lines += [f"- Model: {reason}" for reason in d.reasons]
    for witness in d.evidence:
        lines += _evidence(witness, e.reference_currency)
    lines += [f"The payer is told: {d.payer_sentence}"] if d.payer_sentence else []
    if d.control_probability is not None:
        drawn = "was drawn" if d.control != "none" else "was not drawn"
        lines.append(f"It {drawn} into the control sample, with a probability of {d.control_probability:.4f}.")
    lines += _shadow(d.shadow) if d.shadow else []
    lines.append(f"Versions: {versions}")
    for model, facts in e.past_scores.items():
        lines.append(f"Past scores, recomputed for model {model[:16]}: {_past(facts)}")
    lines.append(f"Facts digest recorded   {d.facts_digest}")
    lines.append(f"Facts digest recomputed {e.recomputed_digest}")
    return lines


def _past(facts: dict[str, FactValue]) -> str:
    known = [f"{name} {value:g}" for name, value in facts.items() if isinstance(value, int | float)]
    return ", ".join(known) or "nothing was scored before"


def _shadow(shadow: Shadow) -> list[str]:
    """What was only recorded."""
    model = f"; model {shadow.model[:16]} gave {shadow.score:.4f}" if shadow.score is not None else ""
    would = f"{shadow.action}, {'alert' if shadow.alert else 'no alert'}"
    lines = [f"Without effect: it would have been {would} (rank {shadow.rank_score:.4f}){model}"]
    return lines + [f"  - {fired.title} ({fired.stage}): {fired.reason}" for fired in shadow.fired]


def _versions(e: Explanation) -> list[tuple[str, str]]:
    v = e.decision.versions
    return [
        ("engine", v.engine),
        ("scenarios", v.scenarios),
        ("model", v.model),
        ("policy", v.policy),
        ("charter", v.charter),
        ("rollout", v.rollout),
    ]


def _evidence(witness: Witness, currency: str) -> list[str]:
    more = " (truncated)" if witness.truncated else ""
    lines = [f"  Evidence for {witness.fact}{more}:"]
    for paid in witness.payments:
        amount = money(paid.reference_minor, currency)
        lines.append(f"    {_time(paid.clock_us)}  {paid.tx_id}  {paid.payer} -> {paid.payee}  {amount}  {paid.role}")
    return lines


def _time(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
