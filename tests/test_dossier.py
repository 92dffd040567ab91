"""Dossiers: why a gap is one, and who nearby could host a station."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from fake_result import fake_result
from toys import CRS, Toy, toy
from walkshed.analysis.dossier import THIN_RADIUS_M, density_around
from walkshed.analysis.study import analyze
from walkshed.network.streets import Surroundings
from walkshed.output.dossiers import cause_text, dossiers, host_text
from walkshed.output.report import _records
from walkshed.output.words import Words
from walkshed.reach.walk import Walk

FIVE = Walk(cutoffs=(5,), off_street=20.0, min_gap=100.0)  # 400 m

LINE = toy("A-------B-------C-------D")  # 2,400 m
# From A to B it is 300 m through the air and 1,500 m on foot.
AROUND = toy("""
A-----C
      |
      |
B-----D
""")


def around(
    town: Toy,
    *,
    water: tuple[shapely.Geometry, ...] = (),
    rail: tuple[shapely.Geometry, ...] = (),
    hosts: dict[str, str] | None = None,
) -> Toy:
    """Give a toy its surroundings; hosts are letters with a kind."""

    def frame(shapes, **columns):
        return gpd.GeoDataFrame({"name": ["大河"] * len(shapes)} | columns, geometry=list(shapes), crs=CRS)

    places = hosts or {}
    counters = frame([shapely.Point(town.at[p]) for p in places], kind=list(places.values()))
    near = Surroundings(
        water=frame(water),
        rail=frame(rail, tunnel=[False] * len(rail), crossable=[False] * len(rail)),
        walls=frame([]),
        buildings=frame([]),
        places=frame([], place=[]),
        hosts=counters.assign(name=[f"counter {p}" for p in places]),
    )
    return replace(town, streets=replace(town.streets, surroundings=near))


def between(town: Toy, a: str, b: str) -> shapely.LineString:
    """Draw something straight across the middle of the line from one letter to another."""
    (x0, y0), (x1, y1) = town.at[a], town.at[b]
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    across = np.array([y1 - y0, x0 - x1]) / 4
    return shapely.LineString([middle - across, middle + across])


def first(result):
    return result.gaps.iloc[0]


def test_a_station_beyond_one_walk_by_air_is_plain_distance():
    gap = first(analyze(LINE.streets, LINE.stations(("A", 0, 0)), walk=FIVE))
    assert gap["cause"] == "distance"
    assert gap["air_km"] > 0.4
    assert gap["detour"] == pytest.approx(1.0, abs=2e-3)
    assert gap["walk_km"] == pytest.approx(gap["air_km"], rel=2e-3)


@pytest.mark.parametrize(
    ("settings", "cause", "crosses"),
    [
        ({"water": ["line"]}, "barrier", "water"),
        ({"rail": ["line"]}, "barrier", "rail"),
        ({"water": ["line"], "rail": ["line"]}, "barrier", "water"),
        ({}, "missing_streets", ""),  # 1.2 km of street in the circle of 500 m: 1.5 km a km²
    ],
)
def test_a_long_walk_to_a_near_station_is_a_barrier_or_a_missing_street(settings, cause, crosses):
    line = between(AROUND, "A", "B")
    town = around(AROUND, **dict.fromkeys(settings, (line,)))
    result = analyze(town.streets, town.stations(("A", 0, 0)), walk=FIVE)
    gap = result.gaps.sort_values("air_km").iloc[0]  # round B
    assert gap["cause"] == cause
    assert gap["crosses"] == crosses
    assert gap["air_km"] * 1000 < 400
    assert gap["detour"] > 1.6


def test_a_tunnel_is_no_barrier():
    town = around(AROUND, rail=(between(AROUND, "A", "B"),))
    town.streets.surroundings.rail["tunnel"] = True
    assert set(analyze(town.streets, town.stations(("A", 0, 0)), walk=FIVE).gaps["crosses"]) == {""}


def test_streets_that_lead_to_no_station_are_missing_streets():
    town = toy("""
A---B

C---------------D
""")
    gap = first(analyze(town.streets, town.stations(("A", 0, 0)), walk=FIVE))
    assert gap["cause"] == "missing_streets"
    assert np.isnan(gap["detour"])


def test_the_best_host_is_the_one_that_takes_in_most():
    town = around(LINE, hosts={"B": "bank", "C": "post_office", "D": "library"})
    people = town.people(("C", 0, 0, 30), ("D", 0, 0, 12))
    gap = first(analyze(town.streets, town.stations(("A", 0, 0)), people=people, walk=FIVE))
    # The first gap: C and 400 m either side, which a walk from C takes in as a whole.
    assert gap["host"] == "counter C"
    assert gap["host_kind"] == "post_office"
    assert gap["host_km"] == pytest.approx(gap["street_km"], rel=1e-6)
    assert gap["host_people"] == pytest.approx(30, rel=1e-3)


def test_no_host_near_no_host_named():
    gap = first(analyze(around(LINE).streets, LINE.stations(("A", 0, 0)), walk=FIVE))
    assert gap["host"] is None or gap["host"] != gap["host"]
    assert np.isnan(gap["host_km"])


def test_no_host_serves_more_than_its_gap():
    town = around(LINE, hosts=dict.fromkeys("ABCD", "bank"))
    gaps = analyze(town.streets, town.stations(("A", 0, 0)), walk=FIVE).gaps
    assert (gaps["host_km"] <= gaps["street_km"] + 1e-9).all()


def test_density_counts_the_street_in_a_circle():
    density = density_around(LINE.streets, np.array([LINE.at["B"], (0.0, 0.0)]))
    assert density[0] == pytest.approx(1.6 / (np.pi * (THIN_RADIUS_M / 1000) ** 2), rel=1e-3)
    assert density[1] == 0.0


def rows(result):
    out = _records(result.gaps)
    for row in out:
        row |= {"around": [], "nearest": "x"}
    return out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_dossier_says_cause_and_host(lang):
    (row,) = rows(fake_result())
    words = Words(lang)
    assert "大河 <River>" in cause_text(row, words, 1200.0)
    assert "1.9" in cause_text(row, words, 1200.0)
    assert words("host.post_office") in host_text(row, words)
    assert host_text(row | {"host_kind": None}, words) == ""
    for cause in ("distance", "barrier", "missing_streets"):
        for air in (0.2, 3.0):
            for crosses in ("", "water", "rail"):
                changed = row | {"cause": cause, "air_km": air, "crosses": crosses, "crosses_name": ""}
                assert "{" not in cause_text(changed, words, 1200.0)


def test_the_small_map_shows_gap_station_and_host():
    result = fake_result()
    (made,) = dossiers(result, rows(result), Words("en"))
    drawn = made["map"]
    assert {"gap"} <= {line["kind"] for line in drawn["lines"]}
    assert drawn["line"] is not None
    assert drawn["host"] is not None
    for x, y in (drawn["centre"], drawn["line"], drawn["host"]):
        assert 0 <= x <= drawn["width"]
        assert 0 <= y <= drawn["height"]
