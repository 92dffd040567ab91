"""Where things lie: cells and geometry -> points and polygons in WGS 84 degrees, or a refusal."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from walkshed.errors import CRSError, InputError
from walkshed.inputs.cells import numbers, rows_named
from walkshed.inputs.datum import AUTO, unshifted
from walkshed.inputs.headings import listing
from walkshed.inputs.projected import metres_question, place, stated_crs
from walkshed.inputs.tables import Table, has_numbers, has_place
from walkshed.inputs.understood import Finding, warn
from walkshed.inputs.wkt import read_wkt
from walkshed.phrases import Phrase
from walkshed.schema import WGS84, require_crs, to_crs

Floats = NDArray[np.float64]
Fault = tuple[NDArray[np.bool_], str]
"""The rows of a table that cannot be used, and why, with the remedy."""

_PAIR = re.compile(r"\s*[\[(（]?\s*([^,，;；、\s]+)\s*[,，;；、\s]\s*([^,，;；、\s]+?)\s*[\])）]?\s*")
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
# China in longitude and latitude: where the one stands in the place of the other, they were swapped.
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


def wgs84(table: Table) -> gpd.GeoSeries:
    """Say where each row of `table` lies, in WGS 84 degrees, whatever its geometry is.

    Coordinates of another datum are taken to WGS 84, unless it is auto: then they stay as they are.

    Parameters
    ----------
    table
        Rows with geometry, or with columns that say where they lie.

    Raises
    ------
    InputError
        If a row lies nowhere or off the globe, or no column says where.
    CRSError
        If the coordinate system cannot be turned into WGS 84.
    """
    if table.geometry is None and not has_place(table.columns):
        numbered = ~np.isnan(numbers([*map(str, table.headings)])[0])
        code = "refused.no_headings" if numbered.any() else "refused.no_place"
        raise InputError(Phrase(code, source=table.source, headings=listing(table.headings)))
    if not len(table) and not table.stated.may_be_empty:
        code = "refused.no_stations_listed" if table.stated.role == "stations" else "refused.no_rows"
        raise InputError(Phrase(code, source=table.source))
    if not len(table):
        return gpd.GeoSeries([], crs=WGS84)
    shapes = _from_cells(table) if table.geometry is None and has_numbers(table.columns) else _from_shapes(table)
    datum = table.stated.datum
    return shapes if datum == AUTO else unshifted(shapes, datum, crs_of(table), table.source)


def crs_of(table: Table) -> CRS:
    """Tell the coordinate system that the file or the user states; WGS 84 where nobody does."""
    if table.geometry is not None:
        return table.geometry.crs
    return CRS.from_user_input(table.stated.crs or WGS84)


def _from_shapes(table: Table) -> gpd.GeoSeries:
    """Take the shapes of map layers, or of well-known text, to WGS 84."""
    if table.geometry is None:
        table = replace(table, geometry=_from_wkt(table))
    shapes = flat(table.geometry, table.source)
    _refuse(table, _fault(shapes.isna() | shapes.is_empty, "no_geometry"))
    west, south, east, north = shapes.bounds.to_numpy().T
    _check_range(table, west, south)
    _check_range(table, east, north)
    return shapes


def flat(geometry: gpd.GeoSeries, source: str) -> gpd.GeoSeries:
    """Bring geometry to two dimensions and WGS 84.

    Raises
    ------
    CRSError
        If its coordinate system is missing or local.
    """
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapely.force_2d(geometry.to_numpy()), crs=geometry.crs))
    require_crs(frame, source)
    if not (frame.crs.is_geographic or frame.crs.is_projected):
        raise CRSError(Phrase("refused.crs_local", source=source, crs=frame.crs.name))
    try:
        return to_crs(frame, WGS84, source).geometry
    except ProjError as error:
        raise CRSError(Phrase("refused.crs_unturned", source=source, crs=frame.crs.name)) from error


def points(table: Table) -> gpd.GeoSeries:
    """Say where each row lies as a point; other shapes give a point inside them, and a warning."""
    shapes = wgs84(table)
    kinds = shapes.geom_type.to_numpy()
    odd = kinds != "Point"
    if not odd.any():
        return shapes
    several = odd & ~((kinds == "MultiPoint") & (shapely.get_num_geometries(shapes.to_numpy()) == 1))
    if several.any():
        counted = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(kinds[several]).items()))
        rows = tuple(table.rows[several].tolist())
        warn(Finding("not_points", "warning", rows, {"kinds": counted}, table.source))
    return shapes.where(~odd, shapes.representative_point())


def polygons(table: Table) -> gpd.GeoSeries:
    """Say where each row lies as (multi)polygons; broken ones are mended, and a warning says so.

    Raises
    ------
    InputError
        If a row is not a polygon, or one without area.
    """
    if table.geometry is None:
        raise InputError(Phrase("refused.no_polygons", source=table.source))
    shapes = wgs84(table)
    kinds = shapes.geom_type
    areal = kinds.isin(["Polygon", "MultiPolygon", "GeometryCollection"])
    _refuse(table, _fault(~areal, "no_polygon", kinds=", ".join(sorted(set(kinds)))))
    broken = ~shapes.is_valid.to_numpy()
    if broken.any():
        warn(Finding("mended", "warning", tuple(table.rows[broken].tolist()), {}, table.source))
    mended = gpd.GeoSeries([_areal(shape) for shape in shapes.make_valid()], crs=shapes.crs)
    _refuse(table, _fault(mended.is_empty, "no_area"))
    return mended


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the polygons of a shape: mending may leave lines beside them."""
    if shapely.get_type_id(shape) in _POLYGONS:
        return shape
    parts = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) in _POLYGONS]
    return shapely.union_all(parts)


def _from_cells(table: Table) -> gpd.GeoSeries:
    lon, lat, faults = _separate(table) if {"lon", "lat"} <= table.columns.keys() else _paired(table)
    missing = np.isnan(lon) | np.isnan(lat) | ((lon == 0.0) & (lat == 0.0))
    faults.append(_fault(missing & ~np.any([rows for rows, _ in faults], axis=0), "no_coordinates"))
    if any(rows.any() for rows, _ in faults) and table.stated.crs is None:
        faults.append(_off_the_globe(lon, lat, ~missing & _beyond(lon, lat)))  # so that all is told at once
    _refuse(table, *faults)
    if (crs := table.stated.crs) is not None:
        return flat(place(lon, lat, stated_crs(crs, table.source), table.source), table.source)
    _check_range(table, lon, lat)
    if _within(lon, _CHINA_LAT).all() and _within(lat, _CHINA_LON).all():
        raise _swapped(table, lon, lat, np.ones(len(lon), dtype=bool))
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=WGS84)


def _from_wkt(table: Table) -> gpd.GeoSeries:
    cells = table.text("wkt")
    shapes, srids, bad = read_wkt(cells)
    heading = table.headings[table.columns["wkt"]]
    first = cells[int(np.flatnonzero(bad)[0])][:40] if bad.any() else ""
    _refuse(table, _fault(bad, "no_wkt", heading=heading, first=first))
    if len(srids) > 1:
        raise CRSError(
            Phrase("refused.wkt_several", source=table.source, heading=heading, srids=", ".join(map(str, srids)))
        )
    if srids and table.stated.crs is not None:
        raise CRSError(
            Phrase(
                "refused.wkt_stated",
                source=table.source,
                heading=heading,
                srid=srids[0],
                option=table.stated.crs_option,
                stated=table.stated.crs,
            )
        )
    if table.stated.crs is not None:
        return gpd.GeoSeries(shapes, crs=stated_crs(table.stated.crs, table.source))
    try:
        return gpd.GeoSeries(shapes, crs=f"EPSG:{srids[0]}" if srids else WGS84)
    except ProjError as error:
        raise CRSError(Phrase("refused.wkt_unknown", source=table.source, srid=srids[0])) from error


def _separate(table: Table) -> tuple[Floats, Floats, list[Fault]]:
    lon, no_lon = _degrees(table, "lon", table.text("lon"))
    lat, no_lat = _degrees(table, "lat", table.text("lat"))
    return lon, lat, [no_lon, no_lat]


def _degrees(table: Table, meaning: str, cells: list[str]) -> tuple[Floats, Fault]:
    value, _, bad = numbers(cells, degrees=True)
    first = cells[int(np.argmax(bad))] if bad.any() else ""
    return value, _fault(bad, "no_number", heading=table.headings[table.columns[meaning]], first=first[:40])


def _paired(table: Table) -> tuple[Floats, Floats, list[Fault]]:
    """Part "119.3, 33.2"; which of the two is the latitude the heading says, else the numbers."""
    meaning = next(m for m in ("lonlat", "latlon", "pair") if m in table.columns)
    cells = table.text(meaning)
    halves = [m.groups() if (m := _PAIR.fullmatch(c)) else ("", c) for c in cells]
    first, no_first = _degrees(table, meaning, [a for a, _ in halves])
    second, no_second = _degrees(table, meaning, [b for _, b in halves])
    if meaning == "pair":
        known = ~np.isnan(first) & ~np.isnan(second)
        if known.any() and (np.abs(first[known]) <= 90).all() and (np.abs(second[known]) <= 90).all():
            raise InputError(
                Phrase("refused.pair_order", source=table.source, heading=table.headings[table.columns[meaning]])
            )
        meaning = "latlon" if (np.abs(second[known]) > 90).all() else "lonlat"
    lon, lat = (second, first) if meaning == "latlon" else (first, second)
    return lon, lat, [no_first, no_second]


def _within(value: Floats, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (value >= limits[0]) & (value <= limits[1])


def _check_range(table: Table, lon: Floats, lat: Floats) -> None:
    wrong = _beyond(lon, lat)
    if not wrong.any():
        return
    if _look_swapped(lon, lat)[wrong].all():
        raise _swapped(table, lon, lat, wrong)
    at = int(np.flatnonzero(wrong)[0])
    if wrong.all() and (question := metres_question(lon, lat, table.stated.crs_option)) is not None:
        raise CRSError(Phrase("refused.metres", source=table.source, x=lon[at], y=lat[at], question=question))
    _refuse(table, _off_the_globe(lon, lat, wrong))


def _beyond(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return ~(_within(lon, (-180.0, 180.0)) & _within(lat, (-90.0, 90.0)))


def _look_swapped(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return _within(lat, (-180.0, 180.0)) & _within(lon, (-90.0, 90.0))


def _off_the_globe(lon: Floats, lat: Floats, wrong: NDArray[np.bool_]) -> Fault:
    """Say of rows that lie off the globe what their numbers may be."""
    at = int(np.argmax(wrong))
    millionths = (np.maximum(np.abs(lon), np.abs(lat)) > 1e7) & (np.abs(lon) <= 1.8e8) & (np.abs(lat) <= 9e7)
    metres = abs(lon[at]) > 1000.0 or abs(lat[at]) > 1000.0
    swapped = _look_swapped(lon, lat)[wrong].all()
    code = "off_millionths" if millionths.all() else "off_swapped" if swapped else "off_metres" if metres else "off"
    return _fault(wrong, code, lon=lon[at], lat=lat[at])


def _swapped(table: Table, lon: Floats, lat: Floats, wrong: NDArray[np.bool_]) -> InputError:
    at = int(np.flatnonzero(wrong)[0])
    return InputError(
        Phrase("refused.swapped", source=table.source, rows=rows_named(table.rows[wrong]), lon=lon[at], lat=lat[at])
    )


def _fault(wrong: NDArray[np.bool_], code: str, **values: Any) -> Fault:
    """Say what is wrong with rows; of none, nothing: phrases are not even loaded where a list is sound."""
    wrong = np.asarray(wrong, dtype=bool)
    return wrong, Phrase(f"row.{code}", **values) if wrong.any() else ""


def _refuse(table: Table, *faults: Fault) -> None:
    """Refuse the rows that have a fault, with all faults that there are in one message."""
    found = [(rows_named(table.rows[wrong]), told) for wrong, told in faults if wrong.any()]
    if not found:
        return
    (rows, told), *more = found
    for other, also in more:
        told = Phrase("row.also", told=told, rows=other, also=also)
    raise InputError(Phrase("refused.rows", source=table.source, rows=rows, told=told))
