"""The whole default catalogue on a stream that grows longer while its window stays the same.

Run by `bench.kernel` as `python -m bench.sides.long ORDER`, ORDER in JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.sides.columns import CURRENCY
from bench.sides.crowd import Crowd
from bench.sides.large import FILL_ROWS, Figures, observed
from bench.sides.meter import use_one_core
from headgate.facts.engine import Engine


def length(order: dict[str, Any]) -> list[Figures]:
    """Return what is measured over some payments after each of `lengths`, with so many payments in the window."""
    crowd, place, many = Crowd(order["window_payments"]), 0, order["payments"]
    engine = Engine(reference_currency=CURRENCY)
    figures = []
    for until in order["lengths"]:
        for early in crowd.blocks(place, until, FILL_ROWS):
            engine.absorb(early)
        figures.append(observed(engine, crowd.columns(until, many), order["rows"]))
        place = until + many
    return figures


if __name__ == "__main__":
    use_one_core()
    print(json.dumps(length(json.loads(sys.argv[1]))))
