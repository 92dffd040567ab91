"""Zones: named polygons that figures are told for, such as townships and grid cells."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from walkshed.errors import InputError
from walkshed.inputs.cells import texts
from walkshed.inputs.datum import check_datum
from walkshed.inputs.headings import assign
from walkshed.inputs.people import counts
from walkshed.inputs.places import polygons
from walkshed.inputs.tables import Table, read_table, table_of
from walkshed.inputs.understood import Finding, Stated, warn

MEANINGS = ("zone", "population")


def read_zones(
    path: str | PathLike[str],
    *,
    name: str | Sequence[str] | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Read zones.

    Rows of one name are one zone: a township may lie in several pieces. The head counts of its pieces
    add up, unless all are the same: then each row repeats that of the whole.

    Parameters
    ----------
    path
        Map layers of polygons.
    name
        Heading of the names; without it name, 名称, 镇, 街道, NAME_3 and the like, else the first column
        of text, else the features are numbered. Several are told together, such as city and district: so districts of
        one name in two cities stay two zones.
    datum
        What the coordinates are in: wgs84, cgcs2000, gcj02 or bd09, as for `read_stations`.
    crs
        Coordinate system of what states none, as for `read_stations`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326; ``zone`` (text, unique), ``population`` (float, NaN where not given), (multi)polygons.

    Raises
    ------
    InputError
        If the file cannot be read, holds nothing, or holds what is not a polygon; if there is no column
        `name`; if a head count is negative or no number.

    Warns
    -----
    InputWarning
        If rows were joined or have no name, or invalid polygons were mended.

    Examples
    --------
    >>> ws.read_zones(county.zones).columns.tolist()
    ['zone', 'population', 'geometry']
    """
    headings = [name] if isinstance(name, str) else list(name or ())
    columns = {"zone": headings[0]} if headings else {}
    stated = Stated(role="zones", columns=columns, datum=check_datum(datum, auto=False), crs=crs)
    return _zones(read_table(Path(path), MEANINGS, stated), headings)


def check_zones(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a frame of zones that someone made.

    Parameters
    ----------
    frame
        Polygons in any CRS that it states.

    Returns
    -------
    GeoDataFrame
        A new one, as `read_zones` gives it.

    Raises
    ------
    InputError
        As `read_zones`; CRSError if it states no coordinate system.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"zones: found {type(frame).__name__}; give a GeoDataFrame, as read_zones does")
    return _zones(table_of(frame, "zones", MEANINGS, stated=Stated(role="zones")))


def _zones(table: Table, headings: Sequence[str] = ()) -> gpd.GeoDataFrame:
    shapes = polygons(table)
    count = counts(table)[0] if "population" in table.columns else np.full(len(table), np.nan)
    columns = {"zone": _names(table, headings), "population": count}
    frame = gpd.GeoDataFrame(columns, geometry=shapes.to_numpy(), crs=shapes.crs)
    return _joined(frame, table)


def _names(table: Table, headings: Sequence[str]) -> list[str]:
    """Name each row: by the headings given, else by what looks like a name; by its number where that is blank."""
    if headings:
        columns = [assign(table.headings, MEANINGS, {"zone": one}, table.source)["zone"] for one in headings]
        cells = [texts(table.cells[column].to_numpy(dtype=object)) for column in columns]
        names = [" ".join(filter(None, row)) for row in zip(*cells, strict=True)]
    elif "zone" in table.columns:
        names = table.text("zone")
    else:
        names = next(
            (table.cells[c].astype(str).tolist() for c in table.cells if _is_text(table.cells[c])),
            [""] * len(table),
        )
    if unnamed := tuple(int(row) for name, row in zip(names, table.rows, strict=True) if not name):
        warn(Finding("zones_unnamed", "note", unnamed, {"count": len(unnamed)}, table.source))
    return [name or str(row) for name, row in zip(names, table.rows, strict=True)]


def _is_text(column: pd.Series) -> bool:
    return len(column) > 0 and all(isinstance(value, str) for value in column)


def _joined(frame: gpd.GeoDataFrame, table: Table) -> gpd.GeoDataFrame:
    """Make one zone of the rows of one name."""
    twice = frame["zone"].duplicated(keep=False).to_numpy()
    repeated, rows = frame.loc[twice, "zone"].value_counts(sort=False), tuple(table.rows[twice].tolist())
    if not len(repeated):
        return frame
    names = ", ".join(f"{str(name)[:40]} × {count}" for name, count in repeated.head(5).items())
    values = {"count": len(repeated), "names": names}
    warn(Finding("zones_joined", "warning", rows, values, table.source))
    return frame.dissolve("zone", aggfunc={"population": _whole}, sort=False).reset_index()[list(frame.columns)]


def _whole(pieces: pd.Series) -> float:
    """Add up the head counts of a zone's pieces; NaN where any is not known."""
    if (pieces == pieces.iloc[0]).all():
        return float(pieces.iloc[0])
    return float(pieces.sum(skipna=False))
