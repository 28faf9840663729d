"""The folds that are compared, and another kernel in place of the installed one.

HEADGATE_KERNEL names a folder whose `_kernel` module is tested instead: a sanitized one, or a mutant.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest


def load_other_kernel(folder: Path) -> None:
    """Import `headgate.kernel._kernel` from a folder, before anybody imports it from its place."""
    name = "headgate.kernel._kernel"
    assert name not in sys.modules, "the kernel was imported before it could be replaced"
    (file,) = folder.glob("_kernel*.so")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


if "HEADGATE_KERNEL" in os.environ:
    load_other_kernel(Path(os.environ["HEADGATE_KERNEL"]))

from headgate.facts.compiled import CompiledFold  # noqa: E402
from headgate.facts.engine import Engine  # noqa: E402
from headgate.facts.grammar import specs  # noqa: E402
from headgate.facts.reference import ReferenceFold  # noqa: E402
from headgate.kernel import fail_allocation_after  # noqa: E402

Make: TypeAlias = Callable[[], Engine]


def compiled_fold(names: tuple[str, ...], currency: str, zone: str) -> CompiledFold:
    return CompiledFold(names, reference_currency=currency, time_zone=zone)


def reference_fold(names: tuple[str, ...], currency: str, zone: str) -> ReferenceFold:
    return ReferenceFold(names, reference_currency=currency, time_zone=zone)


def knows(name: str) -> bool:
    try:
        CompiledFold([name])
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def known() -> tuple[str, ...]:
    """Every fact that the kernel knows."""
    return tuple(name for name in specs() if knows(name))


@pytest.fixture(scope="session")
def make_compiled(known: tuple[str, ...]) -> Callable[..., Engine]:
    """Makes an engine with the kernel; for all known facts unless others are named."""

    def make(names: tuple[str, ...] = known) -> Engine:
        return Engine(names, time_zone="Europe/Berlin", make_fold=compiled_fold)

    return make


@pytest.fixture(scope="session")
def make_reference(known: tuple[str, ...]) -> Callable[..., Engine]:
    """Makes an engine with the reference."""

    def make(names: tuple[str, ...] = known) -> Engine:
        return Engine(names, time_zone="Europe/Berlin", make_fold=reference_fold)

    return make


@pytest.fixture(scope="session")
def restore() -> Callable[[Path], Engine]:
    """Restores an engine with the kernel."""
    return lambda path: Engine.restore(path, make_fold=compiled_fold)


@pytest.fixture
def fail_after() -> Iterator[Callable[[int], None]]:
    """Makes the n-th next allocation of the state fail; no later test is left with that."""
    yield fail_allocation_after
    fail_allocation_after(-1)
