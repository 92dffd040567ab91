"""Lines that follow each other, drawn as one: fewer and longer ones are shorter to write, and simplify further."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.chains import chains, incidence


def joined(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Join lines wherever the ends of two meet, and of no third.

    Parameters
    ----------
    lines
        LineStrings. Ends meet where their coordinates are the same.

    Returns
    -------
    ndarray
        LineStrings that cover the same. What is no ring is walked from its western end.

    Examples
    --------
    >>> lines = shapely.from_wkt(["LINESTRING (4 0, 9 0)", "LINESTRING (4 0, 0 0)", "LINESTRING (0 3, 0 0)"])
    >>> [line.wkt for line in joined(lines)]
    ['LINESTRING (0 3, 0 0, 4 0, 9 0)']
    """
    xy, count = shapely.get_coordinates(lines), shapely.get_num_coordinates(lines)
    last = np.cumsum(count) - 1
    first = last + 1 - count
    ends = np.stack((xy[first], xy[last]), axis=1).view(np.complex128)  # one number a place sorts faster than two
    places, end = np.unique(ends, return_inverse=True)
    u, v = np.ascontiguousarray(end.reshape(-1, 2).T, dtype=np.int32)
    start, at = incidence(u, v, len(places))
    place, row, offsets = chains(start, at, u, v, np.diff(start) != 2)
    heads = offsets[:-1] - np.arange(len(offsets) - 1)  # the first row of each joined line
    backward = np.delete(place, offsets[1:] - 1) != u[row]
    # A line goes on where the one before it ends: that point is written once.
    point = np.ones(len(row), dtype=np.int64)
    point[heads] = 0
    size = count[row] - point
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size - point, size)
    index = np.where(np.repeat(backward, size), np.repeat(last[row], size) - step, np.repeat(first[row], size) + step)
    written = np.concatenate(([0], np.cumsum(np.add.reduceat(size, heads) if len(heads) else size)))
    out: NDArray[np.object_] = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy[index], (written,))
    return out
