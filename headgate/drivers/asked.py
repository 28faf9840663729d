"""What a person asks of a running service: to decide by other rules from now on.

The whole set of rules is kept under its hash first, then one small file is replaced that names it, with who and why.
The service looks at that file (`service.taking`) and lets the rules take effect by entries of the journal. A crash in
between leaves a set of rules that nothing names, or a wish that the start finds in the files of the home.
"""

from __future__ import annotations

import os

import msgspec

from headgate.drivers.paths import Paths
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules
from headgate.errors import FileError
from headgate.limits import MAX_TEXT_CHARS


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish: the hash of the rules, who asked for them, and why in words."""

    rules: str
    by: str
    why: str


def ask(paths: Paths, sets: RuleSets, rules: Rules, by: str, why: str) -> Asked:
    """Keep the rules and ask for them. Raises FileError where the home cannot be written."""
    asked = Asked(rules=sets.put(rules), by=by, why=" ".join(why.split())[:MAX_TEXT_CHARS])
    aside = paths.asked.with_name(paths.asked.name + ".partial")
    try:
        with aside.open("wb") as file:
            file.write(msgspec.json.encode(asked) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, paths.asked)
    except OSError as error:
        raise FileError(
            f"The home cannot be written: {error.strerror or error}",
            where=str(paths.asked),
            repair="Run this as the user that the service runs as.",
        ) from error
    return asked


def asked_last(paths: Paths) -> Asked | None:
    """Return what was asked for last, None where nothing was. Raises FileError for a damaged file."""
    try:
        return msgspec.json.decode(paths.asked.read_bytes(), type=Asked)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise FileError(
            f"What was asked for cannot be read: {error}",
            where=str(paths.asked),
            repair="Ask again: `headgate rules apply --why WORDS --home HOME`.",
        ) from error
