"""Public datasets: what each is, its licence, where a user gets it, and how its raw files become a dataset folder.

A file of this folder that defines `DESCRIBED` and `convert(raw)` adds a dataset; nothing else has to be edited. Raw
files are read as they were published and never fetched from here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from headgate.connectors.public.described import Converter, Described
from headgate.errors import DatasetError, nearest


def _modules() -> Mapping[str, ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules: dict[str, Any] = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {module.DESCRIBED.name: module for module in modules.values() if hasattr(module, "DESCRIBED")}


def public_sets() -> tuple[Described, ...]:
    """Return all public datasets that are known, by name."""
    return tuple(module.DESCRIBED for _, module in sorted(_modules().items()))


def converter(name: str) -> Converter:
    """Return the function that reads the raw files of a dataset. Raises DatasetError for a name that is not known."""
    modules = _modules()
    if name not in modules:
        raise DatasetError(
            f"There is no public dataset {name!r}",
            where="NAME",
            repair=f"{nearest(name, list(modules))}Known are: {', '.join(sorted(modules))}. "
            "For files of your own use `headgate import`.",
        )
    convert: Converter = modules[name].convert
    return convert
