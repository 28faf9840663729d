"""`headgate explain`: why a payment was decided so, and whether the journal still gives the same facts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option
from headgate.decisions.record import Shadow
from headgate.drivers.explain import Explanation, explain
from headgate.drivers.home import Home
from headgate.facts.values import Witness
from headgate.limits import US_PER_SECOND
from headgate.models.reasons import money


@click.command("explain", epilog="Example: headgate explain TX-1 --home home")
@click.argument("tx_id")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@json_option
def command(tx_id: str, root: Path, as_json: bool) -> int:
    """Say in words what was decided about the payment TX_ID and prove its facts from the journal.

    Exit code 0 when the facts have the same bits as the decision recorded, 1 when not.
    """
    home = Home(root)
    try:
        explanation = explain(home, tx_id)
    finally:
        home.close()
    if as_json:
        emit_json(explanation)
    else:
        for line in _lines(explanation):
            click.echo(line)
    return 0 if explanation.same_bits else 1


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
    lines.append(f"Facts digest recorded   {d.facts_digest}")
    lines.append(f"Facts digest recomputed {e.recomputed_digest}")
    return [*lines, f"same bits: {'yes' if e.same_bits else 'no'}"]


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
