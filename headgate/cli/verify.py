"""`headgate verify`: the stand-alone verifier, with a faster check of the form of entries."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.errors import FileError
from headgate.kernel import time_after
from headgate.ledger import verify

_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_OWN_KEY = (
    "The key was read from the log itself: make sure, by another way, that it is the institution's. "
    "Then give it with --key."
)


@click.command("verify")
@click.argument("log", required=False)
@click.option("--key", "keys", multiple=True, help="Verifier key of the log; default: those in its file `vkeys`.")
@click.option("--witness", "witnesses", multiple=True, help="Verifier key of a witness that must have co-signed.")
@click.option("--origin", help="Name of the log; default: the name of its key.")
@click.option("--checkpoint", "saved", multiple=True, type=_file, help="A checkpoint that was saved earlier.")
@click.option("--receipt", "receipts", multiple=True, type=_file, help="A receipt for one entry.")
@click.option("--hashes-only", is_flag=True, help="Take any entries, not canonical JSON only.")
@json_option
def command(
    log: str | None,
    keys: tuple[str, ...],
    witnesses: tuple[str, ...],
    origin: str | None,
    saved: tuple[Path, ...],
    receipts: tuple[Path, ...],
    hashes_only: bool,
    as_json: bool,
) -> int:
    """Verify a log (folder or http(s) address): every entry, hash and signature, saved checkpoints and receipts.

    Without LOG, receipts alone are verified. docs/verify.py does the same without headgate.

    \b
    Example: headgate verify home/log --checkpoint saved-in-may.txt
    """
    if not log and not (keys and receipts):
        raise click.UsageError("Give a log, or a receipt with the --key of its log.")
    place, form = verify.Log(log) if log else None, None if hashes_only else verify.check_form
    texts = keys or _keys_of(place)
    try:
        given = {each: key for text in (*keys, *witnesses) for each, key in verify.parse_key(text).items()}
    except verify.Fault as fault:
        raise click.UsageError(str(fault)) from fault
    try:
        known = given | {each: key for text in texts for each, key in verify.parse_key(text).items()}
        holds, faults = verify.verify(
            place, known, origin or texts[0].split("+")[0], _read(saved), _read(receipts), len(witnesses), form,
            quick=time_after,
        )  # fmt: skip
    except verify.Fault as fault:
        holds, faults = [], [str(fault)]
    remarks = [verify.NOT_PROVED, *([] if keys else [_OWN_KEY]), *([] if witnesses else [verify.UNWITNESSED])]
    _tell(holds, faults, [] if faults else remarks, as_json)
    return 1 if faults else 0


def _keys_of(log: verify.Log | None) -> list[str]:
    try:
        keys = ((log.read("vkeys") if log else None) or b"").decode("utf-8", "replace").splitlines()
    except verify.Fault as fault:
        raise FileError(str(fault), where="log", repair="Check the address of the log, and that it answers.") from fault
    if not keys:
        raise click.UsageError("There is no file `vkeys` in this log: is it a log? Give its verifier key with --key.")
    return keys


def _read(paths: tuple[Path, ...]) -> list[tuple[str, bytes]]:
    return [(str(path), path.read_bytes()) for path in paths]


def _tell(holds: list[str], faults: list[str], remarks: list[str], as_json: bool) -> None:
    if as_json:
        emit_json({"sound": not faults, "holds": holds, "faults": faults, "remarks": remarks})
        return
    for line in [*holds, *remarks]:
        click.echo(line)
    for fault in faults:
        say(f"FAULT: {fault}.")
