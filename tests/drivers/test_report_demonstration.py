"""The report of a demonstration says what was found, what was held and what it cost."""

from __future__ import annotations

import re

import numpy as np
import pytest

from headgate.drivers.evaluation.period import Truth, period
from headgate.drivers.evaluation.replayed import Judged, worth
from headgate.drivers.report.demonstration import Demonstration, charts, demonstration_page, lede, table_rows
from headgate.limits import US_PER_DAY


def demonstration(rows=6000):
    random = np.random.default_rng(3)
    clock = np.sort(random.integers(0, 40 * US_PER_DAY, rows)) + 19_700 * US_PER_DAY
    ids = [f"t{n}" for n in range(rows)]
    label = random.random(rows) < 0.005
    frauds = np.flatnonzero(label)
    kinds = ("mule_ring", "takeover", "scatter_gather")
    schemes = {ids[row]: (f"s{place // 5}", kinds[place // 5 % 3]) for place, row in enumerate(frauds)}
    truth = Truth(dict(zip(ids, label.astype(int).tolist(), strict=True)), schemes)
    of = period(ids, clock, random.lognormal(9, 1, rows).round(), truth, first=0, stop=rows)
    score = random.normal(-6, 1, rows) + label * 5
    alert = score > -3.0
    action = np.where(score > -1, "hold", np.where(alert, "review", "allow")).tolist()
    case = [f"C-{row // 40}" if alert[row] else None for row in range(rows)]
    twins = {ids[row]: ("payroll", "house_purchase")[row % 2] for row in range(0, rows, 50)}
    return Demonstration(
        world="harbour",
        sentence="A port city.",
        seed=1,
        customers=400,
        accounts=1200,
        days=100,
        trained_on=9000,
        known_frauds=14,
        reference_currency="EUR",
        cases_budget=3,
        replayed=worth(of, Judged(action, alert, score, np.full(rows, -3.0), case), twins),
        seconds={"simulate": 1.5, "facts": 50.0},
        peak_rss_mb=300.0,
    )


@pytest.fixture(scope="module")
def shown():
    return demonstration()


def test_the_page_holds_every_chart_and_fetches_nothing(shown):
    html = demonstration_page(shown)
    for chart in charts(shown):
        assert f'id="chart-{chart.key}"' in html
    assert not re.search(r'(src|href)="', html)
    assert "default-src 'none'" in html


def test_the_table_and_the_page_give_the_same_numbers(shown):
    html, rows = demonstration_page(shown), dict(table_rows(shown))
    for title in ("alerts a day", "schemes found of schemes present", "fraudulent value held before settlement"):
        assert rows[title] in html
    assert rows["cases a day (budget 3)"] != "–"
    assert len(rows) == 11


def test_the_first_sentences_say_what_happened(shown):
    assert "A bank of 400 customers was simulated for 100 days" in lede(shown)
    assert f"found {shown.replayed.schemes.found} of {shown.replayed.schemes.schemes} schemes" in lede(shown)


def test_value_is_drawn_in_major_units(shown):
    value = next(chart for chart in charts(shown) if chart.key == "value")
    assert value.lines[0].y[-1] == pytest.approx(shown.replayed.by_day.fraud_value.y[-1] / 100)
