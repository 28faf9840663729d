"""A service archives closed days by itself, and decides on when the archive cannot be written."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.drivers.home import Home, Settings
from headgate.drivers.paths import Paths
from headgate.service.mover import Mover
from headgate.stores.whole import entries

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = random_journal(seed=11, payments=150, days=12)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    settings = Settings(reference_currency="EUR", time_zone="UTC", facts=("amount",), decided_from_seq=0)
    Paths(tmp_path).settings.write_bytes(msgspec.json.encode(settings))
    opened = Home(tmp_path)
    for batch in sample_batches(ENTRIES):
        opened.store.commit(batch)
    return opened


class Listening(logging.Handler):
    """Remembers what was logged, and says when something was."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.heard = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        self.heard.set()


def moved(home: Home, log: logging.Logger, until: Callable[[], bool]) -> None:
    mover = Mover(home, lambda: ENTRIES[-1].clock_us, log, seconds=0.01)
    mover.start()
    for _ in range(3000):
        if until():
            break
        threading.Event().wait(0.01)
    mover.stop()


def test_a_service_moves_closed_days_and_stops_when_it_is_told_to(home: Home) -> None:
    keep_us = home.installed.archive.keep_days * 86_400_000_000
    begins = (ENTRIES[-1].clock_us // 86_400_000_000) * 86_400_000_000 - keep_us

    def done() -> bool:
        return next(home.store.tail()).clock_us >= begins

    moved(home, logging.getLogger("tests.mover"), done)
    assert done()
    assert len(home.store.parts()) > 2
    assert list(entries(home.store)) == ENTRIES
    home.close()


def test_an_archive_that_cannot_be_written_is_told_and_tried_again(home: Home, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no folder")
    log, listening = logging.getLogger("tests.mover.broken"), Listening()
    log.addHandler(listening)
    log.propagate = False
    moved(home, log, lambda: len(listening.said) > 1)
    assert "Closed days stay in the store for now: The archive cannot be written" in listening.said[0]
    (tmp_path / "archive").unlink()
    moved(home, log, lambda: bool(home.store.parts()))
    assert home.store.parts()
    assert list(entries(home.store)) == ENTRIES
    home.close()
