"""The sea within a box, made of coastlines: OpenStreetMap draws them with the land to their left."""

from __future__ import annotations

from math import cos, radians
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.clip import Box

Shapes = NDArray[np.object_]

SAME_DEG = 1e-9
"""What is nearer than a tenth of a millimetre lies on a coastline."""

SHORT_DEG = 1e-7
"""What is shorter than OpenStreetMap's own coordinates are exact tells nothing: it may lie on several at once."""


class Sea(NamedTuple):
    """The sea within a box, in degrees.

    Attributes
    ----------
    parts
        (s,) polygons within the box.
    lines
        (k,) the coastlines within it, from where they meet something to where they meet something.
    coast
        (k,) int64, the coastline that each of them is of.
    is_shore
        (k,) bool, whether it bounds one of the parts.
    """

    parts: Shapes
    lines: Shapes
    coast: NDArray[np.int64]
    is_shore: NDArray[np.bool_]


def sea_within(box: Box, coasts: Shapes) -> Sea:
    """Make the sea of the coastlines in a box.

    They cut the box into parts: one is sea if it lies to the right of a coastline, and to the left of none. Where the
    rest of a coastline is not in the file, the sea ends, square to it, since nobody knows how it goes on. A coast of
    which nothing at all is in the file is not known of: there the sea goes on to the edge of the box.

    Parameters
    ----------
    box
        Degrees.
    coasts
        (n,) lines in degrees, in the direction in which they were drawn; None where there is none.
    """
    lines, coast = shapely.get_parts(shapely.clip_by_rect(coasts, *box), return_index=True)
    drawn, line = _edges(lines)
    if not len(drawn):
        return Sea(lines[:0], lines[:0], coast[:0], np.empty(0, dtype=np.bool_))
    noded = shapely.get_parts(shapely.union_all([*lines, *_limits(box, drawn), shapely.box(*box).exterior]))
    parts = shapely.get_parts(shapely.polygonize(noded))
    # Lines from node to node have the same parts beside them all along, so that one edge of each tells.
    row, edges = _longest(noded)
    some, along, same_way = _on(edges, drawn)
    row, (left, right) = row[some], _beside(edges[some], parts)
    to_land, to_sea = np.where(same_way, left, right), np.where(same_way, right, left)
    is_sea = np.zeros(len(parts) + 1, dtype=np.bool_)  # the last for what is no part: -1
    is_sea[to_sea] = True
    is_sea[to_land] = False
    loose = shapely.line_interpolate_point(noded[row[left == right]], 0.5, normalized=True)
    is_sea[shapely.STRtree(parts).query(loose, predicate="intersects")[1]] = False
    is_sea[-1] = False
    once = np.unique(row, return_index=True)[1]
    sea = shapely.get_parts(shapely.coverage_union_all(parts[is_sea[:-1]]))  # without the seams that limits leave
    return Sea(sea, noded[row[once]], coast[line[along[once]]], is_sea[to_sea[once]])


def _limits(box: Box, drawn: NDArray[np.float64]) -> Shapes:
    """Draw lines out to sea from where coastlines end within the box."""
    west, south, east, north = box
    drawn = np.unique(drawn, axis=0)
    _, row, times = np.unique(drawn.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True)
    edge, which = np.nonzero(times[row].reshape(-1, 2) == 1)
    x, y = drawn[edge, 2 * which], drawn[edge, 2 * which + 1]
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    edge, x, y = edge[inside], x[inside], y[inside]
    shrink = cos(radians((south + north) / 2))  # degrees of longitude are shorter
    to_east, to_north = (drawn[edge, 2] - drawn[edge, 0]) * shrink, drawn[edge, 3] - drawn[edge, 1]
    far = (east - west + north - south) / np.hypot(to_east, to_north)
    ends = np.column_stack((x, y, x + far * to_north / shrink, y - far * to_east))
    limits: Shapes = shapely.clip_by_rect(shapely.linestrings(ends.reshape(-1, 2, 2)), *box)
    return limits


def _edges(lines: Shapes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Take lines apart into edges: (e, 4) their ends, and (e,) the line of each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    within = (line[1:] == line[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    return np.column_stack((xy[:-1], xy[1:]))[within], line[1:][within]


def _longest(lines: Shapes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose the longest edge of each line; none of those too short to tell anything."""
    edges, line = _edges(lines)
    length = _length(edges)
    order = np.lexsort((length, line))
    last = order[np.append(line[order][1:] != line[order][:-1], True)]
    last = last[length[last] > SHORT_DEG]
    return line[last], edges[last]


def _on(
    edges: NDArray[np.float64], drawn: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Tell which edges lie on which of those that were drawn, and whether they go the same way."""
    middle = shapely.points((edges[:, :2] + edges[:, 2:]) / 2)
    tree = shapely.STRtree(shapely.linestrings(drawn.reshape(-1, 2, 2)))
    edge, along = tree.query(middle, predicate="dwithin", distance=SAME_DEG)
    one, other = edges[edge], drawn[along]
    turn = ((one[:, 2:] - one[:, :2]) * (other[:, 2:] - other[:, :2])).sum(axis=1) / _length(one) / _length(other)
    lies = np.abs(turn) > 0.5  # and does not cross it
    return edge[lies], along[lies], turn[lies] > 0


def _beside(edges: NDArray[np.float64], parts: Shapes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tell which part lies to the left and to the right of each edge; -1 for none."""
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)  # what they hold to their left
    around, ring = _edges(rings)
    at = [ends[:, i] + 1j * ends[:, i + 1] for ends, i in ((around, 0), (edges, 0), (edges, 2))]
    few = np.isin(at[0], np.concatenate(at[1:]))  # of most edges around the parts nobody asks
    around, ring = around[few], ring[few]
    every = np.concatenate((around, edges, edges[:, [2, 3, 0, 1]])) + 0.0
    alike = np.unique(every, axis=0, return_inverse=True)[1].reshape(-1)
    of = np.full(len(every), -1)
    of[alike[: len(around)]] = part[ring]
    left, right = np.split(of[alike[len(around) :]], 2)
    return left, right


def _length(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
