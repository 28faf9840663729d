"""A home: the folder in which a running headgate keeps everything, and how it is opened.

    home.json         reference currency, time zone, facts, where the decided part begins
    archive/          older days of the journal, in pseudonyms, and of the decisions; see `stores.archive`
    headgate.db       the tail of journal and decisions, alerts, cases, users
    vault.db          which pseudonym stands for which account; mode 600
    ledger.key        signs the ledger; mode 600
    subject-keys/     what stands behind commitments in the ledger; see `ledger.commitments`
    log/              the ledger as files that anybody can verify, made from headgate.db
    model/  policy.toml  charter.toml  scenarios/  candidate/  rollout.toml    what is wanted to decide
    approval.json     who approved that, in the place of the file before
    rules/            every set of these that was in force, by its hash
    asked.json        which of them was asked for last, and by whom
    state/            the folds at the end of the replay
    snapshots/        the folds as they stood later; see `snapshots`
    alerts.parquet  cases.parquet  exports

Nothing here computes; files in, values out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa

from headgate.charter.charter import Charter
from headgate.charter.pseudonyms import Vault
from headgate.drivers.beginning import after_history
from headgate.drivers.book import Book
from headgate.drivers.log_keys import log_keys
from headgate.drivers.opening_store import open_store
from headgate.drivers.paths import Paths
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rollouts import facts_to_come, widen
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules, rules_of
from headgate.drivers.snapshots import Say, Snapshots
from headgate.drivers.state import load_state
from headgate.errors import FileError, NotFoundError, SnapshotError
from headgate.ledger.commitments import SubjectKeys
from headgate.scenarios.scenario import Scenario
from headgate.settings.document import load_settings
from headgate.stores.tables import TableStore
from headgate.stores.whole import blocks, entries

FORMAT: Final = 1


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a home must know to fold its journal again to the same bits.

    `decided_from_seq`: entries before it were history only.
    """

    reference_currency: str
    time_zone: str
    facts: tuple[str, ...]
    decided_from_seq: int
    format: int = FORMAT


class Home:
    """An existing home, opened. `store` stays open until `close`; everything else is read when asked for.

    `settings` is what its journal needs, `installed` is headgate.toml and the environment.
    """

    def __init__(self, root: Path) -> None:
        """Open a home. Raises NotFoundError where there is none, FileError where a file of it is damaged."""
        self.paths = Paths(root)
        self.settings = read_settings(self.paths)
        self.installed = load_settings(root, os.environ)
        self.store = self.open_store()
        self.rule_sets = RuleSets(self.paths.rules, self.settings.reference_currency)
        self._rules: Rules | None = None

    def close(self) -> None:
        """Release the store."""
        self.store.close()

    def open_store(self) -> TableStore:
        """Return another connection to the store, which the caller closes; for one who must not wait for a commit.

        Raises FileError for a store that has less than the replay of this home brought into the archive.
        """
        store = open_store(self.paths, self.installed)
        if store.last_seq() < self.settings.decided_from_seq - 1:
            store.close()
            raise FileError(
                "The store of this home is empty",
                where="setting [store] url" if self.installed.store.url else self.paths.store.name,
                repair="Bring what the home has into it with `headgate store copy`, or correct the setting.",
            )
        return store

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots of this home."""
        return Snapshots(self.paths.snapshots)

    @property
    def rules(self) -> Rules:
        """What its files say that it shall decide by, read when first asked for; in force once the journal says so."""
        if self._rules is None:
            self._rules = rules_of(self.paths, self.settings.reference_currency)
        return self._rules

    def charter(self) -> Charter:
        """The charter of this home."""
        return self.rules.charter

    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of this home, compiled."""
        return self.rules.scenarios

    def vault(self) -> Vault:
        """The vault of this home, for the purposes of its charter."""
        return Vault(self.paths.vault, purposes=self.charter().purposes)

    @property
    def log_folder(self) -> Path:
        """Where the log of this home is published."""
        folder = self.installed.ledger.folder
        return self.paths.root / folder if folder else self.paths.log

    def book(self) -> Book:
        """The ledger of this home, not begun, which the caller closes. Its key is made where the log has not begun."""
        keys = log_keys(self.paths, self.installed.ledger, begun=self.store.ledger_head() is not None)
        subjects = SubjectKeys(self.paths.subject_keys, clock_us=lambda: time.time_ns() // 1000)
        return Book(self.store, keys, subjects, lambda name: self.rule_sets.get(name).parts)

    def pipeline(self, tick: Callable[[int], object] = lambda entries: None, say: Say = lambda words: None) -> Pipeline:
        """Both folds as they stand after the last entry of the journal, by the newest good snapshot.

        Its engine computes the facts of the files of the home too, so that these can take effect. tick: hears of every
        entry that came after the snapshot. say: hears of snapshots that are no good.
        """
        newest = self.snapshots.newest(self.rule_sets.get, self.store.last_seq() + 1, say)
        pipeline = newest or self._after_replay(tick, say)
        to_come = facts_to_come(entries(self.store, pipeline.next_seq), self.rule_sets)
        widen(pipeline, (*to_come, *self.rules.facts), self.blocks())
        for entry in entries(self.store, pipeline.next_seq):
            pipeline.step(entry)
            tick(1)
        return pipeline

    def _after_replay(self, tick: Callable[[int], object], say: Say) -> Pipeline:
        """The folds at the end of the replay, or after the history of it where these were written in another format."""
        try:
            return load_state(self.paths.state, self.rule_sets.get)
        except SnapshotError as error:
            say(f"The state at the end of the replay is of no use, the journal is folded from its start: {error}")
        return after_history(
            self.blocks, self.settings.decided_from_seq, self.store.last_seq() + 1, self.rules, self.rule_sets.get,
            reference_currency=self.settings.reference_currency, time_zone=self.settings.time_zone, tick=tick,
        )  # fmt: skip

    def blocks(self, from_seq: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the whole journal from a seq on in blocks: the archive, then the tail."""
        return blocks(self.store, from_seq)


def read_settings(paths: Paths) -> Settings:
    """Return the settings of a home. Raises NotFoundError where there is no home, FileError for a damaged file."""
    try:
        return msgspec.json.decode(paths.settings.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise NotFoundError(
            "This folder is no home: it has no home.json",
            where=str(paths.root),
            repair="Name a folder made by `headgate replay DATASET --out HOME`.",
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise FileError(
            f"The settings of the home cannot be read: {error}",
            where=str(paths.settings),
            repair="Restore the file from a backup, or replay the dataset into a new home.",
        ) from error
