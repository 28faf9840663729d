"""Killed anywhere, on a disk that loses what was not synced: what was acknowledged is there, once, bit for bit."""

from __future__ import annotations

import pytest

from headgate.service.commands.stage import Stage
from headgate.service.writer import Writer
from headgate.stores.store import Batch
from torture.driving import torture


def test_a_writer_that_is_killed_twelve_times_keeps_its_word() -> None:
    """Takes some 4 seconds."""
    figures = torture(12, seed=2)
    assert figures.wrong == []
    assert figures.kills.total() == 12
    assert figures.acknowledged > 50


@pytest.mark.outside
def test_a_writer_that_is_killed_fifty_times_keeps_its_word() -> None:
    """Takes some 15 seconds; `make torture N=1000` does more."""
    figures = torture(50, seed=1)
    assert figures.wrong == []
    assert figures.kills.total() == 50
    assert {"disk", "time"} < set(figures.kills)
    assert figures.acknowledged > 300


@pytest.mark.parametrize("mode", ["OFF", "NORMAL"])
def test_the_torture_would_find_a_store_that_does_not_sync_at_every_commit(mode: str) -> None:
    figures = torture(50, seed=3, instead={"PRAGMA synchronous=FULL": f"PRAGMA synchronous={mode}"})
    assert figures.wrong
    assert any("0 instead of 1" in each for each in figures.wrong)


class WritesTwice(Writer):
    """Puts leaves and checkpoint into a transaction of their own, after the decisions."""

    def _commit(self, stage: Stage) -> None:
        assert self._book is not None
        batch, written = stage.batch(), self._book.write(stage.happened())
        self._disk.commit(batch)
        self._at("signed")
        if written is not None:
            self._disk.commit(Batch(logged=written.logged, told=written.told))
            self._book.committed(written)
        self._at("committed")


def test_the_torture_would_find_a_ledger_that_is_not_written_with_its_decisions() -> None:
    figures = torture(300, seed=4, make=WritesTwice)
    assert any("decisions in the ledger" in each for each in figures.wrong)
