"""Split lines where they cross on one level, for road lines that were drawn straight through."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.joined import METRES_PER_DEGREE, Lines

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def split_where_lines_cross(lines: Lines, level: Ints, join_m: float) -> Lines:
    """Add to each line the points at which it meets another of its level, or at which any line ends on it.

    Parameters
    ----------
    lines
        The lines.
    level
        (m,): lines of different levels cross without meeting, as at a bridge.
    join_m
        Metres: a line that ends this near another ends on it.

    Returns
    -------
    Lines
        The same lines, in the same order, with more points: those that meet share one.
    """
    start = np.flatnonzero(lines.line[:-1] == lines.line[1:])
    segments = shapely.linestrings(np.stack([lines.lonlat[start], lines.lonlat[start + 1]], axis=1))
    tree = shapely.STRtree(segments)
    at_ends = _ends_on(lines, start, segments, tree, join_m)
    across = _crossings(lines, start, segments, tree, level)
    return _with_points(lines, start, *(np.concatenate(both) for both in zip(at_ends, across, strict=True)))


def _ends_on(
    lines: Lines, start: Ints, segments: NDArray[np.object_], tree: shapely.STRtree, join_m: float
) -> tuple[Ints, Floats]:
    """Find the segments that a line ends on, and the ends: a point there is put where the end is."""
    ends = np.unique(lines.lonlat[np.concatenate(lines.ends)], axis=0)
    dlat = max(join_m, 0.01) / METRES_PER_DEGREE
    lon, lat = ends.T
    dlon = dlat / np.cos(np.radians(lat))
    boxes = shapely.box(lon - dlon, lat - dlat, lon + dlon, lat + dlat)
    end, segment = tree.query(boxes, predicate="intersects")
    a, b = _planar(lines.lonlat[start[segment]], ends[end]), _planar(lines.lonlat[start[segment] + 1], ends[end])
    along = np.clip(-(a * (b - a)).sum(axis=1) / np.maximum(((b - a) ** 2).sum(axis=1), 1e-12), 0.0, 1.0)
    nearest = a + along[:, None] * (b - a)
    limit = max(join_m, 0.01)
    on = np.hypot(*nearest.T) <= limit
    on &= (np.hypot(*a.T) > limit) & (np.hypot(*b.T) > limit)  # else it meets a point that is there
    return segment[on], ends[end[on]]


def _planar(lonlat: Floats, origin: Floats) -> Floats:
    """Metres east and north of `origin`, for places near it."""
    offset = (lonlat - origin) * METRES_PER_DEGREE
    offset[:, 0] *= np.cos(np.radians(origin[:, 1]))
    return np.asarray(offset)


def _crossings(
    lines: Lines, start: Ints, segments: NDArray[np.object_], tree: shapely.STRtree, level: Ints
) -> tuple[Ints, Floats]:
    """Find the segments that cross within both, on one level, and where."""
    one, other = tree.query(segments, predicate="crosses")
    line = lines.line[start]
    meet = (one < other) & (level[line[one]] == level[line[other]])
    one, other = one[meet], other[meet]
    points = shapely.intersection(segments[one], segments[other])
    single = shapely.get_type_id(points) == shapely.GeometryType.POINT
    where = shapely.get_coordinates(points[single])
    return np.concatenate([one[single], other[single]]), np.concatenate([where, where])


def _with_points(lines: Lines, start: Ints, segment: Ints, points: Floats) -> Lines:
    """Put each point into its segment, in the order along it."""
    before = lines.lonlat[start[segment]]
    along = np.hypot(*(points - before).T)
    point = np.concatenate([np.arange(len(lines.lonlat)), start[segment]])
    order = np.lexsort([np.concatenate([np.zeros(len(lines.lonlat)), along]), point])
    added = np.bincount(lines.line[start[segment]], minlength=len(lines.offsets) - 1)
    return Lines(
        lonlat=np.concatenate([lines.lonlat, points])[order],
        offsets=lines.offsets + np.concatenate([[0], np.cumsum(added)]),
    )
