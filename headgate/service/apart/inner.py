"""The end of the wire in the process that decides: commands go to the writer, answers go back, many at a time.

One thread reads. Answers wait until the writer has answered its whole group, and leave together with how the writer
stands. When the other process is gone, what it is owed is dropped: its callers are gone too.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from headgate.service.apart.frames import Answered, Frames, Listening, Refused, Standing, Wish, framed
from headgate.service.inside import Inside

_AT_ONCE: Final = 1 << 16  # bytes read in one call; room for more is had from the system each time


class Reply:
    """The promise of an answer to the other process; see `awaiting.Promise`."""

    __slots__ = ("_number", "_wire")

    def __init__(self, wire: Inner, number: int) -> None:
        self._wire, self._number = wire, number

    def set_running_or_notify_cancel(self) -> bool:
        """Whether somebody still waits; from here that cannot be seen."""
        return True

    def set_result(self, result: Any, /) -> None:
        """Answer."""
        self._wire.owe(Answered(self._number, result))

    def set_exception(self, exception: BaseException | None, /) -> None:
        """Answer with an error."""
        self._wire.owe(Answered(self._number, None, exception))


class Inner:
    """The deciding end of a pair of sockets. listening: hears that the other process answers requests.

    `flush` is for the writer to call when it has answered; `begin` with what decides, before anything comes; `stop`
    tells the other process to end, `close` lets go of the wire.
    """

    def __init__(self, wire: socket.socket, listening: Callable[[], None]) -> None:
        self._wire = wire
        self._listening = listening
        self._inside: Inside | None = None
        self._owed: list[Answered] = []
        self._owing, self._sending = threading.Lock(), threading.Lock()
        self._stopping = False
        self._told: Standing | None = None
        self._asking = ThreadPoolExecutor(1, "headgate-asked")
        self._thread = threading.Thread(target=self._read, name="headgate-inner")

    def begin(self, inside: Inside) -> None:
        """Take what comes from now on."""
        self._inside = inside
        self._questions: Mapping[str, Callable[..., Any]] = {
            "published": inside.log.published,
            "figures": inside.figures,
        }
        self.flush()
        self._thread.start()

    def stop(self) -> None:
        """Tell the other process to answer what it has begun, and to end."""
        self._stopping = True
        self.flush()

    def close(self) -> None:
        """Let go of the wire; whoever still waits at the other end ends."""
        self._part()
        if self._thread.ident is not None:
            self._thread.join()
        self._asking.shutdown()
        self._wire.close()

    def _part(self) -> None:
        with suppress(OSError):  # where the other end is gone already
            self._wire.shutdown(socket.SHUT_RDWR)

    def owe(self, answer: Answered) -> None:
        """Keep an answer for the next `flush`. Any thread may call this."""
        with self._owing:
            self._owed.append(answer)

    def flush(self) -> None:
        """Send the answers that wait, and how the writer stands where that has changed."""
        if self._inside is None:
            return
        with self._sending:
            standing = self._standing(self._inside)
            with self._owing:
                owed, self._owed = self._owed, []
            if not owed and standing == self._told:
                return
            self._told = standing
            with suppress(OSError):  # where nobody is there to be told; who started the other process sees that
                self._wire.sendall(_packed(standing, owed))

    def _standing(self, inside: Inside) -> Standing:
        writer = inside.writer
        return Standing(
            writer.ready, writer.trouble, writer.last_seq, writer.rules_hash, inside.wishes.trouble, self._stopping
        )

    def _read(self) -> None:
        frames = Frames()
        try:
            while data := self._wire.recv(_AT_ONCE):
                for value in frames.feed(data):
                    self._take(value)
        except ConnectionError:
            return  # the other process is gone, which who started it sees
        finally:
            self._part()  # whatever ended this, nobody at the other end may wait for ever

    def _take(self, value: Wish | Refused | Listening) -> None:
        assert self._inside is not None, "nothing is sent here before the other process was told to begin"
        if isinstance(value, Wish):
            self._grant(self._inside, value)
        elif isinstance(value, Refused):
            self._inside.writer.unavailable(value.requests, value.trouble)
        else:
            self._listening()

    def _grant(self, inside: Inside, wish: Wish) -> None:
        if wish.question:
            self._asking.submit(self._ask, wish)
            return
        try:
            inside.writer.put(wish.command, Reply(self, wish.number))
        except Exception as error:
            self.owe(Answered(wish.number, None, error))
            self.flush()

    def _ask(self, wish: Wish) -> None:
        """Answer a question that may have to wait for files."""
        try:
            self.owe(Answered(wish.number, self._questions[wish.question](*wish.arguments)))
        except Exception as error:
            self.owe(Answered(wish.number, None, error))
        self.flush()


def _packed(standing: Standing, owed: list[Answered]) -> bytes:
    """The frame of some answers; one that cannot travel becomes an error that says so."""
    try:
        return framed((standing, owed))
    except Exception:
        return framed((standing, [_travelling(each) for each in owed]))


def _travelling(answer: Answered) -> Answered:
    try:
        framed(answer)
    except Exception as error:
        return Answered(answer.number, None, RuntimeError(f"An answer cannot leave its process: {error}"))
    return answer
