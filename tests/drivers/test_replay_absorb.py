from __future__ import annotations

import pyarrow as pa
import pytest

from headgate.checks.comparison import require_same
from headgate.checks.journals import random_journal
from headgate.errors import FieldError, OrderError
from headgate.facts.engine import Engine
from headgate.journal.schema import to_block


@pytest.mark.parametrize("cut", [0, 1, 97, 250])
def test_what_was_absorbed_counts_as_what_was_observed(cut: int) -> None:
    entries = random_journal(seed=8, payments=200)
    before, after = to_block(entries[:cut]), to_block(entries[cut:])
    observed, absorbed = Engine(), Engine()
    observed.observe(before)
    absorbed.absorb(before)
    assert absorbed.entries_seen == observed.entries_seen == cut
    require_same("absorbs", _table(observed, after), _table(absorbed, after), "Absorb as you observe.")


def _table(engine: Engine, block: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([engine.observe(block)])


def test_a_block_is_absorbed_by_the_same_rules_as_it_is_observed() -> None:
    block = to_block(random_journal(seed=8, payments=20))
    engine = Engine()
    engine.absorb(block)
    with pytest.raises(OrderError):
        engine.absorb(block)
    with pytest.raises(FieldError, match="RecordBatch"):
        engine.absorb([])
