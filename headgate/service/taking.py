"""Takes up other rules that a person asks for while the service runs; see `drivers.asked`.

Beside the writer, so that nobody waits while rules are read and facts that are new are folded; then one command puts
them in force, all parts or none, at its place in the journal. A wish that cannot be granted is logged in words and
left; one that cannot be granted now is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from headgate.drivers.asked import Asked, asked_last
from headgate.drivers.changes import changes_of
from headgate.drivers.home import Home
from headgate.errors import HeadgateError, UnavailableError
from headgate.limits import TAKING_SECONDS
from headgate.service.around import Log
from headgate.service.commands.activate import Activate
from headgate.service.inside import Deciding


class Taking:
    """Looks every `seconds` at what is asked for. `start` once, `stop` at the end.

    settled: what was asked for before the files of the home were read for this start. widen: lets the service compute
    facts. trouble: why the last wish is not granted; empty where it is.
    """

    def __init__(
        self,
        home: Home,
        writer: Deciding,
        widen: Callable[[Iterable[str]], None],
        log: Log,
        settled: Asked | None,
        seconds: float = TAKING_SECONDS,
    ) -> None:
        self._home, self._writer, self._widen, self._log = home, writer, widen, log
        self._settled = settled
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="headgate-taking")
        self.trouble = ""

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; a wish that is not granted yet is found in the files of the home by the next start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._look()
            except HeadgateError as error:
                self._say(str(error))

    def _look(self) -> None:
        asked, in_force = asked_last(self._home.paths), self._writer.rules_hash
        if asked is None or asked == self._settled or not in_force:
            return
        try:
            self._take(asked, in_force)
        except UnavailableError as error:
            self._say(f"Other rules wait: {error}")
        except HeadgateError as error:
            self._settled = asked
            self._say(f"The rules {asked.rules[:12]} that {asked.by} asked for do not take effect: {error}")
        else:
            self._settled, self.trouble = asked, ""

    def _take(self, asked: Asked, in_force: str) -> None:
        if asked.rules == in_force:
            return
        wanted = self._home.rule_sets.get(asked.rules)
        changes = changes_of(self._home, in_force, wanted, asked)
        self._widen(wanted.facts)
        self._writer.tell(Activate(changes)).result()

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self._log(trouble)
        self.trouble = trouble
