"""A served home under load for a long time: every request answered, the queue bounded, memory explained by the window.

`python -m torture.soak [MINUTES]`. Requests are due at fixed times whatever the answers do, snapshots are written all
the while. What a payment leaves in the memory of the process that decides is what the window remembers of it; more than
that, steadily, is a leak, and so is anything in the process that answers.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.load.home import make_home, resident_mb_each, send, served
from bench.stream import dataset
from headgate.limits import MAX_QUEUE
from headgate.service.api.health import Ready

RATE = 100  # requests a second
SLICE_SECONDS = 10
PROCESSES = ("deciding", "answering")
# What a payment may hold, by process: facts, days, accounts, pairs and cached pages; nothing but the noise of pages.
BYTES_A_PAYMENT = {"deciding": 4096, "answering": 512}


class Soaked(msgspec.Struct, kw_only=True):
    """What came of it. `mb`: resident memory of each process after each slice, in the order of PROCESSES."""

    requests: int = 0
    refused: int = 0
    queued: int = 0
    longest_ms: float = 0.0
    snapshots: int = 0
    mb: list[list[float]] = []

    @property
    def wrong(self) -> list[str]:
        """What should not have been, in words."""
        found = [f"{self.refused} requests were refused"] if self.refused else []
        found += [f"{self.queued} requests waited at a time"] if self.queued > MAX_QUEUE else []
        found += ["no snapshot was written"] if not self.snapshots else []
        found += ["not both processes were seen"] if {len(each) for each in self.mb} != {len(PROCESSES)} else []
        for name, held in self.bytes_a_payment.items():
            if held > BYTES_A_PAYMENT[name]:
                found.append(f"memory of the {name} process grows by {held:.0f} bytes a payment")
        return found

    @property
    def bytes_a_payment(self) -> dict[str, float]:
        """How memory grows over the second half, by process."""
        later = self.mb[len(self.mb) // 2 :]
        return {
            name: _slope(mb) * 2**20 / (RATE * SLICE_SECONDS)
            for name, mb in zip(PROCESSES, zip(*later, strict=True), strict=True)
        }


def soak(minutes: float) -> Soaked:
    """Serve a fresh home and load it for so many minutes."""
    os.environ["HEADGATE_SNAPSHOTS__EVERY_SECONDS"] = "5"
    os.environ["HEADGATE_SNAPSHOTS__LEAST_ENTRIES"] = "100"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        key = make_home(dataset(None, folder), folder)
        with served(folder / "home") as (port, process):
            found, ends = Soaked(mb=[resident_mb_each(process)]), time.monotonic() + 60 * minutes
            while time.monotonic() < ends:
                _slice(port, key, found)
                found.mb.append(resident_mb_each(process))
            found.snapshots = len(list((folder / "home" / "snapshots").glob("*")))
    return found


def _slope(mb: Sequence[float]) -> float:
    return statistics.linear_regression(range(len(mb)), mb).slope


def _slice(port: int, key: str, found: Soaked) -> None:
    count = RATE * SLICE_SECONDS
    sent = send(port=port, key=key, first=found.requests, count=count, of=1, rate=RATE, connections=64)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        found.queued = max(found.queued, msgspec.json.decode(answer.read(), type=Ready).queued)
    found.requests += count
    found.refused += int(sent["refused"])
    found.longest_ms = max(found.longest_ms, *(value for name, value in sent.items() if name.endswith("_ms")))


def main() -> int:
    """Soak for so many minutes, by default 20."""
    found = soak(float((*sys.argv[1:], "20")[0]))
    print(
        f"{found.requests} requests, {found.refused} refused, at most {found.queued} waited; {found.longest_ms:.0f} ms"
    )
    for name, first, last in zip(PROCESSES, found.mb[0], found.mb[-1], strict=True):
        print(f"{name}: {first:.0f} to {last:.0f} MB, {found.bytes_a_payment[name]:.0f} bytes a payment")
    print("\n".join(found.wrong) or "Nothing was wrong.")
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
