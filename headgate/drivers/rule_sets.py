"""The sets of rules that were in force in a home, each whole in a folder named by its hash, so that a re-run finds it.

Rules enter once and are never changed. A set that was damaged or altered is told by its hash.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from headgate.charter.charter import charter_of
from headgate.decisions.policy import holds, policy_of
from headgate.disk import sync
from headgate.drivers.paths import Paths
from headgate.drivers.rules import Rules, rules_of
from headgate.errors import FileError, NotFoundError

FACTS_FILE = "facts.json"
# The whole of then: the files of a home are laid over packaged ones, which change with the version.
CHARTER_FILE, POLICY_FILE = "charter.json", "policy.json"


class RuleSets:
    """The folder `rules` of a home."""

    def __init__(self, folder: Path, reference_currency: str) -> None:
        self._folder = folder
        self._currency = reference_currency
        self._known: dict[str, Rules] = {}

    def put(self, rules: Rules) -> str:
        """Keep a set under its hash, which is returned; one that is there already is left as it is.

        It appears whole and is on disk before any entry of the journal names it: written aside, synced and renamed.
        Raises FileError where it cannot be written.
        """
        name = rules.content_hash
        self._known[name] = rules
        if (self._folder / name).is_dir():
            return name
        aside = self._folder / f"{name}.partial"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            rules.write(Paths(aside))
            (aside / CHARTER_FILE).write_bytes(rules.charter.whole)
            (aside / POLICY_FILE).write_bytes(rules.policy.whole)
            (aside / FACTS_FILE).write_bytes(msgspec.json.encode(rules.decided_facts))
            for path in (*aside.rglob("*"), aside):
                sync(path)
            aside.rename(self._folder / name)
            sync(self._folder)
        except OSError as error:
            raise FileError(
                f"The rules cannot be kept: {error.strerror or error}",
                where=str(aside),
                repair="Let headgate write to the home, with room on its disk.",
            ) from error
        return name

    def get(self, name: str) -> Rules:
        """Return a set by its hash. Raises NotFoundError where it is missing, FileError where it was altered."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def facts(self, name: str) -> tuple[str, ...]:
        """Return the facts of the decisions by a set, without reading the rest of it. Raises NotFoundError."""
        try:
            return msgspec.json.decode((self._folder / name / FACTS_FILE).read_bytes(), type=tuple[str, ...])
        except (OSError, msgspec.MsgspecError):
            raise self._missing(name) from None

    def _read(self, name: str) -> Rules:
        if not (self._folder / name).is_dir():
            raise self._missing(name)
        rules = rules_of(Paths(self._folder / name), self._currency)
        charter, policy = (self._folder / name / file for file in (CHARTER_FILE, POLICY_FILE))
        if charter.is_file():
            rules = rules._replace(charter=charter_of(charter.read_bytes(), str(charter)))
        if policy.is_file():
            rules = rules._replace(policy=policy_of(policy.read_bytes(), str(policy)))
        if rules.content_hash != name or not holds(rules.policy, rules.policy_text):
            raise FileError(
                "A set of rules was altered: its content does not match its hash",
                where=str(self._folder / name),
                repair="Restore the folder from a backup; without it nothing that it decided can be decided again.",
            )
        return rules

    def _missing(self, name: str) -> NotFoundError:
        return NotFoundError(
            f"The rules {name[:12]} that the journal names are not kept here",
            where=str(self._folder / name),
            repair="Restore the folder `rules` of the home from a backup.",
        )
