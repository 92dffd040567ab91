"""The streets as a graph in which every station is a node: edges are split where stations stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, Longs
from walkshed.network.streets import Streets
from walkshed.sorting import sorted_by

AT_END_M = 1e-6
"""A station as near as this to the end of its edge stands on the node."""


class Arcs(NamedTuple):
    """The arcs of a graph in compressed rows, as kernels take them.

    Attributes
    ----------
    indptr
        (n + 1,) the arcs that leave node i are rows ``indptr[i]:indptr[i + 1]``.
    to, cost
        (2 q,) where each leads, and metres of cost.
    part
        (2 q,) twice the part that it lies on, plus 1 if it leaves the part's end v.
    """

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
    arcs
        The arcs in compressed rows.
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
    arcs: Arcs

    @property
    def length_m(self) -> NDArray[np.float64]:
        """(q,) length of the parts in metres."""
        return self.to_m - self.from_m

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
    arcs = _arcs(n + len(place), u, v, (to_m - from_m) * slow_u, (to_m - from_m) * slow_v)
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
        arcs,
    )


def _arcs(
    node_count: int,
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    cost_to_u: NDArray[np.float64],
    cost_to_v: NDArray[np.float64],
) -> Arcs:
    """Sort two arcs a part by the node that they leave: arc 2 q from u to v, and 2 q + 1 back."""
    indptr, order = sorted_by(np.stack((u, v), axis=1).ravel(), node_count)
    to, cost = np.stack((v, u), axis=1).ravel(), np.stack((cost_to_u, cost_to_v), axis=1).ravel()
    return Arcs(indptr, to[order], cost[order], order)
