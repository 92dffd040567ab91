"""Intervals of street: which metres of which edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.network.streets import Streets

FEW = 64
"""So many rows are sorted by moving each to its place."""

SAME_PLACE_M = 1e-6

SLIVER_SHARE = 0.01
"""Two polygons that share less of the smaller one's ground than this are neighbours, drawn carelessly."""


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

    def take(self, rows: NDArray[np.generic] | slice) -> Intervals:
        """Take some of the rows, by mask, index or slice."""
        return Intervals(self.edge[rows], self.from_m[rows], self.to_m[rows], self.of[rows])

    def merged(self) -> Intervals:
        """Join rows of one owner on one edge that overlap or touch; sorted by owner, edge, place."""
        if not len(self):
            return self
        # One key of whole numbers sorts several times as fast as three; the kernel sorts places, where they are few.
        key = self.of.astype(np.int64) * (int(self.edge.max()) + 1) + self.edge
        order = np.argsort(key)
        begins = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0])
        if np.diff(begins, append=len(key)).max() > FEW:
            order = np.lexsort((self.from_m, key))
        edge, start, end, of = self.edge[order], self.from_m[order], self.to_m[order], self.of[order]
        head, reach = np.empty(len(edge), np.int64), np.empty(len(edge))
        count = _runs(edge, start, end, of, head, reach)
        head = head[:count]
        return Intervals(edge[head], start[head], reach[:count].copy(), of[head])


@kernel
def _runs(edge: Indices, start: Floats, end: Floats, of: Indices, head: Longs, reach: Floats) -> int:
    """Sort the rows of each owner and edge by place, and find where each joined row begins, and how far it reaches.

    Returns
    -------
    int
        How many of `head` and `reach` are filled.
    """
    n = first = 0
    for i in range(len(edge)):
        if i > 0 and (of[i] != of[i - 1] or edge[i] != edge[i - 1]):
            first = i
        a, b, j = start[i], end[i], i
        while j > first and start[j - 1] > a:
            start[j], end[j] = start[j - 1], end[j - 1]
            j -= 1
        start[j], end[j] = a, b
    for i in range(len(edge)):
        if i > 0 and of[i] == of[i - 1] and edge[i] == edge[i - 1] and start[i] <= reach[n - 1] + SAME_PLACE_M:
            reach[n - 1] = max(reach[n - 1], end[i])
        else:
            head[n], reach[n] = i, end[i]
            n += 1
    return n


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
        The street inside each polygon, to the float; `of` is the polygon's index. Street along a border of
        two polygons belongs to the first; where polygons overlap on the ground it belongs to each.
    """
    lines = streets.lines
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
    return _borders_once(joined(inside, crossing).merged(), polygons)


def _borders_once(inside: Intervals, polygons: NDArray[np.object_]) -> Intervals:
    """Take street along a common border out of the second of two polygons that share no ground."""
    order = np.lexsort((inside.from_m, inside.edge))
    edge = inside.edge[order]
    again = (edge[1:] == edge[:-1]) & (inside.from_m[order][1:] < inside.to_m[order][:-1] - SAME_PLACE_M)
    doubtful = np.isin(inside.edge, edge[1:][again])
    if not doubtful.any():
        return inside
    kept = [inside.take(~doubtful)]
    share_ground: dict[tuple[int, int], bool] = {}
    rows = inside.take(doubtful)
    for e in np.unique(rows.edge):
        own = rows.take(rows.edge == e)
        for i in np.unique(own.of):
            mine = own.take(own.of == i)
            earlier = [
                j for j in np.unique(own.of[own.of < i]) if not _share_ground(int(j), int(i), polygons, share_ground)
            ]
            kept.append(_less(mine, own.take(np.isin(own.of, earlier))))
    return _sorted(joined(*kept))


def _share_ground(i: int, j: int, polygons: NDArray[np.object_], known: dict[tuple[int, int], bool]) -> bool:
    """Tell whether two polygons overlap by more than the slivers that drawing leaves."""
    if (i, j) not in known:
        least = min(polygons[i].area, polygons[j].area)
        known[(i, j)] = polygons[i].intersection(polygons[j]).area > SLIVER_SHARE * least
    return known[(i, j)]


def _less(a: Intervals, b: Intervals) -> Intervals:
    """Cut `b` out of `a`; both are of one edge."""
    cuts = np.unique(np.concatenate((a.from_m, a.to_m, b.from_m, b.to_m)))
    start, end = cuts[:-1], cuts[1:]
    middle = (start + end) / 2
    in_a = ((a.from_m[:, None] < middle) & (middle < a.to_m[:, None])).any(axis=0)
    in_b = ((b.from_m[:, None] < middle) & (middle < b.to_m[:, None])).any(axis=0)
    left = in_a & ~in_b & (end - start > SAME_PLACE_M)
    n = int(left.sum())
    return Intervals(np.full(n, a.edge[0]), start[left], end[left], np.full(n, a.of[0]))


def _sorted(rows: Intervals) -> Intervals:
    return rows.take(np.lexsort((rows.from_m, rows.edge, rows.of)))


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


def joined(*rows: Intervals) -> Intervals:
    """Put intervals one after the other."""
    return Intervals(
        np.concatenate([r.edge for r in rows]).astype(np.int32),
        np.concatenate([r.from_m for r in rows]),
        np.concatenate([r.to_m for r in rows]),
        np.concatenate([r.of for r in rows]).astype(np.int32),
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
