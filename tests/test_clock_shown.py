"""The clock in report, map, workbook, summary and on the command line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import openpyxl
import pytest

import walkshed as ws
from test_clock import ALWAYS, LATE, OFFICE, UNKNOWN, line
from toys import at
from walkshed.cli import main
from walkshed.output.clock import heat_chart, span, then_text
from walkshed.output.export import summary_text
from walkshed.output.hourly import hours_tables
from walkshed.output.report import render_report
from walkshed.output.webmap import render_map
from walkshed.output.words import Words
from walkshed.output.workbook import write_tables

HEADS = [3.0, 90.0, 5.0, 2.0]


def peopled(*hours: str, **more: object):
    """3 and 5 live at the ends, 90 where nobody comes, 2 in the middle."""
    return line(*hours, people=at((50, 0), (250, 0), (950, 0), (500, 0), population=HEADS), **more)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["At Mon 10:00, 2 of 3 stations are open and 8.0–10.0 % of people are within 2.5 minutes of one",
                "at Mon 22:00, 1 and 5.0–7.0 % of people", "1 station does not state hours",
                "Covered when all stations are open, but not at Mon 23:00",  "Public holiday · night"]),
        ("zh", ["周一 10:00，3 个站点中有 2 个开放，2.5 分钟内可达的人口占 8.0–10.0%", "周一 22:00 有 1 个开放，可达的人口占 5.0–7.0%",
                "有 1 个站点的开放时间未注明或无法识别", "但在周一 23:00", "法定节假日 · 夜间"]),
    ],
)  # fmt: skip
def test_the_report_tells_morning_against_night(lang, said):
    page = text_of(render_report(peopled(OFFICE, LATE, UNKNOWN), lang=lang))
    assert [text for text in said if text not in page] == []


def test_the_heat_map_has_a_figure_for_each_hour():
    page = render_report(peopled(OFFICE, LATE, UNKNOWN))
    (svg,) = re.findall(r'<svg class="graph"[^>]*aria-label="People within 2.5.*?</svg>', page, re.DOTALL)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts[:7] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert texts[7:31] == [f"{hour:02d}:00" for hour in range(24)]
    by_hour = [texts[31 + day * 24 : 55 + day * 24] for day in range(7)]
    assert (by_hour[0][10], by_hour[5][10], by_hour[0][22], by_hour[0][3]) == ("8–10", "5–7", "5–7", "0–2")
    assert len(heat_chart(peopled(OFFICE, LATE, ALWAYS).timetable.week, Words("en"))["night"]) == 2


def test_one_figure_where_all_hours_are_known():
    page = text_of(render_report(peopled(OFFICE, LATE, ALWAYS)))
    assert "At Mon 10:00, 3 of 3 stations are open and 10.0 % of people" in page
    assert "does not state hours" not in page


def test_without_people_street_is_told():
    page = text_of(render_report(line(OFFICE, LATE, ALWAYS)))
    assert "80.0 % of street is within 2.5 minutes of one" in page
    assert "Street within 2.5 min of an open station" in page


def test_without_hours_there_is_no_chapter():
    assert 'id="clock"' not in render_report(line("", "", UNKNOWN))


def test_names_and_hours_of_any_wording_are_text():
    result = peopled(OFFICE, LATE, ALWAYS)
    hostile = result.stations.assign(name="<script>alert(1)</script>", hours="<b>24h</b>")
    page = render_report(replace(result, stations=hostile))
    assert "<script>" not in page
    assert "<b>24h" not in page


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.2, "10.0–20.0 %"), (0.1, 0.1, "10.0 %"), (0.0, 0.00001, "0.0–<0.1 %"), (None, None, "–")]
)  # fmt: skip
def test_low_and_high(low, high, said):
    assert span(low, high, Words("en")) == said


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Mon 22:00: only the 1 stations open for certain count, 1 are closed, the hours of 1 are unknown. With these open "
            "too, 7.0 % of people are within 2.5 minutes of one, instead of 5.0 %."),
     ("zh", "周一 22:00：只计确定开放的 1 个站点；另有 1 个关闭、1 个开放时间未知。若后者也开放，2.5 分钟内可达的人口占 7.0%，而非 5.0%。")],
)  # fmt: skip
def test_a_study_of_one_moment_says_so_on_report_and_map(lang, said):
    result = peopled(OFFICE, LATE, UNKNOWN, at="Mon 22:00")
    assert then_text(result, Words(lang)) == said
    assert said in text_of(render_report(result, lang=lang))
    assert json.dumps(said, ensure_ascii=False)[1:-1] in render_map(result, lang=lang)
    assert then_text(peopled(OFFICE, LATE, ALWAYS), Words(lang)) == ""


def test_sheets(tmp_path):
    write_tables(peopled(OFFICE, LATE, UNKNOWN), tmp_path / "a.xlsx", lang="en")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book["Week"].max_row == 169
    week = list(book["Week"].values)
    assert week[0][:6] == ("Weekday", "Hour", "Stations open", "Hours unknown", "People, low", "People, high")
    assert week[11][:6] == ("Mon", 10, 2, 1, 8, 10)
    assert [row[:2] for row in book["Day and night"].values][1] == ("Workdays", "day")
    assert [row[1] for row in book["Longer hours"].values][1:] == ["s2", "s1", "s3"]
    assert "Night gaps" in book.sheetnames
    write_tables(peopled(OFFICE, LATE, UNKNOWN, at="Mon 22:00"), tmp_path / "b.xlsx", lang="zh")
    rows = list(openpyxl.load_workbook(tmp_path / "b.xlsx")["时刻"].values)
    assert rows[1][:6] == ("周一 22:00", 2.5, 1, 1, 5, 7)


def test_the_summary_has_the_clock_beside_what_it_had():
    result = peopled(OFFICE, LATE, UNKNOWN)
    summary = json.loads(summary_text(result))
    assert set(result.summary) | {"clock"} == set(summary)
    told = summary["clock"]
    assert len(told["week"]) == 168
    assert told["hours_unknown"] == ["s3"]
    assert told["darkest"]["at"] == "Mon 23:00"
    assert told["night_gaps"]["count"] == len(result.night_gaps)
    assert told["longer_hours"][0]["station_id"] == "s2"
    assert "clock" not in json.loads(summary_text(line("", "", UNKNOWN)))


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    county = ws.demo_county()
    town = [
        "--streets",
        county.streets,
        "--area",
        county.town,
        "--zones",
        county.zones,
        "--category",
        "爱心驿站",
        "--no-store",
    ]

    def call(command: str, *options: str) -> tuple[int, str, str]:
        code = 0
        try:
            main([str(a) for a in (command, county.stations, *town, *options)])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_hours_on_the_command_line(run):
    code, out, _ = run("hours", "--json", "--at", "周一 22:00", "--week", "2026-10-01")
    assert code == 0
    told = json.loads(out)
    assert told["moment"]["at"] == "Mon 22:00"
    assert told["moment"]["coverage"][-1]["open"] == 3
    assert told["week"][0]["date"] == "2026-09-28"
    code, out, _ = run("hours", "--lang", "zh")
    assert code == 0
    assert "昼夜对比：各时段平均" in out
    assert len(out.splitlines()) == 1 + 7 + 1 + 25 + 1 + 11 + 1 + 11
    assert out.splitlines()[1].split() == ["日期类型", "开放站点", "人口覆盖率", "道路覆盖率"]
    assert not re.search(r"[A-Za-z]{3}", out.replace("AED", ""))


def test_the_terminal_lists_the_gaps_of_the_night_as_the_report_does():
    """Two of three stations close: the 5 people by one and the 3 by the other are in gaps that exist only at night."""
    result = peopled(OFFICE, LATE, ALWAYS)
    tables = dict(hours_tables(result, None, None, "en"))
    rows = tables[f"Gaps that exist only at night ({result.timetable.darkest})"]
    assert [(row["Rank"], row["People"]) for row in rows] == [("1", "5"), ("2", "3")]
    always = dict(hours_tables(peopled(ALWAYS, ALWAYS, ALWAYS), None, None, "en"))
    assert any(heading.endswith("but for slivers.") and rows == [] for heading, rows in always.items())


def test_a_map_of_one_moment(run):
    code, out, _ = run("map", "--at", "Mon 22:00", "--out", "night.html")
    assert code == 0
    assert "24.5 % of people" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--at", "later"], "--at: found 'later'"), (["--week", "soon"], "--week: found 'soon'"), (["--norm", "x"], "choose one of"),
     (["--norm", "parks10", "--cutoff", "5"], "it sets cutoffs and speed"), (["--country", "Narnia"], "give an ISO code")],
)  # fmt: skip
def test_mistakes_are_one_line(run, options, said):
    code, out, err = run("hours", *options)
    assert (code, out) == (2, "")
    errors = [text for text in err.splitlines() if text.startswith("error:")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in err
