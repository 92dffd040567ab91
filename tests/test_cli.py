"""The command line: every command, its help, its exit codes, and one line for every mistake."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from typer.main import get_command

import walkshed as ws
from walkshed.cli import app

COMMANDS = sorted(get_command(app).commands)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def county():
    return ws.demo_county()


def town(county) -> list[object]:
    return ["--streets", county.streets, "--area", county.town, "--no-store"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Usage: walkshed {command}" in out
    assert f"walkshed {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_version(run):
    assert run("--version")[:2] == (0, f"walkshed {ws.__version__}\n")


def test_the_demo_writes_everything_and_says_where(run):
    code, out, err = run("demo", "--lang", "zh")
    assert code == 0, err
    names = ["report.html", "map.html", "coverage.gpkg", "tables.xlsx", "summary.json"]
    assert [Path(line) for line in out.splitlines()[1:]] == [Path("maps/demo") / n for n in names]
    assert all(Path("maps/demo", n).stat().st_size > 500 for n in names)
    summary = json.loads(Path("maps/demo/summary.json").read_text(encoding="utf-8"))
    assert summary["stations"]["used"] == 15
    assert summary["seconds"]["streets"] > 0
    assert [p.name for p in Path("maps/demo").iterdir() if p.name.startswith(".")] == []


def test_report_prints_the_summary_for_machines(run, county):
    code, out, _ = run("report", county.stations, *town(county), "--zones", county.zones, "--cutoff", 10, "--json")
    assert code == 0
    assert json.loads(out)["coverage"][0]["cutoff_min"] == 10
    assert Path("maps/stations/report.html").is_file()


def test_a_category_alone(run, county):
    nursing = ["--category", "爱心母婴室"]
    code, out, _ = run("gaps", county.stations, *town(county), *nursing, "--json", "--out", "gaps.geojson")
    assert code == 0
    rows = json.loads(out)
    assert [r["gap_id"] for r in rows] == list(range(1, len(rows) + 1))
    assert len(json.loads(Path("gaps.geojson").read_text(encoding="utf-8"))["features"]) == len(rows)


@pytest.mark.parametrize(("merged", "rows"), [((), 72), (("--merged",), 3)])
def test_service_areas_alone(run, county, merged, rows):
    code, out, _ = run("areas", county.stations, *town(county), *merged, "--out", "areas.geojson")
    layer = gpd.read_file("areas.geojson")
    assert code == 0
    assert out.splitlines()[-1] == "areas.geojson"
    assert (len(layer), sorted(set(layer["cutoff_min"]))) == (rows, [5, 10, 15])
    assert ("station_id" in layer) is not bool(merged)
    assert layer.crs == 4326


def test_service_areas_for_machines_come_with_the_summary(run, county):
    code, out, _ = run("areas", county.stations, *town(county), "--cutoff", 10, "--out", "areas.parquet", "--json")
    assert code == 0
    assert [row["cutoff_min"] for row in json.loads(out)["coverage"]] == [10]
    assert gpd.read_parquet("areas.parquet")["cutoff_min"].unique().tolist() == [10]


@pytest.mark.parametrize("command", ["areas", "gaps"])
def test_a_layer_does_not_take_the_place_of_what_is_read(run, county, tmp_path, command):
    area = tmp_path / "area.gpkg"
    area.write_bytes(county.town.read_bytes())
    code, out, err = run(command, county.stations, "--streets", county.streets, "--area", area, "--out", area)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"error: {area}: is one of the files that are read")
    assert area.read_bytes() == county.town.read_bytes()


def test_a_layer_of_streets_does_not_take_the_place_of_theirs(run, tmp_path):
    roads, written = tmp_path / "roads.geojson", tmp_path / "roads.gpkg"
    line = shapely.LineString([(121.50, 31.20), (121.52, 31.20), (121.52, 31.22)])
    gpd.GeoDataFrame({"highway": ["footway"]}, geometry=[line], crs=4326).to_file(roads)
    before = roads.read_bytes()
    code, out, err = run("streets", roads, "--out", roads)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"error: {roads}: is one of the files that are read")
    assert roads.read_bytes() == before
    code, out, _ = run("streets", roads, "--out", written)
    assert (code, len(gpd.read_file(written)) > 0) == (0, True)


def test_service_areas_need_a_file_to_go_to(run, county):
    code, out, err = run("areas", county.stations, *town(county))
    assert (code, out) == (2, "")
    assert "--out" in err
    assert run("areas", county.stations, *town(county), "--out", "areas.dwg")[0] == 2


@pytest.mark.parametrize(
    ("lang", "headings"),
    [
        (
            "en",
            ["Rank", "Street, km", "Minutes, median", "Minutes, longest", "Cause", "Nearest station", "Main streets"],
        ),
        ("zh", ["排名", "道路（公里）", "用时中位数（分钟）", "最长用时（分钟）", "原因", "最近站点", "主要道路"]),
    ],
)
def test_gaps_are_listed_as_a_table_in_the_users_language(run, county, lang, headings):
    code, out, _ = run("gaps", county.stations, *town(county), "--lang", lang)
    lines = out.splitlines()
    assert code == 0
    assert re.split(r" {2,}", lines[1]) == headings  # without people and zones, which were not given
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]


def test_progress_is_told_in_the_users_language(run, county):
    err = run("gaps", county.stations, *town(county), "--lang", "zh")[2]
    assert "划分盲区 ..." in err
    assert "gaps" not in err


def test_tiles_that_there_are_not_are_refused_before_any_work(run, county):
    code, out, err = run("report", county.stations, *town(county), "--tiles", "evil")
    assert (code, out) == (2, "")
    assert err.startswith("error: tiles: found 'evil'; choose ")


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ["0 of 1 targets with a figure are met", "missed by", "Self-check: 400 of 400 agree (100.0 %)."]),
     ("zh", ["有明确指标的 1 项中达到 0 项", "未达到", "自检：400 处中有 400 处一致（100.0%）。"])],
)  # fmt: skip
def test_the_norm_and_the_self_check_are_told_in_the_terminal(run, county, lang, said):
    options = ["--zones", county.zones, "--norm", "union2023", "--verify", "--lang", lang]
    code, out, err = run("report", county.stations, *town(county), *options)
    assert code == 0, err
    assert [text for text in said if text not in out] == []


def test_map_alone(run, county):
    code, _, _ = run("map", county.stations, *town(county), "--out", "a/b/county.html")
    assert code == 0
    assert "</html>" in Path("a/b/county.html").read_text(encoding="utf-8")


def test_barriers_on_the_command_line(run, county):
    """The demo has rivers, a lake and a railway."""
    options = ["--barriers", "--cutoff", 5, "--lang", "zh"]
    code, out, _ = run("report", county.stations, *town(county), "--zones", county.zones, *options, "--json")
    assert code == 0
    assert json.loads(out)["settings"]["barriers"] is True
    assert "阻断离开道路的直线" in Path("maps/stations/report.html").read_text(encoding="utf-8")
    assert "离开道路的直线不穿越水域、铁路和围墙" in Path("maps/stations/map.html").read_text(encoding="utf-8")


def test_barriers_that_the_streets_do_not_have_are_refused(run, county):
    code, _, err = run("map", county.stations, "--place", "安禾县", "--barriers")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "barriers: streets fetched by --place come without water, railways and walls" in err
    lines = Path("lines.geojson")
    lines.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"highway": "residential"},'
        '"geometry": {"type": "LineString", "coordinates": [[119.43, 33.30], [119.46, 33.32]]}}]}',
        encoding="utf-8",
    )
    code, _, err = run("map", county.stations, "--streets", lines, "--no-store", "--barriers", "--lang", "zh")
    assert code == 2
    assert "阻隔：lines.geojson 不含水域、铁路和围墙" in err


def test_attribution_is_named_in_every_output(run, county):
    streets = Path("roads.gpkg")
    assert run("streets", county.streets, "--area", county.town, "--no-store", "--out", streets)[0] == 0
    asked = ["--area", county.town, "--no-store", "--attribution", "Roads © Anhe <i>survey</i>"]
    assert run("report", county.stations, "--streets", streets, *asked, "--out", "out")[0] == 0
    named = "Roads © Anhe &lt;i&gt;survey&lt;/i&gt;"
    report = Path("out/report.html").read_text(encoding="utf-8")
    assert report.count(named) >= 2  # under the map and in the footer
    assert "OpenStreetMap" not in report
    page = Path("out/map.html").read_text(encoding="utf-8")
    assert "Roads © Anhe \\u003ci\\u003esurvey" in page
    sheets = openpyxl.load_workbook("out/tables.xlsx")
    cells = [str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row]
    assert "Roads © Anhe <i>survey</i>" in cells


def test_check_tells_where_stations_stand(run, county):
    code, out, _ = run("check", county.stations, *town(county), "--json")
    assert code == 0
    checked = json.loads(out)
    assert checked["status"] == {"used": 24, "outside": 17}
    assert checked["farthest"][0]["snap_m"] >= checked["farthest"][1]["snap_m"]
    code, out, _ = run("check", county.stations)
    assert code == 0
    assert out.startswith("41 stations: 41 read")


def test_streets_are_told_and_written(run, county):
    code, out, _ = run("streets", county.streets, "--no-store", "--out", "streets.gpkg", "--json")
    assert code == 0
    facts = json.loads(out)
    assert ws.read_streets("streets.gpkg").street_km == pytest.approx(facts["street_km"], rel=1e-4)


@pytest.mark.parametrize(
    ("lang", "told", "missing"),
    [
        ("en", "Unconnected pieces left out: 0.0 km", "error: no.pbf: no such file; found its folder"),
        ("zh", "剔除的不相连碎片：0.0 公里", "错误：no.pbf：没有这个文件"),
    ],
)
def test_streets_are_told_in_both_languages(run, county, lang, told, missing):
    code, out, _ = run("streets", county.streets, "--no-store", "--lang", lang)
    assert code == 0
    assert told in out.splitlines()
    code, _, err = run("streets", "no.pbf", "--lang", lang)
    assert code == 2
    assert missing in err.splitlines()[-1]


def test_a_second_run_reads_the_store(run, county):
    arguments = ["report", county.stations, "--streets", county.streets, "--store", "kept", "--json"]
    first, second = (json.loads(run(*arguments)[1]) for _ in range(2))
    assert any(Path("kept").iterdir())
    for summary in (first, second):
        summary.pop("seconds")
    assert first == second


MISTAKES = {
    "no stations file": (["report", "nowhere.csv", "--streets", "{streets}"], "nowhere.csv"),
    "no streets file": (["report", "{stations}", "--streets", "nowhere.pbf"], "nowhere.pbf"),
    "neither streets nor place": (["report", "{stations}"], "--streets"),
    "both": (["report", "{stations}", "--streets", "{streets}", "--place", "x"], "both"),
    "not OSM": (["streets", "notes.osm.pbf"], "notes.osm.pbf"),
    "cutoff": (["report", "{stations}", "--streets", "{streets}", "--cutoff", "-5"], "cutoff"),
    "speed": (["report", "{stations}", "--streets", "{streets}", "--speed", "0"], "speed"),
    "speed and profile": (["check", "{stations}", "--speed", "4", "--profile", "older"], "one"),
    "profile": (["report", "{stations}", "--streets", "{streets}", "--profile", "runner"], "adult"),
    "language": (["demo", "--lang", "fr"], "zh"),
    "category": (["report", "{stations}", "--streets", "{streets}", "--category", "驿站"], "爱心驿站"),
    "area elsewhere": (["report", "{stations}", "--streets", "{streets}", "--area", "elsewhere.geojson"], "area"),
    "area of points": (["report", "{stations}", "--streets", "{streets}", "--area", "point.geojson"], "polygon"),
    "stations elsewhere": (["report", "elsewhere.csv", "--streets", "{streets}"], "none of 1"),
    "no stations": (["report", "empty.csv", "--streets", "{streets}"], "empty.csv"),
    "swapped": (["report", "swapped.csv", "--streets", "{streets}"], "swapped"),
    "same id": (["report", "same.csv", "--streets", "{streets}"], "id"),
    "out is a file": (["report", "{stations}", "--streets", "{streets}", "--out", "notes.osm.pbf"], "folder"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(run, county, mistake):
    Path("notes.osm.pbf").write_text("not a map", encoding="utf-8")
    Path("empty.csv").write_text("name,lon,lat\n", encoding="utf-8")
    Path("elsewhere.csv").write_text("name,lon,lat\nfar,10.5,50.5\n", encoding="utf-8")
    Path("swapped.csv").write_text("name,lon,lat\na,33.31,119.43\n", encoding="utf-8")
    Path("same.csv").write_text("id,lon,lat\na,119.43,33.31\na,119.44,33.31\n", encoding="utf-8")
    for name, shape in {
        "elsewhere": {"type": "Polygon", "coordinates": [[[10, 50], [10.1, 50], [10.1, 50.1], [10, 50]]]},
        "point": {"type": "Point", "coordinates": [119.43, 33.31]},
    }.items():
        feature = {"type": "Feature", "properties": {}, "geometry": shape}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        Path(f"{name}.geojson").write_text(text, encoding="utf-8")
    before = sorted(Path().rglob("*"))
    arguments, found = MISTAKES[mistake]
    paths = {"streets": county.streets, "stations": county.stations}
    code, out, err = run(*(a.format(**paths) for a in arguments), *(["--no-store"] if arguments[0] == "report" else []))
    last = err.strip().splitlines()[-1]
    assert code == 2, err
    assert out == ""
    assert last.startswith("error: ")
    assert found in last
    assert "Traceback" not in err
    assert sorted(Path().rglob("*")) == before


def test_an_unwritable_folder_is_one_line(run, county, tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    code, _, err = run("report", county.stations, *town(county), "--out", "closed/here")
    assert code == 2
    assert "not permitted" in err.splitlines()[-1]


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_a_console_of_another_code_page_does_not_break_output(tmp_path, county, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONWARNDEFAULTENCODING": ""}
    arguments = ["-m", "walkshed", "check", str(county.stations)]
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"41 stations")


def test_the_interpreter_is_left_as_it_was(run):
    usual = gc.get_threshold()
    run("streets", "nowhere.osm.pbf")
    assert gc.get_threshold() == usual
