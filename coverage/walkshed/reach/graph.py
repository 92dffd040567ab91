"""The streets as a graph in which every station is a node: edges are split where stations stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.network.streets import Streets

AT_END_M = 1e-6
"""A station as near as this to the end of its edge stands on the node."""


class Arcs(NamedTuple):
    """The arcs of a graph in compressed rows, as kernels take them: see `WalkGraph`."""

    indptr: Longs
    to: Indices
    cost: Floats
    part: Indices


class Parts(NamedTuple):
    """The parts of a graph, as kernels take them: see `WalkGraph`."""

    edge: Indices
    from_m: Floats
    to_m: Floats
    u: Indices
    v: Indices
    slow_u: Floats
    slow_v: Floats


@dataclass(frozen=True, eq=False)
class WalkGraph:
    """The streets cut into parts where stations stand, and the arcs between nodes.

    The first nodes are those of the streets, then one for each place between the ends of an edge where any station
    stands: a node for each station would make a chain that every search from that place must walk. Parts are
    sorted by edge and position; an edge without stations is one part. Arcs lead *away* from stations, and cost
    what walking *towards* them costs.

    Attributes
    ----------
    node_count
        Nodes of the streets and stations.
    station_node
        (s,) int32, the node of each station.
    edge, from_m, to_m
        (q,) the edge that a part lies on, and between which metres of it.
    u, v
        (q,) int32, the nodes at the part's two ends.
    slow_u, slow_v
        (q,) cost per metre when walking along the part to u, and to v; 1 on the level.
    indptr, arc_to, arc_cost, arc_part
        The arcs in compressed rows. An arc's number in `arc_part` is twice its part, plus 1 if it leaves
        the part's end v.
    """

    node_count: int
    station_node: NDArray[np.int32]
    edge: NDArray[np.int32]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    slow_u: NDArray[np.float64]
    slow_v: NDArray[np.float64]
    indptr: NDArray[np.int64]
    arc_to: NDArray[np.int32]
    arc_cost: NDArray[np.float64]
    arc_part: NDArray[np.int32]

    @property
    def length_m(self) -> NDArray[np.float64]:
        """(q,) length of the parts in metres."""
        return self.to_m - self.from_m

    @property
    def arcs(self) -> Arcs:
        """The arcs, bundled for kernels."""
        return Arcs(self.indptr, self.arc_to, self.arc_cost, self.arc_part)

    @property
    def parts(self) -> Parts:
        """The parts, bundled for kernels."""
        return Parts(self.edge, self.from_m, self.to_m, self.u, self.v, self.slow_u, self.slow_v)


def split_at_stations(streets: Streets, edge: NDArray[np.int32], at_m: NDArray[np.float64]) -> WalkGraph:
    """Make the graph, with each place where any of s stations stands as a node.

    Parameters
    ----------
    streets
        The network.
    edge, at_m
        (s,) the edge that each station stands on, and where. Stations may share an edge or a point.

    Returns
    -------
    WalkGraph
    """
    m, n = len(streets), streets.node_count
    # A station at an end of its edge stands on that node: a part of no length would hide that the node is an end.
    at_u, at_v = at_m <= AT_END_M, at_m >= streets.edge_length_m[edge] - AT_END_M
    station_node = np.where(at_u, streets.edge_u[edge], streets.edge_v[edge])
    between = np.flatnonzero(~(at_u | at_v))
    order = between[np.lexsort((at_m[between], edge[between]))]
    first = np.ones(len(order), dtype=bool)  # of those who share a place
    first[1:] = (np.diff(edge[order]) > 0) | (np.diff(at_m[order]) > 0)
    station_node[order] = n + np.cumsum(first) - 1

    place = order[first]
    before = np.searchsorted(edge[place], np.arange(m + 1))  # places between the ends of lower edges
    part_edge = np.repeat(np.arange(m, dtype=np.int32), 1 + np.diff(before))
    ends_here = np.arange(len(place)) + edge[place].astype(np.int64)  # the part that ends at each place
    u, v = streets.edge_u[part_edge], streets.edge_v[part_edge]
    from_m, to_m = np.zeros(len(part_edge)), streets.edge_length_m[part_edge]
    v[ends_here], u[ends_here + 1] = station_node[place], station_node[place]
    to_m[ends_here], from_m[ends_here + 1] = at_m[place], at_m[place]

    length = streets.edge_length_m
    level = np.ones(m)
    slow_u = np.divide(streets.cost_vu, length, out=level.copy(), where=length > 0)[part_edge]
    slow_v = np.divide(streets.cost_uv, length, out=level.copy(), where=length > 0)[part_edge]
    indptr, arc_to, arc_cost, arc_part = _arcs(n + len(place), u, v, (to_m - from_m) * slow_u, (to_m - from_m) * slow_v)
    return WalkGraph(
        n + len(place),
        station_node.astype(np.int32),
        part_edge,
        from_m,
        to_m,
        u,
        v,
        slow_u,
        slow_v,
        indptr,
        arc_to,
        arc_cost,
        arc_part,
    )


@kernel
def _arcs(
    node_count: int, u: Indices, v: Indices, cost_to_u: Floats, cost_to_v: Floats
) -> tuple[Longs, Indices, Floats, Indices]:
    """Sort two arcs a part by the node that they leave."""
    indptr = np.zeros(node_count + 1, np.int64)
    for q in range(len(u)):
        indptr[u[q] + 1] += 1
        indptr[v[q] + 1] += 1
    for x in range(node_count):
        indptr[x + 1] += indptr[x]
    fill = indptr[:-1].copy()
    arc_to = np.empty(2 * len(u), np.int32)
    arc_cost = np.empty(2 * len(u), np.float64)
    arc_part = np.empty(2 * len(u), np.int32)
    for q in range(len(u)):
        a = fill[u[q]]
        fill[u[q]] += 1
        arc_to[a], arc_cost[a], arc_part[a] = v[q], cost_to_u[q], 2 * q
        b = fill[v[q]]
        fill[v[q]] += 1
        arc_to[b], arc_cost[b], arc_part[b] = u[q], cost_to_v[q], 2 * q + 1
    return indptr, arc_to, arc_cost, arc_part
