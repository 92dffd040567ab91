"""Metres in the cells of a table: recognised by their range, and placed by the coordinate system that the user states.

A text table or a workbook does not say what its numbers are. China's surveys write Gauss-Kruger metres on CGCS2000, in
zones of 3 degrees (EPSG:4513 to 4533 with the zone's number before the easting, 4534 to 4554 without) or of 6 degrees
(4491 to 4501, 4502 to 4512), with X to the north and Y to the east; both orders are read. What cannot be told is asked,
not guessed.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as UnknownCRSError

from walkshed.errors import CRSError
from walkshed.inputs.understood import Finding, warn
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

Floats = NDArray[np.float64]

_NORTHING_M = (1.9e6, 6.1e6)  # 17 to 55 degrees north
_EASTING_M = (1e5, 9e5)
_PLAIN_EASTING_M = (2e5, 8e5)
_MERCATOR_EASTING_M = (8.1e6, 15.1e6)  # 73 to 135 degrees east
_ZONES_3, _ZONES_6 = range(25, 46), range(13, 24)
_ZONE_M = 1e6
_BEYOND_DEGREES = 3.0  # towns at a zone's edge use their neighbour's


def crs_question(x: Floats, y: Floats, option: str) -> Phrase:
    """Say what coordinates look like, degrees or a Chinese grid, and what to answer.

    Parameters
    ----------
    x, y, option
        As for `metres_question`.

    Examples
    --------
    >>> crs_question(np.array([119.3]), np.array([33.2]), "--crs area=")
    'they look like degrees: if so, say --crs area=EPSG:4326 (WGS 84; EPSG:4490 for CGCS2000)'
    """
    if _within(x, (-180.0, 180.0)) and _within(y, (-90.0, 90.0)):
        return Phrase("question.degrees", option=option)
    return metres_question(x, y, option) or Phrase("question.any", option=option)


def metres_question(x: Floats, y: Floats, option: str = "--crs ") -> Phrase | None:
    """Say which Chinese grid numbers look like, and what to answer.

    Parameters
    ----------
    x, y
        (n,) as they stand in the table, in either order.
    option
        What to write before the coordinate system.

    Returns
    -------
    Phrase or None
        What they look like and which option settles it; None where they look like no grid of China.

    Examples
    --------
    >>> metres_question(np.array([40512345.0]), np.array([3456789.0]))
    'they look like CGCS2000 / 3-degree Gauss-Kruger zone 40 (EPSG:4528): if so, say --crs EPSG:4528'
    """
    for easting, northing in ((x, y), (y, x)):
        if not len(x) or not _within(northing, _NORTHING_M):
            continue
        if _within(easting, _PLAIN_EASTING_M):
            return Phrase("question.zoneless", option=option)
        zones = np.unique(easting // _ZONE_M).astype(int).tolist()
        named = _named(zones, option) if _within(easting % _ZONE_M, _EASTING_M) else None
        if _within(easting, _MERCATOR_EASTING_M):
            mercator = Phrase("question.mercator", option=option)
            return Phrase("question.either", one=named, other=mercator) if named else mercator
        if named:
            return named
    return None


def _within(value: Floats, limits: tuple[float, float]) -> bool:
    return bool(((value >= limits[0]) & (value <= limits[1])).all())


def _named(zones: list[int], option: str) -> Phrase | None:
    """Name the grids of zone numbers that stand before an easting; nothing where there is no such zone."""
    for width, numbers, first in ((3, _ZONES_3, 4513), (6, _ZONES_6, 4491)):
        if set(zones) <= set(numbers):
            codes = [f"EPSG:{first + zone - numbers[0]}" for zone in zones]
            code = "question.zone" if len(zones) == 1 else "question.zones"
            values = {"width": width, "zones": ", ".join(map(str, zones)), "codes": ", ".join(codes), "option": option}
            return Phrase(code, **values)
    return None


def stated_crs(crs: str, source: str) -> CRS:
    """Understand the coordinate system that a user states.

    Raises
    ------
    CRSError
        If there is none of that name, or it has no place on the globe.
    """
    try:
        known = CRS.from_user_input(crs)
    except UnknownCRSError as error:
        raise CRSError(Phrase("refused.crs_unknown", source=source, crs=crs[:40])) from error
    if not (known.is_geographic or known.is_projected):
        raise CRSError(Phrase("refused.crs_placeless", source=source, crs=known.name))
    return known


def place(x: Floats, y: Floats, crs: CRS, source: str) -> gpd.GeoSeries:
    """Put numbers on the globe, by the coordinate system that the user states.

    Parameters
    ----------
    x, y
        (n,) as they stand in the table; where they lie in the system's area only in the other order, that is taken.
    crs
        Geographic or projected.
    source
        What messages name.

    Returns
    -------
    GeoSeries
        Points in `crs`, the easting first.

    Raises
    ------
    CRSError
        If they lie in its area in neither order.

    Warns
    -----
    InputWarning
        If the northing stands first.
    """
    if _lies(x, y, crs):
        return gpd.GeoSeries(gpd.points_from_xy(x, y), crs=crs)
    if _lies(y, x, crs):
        warn(Finding("northing_first", "note", (), {}, source))
        return gpd.GeoSeries(gpd.points_from_xy(y, x), crs=crs)
    raise _elsewhere(x, y, crs, source)


def require_within(x: Floats, y: Floats, crs: CRS, source: str) -> CRS:
    """Hand back a stated coordinate system if coordinates lie where it is used.

    Raises
    ------
    CRSError
        If they do not.
    """
    if not _lies(x, y, crs):
        raise _elsewhere(x, y, crs, source)
    return crs


def _elsewhere(x: Floats, y: Floats, crs: CRS, source: str) -> CRSError:
    return CRSError(Phrase("refused.crs_elsewhere", source=source, x=x[0], y=y[0], crs=crs.name))


def _lies(east: Floats, north: Floats, crs: CRS) -> bool:
    """Tell whether all points lie in the area of use, give or take some degrees."""
    to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True)
    lon, lat = (np.asarray(v) for v in to_degrees.transform(east, north))
    area = crs.area_of_use
    if area is None:
        return bool((np.isfinite(lon) & np.isfinite(lat)).all())
    lows, highs = (area.west, area.south), (area.east, area.north)
    if area.west > area.east:  # across the date line
        lows, highs = (-180.0, area.south), (180.0, area.north)
    return all(
        _within(value, (low - _BEYOND_DEGREES, high + _BEYOND_DEGREES))
        for value, low, high in zip((lon, lat), lows, highs, strict=True)
    )
