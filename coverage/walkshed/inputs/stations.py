"""Stations: a list of places in any file, or a frame -> the frame that ``analyze`` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np

from walkshed.errors import InputError
from walkshed.inputs.cells import texts
from walkshed.inputs.datum import AUTO, TITLES, carries_shift, check_datum, read_as, suggested_datum
from walkshed.inputs.duplicates import same_name, same_place
from walkshed.inputs.headings import normalise
from walkshed.inputs.hours import opening_hours
from walkshed.inputs.places import crs_of, points
from walkshed.inputs.tables import PLACES, Table, read_table, table_of
from walkshed.inputs.understood import Finding, ReadColumn, Stated, Understood, warn
from walkshed.phrases import Phrase

OPTIONAL = ("hours", "groups", "capacity", "address", "township")
"""Columns handed on as text where the file has them."""

MEANINGS = ("station_id", "name", *PLACES, "category", *OPTIONAL)

_DATUM_HEADINGS = frozenset(
    map(
        normalise,
        ("datum", "crs", "coord_type", "coordtype", "坐标系", "坐标系统", "坐标类型", "坐标来源", "坐标系類型"),
    )
)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_DECIMAL = re.compile(r"-?\d+\.\d*[1-9]\d*")


def read_stations(
    path: str | PathLike[str],
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
    may_be_empty: bool = False,
) -> gpd.GeoDataFrame:
    """Read a list of stations.

    Parameters
    ----------
    path
        CSV, TSV, XLSX, XLS, GeoJSON, GeoPackage, Shapefile, KML or GeoParquet.
    sheet
        Sheet of a workbook or layer of a GeoPackage; without it the first that says where its rows lie.
    columns
        Meaning -> heading, such as ``{"name": "驿站"}``, where the headings do not speak for themselves.
    datum
        What the coordinates are in: wgs84, cgcs2000 (the same to the decimetre), gcj02 (Amap, Tencent), bd09
        (Baidu), or auto, where the fit to the streets is to tell. Also of map layers, whose files say WGS 84
        whatever they hold.
    crs
        Coordinate system, such as "EPSG:4528", of a table whose numbers are projected metres, or of map layers
        that state none.
    may_be_empty
        Whether the file may hold headings alone.

    Returns
    -------
    GeoDataFrame
        EPSG:4326 points with ``station_id`` (text, unique; the number in the list where there is none),
        ``name`` and ``category`` (text, "" where there is none), ``row`` (the row in the file, counted
        from 1 with the heading; the feature's number in map layers), and, where the file has them,
        ``hours``, ``groups``, ``capacity``, ``address``, ``township`` as text. With ``hours`` comes
        ``opening_hours``: the same in OpenStreetMap's syntax, "" where they are blank or cannot be read.
        With `datum` auto the coordinates stay as they are, a column ``datum`` says "auto", and `analyze`
        settles it. What was taken to WGS 84 from another datum says from which in a column ``read_as``
        (gcj02, bd09).

    Raises
    ------
    InputError
        If the file cannot be read; if it holds no row, and must; if no column says where the rows lie; if a row
        has no coordinates, none that are numbers, or none on the globe; if longitude and latitude look
        swapped; if two rows have one id. The message names file, rows and remedy.

    Warns
    -----
    InputWarning
        If totals or footnotes were left out, a point was taken for a polygon, or hours cannot be read.

    Examples
    --------
    >>> stations = ws.read_stations(county.stations)
    >>> len(stations), stations.crs.to_epsg()
    (41, 4326)
    >>> stations[["station_id", "opening_hours"]].iloc[1].tolist()
    ['AH002', '06:00-21:00']
    """
    stations, understood = understand_stations(
        path, sheet=sheet, columns=columns, datum=datum, crs=crs, may_be_empty=may_be_empty
    )
    for finding in understood.findings:
        if finding.code == "hours_unread":
            warn(replace(finding, source=understood.source))
    return stations


def understand_stations(
    path: str | PathLike[str],
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
    may_be_empty: bool = False,
) -> tuple[gpd.GeoDataFrame, Understood]:
    """Read a list of stations, and tell what was understood of it.

    Parameters
    ----------
    path, sheet, columns, datum, crs, may_be_empty
        As for `read_stations`.

    Returns
    -------
    stations, understood
        The frame, and how the file was read, what each column means and what is odd.

    Raises
    ------
    InputError
        As `read_stations`.
    """
    stated = Stated(sheet=sheet, columns=columns or {}, datum=check_datum(datum), crs=crs, may_be_empty=may_be_empty)
    table = read_table(Path(path), MEANINGS, stated)
    stations = _settled(_stations(table), table)
    meaning = {column: m for m, column in table.columns.items()}
    own = table.cells.set_axis(table.headings, axis=1).set_axis(table.rows, axis=0)
    return stations, Understood(
        source=table.source,
        reading=table.reading,
        columns=tuple(ReadColumn(h, meaning.get(i)) for i, h in enumerate(table.headings)),
        own=own,
        findings=tuple(find_odd(stations)),
        datum=read_as(table.stated.datum),
    )


def find_odd(stations: gpd.GeoDataFrame) -> list[Finding]:
    """Find stations that may stand twice, and hours that cannot be read.

    Parameters
    ----------
    stations
        As `read_stations` gives them.
    """
    rows = stations["row"].to_numpy()
    found: list[Finding] = []
    if "hours" in stations:
        unread = ((stations["opening_hours"] == "") & (stations["hours"] != "")).to_numpy()
        first = _cut(next(iter(stations["hours"][unread]), ""))
        found += [Finding("hours_unread", "warning", tuple(rows[unread].tolist()), {"first": first})] * bool(
            unread.any()
        )
    for group in same_place(stations.geometry):
        names = _cut(" / ".join(dict.fromkeys(filter(None, stations["name"].iloc[group]))))
        found.append(Finding("same_place", "warning", tuple(rows[group].tolist()), {"names": names or "-"}))
    for group in same_name(stations["name"].tolist()):
        found.append(
            Finding("same_name", "note", tuple(rows[group].tolist()), {"name": _cut(stations["name"].iloc[group[0]])})
        )
    return found


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def check_stations(
    frame: gpd.GeoDataFrame, *, may_be_empty: bool = False, role: Literal["stations", "candidates"] = "stations"
) -> gpd.GeoDataFrame:
    """Check a frame of stations that someone made, and fill in what it lacks.

    Parameters
    ----------
    frame
        Any CRS that it states. Columns are known by their meaning, as in a file; none is needed.
    may_be_empty
        Whether it need not have a row.
    role
        What it is to the study.

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
        raise InputError(f"{role}: found {type(frame).__name__}; give a GeoDataFrame of points, as read_stations does")
    rows = frame["row"].to_numpy() if _has_rows(frame) else None
    stated = Stated(role=role, may_be_empty=may_be_empty)
    stations = _stations(table_of(frame, role, MEANINGS, rows=rows, stated=stated))
    if "read_as" in frame.columns:
        stations = stations.assign(read_as=[value or "wgs84" for value in texts(frame["read_as"].tolist())])
    return stations.assign(datum=AUTO) if _unsettled(frame) else stations


def _has_rows(frame: gpd.GeoDataFrame) -> bool:
    return "row" in frame.columns and np.issubdtype(frame["row"].to_numpy().dtype, np.integer)


def _settled(stations: gpd.GeoDataFrame, table: Table) -> gpd.GeoDataFrame:
    """Mark stations of which the streets are to tell the datum."""
    if table.stated.datum == "wgs84":
        _suggest(table)
    _warn_row_datums(table)
    _warn_twice(table)
    datum = read_as(table.stated.datum)
    if datum == AUTO:
        return stations.assign(datum=AUTO) if carries_shift(crs_of(table)) else stations
    return stations if datum == "wgs84" else stations.assign(read_as=datum)


def _suggest(table: Table) -> None:
    """Warn where a heading names another datum than the one the list is read in."""
    columns = [table.columns[m] for m in PLACES if m in table.columns]
    for heading in (row[i] for row in (table.headings, table.over) for i in columns if i < len(row)):
        if (other := suggested_datum(heading)) is not None:
            values = {"heading": _cut(heading), "title": TITLES[other], "datum": other}
            warn(Finding("datum_named", "warning", (), values, table.source))
            return


def _warn_row_datums(table: Table) -> None:
    """Warn where a column says of some rows that they are in another datum than the one read."""
    for i, heading in enumerate(table.headings):
        if i in table.columns.values() or normalise(heading) not in _DATUM_HEADINGS:
            continue
        told = [suggested_datum(cell) or ("wgs84" if cell else "") for cell in texts(table.cells[i])]
        odd = [
            row
            for row, datum in zip(table.rows.tolist(), told, strict=True)
            if datum not in ("", read_as(table.stated.datum))
        ]
        if odd:
            names = ", ".join(TITLES[datum] for datum in sorted({*told} - {""}))
            warn(Finding("datum_rows", "warning", tuple(odd), {"heading": _cut(heading), "names": names}, table.source))


def _warn_twice(table: Table) -> None:
    """Warn where a heading that counts stands over another column, too."""
    plain = [normalise(heading) for heading in table.headings]
    for column in table.columns.values():
        if plain.count(plain[column]) > 1 and plain[column]:
            values = {"heading": _cut(table.headings[column]), "columns": plain.count(plain[column])}
            warn(Finding("heading_twice", "warning", (), values, table.source))


def _unsettled(frame: gpd.GeoDataFrame) -> bool:
    """Tell whether the streets are to tell the datum of a frame.

    Raises
    ------
    InputError
        If only of some of its rows.
    """
    marked = frame["datum"].eq(AUTO).to_numpy() if "datum" in frame.columns else np.zeros(1, dtype=bool)
    if marked.any() and not marked.all():
        raise InputError("stations: the datum of some rows is auto and of some is not; analyze the two lists apart")
    return bool(marked.all() and len(marked))


def _stations(table: Table) -> gpd.GeoDataFrame:
    geometry = points(table)
    columns: dict[str, Any] = {
        "station_id": _ids(table),
        "name": table.text("name"),
        "category": table.text("category"),
        "row": np.asarray(table.rows, dtype=np.int64),
    }
    columns |= {m: table.text(m) for m in OPTIONAL if m in table.columns}
    if "hours" in columns:
        columns["opening_hours"] = opening_hours(columns["hours"])
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
    repeated = [f"{name!r} ({', '.join(map(str, r[:8]))})" for name, r in rows.items() if len(r) > 1]
    if repeated:
        twice = "; ".join(repeated[:5]) + ("; ..." if len(repeated) > 5 else "")
        raise InputError(Phrase("refused.ids_twice", source=table.source, ids=twice))
