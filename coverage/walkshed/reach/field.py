"""The field: the least cost from every street point to a station, and which station that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkshed.reach.graph import WalkGraph
from walkshed.reach.search import new_work, spread


@dataclass(frozen=True, eq=False)
class Field:
    """The least cost to any station, without a bound, of every node and so of every street point.

    Attributes
    ----------
    graph
        The graph that was searched.
    node_cost
        (n + s,) metres, legs included; infinite where no station can be reached.
    node_station
        (n + s,) int32, the nearest station; -1 where there is none.
    """

    graph: WalkGraph
    node_cost: NDArray[np.float64]
    node_station: NDArray[np.int32]

    def part_of(self, edge: NDArray[np.int32], at_m: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find the parts on which p street points lie.

        Parameters
        ----------
        edge, at_m
            (p,) the edge of each point, and metres along it.

        Returns
        -------
        ndarray
            (p,) index of the part.
        """
        g = self.graph
        first = np.searchsorted(g.edge, edge)
        last = np.searchsorted(g.edge, edge, side="right") - 1
        part = first.copy()
        for i in np.flatnonzero(first != last):  # only edges with stations have several parts
            a, b = first[i], last[i] + 1
            part[i] = min(b - 1, a + np.searchsorted(g.to_m[a:b], at_m[i]))
        return part

    def at(self, part: NDArray[np.int64], at_m: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Tell the cost and the nearest station of p street points.

        Parameters
        ----------
        part, at_m
            (p,) the part of each point (see `part_of`), and metres along its edge.

        Returns
        -------
        cost_m
            (p,) metres; infinite where no station can be reached.
        station
            (p,) int32; -1 where there is none.
        """
        g = self.graph
        u, v = g.u[part], g.v[part]
        by_u = self.node_cost[u] + (at_m - g.from_m[part]) * g.slow_u[part]
        by_v = self.node_cost[v] + (g.to_m[part] - at_m) * g.slow_v[part]
        station_u, station_v = self.node_station[u], self.node_station[v]
        take_u = (by_u < by_v) | ((by_u == by_v) & (station_u <= station_v))
        return np.minimum(by_u, by_v), np.where(take_u, station_u, station_v)

    def peak_m(self) -> NDArray[np.float64]:
        """Tell where on each part the cost is highest.

        Returns
        -------
        ndarray
            (q,) metres along the edge; an end where the cost only rises or falls, or is infinite.
        """
        g = self.graph
        cost_u, cost_v = self.node_cost[g.u], self.node_cost[g.v]
        reached = np.isfinite(cost_u) & np.isfinite(cost_v)
        rise = np.where(reached, cost_v, 0.0) - np.where(reached, cost_u, 0.0) + g.length_m * g.slow_v
        from_u = np.clip(rise / (g.slow_u + g.slow_v), 0.0, g.length_m)
        return g.from_m + np.where(reached, from_u, 0.0)

    def slopes(
        self, part: NDArray[np.int64], from_m: NDArray[np.float64], to_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Split p stretches at their peaks, so that the cost is linear within each of 2 p slopes.

        Parameters
        ----------
        part, from_m, to_m
            (p,) the part that each stretch lies on, and its ends in metres along the edge.

        Returns
        -------
        cost_low_m, cost_high_m, length_m
            (2, p) the cost at the lower and the upper end of each slope, and how long it is.
        """
        peak_m = np.clip(self.peak_m()[part], from_m, to_m)
        ends = np.stack((self.at(part, from_m)[0], self.at(part, to_m)[0]))
        return ends, np.stack((self.at(part, peak_m)[0],) * 2), np.stack((peak_m - from_m, to_m - peak_m))

    def reach_m(self, budget_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Tell how far a budget goes into each part from its two ends.

        Where the two add up to more than the part is long, all of it is covered: the covered length is
        ``min(L, max(0, B - c(u)) + max(0, B - c(v)))``.

        Parameters
        ----------
        budget_m
            Metres of cost.

        Returns
        -------
        from_u, from_v
            (q,) metres, 0 to the part's length.
        """
        g = self.graph
        from_u = np.clip((budget_m - self.node_cost[g.u]) / g.slow_u, 0.0, g.length_m)
        from_v = np.clip((budget_m - self.node_cost[g.v]) / g.slow_v, 0.0, g.length_m)
        return from_u, from_v

    def covered_m(
        self, part: NDArray[np.int64], from_m: NDArray[np.float64], to_m: NDArray[np.float64], budget_m: float
    ) -> NDArray[np.float64]:
        """Tell how much of p stretches a budget covers, wherever on them it ends.

        Parameters
        ----------
        part, from_m, to_m
            (p,) the part that each stretch lies on, and its ends in metres along the edge.
        budget_m
            Metres of cost.

        Returns
        -------
        ndarray
            (p,) metres, 0 to the stretch's length.
        """
        g, (into_u, into_v) = self.graph, self.reach_m(budget_m)
        before = np.clip((g.from_m + into_u)[part], from_m, to_m) - from_m
        after = to_m - np.clip((g.to_m - into_v)[part], from_m, to_m)
        return np.minimum(before + after, to_m - from_m)


def nearest_station_field(graph: WalkGraph, leg_m: NDArray[np.float64]) -> Field:
    """Search from all stations at once.

    Parameters
    ----------
    graph
        The streets with the stations as nodes.
    leg_m
        (s,) the straight leg of each station.

    Returns
    -------
    Field
    """
    work = new_work(graph)
    spread(graph.arcs, graph.station_node, np.asarray(leg_m, dtype=np.float64), np.inf, work)
    return Field(graph, work.cost, work.owner)
