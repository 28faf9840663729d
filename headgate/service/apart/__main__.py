"""The process that answers requests, as the process that decides starts it; it ends when that one is gone."""

from __future__ import annotations

import sys
from pathlib import Path

from headgate.service.apart.answer import answer

if __name__ == "__main__":
    answer(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
