"""A comparison's report, map, layers, tables and summary, and the command that makes them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from test_compare import PEOPLE, TOWN, WALK, ZONES
from walkshed.analysis.study import analyze
from walkshed.cli import main
from walkshed.comparing.compare import compare
from walkshed.errors import OutputError
from walkshed.network.left_out import without_closed
from walkshed.output import write_comparison
from walkshed.output.compare_files import COMPARISON_OUTPUTS
from walkshed.output.compare_map import render_comparison_map
from walkshed.output.compare_report import render_comparison

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`${alert(3)}`"


def sides(**settings):
    before = analyze(TOWN.streets, TOWN.stations(("F", 0, 0), ("K", 0, 0)), walk=WALK, **settings)
    moved = TOWN.stations(("F", 90, 0), ("D", 0, 0), category=HOSTILE).assign(name=HOSTILE, station_id=["s1", HOSTILE])
    return before, analyze(TOWN.streets, moved, walk=WALK, **settings)


@pytest.fixture(scope="module")
def comparison():
    return compare(*sides(people=PEOPLE, zones=ZONES), names=(HOSTILE, "b.csv"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_files_appear_with_the_same_figures(comparison, tmp_path, lang):
    paths = write_comparison(comparison, tmp_path, lang=lang)
    assert list(paths) == list(COMPARISON_OUTPUTS)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(COMPARISON_OUTPUTS)
    summary = json.loads(paths["summary.json"].read_text(encoding="utf-8"))
    assert summary["stations"] == {"added": 1, "removed": 1, "moved": 1, "kept": 0}
    assert summary["coverage"][-1]["gained_km"] == pytest.approx(comparison.coverage["gained_km"].iloc[-1])
    assert set(summary) == {"walkshed", "before", "after", "same_streets", "stations", "coverage"}
    streets = gpd.read_file(paths["compare.gpkg"], layer="streets")
    gained = streets.loc[streets["change_10"] == "gained", "length_m"].sum() / 1000
    assert gained == pytest.approx(summary["coverage"][-1]["gained_km"])
    assert {name for name, _ in pyogrio.list_layers(paths["compare.gpkg"])} == {
        "streets", "stations", "zones", "people", "area",
    }  # fmt: skip
    book = openpyxl.load_workbook(paths["tables.xlsx"])
    assert len(book.sheetnames) == 3
    assert book.worksheets[0].max_row == 3
    assert book.worksheets[1].max_row == 1 + 2 * len(ZONES)


def test_users_text_is_text(comparison):
    for page in (render_comparison(comparison), render_comparison_map(comparison)):
        assert HOSTILE not in page
        assert "<script>alert" not in page
    assert "<script" not in render_comparison(comparison)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_load_nothing_and_are_the_same_each_time(comparison, lang):
    page = render_comparison(comparison, lang=lang)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert page == render_comparison(comparison, lang=lang)
    assert render_comparison_map(comparison, lang=lang) == render_comparison_map(comparison, lang=lang)


def test_two_networks_are_told_apart_in_the_report(tmp_path):
    closed = without_closed(TOWN.streets, TOWN.box("C", "D", 1))
    stations = TOWN.stations(("F", 0, 0))
    found = compare(*(analyze(s, stations, walk=WALK) for s in (TOWN.streets, closed)))
    page = render_comparison(found)
    assert "street that is gone" in page
    assert "Street is the same where it has the same course" in page
    write_comparison(found, tmp_path)


def test_without_people_and_zones(tmp_path):
    before, after = sides()
    page = render_comparison(compare(before, after))
    assert "People" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    write_comparison(compare(before, after), tmp_path)


def test_nothing_is_half_written(comparison, tmp_path):
    (tmp_path / "map.html").mkdir()
    with pytest.raises(OutputError, match="is a folder where a file is needed"):
        write_comparison(comparison, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


# The command


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TOWN.streets.to_frame()[["geometry"]].to_crs(4326).to_file("streets.geojson", driver="GeoJSON")
    columns = ["station_id", "name", "geometry"]
    TOWN.stations(("F", 0, 0))[columns].to_crs(4326).to_file("a.geojson", driver="GeoJSON")
    TOWN.stations(("F", 0, 0), ("K", 0, 0))[columns].to_crs(4326).to_file("b.geojson", driver="GeoJSON")
    TOWN.box("C", "D", 1).to_crs(4326).to_file("closed.geojson", driver="GeoJSON")


def run(capsys, *arguments):
    try:
        main([str(a) for a in arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, *capsys.readouterr()


COMMON = ("--streets", "streets.geojson", "--no-store", "--cutoff", "5,10")


@pytest.mark.usefixtures("files")
def test_the_command_compares_two_lists(capsys):
    code, out, err = run(capsys, "compare", "a.geojson", "b.geojson", *COMMON)
    assert code == 0, err
    assert out.splitlines()[-5:] == [str(Path("maps/compare") / name) for name in COMPARISON_OUTPUTS]
    summary = json.loads(Path("maps/compare/summary.json").read_text(encoding="utf-8"))
    assert (summary["before"]["name"], summary["after"]["name"]) == ("a.geojson", "b.geojson")
    assert summary["coverage"][0]["gained_km"] == pytest.approx(0.4, abs=1e-3)
    assert summary["same_streets"]


@pytest.mark.usefixtures("files")
def test_the_command_compares_streets_and_speeds(capsys):
    code, out, _ = run(
        capsys, "compare", "b.geojson", "b.geojson", *COMMON, "--closed-after", "closed.geojson",
        "--speed-after", 3, "--json", "--out", "c",
    )  # fmt: skip
    assert code == 0
    summary = json.loads(out)
    assert not summary["same_streets"]
    assert summary["coverage"][-1]["gone_km"] > 0.5
    assert summary["after"]["name"] == "closed.geojson · 3 km/h"
    assert summary["after"]["settings"]["speed_kmh"] == 3


@pytest.mark.usefixtures("files")
def test_the_command_refuses_in_one_line(capsys):
    code, _, err = run(capsys, "compare", "a.geojson", "none.geojson", *COMMON)
    assert code == 2
    assert "none.geojson: there is no such file" in err
    assert not Path("maps").exists()


@pytest.mark.usefixtures("files")
def test_profiles_closures_and_steps_on_the_command_line(capsys):
    code, out, err = run(
        capsys, "report", "a.geojson", *COMMON, "--closed", "closed.geojson", "--profiles", "union,post=6", "--json"
    )
    assert code == 0, err
    summary = json.loads(out)
    assert summary["streets"]["closed_km"] > 0.5
    assert [(r["profile"], r["cutoff_min"]) for r in summary["profiles"]] == [
        ("union", 5), ("union", 10), ("post", 5), ("post", 10),
    ]  # fmt: skip
    page = Path("maps/a/report.html").read_text(encoding="utf-8")
    assert "Union plan" in page
    assert ">post<" in page
    book = openpyxl.load_workbook("maps/a/tables.xlsx")
    assert "Who walks" in book.sheetnames
    code, out, _ = run(capsys, "report", "a.geojson", *COMMON, "--profile", "wheels", "--json")
    assert json.loads(out)["settings"]["steps"] is False
    assert replace(WALK, steps=False) != WALK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("osm_id\nabc\n", "'abc' is no id of an OpenStreetMap way"),
        ("osm_id\n99\n", "none of 1 closes any street"),
        ("name\nx\n", "no shapes, and no ids of ways; the headings are"),
    ],
)
@pytest.mark.usefixtures("files")
def test_closures_that_say_nothing(capsys, text, said):
    Path("ids.csv").write_text(text, encoding="utf-8")
    code, _, err = run(capsys, "report", "a.geojson", *COMMON, "--closed", "ids.csv")
    assert code == 2
    assert said in err
