"""The front of fold 1: blocks or single entries in, facts out; snapshot and restore. All drivers call it.

It checks everything before anything changes and leaves the computing to a fold: the reference, or a compiled kernel
that agrees with it bit for bit. It never reads a clock, and a file only when a snapshot is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from headgate.errors import FieldError, LimitError, SnapshotError, UnavailableError
from headgate.facts.catalogue import DEFAULT
from headgate.facts.compiled import CompiledFold
from headgate.facts.door import Door
from headgate.facts.fold import Fold, MakeFold
from headgate.facts.reference import ReferenceFold
from headgate.facts.snapshot import EngineState, read_snapshot, write_snapshot
from headgate.facts.values import FactValue, Witness
from headgate.journal.entries import Entry
from headgate.limits import MAX_PAYMENTS_PER_KEY_AND_WINDOW

FOLD_VARIABLE = "HEADGATE_FOLD"  # `reference` computes everything by the slow definitions, with the same result


def reference_fold(names: tuple[str, ...], reference_currency: str, time_zone: str) -> Fold:
    """Return a fresh reference fold."""
    return ReferenceFold(names, reference_currency=reference_currency, time_zone=time_zone)


def chosen_fold(names: tuple[str, ...], reference_currency: str, time_zone: str) -> Fold:
    """Return a fresh fold: the compiled one, or what the environment variable HEADGATE_FOLD names.

    Raises FieldError when it names neither `kernel` nor `reference`.
    """
    wanted = os.environ.get(FOLD_VARIABLE) or "kernel"
    if wanted not in ("kernel", "reference"):
        raise FieldError(
            f"There is no fold {wanted!r}",
            where=f"environment variable {FOLD_VARIABLE}",
            repair="Set it to kernel or reference, or leave it out.",
        )
    make = CompiledFold if wanted == "kernel" else ReferenceFold
    return make(names, reference_currency=reference_currency, time_zone=time_zone)


class Engine:
    """Facts of payments, from the journal alone.

    names: the facts to compute, in this order. reference_currency: whose minor units amounts are compared in.
    time_zone: IANA name, for local hour and day. make_fold: what computes. Raises UnknownFactError, LimitError or
    FieldError for settings that cannot be.

    `schema` is the schema of `observe`: seq int64, tx_id utf8, then the facts.
    """

    def __init__(
        self,
        names: Iterable[str] = DEFAULT,
        *,
        reference_currency: str = "EUR",
        time_zone: str = "UTC",
        make_fold: MakeFold = chosen_fold,
    ) -> None:
        self.names = tuple(names)
        self.reference_currency = reference_currency
        self.time_zone = time_zone
        self._door = Door(reference_currency)
        self._fold = make_fold(self.names, reference_currency, time_zone)
        self._plain = self._door.plain
        self._plain.room = MAX_PAYMENTS_PER_KEY_AND_WINDOW
        self.schema: pa.Schema = self._fold.schema

    @property
    def entries_seen(self) -> int:
        """Entries taken so far, those before a snapshot included."""
        return self._plain.entries_seen

    def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Take a block of the journal; return the facts of its payments by `schema`, in order.

        Raises FieldError, OrderError or LimitError, and then nothing has changed.
        """
        self._admit_block(block)
        with self._folding():
            return self._fold.observe_block(block)

    def absorb(self, block: pa.RecordBatch) -> None:
        """Take a block of the journal without computing its facts; later facts are the same as after `observe`.

        For what lies before the payments of interest: many times faster. Errors as `observe`.
        """
        self._admit_block(block)
        with self._folding():
            self._fold.absorb(block)

    def observe_one(self, entry: Entry) -> Mapping[str, FactValue] | None:
        """Take one entry; return the facts of a payment by name, None for other kinds. Errors as `observe`."""
        facts = self._fold.observe_plain(entry, self._plain)
        return self._observe_unusual(entry) if facts is None else facts

    def check(self, entry: Entry) -> None:
        """Raise the FieldError with which `observe_one` would refuse the values of an entry; nothing changes.

        Its seq and clock are not looked at: they are stamped later, when it is certain that it enters.
        """
        self._door.check_values(entry)

    def evidence(self, name: str) -> Witness:
        """Return the payments behind a fact of the last payment, until the next entry or snapshot.

        Raises UnknownFactError for a fact that is not computed, NotFoundError when the last entry was no payment.
        """
        return self._fold.evidence(name)

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered, by kind; bounded by what the journal says about 28 days, and accounts."""
        return self._fold.sizes()

    def snapshot(self, path: Path | str) -> None:
        """Write all that is remembered to a file, atomically. Raises FileError."""
        self._check_whole()
        state = EngineState(
            names=self.names, reference_currency=self.reference_currency, time_zone=self.time_zone,
            entries_seen=self.entries_seen, last_seq=self._plain.last_seq, last_clock_us=self._plain.last_clock_us,
            rates=self._door.rates(), fold_format=self._fold.format, fold=memoryview(self._fold.state()),
        )  # fmt: skip
        write_snapshot(Path(path), state)

    @classmethod
    def restore(cls, path: Path | str, *, make_fold: MakeFold = chosen_fold) -> Engine:
        """Return an engine that stands where the snapshot was taken. Raises FileError or SnapshotError."""
        state = read_snapshot(Path(path))
        engine = cls(
            state.names,
            reference_currency=state.reference_currency,
            time_zone=state.time_zone,
            make_fold=make_fold,
        )
        if engine._fold.format != state.fold_format:
            raise SnapshotError(
                f"The snapshot is of a fold {state.fold_format!r}, not {engine._fold.format!r}",
                where=str(path),
                repair="Restore it with the fold that wrote it, or fold the journal again from its start.",
            )
        engine._fold.load(state.fold)
        engine._door.load(state.last_seq, state.last_clock_us, state.rates)
        engine._plain.entries_seen = state.entries_seen
        return engine

    def _admit_block(self, block: pa.RecordBatch) -> None:
        if not isinstance(block, pa.RecordBatch):
            raise FieldError(
                f"A block is a pyarrow RecordBatch, not {type(block).__name__}",
                where="block",
                repair="Use to_block of headgate.journal.schema, or `blocks()` of a dataset.",
            )
        self._check_whole()
        self._check_room(block.num_rows)
        self._door.check_block(block)
        self._count(block.num_rows)

    def _observe_unusual(self, entry: Entry) -> Mapping[str, FactValue] | None:
        """Take an entry that is no payment, or one that the fold does not take unasked."""
        self._check_whole()
        self._check_room(1)
        self._door.check(entry)
        self._count(1)
        with self._folding():
            return self._fold.observe(entry)

    def _count(self, entries: int) -> None:
        self._plain.room -= entries
        self._plain.entries_seen += entries

    def _check_whole(self) -> None:
        if self._plain.broken:
            raise UnavailableError(
                "The engine stopped in the middle of a block and its state is not to be trusted",
                where="facts engine",
                repair="Restore it from its last snapshot and fold the journal from there.",
            )

    def _check_room(self, rows: int) -> None:
        """`room` is a lower bound of the entries that any key can still take; it is counted anew when it runs out."""
        if rows <= self._plain.room:
            return
        self._plain.room = MAX_PAYMENTS_PER_KEY_AND_WINDOW - self._fold.fullest()
        if rows > self._plain.room:
            raise LimitError(
                f"One account has nearly {MAX_PAYMENTS_PER_KEY_AND_WINDOW} payments in 28 days",
                where="block",
                repair="Give smaller blocks; if that does not help, split the account's payments over accounts.",
            )

    @contextmanager
    def _folding(self) -> Iterator[None]:
        """What fails from here on was not foreseen: the fold may have taken a part of it."""
        try:
            yield
        except BaseException:
            self._plain.broken = True
            raise
