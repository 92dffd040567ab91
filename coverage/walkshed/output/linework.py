"""Lines as arrays: joined where they follow each other, and simplified, for the eye."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.compiled import FloatRows, Longs, kernel
from walkshed.network.chains import chains, incidence


class Lines(NamedTuple):
    """(k, 2) points in metres and (n + 1,) where each of n lines starts, as GeoArrow lays them out."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def lines_of(shapes: NDArray[np.object_]) -> Lines:
    """Take LineStrings apart."""
    offsets = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(shapes))))
    return Lines(shapely.get_coordinates(shapes), offsets)


def joined(lines: Lines) -> Lines:
    """Join lines wherever the ends of two meet, and of no third: fewer and longer ones are shorter to write.

    Parameters
    ----------
    lines
        Their ends meet where they are the same to the float.

    Returns
    -------
    Lines
        What covers the same. What is no ring is walked from its western end.

    Examples
    --------
    >>> shapes = shapely.from_wkt(["LINESTRING (4 0, 9 0)", "LINESTRING (4 0, 0 0)", "LINESTRING (0 3, 0 0)"])
    >>> joined(lines_of(shapes)).xy.astype(int).tolist()
    [[0, 3], [0, 0], [4, 0], [9, 0]]
    """
    first, last = lines.offsets[:-1], lines.offsets[1:] - 1
    # One complex number a place: that sorts faster than two.
    ends = np.stack((lines.xy[first], lines.xy[last])).view(np.complex128)[..., 0]
    places, end = np.unique(ends, return_inverse=True)
    u, v = end.reshape(2, -1).astype(np.int32)
    start, at = incidence(u, v, len(places))
    place, row, offsets = chains(start, at, u, v, np.diff(start) != 2)
    heads = offsets[:-1] - np.arange(len(offsets) - 1)  # the first row of each joined line
    backward = np.delete(place, offsets[1:] - 1) != u[row]
    skipped = np.ones(len(row), dtype=np.int64)  # a line goes on where the one before it ends: written once
    skipped[heads] = 0
    size = (last - first + 1)[row] - skipped
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size - skipped, size)
    sign = np.repeat(np.where(backward, -1, 1), size)
    point = np.repeat(np.where(backward, last[row], first[row]), size) + sign * step
    total = np.concatenate(([0], np.cumsum(size)))
    return Lines(lines.xy[point], total[np.append(heads, len(row))])


def simplified(lines: Lines, tolerance_m: float) -> Lines:
    """Leave out points that lie within `tolerance_m` of the line without them (Douglas and Peucker 1973)."""
    keep = np.zeros(len(lines.xy), dtype=np.int64)
    _keep_far(lines.xy, lines.offsets, tolerance_m**2, keep, np.empty(2 * len(keep) + 2, dtype=np.int64))
    offsets = np.concatenate(([0], np.cumsum(keep)))[lines.offsets]
    return Lines(lines.xy[keep > 0], offsets)


@kernel
def _keep_far(xy: FloatRows, offsets: Longs, tolerance2: float, keep: Longs, todo: Longs) -> None:
    """Halve each line at its farthest point until none is too far, and mark the points that stay.

    The marks and the room for what is still to be halved come from the caller: kernels that make no arrays compile
    faster.
    """
    for i in range(len(offsets) - 1):
        if offsets[i] == offsets[i + 1]:
            continue
        todo[0], todo[1] = offsets[i], offsets[i + 1] - 1
        keep[todo[0]] = keep[todo[1]] = 1
        waiting = 2
        while waiting > 0:
            waiting -= 2
            first, last = todo[waiting], todo[waiting + 1]
            ax, ay = xy[first, 0], xy[first, 1]
            dx, dy = xy[last, 0] - ax, xy[last, 1] - ay
            square = dx * dx + dy * dy
            farthest, far2 = first, tolerance2
            for p in range(first + 1, last):
                px, py = xy[p, 0] - ax, xy[p, 1] - ay
                t = min(max((px * dx + py * dy) / square, 0.0), 1.0) if square > 0 else 0.0
                ex, ey = px - t * dx, py - t * dy
                if ex * ex + ey * ey > far2:
                    farthest, far2 = p, ex * ex + ey * ey
            if farthest > first:
                keep[farthest] = 1
                todo[waiting], todo[waiting + 1] = first, farthest
                todo[waiting + 2], todo[waiting + 3] = farthest, last
                waiting += 4
