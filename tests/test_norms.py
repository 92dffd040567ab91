"""Norms: what they ask for, and a result held against them."""

from __future__ import annotations

import json

import openpyxl
import pytest

import walkshed as ws
from toys import at, boxes, toy
from walkshed.analysis.study import analyze
from walkshed.errors import InputError
from walkshed.output.export import summary_text
from walkshed.output.normwords import norm_rows
from walkshed.output.report import render_report
from walkshed.output.words import LANGUAGES, Words
from walkshed.output.workbook import write_tables
from walkshed.phrases import told
from walkshed.reach.norms import norms
from walkshed.reach.walk import Walk

LINE = "A--------------------B"
"""2,100 m of street. One station at A: 15 min at 4.0 km/h are 1,000 m, 10 min at 4.8 km/h 800 m."""


def line(norm: str, **given: object):
    return analyze(toy(LINE).streets, at((0, 0)), walk=Walk.norm(norm), **given)


@pytest.mark.parametrize("name", norms())
def test_every_norm_says_what_it_asks_and_where_it_is_from(name):
    norm = norms()[name]
    for text in (norm.title, norm.source, *(target.says for target in norm.targets)):
        assert set(text) == set(LANGUAGES)
        assert all(text.values())
    for target in norm.targets:
        assert target.at_least is None or target.at_most is None
        assert target.cutoff_min in (None, *norm.cutoffs_min)
    walk = Walk.norm(name)
    assert (walk.speed, walk.cutoffs, walk.follows) == (norm.speed_kmh, norm.cutoffs_min, name)


def test_the_walks_are_the_metres_that_the_norms_name():
    assert Walk.norm("union2023").budget_m(15) == pytest.approx(1000)
    assert [Walk.norm("gb50180").budget_m(c) for c in (4.5, 7.5, 15)] == pytest.approx([300, 500, 1000])
    assert Walk.norm("parks10").budget_m(10) == pytest.approx(800)


def test_met_with_so_much_to_spare_and_missed_by_so_much():
    """Of 100 people 90 live within 1,000 m, 10 beyond: 85 % is met with 5 points to spare, 99 % missed by 9."""
    people = at((500, 0), (1500, 0), population=[90.0, 10.0])
    first, second = ws.judge(line("tdt1062", people=people), "tdt1062").to_dict("records")
    assert (first["measure"], first["found"], first["met"]) == ("people_share", pytest.approx(0.9), True)
    assert first["margin"] == pytest.approx(0.05)
    assert (second["asked"], second["met"]) == (0.99, False)
    assert second["margin"] == pytest.approx(-0.09)


def test_street_is_measured_where_no_people_are_given():
    (row,) = ws.judge(line("parks10"), "parks10").to_dict("records")
    assert (row["measure"], row["met"]) == ("street_share", False)
    assert row["margin"] == pytest.approx(800 / 2100 - 1)


def test_exactly_met():
    people = at((500, 0), (600, 0), population=[90.0, 10.0])
    (row,) = ws.judge(line("parks10", people=people), "parks10").to_dict("records")
    assert (row["met"], row["margin"]) == (True, 0.0)


def test_what_names_no_figure_and_what_cannot_be_told_is_not_judged():
    rows = {row["target"]: row for row in ws.judge(line("union2023"), "union2023").to_dict("records")}
    assert rows["circle"]["found"] == pytest.approx(1000 / 2100)
    assert rows["circle"]["met"] is None
    assert rows["every_zone"]["found"] is None
    assert rows["every_zone"]["met"] is None
    verdicts = [row["verdict"] for row in norm_rows(line("union2023"), Words("en"))]
    assert verdicts == ["no figure named", "no figure named", "cannot be told: no people or zones given"]


def test_at_most():
    zones = boxes((-10, -10, 2110, 10), zone=["all"], population=[120_000.0])
    *_, unit = ws.judge(line("gb50180", zones=zones), "gb50180").to_dict("records")
    assert (unit["measure"], unit["found"], unit["met"]) == ("people_per_station", 120_000, False)
    assert unit["margin"] == pytest.approx(-20_000)
    *_, row = norm_rows(line("gb50180", zones=zones), Words("zh"))
    assert (row["asked"], row["found"], row["verdict"]) == ("不超过 100,000", "120,000", "未达到，差 20,000")


def test_what_cannot_be_judged_is_refused():
    result = analyze(toy(LINE).streets, at((0, 0)))
    with pytest.raises(
        InputError, match=r"norm union2023: it means 5, 10, 15 min, 4 km/h, and the result was made with"
    ):
        ws.judge(result, "union2023")
    for wrong in (lambda: ws.judge(result, "iso9000"), lambda: Walk.norm("iso9000"), lambda: Walk(follows="iso9000")):
        with pytest.raises(InputError, match="--norm: found 'iso9000'; choose one of union2023, gb50180") as refused:
            wrong()
        assert "没有“iso9000”" in told(refused.value, "zh")
    with pytest.raises(InputError, match="it sets cutoffs and speed"):
        Walk.norm("union2023", speed=5.0)
    assert Walk.norm("union2023", min_gap=50.0).min_gap == 50


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ["0 of 2 targets with a figure are met", "missed by 37.4 points", "Shanghai"]),
     ("zh", ["有明确指标的 2 项中达到 0 项", "未达到，差 37.4 个百分点", "上海市"])],
)  # fmt: skip
def test_report_workbook_and_summary_say_it(lang, said, tmp_path):
    result = line("tdt1062")
    page = render_report(result, lang=lang).replace("\N{NO-BREAK SPACE}", " ")
    assert all(text in page for text in said)
    assert 'href="#norm"' in page
    write_tables(result, tmp_path / "a.xlsx", lang=lang)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")[Words(lang)("norm.sheet")]
    assert said[1] in [row[-1] for row in sheet.values]
    summary = json.loads(summary_text(result))["norm"]
    assert summary["id"] == "tdt1062"
    assert [target["met"] for target in summary["targets"]] == [False, False]


def test_without_a_norm_nothing_is_said_of_one():
    result = analyze(toy(LINE).streets, at((0, 0)))
    assert 'id="norm"' not in render_report(result)
    assert "norm" not in json.loads(summary_text(result))
