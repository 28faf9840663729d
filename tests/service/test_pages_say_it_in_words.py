"""Words, drawings and files of the workbench."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import tomllib
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.cases.flow import Flow, FlowEdge, FlowNode
from headgate.decisions.record import ACTIONS, Adjustment, Decision
from headgate.service.web import words
from headgate.service.web.graph import graph_of
from headgate.service.web.layout import NARROW, WIDE, positions
from headgate.service.web.meter import WIDTH, meter_of
from headgate.service.web.render import FOLDER, STATIC


def flow(pairs: list[tuple[str, str]]) -> Flow:
    edges = tuple(
        FlowEdge(tx_id=f"P-{n}", seq=n, clock_us=n, payer=payer, payee=payee, reference_minor=100 + n, kind="context")
        for n, (payer, payee) in enumerate(pairs)
    )
    accounts = dict.fromkeys(account for pair in pairs for account in pair)
    return Flow(nodes=tuple(FlowNode(account=account) for account in accounts), edges=edges, truncated=False)


accounts = st.sampled_from([f"A-{n}" for n in range(12)])
many_pairs = st.lists(st.tuples(accounts, accounts).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=30)


@pytest.mark.parametrize("spacing", [WIDE, NARROW])
@given(pairs=many_pairs)
def test_no_two_accounts_are_drawn_on_one_another(pairs: list[tuple[str, str]], spacing: object) -> None:
    placed = positions(flow(pairs), spacing)  # type: ignore[arg-type]
    assert set(placed) == {account for pair in pairs for account in pair}
    for (x1, y1), (x2, y2) in itertools.combinations(placed.values(), 2):
        assert abs(x1 - x2) >= spacing.fold or abs(y1 - y2) >= spacing.row  # type: ignore[attr-defined]


def test_money_that_is_passed_on_runs_from_left_to_right() -> None:
    placed = positions(flow([("A-1", "A-2"), ("A-2", "A-3"), ("A-3", "A-4")]))
    assert [placed[f"A-{n}"][0] for n in (1, 2, 3, 4)] == [0, WIDE.column, 2 * WIDE.column, 3 * WIDE.column]


@given(pairs=many_pairs)
def test_every_payment_is_in_one_arrow_and_every_amount_is_shown(pairs: list[tuple[str, str]]) -> None:
    graph = graph_of(flow(pairs), "EUR")
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == set(pairs)
    shown = sum(bool(edge["label"]) for edge in graph["edges"]) + sum("\n" in node["label"] for node in graph["nodes"])
    assert shown == len(set(pairs))


def decided(rank: float, threshold: float, probability: float | None = None) -> Decision:
    return Decision(
        tx_id="P-1", seq=1, clock_us=1, action="review", alert=True, score=None, probability=probability,
        rank_score=rank, threshold=threshold,
    )  # fmt: skip


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_the_bar_stays_inside_and_is_over_the_line_exactly_when_the_rank_is(rank: float, threshold: float) -> None:
    meter = meter_of(decided(rank, threshold))
    assert 0 < meter.score <= WIDTH
    assert meter.over == (rank >= threshold)
    if abs(rank - threshold) < 1e6:
        assert (meter.score >= meter.threshold) == (rank >= threshold) or abs(rank - threshold) < 0.05


def test_the_bar_says_what_the_probability_means() -> None:
    assert "about 42 % turned out to be fraud" in meter_of(decided(2, 1, 0.42)).words
    assert "fewer than 0.1 %" in meter_of(decided(-9, 1, 0.00001)).words


def test_every_action_and_every_adjustment_has_its_words() -> None:
    assert set(words.ACTIONS) == set(words.ACTION_SENTENCES) == set(ACTIONS)
    assert set(words.ADJUSTMENTS) == set(get_args(Adjustment))


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "EUR", "EUR 0.00"),
        (123456789, "EUR", "EUR 1,234,567.89"),
        (500, "JPY", "JPY 500"),
        (1, "KWD", "KWD 0.001"),
        (5, "XXX", "0.05"),
    ],
)
def test_money_reads_as_people_write_it(minor: int, currency: str, text: str) -> None:
    assert words.money(minor, currency).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (59, "59 min"), (61, "1 h 1 min"), (1500, "1 d 1 h"), (14_400, "10 d"), (-5, "0 min")],
)
def test_a_span_reads_in_its_two_largest_units(minutes: int, text: str) -> None:
    assert words.duration(minutes * 60_000_000) == text


def test_vendored_files_are_the_published_ones_and_each_has_its_licence() -> None:
    vendor = STATIC / "vendor"
    parts = tomllib.loads((vendor / "MANIFEST.toml").read_text("utf-8"))["part"]
    listed = {name: digest for part in parts for name, digest in part["sha256"].items()}
    found = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()} - {"MANIFEST.toml"}
    assert found == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name
    assert {part["licence"] for part in parts} == {"0BSD", "MIT"}
    assert all(any(name.endswith("LICENSE") for name in part["sha256"]) for part in parts)


def test_templates_hold_no_inline_script_or_style_and_ask_no_other_host() -> None:
    for path in (FOLDER / "templates").glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", text), path.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path.name


def test_htmx_is_told_to_evaluate_nothing_and_to_write_no_style() -> None:
    text = (FOLDER / "templates" / "base.html").read_text("utf-8")
    found = re.search(r"name=\"htmx-config\" content='([^']+)'", text)
    assert found is not None
    config = json.loads(found[1])
    assert config["includeIndicatorStyles"] is False
    assert config["allowEval"] is False
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0


def colours() -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme, by name."""
    text = (STATIC / "workbench.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", text, re.S)[:2]
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    return [found[0], found[0] | found[1]]


def luminance(colour: str) -> float:
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio by WCAG 2.2."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


SHADES = ("critical", "high", "medium", "low", "good")


@pytest.mark.parametrize("scheme", [0, 1])
def test_every_text_stands_out_from_its_ground_in_light_and_dark(scheme: int) -> None:
    named = colours()[scheme]
    grounds = ("page", "surface", "sunken")
    pairs = [(ink, ground) for ink in ("ink", "muted", "link") for ground in grounds]
    pairs += [(shade, ground) for shade in SHADES for ground in (f"{shade}-soft", "surface")]
    pairs += [("ink", f"{shade}-soft") for shade in SHADES] + [("brand-ink", "brand")]
    faint = {pair: round(contrast(named[pair[0]], named[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    assert contrast(named["strong-line"], named["surface"]) >= 3
    assert contrast(named["focus"], named["surface"]) >= 3
    assert contrast("#ffffff", "#a3142e") >= 4.5
