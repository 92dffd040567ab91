"""Moves: which stations of two lists are the same, and what became of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

CHANGES = ("added", "removed", "moved", "kept")

COLUMNS = (
    *("change", "station_id", "name", "category", "station_id_before", "matched_by", "moved_m"),
    *("status_before", "status_after", "geometry"),
)

PLACE_M = 50.0
"""Stations of different ids that stand as near as this to each other are one."""

STILL_M = 10.0
"""A station that stands within this of where it stood has not moved."""

Pair = tuple[int, int, str]


def station_changes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Match the stations of two lists, by id, else by place.

    An id counts where both lists have it; where both only number their rows, the name or the place must be the same
    too, since a row more would shift all numbers. The others match the nearest within `PLACE_M`, of one name first.

    Parameters
    ----------
    before, after
        Stations of two results, in one CRS: ``station_id``, ``name``, ``category``, ``status``.

    Returns
    -------
    GeoDataFrame
        A row a station, added ones first: ``change`` (of `CHANGES`), ``station_id``, ``name`` and ``category`` (those
        after, of removed ones those before), ``station_id_before`` (None where added), ``matched_by`` (id, place or
        ""), ``moved_m`` (NaN where there is nothing to measure), ``status_before`` and ``status_after`` (None where
        there is none), and where it stands after, or stood.
    """
    xy = [shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy())) for frame in (before, after)]
    pairs = _by_id(before, after, xy[0], xy[1])
    pairs += _by_place(before, after, xy[0], xy[1], pairs)
    old, new = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    rows = [_row(before, after, i, j, by, float(np.hypot(*(xy[0][i] - xy[1][j])))) for i, j, by in pairs]
    rows += [_row(before, after, None, j, "", np.nan) for j in range(len(after)) if j not in new]
    rows += [_row(before, after, i, None, "", np.nan) for i in range(len(before)) if i not in old]
    table = gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs=after.crs)
    rank = table["change"].map({change: k for k, change in enumerate(CHANGES)})
    order = np.lexsort((table["station_id"].to_numpy(dtype=str), rank.to_numpy()))
    return table.iloc[order].reset_index(drop=True)


def _numbered(ids: pd.Series) -> bool:
    """Tell ids that only number the rows."""
    return list(ids) == [str(i) for i in range(1, len(ids) + 1)]


def _by_id(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, old: NDArray[np.float64], new: NDArray[np.float64]
) -> list[Pair]:
    where = {key: j for j, key in enumerate(after["station_id"])}
    pairs = [(i, where[key], "id") for i, key in enumerate(before["station_id"]) if key in where]
    if not (_numbered(before["station_id"]) and _numbered(after["station_id"])):
        return pairs
    names = before["name"].tolist(), after["name"].tolist()
    return [
        (i, j, by)
        for i, j, by in pairs
        if (names[0][i] and names[0][i] == names[1][j]) or np.hypot(*(old[i] - new[j])) <= STILL_M
    ]


def _by_place(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    taken: list[Pair],
) -> list[Pair]:
    """Match what is left to the nearest, those of one name first; each but once."""
    left = np.setdiff1d(np.arange(len(old)), [i for i, _, _ in taken])
    right = np.setdiff1d(np.arange(len(new)), [j for _, j, _ in taken])
    if not len(left) or not len(right):
        return []
    near = cKDTree(old[left]).query_ball_tree(cKDTree(new[right]), PLACE_M)
    names = before["name"].tolist(), after["name"].tolist()
    found = sorted(
        (names[0][left[a]] != names[1][right[b]], float(np.hypot(*(old[left[a]] - new[right[b]]))), left[a], right[b])
        for a, own in enumerate(near)
        for b in own
    )
    pairs: list[Pair] = []
    used: set[tuple[str, int]] = set()
    for _, _, i, j in found:
        if ("old", i) not in used and ("new", j) not in used:
            pairs.append((int(i), int(j), "place"))
            used |= {("old", i), ("new", j)}
    return pairs


def _row(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, i: int | None, j: int | None, by: str, moved_m: float
) -> dict[str, object]:
    one = before.iloc[i] if j is None else after.iloc[j]
    change = "added" if i is None else "removed" if j is None else "moved" if moved_m > STILL_M else "kept"
    return {
        "change": change,
        "station_id": one["station_id"],
        "name": one["name"],
        "category": one["category"],
        "station_id_before": None if i is None else before["station_id"].iloc[i],
        "matched_by": by,
        "moved_m": moved_m,
        "status_before": None if i is None else before["status"].iloc[i],
        "status_after": None if j is None else after["status"].iloc[j],
        "geometry": one.geometry,
    }
