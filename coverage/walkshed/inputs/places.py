"""Where things lie: cells and geometry -> points and polygons in WGS 84 degrees, or a refusal."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

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
from walkshed.schema import WGS84, require_crs, to_crs

Floats = NDArray[np.float64]

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
        above = "put a row of headings above the first, and " if numbered.any() else ""
        raise InputError(
            f"{table.source}: no coordinate columns; the headings are {listing(table.headings)}: "
            f"{above}name them lon and lat (经度, 纬度), or say which they are with --columns lon=HEADING"
        )
    if not len(table):
        raise InputError(f"{table.source}: nothing is listed in it; give at least one row")
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
    _refuse(table, shapes.isna() | shapes.is_empty, "no geometry", "draw it, or delete the row")
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
        raise CRSError(
            f"{source}: its coordinate system is {frame.crs.name!r}, which has no place on the globe; "
            "assign the right one, e.g. EPSG:4326"
        )
    try:
        return to_crs(frame, WGS84, source).geometry
    except ProjError as error:
        raise CRSError(f"{source}: {frame.crs.name!r} cannot be turned into WGS 84; reproject it") from error


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
        raise InputError(f"{table.source}: a table, not polygons; give GeoJSON, GeoPackage or a Shapefile")
    shapes = wgs84(table)
    kinds = shapes.geom_type
    _refuse(
        table,
        ~kinds.isin(["Polygon", "MultiPolygon", "GeometryCollection"]),
        f"not a polygon but {', '.join(sorted(set(kinds)))}",
        "give areas, not points or lines",
    )
    broken = ~shapes.is_valid.to_numpy()
    if broken.any():
        warn(Finding("mended", "warning", tuple(table.rows[broken].tolist()), {}, table.source))
    mended = gpd.GeoSeries([_areal(shape) for shape in shapes.make_valid()], crs=shapes.crs)
    _refuse(table, mended.is_empty, "no area", "draw it as a polygon, or delete the row")
    return mended


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the polygons of a shape: mending may leave lines beside them."""
    if shapely.get_type_id(shape) in _POLYGONS:
        return shape
    parts = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) in _POLYGONS]
    return shapely.union_all(parts)


def _from_cells(table: Table) -> gpd.GeoSeries:
    lon, lat = _separate(table) if {"lon", "lat"} <= table.columns.keys() else _paired(table)
    missing = np.isnan(lon) | np.isnan(lat) | ((lon == 0.0) & (lat == 0.0))
    _refuse(table, missing, "no coordinates", "fill them in, or delete the row")
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
    _refuse(table, bad, f"{heading} is no well-known text (found {first!r})", "write it as POINT (119.31 33.23)")
    if len(srids) > 1:
        raise CRSError(
            f"{table.source}: {heading} is in several coordinate systems (SRID {', '.join(map(str, srids))}); use one"
        )
    if srids and table.stated.crs is not None:
        raise CRSError(
            f"{table.source}: {heading} states SRID {srids[0]}; leave out {table.stated.crs_option}{table.stated.crs}"
        )
    if table.stated.crs is not None:
        return gpd.GeoSeries(shapes, crs=stated_crs(table.stated.crs, table.source))
    try:
        return gpd.GeoSeries(shapes, crs=f"EPSG:{srids[0]}" if srids else WGS84)
    except ProjError as error:
        raise CRSError(f"{table.source}: there is no coordinate system EPSG:{srids[0]}; write SRID=4326") from error


def _separate(table: Table) -> tuple[Floats, Floats]:
    return _degrees(table, "lon", table.text("lon")), _degrees(table, "lat", table.text("lat"))


def _degrees(table: Table, meaning: str, cells: list[str]) -> Floats:
    value, _, bad = numbers(cells, degrees=True)
    if bad.any():
        first = cells[int(np.flatnonzero(bad)[0])]
        heading = table.headings[table.columns[meaning]]
        _refuse(table, bad, f"{heading} is not a number (found {first[:40]!r})", "give degrees such as 119.31")
    return value


def _paired(table: Table) -> tuple[Floats, Floats]:
    """Part "119.3, 33.2"; which of the two is the latitude the heading says, else the numbers."""
    meaning = next(m for m in ("lonlat", "latlon", "pair") if m in table.columns)
    cells = table.text(meaning)
    halves = [m.groups() if (m := _PAIR.fullmatch(c)) else ("", c) for c in cells]
    first = _degrees(table, meaning, [a for a, _ in halves])
    second = _degrees(table, meaning, [b for _, b in halves])
    if meaning == "pair":
        known = ~np.isnan(first) & ~np.isnan(second)
        if known.any() and (np.abs(first[known]) <= 90).all() and (np.abs(second[known]) <= 90).all():
            raise InputError(
                f"{table.source}: column {table.headings[table.columns[meaning]]!r} may hold longitude or "
                "latitude first; name it lonlat or latlon"
            )
        meaning = "latlon" if (np.abs(second[known]) > 90).all() else "lonlat"
    return (second, first) if meaning == "latlon" else (first, second)


def _within(value: Floats, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (value >= limits[0]) & (value <= limits[1])


def _check_range(table: Table, lon: Floats, lat: Floats) -> None:
    wrong = ~(_within(lon, (-180.0, 180.0)) & _within(lat, (-90.0, 90.0)))
    if not wrong.any():
        return
    if (_within(lat, (-180.0, 180.0)) & _within(lon, (-90.0, 90.0)))[wrong].all():
        raise _swapped(table, lon, lat, wrong)
    at = int(np.flatnonzero(wrong)[0])
    if wrong.all() and (question := metres_question(lon, lat, table.stated.crs_option)) is not None:
        raise CRSError(f"{table.source}: no degrees but metres (found {lon[at]:.12g}, {lat[at]:.12g}): {question}")
    millionths = (np.maximum(np.abs(lon), np.abs(lat)) > 1e7) & (np.abs(lon) <= 1.8e8) & (np.abs(lat) <= 9e7)
    if millionths.all():
        remedy = "divide both by 1,000,000"
        _refuse(table, wrong, f"off the globe: lon {lon[at]:.12g}, lat {lat[at]:.12g} (millionths of degrees?)", remedy)
    metres = " (projected metres?)" if abs(lon[at]) > 1000.0 or abs(lat[at]) > 1000.0 else ""
    _refuse(table, wrong, f"off the globe: lon {lon[at]:g}, lat {lat[at]:g}{metres}", "give degrees in WGS 84")


def _swapped(table: Table, lon: Floats, lat: Floats, wrong: NDArray[np.bool_]) -> InputError:
    at = int(np.flatnonzero(wrong)[0])
    return InputError(
        f"{table.source}: {rows_named(table.rows[wrong])}: latitude and longitude look swapped "
        f"(found lon {lon[at]:g}, lat {lat[at]:g}); exchange the two"
    )


def _refuse(table: Table, wrong: NDArray[np.bool_], found: str, remedy: str) -> None:
    """Refuse the rows where `wrong` is true."""
    if (mask := np.asarray(wrong, dtype=bool)).any():
        raise InputError(f"{table.source}: {rows_named(table.rows[mask])}: {found}; {remedy}")
