"""Head counts on a raster (WorldPop, GHS-POP) -> points at the middles of its cells, one window of it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from walkshed.errors import CRSError, InputError
from walkshed.inputs.rasters import Cells, Floats, Window, opened
from walkshed.inputs.understood import Finding, warn
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

COARSE_CELL_M = 250.0
"""Cells wider than this put people far from where they live."""

MAX_POINTS = 5_000_000
"""More cells with people than this would take over 1 GB as points."""

MAX_CELLS = 4_000_000_000
"""More cells than this would take over a minute to look through."""

_STEP_DEGREES = 0.01  # an outline's straight sides bend when projected; this is about 1 km


def read_cells(path: Path, *, band: str | None = None, area: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Read the cells with people, each as a point at its middle.

    Parameters
    ----------
    path
        A GeoTIFF of head counts a cell, north up, in any CRS that it states. What it calls no data holds
        nobody; so does a single negative value that it does not call so.
    band
        Number (from 1) or description of the band, where there are several.
    area
        One row, EPSG:4326: cells farther from it than a cell's diagonal are left out, and blocks without
        any other are not read. All cells, if not given.

    Returns
    -------
    GeoDataFrame
        EPSG:4326 points with ``population`` (float, above 0), from the north-west on. They add up to
        the raster's total, to the float.

    Raises
    ------
    InputError
        If rasterio is not installed; if the raster is rotated, shows no one, or does not reach the area;
        if a count is negative or infinite; if there are too many cells.
    FormatError
        If the file is damaged, or stored in blocks too large to read one of.
    CRSError
        If it states no coordinate system, or one that cannot be turned into WGS 84.

    Warns
    -----
    InputWarning
        If the raster ends within the area, its cells are coarse, or a negative value was taken for no data.
    """
    with opened(path, band) as cells:
        return _points(cells, area)


def _points(cells: Cells, area: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    near = None if area is None else _near(cells, area)
    window = (0, 0, *cells.shape) if near is None else cells.window(near.bounds)
    _refuse_too_many((window[2] - window[0]) * (window[3] - window[1]), MAX_CELLS, cells.source)
    x, y, value = _gathered(cells, window, near)
    if not len(value):
        code = "refused.raster_nobody" if area is None else "refused.raster_nobody_here"
        raise InputError(Phrase(code, source=cells.source))
    lon, lat = _degrees(cells, x, y)
    _warn_coarse(cells, lon, lat)
    return gpd.GeoDataFrame({"population": value}, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def _gathered(cells: Cells, window: Window, near: shapely.Geometry | None) -> tuple[Floats, Floats, Floats]:
    """Gather the middles of the cells near the area, in the CRS, and the head counts."""
    if near is not None:
        shapely.prepare(near)
    kept: list[tuple[Floats, Floats, Floats]] = [(np.empty(0), np.empty(0), np.empty(0))]
    negative: set[float] = set()
    count = 0
    for row, column, value in cells.peopled(window):
        x, y = cells.centres(row, column)
        keep = np.ones(len(x), dtype=bool) if near is None else shapely.contains_xy(near, x, y)
        if np.isinf(value[keep]).any():
            raise InputError(Phrase("refused.raster_infinite", source=cells.source))
        negative |= set(value[keep & (value < 0)][:1000].tolist())
        keep &= value > 0
        kept.append((x[keep], y[keep], value[keep]))
        count += int(keep.sum())
        _refuse_too_many(count, MAX_POINTS, cells.source)
    _judge_negative(negative, cells.source)
    x, y, value = (np.concatenate(column) for column in zip(*kept, strict=True))
    return x, y, value


def _refuse_too_many(count: int, most: int, source: str) -> None:
    if count > most:
        raise InputError(Phrase("refused.raster_many", source=source, most=most))


def _judge_negative(found: set[float], source: str) -> None:
    """Take a single negative value for no data; several are no head counts."""
    if len(found) > 1:
        raise InputError(Phrase("refused.raster_negatives", source=source, low=min(found), high=max(found)))
    for value in found:
        warn(Finding("raster_negative", "warning", (), {"value": value}, source))


def _near(cells: Cells, area: gpd.GeoDataFrame) -> shapely.Geometry:
    """Bring the area into the raster's CRS, wider by a cell's diagonal.

    Raises
    ------
    InputError
        If the raster lies elsewhere.
    """
    outline = shapely.segmentize(area.geometry.iloc[0], _STEP_DEGREES)
    to_cells = _transformer(cells, WGS84, cells.crs)
    shape = shapely.transform(outline, lambda lonlat: np.column_stack(to_cells.transform(*lonlat.T)))
    extent = shapely.box(*cells.bounds)
    fits = bool(np.isfinite(shapely.get_coordinates(shape)).all())
    shape = shape.buffer(0) if fits else shapely.Polygon()
    if not shapely.intersects(extent, shape):
        raise InputError(Phrase("refused.raster_elsewhere", source=cells.source, span=_span(cells)))
    if not shapely.contains(extent.buffer(cells.diagonal), shape):
        warn(Finding("raster_ends", "warning", (), {}, cells.source))
    return shape.buffer(cells.diagonal)


def _span(cells: Cells) -> str:
    west, south, east, north = (f"{v:.6g}" for v in cells.bounds)
    return f"{west} to {east}, {south} to {north} in {cells.crs.name}"


def _transformer(cells: Cells, crs: str | CRS, to_crs: str | CRS) -> Transformer:
    try:
        return Transformer.from_crs(crs, to_crs, always_xy=True)
    except ProjError as error:
        raise CRSError(Phrase("refused.crs_unturned", source=cells.source, crs=cells.crs.name)) from error


def _degrees(cells: Cells, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    lon, lat = _transformer(cells, cells.crs, WGS84).transform(x, y)
    lon = np.where(lon > 180.0, lon - 360.0, lon)  # a raster may count from 0 to 360
    off = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0))
    if off.any():
        raise InputError(Phrase("refused.raster_off", source=cells.source, count=int(off.sum())))
    return lon, lat


def _warn_coarse(cells: Cells, lon: Floats, lat: Floats) -> None:
    """Say it where cells are so large that their middles tell little about where people live."""
    middle = len(lon) // 2
    along = np.array([0.0, cells.wide]), np.array([0.0, cells.high])
    if cells.crs.is_geographic:
        east, north = lon[middle] + along[0], lat[middle] + along[1]
        side_m = Geod(ellps="WGS84").inv(east[0], north[0], east[1], north[0])[2]
    else:
        side_m = abs(cells.wide) * cells.crs.axis_info[0].unit_conversion_factor
    if side_m > COARSE_CELL_M:
        warn(Finding("raster_coarse", "warning", (), {"side": side_m}, cells.source))
