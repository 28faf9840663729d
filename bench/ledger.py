"""The ledger: what it costs a service, how fast it is verified, and proofs at ten million leaves.

A served home is measured by turns with its ledger and, by `bench.load.unlogged`, without one. The group commit is the
bare one of `bench.load.bare` (entries and decisions of a group into the SQLite store); the ledger's part is entries
encoded, committed to by HMAC, hashed, signed, and stored in the same transaction. Beside that the served home draws
keys for new payers and publishes. Verification is measured as whole commands, from the start of the process to its end.
"""

from __future__ import annotations

import hashlib
import hmac
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from bench.load.bare import batch_of
from bench.load.home import make_home, send, served
from bench.service import measured
from bench.stream import cpu_seconds, peak_mb
from headgate.connectors.dataset import Dataset
from headgate.ledger import verify
from headgate.ledger.entries import encode_made
from headgate.ledger.keys import FileSigner
from headgate.ledger.kinds import Decision
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519
from headgate.ledger.proof import check_inclusion, prove_consistency, prove_inclusion
from headgate.ledger.publish import Publisher
from headgate.ledger.reader import folder_reader
from headgate.ledger.tiles import hash_tiles, tiles_of
from headgate.ledger.tree import Tree, grow_by_hashes
from headgate.stores.sqlite import SqliteStore
from headgate.stores.sqlite_ledger import SqliteLedgerFile
from headgate.stores.store import Batch

SIGNER = FileSigner("ledger.bank.example/bench", ED25519, b"k" * 32)
GROUPS, GROUP = 150, 64
TURNS, WARM, SINGLES, LISTS, LIST = 3, 4_000, 6_000, 200, 100
VERIFIED = 1_048_576
LARGE = 10_000_000
HASH = "0123456789abcdef" * 4


def run(dataset: Dataset) -> dict[str, float | int | str]:
    """Return all figures; the dataset is what the served home is made of."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made = _served(dataset, folder) | _commits(folder) | _verified(folder) | _proofs(folder)
        inside = float(made["us_cpu_a_decision_inside_the_group_commit"])
        share = inside / (float(made["lists_unlogged_us_cpu"]) + inside)
        return made | {"lists_cpu_share_inside_the_group_commit": share, "peak_mb": peak_mb()}


def _served(dataset: Dataset, folder: Path) -> dict[str, float | int | str]:
    """A home with its ledger and one without, by turns: what the ledger takes of throughput and of CPU."""
    key = make_home(dataset, folder)
    shutil.copytree(folder / "home", folder / "unlogged")
    sides = {"logged": ("home", "headgate"), "unlogged": ("unlogged", "bench.load.unlogged")}
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for turn in range(TURNS):
        for side, (name, program) in sides.items():
            for way, row in _turn(folder / name, program, key, turn * (WARM + SINGLES + LISTS * LIST)).items():
                rows[f"{way} {side}"].append(row)
    figures: dict[str, float | int | str] = {}
    for way in ("singles", "lists"):
        rate, cpu = (
            [one[at] / other[at] for one, other in zip(rows[f"{way} logged"], rows[f"{way} unlogged"], strict=True)]
            for at in (0, 1)
        )
        for side in sides:
            taken = list(zip(*rows[f"{way} {side}"], strict=True))
            figures[f"{way}_{side}_payments_a_second"], figures[f"{way}_{side}_us_cpu"] = map(statistics.median, taken)
        figures[f"{way}_throughput_share_of_the_ledger"] = 1 - statistics.median(rate)
        figures[f"{way}_cpu_share_of_the_ledger"] = 1 - 1 / statistics.median(cpu)
    return figures


def _turn(home: Path, program: str, key: str, first: int) -> dict[str, tuple[float, float]]:
    """Payments a second, and CPU microseconds a payment, one a request and in lists."""
    with served(home, program) as (port, process):
        send(port=port, key=key, first=first, count=WARM // LIST, of=LIST, connections=2)
        one = measured(port, process, key, first + WARM, SINGLES, 1)
        many = measured(port, process, key, first + WARM + SINGLES, LISTS, LIST, connections=4)
    return {way: (row["payments_a_second"], row["service_cpu_us"]) for way, row in (("singles", one), ("lists", many))}


def _commits(folder: Path) -> dict[str, float | int | str]:
    batches = [batch_of(first, GROUP) for first in range(0, GROUPS * GROUP, GROUP)]
    store, both = SqliteStore(folder / "bare.db"), SqliteStore(folder / "both.db")
    log, ours = Log(SIGNER.verifier.name, (SIGNER,), None), list[float]()
    bare, logged = list[tuple[float, float]](), list[tuple[float, float]]()
    for batch in batches:  # by turns, so that a busy machine is busy for both
        bare.append(_both(lambda batch=batch: store.commit(batch)))
        ours.append(_both(lambda batch=batch: log.prepare(_leaves(batch)))[1])
        logged.append(_both(lambda batch=batch: _commit_logged(both, batch, log)))
    (bare_s, bare_cpu), (logged_s, logged_cpu) = (
        map(statistics.median, zip(*each, strict=True)) for each in (bare, logged)
    )
    store.close()
    both.close()
    return {
        "decisions_a_group": GROUP,
        "median_ms_group_commit": 1000 * bare_s,
        "median_ms_group_commit_with_ledger": 1000 * logged_s,
        "ratio_with_ledger_over_without": logged_s / bare_s,
        "median_ms_cpu_group_commit": 1000 * bare_cpu,
        "median_ms_cpu_group_commit_with_ledger": 1000 * logged_cpu,
        "us_cpu_a_decision_inside_the_group_commit": 1e6 * (logged_cpu - bare_cpu) / GROUP,
        "us_cpu_a_leaf_encoded_hashed_signed": 1e6 * sum(ours) / (GROUPS * GROUP),
        "us_cpu_a_checkpoint_signed": 1e6 * cpu_seconds(lambda: [log.prepare(()) for _ in range(500)]) / 500,
    }


def _commit_logged(store: SqliteStore, batch: Batch, log: Log) -> None:
    prepared = log.prepare(_leaves(batch))
    store.commit(msgspec.structs.replace(batch, logged=prepared))
    log.committed(prepared)


def _leaves(batch: Batch) -> list[bytes]:
    return [_leaf(decision.seq) for decision in batch.decisions]


def _leaf(number: int) -> bytes:
    made = hmac.digest(b"k" * 32, b"%d" % number, "sha256").hex()
    return encode_made(  # as the book does: a decision is made of values that were checked before
        Decision(
            at_us=1_700_000_000_000_000 + number, seq=number, payment=made, action="allow", fired=("fan_in_burst",),
            record=hmac.digest(b"k" * 32, made.encode(), "sha256").hex(), facts=HASH, versions=HASH,
        )
    )  # fmt: skip


def _verified(folder: Path) -> dict[str, float | int | str]:
    store, log = SqliteLedgerFile(folder / "ledger.db"), Log(SIGNER.verifier.name, (SIGNER,), None)
    place, key = folder / "log", SIGNER.verifier.text()
    log.append([_leaf(0)], store)
    Publisher(store, place).publish()
    start = _command_seconds("-m", "headgate", "verify", str(place), "--key", key)
    for first in range(1, VERIFIED, 16_384):
        log.append([_leaf(number) for number in range(first, min(first + 16_384, VERIFIED))], store)
    published = _wall(lambda: Publisher(store, place).publish())
    store.close()
    whole = ("-m", "headgate", "verify", str(place), "--key", key)
    figures: dict[str, float | int | str] = {
        "leaves_verified": VERIFIED,
        "bytes_a_leaf": len(_leaf(1)),
        "leaves_published_a_second": (VERIFIED - 1) / published,
        "cpu_s_headgate_verify_of_one_leaf": start,
        "leaves_a_cpu_second_headgate_verify": VERIFIED / _command_seconds(*whole),
        "leaves_a_cpu_second_headgate_verify_hashes_only": VERIFIED / _command_seconds(*whole, "--hashes-only"),
        "leaves_a_cpu_second_verify_py": VERIFIED / _command_seconds(verify.__file__, str(place), "--key", key),
    }
    shutil.rmtree(place)
    return figures


def _command_seconds(*arguments: str) -> float:
    """CPU seconds, user and system, of a whole process of Python from its start to its end; the median of three."""
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(taken)


def _proofs(folder: Path) -> dict[str, float | int | str]:
    tree = _large_log(folder)
    draw, inclusion, consistency = np.random.default_rng(1), [], []
    for number, old in draw.integers(1, LARGE, (300, 2)).tolist():
        cold = folder_reader(folder, LARGE)  # nothing remembered: the worst case
        inclusion.append(_wall(lambda number=number, cold=cold: prove_inclusion(number, LARGE, cold.node)))
        cold = folder_reader(folder, LARGE)
        consistency.append(_wall(lambda old=old, cold=cold: prove_consistency(old, LARGE, cold.node)))
    leaf = hashlib.sha256(b"%d" % number).digest()
    proof = prove_inclusion(number, LARGE, cold.node)
    checked = _wall(lambda: check_inclusion(number, LARGE, leaf, proof, tree.root()))
    return {
        "leaves_of_the_large_log": LARGE,
        "median_ms_inclusion_proof": 1000 * statistics.median(inclusion),
        "p99_ms_inclusion_proof": 1000 * float(np.quantile(inclusion, 0.99)),
        "median_ms_consistency_proof": 1000 * statistics.median(consistency),
        "ms_inclusion_proof_checked": 1000 * checked,
    }


def _large_log(folder: Path) -> Tree:
    """Write the tiles of hashes of a large log, whose leaf hashes are those of its numbers."""
    grown = grow_by_hashes(Tree(), (hashlib.sha256(b"%d" % number).digest() for number in range(LARGE)))
    levels = [b"".join(hashes) for hashes in grown.levels]
    for level in range(len(levels)):
        count = len(levels[level]) // 32
        for name in tiles_of(level, count):
            path = folder / name.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(levels[level][name.number * 8192 : name.number * 8192 + name.width * 32])
    assert all((folder / name.path()).is_file() for name in hash_tiles(LARGE) if name.width < 256)
    return grown.tree


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _both(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds and the CPU seconds of some work."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu
