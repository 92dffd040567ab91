"""From degrees to the plane: which UTM zone, and what does not fit one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Proj, Transformer

from walkshed.errors import InputError, warn_user
from walkshed.network.clip import PLANAR, Box
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

Floats = NDArray[np.float64]


def to_plane(lonlat: Floats, crs: str) -> Floats:
    """Project (n, 2) degrees to metres in `crs`."""
    return np.column_stack(Transformer.from_crs(WGS84, crs, always_xy=True).transform(*lonlat.T))


def bounds_of(lonlat: Floats) -> Box:
    """Bound (n, 2) points, n > 0."""
    lon, lat = lonlat.T  # each by itself: many times as fast as both along the first axis
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def utm_of(box: Box, what: str) -> str:
    """Choose the UTM zone of the middle of a box in degrees, as "EPSG:32650".

    Raises
    ------
    InputError
        In polar latitudes.
    """
    west, south, east, north = box
    lat = (south + north) / 2
    if not -80 <= lat <= 84:
        raise InputError(Phrase("network.polar", what=what, lat=lat))
    middle = (west + east) / 2
    if east - west > 180:  # the streets lie on both sides of the date line
        middle += 180
    zone = int((middle + 180) % 360 // 6) + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def check_degrees(lonlat: Floats, what: str) -> None:
    """Refuse coordinates that are no degrees.

    Raises
    ------
    InputError
        Showing the first of them.
    """
    lon, lat = lonlat.T
    good = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)  # false for NaN too
    if not good.all():
        at = int(np.argmin(good))
        raise InputError(Phrase("network.degrees", what=what, lon=lon[at], lat=lat[at]))


def check_width(box: Box, crs: str, what: str) -> None:
    """Warn where a box is so wide that one UTM zone cannot hold it well."""
    west, south, east, north = box
    nearest_equator = min(abs(south), abs(north)) if south * north > 0 else 0.0
    scale = Proj(crs).get_factors([west, east], [nearest_equator] * 2, errcheck=False).meridional_scale
    if max(scale) > PLANAR:
        warn_user(Phrase("network.wide", what=what, degrees=east - west, share=max(scale) - 1))
