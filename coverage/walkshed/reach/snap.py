"""Snap points to the nearest point of the nearest street, mid-edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.network.streets import Streets

MOST_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Snaps:
    """Where p points stand on the streets.

    Attributes
    ----------
    edge
        (p,) int32, the nearest street; -1 where none is within reach.
    at_m
        (p,) float64, metres along it from its first node.
    leg_m
        (p,) float64, the straight leg in metres; infinite where there is no street.
    xy
        (p, 2) float64, the point on the street, in the streets' CRS; NaN where there is none.
    """

    edge: NDArray[np.int32]
    at_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]
    xy: NDArray[np.float64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(p,) whether there is a street within reach."""
        return self.edge >= 0


class Snapper:
    """A grid over the segments of the streets, to find the nearest one to any point.

    Parameters
    ----------
    streets
        The network; the grid's memory grows with its segments, not with its extent.
    """

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        is_last = np.zeros(len(streets.coords), dtype=bool)
        is_last[streets.offsets[1:] - 1] = True
        self._segment = np.flatnonzero(~is_last)
        self._edge = np.repeat(np.arange(len(streets), dtype=np.int32), np.diff(streets.offsets) - 1)
        self._origin = streets.coords.min(axis=0)
        width, height = np.maximum(streets.coords.max(axis=0) - self._origin, 1.0)
        self._cell_m = max(100.0, float(np.sqrt(width * height / MOST_CELLS)))
        self._shape = (int(height // self._cell_m) + 1, int(width // self._cell_m) + 1)
        self._first, self._members = _bin_segments(
            streets.coords, self._segment, self._origin, self._cell_m, self._shape
        )

    def snap(self, xy: NDArray[np.float64], max_snap_m: float) -> Snaps:
        """Find the nearest street of every point.

        Parameters
        ----------
        xy
            (p, 2) metres in the streets' CRS.
        max_snap_m
            Farther streets are not looked at.

        Returns
        -------
        Snaps
            Of two streets at the same distance, the one of the lower index.
        """
        edge, at_m, leg_m, foot = _nearest(
            np.ascontiguousarray(xy, dtype=np.float64),
            max_snap_m,
            self.streets.coords,
            self.streets.along_m,
            self._segment,
            self._edge,
            self._origin,
            self._cell_m,
            self._shape,
            self._first,
            self._members,
        )
        return Snaps(edge, at_m, leg_m, foot)


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
    first = max(0, int((left - 1e-3) // cell))
    last = min(width - 1, int((right + 1e-3) // cell))
    return first, last


@kernel
def _bin_segments(
    coords: Floats, segment: Longs, origin: Floats, cell: float, shape: tuple[int, int]
) -> tuple[Longs, Indices]:
    """List for each grid cell the segments that touch it: (cells + 1,) starts and the members."""
    height, width = shape
    first = np.zeros(height * width + 1, np.int64)
    members = np.empty(0, np.int32)
    for turn in range(2):  # count, then fill
        if turn == 1:
            for c in range(height * width):
                first[c + 1] += first[c]
            members = np.empty(first[-1], np.int32)
            fill = first[:-1].copy()
        for s in range(len(segment)):
            p = segment[s]
            ax, ay = coords[p, 0] - origin[0], coords[p, 1] - origin[1]
            bx, by = coords[p + 1, 0] - origin[0], coords[p + 1, 1] - origin[1]
            j0 = max(0, int((min(ay, by) - 1e-3) // cell))
            j1 = min(height - 1, int((max(ay, by) + 1e-3) // cell))
            for j in range(j0, j1 + 1):
                i0, i1 = _columns(ax, ay, bx, by, j * cell - 1e-3, (j + 1) * cell + 1e-3, cell, width)
                for i in range(i0, i1 + 1):
                    if turn == 0:
                        first[j * width + i + 1] += 1
                    else:
                        members[fill[j * width + i]] = s
                        fill[j * width + i] += 1
    return first, members


@kernel
def _nearest(
    xy: Floats,
    max_snap: float,
    coords: Floats,
    along: Floats,
    segment: Longs,
    edge: Indices,
    origin: Floats,
    cell: float,
    shape: tuple[int, int],
    first: Longs,
    members: Indices,
) -> tuple[Indices, Floats, Floats, Floats]:
    """Search rings of cells outward from each point until none can hold a nearer segment."""
    count = len(xy)
    height, width = shape
    out_edge = np.full(count, -1, np.int32)
    out_at = np.full(count, np.nan)
    out_leg = np.full(count, np.inf)
    out_xy = np.full((count, 2), np.nan)
    limit2 = max_snap * max_snap
    for k in range(count):
        x, y = xy[k, 0] - origin[0], xy[k, 1] - origin[1]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        ci, cj = np.floor(x / cell), np.floor(y / cell)
        margin = min(min(x - ci * cell, (ci + 1) * cell - x), min(y - cj * cell, (cj + 1) * cell - y))
        best2 = np.inf
        ring = 0
        while True:
            clear = (ring - 1) * cell + margin if ring > 0 else 0.0
            if clear > max_snap or clear * clear > best2:
                break
            for j in range(max(0, cj - ring), min(height - 1, cj + ring) + 1):
                on_side = j == cj - ring or j == cj + ring
                step = 1 if on_side or ring == 0 else 2 * ring
                i = ci - ring
                while i <= ci + ring:
                    if 0 <= i < width:
                        c = int(j * width + i)
                        for m in range(first[c], first[c + 1]):
                            s = members[m]
                            p = segment[s]
                            ax, ay = coords[p, 0] - origin[0], coords[p, 1] - origin[1]
                            dx, dy = coords[p + 1, 0] - coords[p, 0], coords[p + 1, 1] - coords[p, 1]
                            square = dx * dx + dy * dy
                            t = ((x - ax) * dx + (y - ay) * dy) / square if square > 0 else 0.0
                            t = min(max(t, 0.0), 1.0)
                            ex, ey = x - ax - t * dx, y - ay - t * dy
                            d2 = ex * ex + ey * ey
                            if d2 <= limit2 and (d2 < best2 or (d2 == best2 and edge[s] < out_edge[k])):
                                best2 = d2
                                out_edge[k] = edge[s]
                                out_at[k] = along[p] + t * (along[p + 1] - along[p])
                                out_xy[k, 0] = coords[p, 0] + t * dx
                                out_xy[k, 1] = coords[p, 1] + t * dy
                    i += step
            ring += 1
        if out_edge[k] >= 0:
            out_leg[k] = np.sqrt(best2)
    return out_edge, out_at, out_leg, out_xy
