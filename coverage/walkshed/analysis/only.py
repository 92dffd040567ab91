"""What only one station serves: the street and the people that would be lost if it closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import SAME_PLACE_M, Intervals
from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.reach.pieces import Pieces
from walkshed.sorting import sorted_by

NONE, SEVERAL = -1, -2


def covered_once(own: Intervals) -> Intervals:
    """Tell the street that exactly one owner covers.

    Parameters
    ----------
    own
        What each owner covers; of one owner none overlap.

    Returns
    -------
    Intervals
        Sorted by edge and place, none overlapping; `of` is the one owner.
    """
    n = len(own)
    edge = np.concatenate((own.edge, own.edge))
    at_m = np.concatenate((own.from_m, own.to_m))
    order = np.argsort(at_m, kind="stable")  # by place; then by edge
    order = order[sorted_by(edge[order], int(edge.max(initial=-1)) + 1)[1]]
    change = np.concatenate((np.ones(n, np.int64), np.full(n, -1)))
    # Each start adds its owner and each end takes it off: where one covers, what is left is its number.
    depth = np.cumsum(change[order])
    owner = np.cumsum((change * np.concatenate((own.of, own.of)))[order])
    edge, at_m = edge[order], at_m[order]
    after = np.append(at_m[1:], 0.0)
    once = np.flatnonzero((depth == 1) & (after - at_m > SAME_PLACE_M))
    return Intervals(edge[once], at_m[once], after[once], owner[once].astype(np.int32))


def sole_station(
    pieces: Pieces, edge: NDArray[np.int32], at_m: NDArray[np.float64], allowance_m: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Tell which station alone covers each of p street points.

    Parameters
    ----------
    pieces
        What the stations reach, at least as far as the largest allowance.
    edge, at_m
        (p,) the street points.
    allowance_m
        (p,) metres of cost that a station may be away from each.

    Returns
    -------
    ndarray
        (p,) int32 index of the station; `NONE` where no station covers the point, `SEVERAL` where more than one.
    """
    order = np.argsort(pieces.edge, kind="stable")
    first = np.searchsorted(pieces.edge[order], edge)
    after = np.searchsorted(pieces.edge[order], edge, side="right")
    return _sole(
        order, first, after, at_m, allowance_m, np.full(len(edge), NONE, dtype=np.int32),
        pieces.station, pieces.from_m, pieces.to_m, pieces.cost_from_m, pieces.cost_to_m,
    )  # fmt: skip


def people_of_each(
    pieces: Pieces,
    edge: NDArray[np.int32],
    at_m: NDArray[np.float64],
    allowance_m: NDArray[np.float64],
    count: NDArray[np.float64],
    stations: int,
) -> NDArray[np.float64]:
    """Add up, for every station, the people at p street points that it covers, whoever else does.

    Parameters
    ----------
    pieces, edge, at_m, allowance_m
        As for `sole_station`.
    count
        (p,) people.
    stations
        How many stations there are.

    Returns
    -------
    ndarray
        (stations,) people.
    """
    order = np.argsort(pieces.edge, kind="stable")  # of one edge by station, as the pieces are
    first = np.searchsorted(pieces.edge[order], edge)
    after = np.searchsorted(pieces.edge[order], edge, side="right")
    return _each(
        order, first, after, at_m, allowance_m, count, np.zeros(stations),
        pieces.station, pieces.from_m, pieces.to_m, pieces.cost_from_m, pieces.cost_to_m,
    )  # fmt: skip


@kernel
def _each(
    order: Longs,
    first: Longs,
    after: Longs,
    at_m: Floats,
    allowance_m: Floats,
    count: Floats,
    people: Floats,
    station: Indices,
    from_m: Floats,
    to_m: Floats,
    cost_from_m: Floats,
    cost_to_m: Floats,
) -> Floats:
    for point in range(len(first)):
        told = -1
        for k in range(first[point], after[point]):
            p = order[k]
            if station[p] == told:
                continue
            if _cost_at(at_m[point], from_m[p], to_m[p], cost_from_m[p], cost_to_m[p]) <= allowance_m[point] + 1e-6:
                told = station[p]
                people[told] += count[point]
    return people


@kernel
def _cost_at(x: float, from_m: float, to_m: float, cost_from_m: float, cost_to_m: float) -> float:
    """Tell the cost of a place by one piece; infinite where the place is not on it."""
    if x < from_m - 1e-6 or x > to_m + 1e-6:
        return np.inf
    run = to_m - from_m
    share = min(1.0, max(0.0, (x - from_m) / run)) if run > 0 else 0.0
    return cost_from_m + share * (cost_to_m - cost_from_m)


@kernel
def _sole(
    order: Longs,
    first: Longs,
    after: Longs,
    at_m: Floats,
    allowance_m: Floats,
    sole: Indices,
    station: Indices,
    from_m: Floats,
    to_m: Floats,
    cost_from_m: Floats,
    cost_to_m: Floats,
) -> Indices:
    for point in range(len(first)):
        for k in range(first[point], after[point]):
            p = order[k]
            if station[p] == sole[point]:
                continue
            if _cost_at(at_m[point], from_m[p], to_m[p], cost_from_m[p], cost_to_m[p]) > allowance_m[point] + 1e-6:
                continue
            if sole[point] >= 0:
                sole[point] = -2
                break
            sole[point] = station[p]
    return sole
