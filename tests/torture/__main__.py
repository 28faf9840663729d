"""`python -m torture [KILLS [SEED]]`."""

from __future__ import annotations

import sys

from torture.driving import main

sys.exit(main())
