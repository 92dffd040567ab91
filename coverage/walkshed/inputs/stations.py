"""Stations: a list of places in any file, or a frame -> the frame that ``analyze`` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import geopandas as gpd
import numpy as np

from walkshed.errors import InputError
from walkshed.inputs.cells import rows_named
from walkshed.inputs.places import points
from walkshed.inputs.tables import PLACES, Table, read_table, table_of

OPTIONAL = ("hours", "groups", "capacity", "address", "township")
"""Columns handed on as text where the file has them."""

MEANINGS = ("station_id", "name", *PLACES, "category", *OPTIONAL)

_WHOLE = re.compile(r"(-?\d+)\.0+")
_DECIMAL = re.compile(r"-?\d+\.\d*[1-9]\d*")


def read_stations(
    path: str | PathLike[str], *, sheet: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Read a list of stations.

    Parameters
    ----------
    path
        CSV, TSV, XLSX, XLS, ODS, GeoJSON, GeoPackage, Shapefile, KML or GeoParquet.
    sheet
        Sheet of a workbook or layer of a GeoPackage; without it the first that says where its rows lie.
    columns
        Meaning -> heading, such as ``{"name": "驿站"}``, where the headings do not speak for themselves.

    Returns
    -------
    GeoDataFrame
        EPSG:4326 points with ``station_id`` (text, unique; the number in the list where there is none),
        ``name`` and ``category`` (text, "" where there is none), ``row`` (the row in the file, counted
        from 1 with the heading; the feature's number in map layers), and, where the file has them,
        ``hours``, ``groups``, ``capacity``, ``address``, ``township`` as text.

    Raises
    ------
    InputError
        If the file cannot be read; if it holds no row; if no column says where the rows lie; if a row
        has no coordinates, none that are numbers, or none on the globe; if longitude and latitude look
        swapped; if two rows have one id. The message names file, rows and remedy.

    Warns
    -----
    InputWarning
        If totals or footnotes were left out, or a point was taken for a polygon.
    """
    table = read_table(Path(path), MEANINGS, sheet=sheet, columns=columns)
    return _stations(table)


def check_stations(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a frame of stations that someone made, and fill in what it lacks.

    Parameters
    ----------
    frame
        Any CRS that it states. Columns are known by their meaning, as in a file; none is needed.

    Returns
    -------
    GeoDataFrame
        A new one, as `read_stations` gives it.

    Raises
    ------
    InputError
        As `read_stations`; CRSError if it states no coordinate system.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(
            f"stations: found {type(frame).__name__}; give a GeoDataFrame of points, as read_stations does"
        )
    rows = frame["row"].to_numpy() if _has_rows(frame) else None
    return _stations(table_of(frame, "stations", MEANINGS, rows=rows))


def _has_rows(frame: gpd.GeoDataFrame) -> bool:
    return "row" in frame.columns and np.issubdtype(frame["row"].to_numpy().dtype, np.integer)


def _stations(table: Table) -> gpd.GeoDataFrame:
    geometry = points(table)
    columns = {
        "station_id": _ids(table),
        "name": table.text("name"),
        "category": table.text("category"),
        "row": np.asarray(table.rows, dtype=np.int64),
    }
    columns |= {m: table.text(m) for m in OPTIONAL if m in table.columns}
    return gpd.GeoDataFrame(columns, geometry=geometry.to_numpy(), crs=geometry.crs)


def _ids(table: Table) -> list[str]:
    """Take the ids as text; number the stations that have none."""
    given = _without_point_zero(table.text("station_id"))
    _refuse_repeated(table, given)
    taken = set(given)
    ids = []
    for number, name in enumerate(given, start=1):
        ids.append(name or _free(str(number), taken))
        taken.add(ids[-1])
    return ids


def _without_point_zero(ids: list[str]) -> list[str]:
    """Write 12.0 as 12, unless the ids are section numbers such as 1.0 and 1.1."""
    if any(_DECIMAL.fullmatch(i) for i in ids):
        return ids
    return [whole[1] if (whole := _WHOLE.fullmatch(i)) else i for i in ids]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "+"
    return name


def _refuse_repeated(table: Table, ids: list[str]) -> None:
    rows: dict[str, list[int]] = {}
    for name, row in zip(ids, table.rows, strict=True):
        if name:
            rows.setdefault(name, []).append(int(row))
    repeated = [f"{name!r} in {rows_named(r)}" for name, r in rows.items() if len(r) > 1]
    if repeated:
        more = f" and {len(repeated) - 5} more" if len(repeated) > 5 else ""
        raise InputError(
            f"{table.source}: station ids stand twice: {'; '.join(repeated[:5])}{more}; make each id unique"
        )
