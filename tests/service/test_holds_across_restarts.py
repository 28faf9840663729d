"""A hold of an instant rail releases itself in time: in quiet hours, across a restart, and after a standstill."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from torture.life import folded
from torture.rules import small_rules

from headgate.charter.pseudonyms import Vault
from headgate.drivers.rules import Rules
from headgate.journal.entries import Payment, Timer
from headgate.limits import TICK_SECONDS, US_PER_SECOND
from headgate.service.around import machine_us
from headgate.service.writer import Writer
from headgate.stores.sqlite import SqliteStore

INSTANT_US = 10 * US_PER_SECOND


class Desk:
    """A writer on plain files; `ahead_us` moves its clock."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.folder, self.rules, self.ahead_us = folder, rules, 0
        self.open()

    def open(self) -> None:
        self.store, self.vault = SqliteStore(self.folder / "headgate.db"), Vault(self.folder / "vault.db")
        now_us = lambda: machine_us() + self.ahead_us  # noqa: E731
        self.writer = Writer(self.store, self.vault, lambda: folded(self.store, self.rules), now_us, print)
        self.writer.start()

    def close(self) -> None:
        self.writer.stop()
        self.vault.close()
        self.store.close()

    def hold(self) -> int:
        """Let an instant payment be held; return when it releases itself."""
        ts_us = machine_us() + self.ahead_us
        held = Payment(
            seq=0, clock_us=0, tx_id="t1", ts_us=ts_us, payer="A", payee="B", amount_minor=95_000, currency="EUR",
            rail="instant",
        )  # fmt: skip
        (answer,) = self.writer.decide([held]).result(timeout=60)
        assert answer.decision.action == "hold"
        assert answer.decision.hold_expires_us == answer.decision.clock_us + INSTANT_US
        return int(answer.decision.hold_expires_us)

    def released(self) -> list[tuple[str, str, str, int]]:
        """What was told of the release, once there is a timer in the journal."""
        pause = threading.Event()
        for _ in range(1500):
            timers = [entry for entry in self.store.tail() if isinstance(entry, Timer)]
            if timers:
                break
            pause.wait(0.01)
        told = self.store.announcements()
        return [(a.kind, a.subject, a.by, a.clock_us) for a in told if a.kind == "payment.released"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, small_rules(tmp_path / "rules"))
    yield made
    made.close()


def test_a_hold_of_ten_seconds_is_released_in_a_quiet_hour_at_its_own_time(desk: Desk) -> None:
    """Takes some eleven seconds, for it waits on the real clock: nothing comes in and the hold must end by itself."""
    due_us = desk.hold()
    told = desk.released()
    late_us = machine_us() - due_us
    assert told == [("payment.released", "t1", "timer", due_us)]
    assert 0 <= late_us
    (timer,) = (entry for entry in desk.store.tail() if isinstance(entry, Timer))
    assert (timer.timer, timer.due_us, timer.clock_us) == ("hold_expires", due_us, due_us)
    assert TICK_SECONDS * US_PER_SECOND < INSTANT_US / 5, "the clock is looked at often enough for the shortest hold"


def test_a_hold_whose_time_passes_while_nothing_runs_is_released_at_the_next_start(desk: Desk) -> None:
    due_us = desk.hold()
    desk.close()
    desk.ahead_us = 3600 * US_PER_SECOND
    before = time.monotonic()
    desk.open()
    assert desk.released() == [("payment.released", "t1", "timer", due_us)]
    assert desk.writer.ready
    assert time.monotonic() - before < 60


def test_a_hold_that_still_runs_is_held_after_a_restart_and_released_once(desk: Desk) -> None:
    due_us = desk.hold()
    desk.close()
    desk.open()
    waiting = desk.writer._folded
    assert waiting is not None
    assert [(each.tx_id, each.due_us) for each in waiting.pipeline.decisions.holds.all()] == [("t1", due_us)]
    desk.ahead_us = INSTANT_US
    assert desk.released() == [("payment.released", "t1", "timer", due_us)]
    desk.close()
    desk.open()
    assert desk.released() == [("payment.released", "t1", "timer", due_us)]
