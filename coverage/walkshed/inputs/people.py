"""People: points, polygons, H3 cells or a raster with a head count."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.errors import CRSError, InputError
from walkshed.inputs.area import check_area
from walkshed.inputs.cells import numbers, rows_named
from walkshed.inputs.datum import check_datum, unshifted
from walkshed.inputs.headings import listing
from walkshed.inputs.hexagons import hexagon_centres, hexagon_column
from walkshed.inputs.places import polygons, wgs84
from walkshed.inputs.raster_people import read_cells
from walkshed.inputs.rasters import is_raster
from walkshed.inputs.tables import PLACES, Table, has_place, read_table, table_of
from walkshed.inputs.understood import Finding, Stated, warn
from walkshed.phrases import Phrase

MEANINGS = ("population", *PLACES)


def read_people(
    path: str | PathLike[str],
    *,
    column: str | None = None,
    area: gpd.GeoDataFrame | shapely.Geometry | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Read where people live.

    Parameters
    ----------
    path
        A table of points with a head count (the middles of grid cells, too) or of H3 cells with one, map
        layers of points or polygons with one, or a GeoTIFF of head counts a cell (WorldPop, GHS-POP).
    column
        Heading of the head count, where it is none of population, people, 人口 and the like; number or
        description of the band of a raster that has several.
    area
        The study area: of a raster only the cells there are read (see `raster_people.read_cells`), so that one of
        a whole country costs no more than its window. Other files are read whole.
    datum
        What the coordinates are in: wgs84, cgcs2000, gcj02 or bd09, as for `read_stations`.
    crs
        Coordinate system of what states none, as for `read_stations`; a raster states its own.

    Returns
    -------
    GeoDataFrame
        EPSG:4326; ``population`` (float, 0 or more), points or polygons. A row without a count has 0. Each
        cell of a raster that has people is a point at its middle.

    Raises
    ------
    InputError
        If there is no column of head counts, or none in any row; if a count is negative or no number;
        if points and polygons are mixed; if a raster or H3 cells need a package that is not installed; and
        as `read_stations` where a place cannot be read.

    Warns
    -----
    InputWarning
        If rows have no count, invalid polygons were mended, or a raster is not quite what it should be.

    Examples
    --------
    >>> people = ws.read_people(county.zones)
    >>> round(people["population"].min()) > 0, people.geom_type.unique().tolist()
    (True, ['Polygon'])
    """
    columns = {} if column is None else {"population": column}
    stated = Stated(role="people", columns=columns, datum=check_datum(datum, auto=False), crs=crs)
    if not is_raster(Path(path)):
        return _people(read_table(Path(path), MEANINGS, stated))
    if crs is not None:
        raise CRSError(Phrase("refused.raster_crs", source=Path(path).name, crs=crs))
    people = read_cells(Path(path), band=column, area=None if area is None else check_area(area))
    return people.set_geometry(unshifted(people.geometry, datum, people.crs, Path(path).name))


def check_people(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a frame of people that someone made.

    Parameters
    ----------
    frame
        Points or polygons in any CRS that it states, with a column that means a head count.

    Returns
    -------
    GeoDataFrame
        A new one, as `read_people` gives it.

    Raises
    ------
    InputError
        As `read_people`; CRSError if it states no coordinate system.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"people: found {type(frame).__name__}; give a GeoDataFrame, as read_people does")
    return _people(table_of(frame, "people", MEANINGS, stated=Stated(role="people")))


def _people(table: Table) -> gpd.GeoDataFrame:
    if table.geometry is None and not has_place(table.columns) and (hexagons := hexagon_column(table)) is not None:
        table = replace(table, geometry=hexagon_centres(table, hexagons))
    shapes = wgs84(table)
    population = head_counts(table)
    areal = shapes.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"]).to_numpy()
    if areal.any():
        if not areal.all():
            raise InputError(Phrase("refused.people_mixed", source=table.source))
        shapes = polygons(table)
    elif (shapes.geom_type != "Point").any():
        shapes = shapes.representative_point()
    return gpd.GeoDataFrame({"population": population}, geometry=shapes.to_numpy(), crs=shapes.crs)


def head_counts(table: Table) -> NDArray[np.float64]:
    """Read the head count of each row; where there is none it is 0, and a warning says so.

    Raises
    ------
    InputError
        If there is no such column, nothing in it, or a count that is negative or no number.
    """
    if "population" not in table.columns:
        raise InputError(Phrase("refused.no_heads", source=table.source, headings=listing(table.headings)))
    count, blank, _ = counts(table)
    if blank.all():
        raise InputError(Phrase("refused.no_count", source=table.source))
    if blank.any():
        warn(Finding("heads_blank", "warning", tuple(table.rows[blank].tolist()), {}, table.source))
    return np.where(blank, 0.0, count)


def counts(table: Table) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[str]]:
    """Read the column of head counts: the numbers, where there are none, and the text.

    Raises
    ------
    InputError
        If a count is negative or no finite number.
    """
    cells = table.text("population")
    count, blank, bad = numbers(cells)
    blank |= np.array([c.casefold() == "nan" for c in cells], dtype=bool)
    wrong = (bad & ~blank) | (count < 0)
    if wrong.any():
        first = cells[int(np.flatnonzero(wrong)[0])]
        raise InputError(
            Phrase("refused.bad_count", source=table.source, rows=rows_named(table.rows[wrong]), found=first[:40])
        )
    return count, blank, cells
