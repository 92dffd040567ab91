"""The centre of Shanghai, split by the Huangpu: nothing is covered across it but by bridge or tunnel.

© OpenStreetMap contributors, ODbL; cafés: awesome-cn-cafe, CC BY 4.0.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import networkx as nx
import numpy as np
import oracle
import pytest
import shapely

from walkshed.analysis.study import analyze
from walkshed.inputs import read_stations
from walkshed.network.osm import read_osm
from walkshed.network.streets import BRIDGE, TUNNEL
from walkshed.reach.walk import Walk

FAR_MIN = 60.0
"""An hour: long enough to walk over the bridges."""


def crosses(tags):
    """Bridges, tunnels and ferries."""
    return tags.get("bridge", "no") != "no" or tags.get("tunnel", "no") != "no" or tags.get("route") == "ferry"


def without(streets, gone):
    """Take edges out of a network."""
    keep = np.flatnonzero(~gone)
    points = np.concatenate([np.arange(streets.offsets[e], streets.offsets[e + 1]) for e in keep])
    offsets = np.append(0, np.cumsum(np.diff(streets.offsets)[keep]))
    edges = {n: getattr(streets, n)[keep] for n in vars(streets) if n.startswith(("edge_", "cost_"))}
    return replace(streets, **edges, coords=streets.coords[points], offsets=offsets, surroundings=None)


def banks_of(truth):
    """Which bank each segment is on, 0 the longer: pieces without bridges and tunnels, joined where a creek of under
    200 m parts them."""
    pieces = nx.Graph()
    number = {node: i for i, piece in enumerate(nx.connected_components(truth.graph)) for node in piece}
    piece = np.array([number[a] for a, _ in truth.segments])
    pieces.add_nodes_from(piece.tolist())
    a, b = truth.tree.query(truth.lines, predicate="dwithin", distance=200.0)
    pieces.add_edges_from({*zip(piece[a].tolist(), piece[b].tolist(), strict=True)})
    groups = list(nx.connected_components(pieces))
    group = {p: i for i, own in enumerate(groups) for p in own}
    bank = np.array([group[p] for p in piece.tolist()])
    length_m = np.bincount(bank, weights=truth.segment_m)
    return np.argsort(np.argsort(-length_m))[bank]


@cache
def _city(streets_path, stations_path):
    streets, stations = read_osm(streets_path), read_stations(stations_path)
    apart = oracle.read(streets_path, streets.crs, leave_out=crosses)
    whole = oracle.read(streets_path, streets.crs)
    result = analyze(streets, stations, walk=Walk(cutoffs=(5, 10, 15, FAR_MIN)))
    used = result.stations[result.stations["snapped"]]
    stands = dict(zip(used["station_id"], whole.splice(used.geometry.to_numpy()), strict=True))
    return SimpleNamespace(
        streets=streets, stations=stations, result=result, whole=whole, stands=stands, apart=apart, bank=banks_of(apart)
    )


@pytest.fixture
def city(real_data):
    return _city(*(real_data(f"shanghai_center/{name}") for name in ("shanghai_center.osm.gz", "cafes.geojson")))


def bank_of(city, shapes):
    """The bank of the nearest segment that is no bridge or tunnel: 0 west, 1 east."""
    return city.bank[city.apart.tree.nearest(shapes)]


def sides(city, result):
    """Reached stretches that are no bridge or tunnel: the rows, their bank, and their nearest station's bank."""
    rows = result.streets
    crossing = (result.network.edge_flags[rows["edge"]] & (BRIDGE | TUNNEL)) > 0
    rows = rows[rows["station_id"].notna() & ~crossing]
    here = bank_of(city, shapely.line_interpolate_point(rows.geometry.to_numpy(), 0.5, normalized=True))
    used = result.stations[result.stations["snapped"]]
    there = dict(zip(used["station_id"], bank_of(city, used.geometry.to_numpy()), strict=True))
    return rows, here, rows["station_id"].map(there).to_numpy()


def test_the_river_parts_the_streets_into_two_banks(city):
    """Without bridges and tunnels: two banks, with more than 300 m of water between them."""
    west, east = (shapely.multilinestrings(city.apart.lines[city.bank == i]) for i in (0, 1))
    assert set(city.bank) == {0, 1}
    assert west.length > 600_000
    assert east.length > 100_000
    assert shapely.STRtree(city.apart.lines[city.bank == 0]).query_nearest(east, return_distance=True)[1].min() > 300


def test_used_stations(city):
    """75 cafés, of which those within 250 m of a street are used; on both banks."""
    frame = city.result.stations
    near = [leg_m <= 250 for *_, leg_m in city.whole.snap(frame.geometry.to_numpy())]
    assert len(frame) == 75
    assert frame["snapped"].tolist() == near
    assert set(bank_of(city, frame[frame["snapped"]].geometry.to_numpy())) == {0, 1}


def test_nothing_across_the_river_is_covered_without_bridges_and_tunnels(city):
    flat = without(city.streets, (city.streets.edge_flags & (BRIDGE | TUNNEL)) > 0)
    result = analyze(flat, city.stations, walk=Walk(cutoffs=(15, FAR_MIN)))
    rows, here, there = sides(city, result)
    assert len(rows) > 1000
    assert (here == there).all()


def test_who_crosses_does_so_along_the_streets(city):
    """Every stretch whose nearest station is on the other bank is as far from it as networkx finds on the way over a
    bridge or tunnel; and the straight line over the water is no way: it would be shorter."""
    rows, here, there = sides(city, city.result)
    over = rows[here != there]
    assert len(over) > 0
    for station_id, own in over.groupby("station_id"):
        middles = shapely.line_interpolate_point(own.geometry.to_numpy(), 0.5, normalized=True)
        again = city.whole.cost_at(middles, city.whole.costs([city.stands[station_id]])) / 80.0
        assert again == pytest.approx(own["walk_min"].to_numpy(), abs=0.05)
    within = over[over["cutoff_min"] <= 15]
    assert within["length_m"].sum() < 0.001 * rows["length_m"].sum()


def test_minutes_of_all_covered_street(city):
    """The middle of every covered stretch, re-routed from its nearest station."""
    rows = city.result.streets
    rows = rows[rows["cutoff_min"] <= 15]
    cost = city.whole.costs(city.stands.values())
    middles = shapely.line_interpolate_point(rows.geometry.to_numpy(), 0.5, normalized=True)
    again = city.whole.cost_at(middles, cost) / 80.0
    off = np.abs(again - rows["walk_min"].to_numpy())
    # A bridge over a street: the middle of one may lie on the other, so a few of the places are ambiguous.
    assert (off < 0.02).mean() > 0.985
    assert rows["station_id"].isin(city.stands).all()


def test_covered_street(city):
    cost = city.whole.costs(city.stands.values())
    for row in city.result.summary["coverage"]:
        assert row["street_km"] == pytest.approx(city.whole.covered_m(cost, row["cutoff_min"] * 80.0) / 1000, rel=1e-3)
