"""``geodesic_m``: how long straight stretches of street are, on the ellipsoid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]

_GEOD = Geod(ellps="WGS84")
_SHORT = 0.005
"""Degrees; about half a kilometre."""


def geodesic_m(start: Floats, end: Floats) -> Floats:
    """Measure from point to point.

    Short stretches are measured with the radii of curvature at their middle latitude (Gauss's mid-latitude formula,
    Rapp, Geometric Geodesy I, 1991), which is within a micrometre of the geodesic there; the others with
    Karney's algorithm, as pyproj has it.

    Parameters
    ----------
    start, end
        (n, 2) longitude and latitude in degrees, WGS 84.

    Returns
    -------
    ndarray
        (n,) metres.
    """
    step, middle = np.radians(end - start), np.radians((start[:, 1] + end[:, 1]) / 2)
    flat = 1 - _GEOD.es * np.sin(middle) ** 2
    across = _GEOD.a / np.sqrt(flat)
    along = across * (1 - _GEOD.es) / flat
    length_m = np.hypot(along * step[:, 1], across * np.cos(middle) * step[:, 0])
    long = np.flatnonzero(np.abs(end - start).max(axis=1, initial=0) > _SHORT)
    length_m[long] = _GEOD.inv(*start[long].T, *end[long].T)[2]
    return np.asarray(length_m)
