"""Plain twins: what the product computes, written the slow and obvious way in networkx and shapely.

Nothing here uses the product's search, snapping, pieces or intervals. Spans are lists of (from, to) metres.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely

from walkshed.network.streets import Streets

Spans = dict[int, list[tuple[float, float]]]
"""Disjoint spans of each edge."""

Stand = tuple[int, float, float]
"""A station on the streets: edge, metres along it, metres of its leg."""


def minus(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Take the spans of `b` out of those of `a`."""
    for low, high in b:
        a = [s for x, y in a for s in ((x, min(y, low)), (max(x, high), y)) if s[1] > s[0]]
    return a


def both(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intersect spans."""
    return [(max(x, z), min(y, w)) for x, y in a for z, w in b if min(y, w) > max(x, z)]


def total(spans: Spans) -> float:
    """Add up the metres."""
    return float(sum(y - x for own in spans.values() for x, y in own))


def snap(streets: Streets, x: float, y: float) -> tuple[float, int, float]:
    """Try every street: the leg, the nearest edge, and the metres along it."""
    lines = streets.to_frame().geometry.to_numpy()
    point = shapely.Point(x, y)
    far = shapely.distance(lines, point)
    edge = int(np.argmin(far))
    share = shapely.line_locate_point(lines[edge], point) / lines[edge].length
    return float(far[edge]), edge, float(share * streets.edge_length_m[edge])


def cut_graph(streets: Streets, stands: Iterable[Stand] = (), step_m: float = np.inf) -> nx.DiGraph:
    """Cut every edge where stations stand and every `step_m`; an arc costs what walking it *backwards* costs.

    Nodes are numbers, and (edge, metre) within an edge. Of parallel arcs the cheapest is kept: lengths are not
    counted here. Each node within an edge knows its place, so `spans` can do that.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(range(streets.node_count))
    inner = defaultdict(set)
    for edge, at_m, _ in stands:
        inner[edge].add(at_m)
    for edge, (u, v, length) in enumerate(zip(streets.edge_u, streets.edge_v, streets.edge_length_m, strict=True)):
        there, back = streets.cost_uv[edge] / length, streets.cost_vu[edge] / length
        steps = np.arange(1, int(length / step_m) + 1) * step_m if np.isfinite(step_m) else np.empty(0)
        places = sorted({m for m in (*inner[edge], *steps.tolist()) if 0 < m < length})
        chain = [(0.0, int(u)), *((at_m, (edge, at_m)) for at_m in places), (float(length), int(v))]
        for (a_m, a), (b_m, b) in pairwise(chain):
            for start, end, cost in ((a, b, (b_m - a_m) * back), (b, a, (b_m - a_m) * there)):
                if cost < graph.get_edge_data(start, end, {"cost": np.inf})["cost"]:
                    graph.add_edge(start, end, cost=cost)
    graph.graph["chains"] = {
        edge: [0.0, *sorted(at_m for _, at_m in (n for n in graph if isinstance(n, tuple) and n[0] == edge)), length]
        for edge, length in enumerate(streets.edge_length_m.tolist())
    }
    return graph


def name(streets: Streets, edge: int, at_m: float) -> object:
    """Name the node at a place of `cut_graph`."""
    if at_m == 0.0:
        return int(streets.edge_u[edge])
    return int(streets.edge_v[edge]) if at_m == streets.edge_length_m[edge] else (edge, at_m)


def costs(graph: nx.DiGraph, streets: Streets, stands: Iterable[Stand]) -> dict[object, float]:
    """Search from all stations at once: metres of every node that can be reached."""
    start = object()
    graph = graph.copy()
    for edge, at_m, leg_m in stands:
        node = name(streets, edge, at_m)
        if leg_m < graph.get_edge_data(start, node, {"cost": np.inf})["cost"]:
            graph.add_edge(start, node, cost=leg_m)
    found = nx.single_source_dijkstra_path_length(graph, start, weight="cost")
    del found[start]
    return found


def spans(graph: nx.DiGraph, streets: Streets, cost: dict[object, float], budget_m: float) -> Spans:
    """Walk into every bit of street from its two ends (on the level: a metre costs a metre)."""
    reached: Spans = {}
    for edge, chain in graph.graph["chains"].items():
        own = []
        for a_m, b_m in pairwise(chain):
            into_a = min(b_m - a_m, budget_m - cost.get(name(streets, edge, a_m), np.inf))
            into_b = min(b_m - a_m, budget_m - cost.get(name(streets, edge, b_m), np.inf))
            first = [(a_m, a_m + into_a)] if into_a > 0 else []
            own += first + minus([(b_m - into_b, b_m)] if into_b > 0 else [], first)
        reached[edge] = own
    return reached


def covered(streets: Streets, stands: list[Stand], budget_m: float) -> Spans:
    """What stations cover together."""
    graph = cut_graph(streets, stands)
    return spans(graph, streets, costs(graph, streets, stands), budget_m)


def gaps(
    streets: Streets, stands: list[Stand], budget_m: float, min_gap_m: float, inside: Spans | None = None
) -> tuple[list[tuple[int, float]], float]:
    """Try every junction at every turn: the centre and the metres of each gap, and the metres of slivers."""
    graph = cut_graph(streets, stands)
    cost = costs(graph, streets, stands)
    reached = spans(graph, streets, cost, budget_m)
    left = {
        edge: minus([(0.0, length)] if inside is None else inside.get(edge, []), reached[edge])
        for edge, length in enumerate(streets.edge_length_m.tolist())
    }
    ends = {
        int(node)
        for edge, own in left.items()
        for x, y in own
        for node, touches in (
            (streets.edge_u[edge], x == 0.0),
            (streets.edge_v[edge], y == streets.edge_length_m[edge]),
        )
        if touches and cost.get(int(node), np.inf) > budget_m
    }
    cells: dict[tuple[int, ...], int] = {}
    for node in sorted(ends):
        cells.setdefault(tuple(np.floor(streets.node_xy[node] / 100).astype(int).tolist()), node)
    plain = cut_graph(streets)
    walks = {
        node: spans(plain, streets, nx.single_source_dijkstra_path_length(plain, node, weight="cost"), budget_m)
        for node in cells.values()
    }
    found = []
    while walks:
        gain = {n: round(sum(y - x for e in left for x, y in both(left[e], walk[e])), 3) for n, walk in walks.items()}
        center = min(gain, key=lambda n: (-gain[n], n))
        if gain[center] < min_gap_m or gain[center] == 0:
            break
        found.append((center, gain[center]))
        left = {edge: minus(own, walks[center][edge]) for edge, own in left.items()}
    return found, total(left)
