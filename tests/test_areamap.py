"""The map of many areas: none is invisible, however far apart they lie; shades tell them apart; gaps have their number."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from walkshed.analysis.rollup import Part, Rollup, roll_up
from walkshed.output.areamap import MOST_PICTURES, draw_areas, share_classes
from walkshed.output.rollup import render_rollup
from walkshed.output.words import Words


def part(name: str, west: float, south: float, size: float, share: float | None, **more: Any) -> Part:
    """An area of `size` degrees, all of whose figures follow from its share; failed without one."""
    area = gpd.GeoDataFrame(geometry=[shapely.box(west, south, west + size, south + size)], crs=4326)
    if share is None:
        return Part(name=name, slug=name, state="failed", why="?", area=area)
    last = {"cutoff_min": 15.0, "street_km": 10 * share, "street_share": share, "people": None, "people_share": None}
    summary = {
        "settings": {"speed_kmh": 4.8},
        "streets": {"street_km": 10.0, "date": None, "origin": "other"},
        "stations": {"used": 1},
        "people": {"total": None, "unknown": None},
        "coverage": [last],
        "gaps": {"count": 0, "street_km": 0.0, "people": None},
    }
    return Part(name=name, slug=name, state=more.pop("state", "done"), summary=summary, area=area, **more)


def drawn(rolled: Rollup) -> dict[str, Any]:
    picture = draw_areas(rolled, Words("en"))
    assert picture is not None
    return picture


FAR = [
    part("Monaco", 7.4, 43.7, 0.03, 0.95),
    part("上海", 121.4, 31.2, 0.1, 0.45),
    part("Porto", -51.2, -30.1, 0.2, 0.18),
]
CITY = [part(f"{i}", -8.7 + 0.05 * i, 41.1, 0.05, 0.04 + 0.05 * i) for i in range(4)]


def test_places_that_lie_far_apart_have_a_picture_each() -> None:
    told = drawn(roll_up(FAR))
    assert [[name["name"] for name in picture["names"]] for picture in told["pictures"]] == [
        ["Monaco"], ["上海"], ["Porto"],
    ]  # fmt: skip
    assert not told["any_marks"]
    page = render_rollup(roll_up(FAR))
    assert page.count('<svg class="map"') == 3
    assert not re.findall(r' d="(?!M)[^"]*"', page)  # no path without a start
    assert Words("en")("rollup.map_apart") in page
    assert Words("zh")("rollup.map_apart") in render_rollup(roll_up(FAR), lang="zh")


def test_one_mistyped_area_leaves_the_others_as_they_were() -> None:
    alone, beside = drawn(roll_up(CITY)), drawn(roll_up([*CITY, part("typo", 41.1, -8.7, 0.05, None)]))
    assert [len(picture["areas"]) for picture in alone["pictures"]] == [4]
    assert [len(picture["areas"]) for picture in beside["pictures"]] == [4, 1]
    assert len(beside["pictures"][0]["names"]) == 4


def test_what_is_too_small_to_be_seen_is_a_round_mark_with_its_name() -> None:
    country = [part("province", 100, 30, 10, 0.5), part("village", 111, 30, 0.01, 0.7)]
    told = drawn(roll_up(country))
    (picture,) = told["pictures"]
    assert told["any_marks"]
    marks = [
        area for area in picture["areas"] if re.fullmatch(r"M\d+ \d+a26 26 0 1 0 52 0a26 26 0 1 0 -52 0", area["d"])
    ]
    assert [area["folder"] for area in marks] == ["village"]
    assert {name["name"] for name in picture["names"]} == {"province", "village"}
    assert Words("en")("rollup.map_marks") in render_rollup(roll_up(country))


def test_there_are_never_many_pictures() -> None:
    scattered = [part(f"{i}", -170 + 8 * i, 10 + (i % 3), 0.01, 0.5) for i in range(40)]
    pictures = drawn(roll_up(scattered))["pictures"]
    assert 1 <= len(pictures) <= MOST_PICTURES
    assert sum(len(picture["areas"]) for picture in pictures) == 40


@pytest.mark.parametrize(
    ("shares", "classes"),
    [([0.0, 1.0], [0, 20, 40, 60, 80, 100]), ([0.18], [15, 20, 25, 30, 35, 40]), ([0.2, 0.69], [20, 30, 40, 50, 60, 70]),
     ([float("nan")], [0, 20, 40, 60, 80, 100]), ([], [0, 20, 40, 60, 80, 100]), ([1.0], [75, 80, 85, 90, 95, 100])],
)  # fmt: skip
def test_classes_are_round_and_hold_all_shares(shares: list[float], classes: list[int]) -> None:
    assert share_classes(shares) == classes


def test_shades_tell_low_shares_apart_and_no_station_from_them() -> None:
    lonely = part("lonely", -8.5, 41.1, 0.05, 0.0, state="empty")
    rolled = roll_up([*CITY, lonely, part("lost", -8.45, 41.1, 0.05, None)])
    (picture,) = drawn(rolled)["pictures"]
    kinds = {area["says"].partition(" ")[0]: area["kind"] for area in picture["areas"]}  # 4, 9, 14, 19 %
    assert kinds == {
        "0": "share-0",
        "1": "share-1",
        "2": "share-2",
        "3": "share-3",
        "lonely": "none",
        "lost": "unknown",
    }
    page = render_rollup(rolled)
    assert [f"{low}–{low + 5} %" in page for low in (0, 5, 10, 15, 20)] == [True] * 5
    legend = page.partition('<p class="legend">')[2].partition("</p>")[0]
    assert legend.index("no station") < legend.index("failed")
    assert "没有站点" in render_rollup(rolled, lang="zh").partition('<p class="legend">')[2].partition("</p>")[0]


def gaps_of(*spots: tuple[float, float]) -> gpd.GeoDataFrame:
    rows = [{"gap_id": i, "street_km": 9.0 - i, "people": None, "walk_min_median": 20.0, "cause": "distance"}
            | {"streets": "", "station_id": "7", "station_name": ""} for i in range(1, len(spots) + 1)]  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=[shapely.Point(spot).buffer(0.001) for spot in spots], crs=4326)


def test_the_numbered_gaps_of_the_list_stand_on_the_map_and_hide_no_name() -> None:
    one = part("one", -8.7, 41.1, 0.05, 0.3, gaps=gaps_of((-8.675, 41.125), (-8.69, 41.11)))
    two = part("two", -8.65, 41.1, 0.05, 0.4)
    tiny = part("tiny", -9.7, 41.1, 0.001, 0.4, gaps=gaps_of((-9.6995, 41.1005)))
    told = draw_areas(roll_up([one, two]), Words("en"), 30)
    assert told is not None
    (picture,) = told["pictures"]
    assert [(gap["rank"], gap["gap_id"], gap["folder"]) for gap in picture["gaps"]] == [(2, 2, "one"), (1, 1, "one")]
    second, first = picture["gaps"]
    assert second["x"] < first["x"]  # it lies farther west
    assert second["y"] > first["y"]  # and farther south
    names = {name["name"]: name for name in picture["names"]}
    assert set(names) == {"one", "two"}
    assert abs(names["one"]["y"] - 20 - first["y"]) > 46  # moved off the number in the middle
    page = render_rollup(roll_up([one, two]))
    assert '<a href="one/report.html#gap-1"><g class="gap-number"' in page
    assert Words("en")("rollup.map_gaps") in page
    assert Words("zh")("rollup.map_gaps") in render_rollup(roll_up([one, two]), lang="zh")
    far = draw_areas(roll_up([one, two, tiny]), Words("en"), 30)
    assert far is not None
    assert sum(len(picture["gaps"]) for picture in far["pictures"]) == 3
    assert not drawn(roll_up([one, two]))["pictures"][0]["gaps"]


def test_used_stations_are_dots_where_they_stand() -> None:
    """Of three used stations two stand at one place, which is one dot; one lies outside the picture; one is not used."""
    places = [(7.41, 43.71), (7.41, 43.71), (8.9, 43.71), (7.42, 43.71)]
    told = pd.DataFrame(places, columns=["lon", "lat"])
    status = ["used", "used", "used", "outside"]
    near = told.assign(list="a.csv", station_id=["1", "2", "3", "4"], name="", status=status, area="Monaco")
    known = roll_up([part("Monaco", 7.4, 43.7, 0.03, 0.95, stations=near)])
    (picture,) = drawn(known)["pictures"]
    assert re.fullmatch(r"M\d+ \d+h0", picture["stations"])
    assert f'class="stations" d="{picture["stations"]}"' in render_rollup(known)
    # A list whose datum is not known stands nowhere.
    lost = roll_up([part("Monaco", 7.4, 43.7, 0.03, 0.95, stations=near.drop(columns=["lon", "lat"]))])
    assert drawn(lost)["pictures"][0]["stations"] == ""
