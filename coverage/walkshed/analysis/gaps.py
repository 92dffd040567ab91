"""Gaps: uncovered street, partitioned by what one new station could serve.

The partition is greedy with lazy evaluation, since gains only fall: M. Minoux, Accelerated greedy
algorithms for maximizing submodular set functions, Optimization Techniques (1978).
"""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import SAME_PLACE_M, Intervals, overlap
from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.network.streets import Streets
from walkshed.reach.field import Field
from walkshed.reach.search import spread
from walkshed.schema import Progress, quiet

CENTER_CELL_M = 100.0
"""One junction a cell of this size may become the centre of a gap."""


@dataclass(frozen=True, eq=False)
class GapPlan:
    """The gaps in the order in which they were found, and what each takes.

    Attributes
    ----------
    center
        (g,) int32, the node at the centre of each gap.
    taken
        The street of each gap; `of` is its index. No two overlap.
    uncovered
        All uncovered street inside the area, which `taken` is part of; the rest are slivers.
    evaluations
        How many walks were tried: the work done.
    """

    center: NDArray[np.int32]
    taken: Intervals
    uncovered: Intervals
    evaluations: int


def uncovered_street(field: Field, budget_m: float, inside: Intervals | None) -> Intervals:
    """Cut out the street that `budget_m` does not reach.

    Parameters
    ----------
    field
        The least cost of every street point.
    budget_m
        Metres of cost.
    inside
        The street inside the study area; None where that is all street.

    Returns
    -------
    Intervals
        `of` is the part of the walk graph.
    """
    g = field.graph
    from_u, from_v = field.reach_m(budget_m)
    left = np.flatnonzero((from_u + from_v < g.length_m) & (g.length_m > 0))
    uncovered = Intervals(g.edge[left], (g.from_m + from_u)[left], (g.to_m - from_v)[left], left.astype(np.int32))
    return uncovered if inside is None else overlap(uncovered, inside)


def covered_street(field: Field, budget_m: float) -> Intervals:
    """Cut out the street that `budget_m` reaches; `of` is the part of the walk graph."""
    g = field.graph
    from_u, from_v = field.reach_m(budget_m)
    part = np.arange(len(g.edge), dtype=np.int32)
    return Intervals(
        np.concatenate((g.edge, g.edge)),
        np.concatenate((g.from_m, g.to_m - from_v)),
        np.concatenate((g.from_m + from_u, g.to_m)),
        np.concatenate((part, part)),
    ).take(np.concatenate((from_u, from_v)) > 0)


def plan_gaps(
    streets: Streets,
    field: Field,
    uncovered: Intervals,
    budget_m: float,
    min_gap_m: float,
    *,
    progress: Progress = quiet,
) -> GapPlan:
    """Partition uncovered street greedily into what one new station could serve.

    Parameters
    ----------
    streets
        The network.
    field
        The least cost of every street point.
    uncovered
        From `uncovered_street`.
    budget_m
        Metres of cost that one walk may take.
    min_gap_m
        A centre that takes in less than this makes no gap.
    progress
        Called with "gaps" and the share of the uncovered street that is settled.

    Returns
    -------
    GapPlan
    """
    stock = _Stock(field, uncovered, budget_m)
    # A walk that takes in nothing is no gap, however small a gap may be.
    min_gap_m = max(min_gap_m, 0.001)
    candidates = _candidates(streets, field, uncovered, budget_m)
    gains = stock.gains(candidates)
    # Millimetres: a gain that differs by the order of additions only is a tie, and goes by id.
    queue = [(-round(float(g), 3), int(x)) for g, x in zip(gains, candidates, strict=True) if g >= min_gap_m]
    heapq.heapify(queue)
    centers: list[int] = []
    total_m, settled_m = float(uncovered.length_m.sum()), 0.0
    while queue:
        _, node = heapq.heappop(queue)
        gain = round(stock.gain(node), 3)
        if gain < min_gap_m:
            continue
        if queue and (-gain, node) > queue[0]:
            heapq.heappush(queue, (-gain, node))
            continue
        stock.take(node, len(centers))
        centers.append(node)
        settled_m += gain
        progress("gaps", settled_m / total_m)
    return GapPlan(np.array(centers, dtype=np.int32), stock.taken(), uncovered, stock.evaluations)


def _candidates(streets: Streets, field: Field, uncovered: Intervals, budget_m: float) -> NDArray[np.int32]:
    """The junctions on uncovered street, one a cell; the lowest id of each."""
    g, part = field.graph, uncovered.of
    at_u = uncovered.from_m <= g.from_m[part] + SAME_PLACE_M
    at_v = uncovered.to_m >= g.to_m[part] - SAME_PLACE_M
    ends = np.unique(np.concatenate((g.u[part[at_u]], g.v[part[at_v]])))
    ends = ends[(ends < streets.node_count) & (field.node_cost[ends] > budget_m)]
    cell = np.floor(streets.node_xy[ends] / CENTER_CELL_M).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)  # of equal cells the first, so the lowest id
    return np.sort(ends[first]).astype(np.int32)


class _Stock:
    """The uncovered street not yet taken: what is left of each part is one window, since walks come from ends."""

    def __init__(self, field: Field, uncovered: Intervals, budget_m: float) -> None:
        g = field.graph
        self._graph, self._budget_m = g, budget_m
        order = np.lexsort((uncovered.from_m, uncovered.of))
        self._rows = uncovered.take(order)
        self._first = np.searchsorted(self._rows.of, np.arange(len(g.edge) + 1))
        self._low, self._high = g.from_m.copy(), g.to_m.copy()
        self._taken: list[tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64], int]] = []
        self._work = _Workspace(g.node_count)
        self.evaluations = 0

    def _gain(self, nodes: NDArray[np.int32], work: _Workspace) -> NDArray[np.float64]:
        g, rows = self._graph, self._rows
        gains: NDArray[np.float64] = _gains(
            g.indptr, g.arc_to, g.arc_cost, g.arc_part, g.u, g.v, g.from_m, g.to_m, g.slow_u, g.slow_v,
            nodes, self._budget_m, rows.from_m, rows.to_m, self._first, self._low, self._high,
            work.cost, work.owner, work.touched,
        )  # fmt: skip
        return gains

    def gain(self, node: int) -> float:
        """Metres of untaken street that a walk from `node` takes in."""
        self.evaluations += 1
        return float(self._gain(np.array([node], dtype=np.int32), self._work)[0])

    def gains(self, nodes: NDArray[np.int32]) -> NDArray[np.float64]:
        """The same for many nodes, side by side."""
        self.evaluations += len(nodes)
        shares = np.array_split(nodes, 1 if len(nodes) < 64 else cpu_count() or 1)
        with ThreadPoolExecutor(len(shares)) as pool:
            return np.concatenate(
                list(pool.map(lambda share: self._gain(share, _Workspace(self._graph.node_count)), shares))
            )

    def take(self, node: int, gap: int) -> None:
        """Take what a walk from `node` reaches out of the stock."""
        g, rows, work = self._graph, self._rows, self._work
        edge, start, end = _take(
            g.indptr, g.arc_to, g.arc_cost, g.arc_part, g.u, g.v, g.edge, g.from_m, g.to_m, g.slow_u, g.slow_v,
            node, self._budget_m, rows.from_m, rows.to_m, self._first, self._low, self._high,
            work.cost, work.owner, work.touched,
        )  # fmt: skip
        self._taken.append((edge, start, end, gap))

    def taken(self) -> Intervals:
        """All that was taken, by gap."""
        empty = (np.empty(0, np.int32), np.empty(0), np.empty(0), 0)
        columns = [*zip(empty, *self._taken, strict=True)]
        owner = [np.full(len(edge), gap, np.int32) for edge, _, _, gap in self._taken]
        edge, start, end = (np.concatenate(c) for c in columns[:3])
        return Intervals(edge, start, end, np.concatenate([np.empty(0, np.int32), *owner])).merged()


class _Workspace:
    """Scratch of one search at a time, clean between searches."""

    def __init__(self, node_count: int) -> None:
        self.cost = np.full(node_count, np.inf)
        self.owner = np.full(node_count, -1, np.int32)
        self.touched = np.empty(node_count, np.int32)


@kernel
def _into(
    q: int,
    cost: Floats,
    u: Indices,
    v: Indices,
    from_m: Floats,
    to_m: Floats,
    slow_u: Floats,
    slow_v: Floats,
    budget: float,
) -> tuple[float, float]:
    """How far along its edge the walk gets into part `q` from either end."""
    length = to_m[q] - from_m[q]
    into_u = max(0.0, min(length, (budget - cost[u[q]]) / slow_u[q]))
    into_v = max(0.0, min(length, (budget - cost[v[q]]) / slow_v[q]))
    if into_u + into_v >= length:
        return to_m[q], to_m[q]  # all of it
    return from_m[q] + into_u, to_m[q] - into_v


@kernel
def _gains(
    indptr: Longs,
    arc_to: Indices,
    arc_cost: Floats,
    arc_part: Indices,
    u: Indices,
    v: Indices,
    from_m: Floats,
    to_m: Floats,
    slow_u: Floats,
    slow_v: Floats,
    centers: Indices,
    budget: float,
    row_from: Floats,
    row_to: Floats,
    first: Longs,
    low: Floats,
    high: Floats,
    cost: Floats,
    owner: Indices,
    touched: Indices,
) -> Floats:
    gains = np.zeros(len(centers))
    keys, nodes = np.empty(1024, np.float64), np.empty(1024, np.int32)
    leg = np.zeros(1)
    for k in range(len(centers)):
        reached, keys, nodes, _ = spread(
            indptr, arc_to, arc_cost, centers[k : k + 1], leg, budget, cost, owner, touched, keys, nodes
        )
        for i in range(reached):
            x = touched[i]
            for a in range(indptr[x], indptr[x + 1]):
                q = arc_part[a] >> 1
                if first[q] == first[q + 1] or low[q] >= high[q]:
                    continue
                if arc_part[a] & 1 and cost[u[q]] <= budget:
                    continue  # told from its other end
                until, since = _into(q, cost, u, v, from_m, to_m, slow_u, slow_v, budget)
                for r in range(first[q], first[q + 1]):
                    start, end = max(row_from[r], low[q]), min(row_to[r], high[q])
                    if start < end:
                        if until < since:
                            gains[k] += max(0.0, min(end, until) - start) + max(0.0, end - max(start, since))
                        else:
                            gains[k] += end - start
        for i in range(reached):
            cost[touched[i]], owner[touched[i]] = np.inf, -1
    return gains


@kernel
def _take(
    indptr: Longs,
    arc_to: Indices,
    arc_cost: Floats,
    arc_part: Indices,
    u: Indices,
    v: Indices,
    edge: Indices,
    from_m: Floats,
    to_m: Floats,
    slow_u: Floats,
    slow_v: Floats,
    center: int,
    budget: float,
    row_from: Floats,
    row_to: Floats,
    first: Longs,
    low: Floats,
    high: Floats,
    cost: Floats,
    owner: Indices,
    touched: Indices,
) -> tuple[Indices, Floats, Floats]:
    keys, nodes = np.empty(1024, np.float64), np.empty(1024, np.int32)
    seeds, leg = np.full(1, center, np.int32), np.zeros(1)
    reached, keys, nodes, _ = spread(indptr, arc_to, arc_cost, seeds, leg, budget, cost, owner, touched, keys, nodes)
    rows = 0
    for turn in range(2):  # count, then fill
        if turn == 1:
            out_edge, out_from, out_to = np.empty(rows, np.int32), np.empty(rows), np.empty(rows)
            rows = 0
        for i in range(reached):
            x = touched[i]
            for a in range(indptr[x], indptr[x + 1]):
                q = arc_part[a] >> 1
                if first[q] == first[q + 1] or low[q] >= high[q]:
                    continue
                if arc_part[a] & 1 and cost[u[q]] <= budget:
                    continue
                until, since = _into(q, cost, u, v, from_m, to_m, slow_u, slow_v, budget)
                for r in range(first[q], first[q + 1]):
                    start, end = max(row_from[r], low[q]), min(row_to[r], high[q])
                    for side in range(2):
                        a_m, b_m = (start, min(end, until)) if side == 0 else (max(start, since), end)
                        if b_m > a_m:
                            if turn == 1:
                                out_edge[rows], out_from[rows], out_to[rows] = edge[q], a_m, b_m
                            rows += 1
                if turn == 1:
                    if until < since:
                        low[q], high[q] = max(low[q], until), min(high[q], since)
                    else:
                        low[q] = high[q]
    for i in range(reached):
        cost[touched[i]], owner[touched[i]] = np.inf, -1
    return out_edge, out_from, out_to
