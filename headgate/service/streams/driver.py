"""The driver of one stream: a thread that takes batches, has them decided, and settles them with the broker.

For each batch, in this order:

1. poll     a batch of messages comes;
2. ask      they are read and put to the writer, up to STREAM_FLIGHTS batches, so that it never waits for a broker;
3. wait     for the writer: every answer of the oldest batch is on disk;
4. publish  the answers and dead letters are kept by the broker, and the positions are settled with or after them.

What a crash leaves: before 3 messages that come again; between 3 and 4 decisions on disk that the broker was not told:
their messages come again, the writer finds the decisions by their ids, and they are published as they are. When the
broker fails at any step, the stream is thrown away and opened anew: the same as a crash. Of batches on their way
a later one may be decided before the first, when the writer could not decide the first and can again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from traceback import extract_tb
from typing import Final

from headgate.connectors.stream import Message, Stream
from headgate.errors import HeadgateError
from headgate.limits import BROKER_SECONDS, STREAM_FLIGHTS, STREAM_IDLE_SECONDS, STREAM_RETRY_SECONDS
from headgate.service.streams.desk import Desk, Flight
from headgate.service.streams.outbox import Outbox

Open = Callable[[], Stream]
Log = Callable[[str], None]
RUNNING: Final = "running"
STOPPED: Final = "stopped"


class Driver:
    """Drives one stream until it is stopped. name: for threads and logs. outbox: None tells no announcements.

    `taken` counts messages that were settled, `refused` those of them that became dead letters. `behind`: how many
    messages the broker had a second ago that were not polled; it keeps its last value while the broker is gone.
    """

    def __init__(self, name: str, open_stream: Open, desk: Desk, outbox: Outbox | None, log: Log) -> None:
        self.name = name
        self._state = "starting"
        self.taken = 0
        self.refused = 0
        self.behind = 0
        self._open = open_stream
        self._desk = desk
        self._outbox = outbox
        self._log = log
        self._beat = self._looked = time.monotonic()
        self._stopping = threading.Event()
        self._wait_seconds = STREAM_RETRY_SECONDS[0]
        self._thread = threading.Thread(target=self._run, name=f"headgate-{name}")

    @property
    def state(self) -> str:
        """`running`, or what is wrong in words; a client may go on asking a broker that is gone for a long time."""
        silent_seconds = time.monotonic() - self._beat
        if self._state == RUNNING and silent_seconds > BROKER_SECONDS:
            return f"the broker has not answered for {silent_seconds:.0f} seconds"
        return self._state

    def start(self) -> None:
        """Begin; a broker that is not there is tried again until it is."""
        self._thread.start()

    def stop(self) -> None:
        """Settle what is on its way, leave, and return when that is done."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._once()
            except Exception as error:  # whatever a client raises, the stream is opened again
                self._trouble(error)
                self._stopping.wait(self._longer())
        self._state = STOPPED

    def _once(self) -> None:
        with closing(self._open()) as stream:
            try:
                self._drive(stream)
            except Exception as error:
                self._trouble(error)  # before it is closed, which may take its time
                raise

    def _drive(self, stream: Stream) -> None:
        flying: deque[Flight] = deque()
        while flying or not self._stopping.is_set():
            self._beat = time.monotonic()
            polled = self._polled(stream, len(flying))
            if self._beat - self._looked > 1:
                self.behind, self._looked = stream.behind(), self._beat
            if polled:
                flying.append(self._desk.ask(polled))
            elif not flying:
                self._well()
            if flying and not (polled and self._more(flying)):
                if not self._settle(stream, flying.popleft()):
                    return
                self._well()
            if self._outbox is not None:
                self._outbox.tell(stream)

    def _polled(self, stream: Stream, flights: int) -> list[Message]:
        return [] if self._stopping.is_set() else stream.poll(0 if flights else STREAM_IDLE_SECONDS)

    def _more(self, flying: Sequence[Flight]) -> bool:
        """Whether another batch is asked for before the oldest is waited for."""
        return len(flying) < STREAM_FLIGHTS and not flying[0].answered

    def _settle(self, stream: Stream, flight: Flight) -> bool:
        """Publish the answers of a batch; False when the service stops while nothing can be decided."""
        out = self._desk.answers(flight, lambda: self._rest(stream))
        if out is None:
            return False
        self._beat = time.monotonic()
        stream.publish(out, flight.messages)
        self.taken += len(flight.messages)
        self.refused += sum(each.kind == "dead_letters" for each in out)
        return True

    def _rest(self, stream: Stream) -> bool:
        """Let some time pass while the writer cannot decide; False when the service stops."""
        if self._state == RUNNING:
            self._state = "the writer cannot decide; messages wait"
            self._log(f"{self.name}: {self._state}")
        stream.rest()
        return not self._stopping.wait(self._longer())

    def _well(self) -> None:
        self._wait_seconds = STREAM_RETRY_SECONDS[0]
        if self._state != RUNNING:
            self._state = RUNNING
            self._log(f"{self.name}: the stream runs")

    def _trouble(self, error: Exception) -> None:
        said = error.paragraph() if isinstance(error, HeadgateError) else _place_of(error)
        if self._state != said:
            self._log(f"{self.name}: {said}")
        self._state = said

    def _longer(self) -> float:
        """How long to wait now; twice as long the next time."""
        now, self._wait_seconds = self._wait_seconds, min(2 * self._wait_seconds, STREAM_RETRY_SECONDS[1])
        return now


def _place_of(error: Exception) -> str:
    """What nobody foresaw, by its class and its line of code: its text may hold what leads to a person."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in line {frame.lineno} of {frame.name}"
