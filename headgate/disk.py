"""The disk of this machine: what is written is there after a crash only once it was synced."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path | str) -> None:
    """Put a file, or the names in a folder, on the disk. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
