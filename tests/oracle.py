"""An independent computation on unsimplified streets: every OSM node a node, in networkx and shapely.

It reads the file by itself, restates the walk filter, and shares no code with the product but the projection's name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer

Node = Hashable
Stand = tuple[Node, float]

NOT_WALKED = {
    "abandoned", "bus_guideway", "construction", "cycleway", "motorway", "motorway_link", "no", "planned",
    "platform", "proposed", "raceway", "razed", "rest_area", "services",
}  # fmt: skip


def walked(tags: dict[str, str]) -> bool:
    """Restate the filter of DESIGN 1.1."""
    return (
        "highway" in tags
        and tags["highway"] not in NOT_WALKED
        and tags.get("area") != "yes"
        and "private" not in tags.get("access", "")
        and "private" not in tags.get("service", "")
        and "no" not in tags.get("foot", "")
        and all(tags.get(f"sidewalk{side}") != "separate" for side in ("", ":both", ":left", ":right"))
    )


def read(path: Path, crs: str, *, leave_out: Callable[[dict[str, str]], bool] = lambda tags: False) -> Oracle:
    """Read the segments of all walkable ways: once each, of connected pieces of 1,000 m and more.

    `leave_out` tells of ways that are taken away after that.
    """
    graph = nx.Graph()
    lonlat: dict[int, tuple[float, float]] = {}
    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way():
            continue
        tags = {t.k: t.v for t in way.tags}
        if not walked(tags):
            continue
        dropped = leave_out(tags)
        for a, b in pairwise(way.nodes):
            if a.ref != b.ref and a.location.valid() and b.location.valid():
                lonlat[a.ref], lonlat[b.ref] = (a.location.lon, a.location.lat), (b.location.lon, b.location.lat)
                dropped_before = graph.get_edge_data(a.ref, b.ref, {"dropped": True})["dropped"]
                graph.add_edge(a.ref, b.ref, dropped=dropped and dropped_before)
    ends = np.array([[*lonlat[a], *lonlat[b]] for a, b in graph.edges]).T
    length = Geod(ellps="WGS84").inv(*ends)[2]
    nx.set_edge_attributes(graph, dict(zip(graph.edges, length.tolist(), strict=True)), "m")
    for piece in list(nx.connected_components(graph)):
        if graph.subgraph(piece).size(weight="m") < 1000:
            graph.remove_nodes_from(piece)
    graph.remove_edges_from([(a, b) for a, b, dropped in graph.edges(data="dropped") if dropped])
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*np.array([lonlat[n] for n in graph]).T)
    return Oracle(graph, dict(zip(graph, zip(x.tolist(), y.tolist(), strict=True), strict=True)))


@dataclass
class Oracle:
    """Segments as edges with metres, places of nodes in a UTM; stations are spliced in once."""

    graph: nx.Graph
    xy: dict[Node, tuple[float, float]]

    def __post_init__(self) -> None:
        self.segments = list(self.graph.edges)
        self.segment_m = [m for *_, m in self.graph.edges(data="m")]
        self.lines = shapely.linestrings([[self.xy[a], self.xy[b]] for a, b in self.segments])
        self.tree = shapely.STRtree(self.lines)
        self.street_m = sum(self.segment_m)
        self.stations_on: dict[int, list[tuple[float, Node]]] = defaultdict(list)

    def snap(self, points: np.ndarray) -> list[tuple[int, float, float]]:
        """Segment, metres from its first node, leg in metres: the nearest of all."""
        nearest = self.tree.nearest(points)
        share = shapely.line_locate_point(self.lines[nearest], points, normalized=True)
        at_m = share * np.array(self.segment_m)[nearest]
        leg_m = shapely.distance(self.lines[nearest], points)
        return [*zip(nearest.tolist(), at_m.tolist(), leg_m.tolist(), strict=True)]

    def splice(self, points: np.ndarray, max_snap_m: float = 250.0) -> list[Stand | None]:
        """Put stations into the middle of their segments: node and leg of each; None where too far away."""
        stands: list[Stand | None] = []
        for number, (segment, at_m, leg_m) in enumerate(self.snap(points)):
            near = leg_m <= max_snap_m
            stands.append((("station", number), leg_m) if near else None)
            if near:
                self.stations_on[segment].append((at_m, ("station", number)))
        for segment in self.stations_on:
            self.graph.remove_edge(*self.segments[segment])
            for (x, start), (y, end) in pairwise(self.chain(segment)):
                self.graph.add_edge(start, end, m=y - x)
            for at_m, node in self.stations_on[segment]:
                place = shapely.line_interpolate_point(
                    self.lines[segment], at_m / self.segment_m[segment], normalized=True
                )
                self.xy[node] = (place.x, place.y)
        return stands

    def chain(self, segment: int) -> list[tuple[float, Node]]:
        """The nodes along a segment with their metres: its ends and the stations on it."""
        a, b = self.segments[segment]
        return [(0.0, a), *sorted(self.stations_on.get(segment, [])), (self.segment_m[segment], b)]

    def costs(self, stands: Iterable[Stand], limit_m: float | None = None) -> dict[Node, float]:
        """Metres to the nearest of the stations, legs included, for every node that can be reached."""
        origin = "origin"
        self.graph.add_weighted_edges_from(((origin, node, leg_m) for node, leg_m in stands), weight="m")
        cost = nx.single_source_dijkstra_path_length(self.graph, origin, cutoff=limit_m, weight="m")
        self.graph.remove_node(origin)
        del cost[origin]
        return cost

    def covered_m(self, cost: dict[Node, float], budget_m: float) -> float:
        """Metres of street within the budget."""
        edges = {tuple(sorted(e, key=str)) for n in cost for e in self.graph.edges(n)}
        return float(
            sum(
                min(
                    self.graph.edges[a, b]["m"],
                    max(0.0, budget_m - cost.get(a, np.inf)) + max(0.0, budget_m - cost.get(b, np.inf)),
                )
                for a, b in edges
            )
        )

    def cost_at(self, points: np.ndarray, cost: dict[Node, float], max_snap_m: float = 250.0) -> np.ndarray:
        """Metres from places to a station, own leg included; infinite where unreachable, NaN where unknown."""
        return np.array(
            [
                leg_m + min(cost.get(node, np.inf) + abs(at_m - m) for m, node in self.chain(segment))
                if leg_m <= max_snap_m
                else np.nan
                for segment, at_m, leg_m in self.snap(points)
            ]
        )

    def street_points(self, cost: dict[Node, float], step_m: float) -> tuple[np.ndarray, np.ndarray]:
        """Points along all street that is reached, about `step_m` apart, and the metres from each to a station."""
        edges = {tuple(sorted(e, key=str)) for n in cost for e in self.graph.edges(n)}
        points, metres = [], []
        for a, b in edges:
            m = self.graph.edges[a, b]["m"]
            share = np.linspace(0, 1, int(m / step_m) + 2)[:, None]
            points.append((1 - share) * self.xy[a] + share * self.xy[b])
            along = share[:, 0] * m
            metres.append(np.minimum(cost.get(a, np.inf) + along, cost.get(b, np.inf) + m - along))
        return shapely.points(np.vstack(points)), np.concatenate(metres)
