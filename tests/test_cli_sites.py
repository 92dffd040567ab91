"""``walkshed sites``: what it writes, and one line for every mistake."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest

import walkshed as ws
from fake_result import fake_result
from test_cli import county, town
from test_sites_shown import proposed
from walkshed.output.report import render_report

__all__ = ["county"]  # a fixture


def ask(run, county, *more: object, lang: str = "en") -> tuple[int, str, str]:
    return run("sites", county.stations, *town(county), "--zones", county.zones, "--out", "out", "--lang", lang, *more)


def summary() -> dict:
    return json.loads(Path("out/summary.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sites_among_hosts_are_written_and_shown(run, county, lang):
    code, out, err = ask(run, county, "--add", 3, "--candidates", county.hosts, "--prove", lang=lang)
    assert code == 0, err
    told = summary()["sites"]
    assert told["proven"]
    layer = gpd.read_file("out/sites.geojson")
    assert layer.crs.to_epsg() in (4326, None) or layer.crs.to_string() == "OGC:CRS84"
    assert set(layer.geom_type) == {"Point"}
    assert layer["order"].tolist() == list(range(1, told["added"] + 1))
    for column in ("name", "gain_street_km", "gain_people"):
        assert layer[column].tolist() == [site[column] for site in told["sites"]]
    assert out.splitlines()[0].split()[:3] == {"en": ["Order", "Id", "Name"], "zh": ["次序", "编号", "名称"]}[lang]
    report = Path("out/report.html").read_text(encoding="utf-8")
    section = re.search(r'<section id="sites">(.*?)</section>', report, re.DOTALL)[1]
    assert "<svg" in section
    assert {"en": "it is proven", "zh": "已证明"}[lang] in section
    assert "sites.geojson" in report
    # Held against a fresh analysis of the list with the sites in it.
    stations = ws.read_stations(county.stations)
    more = gpd.GeoDataFrame(
        {"station_id": [f"new {i}" for i in layer["order"]]}, geometry=layer.geometry.to_numpy(), crs=4326
    )
    both = gpd.GeoDataFrame({"station_id": [*stations["station_id"], *more["station_id"]]},
                            geometry=[*stations.geometry, *more.geometry], crs=4326)  # fmt: skip
    fresh = ws.analyze(ws.read_streets(county.streets, area=ws.read_area(county.town), budget_m=1200), both,
                       area=ws.read_area(county.town), zones=ws.read_zones(county.zones)).summary["coverage"][-1]  # fmt: skip
    for share in ("street_share", "people_share"):
        assert told["after"][share] == pytest.approx(fresh[share], abs=1e-6)


def test_without_options_it_is_five_among_the_hosts_of_the_streets_file(run, county):
    assert ask(run, county)[0] == 0
    told = summary()["sites"]
    assert told["asked"] == 5
    assert told["candidates"] == len(ws.read_streets(county.streets, area=ws.read_area(county.town)).surroundings.hosts)
    assert {site["kind"] for site in told["sites"]} <= {"bank", "post_office", "fuel", "energy", "townhall"}


def test_closing_alone_and_before_sites(run, county):
    code, out, err = ask(run, county, "--close", "1", "--json")
    assert code == 2
    assert "--close: no station has the id '1'; they are called 'AH" in err
    area = ws.read_area(county.town)
    today = ws.analyze(ws.read_streets(county.streets, area=area), ws.read_stations(county.stations), area=area)
    known = ws.station_worth(today)["station_id"].iloc[0]
    code, out, err = ask(run, county, "--close", known, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert "sites" not in told
    assert told["closing"]["closed"] == [known]
    assert "-0" not in str(told["closing"].values())
    assert told["closing"]["after"] == {
        key: pytest.approx(value, rel=1e-9) for key, value in told["coverage"][-1].items()
    }
    assert told["closing"]["before"]["street_share"] > told["closing"]["after"]["street_share"]
    assert not Path("out/sites.geojson").exists()
    code, _, err = ask(
        run, county, "--close", known, "--add", 1, "--anywhere", "--spacing", 500, "--objective", "street"
    )
    assert code == 0, err
    assert summary()["sites"]["before"]["street_share"] == pytest.approx(told["closing"]["after"]["street_share"])


def test_the_report_of_today_is_not_written_over(run, county):
    code, out, err = run("sites", county.stations, *town(county), "--close", "AH001")
    assert code == 0, err
    assert Path(out.splitlines()[-1]) == Path("maps/stations-sites/summary.json")


def test_a_target(run, county):
    code, _, err = ask(run, county, "--target", 0.01, "--anywhere")
    assert code == 0, err
    assert summary()["sites"]["added"] == 0
    code, _, err = ask(run, county, "--target", 1, "--candidates", county.hosts)
    assert code == 2
    assert "cannot be reached: all" in err
    assert "stay out of reach" in err.splitlines()[-1]
    assert err.endswith("or look anywhere on the streets (--anywhere)\n")
    code, _, err = ask(run, county, "--target", 1, "--anywhere", "--spacing", 5000)
    assert code == 2
    assert err.endswith("ask for less, or for places closer to each other (--spacing)\n")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--add", "2", "--target", "0.9"], "--add and --target"),
        (["--candidates", "x.csv", "--anywhere"], "--candidates and --anywhere"),
        (["--target", "0.9", "--at-most-one-per-zone"], "without rules for zones"),
        (["--add", "0", "--anywhere"], "whole number of sites"),
        (["--add", "9999", "--candidates", "{hosts}"], "sites: 9999 are asked for"),
        (["--candidates", "nowhere.csv"], "nowhere.csv"),
        (
            ["--anywhere", "--fixed", "street x"],
            "--fixed: no candidate has the id 'street x'; the nearest are 'street ",
        ),
        (
            ["--anywhere", "--fixed", "NOPE"],
            "--fixed: no candidate has the id 'NOPE'; they are called 'street 1', 'street 2'",
        ),
        (["--time-limit", "-1"], "--time-limit: must be a number of seconds, 0 or more; found -1"),
        (["--spacing", "100"], "--spacing: it is the distance between places of --anywhere"),
        (["--profiles", ",,"], "profiles: none given"),
    ],
)
def test_a_mistake_is_one_line(run, county, options, says):
    code, _, err = ask(run, county, *(text.format(hosts=county.hosts) for text in options))
    assert code == 2, err
    assert says in err.splitlines()[-1]
    assert not Path("out").exists()


def test_the_curve_is_a_chart_and_a_table():
    result = fake_result()
    curve = [
        {"sites": i, "street_share": i / 10, "people_share": i / 8, "share": i / 8, "bound_share": 1.0}
        for i in range(4)
    ]
    told = {
        "curve": curve,
        "bend": 2,
        "proven": False,
        "share": None,
        "gap": 0.04,
        "added": 2,
        "candidates": 9,
        "at_least": None,
    }
    result.summary["sites"] = told
    page = render_report(result, sites=proposed())
    section = re.search(r'<section id="sites">(.*?)</section>', page, re.DOTALL)[1]
    assert section.count("<polyline") == 2
    assert "bends at 2" in section
    assert "37.5" in section
    assert "more than 4.0" in section


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--add", "9999", "--candidates", "{hosts}"], "要求新增 9999 个站点，而候选地点只有"),
        (
            ["--target", "1", "--candidates", "{hosts}"],
            "请降低比例、提供更多候选地点（--candidates 文件），或在任意道路上选址（--anywhere）",
        ),
        (["--anywhere", "--fixed", "street x"], "没有编号为“street x”的候选地点"),
        (["--close", "1"], "没有编号为“1”的站点"),
        (["--anywhere", "--objective", "money"], "--objective：收到“money”"),
        (["--anywhere", "--fixed", "NOPE"], "--fixed：没有编号为“NOPE”的候选地点；现有编号如"),
        (["--time-limit", "-1"], "--time-limit：须为不小于 0 的秒数"),
        (["--spacing", "100"], "--spacing 是 --anywhere 所列地点的间距"),
        (["--profiles", "，，"], "人群：未给出"),
        (["--speed", "0"], "步行速度须为正数（公里/小时，如 4.8）；收到“0.0”"),
        (["--add", "2", "--target", "0.9"], "请只给出其一"),
    ],
)
def test_a_mistake_is_told_in_chinese(run, county, options, says):
    code, _, err = ask(run, county, *(text.format(hosts=county.hosts) for text in options), "--lang", "zh")
    assert code == 2
    assert says in err.splitlines()[-1]
