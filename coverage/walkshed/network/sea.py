"""The sea within a box, made of coastlines: OpenStreetMap draws them with the land to their left."""

from __future__ import annotations

from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.clip import Box

Shapes = NDArray[np.object_]

SAME_DEG = 1e-9
"""What is nearer than a tenth of a millimetre lies on a coastline."""


def sea_within(box: Box, coasts: Shapes) -> tuple[Shapes, NDArray[np.bool_]]:
    """Make the sea of the coastlines in a box.

    They cut the box into parts: one is sea if it lies to the right of a coastline, and to the left of none. Where the
    rest of a coastline is not in the file, the sea ends, square to it, since nobody knows how it goes on.

    Parameters
    ----------
    box
        Degrees.
    coasts
        (n,) lines in degrees, in the direction in which they were drawn; None where there is none.

    Returns
    -------
    sea
        Polygons in degrees.
    tells
        (n,) whether each coastline bounds one of them.
    """
    tells = np.zeros(len(coasts), dtype=np.bool_)
    lines, coast = shapely.get_parts(shapely.clip_by_rect(coasts, *box), return_index=True)
    if not len(lines):
        return lines, tells
    drawn, line = _edges(lines)
    parts, loose = _parts([*lines, *_limits(box, drawn), shapely.box(*box).exterior])
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)  # what they hold to their left
    edges, ring = _edges(rings)
    edge, along, same_way = _on(edges, drawn)
    beside = part[ring[edge]]
    sea, land = (np.bincount(beside[where], minlength=len(parts)) > 0 for where in (~same_way, same_way))
    sea &= ~land
    sea[shapely.STRtree(parts).query(loose, predicate="intersects")[1]] = False
    tells[coast[line[along[sea[beside]]]]] = True
    return parts[sea], tells


def _limits(box: Box, drawn: NDArray[np.float64]) -> Shapes:
    """Draw lines out to sea from where coastlines end within the box."""
    west, south, east, north = box
    _, row, times = np.unique(drawn.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True)
    end = (times[row.reshape(-1)] == 1).reshape(-1, 2)
    edge, which = np.nonzero(end)
    x, y = drawn[edge, 2 * which], drawn[edge, 2 * which + 1]
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    edge, x, y = edge[inside], x[inside], y[inside]
    shrink = cos(radians((south + north) / 2))  # degrees of longitude are shorter
    to_east, to_north = (drawn[edge, 2] - drawn[edge, 0]) * shrink, drawn[edge, 3] - drawn[edge, 1]
    far = (east - west + north - south) / np.hypot(to_east, to_north)
    out = np.column_stack((x + far * to_north / shrink, y - far * to_east))
    limits: Shapes = shapely.clip_by_rect(shapely.linestrings(np.stack((np.column_stack((x, y)), out), axis=1)), *box)
    return limits


def _parts(lines: list[shapely.Geometry]) -> tuple[Shapes, Shapes]:
    """Find the parts that lines enclose; tell a point of each line, too, that has the same part on both sides."""
    noded = shapely.get_parts(shapely.union_all(lines))
    parts, cuts, dangles, _ = (shapely.get_parts(found) for found in shapely.polygonize_full(noded))
    return parts, shapely.line_interpolate_point(np.concatenate((cuts, dangles)), 0.5, normalized=True)


def _edges(lines: Shapes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Take lines apart into edges: (e, 4) their ends, and (e,) the line of each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    within = (line[1:] == line[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    return np.column_stack((xy[:-1], xy[1:]))[within], line[1:][within]


def _on(
    edges: NDArray[np.float64], drawn: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Tell which edges lie on which of those that were drawn, and whether they go the same way."""
    middle = shapely.points((edges[:, :2] + edges[:, 2:]) / 2)
    edge, along = shapely.STRtree(shapely.linestrings(drawn.reshape(-1, 2, 2))).query(
        middle, predicate="dwithin", distance=SAME_DEG
    )
    one, other = (ends[:, 2:] - ends[:, :2] for ends in (edges[edge], drawn[along]))
    turn = (one * other).sum(axis=1) / np.hypot(*one.T) / np.hypot(*other.T)
    lies = np.abs(turn) > 0.5  # and does not cross it
    return edge[lies], along[lies], turn[lies] > 0
