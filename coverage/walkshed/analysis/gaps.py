"""Gaps: uncovered street, partitioned greedily by what one new station could serve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import SAME_PLACE_M, Intervals, joined, overlap
from walkshed.analysis.stock import Stock
from walkshed.network.streets import Streets
from walkshed.reach.field import Field
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
    """

    center: NDArray[np.int32]
    taken: Intervals
    uncovered: Intervals


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
    candidates = _candidates(streets, field, uncovered, budget_m)
    stock = Stock(field.graph, uncovered, candidates, budget_m)
    total_m, settled_m = float(uncovered.length_m.sum()), 0.0
    centers: list[int] = []
    taken = [uncovered.take(np.zeros(0, np.int64))]
    # A walk that takes in nothing is no gap, however small a gap may be.
    for node, street in stock.take_best(max(min_gap_m, 0.001)):
        centers.append(node)
        taken.append(street)
        settled_m += float(street.length_m.sum())
        progress("gaps", settled_m / total_m)
    return GapPlan(np.array(centers, dtype=np.int32), joined(*taken).merged(), uncovered)


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
