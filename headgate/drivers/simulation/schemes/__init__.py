"""The schemes: one file each, with its benign twins beside it. A file in this folder is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from headgate.drivers.simulation.scheme import Scheme


@cache
def schemes() -> tuple[Scheme, ...]:
    """Return every scheme, in the order of file names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [importlib.import_module(f"{__name__}.{name}").SCHEME for name in names]
    assert all(isinstance(scheme, Scheme) for scheme in found)
    return tuple(found)
