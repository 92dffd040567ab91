"""Stations that may stand twice in a list: at one place, or under one name."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

SAME_PLACE_M = 1.0
"""Stations nearer than this are at one place."""

_EARTH_RADIUS_M = 6_371_008.8


def same_place(points: gpd.GeoSeries) -> list[list[int]]:
    """Group the points that lie within `SAME_PLACE_M` of another.

    Parameters
    ----------
    points
        EPSG:4326. Distances are chords of a sphere: right to half a percent.

    Returns
    -------
    list of list of int
        Positions, two or more a group, in the order of the list.
    """
    lon, lat = np.radians(points.x.to_numpy()), np.radians(points.y.to_numpy())
    xyz = _EARTH_RADIUS_M * np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    places, place = np.unique(xyz, axis=0, return_inverse=True)
    if not _may_be_near(places):
        return _groups(place.ravel().tolist())
    # Here, since it takes a tenth of a second, and few lists need it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    # The nearest other place alone: all pairs within a metre could be billions.
    distance_m, nearest = KDTree(places).query(places, k=[2], distance_upper_bound=SAME_PLACE_M)
    near = np.flatnonzero(np.isfinite(distance_m[:, 0]))
    links = coo_array((np.ones(len(near)), (near, nearest[near, 0])), shape=(len(places),) * 2)
    return _groups(connected_components(links, directed=False)[1][place.ravel()].tolist())


def _may_be_near(places: NDArray[np.float64]) -> bool:
    """Tell whether two of the places, (n, 3) in metres, may be within `SAME_PLACE_M`; false only where none are.

    Two that are share a cell of one of eight grids of four times that width, shifted by half a cell along some axes.
    """
    width = 4 * SAME_PLACE_M
    cells = (np.floor(places / width + shift) for shift in product((0.0, 0.5), repeat=3))
    return any(len(np.unique(some, axis=0)) < len(places) for some in cells)


def same_name(names: Sequence[str]) -> list[list[int]]:
    """Group the names that are equal but for case, width, spaces and punctuation; blank ones are not."""
    plain = ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold())) for name in names]
    return [group for group in _groups(plain) if plain[group[0]]]


def _groups(keys: Sequence[object]) -> list[list[int]]:
    members: dict[object, list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        members[key].append(i)
    return [group for group in members.values() if len(group) > 1]
