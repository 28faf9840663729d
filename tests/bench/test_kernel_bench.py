"""The parts of the kernel benchmark that need no wheel: names, streams, and both ways of giving payments."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import kernel
from bench.sides import agree, large, long, ours
from bench.sides.columns import block, columns_of, load, save
from bench.sides.crowd import HUB, Crowd, dense, sparse
from bench.sides.differences import DIFFERENCES
from bench.sides.families import FAMILIES, WINDOWS, facts_until, theirs_until
from bench.sides.routes import rings
from headgate.facts.grammar import specs
from headgate.journal.entries import Payment
from headgate.journal.schema import from_block


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    path = tmp_path / "stream.npy"
    save(dense(600, WINDOWS["24h"]), path)
    return path


def test_a_family_holds_those_before_it() -> None:
    for smaller, larger in pairwise(FAMILIES):
        assert set(facts_until(smaller.name, "24h")) < set(facts_until(larger.name, "24h"))
    assert theirs_until("+ temporal cycle") == ["fan", "degree", "vertex_stats", "scatter-gather", "temp-cycle"]


@pytest.mark.parametrize("window", WINDOWS)
def test_every_fact_that_is_compared_is_in_the_grammar(window: str) -> None:
    assert [name for name in facts_until(FAMILIES[-1].name, window) if name not in specs()] == []
    assert {f"temporal_cycle_{window}_truncated", f"simple_cycle_{window}_truncated"} <= set(agree.names(window))


def test_a_crowd_is_the_same_each_time_and_its_hub_takes_a_tenth() -> None:
    crowd = Crowd(200_000)
    first, again = crowd.columns(0, 20_000), crowd.columns(0, 20_000)
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    assert 0.1 < (first.payee == HUB).mean() < 0.2
    assert not (first.payer == first.payee).any()
    in_a_window = crowd.columns(200_000, 1).seconds[0] - first.seconds[0]
    assert in_a_window == 28 * 86_400


def test_what_is_saved_for_both_sides_comes_back_as_the_same_payments(stream: Path) -> None:
    columns = load(stream, 600)
    entries = from_block(block(columns))
    assert all(isinstance(entry, Payment) for entry in entries)
    journal = pa.Table.from_batches([block(columns)])
    assert np.array_equal(columns_of(journal, 600)[0].seconds, columns.seconds)


def test_rings_are_those_of_the_definition_where_its_search_is_not_cut(tmp_path: Path) -> None:
    columns, names = sparse(2500, WINDOWS["24h"]), ("simple_cycle_24h", "simple_cycle_24h_truncated")
    save(columns, tmp_path / "sparse.npy")
    out = tmp_path / "ours.parquet"
    ours.counted({"stream": str(tmp_path / "sparse.npy"), "payments": 2500, "names": names, "out": str(out)})
    table = pq.read_table(out)
    cycles, cut = (table.column(name).to_numpy(zero_copy_only=False) for name in names)
    ways = (columns.payer, columns.payee, columns.seconds)
    counted = np.array([rings(*ways, row, WINDOWS["24h"])[1:].sum() for row in range(2500)])
    assert (cycles == counted)[~cut].all()
    assert (counted > 0).sum() > 100
    assert cut.mean() < 0.01


def test_rings_are_counted_by_length_and_pairs_once() -> None:
    legs = [(2, 3), (1, 2), (1, 2), (3, 4), (4, 1), (3, 1), (3, 1)]
    payer, payee = np.array(legs).T
    seconds = np.array([0, 1, 2, 3, 4, 5, 5])
    assert rings(payer, payee, seconds, 4, 10).tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert rings(payer, payee, seconds, 6, 10).tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert rings(payer, payee, seconds, 6, 4).tolist() == [0] * 9


def test_payments_are_given_one_at_a_time_or_in_blocks(stream: Path) -> None:
    order = {"stream": str(stream), "warm": 200, "payments": 400, "names": facts_until("fan + degree", "24h")}
    for rows in (1, 128):
        figures = ours.timed(order | {"rows": rows})
        assert figures["cpu_seconds"] > 0


def test_a_size_tells_speed_memory_and_what_a_snapshot_takes() -> None:
    figures = large.size({"window_payments": 2000, "payments": 200, "one": 50, "rows": 64})
    known = {name: value for name, value in figures.items() if value is not None}
    assert known["payments_per_second"] > 0
    assert known["one_p99_us"] >= known["one_median_us"] > 0
    assert known["snapshot_mb"] > 0


def test_a_stream_that_grows_longer_looks_at_no_more_a_payment() -> None:
    order = {"window_payments": 5000, "lengths": [5000, 50_000], "payments": 5000, "rows": 64}
    short, late = (figures["visited_per_payment"] for figures in long.length(order))
    assert short is not None
    assert late == pytest.approx(short, rel=0.1)


def test_the_other_side_is_asked_for_in_so_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADGATE_BENCH_SNAPML", raising=False)
    assert kernel.other_python() is None
    monkeypatch.setenv("HEADGATE_BENCH_SNAPML", "0")
    assert kernel.other_python() is None
    monkeypatch.setenv("HEADGATE_BENCH_SNAPML", "no/such/python")
    with pytest.raises(SystemExit, match="SNAPML=1"):
        kernel.other_python()


def test_the_tables_say_when_the_other_side_was_not_measured() -> None:
    family = {"family": "fan + degree", "payments": 5, "facts_absent": [], "ours_1_per_second": 9.0, "ours_1_mb": 1.0}
    family |= {"ours_128_per_second": 1234.5, "ours_128_mb": 2.0}
    length = {"length": 77_000, "payments_per_second": 4321.0, "visited_per_payment": 12.0}
    text = kernel.table(
        {
            "window": "24h",
            "families": [family],
            "sizes": [{"window_payments": 10, "visited": None}],
            "lengths": [length],
        }
    )
    assert "1,234" in text
    assert "not counted" in text
    assert "77,000 payments" in text
    assert "was not measured" in text


def test_every_difference_of_definition_is_in_the_docs() -> None:
    page = (kernel.ROOT / "docs" / "performance.md").read_text("utf-8")
    for one in DIFFERENCES:
        assert f"| {one.subject} | {one.theirs} | {one.ours} |" in page, one.subject
