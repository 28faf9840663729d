"""Changes of what a home decides by: told from its files, written as activation entries, never behind its back.

The files of a home say what is wanted, the journal what is in force. A difference takes effect by entries of the
journal, when somebody asks a running service for it or when the home is next opened for service, so that a re-run
decides the same at the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.drivers.asked import Asked
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules
from headgate.facts.engine import Engine
from headgate.journal.entries import Activation, Entry


def pending(in_force: str, wanted: Rules, sets: RuleSets, asked: Asked | None) -> tuple[Activation, ...]:
    """Return the entries by which the wanted rules take effect, and keep these rules; empty where they are in force.

    asked: the last wish, which says who wanted these rules, where it was these.
    """
    if wanted.content_hash == in_force:
        return ()
    before = sets.get(in_force) if in_force else None
    name = sets.put(wanted)
    if asked is None or asked.rules != name:
        return wanted.activations(before)
    return wanted.activations(before, asked.by, asked.why)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the rules: the hash of what is in force and of what is wanted; empty for none."""

    kind: str
    subject: str
    in_force: str
    wanted: str

    @property
    def differs(self) -> bool:
        """Whether something else is wanted than is in force."""
        return self.in_force != self.wanted


def differing(in_force: Rules, wanted: Rules) -> tuple[Difference, ...]:
    """Return every part of the one or the other, in a fixed order."""
    one, other = in_force.parts, wanted.parts
    return tuple(
        Difference(kind=part[0], subject=part[1], in_force=one.get(part, ""), wanted=other.get(part, ""))
        for part in dict.fromkeys((*one, *other))
    )


def named_before(seq: int, journal: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, str]]:
    """Yield the seq and hash of each set of rules that takes effect before a place of the journal, in order."""
    for block in journal:
        if block.column("seq")[0].as_py() >= seq:
            return
        named = pc.and_(pc.equal(block.column("subject_kind"), "rules"), pc.less(block.column("seq"), seq))
        found = block.filter(named)
        yield from zip(found.column("seq").to_pylist(), found.column("content_hash").to_pylist(), strict=True)


def in_force_at(seq: int, journal: Iterable[pa.RecordBatch]) -> str:
    """Return the hash of the rules that decided at a place of the journal; empty where no entry before it says so."""
    return max(named_before(seq, journal), default=(0, ""))[1]


def facts_to_come(entries: Iterable[Entry], sets: RuleSets) -> Iterator[str]:
    """Yield the facts of every set of rules that entries of a journal put in force."""
    for entry in entries:
        if isinstance(entry, Activation) and entry.subject_kind == "rules":
            yield from sets.get(entry.content_hash).facts


def wider_engine(engine: Engine, names: Iterable[str]) -> Engine | None:
    """Return an engine at the start of a journal that computes these facts too; None where no fact is missing."""
    missing = dict.fromkeys(name for name in names if name not in engine.names)
    if not missing:
        return None
    return Engine(
        (*engine.names, *missing), reference_currency=engine.reference_currency, time_zone=engine.time_zone
    )  # fmt: skip


def widen(pipeline: Pipeline, names: Iterable[str], journal: Iterable[pa.RecordBatch]) -> None:
    """Let the engine of a pipeline compute these facts too, as if it had from the start.

    journal: all entries from the first on; those after the place of the pipeline are left out. Nothing is read where
    no fact is missing.
    """
    wider = wider_engine(pipeline.engine, names)
    if wider is None:
        return
    for block in journal:
        before = block.filter(pc.less(block.column("seq"), pipeline.next_seq))
        if not before.num_rows:
            break
        wider.absorb(before)
    pipeline.engine = wider
