"""A courier: tells one subscriber every announcement in order, again and again until it takes it or becomes a letter.

It reads the outbox of the store after the place up to which the subscriber has heard. The order of what it does:

1. send      the subscriber answers 2xx, or the last of its attempts has failed;
2. note      the place, with the dead letter where there is one, is on disk (at most a second later without a letter).

A crash between the two tells the same announcement again, under the same id; none is ever left out. Nothing else waits
for a courier: not a payment, and not another subscriber.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.errors import HeadgateError
from headgate.limits import COURIER_PAGE, COURIER_POLL_SECONDS, US_PER_SECOND
from headgate.service.webhooks.sending import NotTakenError, send
from headgate.service.webhooks.subscribers import Subscriber
from headgate.stores.store import Announcements

Place = tuple[int, int]
_NOTE_US: Final = US_PER_SECOND


class Courier:
    """One subscriber's thread. now_us: microseconds UTC. log: hears of trouble, in words without any id of a person.

    `attempts`, `told` and `letters` count since the start.
    """

    def __init__(
        self, subscriber: Subscriber, outbox: Announcements, now_us: Callable[[], int], log: Callable[[str], None]
    ) -> None:
        self.subscriber = subscriber
        self.attempts = self.told = self.letters = 0
        self._outbox = outbox
        self._now_us = now_us
        self._log = log
        self._heard: Place = (-1, -1)
        self._noted: Place = (-1, -1)
        self._noted_us = 0
        self._first_us: int | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"headgate-webhook-{subscriber.name}", daemon=True)

    def start(self) -> None:
        """Go on where this subscriber has heard."""
        self._heard = self._noted = self._outbox.heard(self.subscriber.name)
        self._thread.start()

    @property
    def behind_seconds(self) -> float:
        """How old the announcement is that is being told; 0 when all are told."""
        first_us = self._first_us
        return 0.0 if first_us is None else max(0, self._now_us() - first_us) / US_PER_SECOND

    def stop(self) -> None:
        """Begin no other attempt; one that is under way may take its time-out, and counts."""
        self._stop.set()

    def join(self) -> None:
        """Wait for the end after `stop`."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self._round()
            except HeadgateError as error:  # the store cannot be read or written now
                self._log(f"The webhook {self.subscriber.name} waits: {error.what}")
                busy = False
            if not busy:
                self._stop.wait(COURIER_POLL_SECONDS)
        self._leave()

    def _round(self) -> bool:
        """Tell one page of announcements; whether there was any."""
        page = list(self._outbox.announcements(self._heard, COURIER_PAGE))
        for announcement in page:
            if announcement.kind in self.subscriber.kinds and not self._tell(announcement):
                break
            self._heard = (announcement.seq, announcement.place)
        self._note(late=not page)
        self._first_us = self._first_us if page else None
        return bool(page)

    def _tell(self, announcement: Announcement) -> bool:
        """Try until it is taken or a letter; whether it is done with (it is not where the service stops)."""
        settings = self.subscriber.settings
        for attempt in range(1, settings.attempts + 1):
            self._first_us = announcement.clock_us
            self.attempts += 1
            try:
                send(self.subscriber, announcement, self._now_us() / US_PER_SECOND)
            except NotTakenError as error:
                if attempt == settings.attempts:
                    self._give_up(announcement, str(error))
                elif self._stop.wait(self._pause(attempt, error.wait_seconds)):
                    return False
            else:
                self.told += 1
                self._note()
                return True
        return True

    def _pause(self, attempt: int, asked_seconds: float) -> float:
        """Seconds until the next attempt: doubling, drawn at random below it, at least what the subscriber asks for."""
        settings = self.subscriber.settings
        most = min(settings.longest_wait_seconds, settings.first_wait_seconds * 2.0 ** (attempt - 1))
        return max(random.uniform(most / 2, most), min(asked_seconds, settings.longest_wait_seconds))

    def _give_up(self, announcement: Announcement, why: str) -> None:
        self.letters += 1
        letter = DeadLetter(
            subscriber=self.subscriber.name,
            announcement=announcement,
            attempts=self.subscriber.settings.attempts,
            last_error=why,
            clock_us=self._now_us(),
        )
        self._noted = (announcement.seq, announcement.place)
        self._outbox.note_heard(self.subscriber.name, self._noted, letter)
        self._log(f"The webhook {self.subscriber.name} did not take {letter.announcement.id}: {why}")

    def _note(self, *, late: bool = False) -> None:
        """Put on disk how far the subscriber has heard: at most once a second, and at once where nothing follows."""
        if self._heard != self._noted and (late or self._now_us() - self._noted_us >= _NOTE_US):
            self._outbox.note_heard(self.subscriber.name, self._heard)
            self._noted, self._noted_us = self._heard, self._now_us()

    def _leave(self) -> None:
        try:
            self._note(late=True)
        except HeadgateError as error:
            self._log(f"How far the webhook {self.subscriber.name} has heard could not be written: {error.what}")
