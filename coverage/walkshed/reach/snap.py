"""Snap points to the nearest point of the nearest street, mid-edge."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import FloatRows, Floats, Indices, kernel
from walkshed.network.streets import Streets
from walkshed.phrases import Phrase
from walkshed.reach.barriers import Barriers
from walkshed.reach.legs import clear_legs, level_ground
from walkshed.reach.segments import Segments, bin_segments


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


def _none(count: int) -> Snaps:
    """Points of which none has found a street."""
    edge, at_m, leg_m = np.full(count, -1, np.int32), np.full(count, np.nan), np.full(count, np.inf)
    return Snaps(edge, at_m, leg_m, np.full((count, 2), np.nan))


class Snapper:
    """A grid over the segments of the streets, to find the nearest one to any point.

    Parameters
    ----------
    streets
        The network.
    barriers
        What a straight leg may not cross, if anything.
    """

    def __init__(self, streets: Streets, barriers: Barriers | None = None) -> None:
        self.streets = streets
        self.barriers = barriers
        self._grid, self._edge = _grid_of(streets)

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
            Of two streets at the same distance, the one of the lower index. Of those that a leg reaches without
            crossing a barrier: a street that only shows past a barrier's end is as far as the sight along it.
        """
        xy = np.ascontiguousarray(xy, dtype=np.float64)
        snaps = _none(len(xy))
        found = snaps.edge, snaps.at_m, snaps.leg_m, snaps.xy
        _nearest(xy, max_snap_m, self.streets.along_m, self._edge, self._grid, *found)
        return snaps if self.barriers is None else self._clear(xy, max_snap_m, snaps, self.barriers)

    @property
    def proviso(self) -> str:
        """What to add to "no street within reach"."""
        return "" if self.barriers is None else Phrase("asked.by_clear_leg")

    def cut_off(self, xy: NDArray[np.float64], max_snap_m: float) -> NDArray[np.bool_]:
        """(p,) whether there is a street within `max_snap_m`, but none by a leg that crosses no barrier."""
        if self.barriers is None:
            return np.zeros(len(xy), dtype=np.bool_)
        return ~self.snap(xy, max_snap_m).found & Snapper(self.streets).snap(xy, max_snap_m).found

    def _clear(self, xy: NDArray[np.float64], max_snap_m: float, snaps: Snaps, barriers: Barriers) -> Snaps:
        """Look again for those whose leg to the nearest street crosses a barrier."""
        found = np.flatnonzero(snaps.found)
        again = found[barriers.between(xy[found], snaps.xy[found])]
        leg_m, segment, share = clear_legs(xy[again], max_snap_m, level_ground(self._grid), barriers)
        p = self._grid.start[segment]
        coords, along_m = self.streets.coords, self.streets.along_m
        seen = segment >= 0
        snaps.edge[again] = np.where(seen, self._edge[segment], -1)
        snaps.leg_m[again] = leg_m
        snaps.at_m[again] = np.where(seen, along_m[p] + share * (along_m[p + 1] - along_m[p]), np.nan)
        foot = coords[p] + share[:, None] * (coords[p + 1] - coords[p])
        snaps.xy[again] = np.where(seen[:, None], foot, np.nan)
        return snaps


_GRIDS: WeakKeyDictionary[Streets, tuple[Segments, Indices]] = WeakKeyDictionary()
"""Of networks in use: a datum that is weighed, a profile and a check without barriers look at the same streets."""


def _grid_of(streets: Streets) -> tuple[Segments, Indices]:
    """Bin the segments of a network, once, and tell the edge of each."""
    if streets not in _GRIDS:
        edge = np.repeat(np.arange(len(streets), dtype=np.int32), np.diff(streets.offsets) - 1)
        _GRIDS[streets] = bin_segments(streets.coords, streets.offsets), edge
    return _GRIDS[streets]


@kernel
def _nearest(
    xy: FloatRows,
    max_snap: float,
    along: Floats,
    edge: Indices,
    grid: Segments,
    out_edge: Indices,
    out_at: Floats,
    out_leg: Floats,
    out_xy: FloatRows,
) -> None:
    """Search rings of cells outward from each point until none can hold a nearer segment."""
    coords, segment, origin, cell, height, width, first, members = grid
    limit2 = max_snap * max_snap
    for k in range(len(xy)):
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
