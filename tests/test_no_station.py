"""A study without a station that can be used: refused as a rule, and where that is said to be fine, gap as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

import walkshed as ws
from osm_files import NORTH, STEP, WEST, nodes_of, write_osm
from toys import toy
from walkshed.analysis.judge import judge
from walkshed.analysis.study import analyze
from walkshed.errors import InputError, NoStationsError
from walkshed.reach.walk import Walk

LINE = toy("""
A---------B---------C---------D
|
E                                         F-----------G
""")
"""3,200 m in one piece, 1,200 m in another."""

FAR = LINE.stations(("A", -5000, 0))
UNSNAPPED = LINE.stations(("B", 0, 300))
NONE = FAR.head(0)
ALLOWED: dict[str, Any] = {"walk": Walk(cutoffs=(5, 10)), "allow_no_stations": True}
PEOPLE = LINE.people(("B", 0, 10, 5.0), ("D", 0, 200, 2.0), ("G", 0, 20, 4.0), ("C", 0, 300, 7.0))


def totals(result: ws.Coverage) -> dict[str, float]:
    return {key: result.summary["gaps"][key] for key in ("count", "street_km", "sliver_km")}


@pytest.mark.parametrize("stations", [NONE, FAR, UNSNAPPED], ids=["none", "far", "unsnapped"])
def test_all_street_and_all_people_are_in_gaps(stations: gpd.GeoDataFrame) -> None:
    """10 minutes are 800 m: B takes in 1,600 m, as C would, and comes first. Then C takes 200 m before it and 800 m
    behind it, D the 200 m that are left; A 200 m and the 200 m to E; F 800 m, and G the 400 m that are left.
    """
    result = analyze(LINE.streets, stations, people=PEOPLE, **ALLOWED)
    gaps = result.gaps
    assert gaps["street_km"].sum() == pytest.approx(4.4)
    assert totals(result) == pytest.approx({"count": 6, "street_km": 4.4, "sliver_km": 0.0})
    assert sorted(gaps["street_km"].round(3)) == [0.2, 0.4, 0.4, 0.8, 1.0, 1.6]
    # 5 at B, 2 at D, 4 at G; the 7 at C have no street within 250 m.
    assert result.summary["people"] == {"total": 18.0, "unknown": 7.0, "in_gaps": 11.0, "scattered": 0.0}
    assert [row["people"] for row in result.summary["coverage"]] == [0.0, 0.0]
    assert [row["street_share"] for row in result.summary["coverage"]] == [0.0, 0.0]
    assert sorted(gaps["people"], reverse=True) == [5.0, 4.0, 2.0, 0.0, 0.0, 0.0]
    assert gaps["people"].is_monotonic_decreasing
    assert result.people is not None
    assert sorted(result.people["state"]) == ["gap", "gap", "gap", "unknown"]
    assert set(gaps["cause"]) == {"no_station"}
    assert gaps[["station_id", "air_station_id", "air_km", "walk_km", "detour", "walk_min_max"]].isna().all(axis=None)
    assert (result.summary["stations"]["read"], result.summary["stations"]["used"]) == (len(stations), 0)


def test_the_polygons_of_the_gaps_are_drawn_and_nothing_is_covered() -> None:
    result = analyze(LINE.streets, NONE, **ALLOWED)
    assert len(result.service_areas) == 0
    assert result.covered.geometry.is_empty.all()
    assert (result.gaps.geometry.area > 0).all()
    assert result.streets["walk_min"].isna().all()
    assert result.streets["covered"].sum() == 0
    assert (result.streets["depth"] == 0).all()
    assert result.depth.query("depth == 0")["street_share"].tolist() == [1.0, 1.0]
    assert result.curve["street_share"].tolist() == [0.0] * len(result.curve)
    assert result.self_check.share == 1.0
    assert "0 stations" in repr(result)


@pytest.mark.parametrize("layer", ["streets", "depth", "covered", "people"])
def test_plots_and_maps_show_what_there_is(layer: str) -> None:
    """What is empty is left out, without a warning; street is beyond the cutoff, and not called cut off."""
    result = analyze(LINE.streets, NONE, people=PEOPLE, **ALLOWED)
    axes = ws.plot(result, layer=layer)
    told = [text.get_text() for text in axes.get_legend().get_texts()]
    assert "Stations" not in told
    assert "no station can be reached" not in told
    page = ws.explore(result, layer=layer)._repr_html_()
    assert "There is no usable station" in page


def test_zones_without_a_station_are_told_as_such() -> None:
    zones = LINE.zones(("west", "E", "B", 30), ("east", "F", "G", 10), margin_m=100)
    result = analyze(LINE.streets, NONE, zones=zones, **ALLOWED)
    assert result.zones is not None
    assert result.zones_served_share == 0.0
    assert result.zones["stations"].tolist() == [0, 0]
    assert result.zones["people_share_10"].tolist() == [0.0, 0.0]
    assert result.summary["people"]["in_gaps"] == pytest.approx(40)


def test_the_refusal_stays_and_names_the_way_out() -> None:
    for stations in (FAR, UNSNAPPED):
        with pytest.raises(NoStationsError, match=r"none of 1 can be used: .*; .* say so: --allow-no-stations"):
            analyze(LINE.streets, stations)
    with pytest.raises(InputError, match=r"nothing is listed in it; .* say --allow-no-stations"):
        analyze(LINE.streets, NONE)


def test_of_what_is_no_list_of_stations_the_way_out_is_not_named(folder: Path, run: Any) -> None:
    with pytest.raises(InputError, match=r"^people: nothing is listed in it; give at least one row$"):
        analyze(LINE.streets, FAR, people=PEOPLE.head(0), **ALLOWED)
    result = analyze(LINE.streets, NONE, **ALLOWED)
    with pytest.raises(InputError, match=r"^candidates: nothing is listed in it; give at least one row$"):
        ws.suggest_sites(result, n=1, candidates=NONE)
    options = ("--allow-no-stations", "--add", "1", "--candidates", folder / "none.csv", "--out", folder / "sites")
    code, _, err = run("sites", *asked(folder), *options)
    assert code == 2
    assert err.splitlines()[-1] == "error: candidates: nothing is listed in it; give at least one row"


def test_where_a_station_can_be_used_it_changes_nothing() -> None:
    stations = LINE.stations(("A", 0, 0))
    plain, allowed = (analyze(LINE.streets, stations, allow_no_stations=allow) for allow in (False, True))
    for result in (plain, allowed):
        result.summary.pop("seconds")
    assert plain.summary == allowed.summary
    assert plain.notes == allowed.notes


def test_first_sites_are_proposed_and_keep_what_they_promise() -> None:
    result = analyze(LINE.streets, NONE, people=PEOPLE, **ALLOWED)
    where = LINE.stations(("B", 0, 0), ("D", 0, 0), ("G", 0, 0))
    proposal = ws.suggest_sites(result, n=2, candidates=where, prove=True)
    assert proposal.sites["site_id"].tolist() == ["s1", "s3"]
    assert proposal.sites["gain_people"].tolist() == [5.0, 4.0]
    after = ws.analyze_again(result, proposal.stations)
    assert after.summary["coverage"][-1]["people"] == 9.0


def test_a_station_that_is_closed_then_is_the_cause_and_not_missing() -> None:
    """At 22:00 the one at A is closed: the gap whose centre A would serve says so, the others have none near."""
    stations = LINE.stations(("A", 0, 0)).assign(hours="08:00-18:00")
    with pytest.raises(InputError, match="no station is open for certain"):
        analyze(LINE.streets, stations, at="Mon 22:00")
    result = analyze(LINE.streets, stations, at="Mon 22:00", **ALLOWED)
    assert result.notes[0].code == "no_stations_open"
    assert result.notes[0].values == {"closed": 1, "unknown": 0}
    assert set(result.gaps["cause"]) == {"closed_station", "no_station"}
    assert result.summary["clock"]["open"] == 0


def test_so_many_people_a_station_are_too_many_where_there_is_none() -> None:
    result = analyze(LINE.streets, NONE, people=PEOPLE, walk=Walk.norm("parks10"), allow_no_stations=True)
    assert set(judge(result, "parks10")["met"]) <= {False, None}


COLUMN = nodes_of("""
A---------B---------C---------D
""")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A street of 3 km as a file, and a list that holds headings alone."""
    write_osm(tmp_path / "streets.osm", COLUMN, [("ABCD", {"highway": "residential", "name": "<i>长街</i>"})])
    (tmp_path / "none.csv").write_text("名称,经度,纬度,类别\n", encoding="utf-8")
    people = "\n".join(f"{WEST + x * STEP:.6f},{NORTH:.6f},{x}" for x in (0, 15, 30))
    (tmp_path / "people.csv").write_text(f"lon,lat,population\n{people}\n", encoding="utf-8")
    return tmp_path


def asked(folder: Path, name: str = "none.csv") -> list[object]:
    return [folder / name, "--streets", folder / "streets.osm", "--people", folder / "people.csv", "--no-store"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report_writes_everything(folder: Path, run: Any, lang: str) -> None:
    out = folder / "out"
    code, said, err = run("report", *asked(folder), "--allow-no-stations", "--verify", "--lang", lang, "--out", out)
    assert code == 0, err
    usable = {"en": "There is no usable station in the area or near it", "zh": "区域内及附近没有可用的站点"}[lang]
    assert usable in said
    page = (out / "report.html").read_text(encoding="utf-8")
    assert {"en": "No station was used.", "zh": "没有参与计算的站点。"}[lang] in page
    assert "<i>长街" not in page
    assert "NaN" not in page
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["gaps"]["people"] + summary["people"]["scattered"] == 45
    layers = dict(pyogrio.list_layers(out / "coverage.gpkg"))
    assert {"stations", "service_areas", "covered", "streets", "gaps", "area"} <= set(layers)
    assert len(pyogrio.read_dataframe(out / "coverage.gpkg", layer="gaps")) == summary["gaps"]["count"] > 0
    assert pyogrio.read_info(out / "coverage.gpkg", layer="stations")["features"] == 0
    assert openpyxl.load_workbook(out / "tables.xlsx").sheetnames


@pytest.mark.parametrize(
    ("lang", "headline", "cause", "missing"),
    [
        ("en", "No usable station in the area or near it is open for certain at this moment, so nothing is covered",
         "No station: none in the area or near it that can be used is open", "There is no usable station"),
        ("zh", "此时区域内及附近没有确定开放的可用站点，覆盖为零", "没有站点：此时区域内及附近没有确定开放的可用站点", "区域内及附近没有可用的站点"),
    ],
)  # fmt: skip
def test_where_all_are_closed_none_is_said_to_be_missing(
    folder: Path, run: Any, lang: str, headline: str, cause: str, missing: str
) -> None:
    text = f"名称,经度,纬度,开放时间\n一,{WEST},{NORTH},08:00-18:00\n"
    (folder / "day.csv").write_text(text, encoding="utf-8")
    code, said, err = run(
        "report", *asked(folder, "day.csv"), "--allow-no-stations", "--at", "Mon 22:00", "--lang", lang,
        "--out", folder / "out",
    )  # fmt: skip
    assert code == 0, err
    assert headline in said
    report, page = ((folder / "out" / name).read_text(encoding="utf-8") for name in ("report.html", "map.html"))
    assert cause in report
    assert headline in page
    assert not any(missing in text for text in (said, report, page))


def test_every_command_says_in_one_line_what_it_cannot_do(folder: Path, run: Any) -> None:
    code, _, err = run("report", *asked(folder))
    assert (code, err.splitlines()[-1]) == (
        2,
        "error: none.csv: nothing is listed in it; give at least one row, or say --allow-no-stations of an area that "
        "has no station",
    )
    code, _, err = run("hours", *asked(folder), "--allow-no-stations")
    assert (code, "no column states opening hours" in err.splitlines()[-1]) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ("map", "--out", "map.html"),
        ("gaps", "--out", "gaps.gpkg"),
        ("gaps", "--json"),
        ("check",),
        ("sites", "--add", "1", "--anywhere", "--out", "sites"),
        ("sites", "--add", "1", "--anywhere", "--objective", "cross", "--out", "sites"),
        ("report", "--norm", "gb50180", "--out", "norm"),
        ("report", "--at", "Mon 10:00", "--profiles", "older", "--grid", "500", "--out", "many"),
        ("report", "--datum", "gcj02", "--category", "驿站", "--group", "couriers", "--out", "few"),
        ("report", "--datum", "auto", "--no-steps", "--out", "auto"),
    ],
)
def test_what_takes_a_study_takes_it_without_stations(
    folder: Path, run: Any, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    name, *options = command
    code, _, err = run(name, *asked(folder), "--allow-no-stations", *options)
    assert code == 0, err


def test_a_study_file_has_it_as_a_key(folder: Path, run: Any) -> None:
    text = 'stations = "none.csv"\nstreets = "streets.osm"\nno-store = true\nallow-no-stations = true\n'
    (folder / "walkshed.toml").write_text(text, encoding="utf-8")
    code, _, err = run("run", folder / "walkshed.toml", "--out", folder / "out")
    assert code == 0, err


def test_two_lists_without_a_station_compare_as_the_same(folder: Path, run: Any) -> None:
    (folder / "none2.csv").write_text("名称,经度,纬度\n", encoding="utf-8")
    for options in ([], ["--json"]):
        code, said, err = run(
            "compare", folder / "none.csv", folder / "none2.csv", *asked(folder)[1:], "--allow-no-stations",
            "--out", folder / "change", *options,
        )  # fmt: skip
        assert code == 0, err
    told = json.loads(said)
    assert set(told["stations"].values()) == {0}
    assert (told["coverage"][-1]["gained_km"], told["coverage"][-1]["lost_km"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("lang", "note", "shown"),
    [
        ("en", "note: far.csv: No station can be used, so nothing is covered.", "far.csv: No station can be used"),
        ("zh", "提示：far.csv：没有可用的站点，覆盖为零。", "far.csv：没有可用的站点"),
    ],
)
def test_a_side_without_a_station_says_why(folder: Path, run: Any, lang: str, note: str, shown: str) -> None:
    for name, lon in (("one", WEST), ("far", WEST + 1)):
        (folder / f"{name}.csv").write_text(f"名称,经度,纬度\n一,{lon},{NORTH}\n", encoding="utf-8")
    code, _, err = run(
        "compare", folder / "one.csv", folder / "far.csv", *asked(folder)[1:], "--allow-no-stations", "--lang", lang,
        "--out", folder / "change",
    )  # fmt: skip
    assert code == 0, err
    assert err.count(note) == 1
    assert "one.csv" not in err
    assert shown in (folder / "change" / "compare.html").read_text(encoding="utf-8")


def test_opening_the_first_station_is_a_change_to_compare(folder: Path, run: Any) -> None:
    (folder / "one.csv").write_text(f"名称,经度,纬度\n一,{WEST},{NORTH}\n", encoding="utf-8")
    code, said, err = run(
        "compare", folder / "none.csv", folder / "one.csv", *asked(folder)[1:], "--allow-no-stations",
        "--out", folder / "change", "--json",
    )  # fmt: skip
    assert code == 0, err
    last = json.loads(said)["coverage"][-1]
    assert last["street_km_before"] == 0.0
    assert last["street_km_after"] == pytest.approx(last["gained_km"])
