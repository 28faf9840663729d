"""The library of scenarios: the packaged files, and an adopter's folder over them.

Files enter. A file of the adopter adds a scenario or, by its id, takes the place of a packaged one. A library that
loads has passed its own examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from headgate.charter.charter import Charter, load_charter
from headgate.errors import FileError, HeadgateError, ScenarioError
from headgate.journal.currency import check_currency
from headgate.scenarios.document import ScenarioFile, parse_file
from headgate.scenarios.scenario import Scenario, compile_scenario


class Source(NamedTuple):
    """One scenario file: its text and where it stands."""

    where: str
    text: str


class Finding(NamedTuple):
    """What is wrong with one file, as one sentence or paragraph."""

    where: str
    scenario_id: str
    sentence: str


def load_library(
    folder: Path | None = None,
    charter: Charter | None = None,
    *,
    reference_currency: str = "EUR",
    over_packaged: bool = True,
) -> tuple[Scenario, ...]:
    """Return the scenarios that are enabled, ordered by id.

    folder: an adopter's files over the packaged ones, or (over_packaged false) all there are; None is the packaged
    library alone. Raises FileError for a folder that cannot be read, and ScenarioError, ConditionError,
    UnknownFactError or RefusedFieldError for a file.
    """
    check_currency(reference_currency, "reference currency")
    charter = charter or load_charter()
    files = {file.id: (source, file) for source, file in _parsed(packaged() if over_packaged else ())}
    files |= _by_id(_parsed(files_of(folder))) if folder else {}
    made = (
        _proved(compile_scenario(file, source.where, charter=charter, reference_currency=reference_currency), source)
        for _, (source, file) in sorted(files.items())
        if file.enabled
    )
    return tuple(made)


def packaged() -> tuple[Source, ...]:
    """Return the packaged files, by name."""
    folder = resources.files("headgate.scenarios").joinpath("library")
    found = (each for each in folder.iterdir() if each.name.endswith(".toml"))
    return tuple(sorted(Source(each.name, each.read_text(encoding="utf-8")) for each in found))


def files_of(folder: Path) -> tuple[Source, ...]:
    """Return the scenario files of a folder, by name; raises FileError."""
    try:
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        return tuple(Source(str(path), path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml")))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The scenarios cannot be read: {error}",
            where=str(folder),
            repair="Give a folder that holds scenario files (*.toml, UTF-8).",
        ) from error


def check(
    sources: tuple[Source, ...], charter: Charter | None = None, *, reference_currency: str = "EUR"
) -> tuple[Finding, ...]:
    """Return everything that is wrong with the files, not only the first; empty where all is well."""
    charter = charter or load_charter()
    return tuple(finding for source in sources for finding in _findings(source, charter, reference_currency)) + tuple(
        _repeated(sources)
    )


def _findings(source: Source, charter: Charter, reference_currency: str) -> Iterator[Finding]:
    try:
        file = parse_file(source.text, source.where)
    except ScenarioError as error:
        yield Finding(source.where, "", error.paragraph())
        return
    try:
        scenario = compile_scenario(file, source.where, charter=charter, reference_currency=reference_currency)
        for sentence in scenario.failures():
            yield Finding(source.where, file.id, sentence)
    except HeadgateError as error:
        yield Finding(source.where, file.id, error.paragraph())


def _repeated(sources: tuple[Source, ...]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for source in sources:
        try:
            file = parse_file(source.text, source.where)
        except ScenarioError:
            continue
        if file.id in seen:
            yield Finding(source.where, file.id, f"The id {file.id!r} is also that of {seen[file.id]}.")
        seen.setdefault(file.id, source.where)


def _parsed(sources: tuple[Source, ...]) -> Iterator[tuple[Source, ScenarioFile]]:
    return ((source, parse_file(source.text, source.where)) for source in sources)


def _by_id(files: Iterator[tuple[Source, ScenarioFile]]) -> dict[str, tuple[Source, ScenarioFile]]:
    found: dict[str, tuple[Source, ScenarioFile]] = {}
    for source, file in files:
        if file.id in found:
            raise ScenarioError(
                f"Two scenarios have the id {file.id!r}: {found[file.id][0].where} and {source.where}",
                where=source.where,
                repair="Give one of them another id, or remove it.",
            )
        found[file.id] = (source, file)
    return found


def _proved(scenario: Scenario, source: Source) -> Scenario:
    failures = scenario.failures()
    if failures:
        raise ScenarioError(
            failures[0].rstrip("."),
            where=source.where,
            repair="Correct the condition, the parameters or the example; `headgate scenarios check` shows all.",
        )
    return scenario
