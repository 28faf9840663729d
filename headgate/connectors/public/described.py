"""What is said of a public dataset, and what a converter returns: columns, and what it left out and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec
import pyarrow as pa


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One public dataset in words.

    licence: as far as it could be verified; where it could not, it says so. files: what `convert` expects. never_used:
    columns that tell the label or were written after the crime. caveats: what a reader of results must know.
    """

    name: str
    title: str
    kind: str
    licence: str
    where: str
    files: str
    never_used: tuple[str, ...]
    caveats: tuple[str, ...]


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of a dataset folder by file name without suffix, and how many raw rows were left out, by reason."""

    tables: dict[str, pa.Table]
    rows_read: int
    left_out: dict[str, int]


Converter: TypeAlias = Callable[[Path], Converted]
