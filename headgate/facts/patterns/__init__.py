"""The patterns: one file each, found by being here.

A file of this folder that defines `PATTERN` is a pattern of the grammar; nothing else has to be edited.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from headgate.facts.patterns.pattern import Pattern


@cache
def patterns() -> dict[str, Pattern]:
    """Return every pattern of this folder by its name, in the order of names."""
    found = [_pattern_of(module.name) for module in pkgutil.iter_modules(__path__)]
    return {pattern.name: pattern for pattern in sorted(filter(None, found), key=lambda p: p.name)}


def _pattern_of(module: str) -> Pattern | None:
    pattern = getattr(importlib.import_module(f"{__name__}.{module}"), "PATTERN", None)
    assert pattern is None or pattern.name == module, "a pattern is named like its file"
    return pattern
