"""Changes the files of a home that say what is tried out: a new scenario, a stage, a candidate model.

Everything is read and checked as it would be in force before a file is replaced, whole. Nothing takes effect here: a
service takes it up, by entries of the journal, when it is asked for (`asked`) or when the service starts.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from headgate.decisions.rollout import CANDIDATE, Rollout, Staged, Withdrawn, check_staged, parse_rollout
from headgate.drivers.home import read_settings
from headgate.drivers.paths import Paths
from headgate.drivers.rules import Rules, rules_of
from headgate.errors import ConflictError, FileError, NotFoundError, nearest
from headgate.limits import MAX_TEXT_CHARS
from headgate.models.model import Model
from headgate.scenarios.document import parse_file
from headgate.scenarios.loader import load_library

SHADOW = Staged(stage="shadow")


class Staging:
    """The wanted rules of one home. Raises NotFoundError where there is no home."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)
        self.currency = read_settings(self.paths).reference_currency

    def rules(self) -> Rules:
        """Return what the files say now; raises what is wrong with one."""
        return rules_of(self.paths, self.currency)

    def stage_scenario(self, scenario_id: str, staged: Staged) -> Rollout:
        """Set the stage of a scenario. Raises NotFoundError with the nearest id, RolloutError for a wrong share."""
        rules = self.rules()
        if scenario_id not in rules.files:
            raise NotFoundError(
                f"There is no scenario {scenario_id!r} in this home",
                where=str(self.paths.scenarios),
                repair=f"{nearest(scenario_id, tuple(rules.files))}`headgate scenarios add FILE` puts one there.",
            )
        check_staged(scenario_id, staged, "stage")
        others = {name: each for name, each in rules.rollout.scenarios.items() if name != scenario_id}
        scenarios = others if staged.stage == "live" else others | {scenario_id: staged}
        return self._write(msgspec.structs.replace(rules.rollout, scenarios=scenarios), rules)

    def add_scenario(self, file: Path) -> str:
        """Put a new scenario into the home, in the shadow, and return its id.

        Raises FileError or ScenarioError for the file, ConflictError for an id that is there.
        """
        rules, text = self.rules(), _read(file)
        scenario_id = parse_file(text, str(file)).id
        if scenario_id in rules.files:
            raise ConflictError(
                f"There is a scenario {scenario_id!r} in this home already",
                where=str(file),
                repair=f"Give the new one an id of its own, for instance {scenario_id}-2, and compare both in use.",
            )
        self._prove(file, text, rules)
        self._write(
            msgspec.structs.replace(rules.rollout, scenarios={**rules.rollout.scenarios, scenario_id: SHADOW}),
            rules._replace(files={**rules.files, scenario_id: text}),
        )
        _replace(self.paths.scenarios / f"{scenario_id}.toml", text)
        return scenario_id

    def try_model(self, folder: Path) -> Model:
        """Put a candidate model into the home, in the shadow; one that is there makes room. Raises ModelError."""
        rules, model = self.rules(), Model.load(folder)
        aside = self.paths.root / "candidate.partial"
        shutil.rmtree(aside, ignore_errors=True)
        model.save(aside)
        self._write(msgspec.structs.replace(rules.rollout, candidate=SHADOW), rules)
        shutil.rmtree(self.paths.candidate, ignore_errors=True)
        aside.rename(self.paths.candidate)
        return model

    def stage_model(self, staged: Staged) -> Rollout:
        """Set the stage of the candidate. Raises NotFoundError where there is none, RolloutError for a wrong share."""
        rules = self.rules()
        _candidate(rules, self.paths)
        check_staged(CANDIDATE, staged, "stage")
        return self._write(msgspec.structs.replace(rules.rollout, candidate=staged), rules)

    def promote_model(self) -> Model:
        """Let the candidate take the place of the model. Raises NotFoundError where there is none.

        The model goes aside, the candidate becomes the model, the one aside is removed; a crash in between leaves the
        older one in `model.old`. What was in force stays kept under its hash.
        """
        rules = self.rules()
        candidate = _candidate(rules, self.paths)
        old = self.paths.root / "model.old"
        shutil.rmtree(old, ignore_errors=True)
        if self.paths.model.exists():
            os.rename(self.paths.model, old)
        os.rename(self.paths.candidate, self.paths.model)
        shutil.rmtree(old, ignore_errors=True)
        self._write(msgspec.structs.replace(rules.rollout, candidate=SHADOW), rules)
        return candidate

    def withdraw_model(self, why: str) -> Model:
        """Take the model out, so that the scenarios decide alone; it stays where it is. Raises NotFoundError."""
        rules = self.rules()
        if rules.model is None:
            raise NotFoundError(
                "There is no model in force in this home",
                where=str(self.paths.model),
                repair="The scenarios decide alone already; `headgate models list --home HOME` shows what there is.",
            )
        withdrawn = Withdrawn(model=rules.model.content_hash, why=why[:MAX_TEXT_CHARS])
        self._write(msgspec.structs.replace(rules.rollout, withdrawn=withdrawn), rules)
        return rules.model

    def return_model(self) -> str:
        """Let the model that was taken out decide again; return its hash. Raises NotFoundError where there is none."""
        rules = self.rules()
        if not rules.rollout.withdrawn.model:
            raise NotFoundError(
                "No model was taken out of this home",
                where=str(self.paths.rollout),
                repair="`headgate models list --home HOME` shows what is in force.",
            )
        self._write(msgspec.structs.replace(rules.rollout, withdrawn=Withdrawn()), rules)
        return rules.rollout.withdrawn.model

    def drop_model(self) -> Model:
        """Take the candidate out of the home. Raises NotFoundError where there is none."""
        rules = self.rules()
        candidate = _candidate(rules, self.paths)
        shutil.rmtree(self.paths.candidate)
        self._write(msgspec.structs.replace(rules.rollout, candidate=SHADOW), rules)
        return candidate

    def candidate(self) -> Model:
        """Return the candidate. Raises NotFoundError where there is none."""
        return _candidate(self.rules(), self.paths)

    def _prove(self, file: Path, text: str, rules: Rules) -> None:
        """Raise what a scenario would be refused with, without touching the home."""
        aside = self.paths.root / "scenario.partial"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            aside.mkdir()
            (aside / file.name).write_text(text, encoding="utf-8")
            load_library(aside, rules.charter, reference_currency=self.currency, over_packaged=False)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _write(self, rollout: Rollout, rules: Rules) -> Rollout:
        parse_rollout(rollout.toml(), str(self.paths.rollout), rules.files)
        _replace(self.paths.rollout, rollout.toml())
        return rollout


def _candidate(rules: Rules, paths: Paths) -> Model:
    if rules.candidate is None:
        raise NotFoundError(
            "There is no candidate model in this home",
            where=str(paths.candidate),
            repair="Put one there: `headgate models try FOLDER --home HOME`.",
        )
    return rules.candidate


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The scenario cannot be read: {error}", where=str(file), repair="Give the path of a TOML file in UTF-8."
        ) from error


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(path.name + ".partial")
    try:
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, path)
    except OSError as error:
        raise FileError(
            f"The home cannot be written: {error.strerror or error}",
            where=str(path),
            repair="Run this as the user that the service runs as.",
        ) from error
