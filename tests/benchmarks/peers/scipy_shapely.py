"""pyosmium, scipy and shapely in the ordinary way: one search a station, cut streets, buffers, union.

Ways are split where two of them meet, so that the graph is as small as an experienced user makes it. The areas are
those of the definition, to the precision of shapely's buffers: within 100 m of street reached with 100 m to spare.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import shapely
from pyproj import Geod
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree
from shapely.ops import substring

from benchmarks.job import BUDGET_M, CUTOFFS_MIN, METRES_A_MINUTE, OFF_STREET_M
from benchmarks.walk_filter import walked

GEOD = Geod(ellps="WGS84")


def work(streets: Path, stations: Path, out: Path) -> None:
    edges, nodes = read(streets)
    crs = edges.estimate_utm_crs()
    lines = edges.geometry.to_crs(crs).array
    u, v, length_m = (edges[c].to_numpy() for c in ("u", "v", "length_m"))
    graph = graph_of(u, v, length_m, len(nodes))
    ids, lonlat = read_stations(stations)
    _, start = KDTree(nodes).query(lonlat)
    rows = []
    for station, node in zip(ids, start, strict=True):
        cost_m = dijkstra(graph, directed=False, indices=node, limit=BUDGET_M)
        for cutoff in CUTOFFS_MIN:
            pieces = reached(lines, length_m, cost_m[u], cost_m[v], cutoff * METRES_A_MINUTE - OFF_STREET_M)
            rows.append((station, cutoff, shapely.union_all(shapely.buffer(pieces, OFF_STREET_M))))
    areas = gpd.GeoDataFrame(rows, columns=["station_id", "cutoff_min", "geometry"], crs=crs)
    areas.to_file(out / "areas.gpkg", engine="pyogrio")
    cost_m = dijkstra(graph, directed=False, indices=np.unique(start), limit=BUDGET_M, min_only=True)
    coverage = [
        {"cutoff_min": c, "street_km": covered_m(length_m, cost_m[u], cost_m[v], c * METRES_A_MINUTE) / 1000}
        for c in CUTOFFS_MIN
    ]
    (out / "summary.json").write_text(json.dumps({"coverage": coverage}), encoding="utf-8")


def read(path: Path) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """The streets between junctions as lines with u, v and metres; the places of the nodes in degrees."""
    ways = []
    file = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for way in file.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(
        osmium.filter.KeyFilter("highway")
    ):
        if walked(way.tags):
            ways.append([(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()])
    met = Counter(ref for way in ways for ref, _, _ in way)
    number: dict[int, int] = {}
    places, ends, lines = [], [], []
    for way in ways:
        first = 0
        for i, (ref, lon, lat) in enumerate(way):
            if (met[ref] > 1 or i in (0, len(way) - 1)) and ref not in number:
                number[ref] = len(number)
                places.append((lon, lat))
            if i > 0 and ref in number:
                ends.append((number[way[first][0]], number[ref]))
                lines.append(shapely.LineString([(x, y) for _, x, y in way[first : i + 1]]))
                first = i
    frame = gpd.GeoDataFrame(np.array(ends), columns=["u", "v"], geometry=lines, crs=4326)
    frame["length_m"] = [GEOD.geometry_length(line) for line in lines]
    return frame, np.array(places)


def graph_of(u: np.ndarray, v: np.ndarray, length_m: np.ndarray, nodes: int) -> csr_array:
    """The least of parallel edges: scipy would add them up."""
    order = np.lexsort((length_m, np.maximum(u, v), np.minimum(u, v)))
    low, high, metres = np.minimum(u, v)[order], np.maximum(u, v)[order], length_m[order]
    first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)] & (low != high)
    return coo_array((metres[first], (low[first], high[first])), shape=(nodes, nodes)).tocsr()


def read_stations(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["id"] for row in rows], np.array([[row["lon"], row["lat"]] for row in rows], dtype=float)


def reached(
    lines: np.ndarray, length_m: np.ndarray, cost_u: np.ndarray, cost_v: np.ndarray, budget_m: float
) -> list[shapely.LineString]:
    """The reached streets, cut to the metre from either end."""
    pieces = []
    for i in np.flatnonzero(np.minimum(cost_u, cost_v) < budget_m):
        from_u, from_v = max(0.0, budget_m - cost_u[i]), max(0.0, budget_m - cost_v[i])
        if from_u + from_v >= length_m[i]:
            pieces.append(lines[i])
            continue
        if from_u > 0:
            pieces.append(substring(lines[i], 0, from_u / length_m[i], normalized=True))
        if from_v > 0:
            pieces.append(substring(lines[i], 1 - from_v / length_m[i], 1, normalized=True))
    return pieces


def covered_m(length_m: np.ndarray, cost_u: np.ndarray, cost_v: np.ndarray, budget_m: float) -> float:
    into = np.maximum(0, budget_m - cost_u) + np.maximum(0, budget_m - cost_v)
    return float(np.minimum(length_m, into).sum())
