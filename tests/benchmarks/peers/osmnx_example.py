"""The isochrone recipe of OSMnx's examples: graph from XML, an ego graph a cutoff, buffers of nodes and edges, union.

Its two buffers are the leg, and its radius what is left of the budget when the leg is taken off, so that its areas are
as near to the definition as whole edges come. ``count`` limits the stations; the seconds that each took are told.
"""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import networkx as nx
import osmnx as ox
import pandas as pd
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from benchmarks.job import CUTOFFS_MIN, METRES_A_MINUTE, OFF_STREET_M


def work(streets: Path, stations: Path, out: Path, count: str | None = None) -> dict[str, float]:
    graph = ox.project_graph(ox.graph_from_xml(streets, bidirectional=True, retain_all=True))
    for *_, data in graph.edges(keys=True, data=True):
        data["time"] = data["length"] / METRES_A_MINUTE
    frame = pd.read_csv(stations, dtype={"id": str}).head(int(count) if count else None)
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=4326).to_crs(graph.graph["crs"])
    begun = perf_counter()
    centers = ox.nearest_nodes(graph, points.x, points.y)
    rows = []
    streets_m: dict[float, dict[frozenset[int], float]] = {cutoff: {} for cutoff in CUTOFFS_MIN}
    for station, center in zip(frame["id"], centers, strict=True):
        for cutoff in CUTOFFS_MIN:
            reached = nx.ego_graph(graph, center, radius=cutoff - OFF_STREET_M / METRES_A_MINUTE, distance="time")
            rows.append((station, cutoff, isochrone(reached)))
            streets_m[cutoff] |= {frozenset((u, v)): m for u, v, m in reached.edges(data="length")}
    spent_s = perf_counter() - begun
    areas = gpd.GeoDataFrame(rows, columns=["station_id", "cutoff_min", "geometry"], crs=graph.graph["crs"])
    areas.to_file(out / "areas.gpkg", engine="pyogrio")
    coverage = [{"cutoff_min": c, "whole_edges_km": sum(streets_m[c].values()) / 1000} for c in CUTOFFS_MIN]
    (out / "summary.json").write_text(json.dumps({"coverage": coverage}), encoding="utf-8")
    return {"stations": len(frame), "stations_s": spent_s}


def isochrone(reached: nx.MultiDiGraph) -> BaseGeometry:
    """Buffers of the nodes and edges of an ego graph, united."""
    points = {node: Point(data["x"], data["y"]) for node, data in reached.nodes(data=True)}
    lines = [data.get("geometry") or LineString([points[u], points[v]]) for u, v, data in reached.edges(data=True)]
    shapes = [*gpd.GeoSeries(points.values()).buffer(OFF_STREET_M), *gpd.GeoSeries(lines).buffer(OFF_STREET_M)]
    return gpd.GeoSeries(shapes).union_all()
