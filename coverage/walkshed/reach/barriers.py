"""Barriers: the water, railways and walls that a straight leg off the street may not cross.

A leg crosses a barrier if its ends lie on both sides of it, each more than `TOUCH_M` away: it may end on a barrier,
since a street may be drawn along a bank or a wall. Streets that cross barriers (bridges, level crossings, gates) are
walked as ever. From a bridge over water no leg leads ashore: it would cross the bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.compiled import Floats, array_kernel, kernel
from walkshed.errors import InputError
from walkshed.network.streets import Streets, Surroundings
from walkshed.network.surroundings import barrier_lines
from walkshed.phrases import Phrase
from walkshed.reach.segments import Segments, bin_segments
from walkshed.reach.walk import Walk

TOUCH_M = 0.01
"""Nearer than this to a barrier's line, a leg's end is on the barrier: OpenStreetMap is drawn to a centimetre."""


@dataclass(frozen=True, eq=False)
class Barriers:
    """What a straight leg may not cross.

    Attributes
    ----------
    grid
        Straight segments: banks, railways, walls; metres in the streets' CRS.
    water
        (w,) polygons: no place of a service area.
    """

    grid: Segments
    water: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.grid.start)

    def between(self, from_xy: NDArray[np.float64], to_xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(p,) whether each straight line from the one place to the other, (p, 2) each, crosses a barrier."""
        crossed: NDArray[np.bool_] = _between(
            np.ascontiguousarray(from_xy, dtype=np.float64), np.ascontiguousarray(to_xy, dtype=np.float64), self.grid
        )
        return crossed

    def within(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
        """List the segments that may touch a box, given by its corners."""
        g = self.grid
        i0, j0 = np.maximum((low - g.origin) // g.cell, 0).astype(int)
        i1, j1 = np.minimum((high - g.origin) // g.cell, (g.width - 1, g.height - 1)).astype(int)
        if not len(self) or i1 < i0 or j1 < j0:
            return np.empty(0, dtype=np.int64)
        rows = [g.members[g.first[j * g.width + i0] : g.first[j * g.width + i1 + 1]] for j in range(j0, j1 + 1)]
        near = np.unique(np.concatenate(rows)).astype(np.int64)
        ends = np.stack((g.coords[g.start[near]], g.coords[g.start[near] + 1]))
        touches: NDArray[np.bool_] = ((ends.min(axis=0) <= high) & (ends.max(axis=0) >= low)).all(axis=1)
        return near[touches]

    def dry(self, shape: shapely.MultiPolygon) -> shapely.Geometry:
        """Cut the water out of a shape."""
        near = self.water[self._water_tree.query(shape, predicate="intersects")]
        if not len(near):
            return shape
        around = shapely.box(*shapely.buffer(shapely.box(*shape.bounds), 1.0).bounds)
        return shape.difference(shapely.union_all(shapely.intersection(near, around)))

    @cached_property
    def _water_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.water)


def barriers_of(streets: Streets, walk: Walk) -> Barriers | None:
    """Gather the barriers around the streets, if the walk minds them.

    Parameters
    ----------
    streets
        The network, with its surroundings.
    walk
        Whether barriers stop a straight leg.

    Returns
    -------
    Barriers or None
        None where they stop nobody.

    Raises
    ------
    InputError
        If they are to, and the source of the streets has none.
    """
    if not walk.barriers:
        return None
    if streets.surroundings is None:
        raise InputError(Phrase("barriers.none_read", name=streets.source.name))
    return gather(streets.surroundings)


def gather(around: Surroundings) -> Barriers:
    """Take the barriers among surroundings apart into straight segments."""
    water = around.water.geometry.to_numpy()
    is_area = shapely.get_dimensions(water) == 2
    parts = shapely.get_parts(barrier_lines(around))
    parts = parts[shapely.get_num_coordinates(parts) > 1]
    coords = shapely.get_coordinates(parts)
    offsets = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(parts)))).astype(np.int64)
    # Cutting surroundings to the streets may leave areas that touch themselves.
    areas = shapely.get_parts(shapely.get_parts(shapely.make_valid(water[is_area])))
    return Barriers(bin_segments(coords, offsets), areas[shapely.get_dimensions(areas) == 2])


@kernel
def shadow(
    ax: float, ay: float, bx: float, by: float, px: float, py: float, qx: float, qy: float
) -> tuple[float, float]:
    """Tell which shares of the way from p to q a barrier from a to b hides from the origin; high < low for none.

    Hidden is what lies between the rays through a and b, and beyond the barrier's line.
    """
    c = ax * by - ay * bx
    if c < 0:
        ax, ay, bx, by, c = bx, by, ax, ay, -c
    dx, dy = bx - ax, by - ay
    touch = TOUCH_M * np.hypot(dx, dy)
    low, high = 0.0, 1.0
    if c <= touch:  # seen along its length, or from a place on it
        return 1.0, 0.0
    for side in range(3):
        if side == 0:
            f, g = ax * py - ay * px, ax * qy - ay * qx
        elif side == 1:
            f, g = px * by - py * bx, qx * by - qy * bx
        else:
            f, g = -(dx * py - dy * px) - c - touch, -(dx * qy - dy * qx) - c - touch
        if f < 0 and g < 0:
            return 1.0, 0.0
        if f < 0:
            low = max(low, f / (f - g))
        elif g < 0:
            high = min(high, f / (f - g))
    return low, high


@array_kernel
def _between(a: Floats, b: Floats, grid: Segments) -> NDArray[np.bool_]:
    coords, start, origin, cell, height, width, first, members = grid
    crossed = np.zeros(len(a), np.bool_)
    for k in range(len(a)):
        x, y = a[k, 0], a[k, 1]
        dx, dy = b[k, 0] - x, b[k, 1] - y
        i0 = max(0, int((min(x, x + dx) - origin[0]) // cell))
        i1 = min(width - 1, int((max(x, x + dx) - origin[0]) // cell))
        j0 = max(0, int((min(y, y + dy) - origin[1]) // cell))
        j1 = min(height - 1, int((max(y, y + dy) - origin[1]) // cell))
        for j in range(j0, j1 + 1):
            for m in range(first[j * width + i0], first[j * width + i1 + 1] if i1 >= i0 else 0):
                p = start[members[m]]
                low, high = shadow(
                    coords[p, 0] - x, coords[p, 1] - y, coords[p + 1, 0] - x, coords[p + 1, 1] - y, dx, dy, dx, dy
                )
                if low <= high:
                    crossed[k] = True
                    break
            if crossed[k]:
                break
    return crossed
