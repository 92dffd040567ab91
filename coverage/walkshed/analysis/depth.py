"""Depth: how many stations cover a street point (cross coverage, 交叉覆盖)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from walkshed.analysis.intervals import Intervals
from walkshed.reach.pieces import Pieces

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
    pairs = cKDTree(xy).query_pairs(SAME_STATION_M, output_type="ndarray")
    pairs = pairs[category[pairs[:, 0]] == category[pairs[:, 1]]]
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    group: NDArray[np.int32] = connected_components(links, directed=False)[1].astype(np.int32)
    return group


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
