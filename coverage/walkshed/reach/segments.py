"""``Segments``: straight segments in a grid of cells, to find those near a place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Coords, Floats, Indices, Longs, kernel
from walkshed.network.plane import bounds_of

MOST_CELLS = 4_000_000


class Segments(NamedTuple):
    """Segments and the grid over them, as kernels take them.

    Attributes
    ----------
    coords
        (k, 2) points of polylines, metres.
    start
        (s,) the point at which each segment starts; it ends at the next.
    origin, cell
        (2,) the grid's corner, and the side of its cells in metres.
    height, width
        Rows and columns of cells.
    first, members
        (cells + 1,) and the segments of each cell, row by row: those of cell c are
        ``members[first[c]:first[c + 1]]``.
    """

    coords: Coords
    start: Longs
    origin: Floats
    cell: float
    height: int
    width: int
    first: Longs
    members: Indices


def bin_segments(coords: NDArray[np.float64], offsets: NDArray[np.int64], cell_m: float = 100.0) -> Segments:
    """Bin the segments of polylines.

    Parameters
    ----------
    coords, offsets
        (k, 2) points and (m + 1,) starts of m polylines.
    cell_m
        Side of a cell; larger where there would be too many.

    Returns
    -------
    Segments
        Its memory grows with the segments, not with their extent.
    """
    is_last = np.zeros(len(coords), dtype=bool)
    is_last[offsets[1:] - 1] = True
    start = np.flatnonzero(~is_last)
    if not len(start):
        nothing = np.zeros(2, dtype=np.int64)
        return Segments(np.zeros((1, 2)), start, np.zeros(2), cell_m, 1, 1, nothing, np.empty(0, dtype=np.int32))
    west, south, east, north = bounds_of(coords)
    origin, width, height = np.array((west, south)), max(east - west, 1.0), max(north - south, 1.0)
    cell_m = max(cell_m, float(np.sqrt(width * height / MOST_CELLS)))
    shape = (int(height // cell_m) + 1, int(width // cell_m) + 1)
    cells = shape[0] * shape[1]
    first = np.zeros(cells + 1, dtype=np.int64)
    _bin(coords, start, origin, cell_m, *shape, first[1:], np.empty(0, dtype=np.int32))
    np.cumsum(first, out=first)
    members = np.empty(first[-1], dtype=np.int32)
    _bin(coords, start, origin, cell_m, *shape, first[:-1].copy(), members)
    return Segments(coords, start, origin, cell_m, *shape, first, members)


@kernel
def _columns(
    ax: float, ay: float, bx: float, by: float, low: float, high: float, cell: float, width: int
) -> tuple[int, int]:
    """First and last column of cells that the segment touches between two heights."""
    if ay == by or (min(ay, by) >= low and max(ay, by) <= high):
        left, right = min(ax, bx), max(ax, bx)
    else:
        slope = (bx - ax) / (by - ay)
        x1 = ax + (min(max(low, min(ay, by)), max(ay, by)) - ay) * slope
        x2 = ax + (min(max(high, min(ay, by)), max(ay, by)) - ay) * slope
        left, right = min(x1, x2), max(x1, x2)
    # A millimetre of slack: a segment on a cell's border belongs to both sides.
    first = max(0, int((left - 1e-3) / cell))
    last = min(width - 1, int((right + 1e-3) / cell))
    return first, last


@kernel
def _bin(
    coords: Coords, start: Longs, origin: Floats, cell: float, height: int, width: int, fill: Longs, members: Indices
) -> None:
    """Go over the grid cells that each segment touches: count them in `fill`; or, given room, list it in each.

    `fill` then tells where each cell's list goes on.
    """
    for s in range(len(start)):
        p = start[s]
        ax, ay = coords[p, 0] - origin[0], coords[p, 1] - origin[1]
        bx, by = coords[p + 1, 0] - origin[0], coords[p + 1, 1] - origin[1]
        j0 = max(0, int((min(ay, by) - 1e-3) / cell))
        j1 = min(height - 1, int((max(ay, by) + 1e-3) / cell))
        for j in range(j0, j1 + 1):
            i0, i1 = _columns(ax, ay, bx, by, j * cell - 1e-3, (j + 1) * cell + 1e-3, cell, width)
            for i in range(i0, i1 + 1):
                c = j * width + i
                if len(members) > 0:
                    members[fill[c]] = s
                fill[c] += 1
