"""What somebody proposes to try: a scenario file, or a scenario of a home with other parameters.

Text enters, a compiled scenario leaves; what is wrong is said with the nearest name and the bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from headgate.drivers.rules import Rules
from headgate.errors import FileError, NotFoundError, ScenarioError, nearest
from headgate.scenarios.document import Parameter, ScenarioFile, parse_file
from headgate.scenarios.scenario import Scenario, compile_scenario

Value = bool | int | float | str


def proposed(named: str, settings: Mapping[str, str], rules: Rules, reference_currency: str) -> Scenario:
    """Return the scenario of a file (by its path) or of a home (by its id), with parameters set.

    A file without changed parameters has to pass its own examples. Raises NotFoundError, FileError, ScenarioError and
    what a condition raises.
    """
    where, text = _text(named, rules)
    file = with_parameters(parse_file(text, where), settings, where)
    scenario = compile_scenario(file, where, charter=rules.charter, reference_currency=reference_currency)
    failures = () if settings else scenario.failures()
    if failures:
        raise ScenarioError(
            failures[0].rstrip("."), where=where, repair="Correct the file; `headgate scenarios check` shows all."
        )
    return scenario


def with_parameters(file: ScenarioFile, settings: Mapping[str, str], where: str) -> ScenarioFile:
    """Return a scenario with parameters set from text. Raises ScenarioError for an unknown name or a wrong value."""
    changed = dict(file.parameters)
    for name, text in settings.items():
        if name not in changed:
            raise ScenarioError(
                f"The scenario {file.id!r} has no parameter {name!r}",
                where=where,
                repair=f"{nearest(name, tuple(changed))}Its parameters are {', '.join(changed) or 'none'}.",
            )
        changed[name] = msgspec.structs.replace(changed[name], value=_value(name, text, changed[name], where))
    return msgspec.structs.replace(file, parameters=changed)


def settings_of(pairs: Iterable[str]) -> dict[str, str]:
    """Return `name=value` pairs as a mapping. Raises ScenarioError for one that is none."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ScenarioError(
                f"{pair!r} sets no parameter", where="--param", repair="Write it as name=value, for instance floor=200."
            )
        found[name.strip()] = value.strip()
    return found


def _text(named: str, rules: Rules) -> tuple[str, str]:
    if named in rules.files:
        return f"scenario {named}", rules.files[named]
    path = Path(named)
    if path.suffix != ".toml" and not path.is_file():
        raise NotFoundError(
            f"There is no scenario {named!r} in this home, and no file of that name",
            where=named,
            repair=f"{nearest(named, tuple(rules.files))}Name one of the home's scenarios or a TOML file.",
        )
    try:
        return str(path), path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The scenario cannot be read: {error}", where=named, repair="Give the path of a TOML file in UTF-8."
        ) from error


def _value(name: str, text: str, parameter: Parameter, where: str) -> Value:
    kind = type(parameter.value)
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return text if kind is str else _number(text)
    except (KeyError, ValueError):
        raise ScenarioError(
            f"The parameter {name!r} cannot be {text!r}",
            where=where,
            repair=f"Give it a value like {parameter.value!r}.",
        ) from None


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
