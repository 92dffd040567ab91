"""Clear legs: the cheapest way from places to the street along straight legs that cross no barrier.

From a place, each barrier hides one stretch of each street segment. The cost of a leg and of the walk from its foot is
convex along a segment, so the cheapest point in sight is the cheapest of all, or where the sight past a barrier ends
on either side of it: exact, without sampling.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Longs, array_kernel, kernel
from walkshed.reach.barriers import Barriers, shadow
from walkshed.reach.segments import Segments

TINY = 1e-9
"""Shares of a segment that are the same."""


class Ground(NamedTuple):
    """Street segments, and what a walk on from there costs.

    Attributes
    ----------
    grid
        s segments.
    cost_from_m, cost_to_m
        (s,) metres of cost at both ends; linear between.
    """

    grid: Segments
    cost_from_m: Floats
    cost_to_m: Floats


def level_ground(grid: Segments) -> Ground:
    """Street on which no walk is added to the leg."""
    nothing = np.zeros(len(grid.start))
    return Ground(grid, nothing, nothing)


def clear_legs(
    xy: NDArray[np.float64], reach_m: float, ground: Ground, barriers: Barriers
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Find for every place the street point in sight that is cheapest, leg and walk together.

    Parameters
    ----------
    xy
        (p, 2) places, metres.
    reach_m
        The longest leg.
    ground
        The street.
    barriers
        What hides it.

    Returns
    -------
    cost_m
        (p,) metres; infinite where no street is in sight. Where the cheapest point only just shows past a
        barrier's end, its cost is the limit.
    segment
        (p,) int64, on which segment it lies; -1 where there is none.
    share
        (p,) float64, where on the segment, 0 to 1.
    """
    places = np.ascontiguousarray(xy, dtype=np.float64)
    return _clear_legs(places, reach_m, ground, barriers.grid, np.inf, -np.inf)


def has_clear_leg(
    xy: NDArray[np.float64], reach_m: float, ground: Ground, barriers: Barriers, budget_m: float
) -> NDArray[np.bool_]:
    """(p,) whether a place has any street point in sight whose leg and walk fit a budget; else as `clear_legs`."""
    places = np.ascontiguousarray(xy, dtype=np.float64)
    cost_m, _, _ = _clear_legs(places, reach_m, ground, barriers.grid, budget_m, budget_m)
    fits: NDArray[np.bool_] = cost_m <= budget_m
    return fits


@array_kernel
def _clear_legs(
    places: Floats, reach: float, ground: Ground, walls: Segments, most: float, enough: float
) -> tuple[Floats, Longs, Floats]:
    """Look for legs of no more than `most`, and no further once one is found of no more than `enough`."""
    grid, cost_a, cost_b = ground
    cost, segment, share = np.full(len(places), most), np.full(len(places), -1, np.int64), np.zeros(len(places))
    for k in range(len(places)):
        near, ends = _near(grid, places[k, 0], places[k, 1], reach)
        hiding = _near(walls, places[k, 0], places[k, 1], reach)[1]
        for n in range(len(near)):
            if segment[k] >= 0 and cost[k] <= enough:
                break
            a, b = cost_a[near[n]], cost_b[near[n]]
            low, high, at = _cheapest(ends[n], b - a, reach)
            if low > high or _price(ends[n], a, b, at) > cost[k]:
                continue
            for t in _in_sight(at, low, high, ends[n], hiding):
                price = _price(ends[n], a, b, t)
                is_lower = segment[k] < 0 or near[n] < segment[k]
                if t >= 0 and (price < cost[k] or (price == cost[k] and is_lower)):
                    cost[k], segment[k], share[k] = price, near[n], t
        if segment[k] < 0:
            cost[k] = np.inf
    return cost, segment, share


@array_kernel
def _near(grid: Segments, x: float, y: float, reach: float) -> tuple[Longs, Floats]:
    """List the segments near a place, and their ends as seen from it; some twice."""
    coords, start, origin, cell, height, width, first, members = grid
    i0, i1 = max(0, int((x - reach - origin[0]) // cell)), min(width - 1, int((x + reach - origin[0]) // cell))
    j0, j1 = max(0, int((y - reach - origin[1]) // cell)), min(height - 1, int((y + reach - origin[1]) // cell))
    count = 0
    if i1 >= i0:
        for j in range(j0, j1 + 1):
            count += first[j * width + i1 + 1] - first[j * width + i0]
    near, ends, n = np.empty(count, np.int64), np.empty((count, 4)), 0
    for j in range(j0, j1 + 1 if count else j0):
        for m in range(first[j * width + i0], first[j * width + i1 + 1]):
            p = start[members[m]]
            ax, ay = coords[p, 0] - x, coords[p, 1] - y
            bx, by = coords[p + 1, 0] - x, coords[p + 1, 1] - y
            if min(ax, bx) <= reach and max(ax, bx) >= -reach and min(ay, by) <= reach and max(ay, by) >= -reach:
                near[n] = members[m]
                ends[n, 0], ends[n, 1], ends[n, 2], ends[n, 3] = ax, ay, bx, by
                n += 1
    return near[:n], ends[:n]


@kernel
def _cheapest(ends: Floats, rise: float, reach: float) -> tuple[float, float, float]:
    """Tell which part of a segment lies within `reach`, and where on it leg and walk cost least; high < low for none.

    `rise` is the cost at its end less that at its start.
    """
    ax, ay, dx, dy = ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]
    square = dx * dx + dy * dy
    foot = -(ax * dx + ay * dy) / square if square > 0 else 0.0
    fx, fy = ax + foot * dx, ay + foot * dy
    away2 = fx * fx + fy * fy
    if away2 > reach * reach:
        return 1.0, 0.0, 0.0
    half = np.sqrt((reach * reach - away2) / square) if square > 0 else 0.0
    low, high = max(0.0, foot - half), min(1.0, foot + half)
    steep2 = rise * rise / square if square > 0 else 1.0
    at = low if rise > 0 else high
    if steep2 < 1:  # leg + k s is least k h / sqrt(1 - k²) before the foot of the leg h
        at = foot - np.sqrt(away2 / (1 - steep2)) * rise / square
    return low, high, min(max(at, low), high)


@kernel
def _price(ends: Floats, cost_a: float, cost_b: float, t: float) -> float:
    """Add the leg from the origin to a segment at share t and the cost there; exact at its ends."""
    leg = np.hypot((1 - t) * ends[0] + t * ends[2], (1 - t) * ends[1] + t * ends[3])
    return leg + (1 - t) * cost_a + t * cost_b  # type: ignore[no-any-return]


@array_kernel
def _in_sight(at: float, low: float, high: float, ends: Floats, hiding: Floats) -> tuple[float, float]:
    """Tell where on a segment, next to `at` on either side, the origin sees it; -1 for nowhere; twice `at` if seen."""
    lows, highs, n = np.empty(len(hiding)), np.empty(len(hiding)), 0
    is_hidden = False
    for w in range(len(hiding)):
        a, b = shadow(hiding[w, 0], hiding[w, 1], hiding[w, 2], hiding[w, 3], ends[0], ends[1], ends[2], ends[3])
        if a <= low + TINY and b >= high - TINY:
            return -1.0, -1.0
        if a <= b:
            lows[n], highs[n] = a, b
            n += 1
            is_hidden |= a - TINY <= at <= b + TINY
    if not is_hidden:
        return at, at
    left, right, moved = at, at, True
    while moved:
        moved = False
        for i in range(n):
            if lows[i] < left - TINY <= highs[i]:
                left, moved = lows[i], True
            if lows[i] <= right + TINY < highs[i]:
                right, moved = highs[i], True
    return left if left > low + TINY else -1.0, right if right < high - TINY else -1.0
