"""A new scenario file to start from: complete, with examples that run, so that each change can be tried at once."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

import msgspec

from headgate.errors import FileError, ScenarioError
from headgate.scenarios.document import ScenarioId
from headgate.scenarios.loader import packaged

_TEMPLATE: Final = Template('''\
id = "$id"
title = "Say in one line what it is and on what it fires"
what = """
Say in a paragraph, for people, what happens, who does what, and why the payment looks as it does. This draft fires on a
large first payment to a private account.
"""
severity = "low"
action = "review"
# The rarest test comes first; numbers that somebody may want to change are parameters. `headgate features --grep WORD`.
condition = """
pair_sent_count_28d = 0
AND payer_amount_ratio_28d >= :unusual
AND payee_type NOT IN ('business', 'internal')
AND amount >= :floor
"""
reason = "{amount} goes to a new private account, {payer_amount_ratio_28d:times} the payer's usual amount."

# Where it is described: a report of the FATF, the Egmont Group, Europol or an FIU, or your own risk assessment.
[[references]]
publisher = "Own risk assessment"
title = "Name the document and its chapter"
year = 2025

[applies_to]
rails = ["instant", "transfer"]
sides = ["payer"]

[parameters.unusual]
value = 10.0
min = 1.0
max = 100.0
unit = "ratio"
sentence = "How many times the payer's mean amount of 28 days the payment has to be."

[parameters.floor]
value = 500
min = 0
max = 100000
unit = "money"
sentence = "Smaller payments are left alone."

[[examples]]
says = "What must fire: the payment as it was, in facts"
fires = true
[examples.facts]
amount = 2400.00
pair_sent_count_28d = 0
payer_amount_ratio_28d = 18.0
payee_type = "current"

[[examples]]
says = "What must not fire: the honest payment that looks most alike"
fires = false
[examples.facts]
amount = 2400.00
pair_sent_count_28d = 0
payer_amount_ratio_28d = 18.0
payee_type = "business"
''')


def scaffold(scenario_id: str, folder: Path) -> Path:
    """Write FOLDER/ID.toml and return its path.

    Raises ScenarioError for an id that is malformed or that of a packaged scenario, FileError where the file is there
    already or cannot be written.
    """
    _check_id(scenario_id)
    path = folder / f"{scenario_id}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.substitute(id=scenario_id))
    except FileExistsError as error:
        raise FileError(
            "There is a scenario of this name already", where=str(path), repair="Choose another id, or edit the file."
        ) from error
    except OSError as error:
        raise FileError(
            f"The scenario cannot be written: {error}", where=str(path), repair="Name a folder that can be written to."
        ) from error
    return path


def _check_id(scenario_id: str) -> None:
    try:
        msgspec.convert(scenario_id, type=ScenarioId)
    except msgspec.ValidationError as error:
        raise ScenarioError(
            f"{scenario_id!r} cannot be the id of a scenario",
            where="ID",
            repair="Use small letters and digits in words joined by hyphens, 64 characters at most: night-withdrawals.",
        ) from error
    if f"{scenario_id}.toml" in {source.where for source in packaged()}:
        raise ScenarioError(
            f"There is a packaged scenario {scenario_id!r}",
            where="ID",
            repair=f"Choose another id; to change that one, start from `headgate scenarios show {scenario_id} --toml`.",
        )
