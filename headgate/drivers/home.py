"""A home: the folder in which a running headgate keeps everything, and how it is opened.

    home.json         reference currency, time zone, facts, where the decided part begins
    journal.parquet   the archived journal, in pseudonyms; what came later is the tail in headgate.db
    headgate.db       decisions, alerts, cases, users, the tail of the journal
    vault.db          which pseudonym stands for which account; mode 600
    model/  policy.toml  charter.toml  scenarios/  candidate/  rollout.toml    what is wanted to decide
    rules/            every set of these that was in force, by its hash
    state/            the folds at the end of the archive
    decisions.parquet  alerts.parquet  cases.parquet  exports

Nothing here computes; files in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.charter.charter import Charter
from headgate.charter.pseudonyms import Vault
from headgate.drivers.paths import BLOCK_ROWS, Paths
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rollouts import facts_to_come, widen
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules, rules_of
from headgate.drivers.state import load_state
from headgate.errors import FileError, NotFoundError
from headgate.journal.entries import Entry, Payment
from headgate.journal.schema import from_block, to_block
from headgate.scenarios.scenario import Scenario
from headgate.stores.sqlite import SqliteStore

FORMAT: Final = 1


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a home must know to fold its journal again to the same bits.

    `decided_from_seq`: entries before it were history only. `archive_end_seq`: the last entry of journal.parquet.
    """

    reference_currency: str
    time_zone: str
    facts: tuple[str, ...]
    decided_from_seq: int
    archive_end_seq: int
    format: int = FORMAT


class Home:
    """An existing home, opened. `store` stays open until `close`; everything else is read when asked for."""

    def __init__(self, root: Path) -> None:
        """Open a home. Raises NotFoundError where there is none, FileError where a file of it is damaged."""
        self.paths = Paths(root)
        self.settings = read_settings(self.paths)
        self.store = SqliteStore(self.paths.store)
        self.rule_sets = RuleSets(self.paths.rules, self.settings.reference_currency)
        self._rules: Rules | None = None

    def close(self) -> None:
        """Release the store."""
        self.store.close()

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

    def pipeline(self, tick: Callable[[int], object] = lambda entries: None) -> Pipeline:
        """Both folds as they stand after the last entry of the journal; tick hears of every entry of the tail.

        Its engine computes the facts of the files of the home too, so that these can take effect.
        """
        pipeline = load_state(self.paths.state, self.rule_sets.get)
        to_come = facts_to_come(self.store.tail(pipeline.next_seq), self.rule_sets)
        widen(pipeline, (*to_come, *self.rules.facts), self.blocks())
        for entry in self.store.tail():
            pipeline.step(entry)
            tick(1)
        return pipeline

    def archive(self) -> Iterator[pa.RecordBatch]:
        """Yield the archived journal in blocks."""
        yield from read_blocks(self.paths.journal)

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """Yield the whole journal in blocks: the archive, then the tail."""
        yield from self.archive()
        yield from (to_block(entries) for entries in _parts(self.store.tail()))

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """Return an entry by its identity within its kind, from the tail or from the archive, or None."""
        found = self.store.entry(kind, entry_id)
        seq = None if found else self.store.archived_seq(kind, entry_id)
        return found if seq is None else self._archived(seq)

    def payment(self, tx_id: str) -> Payment | None:
        """Return a payment by its id, from the tail or from the archive; None where there is none."""
        found = self.entry("payment", tx_id)
        assert found is None or isinstance(found, Payment)
        return found

    def _archived(self, seq: int) -> Entry:
        (entry,) = from_block(pq.read_table(self.paths.journal, filters=[("seq", "=", seq)]))
        return entry


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


def read_blocks(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the blocks of a journal file. Raises FileError where it is missing or damaged."""
    try:
        yield from pq.ParquetFile(path).iter_batches(batch_size=BLOCK_ROWS)
    except (OSError, pa.ArrowInvalid) as error:
        raise FileError(
            f"The journal cannot be read: {error}",
            where=str(path),
            repair="Restore the file from a backup; a home cannot explain anything without its journal.",
        ) from error


def _parts(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    part: list[Entry] = []
    for entry in entries:
        part.append(entry)
        if len(part) == BLOCK_ROWS:
            yield part
            part = []
    if part:
        yield part
