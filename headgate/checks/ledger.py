"""Law: a ledger's store keeps leaves and head together, in order, and lets one writer only go on.

    chains(SqliteLedgerFile, tmp_path / "ledger.db")

`open_store(path)` makes or opens a store at a path; it must satisfy `headgate.ledger.store.LedgerStore`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from headgate.checks.law import Law
from headgate.errors import ConflictError, HeadgateError
from headgate.ledger.store import Head, LedgerStore

_LAW = Law("chains", "Compare the size and write leaves and head in one transaction.")
_require, _broken = partial(_LAW.require, where="ledger"), partial(_LAW.broken, where="ledger")

OpenStore = Callable[[Path], LedgerStore]
_LEAVES = tuple(b"leaf %d" % number for number in range(7))


def chains(open_store: OpenStore, path: Path) -> None:
    """Raise LawError unless a store at `path` (nothing is there yet) keeps a ledger."""
    store = open_store(path)
    _require(store.ledger_head() is None and store.ledger_leaves(0, 9) == [], "a new ledger is not empty")
    store.append_to_ledger(_LEAVES[:3], _head(3), 0)
    store.append_to_ledger(_LEAVES[3:], _head(7), 3)
    _gives_back(store)
    store.append_to_ledger((), Head(7, b"seven again", b"another signature"), 7)
    _require(store.ledger_head() == Head(7, b"seven again", b"another signature"), "a new head is not kept")
    store.append_to_ledger((), _head(7), 7)
    _lets_one_writer_go_on(store)
    _is_whole_or_not_at_all(store)
    _gives_back(open_store(path))


def _gives_back(store: LedgerStore) -> None:
    _require(store.ledger_head() == _head(7), "the head comes back otherwise than it was stored")
    _require(store.ledger_leaves(0, 99) == list(_LEAVES), "the leaves come back otherwise than they were stored")
    _require(store.ledger_leaves(2, 5) == list(_LEAVES[2:5]), "a range of leaves is another")


def _lets_one_writer_go_on(store: LedgerStore) -> None:
    for leaves, head, expected in (
        (_LEAVES[:1], _head(4), 3),
        (_LEAVES[:1], _head(9), 8),
        (_LEAVES[:2], _head(8), 7),
        ((), _head(3), 3),
    ):
        try:
            store.append_to_ledger(leaves, head, expected)
        except ConflictError:
            _gives_back(store)
        else:
            raise _broken(f"a writer that expected {expected} entries went on at 7")


class _Broken(Sequence[bytes]):
    """Leaves that end in the middle, as those of a process do that dies."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, at: object) -> bytes:  # type: ignore[override]
        return b"one"

    def __iter__(self) -> Iterator[bytes]:
        yield b"one"
        raise InterruptedError("stopped in the middle of a commit")


def _is_whole_or_not_at_all(store: LedgerStore) -> None:
    try:
        store.append_to_ledger(_Broken(), _head(9), 7)
    except (InterruptedError, HeadgateError):
        _gives_back(store)
    else:
        raise _broken("a commit that was stopped in the middle reported success")


def _head(size: int) -> Head:
    return Head(size, b"peaks of %d" % size, b"checkpoint of %d" % size)
