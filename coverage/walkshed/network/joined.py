"""``Lines``: street lines of a table or a graph, and how their points become the nodes of one network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.build import Ways, build_streets
from walkshed.network.chains import components
from walkshed.network.clip import Box, Clip
from walkshed.network.plane import bounds_of, check_degrees
from walkshed.network.streets import Source, Streets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GRID = 1e-7  # degrees, about 1 cm: points this near are one point, as in OpenStreetMap itself
WEST_SOUTH = np.array([-180.0, -90.0])
METRES_PER_DEGREE = 111_320.0  # of longitude at the equator: good to a percent, for joining what nearly meets
WIDEST = 5.0  # times the tolerance: a chain of ends wider than this is no junction any more


@dataclass(frozen=True, kw_only=True)
class Lines:
    """m lines of k points.

    Attributes
    ----------
    lonlat
        (k, 2) degrees, WGS 84.
    offsets
        (m + 1,): the points of line i are ``lonlat[offsets[i]:offsets[i + 1]]``, at least two.
    """

    lonlat: Floats
    offsets: Ints

    @classmethod
    def of(cls, shapes: NDArray[np.object_], what: str) -> Lines:
        """Take the points of LineStrings in degrees.

        Raises
        ------
        InputError
            If a coordinate is not a degree.
        """
        _, lonlat, (offsets,) = shapely.to_ragged_array(shapely.force_2d(shapes))
        check_degrees(lonlat, what)
        return cls(lonlat=lonlat, offsets=offsets.astype(np.int64))

    @property
    def line(self) -> Ints:
        """(k,) the line that each point belongs to."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def ends(self) -> tuple[Ints, Ints]:
        """(m,) and (m,): the first and the last point of each line."""
        return self.offsets[:-1], self.offsets[1:] - 1

    @property
    def extent(self) -> Box:
        """West, south, east, north in degrees."""
        return bounds_of(self.lonlat)


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """What the points of lines stand for.

    Attributes
    ----------
    of_point
        (k,) index of the node that each point is.
    node_id
        (n,) unique.
    lonlat
        (n, 2) degrees, WGS 84.
    """

    of_point: Ints
    node_id: Ints
    lonlat: Floats


def build_from_lines(
    lines: Lines, nodes: Nodes, ways: Ways, source: Source, min_island_m: float, keep: Clip | None = None
) -> Streets:
    """Hand the lines on to `build_streets`; `ways` holds one row a line.

    Raises
    ------
    InputError, NoStreetsError
        As `build_streets`.
    """
    line = lines.line
    inside = line[:-1] == line[1:]
    return build_streets(
        node_id=nodes.node_id,
        lonlat=nodes.lonlat,
        seg_a=nodes.of_point[:-1][inside],
        seg_b=nodes.of_point[1:][inside],
        seg_way=line[:-1][inside],
        ways=ways,
        source=source,
        min_island_m=min_island_m,
        keep=keep,
    )


def places(lonlat: Floats) -> tuple[Ints, Floats]:
    """Number the distinct places, from west to east.

    Returns
    -------
    of_point, lonlat
        (k,) the place of each point, and (p, 2) where each place is: whatever the order of the points.
    """
    steps = np.round((lonlat - WEST_SOUTH) / GRID).astype(np.uint64)
    key = (steps[:, 0] << np.uint64(32)) | steps[:, 1]  # 32 bits each: 3.6e9 steps around the world
    order = np.lexsort([lonlat[:, 1], lonlat[:, 0], key])
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = np.diff(key[order]) != 0
    of_point = np.empty(len(order), dtype=np.int64)
    of_point[order] = np.cumsum(new) - 1
    return of_point, lonlat[order[new]]


def nodes_by_place(lines: Lines, level: Ints, join_m: float) -> Nodes:
    """Join lines where their ends meet within `join_m`, and at points that lines share.

    A point within two lines joins them only where they are on one level: a bridge is not joined to the road
    below it, even if both have a point at the crossing.

    Parameters
    ----------
    lines
        The lines.
    level
        (m,) from 0: lines of one level meet where they share a point.
    join_m
        Metres. Ends that chain farther than five times this are joined to a direct neighbour only.

    Returns
    -------
    Nodes
        Numbered from 1, from west to east.
    """
    place, where = places(lines.lonlat)
    first, last = lines.ends
    ends = np.unique(np.concatenate([place[first], place[last]]))
    joined = np.arange(len(where))
    joined[ends] = ends[clusters(where[ends], join_m)]
    is_end = np.zeros(len(where), dtype=np.bool_)
    is_end[ends] = True
    apart = np.where(is_end[place], 0, level[lines.line])
    key = joined[place] * (int(level.max(initial=0)) + 1) + apart
    _, one, of_point = np.unique(key, return_index=True, return_inverse=True)
    return Nodes(of_point=of_point, node_id=np.arange(1, len(one) + 1), lonlat=where[joined[place[one]]])


def nodes_by_name(lines: Lines, u: Ints, v: Ints, node_id: Ints, lonlat: Floats) -> Nodes:
    """Take the ends of the lines for the nodes that they name; nothing else joins them.

    Points at one place within lines between the same two nodes are one, so that both directions of a street
    count once, and parallel streets stay apart.

    Parameters
    ----------
    lines
        The lines, from u to v.
    u, v
        (m,) indices of the nodes at the two ends.
    node_id, lonlat
        (n,) ids and (n, 2) degrees of the nodes.
    """
    place, where = places(lines.lonlat)
    first, last = lines.ends
    within = np.ones(len(place), dtype=np.bool_)
    within[first] = within[last] = False
    pair = np.unique(np.minimum(u, v) * len(node_id) + np.maximum(u, v), return_inverse=True)[1]
    key = pair[lines.line[within]] * len(where) + place[within]
    kinds, one, inner = np.unique(key, return_index=True, return_inverse=True)
    of_point = np.empty(len(place), dtype=np.int64)
    of_point[first], of_point[last] = u, v
    of_point[within] = len(node_id) + inner
    above = int(node_id.max(initial=0)) + 1
    return Nodes(
        of_point=of_point,
        node_id=np.concatenate([node_id, np.arange(above, above + len(kinds))]),
        lonlat=np.concatenate([lonlat, where[place[within][one]]]),
    )


def clusters(lonlat: Floats, within_m: float) -> Ints:
    """Find for each place the one it is joined to: the westernmost of all that chain within `within_m`.

    Where a chain grows wider than a few times `within_m`, each place joins a direct neighbour instead.

    Parameters
    ----------
    lonlat
        (p, 2) degrees, distinct, from west to east.
    within_m
        Metres.

    Returns
    -------
    array
        (p,) indices, never above the place's own.
    """
    a, b = _neighbours(lonlat, within_m)
    root = components(a.astype(np.int32), b.astype(np.int32), len(lonlat)).astype(np.int64)
    wide = _too_wide(lonlat, root, within_m)[root]
    chained = wide[a]
    root[wide] = np.flatnonzero(wide)
    for low, high in zip(a[chained], b[chained], strict=True):
        if root[low] == low and root[high] == high:
            root[high] = low
    return root


def _neighbours(lonlat: Floats, within_m: float) -> tuple[Ints, Ints]:
    """Pair the places within `within_m` of each other, each pair once, lower first, in order."""
    dlat = within_m / METRES_PER_DEGREE * 1.01
    dlon = dlat / np.cos(np.radians(np.clip(lonlat[:, 1], -89.0, 89.0)))
    lon, lat = lonlat.T
    boxes = shapely.box(lon - dlon, lat - dlat, lon + dlon, lat + dlat)
    a, b = shapely.STRtree(shapely.points(lonlat)).query(boxes, predicate="intersects")
    once = a < b
    a, b = a[once], b[once]
    near = _apart_m(lonlat[a], lonlat[b]) <= within_m
    order = np.lexsort([b[near], a[near]])
    return a[near][order], b[near][order]


def _apart_m(here: Floats, there: Floats) -> Floats:
    """Metres between places a few metres apart, at most."""
    dlon, dlat = (there - here).T
    return np.asarray(np.hypot(dlon * np.cos(np.radians(here[:, 1])), dlat) * METRES_PER_DEGREE)


def _too_wide(lonlat: Floats, root: Ints, within_m: float) -> NDArray[np.bool_]:
    """Tell, for each place that is a root, whether what it stands for spreads too far."""
    least, most = np.full_like(lonlat, np.inf), np.full_like(lonlat, -np.inf)
    np.minimum.at(least, root, lonlat)
    np.maximum.at(most, root, lonlat)
    wide = np.zeros(len(root), dtype=np.bool_)
    used = np.unique(root)
    wide[used] = _apart_m(least[used], most[used]) > WIDEST * within_m
    return wide
