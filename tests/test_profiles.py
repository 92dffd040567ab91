"""Who walks: each profile's row is what an analysis of its own finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from toys import toy
from walkshed.analysis.profiles import by_profile, profile_walks
from walkshed.analysis.study import analyze
from walkshed.errors import InputError, NoStationsError
from walkshed.network.streets import STEPS
from walkshed.project import Study, near_area
from walkshed.reach.walk import Walk

TOWN = toy("""
A---B---C-------D-----------K
|   |   |       |
E---F---G       |
|               |
H---------------J
""")
STATIONS = TOWN.stations(("F", 30, 20), ("J", -90, 3))
AREA = TOWN.box("H", "D", 30)
POINTS = TOWN.people(("A", 10, 20, 3), ("C", 0, 80, 5), ("D", 0, -150, 7), ("H", 100, -10, 11), ("K", 0, 0, 13))
ZONES = TOWN.zones(("west", "H", "B", 40), ("east", "E", "D", 60), margin_m=20)
WALK = Walk(cutoffs=(2, 5, 9), speed=4.8)


def with_stairs():
    flags = np.zeros(len(TOWN.streets), np.uint8)
    flags[[3, 7]] = STEPS
    return replace(TOWN.streets, edge_flags=flags)


@pytest.mark.parametrize("people", [None, POINTS, ZONES[["population", "geometry"]]])
@pytest.mark.parametrize("area", [None, AREA])
@pytest.mark.parametrize(
    ("profile", "walk"),
    [
        ("union", replace(WALK, speed=4.0)),
        ("older", replace(WALK, speed=3.0)),
        ("adult", WALK),
        ("runner=9", replace(WALK, speed=9.0)),
        ("wheels", replace(WALK, speed=3.0, steps=False)),
    ],
)
def test_a_profile_is_what_its_own_analysis_finds(profile, walk, area, people):
    streets = with_stairs()
    table = by_profile(analyze(streets, STATIONS, area=area, people=people, walk=WALK), [profile])
    own = analyze(streets, STATIONS, area=area, people=people, walk=walk)
    assert table["profile"].tolist() == [profile.partition("=")[0]] * 3
    assert table["street_total_km"].iloc[0] == pytest.approx(own.summary["streets"]["street_km"], abs=1e-9)
    for row, (_, mine) in zip(own.summary["coverage"], table.iterrows(), strict=True):
        assert mine["street_km"] == pytest.approx(row["street_km"], abs=1e-9)
        assert mine["street_share"] == pytest.approx(row["street_share"], abs=1e-9)
        assert mine["people"] == (None if people is None else pytest.approx(row["people"], abs=1e-9))
        assert mine["people_share"] == (None if people is None else pytest.approx(row["people_share"], abs=1e-9))


def test_they_stand_in_the_order_given():
    result = analyze(TOWN.streets, STATIONS, walk=WALK)
    table = by_profile(result, {"post": 5.5, "older": 3.0})
    assert table["profile"].drop_duplicates().tolist() == ["post", "older"]
    assert by_profile(result, "union,older")["profile"].unique().tolist() == ["union", "older"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["walker"], "found 'walker'; choose from union, adult, older, wheels, or give an own name=speed"),
        (["union=3"], "found 'union=3'"),
        (["post=fast"], "found 'post=fast'; give the speed in km/h, as in post=4.5"),
        (["post=0"], "speed: must be a positive number"),
        ([], "none given"),
    ],
)
def test_what_cannot_be_a_profile(asked, said):
    with pytest.raises(InputError, match=said):
        profile_walks(asked, WALK)


def test_who_takes_steps_cannot_be_told_without_them():
    with pytest.raises(InputError, match="the study leaves steps out, and adult take them"):
        profile_walks(["adult"], replace(WALK, steps=False))


def test_streets_that_were_read_too_short_are_refused():
    result = analyze(TOWN.streets, STATIONS, area=AREA, walk=WALK)
    area = AREA.to_crs(4326).geometry.iloc[0]
    source = replace(TOWN.streets.source, clip_area=area.wkb_hex, clip_budget_m=720.0)
    result = replace(result, network=replace(TOWN.streets, source=source))
    with pytest.raises(InputError, match=r"read as far as 720 m .* a walk may be 1350 m long"):
        by_profile(result, {"runner": 9.0})


def test_of_a_list_of_many_areas_those_stations_stay_that_the_fastest_walk_gets_to():
    """A kilometre off, 10 minutes: 800 m at 4.8 km/h, 1,500 m at 9 km/h."""
    area = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 4_000_000, 501_000, 4_001_000)], crs="EPSG:32650")
    at = gpd.GeoDataFrame({"station_id": ["a"]}, geometry=[shapely.Point(502_000, 4_000_500)], crs="EPSG:32650")
    study = Study(stations=Path("s.csv"), streets=Path("s.osm"), walk=Walk(cutoffs=(10,)), near_only=True)
    with pytest.raises(NoStationsError):
        near_area(study, at, area)
    assert len(near_area(replace(study, profiles=("runner=9",)), at, area)) == 1
