"""An independent computation on unsimplified streets: every OSM node a node, in networkx and shapely.

It reads the file by itself, restates the walk filter, and shares no code with the product but the projection's name.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer

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


def read(path: Path, crs: str, *, leave_out=lambda tags: False) -> Oracle:
    """Read the segments of all walkable ways: once each, in pieces of 1,000 m and more."""
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
    return Oracle(graph, dict(zip(graph, zip(x, y, strict=True), strict=True)), crs)


@dataclass
class Oracle:
    """Segments as edges with metres, places of nodes in a UTM."""

    graph: nx.Graph
    xy: dict[int, tuple[float, float]]
    crs: str
    spliced: dict[tuple[int, int], list[tuple[float, object, float]]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        return list(self.graph.edges)

    @cached_property
    def lines(self) -> np.ndarray:
        return shapely.linestrings([[self.xy[a], self.xy[b]] for a, b in self.segments])

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    @cached_property
    def street_m(self) -> float:
        return float(self.graph.size(weight="m"))

    def snap(self, points: np.ndarray) -> list[tuple[int, float, float]]:
        """Segment, metres from its first node, leg in metres: the nearest of all."""
        nearest = self.tree.nearest(points)
        share = shapely.line_locate_point(self.lines[nearest], points, normalized=True)
        leg = shapely.distance(self.lines[nearest], points)
        metres = np.array([self.graph.edges[self.segments[i]]["m"] for i in nearest])
        return [*zip(nearest.tolist(), (share * metres).tolist(), leg.tolist(), strict=True)]

    def splice(self, points: np.ndarray, max_snap_m: float = 250.0) -> list[tuple[object, float] | None]:
        """Put stations into the middle of their segments: node and leg of each; None where too far away."""
        found: list[tuple[object, float] | None] = []
        for number, (segment, at_m, leg_m) in enumerate(self.snap(points)):
            if leg_m > max_snap_m:
                found.append(None)
                continue
            node = ("station", number)
            self.spliced[self.segments[segment]].append((at_m, node, leg_m))
            found.append((node, leg_m))
        for (a, b), own in self.spliced.items():
            whole = self.graph.edges[a, b]["m"]
            self.graph.remove_edge(a, b)
            chain = [(0.0, a), *((at_m, node) for at_m, node, _ in sorted(own, key=lambda s: s[:1])), (whole, b)]
            for (x, start), (y, end) in pairwise(chain):
                self.graph.add_edge(start, end, m=y - x)
        return found

    def costs(self, stands: list[tuple[object, float]], limit_m: float | None = None) -> dict[object, float]:
        """Metres to the nearest of the stations, legs included, for every node that can be reached."""
        origin = object()
        self.graph.add_node(origin)
        for node, leg_m in stands:
            self.graph.add_edge(origin, node, m=leg_m)
        cost = nx.single_source_dijkstra_path_length(self.graph, origin, cutoff=limit_m, weight="m")
        self.graph.remove_node(origin)
        del cost[origin]
        return cost

    def covered_m(self, cost: dict[object, float], budget_m: float) -> float:
        """Metres of street within the budget."""
        far = np.inf
        into = ((m, budget_m - cost.get(a, far), budget_m - cost.get(b, far)) for a, b, m in self.graph.edges(data="m"))
        return float(sum(min(m, max(0.0, x) + max(0.0, y)) for m, x, y in into))

    def people_cost(self, points: np.ndarray, cost: dict[object, float], max_snap_m: float = 250.0) -> np.ndarray:
        """Metres of each person to a station, own leg included; infinite where unreachable, NaN where unknown."""
        found = []
        for segment, at_m, leg_m in self.snap(points):
            a, b = self.segments[segment]
            stations = [(m, node) for m, node, _ in self.spliced.get((a, b), ())]
            whole = max(stations)[0] if stations else 0.0
            whole = self._whole[a, b]
            ways = [(0.0, a), *stations, (whole, b)]
            best = min(cost.get(node, np.inf) + abs(at_m - m) for m, node in ways)
            found.append(best + leg_m if leg_m <= max_snap_m else np.nan)
        return np.array(found)

    @cached_property
    def _whole(self) -> dict[tuple[int, int], float]:
        """Length of the segments as read."""
        spliced = {
            (a, b): sum(
                self.graph.edges[x, y]["m"] for x, y in pairwise([a, *(n for _, n, _ in sorted(own, key=lambda s: s[:1])), b])
            )
            for (a, b), own in self.spliced.items()
        }
        return {s: spliced.get(s) or self.graph.edges[s]["m"] for s in self.segments}
