"""The rules that a home decides by: charter, policy, scenarios, model; read from files, written into a home.

A home holds the whole text of each, so that it decides tomorrow as it did today and can be explained elsewhere.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from headgate import __version__
from headgate.charter.charter import Charter, load_charter
from headgate.charter.charter import packaged_text as packaged_charter
from headgate.decisions.policy import Policy, load_policy
from headgate.decisions.policy import packaged_text as packaged_policy
from headgate.decisions.record import Versions
from headgate.drivers.paths import Paths
from headgate.facts.catalogue import DEFAULT
from headgate.journal.entries import Activation, ActivationKind
from headgate.models.model import Model
from headgate.scenarios.document import parse_file
from headgate.scenarios.firing import needed
from headgate.scenarios.loader import Source, files_of, load_library, packaged
from headgate.scenarios.scenario import Scenario

ACTOR: Final = "headgate replay"
ALWAYS: Final = (
    "amount",
    "payer_sent_distinct_28d",
    "payer_received_distinct_28d",
    "payee_sent_distinct_28d",
    "payee_received_distinct_28d",
)


class Rules(NamedTuple):
    """What decides, as values, with the texts that they came from. `files` are the scenario files by id."""

    charter: Charter
    policy: Policy
    scenarios: tuple[Scenario, ...]
    model: Model | None
    charter_text: str
    policy_text: str
    files: dict[str, str]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that these rules read, in the order of the catalogue, and those that fold 2 reads itself."""
        wanted = {*ALWAYS, *needed(self.scenarios), *(self.model.facts if self.model else ())}
        return (*(name for name in DEFAULT if name in wanted), *sorted(wanted - set(DEFAULT)))

    def versions(self) -> Versions:
        """What a decision by these rules is stamped with; policy and model are added by fold 2."""
        scenarios = hashlib.sha256("\n".join(scenario.content_hash for scenario in self.scenarios).encode())
        return Versions(
            engine=f"headgate {__version__}", scenarios=scenarios.hexdigest(), charter=self.charter.content_hash
        )

    def activations(self) -> tuple[Activation, ...]:
        """The journal entries that say what took effect, by the hash of its content; unplaced."""
        parts: list[tuple[ActivationKind, str, str]]
        parts = [("charter", "charter", self.charter.content_hash), ("policy", "policy", self.policy.content_hash)]
        parts += [("scenario", scenario.id, scenario.content_hash) for scenario in self.scenarios]
        parts += [("model", "model", self.model.content_hash)] if self.model else []
        return tuple(_activation(kind, subject, content_hash) for kind, subject, content_hash in parts)

    def write(self, paths: Paths) -> None:
        """Write everything into a home under construction."""
        paths.charter.write_text(self.charter_text, encoding="utf-8")
        paths.policy.write_text(self.policy_text, encoding="utf-8")
        paths.scenarios.mkdir()
        for name, text in self.files.items():
            (paths.scenarios / f"{name}.toml").write_text(text, encoding="utf-8")
        if self.model is not None:
            self.model.save(paths.model)


def load_rules(
    *,
    charter: Path | None = None,
    policy: Path | None = None,
    scenarios: Path | None = None,
    model: Path | None = None,
    reference_currency: str = "EUR",
) -> Rules:
    """Return the rules of these files, the packaged ones where none is named, and no model where none is named.

    Raises what is wrong with a file: FileError, CharterError, PolicyError, ScenarioError, ModelError and their like.
    """
    charter_ = load_charter(charter)
    return Rules(
        charter=charter_,
        policy=load_policy(policy),
        scenarios=load_library(scenarios, charter_, reference_currency=reference_currency),
        model=Model.load(model) if model else None,
        charter_text=charter.read_text(encoding="utf-8") if charter else packaged_charter(),
        policy_text=policy.read_text(encoding="utf-8") if policy else packaged_policy(),
        files=_files(scenarios),
    )


def rules_of(paths: Paths, reference_currency: str) -> Rules:
    """Return the rules of a home."""
    return load_rules(
        charter=paths.charter,
        policy=paths.policy,
        scenarios=paths.scenarios,
        model=paths.model if paths.model.is_dir() else None,
        reference_currency=reference_currency,
    )


def _files(folder: Path | None) -> dict[str, str]:
    sources: tuple[Source, ...] = (*packaged(), *(files_of(folder) if folder else ()))
    return {parse_file(source.text, source.where).id: source.text for source in sources}


def _activation(kind: ActivationKind, subject: str, content_hash: str) -> Activation:
    return Activation(
        seq=0, clock_us=0, subject_kind=kind, subject=subject, content_hash=content_hash, actor=ACTOR
    )  # fmt: skip
