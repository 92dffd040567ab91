"""What a study says of the datum of its stations: a warning where the streets speak for another."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from test_datum_fit import as_it_is, county, in_town, listed, run
from walkshed import Coverage, analyze, analyze_again, demo_county, read_area, read_stations
from walkshed.inputs.datum import from_wgs84
from walkshed.output.facts import Fact, _listed
from walkshed.output.heading import unbroken
from walkshed.output.words import Words


def study_of(stations: gpd.GeoDataFrame) -> Coverage:
    return analyze(county(), stations, area=read_area(demo_county().town))


def told(result: Coverage, lang: str = "en") -> list[str]:
    """What the notes of a result say of the datum."""
    return [Words(lang)(f"note.{n.code}", **n.values) for n in result.notes if n.code.startswith("datum")]


# --- A datum that does not fit ----------------------------------------------------------------------


def test_a_list_in_another_datum_than_stated_is_warned_of():
    (line,) = told(study_of(read_stations(demo_county().stations_gcj02)))
    assert line.startswith("GCJ-02 fits the streets better than WGS 84, in which the list was read")
    assert "a median of 9 m from a street instead of 25 m" in line
    assert line.endswith("read the list with --datum gcj02.")


def test_it_is_said_in_chinese_too():
    (line,) = told(study_of(read_stations(demo_county().stations_gcj02)), "zh")
    assert line == (
        "按 GCJ-02 读取比现用的 WGS 84 更符合道路：站点到道路的距离中位数为 9 米，而非 25 米；"
        "请用 --datum gcj02 重新读入。"
    )


@pytest.mark.parametrize(("stated", "remedy"), [("gcj02", None), ("bd09", "--datum gcj02"), ("auto", None)])
def test_the_list_is_judged_as_the_file_has_it(stated: str, remedy: str | None):
    lines = told(study_of(read_stations(demo_county().stations_gcj02, datum=stated)))
    assert [remedy in line for line in lines if "--datum" in line] == ([] if remedy is None else [True])


def test_a_second_conversion_is_warned_of():
    """A list that is WGS 84 already, as `check --fix` writes it, read as GCJ-02."""
    (line,) = told(study_of(read_stations(demo_county().stations, datum="gcj02")))
    assert line.startswith("WGS 84 fits the streets better than GCJ-02")
    assert line.endswith("read the list with --datum wgs84.")


def test_where_the_fit_cannot_tell_nothing_is_said():
    places = gpd.points_from_xy(*in_town(60, 0).T, crs=4326)
    scattered = study_of(gpd.GeoDataFrame(geometry=places))
    few = study_of(read_stations(demo_county().stations_gcj02).iloc[:9])
    assert scattered.datum is few.datum is None
    assert told(scattered) == told(few) == []


def test_lists_of_several_datums_put_together_are_not_judged():
    parts = [read_stations(demo_county().stations_gcj02, datum=datum) for datum in ("gcj02", "wgs84")]
    parts[1]["station_id"] += "b"
    both = study_of(gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)))
    assert both.given.read_as == "gcj02, wgs84"
    assert told(both) == []


def test_other_stations_are_judged_anew():
    wrong = study_of(read_stations(demo_county().stations_gcj02))
    assert told(analyze_again(wrong, read_stations(demo_county().stations))) == []
    assert told(analyze_again(as_it_is(), read_stations(demo_county().stations_gcj02))) == told(wrong)
    settled = analyze_again(wrong, read_stations(demo_county().stations_gcj02, datum="auto"))
    assert settled.headline["street_share"] == pytest.approx(as_it_is().headline["street_share"], abs=0.002)


def test_what_is_left_of_a_converted_list_is_not_taken_for_another():
    right = study_of(read_stations(demo_county().stations_gcj02, datum="gcj02"))
    left = analyze_again(right, right.stations.iloc[1:])
    assert left.given.read_as == "gcj02"
    assert told(left) == []


@pytest.mark.parametrize("command", ["report", "map", "sites"])
def test_every_command_says_it_as_check_words_it(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str):
    listed, out = str(demo_county().stations_gcj02), tmp_path / ("map.html" if command == "map" else "out")
    code, _, err = run(capsys, command, listed, "--out", str(out))
    assert code == 0
    (line,) = [line.removeprefix("note: ") for line in err.splitlines() if "fits the streets better" in line]
    assert line.removesuffix(".") in run(capsys, "check", listed)[1]
    if command != "map":
        page = (out / "report.html").read_text(encoding="utf-8")
        assert unbroken(line) in unescape(page[page.rindex("What is uncertain") :])


# --- What stands among the settings -----------------------------------------------------------------


@pytest.mark.parametrize("datum", ["gcj02", "auto"])
def test_the_datum_and_the_categories_stand_among_the_settings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, datum: str
):
    options = ["--datum", datum, "--category", "爱心驿站", "--lang", "zh", "--out", str(tmp_path / "out")]
    assert run(capsys, "report", str(demo_county().stations_gcj02), *options)[0] == 0
    settings = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["settings"]
    assert settings["datum"] == "gcj02"
    assert settings["categories"] == ["爱心驿站"]
    assert "groups" not in settings
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert '"datum": "gcj02"' in unescape(page)  # its provenance
    rows = {fact.label: fact.value for fact in _facts(settings)}
    assert rows == {"站点坐标系": "GCJ-02", "计入的类别": "爱心驿站"}
    assert all(label in page for label in rows)


def _facts(settings: dict[str, object]) -> list[Fact]:
    return _listed(settings, Words("zh"))


def test_lists_put_together_name_all_their_datums():
    (fact,) = _listed({"datum": "gcj02, wgs84"}, Words("en"))
    assert (fact.label, fact.value) == ("Stations read in", "GCJ-02, WGS 84")


def test_a_frame_of_wgs_84_says_so():
    assert as_it_is().summary["settings"]["datum"] == "wgs84"


def test_settings_stay_where_stations_close(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    options = ["--datum", "gcj02", "--category", "爱心驿站", "--close", "AH001", "--out", str(tmp_path), "--json"]
    code, out, _ = run(capsys, "sites", str(demo_county().stations_gcj02), *options)
    summary = json.loads(out)
    assert code == 0
    assert (summary["settings"]["datum"], summary["settings"]["categories"]) == ("gcj02", ["爱心驿站"])
    assert [row["role"] for row in summary["inputs"]] == ["stations", "streets", "area"]


# --- In check ---------------------------------------------------------------------------------------


def few(tmp_path: Path) -> Path:
    """Five stations in GCJ-02: too few for the streets to tell."""
    path = tmp_path / "few.csv"
    rows = [f"{x},{y}" for x, y in from_wgs84(listed()[:5], "gcj02").tolist()]
    path.write_text("\n".join(["lon,lat", *rows]), encoding="utf-8")
    return path


def test_check_goes_on_where_the_datum_is_left_open(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path, page = few(tmp_path), tmp_path / "check.html"
    code, out, err = run(capsys, "check", str(path), "--datum", "auto", "--out", str(page))
    assert (code, err.count("error")) == (0, 0)
    assert "5 stations" in out
    assert "the streets were to tell the datum, and cannot: the list was taken for WGS 84 here" in out
    assert "--datum wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)" in out
    assert page.exists()
    assert run(capsys, "check", str(path), "--datum", "auto", "--strict")[0] == 2


def test_a_datum_left_open_is_not_written(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    options = ["--datum", "auto", "--fix", str(tmp_path / "fixed.csv")]
    code, _, err = run(capsys, "check", str(few(tmp_path)), *options)
    assert code == 2
    assert "say the datum with --datum" in err
    assert not (tmp_path / "fixed.csv").exists()


def test_check_does_not_ask_for_a_datum_that_was_stated(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    for lang, phrase in (("en", "read as GCJ-02, as you said; the streets can neither"), ("zh", "指明的 GCJ-02 读取")):
        code, out, _ = run(capsys, "check", str(few(tmp_path)), "--datum", "gcj02", "--lang", lang)
        assert code == 0
        assert phrase in out
        assert "--datum" not in out
    assert "say it with --datum if it is not WGS 84" in run(capsys, "check", str(few(tmp_path)))[1]
