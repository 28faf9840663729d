"""The models of a home: which one is in force, which is tried out, which were; and what people did to them, in words.

Read from the files of the home and from the sets of rules that it keeps, whole. What took effect and when stands in the
journal; `models.jsonl` says why. Lines are only ever added.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from headgate.drivers.home import read_settings
from headgate.drivers.paths import Paths
from headgate.drivers.rules import rules_of
from headgate.errors import FileError
from headgate.models.model import Model


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One model of a home. role: champion, challenger (has effect on some), shadow, retired or former."""

    content_hash: str
    role: str
    title: str
    average_precision: float | None
    facts: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to a model, and why."""

    what: str
    model: str
    why: str


class Registry:
    """The registry of one home. Raises NotFoundError where there is no home."""

    def __init__(self, root: Path) -> None:
        self._paths = Paths(root)
        self._currency = read_settings(self._paths).reference_currency

    def models(self) -> tuple[Known, ...]:
        """Return every model that the home keeps, what is in use first. Raises ModelError for one that was altered."""
        rules = rules_of(self._paths, self._currency)
        found: dict[str, Known] = {}
        stage = rules.rollout.candidate.stage
        for model, role in (
            (rules.model, "champion"),
            (rules.candidate, "shadow" if stage == "shadow" else "challenger"),
        ):
            if model is not None:
                found.setdefault(model.content_hash, _known(model, role))
        folders = (
            self._paths.model,
            *sorted(self._paths.rules.glob("*/model")),
            *sorted(self._paths.rules.glob("*/candidate")),
        )
        for folder in folders:
            if (folder / "model.json").is_file():
                model = Model.load(folder)
                withdrawn = model.content_hash == rules.rollout.withdrawn.model
                found.setdefault(model.content_hash, _known(model, "retired" if withdrawn else "former"))
        return tuple(found.values())

    def record(self) -> tuple[Line, ...]:
        """Return what was done, oldest first."""
        path = self._paths.models_record
        try:
            return tuple(msgspec.json.Decoder(Line).decode_lines(path.read_bytes())) if path.is_file() else ()
        except (OSError, msgspec.MsgspecError) as error:
            raise FileError(
                f"The record of models cannot be read: {error}",
                where=str(path),
                repair="Restore it from a backup; what took effect stands in the journal all the same.",
            ) from error

    def note(self, what: str, model: str, why: str) -> None:
        """Add a line. Raises FileError where it cannot be written."""
        path = self._paths.models_record
        try:
            with path.open("ab") as file:
                file.write(msgspec.json.encode(Line(what=what, model=model, why=why)) + b"\n")
        except OSError as error:
            raise FileError(
                f"The record of models cannot be written: {error.strerror}",
                where=str(path),
                repair="Run this as the user that the service runs as.",
            ) from error


def _known(model: Model, role: str) -> Known:
    document = model.document
    return Known(
        content_hash=model.content_hash,
        role=role,
        title=document.provenance.title,
        average_precision=document.metrics.average_precision,
        facts=len(model.facts),
    )
