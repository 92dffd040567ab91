"""Datums of Chinese maps: GCJ-02 (Amap, Tencent) and BD-09 (Baidu) <-> WGS 84, in degrees.

The forward formulas are those known to the public since 2013, as restated in eviltransform (Googol Lee, MIT licence,
https://github.com/googollee/eviltransform) and coordtransform (wandergis, MIT licence,
https://github.com/wandergis/coordtransform); no official text is published. The ellipsoid is Krasovsky 1940. The
inverse is iterated: the shift changes by less than 3 % of a step, so that every turn adds more than one digit.

CGCS2000 and WGS 84 agree to the decimetre (Cheng et al. 2009: differences of the ellipsoids under 0.11 mm, of the
frames some centimetres a decade), far below what a street network resolves: the one is read as the other.
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from walkshed.errors import CRSError, InputError
from walkshed.inputs.gcj_area import is_shifted
from walkshed.phrases import Phrase

Floats = NDArray[np.float64]

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
"""What a list can be in; "auto" leaves it to the fit to the streets."""

TITLES = {"wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}

AUTO = "auto"

_SIGNS = {"gcj02": ("gcj", "高德", "amap", "火星", "腾讯"), "bd09": ("bd09", "百度", "baidu")}
_LABELS = ("World Geodetic System 1984", "China 2000", "China Geodetic Coordinate System 2000")
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_PI = np.pi * 3000.0 / 180.0
_CLOSE_DEGREES = 1e-12  # a ten-thousandth of a millimetre
_MOST_TURNS = 30


def check_datum(datum: str, *, auto: bool = True) -> str:
    """Hand back a datum that is known.

    Parameters
    ----------
    datum
        As the user states it.
    auto
        Whether "auto" is an answer.

    Raises
    ------
    InputError
        Naming those that are.
    """
    known = (*DATUMS, AUTO) if auto else DATUMS
    if datum not in known:
        raise InputError(Phrase("refused.datum", found=datum, known=", ".join(known)))
    return datum


def read_as(datum: str) -> str:
    """Tell what a stated datum is read as: CGCS2000 as WGS 84, any other as itself."""
    return "wgs84" if datum == "cgcs2000" else datum


def suggested_datum(heading: str) -> str | None:
    """Tell which shifted datum the heading of a column of coordinates names, if any.

    Examples
    --------
    >>> suggested_datum("百度经度"), suggested_datum("GCJ-02_lng"), suggested_datum("经度")
    ('bd09', 'gcj02', None)
    """
    plain = "".join(c for c in heading.casefold() if c.isalnum())
    return next((datum for datum, signs in _SIGNS.items() if any(sign in plain for sign in signs)), None)


def to_wgs84(lonlat: Floats, datum: str) -> Floats:
    """Take coordinates of a datum to WGS 84.

    Parameters
    ----------
    lonlat
        (n, 2) degrees in `datum`.
    datum
        One of `DATUMS`.

    Returns
    -------
    ndarray
        (n, 2) degrees, a new array; exact to less than a millimetre against the forward formula. A place that is not
        in mainland China stays as it is. Within the shift of its border (700 m; 1.3 km in BD-09) a coordinate may
        stand for a place on either side: the one inside is taken.
    """
    return _INVERSE[check_datum(datum, auto=False)](np.asarray(lonlat, dtype=np.float64))


def from_wgs84(lonlat: Floats, datum: str) -> Floats:
    """Take WGS 84 to the coordinates of a datum.

    Parameters
    ----------
    lonlat
        (n, 2) degrees, WGS 84.
    datum
        One of `DATUMS`.

    Returns
    -------
    ndarray
        (n, 2) degrees in `datum`, a new array. A place that is not in mainland China stays as it is.

    Examples
    --------
    The Tiananmen as GPS and as Amap have it:

    >>> from_wgs84(np.array([[116.39122, 39.90735]]), "gcj02").round(5)
    array([[116.39746, 39.90875]])
    """
    return _FORWARD[check_datum(datum, auto=False)](np.asarray(lonlat, dtype=np.float64))


def unshifted(shapes: gpd.GeoSeries, datum: str, crs: CRS, source: str) -> gpd.GeoSeries:
    """Take the shapes of a file from its datum to WGS 84.

    Parameters
    ----------
    shapes
        Degrees, labelled EPSG:4326 whatever datum they are in.
    datum
        One of `DATUMS`.
    crs
        What the file stated, or was stated for it: shifted lists are passed on as WGS 84, also projected.
    source
        What messages name.

    Raises
    ------
    CRSError
        If the file states a coordinate system on which no shifted list can be.
    """
    if datum in {"gcj02", "bd09"} and not carries_shift(crs):
        raise CRSError(Phrase("refused.datum_crs", source=source, crs=crs.name, title=TITLES[datum]))
    moved = shapely.transform(shapes.to_numpy(), lambda lonlat: to_wgs84(lonlat, datum))
    return gpd.GeoSeries(moved, index=shapes.index, crs=shapes.crs)


def carries_shift(crs: CRS) -> bool:
    """Tell whether coordinates labelled so may be shifted ones: on WGS 84 or CGCS2000, geographic or projected."""
    return crs.datum is not None and crs.datum.name.startswith(_LABELS)


def _copy(lonlat: Floats) -> Floats:
    return lonlat.copy()


def _to_gcj02(lonlat: Floats) -> Floats:
    return _where_shifted(lonlat, _gcj02(lonlat))


def _to_bd09(lonlat: Floats) -> Floats:
    return _where_shifted(lonlat, _bd09(_gcj02(lonlat)))


def _from_gcj02(lonlat: Floats) -> Floats:
    place = _solve(_gcj02, lonlat)
    return np.where(is_shifted(place)[:, None], place, lonlat)


def _from_bd09(lonlat: Floats) -> Floats:
    place = _solve(_gcj02, _solve(_bd09, lonlat))
    return np.where(is_shifted(place)[:, None], place, lonlat)


_FORWARD = {"wgs84": _copy, "cgcs2000": _copy, "gcj02": _to_gcj02, "bd09": _to_bd09}
_INVERSE = {"wgs84": _copy, "cgcs2000": _copy, "gcj02": _from_gcj02, "bd09": _from_bd09}


def _where_shifted(lonlat: Floats, shifted: Floats) -> Floats:
    return np.where(is_shifted(lonlat)[:, None], shifted, lonlat)


def _solve(forward: Callable[[Floats], Floats], target: Floats) -> Floats:
    """Find what `forward` takes to `target`, by a fixed-point iteration."""
    place: Floats = target.copy()
    for _ in range(_MOST_TURNS):
        step = target - forward(place)
        place += step
        if not (np.abs(step) > _CLOSE_DEGREES).any():  # nothing is above it where there are no rows, or no numbers
            break
    return place


def _gcj02(lonlat: Floats) -> Floats:
    """WGS 84 -> GCJ-02, everywhere: the offset in metres of a public formula, divided by the size of a degree."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = 0.1 * np.sqrt(np.abs(x))
    ripple = _waves(x, (20.0, 6.0), (20.0, 2.0))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root + ripple
    east_m += _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root + ripple
    north_m += _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    latitude = np.radians(lonlat[:, 1])
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    prime_vertical_m = _SEMI_MAJOR_M / np.sqrt(flat)
    meridian_m = prime_vertical_m * (1.0 - _ECCENTRICITY_SQUARED) / flat
    east = np.degrees(east_m / (prime_vertical_m * np.cos(latitude)))
    shifted: Floats = lonlat + np.column_stack((east, np.degrees(north_m / meridian_m)))
    return shifted


def _waves(degrees: Floats, *terms: tuple[float, float]) -> Floats:
    """Add up sines of (amplitude in metres, half turns a degree), two thirds of each."""
    total = np.zeros_like(degrees)
    for amplitude, pace in terms:
        total += amplitude * np.sin(pace * np.pi * degrees)
    return total * (2.0 / 3.0)


def _bd09(lonlat: Floats) -> Floats:
    """GCJ-02 -> BD-09, everywhere: a ripple in polar coordinates about (0, 0), and a constant."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BAIDU_PI)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BAIDU_PI)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))
