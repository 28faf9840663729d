"""The facts, family by family: each rule beside its sentence, its unit and its evidence.

A file of this folder that defines `specs()` adds its facts to the grammar; nothing else has to be edited.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from headgate.facts.spec import FactSpec


def all_specs() -> Iterator[FactSpec]:
    """Yield every fact of every file of this folder, file by file in the order of names."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        yield from importlib.import_module(f"{__name__}.{module.name}").specs()
