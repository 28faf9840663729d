"""Moves closed days into the archive beside the service: a thread with a store of its own, which nobody waits for.

What it does and in which order is `drivers.moving`. A failure is logged in words and tried again at the next look; it
decides nothing, and the service decides on without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from headgate.drivers.home import Home
from headgate.drivers.moving import move_closed_days
from headgate.errors import HeadgateError
from headgate.limits import MOVE_SECONDS
from headgate.stores.archive import Part


class Mover:
    """Looks for closed days at the start and then every `seconds`. `start` once, `stop` at the end.

    moved: hears of each part that is in the archive.
    """

    def __init__(
        self,
        home: Home,
        now_us: Callable[[], int],
        log: logging.Logger,
        *,
        moved: Callable[[Part], None] = lambda part: None,
        seconds: float = MOVE_SECONDS,
    ) -> None:
        self._home = home
        self._now_us = now_us
        self._log = log
        self._moved = moved
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="headgate-mover")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End when the part that is under way is in the archive."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except HeadgateError as error:
                self._log.error(f"Closed days stay in the store for now: {error}")
            self._stopping.wait(self._seconds)

    def _look(self) -> None:
        store = self._home.open_store()
        try:
            keep_days = self._home.installed.archive.keep_days
            move_closed_days(store, self._now_us(), keep_days, tick=self._moved, stop=self._stopping.is_set)
        finally:
            store.close()
