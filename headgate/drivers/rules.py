"""The rules that a home decides by: charter, policy, scenarios, models, rollout; read from files, written into a home.

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
from headgate.decisions.rollout import CANDIDATE, Rollout, parse_rollout
from headgate.drivers.paths import Paths
from headgate.errors import FileError
from headgate.facts.catalogue import DEFAULT
from headgate.journal.entries import Activation, ActivationKind
from headgate.models.model import Model
from headgate.scenarios.document import parse_file
from headgate.scenarios.firing import needed
from headgate.scenarios.loader import Source, files_of, load_library, packaged
from headgate.scenarios.scenario import Scenario

ACTOR: Final = "headgate"
ALWAYS: Final = (
    "amount",
    "payer_sent_distinct_28d",
    "payer_received_distinct_28d",
    "payee_sent_distinct_28d",
    "payee_received_distinct_28d",
)
Part = tuple[ActivationKind, str]


class Rules(NamedTuple):
    """What decides, as values, with the texts that they came from. `files` are the scenario files by id.

    candidate: a model that is tried out beside `model`, as far as the rollout lets it.
    """

    charter: Charter
    policy: Policy
    scenarios: tuple[Scenario, ...]
    model: Model | None
    charter_text: str
    policy_text: str
    files: dict[str, str]
    rollout: Rollout = Rollout()
    candidate: Model | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that these rules read, in the order of the catalogue, and those that fold 2 reads itself."""
        aside = self.candidate.asked if self.candidate else ()
        return _ordered({*self.decided_facts, *needed(self.scenarios), *aside})

    @property
    def decided_facts(self) -> tuple[str, ...]:
        """The facts that can have an effect: those of a decision record, without what is only tried out."""
        ranks = self.candidate is not None and self.rollout.candidate.stage != "shadow"
        models = (self.model, self.candidate if ranks else None)
        read = (name for model in models if model is not None for name in model.asked)
        return _ordered({*ALWAYS, *needed(self._with_effect), *read})

    @property
    def _with_effect(self) -> tuple[Scenario, ...]:
        return tuple(each for each in self.scenarios if self.rollout.has_effect(each.id))

    def versions(self) -> Versions:
        """What a decision by these rules is stamped with; policy and model are added by fold 2."""
        scenarios = hashlib.sha256("\n".join(scenario.content_hash for scenario in self._with_effect).encode())
        return Versions(
            engine=f"headgate {__version__}",
            scenarios=scenarios.hexdigest(),
            charter=self.charter.content_hash,
            rollout=self.rollout.content_hash,
        )

    @property
    def parts(self) -> dict[Part, str]:
        """The content hash of each part."""
        parts: dict[Part, str] = {
            ("charter", "charter"): self.charter.content_hash,
            ("policy", "policy"): self.policy.content_hash,
        }
        parts |= {("scenario", scenario.id): scenario.content_hash for scenario in self.scenarios}
        models: tuple[tuple[Part, Model | None], ...]
        models = ((("model", "model"), self.model), (("candidate", CANDIDATE), self.candidate))
        parts |= {part: model.content_hash for part, model in models if model is not None}
        return parts | ({("rollout", "rollout"): self.rollout.content_hash} if self.rollout.content_hash else {})

    @property
    def content_hash(self) -> str:
        """sha256 (hex) of all parts: the name of these rules in the journal."""
        rows = sorted(f"{kind} {subject} {content_hash}" for (kind, subject), content_hash in self.parts.items())
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    def activations(
        self, before: Rules | None = None, actor: str = ACTOR, reason: str | None = None
    ) -> tuple[Activation, ...]:
        """The journal entries that say what took effect, by the hash of its content; unplaced.

        before: what was in force; without it everything takes effect. actor: who asked for it, for this reason. A part
        that is gone has no hash. Last comes the entry that names all parts together. Empty where nothing changed.
        """
        old = {} if before is None else before.parts
        changed = [(part, content) for part, content in self.parts.items() if old.get(part) != content]
        changed += [(part, "") for part in old if part not in self.parts]
        whole: list[tuple[Part, str]] = [(("rules", "rules"), self.content_hash)] if changed else []
        return tuple(
            Activation(
                seq=0, clock_us=0, subject_kind=kind, subject=subject, content_hash=content, actor=actor, reason=reason
            )
            for (kind, subject), content in (*changed, *whole)
        )

    def write(self, paths: Paths) -> None:
        """Write everything into a home under construction, or into the folder of one set of rules."""
        paths.charter.write_text(self.charter_text, encoding="utf-8")
        paths.policy.write_text(self.policy_text, encoding="utf-8")
        paths.scenarios.mkdir()
        for name, text in self.files.items():
            (paths.scenarios / f"{name}.toml").write_text(text, encoding="utf-8")
        if self.rollout.content_hash:
            paths.rollout.write_text(self.rollout.toml(), encoding="utf-8")
        for model, folder in ((self.model, paths.model), (self.candidate, paths.candidate)):
            if model is not None:
                model.save(folder)


def load_rules(
    *,
    charter: Path | None = None,
    policy: Path | None = None,
    scenarios: Path | None = None,
    model: Path | None = None,
    rollout: Path | None = None,
    candidate: Path | None = None,
    reference_currency: str = "EUR",
    over_packaged: bool = True,
) -> Rules:
    """Return the rules of these files, the packaged ones where none is named, and no model where none is named.

    over_packaged: the scenarios are laid over the packaged ones; otherwise they are all. Raises what is wrong with a
    file: FileError, CharterError, PolicyError, ScenarioError, ModelError, RolloutError and their like.
    """
    charter_ = load_charter(charter)
    library = load_library(
        scenarios, charter_, reference_currency=reference_currency, over_packaged=over_packaged
    )  # fmt: skip
    files = _files(scenarios, over_packaged)
    staged = parse_rollout(_text(rollout), str(rollout), files) if rollout else Rollout()
    return Rules(
        charter=charter_,
        policy=load_policy(policy),
        scenarios=library,
        model=_in_use(Model.load(model) if model else None, staged),
        charter_text=charter.read_text(encoding="utf-8") if charter else packaged_charter(),
        policy_text=policy.read_text(encoding="utf-8") if policy else packaged_policy(),
        files=files,
        rollout=staged,
        candidate=Model.load(candidate) if candidate else None,
    )


def rules_of(paths: Paths, reference_currency: str) -> Rules:
    """Return the rules of a home, or of the folder of one set of rules: its own files and nothing else."""
    return load_rules(
        charter=paths.charter,
        policy=paths.policy,
        scenarios=paths.scenarios,
        model=paths.model if paths.model.is_dir() else None,
        rollout=paths.rollout if paths.rollout.is_file() else None,
        candidate=paths.candidate if paths.candidate.is_dir() else None,
        reference_currency=reference_currency,
        over_packaged=False,
    )


def _in_use(model: Model | None, rollout: Rollout) -> Model | None:
    return None if model is not None and rollout.withdrawn.model == model.content_hash else model


def _ordered(wanted: set[str]) -> tuple[str, ...]:
    return (*(name for name in DEFAULT if name in wanted), *sorted(wanted - set(DEFAULT)))


def _files(folder: Path | None, over_packaged: bool) -> dict[str, str]:
    sources: tuple[Source, ...] = (*(packaged() if over_packaged else ()), *(files_of(folder) if folder else ()))
    return {parse_file(source.text, source.where).id: source.text for source in sources}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The rollout cannot be read: {error}", where=str(path), repair="Give the path of a TOML file in UTF-8."
        ) from error
