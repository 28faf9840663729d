"""Life after life on the same files: born, asked, killed, audited; a new set of files every so many lives."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec

from headgate.drivers.rules import Rules
from headgate.drivers.snapshots import Snapshots
from headgate.service.writer import Writer
from torture.audit import Found, audit
from torture.client import Client
from torture.life import HOUR_US, Make, Plan, born, live
from torture.rules import small_rules

T0 = 1_741_104_000_000_000
LIVES = 25  # on the same files
STEPS = ("taken", "named", "folded", "signed", "committed", "answered")
OF_A_SNAPSHOT = ("forked", "written", "synced", "placed", "pruned")  # there a child dies, its parent, or both


class Figures(msgspec.Struct, kw_only=True):
    """What a torture came to. `kills` by where they struck; `wrong` in words."""

    kills: Counter[str] = msgspec.field(default_factory=Counter)
    acknowledged: int = 0
    refused: int = 0
    entries: int = 0
    before_the_answer: int = 0
    from_snapshots: int = 0
    wrong: list[str] = []


def torture(kills: int, seed: int = 1, *, instead: dict[str, str] | None = None, make: Make = Writer) -> Figures:
    """Kill a writer so many times and return what was found; stops at the first thing that is wrong."""
    figures = Figures()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:  # a child of the killed may still write
        rules = small_rules(Path(scratch) / "rules")
        for world in range(-(-kills // LIVES)):
            folder = Path(scratch) / f"world-{world}"
            folder.mkdir()
            lives = min(LIVES, kills - world * LIVES)
            _torture_one(folder, rules, Random(f"{seed}-{world}"), lives, figures, instead or {}, make)
            if figures.wrong:
                break
    return figures


def _torture_one(
    folder: Path, rules: Rules, random: Random, lives: int, figures: Figures, instead: dict[str, str], make: Make
) -> None:
    client, found = Client(random), Found()
    for _ in range(lives):
        plan = _plan(random, found.last_clock_us or T0)
        before = len(client.acknowledged)
        figures.from_snapshots += bool(Snapshots(folder / "snapshots").seqs())
        _one_life(folder, rules, plan, client, instead, make)
        found = audit(folder, rules, client)
        figures.kills[plan.step or plan.kind] += 1
        figures.before_the_answer += len(client.acknowledged) == before
        figures.wrong += [f"{msgspec.json.encode(plan).decode()}: {each}" for each in found.wrong]
        if figures.wrong:
            break
    figures.acknowledged += sum(not reply.error for reply in client.acknowledged.values())
    figures.refused += client.refused
    figures.entries += found.entries


def _plan(random: Random, clock_us: int) -> Plan:
    """A third of the deaths at a named step, a third at any write or sync, a third at any moment."""
    jump = random.choice((-2 * HOUR_US, 0, HOUR_US // 60, 3 * HOUR_US, 48 * HOUR_US))
    seed, kind = random.randrange(2**32), random.choice(("step", "disk", "time"))
    plan = Plan(seed=seed, clock_us=clock_us + jump, kind=kind)
    if kind == "step":
        step = random.choice(STEPS + OF_A_SNAPSHOT)
        nth = 0 if step in OF_A_SNAPSHOT else random.choice((0, 0, 1, 2, 4))
        return msgspec.structs.replace(plan, step=step, nth=nth)
    if kind == "disk":
        return msgspec.structs.replace(plan, nth=int(random.expovariate(1 / 200)))
    return msgspec.structs.replace(plan, after_seconds=random.expovariate(1 / 0.2))


def _one_life(folder: Path, rules: Rules, plan: Plan, client: Client, instead: dict[str, str], make: Make) -> None:
    ours, theirs = socket.socketpair()

    def be() -> None:
        ours.close()
        live(folder, rules, plan, theirs, instead, make)

    pid = born(be)
    theirs.close()
    with ours:
        client.converse(pid, ours, plan)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        client.contradictions.append(f"a writer ended by itself with status {status}")


def told(figures: Figures) -> Iterator[str]:
    """Yield the figures in words."""
    where = ", ".join(f"{count} at {name!r}" for name, count in sorted(figures.kills.items()))
    yield f"{figures.kills.total()} kills ({where}); {figures.before_the_answer} of them before any answer."
    yield f"{figures.from_snapshots} starts from a snapshot."
    yield f"{figures.acknowledged} requests acknowledged, {figures.refused} refused, {figures.entries} journal entries."
    yield from figures.wrong[:5] or ["Nothing was wrong."]


def main() -> int:
    """Torture so many times, by default 50; with a seed as second argument."""
    kills, seed = (*map(int, sys.argv[1:3]), 50, 1)[:2] if len(sys.argv) > 2 else (int((*sys.argv[1:], 50)[0]), 1)
    figures = torture(kills, seed)
    print("\n".join(told(figures)))
    return bool(figures.wrong)
