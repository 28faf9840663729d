"""The report of an evaluation: self-contained, complete, safe against what its data say."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import msgspec
import numpy as np
import pytest

from headgate.drivers.evaluation.ablation import AblationRow
from headgate.drivers.evaluation.assemble import Cost, Setting, Told, assemble
from headgate.drivers.evaluation.canary import Canary
from headgate.drivers.evaluation.curves import (
    Curves,
    found_by_hours,
    precision_band,
    precision_recall,
    recall_by_alerts,
    score_over_time,
    value_by_alerts,
)
from headgate.drivers.evaluation.delays import DelayRow
from headgate.drivers.evaluation.full import Full
from headgate.drivers.evaluation.gfp import NOT_ASKED, Gfp
from headgate.drivers.evaluation.intervals import resamples
from headgate.drivers.evaluation.measure import Scored, measure
from headgate.drivers.evaluation.missed import Missed, WitnessRow
from headgate.drivers.evaluation.period import Truth, period
from headgate.drivers.report import figures
from headgate.drivers.report.charts import Chart, Line
from headgate.drivers.report.evaluation import charts, evaluation_page, full_tables, lede, summary_rows
from headgate.drivers.report.page import render, write
from headgate.errors import FileError
from headgate.limits import US_PER_DAY

KINDS = ("fan_in", "cycle", "scatter_gather", "stack")


@pytest.fixture(scope="module")
def result():
    return synthetic(rows=12_000)


def synthetic(rows, hostile=""):
    """An evaluation of scores that were drawn, not learnt: enough to fill every part of the page."""
    random = np.random.default_rng(7)
    clock = np.sort(random.integers(0, 200 * US_PER_DAY, rows)) + 17_000 * US_PER_DAY
    ids = [f"t{n}{hostile}" for n in range(rows)]
    label = (random.random(rows) < 0.01).astype(int)
    frauds = np.flatnonzero(label)
    of = {ids[row]: (f"s{place // 6}", KINDS[place // 6 % 4] + hostile) for place, row in enumerate(frauds)}
    truth = Truth(dict(zip(ids, label.tolist(), strict=True)), of)
    amount = random.lognormal(8, 1, rows).round()
    cut = [0, int(rows * 0.6), int(rows * 0.8), rows]
    train, validation, test = (period(ids, clock, amount, truth, first=cut[k], stop=cut[k + 1]) for k in range(3))
    base = random.normal(0, 1, rows)
    strength = {"all": 4.0, "raw": 0.8, "scenarios": 2.0}
    scores = {name: base + random.normal(0, 0.4, rows) + label * by for name, by in strength.items()}
    scores["scenarios"] = scores["scenarios"].clip(1, None).round()
    scored = {name: Scored(s[cut[1] : cut[2]], s[cut[2] :]) for name, s in scores.items()}
    promised = 1 / (1 + np.exp(-(scored["all"].test * 2 - 7)))
    measures = measure(validation, test, scored, promised, alerts_a_day=10, seed=1, resamples=50)
    drawn = [each.payments for each in resamples(measures.clusters, seed=1, count=20)]
    amounts = test.amount_minor
    curves = Curves(
        precision_bands={n: precision_band(s.test, test.positive, drawn) for n, s in scored.items()},
        value_by_alerts={n: value_by_alerts(s.test, test.positive, amounts, test.days) for n, s in scored.items()},
        found_by_hours={n: found_by_hours(measures.operating.outcomes) for n in scored},
        precision_recall={n: precision_recall(s.test, test.positive) for n, s in scored.items()},
        recall_by_alerts={n: recall_by_alerts(s.test, test.positive, test.days) for n, s in scored.items()},
        score_over_time=score_over_time(test, scored["all"].test, measures.operating.threshold),
    )
    witness = WitnessRow(tx_id="t1", at="2018-01-01 10:00", amount="12.00 EUR", flow="A → B", role="in")
    missed = Missed(
        pattern_type="cycle" + hostile,
        tx_id="t5" + hostile,
        at="2018-01-02 10:00",
        amount="1,234.50 EUR",
        place_in_scheme=1,
        rank=1204,
        score=-1.0,
        sentence="Its score ranks 1,204 of 2,400; 12 were alerted.",
        reasons=("The payer paid this account 14 times in 28 days.",),
        witness_fact="temporal_cycle_7d",
        witness=(witness, witness),
    )
    told = Told(
        curves,
        (missed, missed),
        ("amlsim: laundering runs over pairs that rarely pay otherwise." + hostile,),
        Gfp(why_not=NOT_ASKED),
    )
    setting = Setting("drawn" + hostile, "EUR", 7 * US_PER_DAY, 1, 118, ("Column 'x' is set apart." + hostile,))
    periods = {"train": train, "validation": validation, "test": test}
    return assemble(
        setting, periods, 7 * US_PER_DAY, measures, told, Cost(2000.0, 512.0, {"facts": 98.4, "train": 12.0})
    )


class Page(HTMLParser):
    """Collects elements, their attributes and the text outside scripts."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.void = [], [], {"meta", "br", "link", "img"}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"


def test_the_page_is_well_formed_and_fetches_nothing(result):
    html = evaluation_page(result)
    page = Page(html)
    assert page.open == []
    for tag, attrs in page.elements:
        assert not {"src", "href", "srcset", "action"} & set(attrs), tag
    assert "@import" not in html
    assert not re.search(r"url\(", html)
    assert "default-src 'none'" in html


def test_each_chart_has_its_place_and_its_data(result):
    html = evaluation_page(result)
    data = re.search(r'<script type="application/json" id="charts">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    keys = [chart["key"] for chart in json.loads(data.group(1))]
    assert keys == [chart.key for chart in charts(result)]
    places = {attrs.get("id") for _, attrs in Page(html).elements}
    assert {f"chart-{key}" for key in keys} <= places


def test_the_page_shows_the_numbers_warnings_and_stories(result):
    html = evaluation_page(result)
    for shown in (
        figures.decimal(result.ap),
        figures.percent(result.recall_at["0.5%"]),
        "laundering runs over pairs",
        "Its score ranks 1,204",
        "A → B",
        "temporal_cycle_7d",
        f"{result.schemes.found} of {result.schemes.schemes}",
        "98.4 s",
    ):
        assert shown in html


def the_long_part(alive=True):
    return Full(
        canary=Canary(
            shuffled=700, moved=31, payments=9600, facts=138, changed=() if alive else ("fan_in_24h",), same_model=True
        ),
        ablation=(
            AblationRow(
                family="flow", words="what came in", facts=11, ap=0.5, ap_interval=(0.4, 0.6), lost=0.123,
                lost_interval=(0.1, 0.2),
            ),
        ),
        delays=(
            DelayRow(days=0, known_frauds=40, ap=0.71, ap_interval=None, lost=0.0, lost_interval=None),
            DelayRow(
                days=28, known_frauds=0, ap=None, ap_interval=None, lost=None, lost_interval=None, why_not="Too late."
            ),
        ),
    )  # fmt: skip


def test_the_long_part_is_shown_with_its_pairs_its_delays_and_its_canary(result):
    html = evaluation_page(msgspec.structs.replace(result, full=the_long_part()))
    for shown in ("flow: what came in", "0.123", "0.100 to 0.200", "Too late.", "kept every bit"):
        assert shown in html, shown
    assert "was not measured: its wheel is proprietary" in html
    assert Page(html).open == []
    measured = Gfp(
        ap=0.42, ap_interval=(0.4, 0.5), ap_above=0.3, ap_above_interval=(0.2, 0.4), features=99, version="1",
        window_days=3,
    )  # fmt: skip
    html = evaluation_page(msgspec.structs.replace(result, gfp=measured))
    assert "99 features over 3 days" in html
    dead = evaluation_page(msgspec.structs.replace(result, full=the_long_part(alive=False)))
    assert "do not trust this report" in dead
    assert "fan_in_24h" in dead


def test_the_long_part_has_tables_for_a_terminal(result):
    assert full_tables(result) == []
    tables = {title: rows for title, _, rows in full_tables(msgspec.structs.replace(result, full=the_long_part()))}
    assert tables["Without one family of facts"] == [("flow", "11", "0.500", "0.123", "0.100 to 0.200")]
    assert tables["If outcomes came later"][1] == ("28", "0", "–", "Too late.")
    assert tables["Canary"] == [("700", "nothing before the split changed")]


def test_the_band_holds_the_line_it_surrounds(result):
    band, line = result.curves.precision_bands["all"], result.curves.precision_recall["all"]
    at = np.interp(band.x, line.x, line.y)
    assert np.mean((at >= np.array(band.low) - 0.02) & (at <= np.array(band.high) + 0.02)) > 0.9
    assert all(low <= high for low, high in zip(band.low, band.high, strict=True))


def test_value_and_schemes_grow_with_alerts_and_hours(result):
    for curve in (result.curves.value_by_alerts["all"], result.curves.found_by_hours["all"]):
        assert list(curve.y) == sorted(curve.y)
    assert result.curves.found_by_hours["all"].y[-1] == pytest.approx(result.schemes.recall)


def test_what_the_data_say_cannot_become_markup():
    html = evaluation_page(synthetic(rows=3000, hostile="</script><script>alert(1)</script>"))
    assert "<script>alert" not in html
    assert Page(html).open == []


def test_the_opening_sentence_says_what_reading_the_budget_finds(result):
    assert "Of 12,000 payments" in lede(result)
    assert "schemes had an alert, half of them or more on their first payment." in lede(result)


def test_every_top_level_number_has_its_words(result):
    for name, about in result.about.items():
        assert about.sentence.endswith("."), name
        assert hasattr(result, name), name
    low, high = result.about["ap"].interval
    assert low <= result.ap <= high
    assert set(result.about["recall_at"].interval) == {"0.1%", "0.5%", "1%"}


def test_a_value_that_no_template_names_is_an_error_not_a_blank():
    line = Line(label="a", tone="all", x=(0.0,), y=(None,))
    chart = Chart(key="k", x_title="x", y_title="y", lines=(line,))
    with pytest.raises(Exception, match="'e' is undefined"):
        render("evaluation.html", charts=[chart])


def test_a_report_that_cannot_be_written_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written") as caught:
        write("page", tmp_path / "file" / "report.html")
    assert "report.html" in caught.value.where


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.decimal(None), "–"),
        (figures.decimal(0.83421), "0.834"),
        (figures.percent(0.83421), "83.4%"),
        (figures.percent(0.00123), "0.12%"),
        (figures.percent(0.0), "0.0%"),
        (figures.count(196667), "196,667"),
        (figures.count(1.53), "1.5"),
        (figures.duration(0.5), "30 min"),
        (figures.duration(30.0), "30.0 h"),
        (figures.duration(96.0), "4.0 days"),
        (figures.duration(None), "–"),
        (figures.seconds(12.34), "12.3 s"),
        (figures.seconds(245.2), "4 min 05 s"),
        (figures.between((0.1, 0.2), "percent"), "10.0% to 20.0%"),
        (figures.between(None), ""),
    ],
)
def test_numbers_are_shown_as_people_read_them(shown, expected):
    assert shown == expected


def test_the_summary_for_a_terminal_has_a_row_for_each_measure_and_budget(result):
    rows = {title: (value, interval) for title, value, interval in summary_rows(result)}
    assert rows["average precision"][0] == figures.decimal(result.ap)
    assert " to " in rows["average precision"][1]
    assert rows["recall, reading 0.5%"][0] == figures.percent(result.recall_at["0.5%"])
    assert rows["recall, reading 10/day"][1] == ""
