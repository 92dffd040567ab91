"""Gaps: uncovered street, partitioned greedily by what one new station could serve."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import SAME_PLACE_M, Intervals, add_up, joined, overlap
from walkshed.analysis.people import Heads
from walkshed.analysis.stock import Stock
from walkshed.analysis.stretches import Stretches
from walkshed.network.streets import Streets
from walkshed.reach.field import Field
from walkshed.schema import Progress, quiet

CENTER_CELL_M = 100.0
"""One junction a cell of this size may become the centre of a gap."""


@dataclass(frozen=True, eq=False)
class GapPlan:
    """The gaps, in the order in which they were found or by rank, and what each takes.

    Attributes
    ----------
    center
        (g,) int32, the node at the centre of each gap.
    taken
        The street of each gap; `of` is its index. No two overlap.
    uncovered
        All uncovered street inside the area, which `taken` is part of; the rest are slivers.
    people
        (g,) the people on each; NaN where none are given, and before they are counted.
    """

    center: NDArray[np.int32]
    taken: Intervals
    uncovered: Intervals
    people: NDArray[np.float64]


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
    uncounted = np.full(len(centers), np.nan)
    return GapPlan(np.array(centers, dtype=np.int32), joined(*taken).merged(), uncovered, uncounted)


def _candidates(streets: Streets, field: Field, uncovered: Intervals, budget_m: float) -> NDArray[np.int32]:
    """The junctions on uncovered street, one a cell; the lowest id of each."""
    g, part = field.graph, uncovered.of
    at_u = uncovered.from_m <= g.from_m[part] + SAME_PLACE_M
    at_v = uncovered.to_m >= g.to_m[part] - SAME_PLACE_M
    is_end = np.zeros(g.node_count, dtype=np.bool_)
    is_end[g.u[part[at_u]]] = is_end[g.v[part[at_v]]] = True
    ends = np.flatnonzero(is_end[: streets.node_count] & (field.node_cost[: streets.node_count] > budget_m))
    column, row = np.floor(streets.node_xy[ends] / CENTER_CELL_M).astype(np.int64).T
    cell = column * (np.ptp(row) + 1 if len(row) else 1) + row  # one number a cell
    _, first = np.unique(cell, return_index=True)  # of equal cells the first, so the lowest id
    return np.sort(ends[first]).astype(np.int32)


def rank_gaps(plan: GapPlan, stretches: Stretches, heads: Heads | None, budget_m: float) -> tuple[GapPlan, Stretches]:
    """Put the gaps in order by people where given, else by street; ties in the order found.

    Parameters
    ----------
    plan, stretches
        The gaps as they were found, and the table of stretches, whose `gap` counts them so from 1.
    heads
        The people.
    budget_m
        The largest cutoff, as metres of cost.

    Returns
    -------
    plan, stretches
        The same, with gaps by rank.
    """
    count = len(plan.center)
    street_m = add_up(plan.taken.length_m, plan.taken.of, count)
    people = np.full(count, np.nan)
    if heads is not None:
        here = heads.states(budget_m, stretches.gap) == "gap"
        people = add_up(heads.count[here], stretches.gap[heads.row[here]], count + 1)[1:]
    order = np.lexsort((np.arange(count), -street_m, -np.nan_to_num(people)))
    rank = np.empty(count, dtype=np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    taken = replace(plan.taken, of=rank[plan.taken.of]).merged()
    ranked = replace(plan, center=plan.center[order], taken=taken, people=people[order])
    return ranked, replace(stretches, gap=np.append(np.int32(-1), rank)[stretches.gap] + np.int32(1))
