"""H3 cells: rows that name the hexagon they are of -> the hexagon's centre (https://h3geo.org)."""

from __future__ import annotations

import importlib
import re
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from walkshed.errors import InputError
from walkshed.inputs.cells import rows_named, texts
from walkshed.inputs.headings import listing, normalise
from walkshed.inputs.tables import Table
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

HEADINGS = ("h3", "h3_id", "h3_index", "h3_cell", "h3_address", "hex", "hex_id", "hexagon", "h3编号", "六边形编号")
"""Headings of columns with the names of H3 cells; without one, a column of nothing else is found by its look."""

_CELL = re.compile(r"8[0-9a-f]{14}")
_HEADINGS = frozenset(map(normalise, HEADINGS))


def hexagon_column(table: Table) -> int | None:
    """Find the column that names H3 cells: by its heading and first cell, or by all of its cells."""
    looks = {}
    for column in table.cells:
        cells = [c.lower() for c in texts(table.cells[column].to_numpy(dtype=object)) if c]
        looks[column] = [bool(_CELL.fullmatch(c)) for c in cells]
    named = [c for c, look in looks.items() if normalise(table.headings[c]) in _HEADINGS and any(look)]
    return next(iter(named or [c for c, look in looks.items() if look and all(look)]), None)


def hexagon_centres(table: Table, column: int) -> gpd.GeoSeries:
    """Say where the centre of each row's hexagon lies.

    Parameters
    ----------
    table
        Rows of cells.
    column
        From `hexagon_column`.

    Returns
    -------
    GeoSeries
        EPSG:4326 points.

    Raises
    ------
    InputError
        If h3 is not installed, or a row names no H3 cell.
    """
    h3 = _h3(table, column)
    names = [c.lower() for c in texts(table.cells[column].to_numpy(dtype=object))]
    wrong: NDArray[np.bool_] = np.array([not (_CELL.fullmatch(n) and h3.is_valid_cell(n)) for n in names], dtype=bool)
    if wrong.any():
        first = names[int(np.flatnonzero(wrong)[0])]
        raise InputError(
            Phrase("refused.no_hexagon", source=table.source, rows=rows_named(table.rows[wrong]), found=first[:40])
        )
    lat, lon = np.array([h3.cell_to_latlng(n) for n in names]).reshape(-1, 2).T
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=WGS84)


def _h3(table: Table, column: int) -> Any:
    """Import h3, which only such tables need."""
    try:
        return importlib.import_module("h3")
    except ImportError as error:
        raise InputError(
            Phrase("refused.no_h3", source=table.source, column=listing([table.headings[column]]))
        ) from error
