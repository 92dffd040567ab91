"""Exact distances to street on a grid, and polygons from them.

The distance to intervals of street is worked out exactly at the points of a grid and contoured: linear
between grid points, which at 8 m differs from the exact union of buffers of 100 m by about 0.1 % of the area.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals
from walkshed.analysis.outline import outline
from walkshed.compiled import Coords, FloatRows, Floats, Indices, Longs, Offsets, kernel
from walkshed.network.streets import Streets

EMPTY = shapely.MultiPolygon()

CELLS_A_LEG = 12.5
"""Grid steps on the longest straight leg: the worst of 400 areas then differs by less than 0.3 %."""

ON_LINE = 1e-6
"""Cells: nearer than this a place is on a grid line."""

MOST_POINTS = 20_000_000
"""Grid points that one drawing may take: 160 MB."""


class Canvas:
    """A grid over some street, on which distances to intervals of street are drawn.

    Parameters
    ----------
    streets
        The network.
    intervals
        What will be drawn: sets the grid's extent.
    reach_m
        The farthest distance that matters.
    cell_m
        The grid's spacing; its points lie at whole multiples of it, so that areas drawn apart agree.
    """

    def __init__(self, streets: Streets, intervals: Intervals, reach_m: float, cell_m: float) -> None:
        self._streets, self._cell_m = streets, cell_m
        self._far_m = reach_m + 2 * cell_m
        self._low = np.zeros(2)
        rows, columns = self.around(intervals)
        self._low = np.array((columns.start, rows.start), dtype=np.float64)
        self._shape: tuple[int, int] = (rows.stop - rows.start, columns.stop - columns.start)

    @property
    def is_too_large(self) -> bool:
        """Whether the grid would take too much memory; then exact buffers must serve."""
        return self._shape[0] * self._shape[1] > MOST_POINTS

    def blank(self) -> NDArray[np.float64]:
        """Return a grid on which nothing is drawn: everything is far."""
        return np.full(self._shape, self._far_m**2)

    def around(self, intervals: Intervals) -> tuple[slice, slice]:
        """Tell on which rows and columns of the grid distances to intervals of street are less than far."""
        x, y = cut_lines(self._streets, intervals)[0].T
        low, high = np.array((x.min(), y.min())), np.array((x.max(), y.max()))
        first = (np.floor((low - self._far_m) / self._cell_m) - self._low).astype(int)
        last = (np.ceil((high + self._far_m) / self._cell_m) - self._low).astype(int)
        columns, rows = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
        return rows, columns

    def draw(self, grid: NDArray[np.float64], intervals: Intervals) -> None:
        """Lower the squared distances on `grid` to those to `intervals`."""
        s = self._streets
        _draw(
            s.coords, s.offsets, s.along_m, intervals.edge, intervals.from_m, intervals.to_m,
            self._low * self._cell_m, self._columns_m(), self._cell_m, self._far_m, grid,
        )  # fmt: skip

    def draw_segments(self, grid: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
        """Lower the squared distances on `grid` to those to straight segments, (s, 2, 2) their ends."""
        s, nothing = len(ends), np.zeros(len(ends))
        length_m = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        _draw(
            np.ascontiguousarray(ends.reshape(-1, 2)), 2 * np.arange(s + 1), np.stack((nothing, length_m), 1).ravel(),
            np.arange(s, dtype=np.int32), nothing, length_m,
            self._low * self._cell_m, self._columns_m(), self._cell_m, self._far_m, grid,
        )  # fmt: skip

    def _columns_m(self) -> NDArray[np.float64]:
        return np.arange(self._shape[1], dtype=np.float64) * self._cell_m

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(2,) each: the low and the high corner in metres."""
        return self._low * self._cell_m, (self._low + self._shape[::-1]) * self._cell_m

    def xy_of(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.float64]:
        """(p, 2) where grid points lie, metres."""
        xy: NDArray[np.float64] = (np.stack((column, row), axis=1) + self._low) * self._cell_m
        return xy

    def neighbours(self, points: NDArray[np.float64]) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
        """Tell the row and column of the grid points on either side of places on grid lines: before, after."""
        place = points[:, ::-1] / self._cell_m - self._low[::-1]
        near = np.rint(place)
        on_line = np.abs(place - near) < ON_LINE
        before, after = (np.where(on_line, near, side(place)).astype(np.int64) for side in (np.floor, np.ceil))
        return (before[:, 0], before[:, 1]), (after[:, 0], after[:, 1])

    def contour(
        self,
        level: NDArray[np.float64],
        below: float,
        settle: Callable[[Floats], Floats] | None = None,
        corner: tuple[int, int] = (0, 0),
    ) -> shapely.MultiPolygon:
        """Turn the region where `level` is less than `below` into polygons with their holes.

        `settle` may move the outlines' points, (p, 2), along their grid lines: they do not cross by that. `level` may
        be a part of the grid; then `corner` tells its first row and column.
        """
        points, rings, polygons = outline(level, below)
        if not len(points):
            return EMPTY
        points = (points + corner[::-1] + self._low) * self._cell_m
        points = points if settle is None else settle(points)
        flat = np.array([0, len(polygons) - 1])
        whole = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, (rings, polygons, flat))[0]
        return whole if whole.is_valid else as_multi(shapely.make_valid(whole))


def as_multi(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Keep the polygons of any geometry, as one MultiPolygon."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def buffered(streets: Streets, intervals: Intervals, distance_m: float) -> shapely.MultiPolygon:
    """Unite the buffers of intervals of street: exact and slow."""
    if distance_m <= 0 or not len(intervals):
        return EMPTY
    return as_multi(shapely.union_all(shapely.buffer(lines_of(streets, intervals), distance_m, quad_segs=16)))


def lines_of(streets: Streets, intervals: Intervals) -> NDArray[np.object_]:
    """(i,) the intervals as LineStrings in the streets' CRS."""
    coords, offsets = cut_lines(streets, intervals)
    lines: NDArray[np.object_] = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (offsets,))
    return lines


def cut_lines(streets: Streets, intervals: Intervals) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut out the polyline of each of i intervals: (k, 2) points in metres and (i + 1,) where each starts."""
    edge, (first, after) = intervals.edge, (streets.offsets[:-1], streets.offsets[1:])
    most = int((after[edge] - first[edge]).sum()) + 2 * len(edge)  # none has more vertices than its edge, and two ends
    xy, offsets = np.empty((most, 2)), np.zeros(len(edge) + 1, np.int64)
    _cut_lines(streets.coords, streets.offsets, streets.along_m, edge, intervals.from_m, intervals.to_m, xy, offsets)
    return xy[: offsets[-1]], offsets


@kernel
def _draw(
    coords: Coords,
    offsets: Offsets,
    along: Floats,
    edges: Indices,
    from_m: Floats,
    to_m: Floats,
    origin: Floats,
    xs: Floats,
    cell: float,
    far: float,
    grid: FloatRows,
) -> None:
    """Lower each grid point within `far` of a segment to the squared distance to it.

    Rows are taken as slices, and their places from a table, `xs`, so that the compiler works on several points at a
    time.
    """
    height, width = grid.shape
    for k in range(len(edges)):
        for p in range(offsets[edges[k]], offsets[edges[k] + 1] - 1):
            start, end = max(from_m[k], along[p]), min(to_m[k], along[p + 1])
            if start > end or (start == end and along[p] < along[p + 1]):
                continue
            run = along[p + 1] - along[p]
            t0 = (start - along[p]) / run if run > 0 else 0.0
            t1 = (end - along[p]) / run if run > 0 else 1.0
            sx, sy = coords[p + 1, 0] - coords[p, 0], coords[p + 1, 1] - coords[p, 1]
            ax, ay = coords[p, 0] + t0 * sx - origin[0], coords[p, 1] + t0 * sy - origin[1]
            dx, dy = (t1 - t0) * sx, (t1 - t0) * sy
            square = dx * dx + dy * dy
            tx, ty = (dx / square, dy / square) if square > 0 else (0.0, 0.0)
            i0 = max(0, int((min(ax, ax + dx) - far) / cell))
            i1 = min(width - 1, int((max(ax, ax + dx) + far) / cell) + 1)
            j0 = max(0, int((min(ay, ay + dy) - far) / cell))
            j1 = min(height - 1, int((max(ay, ay + dy) + far) / cell) + 1)
            x = xs[i0 : i1 + 1]
            for j in range(j0, j1 + 1):
                qy = j * cell - ay
                row = grid[j, i0 : i1 + 1]
                for i in range(len(row)):
                    qx = x[i] - ax
                    t = min(max(qx * tx + qy * ty, 0.0), 1.0)
                    ex, ey = qx - t * dx, qy - t * dy
                    row[i] = min(row[i], ex * ex + ey * ey)


@kernel
def _cut_lines(
    coords: Coords,
    offsets: Offsets,
    along: Floats,
    edges: Indices,
    from_m: Floats,
    to_m: Floats,
    out: FloatRows,
    out_offsets: Longs,
) -> None:
    """Write the polyline of each interval: its two ends and the vertices between."""
    n = 0
    for k in range(len(edges)):
        last = offsets[edges[k] + 1] - 1
        p = offsets[edges[k]]
        for turn in range(2):
            at = from_m[k] if turn == 0 else to_m[k]
            while p < last - 1 and along[p + 1] < at:
                p += 1
                if turn == 1 and along[p] > from_m[k]:
                    out[n, 0], out[n, 1] = coords[p, 0], coords[p, 1]
                    n += 1
            run = along[p + 1] - along[p]
            t = min(max((at - along[p]) / run, 0.0), 1.0) if run > 0 else 0.0
            out[n, 0] = coords[p, 0] + t * (coords[p + 1, 0] - coords[p, 0])
            out[n, 1] = coords[p, 1] + t * (coords[p + 1, 1] - coords[p, 1])
            n += 1
        out_offsets[k + 1] = n
