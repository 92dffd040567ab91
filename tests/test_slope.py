"""Slope: Tobler's function, elevations along streets, and walks that cost more one way than the other."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import brute
from toys import CRS, ORIGIN, toy
from walkshed.analysis.again import analyze_again
from walkshed.analysis.study import analyze
from walkshed.analysis.verify import verify
from walkshed.errors import CRSError, FormatError, InputError, InputWarning
from walkshed.network.slope import LEAST_COST, STEEPEST, tobler_cost, with_slope
from walkshed.network.streets import BRIDGE, TUNNEL
from walkshed.reach.walk import Walk
from walkshed.siting.sites import suggest_sites

rasterio = pytest.importorskip("rasterio")

LINE = toy("A----B----C")
"""1,000 m of street, east to west."""

TOWN = toy("""
A---B---C-------D-----------K
|   |   |       |
E---F---G       |
|               |
H---------------J
""")


def dem(path, height, *, west=-500.0, north=1500.0, size=300, cell_m=25.0, crs=CRS, nodata=None, dtype="float32"):
    """Write a raster of `height(x, y)`, metres from the origin, at the middles of its cells."""
    x = west + (np.arange(size) + 0.5) * cell_m
    y = north - (np.arange(size) + 0.5) * cell_m
    z = np.broadcast_to(height(*np.meshgrid(x, y)), (size, size)).astype(dtype)
    place = rasterio.Affine(cell_m, 0, ORIGIN[0] + west, 0, -cell_m, ORIGIN[1] + north)
    about = {"driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": dtype, "nodata": nodata}
    with rasterio.open(path, "w", **about, crs=crs, transform=place) as out:
        out.write(z, 1)
    return path


def test_the_function_is_toblers():
    """6 exp(-3.5 |S + 0.05|) km/h, as a ratio to 5.037 km/h on the level."""
    level = 6 * np.exp(-3.5 * 0.05)
    for slope in (-0.5, -0.2, -0.05, 0.0, 0.1, 0.3):
        speed = 6 * np.exp(-3.5 * abs(slope + 0.05))
        assert tobler_cost(np.array([slope]))[0] == pytest.approx(level / speed, rel=1e-12)
    assert tobler_cost(np.linspace(-1, 1, 4001)).min() == pytest.approx(LEAST_COST)
    assert tobler_cost(np.array([5.0])) == tobler_cost(np.array([STEEPEST]))


def test_level_ground_costs_its_length(tmp_path):
    flat = with_slope(TOWN.streets, dem(tmp_path / "flat.tif", lambda x, y: 0 * x + 12.5))
    np.testing.assert_array_equal(flat.cost_uv, TOWN.streets.edge_length_m)
    np.testing.assert_array_equal(flat.cost_vu, TOWN.streets.edge_length_m)
    assert flat.source.dem == "flat.tif"
    assert flat.source.dem_missing_m == 0


def test_a_ramp_costs_what_the_function_says_either_way(tmp_path):
    """The ground rises 0.1 m a metre to the east: 500 m east cost 709 m, 500 m west 500 m (-0.1 is as fast as level)."""
    ramp = with_slope(LINE.streets, dem(tmp_path / "ramp.tif", lambda x, y: 0.1 * x))
    np.testing.assert_allclose(ramp.cost_uv, 500 * np.exp(3.5 * 0.1), rtol=1e-5)
    np.testing.assert_allclose(ramp.cost_vu, 500 * np.exp(3.5 * 0.0), rtol=1e-5)


def test_it_is_the_way_to_the_station_that_counts(tmp_path):
    """A station on the top: everybody walks up. One at the foot: everybody walks down, and comes from farther."""
    ramp = with_slope(LINE.streets, dem(tmp_path / "ramp.tif", lambda x, y: 0.1 * x))
    walk = Walk(cutoffs=(5,))  # 400 m
    top = analyze(ramp, LINE.stations(("C", 0, 0)), walk=walk)
    foot = analyze(ramp, LINE.stations(("A", 0, 0)), walk=walk)
    assert top.summary["coverage"][0]["street_km"] == pytest.approx(0.4 / np.exp(3.5 * 0.1), rel=1e-5)
    assert foot.summary["coverage"][0]["street_km"] == pytest.approx(0.4, rel=1e-5)


def test_gently_downhill_a_budget_goes_farther(tmp_path):
    """A slope of -0.05 costs 0.84 m a metre: 400 m of budget come from 476 m away."""
    ramp = with_slope(LINE.streets, dem(tmp_path / "ramp.tif", lambda x, y: 0.05 * x))
    assert ramp.least_cost == pytest.approx(LEAST_COST, rel=1e-4)
    foot = analyze(ramp, LINE.stations(("A", 0, 0)), walk=Walk(cutoffs=(5,)))
    assert foot.summary["coverage"][0]["street_km"] == pytest.approx(0.4 / LEAST_COST, rel=1e-4)


def test_stations_beyond_the_level_budget_count_where_the_way_is_downhill(tmp_path):
    """The area ends 450 m east of the station: farther than 400 m, and yet within a walk downhill."""
    ramp = with_slope(LINE.streets, dem(tmp_path / "ramp.tif", lambda x, y: 0.05 * x))
    area = LINE.box("A", "C", 10)
    area = area.set_geometry(area.intersection(area.translate(460, 0)))
    result = analyze(ramp, LINE.stations(("A", 0, 0)), area=area, walk=Walk(cutoffs=(5,)))
    assert list(result.stations["status"]) == ["used"]
    assert result.summary["coverage"][0]["street_km"] == pytest.approx(0.4 / LEAST_COST - 0.45, rel=1e-3)


def test_elevation_is_bilinear_between_cells(tmp_path):
    """The product of both places bends between cells: the reading is that of the four middles round it."""
    wavy = dem(tmp_path / "wavy.tif", lambda x, y: 1e-4 * x * y)
    exact = with_slope(toy("A----B").streets, wavy, spacing_m=25)
    y = 0.0  # the street lies between two rows of cells, whose middles are 12.5 m above and below
    np.testing.assert_allclose(exact.cost_uv, 500 * tobler_cost(np.array([1e-4 * y])), rtol=1e-6)


@pytest.mark.parametrize("flag", [BRIDGE, TUNNEL])
def test_bridges_and_tunnels_run_straight_from_end_to_end(tmp_path, flag):
    """A valley 40 m deep: the street through it is steep, the bridge of three edges over it level."""
    valley = toy("A--B--C--D--E--F")
    height = dem(tmp_path / "valley.tif", lambda x, y: np.where((x > 350) & (x < 1150), 0.0, 40.0))
    flags = np.array([0, flag, flag, flag, 0], dtype=np.uint8)
    ground = with_slope(valley.streets, height)
    over = with_slope(replace(valley.streets, edge_flags=flags), height)
    assert (ground.cost_uv > 301).sum() == 2
    np.testing.assert_allclose(over.cost_uv, 300, rtol=1e-9)
    np.testing.assert_allclose(over.cost_vu, 300, rtol=1e-9)


def test_a_bridge_between_unequal_banks_rises_evenly(tmp_path):
    """From 0 m to 60 m over 900 m: 0.0667 on each of the three edges, whatever the ground does below."""
    valley = toy("A--B--C--D--E--F")
    bank = lambda x, y: np.where(x < 450, 0.0, np.where(x < 1100, -30.0, 60.0))  # noqa: E731
    flags = np.array([0, BRIDGE, BRIDGE, BRIDGE, 0], dtype=np.uint8)
    over = with_slope(replace(valley.streets, edge_flags=flags), dem(tmp_path / "banks.tif", bank))
    np.testing.assert_allclose(over.cost_uv[1:4], np.full(3, 300 * tobler_cost(np.array([60 / 900]))[0]), rtol=1e-9)


def test_street_without_elevation_is_level_and_said(tmp_path):
    half = dem(tmp_path / "half.tif", lambda x, y: np.where(x < 700, 0.1 * x, -9999.0), nodata=-9999.0)
    with pytest.warns(InputWarning, match=r"half\.tif: 0\.5 km of street \(50\.0%\) have no elevation in it"):
        streets = with_slope(LINE.streets, half)
    np.testing.assert_allclose(streets.cost_uv, [500 * np.exp(0.35), 500.0], rtol=1e-5)
    assert streets.source.dem_missing_m == pytest.approx(500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        result = analyze(streets, LINE.stations(("B", 0, 0)))
    assert {"slope", "slope_missing"} <= {note.code for note in result.notes}


def test_a_dem_of_another_place_is_refused_with_both_bounds(tmp_path):
    far = dem(tmp_path / "far.tif", lambda x, y: x, west=90_000)
    with pytest.raises(
        InputError, match=r"far\.tif: it has no elevation .* covers 117\.9\d+, .* lie within 117\.0000, "
    ):
        with_slope(LINE.streets, far)


def test_no_data_at_all_is_refused(tmp_path):
    with pytest.raises(InputError, match="no elevation for any of the streets"):
        with_slope(LINE.streets, dem(tmp_path / "void.tif", lambda x, y: 0 * x - 1, nodata=-1))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"none\.tif: there is no such file"):
        with_slope(LINE.streets, tmp_path / "none.tif")
    (tmp_path / "text.tif").write_text("no raster", encoding="utf-8")
    with pytest.raises(FormatError, match=r"text\.tif: cannot be read"):
        with_slope(LINE.streets, tmp_path / "text.tif")
    nowhere = dem(tmp_path / "nowhere.tif", lambda x, y: x, crs=None)
    with pytest.raises(CRSError, match=r"nowhere\.tif: no coordinate system"):
        with_slope(LINE.streets, nowhere)
    with pytest.raises(InputError, match="spacing_m: must be a positive number"):
        with_slope(LINE.streets, nowhere, spacing_m=0)


def test_without_rasterio_the_remedy_is_told(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    path = dem(tmp_path / "dem.tif", lambda x, y: x)
    monkeypatch.setattr("walkshed.network.slope.importlib.import_module", missing)
    with pytest.raises(InputError, match=r"walkshed\[raster\]"):
        with_slope(LINE.streets, path)


def test_a_dem_in_degrees_and_in_tiles_says_the_same(tmp_path, monkeypatch):
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    path = dem(tmp_path / "hill.tif", lambda x, y: 60 * np.exp(-(((x - 1200) / 500) ** 2 + ((y + 200) / 300) ** 2)))
    metres = with_slope(TOWN.streets, path)
    with warnings.catch_warnings(), rasterio.open(path) as src:
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio's own
        place, wide, high = calculate_default_transform(src.crs, "EPSG:4326", src.width, src.height, *src.bounds)
        about = src.profile | {"crs": "EPSG:4326", "transform": place, "width": wide, "height": high, "nodata": -9.0}
        with rasterio.open(tmp_path / "degrees.tif", "w", **about) as out:
            reproject(
                src.read(1), rasterio.band(out, 1), src_transform=src.transform, src_crs=src.crs,
                resampling=Resampling.bilinear, dst_nodata=-9.0,
            )  # fmt: skip
    degrees = with_slope(TOWN.streets, tmp_path / "degrees.tif")
    np.testing.assert_allclose(degrees.cost_uv, metres.cost_uv, rtol=0.01)
    monkeypatch.setattr("walkshed.network.slope.TILE_CELLS", 7)
    np.testing.assert_array_equal(with_slope(TOWN.streets, path).cost_uv, metres.cost_uv)


def hilly(seed):
    """The town, where every direction of every street has a cost of its own."""
    rng = np.random.default_rng(seed)
    length = TOWN.streets.edge_length_m
    cost = [length * rng.uniform(LEAST_COST, 2.5, len(length)) for _ in range(2)]
    return replace(TOWN.streets, cost_uv=cost[0], cost_vu=cost[1])


PLACES = [[("F", 20, 3)], [("A", 130, 20), ("A", 150, -20), ("J", -90, 3)], [("K", -33, 5), ("E", 0, -40)]]


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("seed", range(4))
def test_directed_costs_are_those_of_networkx(seed, places):
    streets = hilly(seed)
    stations = TOWN.stations(*places)
    result = analyze(streets, stations, walk=Walk(cutoffs=(5,), max_snap=500))
    stands = [(edge, at, leg) for leg, edge, at in (brute.snap(streets, p.x, p.y) for p in stations.geometry)]
    step_m = 10.0
    fine = brute.cut_graph(streets, stands, step_m)
    cost = brute.costs(fine, streets, stands)
    field = result.reach.field
    for node in range(streets.node_count):
        assert field.node_cost[node] == pytest.approx(cost[node], abs=1e-6)
    inner = [(node, c) for node, c in cost.items() if isinstance(node, tuple)]
    edge = np.array([e for (e, _), _ in inner], dtype=np.int32)
    at_m = np.array([m for (_, m), _ in inner])
    found, _ = field.at(field.part_of(edge, at_m), at_m)
    np.testing.assert_allclose(found, [c for _, c in inner], atol=1e-6)


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("seed", range(3))
def test_the_self_check_walks_the_right_way(seed, places):
    found = verify(analyze(hilly(seed), TOWN.stations(*places), walk=Walk(cutoffs=(5,))), places=60)
    assert found.share == 1.0
    assert found.worst_m == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_figures_add_up_and_depth_agrees_on_slopes(seed):
    result = analyze(hilly(seed), TOWN.stations(*PLACES[1]), walk=Walk(cutoffs=(5, 7)))
    for i, row in enumerate(result.summary["coverage"]):
        deep = result.stretches.length_m[result.stretches.depth[:, i] > 0].sum() / 1000
        assert deep == pytest.approx(row["street_km"], abs=1e-6)
    gaps, last = result.summary["gaps"], result.summary["coverage"][-1]
    assert last["street_km"] + gaps["street_km"] + gaps["sliver_km"] == pytest.approx(
        result.summary["streets"]["street_km"], abs=1e-6
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_gap_is_what_its_centre_can_serve_on_slopes(seed):
    """The first gap is all uncovered street from which its centre can be reached: walked again, towards it."""
    streets, walk = hilly(seed), Walk(cutoffs=(5,))
    result = analyze(streets, TOWN.stations(("K", 0, 0)), walk=walk)
    at = streets.node_xy[result.plan.center[0]] - streets.node_xy[0]  # A is the first
    after = analyze(streets, TOWN.stations(("K", 0, 0), ("A", *at)), walk=walk)
    gained = after.summary["coverage"][0]["street_km"] - result.summary["coverage"][0]["street_km"]
    assert gained == pytest.approx(result.gaps["street_km"].iloc[0], abs=1e-5)


@pytest.mark.parametrize("seed", range(2))
def test_what_proposed_sites_promise_holds_on_slopes(seed):
    people = TOWN.people(("A", 10, 20, 3), ("C", 0, 80, 5), ("D", 0, -150, 7), ("H", 100, -10, 11))
    before = analyze(hilly(seed), TOWN.stations(("K", 0, 0)), people=people, walk=Walk(cutoffs=(5,)))
    proposal = suggest_sites(before, n=2, candidates="anywhere")
    sites = proposal.sites[["site_id", "geometry"]].rename(columns={"site_id": "station_id"}).to_crs(CRS)
    standing = pd.concat([TOWN.stations(("K", 0, 0)), sites.assign(name="", category="", row=0)])
    after = analyze_again(before, standing)
    for figure, gain in (("street_km", "gain_street_km"), ("people", "gain_people")):
        gained = after.summary["coverage"][0][figure] - before.summary["coverage"][0][figure]
        assert gained == pytest.approx(proposal.sites[gain].sum(), abs=1e-6)


def near(a, b):
    return np.isclose(a, b, rtol=0, atol=1e-3).all(axis=-1)


@pytest.mark.parametrize("seed", range(3))
def test_routes_on_slopes_lead_to_the_station_at_their_cost(seed):
    """Follow the pointers from every junction; what the metres walked cost, each the way it is walked, is the field's."""
    result = analyze(hilly(seed), TOWN.stations(*PLACES[1]), walk=Walk(cutoffs=(5,), max_snap=500))
    routes, network, tried = result.routes, result.network, 0
    lines = [np.array(line.coords)[[0, -1]] for line in result.streets.geometry]
    rate = np.column_stack((network.cost_vu, network.cost_uv)) / network.edge_length_m[:, None]
    edge, length_m = result.streets["edge"].to_numpy(), result.streets["length_m"].to_numpy()
    for line, peak in enumerate(routes.peak_share):
        to_end = int(peak < 0.5)
        node = np.flatnonzero(near(network.node_xy, lines[line][1 - to_end]))
        if 1e-9 < peak < 1 - 1e-9 or not len(node):
            continue
        at, cost = line, 0.0
        for _ in range(len(lines)):
            cost += length_m[at] * rate[edge[at], to_end]
            onward = int((routes.next_start, routes.next_end)[to_end][at])
            if onward < 0:
                break
            to_end, at = int(near(lines[onward][0], lines[at][to_end])), onward
        assert onward < 0
        assert np.abs(cost + result.reach.leg_m - result.reach.field.node_cost[node[0]]).min() < 1e-3
        tried += 1
    assert tried > 8
