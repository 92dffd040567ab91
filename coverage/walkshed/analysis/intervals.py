"""Intervals of street: which metres of which edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.streets import Streets

SAME_PLACE_M = 1e-6


def add_up(values: NDArray[np.float64], of: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """(count,) the sum of the values of each owner 0 to `count` less 1."""
    return np.bincount(of, weights=values, minlength=count).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Intervals:
    """Rows of "edge, from metre, to metre", each with the number of what it belongs to.

    Attributes
    ----------
    edge
        (i,) int32.
    from_m, to_m
        (i,) float64, metres along the edge.
    of
        (i,) int32: the polygon, gap or depth group that the interval belongs to.
    """

    edge: NDArray[np.int32]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    of: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def length_m(self) -> NDArray[np.float64]:
        """(i,) metres."""
        return self.to_m - self.from_m

    def take(self, rows: NDArray[np.generic]) -> Intervals:
        """Take some of the rows, by mask or index."""
        return Intervals(self.edge[rows], self.from_m[rows], self.to_m[rows], self.of[rows])

    def merged(self) -> Intervals:
        """Join rows of one owner on one edge that overlap or touch; sorted by owner, edge, place."""
        if not len(self):
            return self
        order = np.lexsort((self.from_m, self.edge, self.of))
        edge, start, end, of = self.edge[order], self.from_m[order], self.to_m[order], self.of[order]
        first_of_key = np.ones(len(order), dtype=bool)
        first_of_key[1:] = (edge[1:] != edge[:-1]) | (of[1:] != of[:-1])
        # A running maximum of the ends that starts anew at each key: lift the keys apart first.
        lift = np.cumsum(first_of_key) * (float(end.max()) + 1.0)
        reach = np.maximum.accumulate(end + lift) - lift
        fresh = first_of_key.copy()
        fresh[1:] |= start[1:] > reach[:-1] + SAME_PLACE_M
        head = np.flatnonzero(fresh)
        tail = np.append(head[1:], len(order)) - 1
        return Intervals(edge[head], start[head], reach[tail], of[head])


def inside_polygons(streets: Streets, polygons: NDArray[np.object_]) -> Intervals:
    """Cut the streets at the borders of polygons.

    Parameters
    ----------
    streets
        The network.
    polygons
        (z,) valid (Multi)Polygons in the streets' CRS; they may overlap.

    Returns
    -------
    Intervals
        The street inside each polygon, to the float; `of` is the polygon's index.
    """
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, streets.coords, (streets.offsets,))
    tree = shapely.STRtree(lines)
    polygon, edge = tree.query(polygons, predicate="intersects")
    shapely.prepare(polygons)
    whole = shapely.contains_properly(polygons[polygon], lines[edge])
    length = streets.edge_length_m
    inside = Intervals(
        edge[whole].astype(np.int32),
        np.zeros(whole.sum()),
        length[edge[whole]],
        polygon[whole].astype(np.int32),
    )
    crossing = _clip_segments(streets, polygons, edge[~whole], polygon[~whole])
    return _joined(inside, crossing).merged()


def _clip_segments(
    streets: Streets,
    polygons: NDArray[np.object_],
    edge: NDArray[np.int64],
    polygon: NDArray[np.int64],
) -> Intervals:
    """Clip edges to polygons one straight segment at a time, so that a street that crosses itself is exact."""
    counts = np.diff(streets.offsets)[edge] - 1
    pair = np.repeat(np.arange(len(edge)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    p = streets.offsets[edge][pair] + nth
    a, b = streets.coords[p], streets.coords[p + 1]
    parts, row = shapely.get_parts(
        shapely.intersection(shapely.linestrings(np.stack((a, b), axis=1)), polygons[polygon][pair]),
        return_index=True,
    )
    is_line = shapely.length(parts) > 0  # a segment may also just touch, or miss
    parts, row = parts[is_line], row[is_line]
    direction = b[row] - a[row]
    square = (direction**2).sum(axis=1)
    ends = [
        np.clip(
            ((shapely.get_coordinates(shapely.get_point(parts, i)) - a[row]) * direction).sum(axis=1) / square,
            0,
            1,
        )
        for i in (0, -1)
    ]
    low, high = np.minimum(*ends), np.maximum(*ends)
    start, run = streets.along_m[p[row]], streets.along_m[p[row] + 1] - streets.along_m[p[row]]
    return Intervals(
        edge[pair[row]].astype(np.int32),
        start + low * run,
        start + high * run,
        polygon[pair[row]].astype(np.int32),
    )


def _joined(a: Intervals, b: Intervals) -> Intervals:
    return Intervals(
        np.concatenate((a.edge, b.edge)),
        np.concatenate((a.from_m, b.from_m)),
        np.concatenate((a.to_m, b.to_m)),
        np.concatenate((a.of, b.of)),
    )


def whole_edges(streets: Streets) -> Intervals:
    """All street: one interval an edge, owned by 0."""
    m = len(streets)
    return Intervals(
        np.arange(m, dtype=np.int32), np.zeros(m), streets.edge_length_m.copy(), np.zeros(m, dtype=np.int32)
    )


def overlap(a: Intervals, b: Intervals) -> Intervals:
    """Cut each row of `a` to each row of `b` on the same edge; `of` is that of `a`.

    Parameters
    ----------
    a
        Any intervals.
    b
        Sorted by edge and place, not overlapping one another (as `merged` of one owner gives them).
    """
    first, last = np.searchsorted(b.edge, a.edge), np.searchsorted(b.edge, a.edge, side="right")
    pairs = last - first
    row = np.repeat(np.arange(len(a)), pairs)
    other = np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs) + np.repeat(first, pairs)
    start = np.maximum(a.from_m[row], b.from_m[other])
    end = np.minimum(a.to_m[row], b.to_m[other])
    keep = end > start
    return Intervals(a.edge[row][keep], start[keep], end[keep], a.of[row][keep])
