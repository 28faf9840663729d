"""A served home under load for a long time: every request answered, the queue bounded, memory explained by the window.

`python -m torture.soak [MINUTES]`. Requests are due at fixed times whatever the answers do, snapshots are written all
the while. What a payment leaves in memory is what the window remembers of it; more than that, steadily, is a leak.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import msgspec

from bench.load.home import make_home, resident_mb, send, served
from bench.stream import dataset
from headgate.limits import MAX_QUEUE
from headgate.service.api.health import Ready

RATE = 100  # requests a second
SLICE_SECONDS = 10
BYTES_A_PAYMENT = 4096  # what facts, days, accounts, pairs and cached pages of one payment may hold


class Soaked(msgspec.Struct, kw_only=True):
    """What came of it. `mb`: resident memory after each slice; `bytes_a_payment`: its slope over the second half."""

    requests: int = 0
    refused: int = 0
    queued: int = 0
    longest_ms: float = 0.0
    snapshots: int = 0
    mb: list[float] = []
    bytes_a_payment: float = 0.0

    @property
    def wrong(self) -> list[str]:
        """What should not have been, in words."""
        found = [f"{self.refused} requests were refused"] if self.refused else []
        found += [f"{self.queued} requests waited at a time"] if self.queued > MAX_QUEUE else []
        found += ["no snapshot was written"] if not self.snapshots else []
        if self.bytes_a_payment > BYTES_A_PAYMENT:
            found.append(f"memory grows by {self.bytes_a_payment:.0f} bytes a payment")
        return found


def soak(minutes: float) -> Soaked:
    """Serve a fresh home and load it for so many minutes."""
    os.environ["HEADGATE_SNAPSHOTS__EVERY_SECONDS"] = "5"
    os.environ["HEADGATE_SNAPSHOTS__LEAST_ENTRIES"] = "100"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        key = make_home(dataset(None, folder), folder)
        with served(folder / "home") as (port, process):
            found, ends = Soaked(mb=[resident_mb(process)]), time.monotonic() + 60 * minutes
            while time.monotonic() < ends:
                _slice(port, key, found)
                found.mb.append(resident_mb(process))
            found.snapshots = len(list((folder / "home" / "snapshots").glob("*")))
    half = found.mb[len(found.mb) // 2 :]
    slope_mb = statistics.linear_regression(range(len(half)), half).slope
    found.bytes_a_payment = slope_mb * 2**20 / (RATE * SLICE_SECONDS)
    return found


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
    print(f"memory {found.mb[0]:.0f} to {found.mb[-1]:.0f} MB, {found.bytes_a_payment:.0f} bytes a payment")
    print("\n".join(found.wrong) or "Nothing was wrong.")
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
