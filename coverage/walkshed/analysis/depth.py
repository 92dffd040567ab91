"""Depth: how many stations cover a street point (cross coverage, 交叉覆盖)."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals
from walkshed.network.chains import components
from walkshed.reach.pieces import Pieces
from walkshed.reach.walk import Walk

SAME_STATION_M = 25.0
"""Stations of one category nearer to each other than this count once in the depth."""


def depth_groups(xy: NDArray[np.float64], category: NDArray[np.object_]) -> NDArray[np.int32]:
    """Group stations of one category that stand within 25 m of each other (also in a chain).

    Parameters
    ----------
    xy
        (s, 2) where the stations stand, metres.
    category
        (s,) their categories.

    Returns
    -------
    ndarray
        (s,) int32, the group of each station.
    """
    kind = np.unique(category.astype(str), return_inverse=True)[1]
    # Those at one place first: a list may hold thousands of them, and their pairs would be billions.
    spots, spot = np.unique(np.column_stack([xy, kind]), axis=0, return_inverse=True)
    places = shapely.points(spots[:, :2])
    a, b = shapely.STRtree(places).query(places, predicate="dwithin", distance=SAME_STATION_M)
    near = (a < b) & (spots[a, 2] == spots[b, 2])
    root = components(a[near].astype(np.int32), b[near].astype(np.int32), len(spots))[spot.ravel()]
    return _by_first(root)


def _by_first(root: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number groups by their first member."""
    _, first, group = np.unique(root, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group.ravel()].astype(np.int32)


def covered_by(pieces: Pieces, budget_m: float, owner: NDArray[np.int32]) -> Intervals:
    """Tell the street that each owner covers within `budget_m`.

    Parameters
    ----------
    pieces
        Of all stations.
    budget_m
        Metres of cost.
    owner
        (s,) what each station counts as: itself, or its depth group.

    Returns
    -------
    Intervals
        Of one owner none overlap; `of` is the owner.
    """
    cut = pieces.within(budget_m)
    return Intervals(cut.edge, cut.from_m, cut.to_m, owner[cut.station]).merged()


def each_covers(pieces: Pieces, walk: Walk, count: int) -> list[Intervals]:
    """Tell for each cutoff the street that each of `count` stations covers."""
    return [covered_by(pieces, walk.budget_m(c), np.arange(count, dtype=np.int32)) for c in walk.cutoffs]


def groups_cover(own: list[Intervals], group: NDArray[np.int32]) -> list[Intervals]:
    """Tell the street that each group of stations covers, of what each station does."""
    if len(np.unique(group)) == len(group):  # mostly, no two stand together; then they are numbered as the stations
        return own
    return [Intervals(i.edge, i.from_m, i.to_m, group[i.of]).merged() for i in own]
