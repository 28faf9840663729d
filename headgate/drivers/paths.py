"""Where everything is in a home."""

from __future__ import annotations

from pathlib import Path

from headgate.stores.archive import FOLDER


class Paths:
    """The files of a home by name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = root / "home.json"
        self.archive = root / FOLDER
        self.store = root / "headgate.db"
        self.vault = root / "vault.db"
        self.ledger_key = root / "ledger.key"
        self.log = root / "log"
        self.subject_keys = root / "subject-keys"
        self.model = root / "model"
        self.policy = root / "policy.toml"
        self.charter = root / "charter.toml"
        self.scenarios = root / "scenarios"
        self.candidate = root / "candidate"
        self.rollout = root / "rollout.toml"
        self.approval = root / "approval.json"
        self.rules = root / "rules"
        self.asked = root / "asked.json"
        self.models_record = root / "models.jsonl"
        self.state = root / "state"
        self.snapshots = root / "snapshots"
        self.decisions = self.archive / "decisions"
        self.alerts = root / "alerts.parquet"
        self.cases = root / "cases.parquet"
