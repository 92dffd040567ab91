"""The centre of Shanghai, split by the Huangpu: nothing is covered across it but by bridge.

In this extract no bridge or tunnel that one may walk on crosses the river, so the tests also build one.

© OpenStreetMap contributors, ODbL; cafés: awesome-cn-cafe, CC BY 4.0.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
import shapely

import oracle
from walkshed.analysis.study import analyze
from walkshed.inputs import read_stations
from walkshed.network.osm import read_osm
from walkshed.network.streets import BRIDGE, TUNNEL
from walkshed.reach.walk import Walk


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


def with_bridge(streets, u, v):
    """Build a straight bridge between two nodes."""
    length = float(np.hypot(*(streets.node_xy[v] - streets.node_xy[u])))
    more = {
        "edge_u": u,
        "edge_v": v,
        "edge_length_m": length,
        "cost_uv": length,
        "cost_vu": length,
        "edge_flags": BRIDGE,
    }
    names = [n for n in vars(streets) if n.startswith(("edge_", "cost_"))]
    edges = {n: np.append(getattr(streets, n), more.get(n, 0)).astype(getattr(streets, n).dtype) for n in names}
    coords = np.vstack((streets.coords, streets.node_xy[[u, v]]))
    return replace(streets, **edges, coords=coords, offsets=np.append(streets.offsets, len(coords)), surroundings=None)


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
    result = analyze(streets, stations)
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
    result = analyze(flat, city.stations, walk=Walk(cutoffs=(15,)))
    rows, here, there = sides(city, result)
    assert len(rows) > 1000
    assert (here == there).all()


def west_cafes(city):
    used = city.result.stations[city.result.stations["snapped"]]
    return used.loc[bank_of(city, used.geometry.to_numpy()) == 0, ["station_id", "name", "category", "geometry"]]


def test_every_bank_is_served_by_its_own_cafes(city):
    """Also with all bridges and tunnels: networkx finds no way across either."""
    _, here, there = sides(city, city.result)
    assert (here == there).all()
    result = analyze(city.streets, west_cafes(city))
    middles = shapely.line_interpolate_point(result.streets.geometry.to_numpy(), 0.5, normalized=True)
    crossing = (city.streets.edge_flags[result.streets["edge"]] & (BRIDGE | TUNNEL)) > 0
    east = result.streets[(bank_of(city, middles) == 1) & ~crossing]
    assert east["length_m"].sum() > 100_000
    assert east["walk_min"].isna().all()
    assert not east["covered"].any()
    cost = city.whole.costs(city.stands[i] for i in west_cafes(city)["station_id"])
    ways = city.whole.cost_at(middles[(bank_of(city, middles) == 1) & ~crossing], cost)
    assert np.isinf(ways[~np.isnan(ways)]).all()


def test_over_a_bridge_the_other_bank_is_covered_by_the_metres_of_the_way(city):
    """A bridge between the two junctions nearest to one another: 15 min lead over it where networkx says so."""
    xy = city.streets.node_xy
    bank = bank_of(city, shapely.points(xy))
    west, east = np.flatnonzero(bank == 0), np.flatnonzero(bank == 1)
    far = np.hypot(*(xy[east][:, None] - xy[west][None]).T)  # (west, east)
    i, j = np.unravel_index(far.argmin(), far.shape)
    u, v = west[i], east[j]
    near = west_cafes(city).iloc[:1].copy()
    near.geometry = [shapely.Point(xy[u])]
    streets = with_bridge(city.streets, u, v)
    result = analyze(streets, near)
    rows, here, there = sides(city, result)
    over = rows[(here == 1) & rows["covered"]]
    assert (there == 0).all()
    assert over["length_m"].sum() > 500
    graph = nx.Graph()
    for a, b, m in zip(streets.edge_u.tolist(), streets.edge_v.tolist(), streets.edge_length_m.tolist(), strict=True):
        if m < graph.get_edge_data(a, b, {"m": np.inf})["m"]:
            graph.add_edge(a, b, m=m)
    cost = nx.single_source_dijkstra_path_length(graph, int(u), weight="m")
    assert cost[int(v)] == pytest.approx(far[i, j])
    ends = np.array(
        [[cost[a], cost[b]] for a, b in zip(streets.edge_u[over["edge"]], streets.edge_v[over["edge"]], strict=True)]
    )
    assert (over["walk_min"].to_numpy() * 80 >= ends.min(axis=1) - 1e-6).all()
    gone = nx.Graph(graph)
    gone.remove_edge(int(u), int(v))
    assert not nx.has_path(gone, int(u), int(v))


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
