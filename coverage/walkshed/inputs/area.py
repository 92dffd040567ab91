"""The study area: one polygon that all shares refer to."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import geopandas as gpd
import shapely

from walkshed.errors import InputError
from walkshed.inputs.datum import check_datum
from walkshed.inputs.places import polygons
from walkshed.inputs.tables import Table, read_table, table_of
from walkshed.inputs.understood import Stated
from walkshed.schema import WGS84

MEANINGS = ("zone",)


def read_area(path: str | PathLike[str], *, datum: str = "wgs84", crs: str | None = None) -> gpd.GeoDataFrame:
    """Read the study area.

    Parameters
    ----------
    path
        Map layers of polygons; several are taken together.
    datum
        What the coordinates are in: wgs84, cgcs2000, gcj02 or bd09, as for `read_stations`.
    crs
        Coordinate system of what states none, as for `read_stations`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, one row: ``name`` (text, "" where several features or none give one), (multi)polygon.

    Raises
    ------
    InputError
        If the file cannot be read, holds nothing, or holds what is not a polygon.

    Warns
    -----
    InputWarning
        If invalid polygons were mended.

    Examples
    --------
    >>> ws.read_area(county.town).columns.tolist()
    ['name', 'geometry']
    """
    stated = Stated(role="area", datum=check_datum(datum, auto=False), crs=crs)
    return _area(read_table(Path(path), MEANINGS, stated))


def check_area(area: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry) -> gpd.GeoDataFrame:
    """Check a study area that someone made.

    Parameters
    ----------
    area
        A frame or series in any CRS that it states, or a shapely polygon in WGS 84 degrees.

    Returns
    -------
    GeoDataFrame
        A new one, as `read_area` gives it.

    Raises
    ------
    InputError
        As `read_area`; CRSError if a frame states no coordinate system.
    """
    if isinstance(area, shapely.Geometry):
        area = gpd.GeoSeries([area], crs=WGS84)
    if isinstance(area, gpd.GeoSeries):
        area = gpd.GeoDataFrame(geometry=area)
    if not isinstance(area, gpd.GeoDataFrame):
        raise InputError(f"area: found {type(area).__name__}; give a GeoDataFrame or a shapely polygon")
    return _area(table_of(area, "area", MEANINGS, stated=Stated(role="area")))


def _area(table: Table) -> gpd.GeoDataFrame:
    shapes = polygons(table)
    name = table.text("zone")[0] if len(table) == 1 else ""
    return gpd.GeoDataFrame({"name": [name]}, geometry=[shapes.union_all()], crs=shapes.crs)
