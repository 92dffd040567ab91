"""A grid of square zones over the study area (网格化), for places without zones of their own."""

from __future__ import annotations

from math import ceil, floor, isfinite
from numbers import Real

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from walkshed.errors import CRSError, InputError
from walkshed.inputs.area import check_area
from walkshed.phrases import Phrase
from walkshed.schema import to_crs

SAME_PLACE_M = 1e-3
"""Ground shared by less than this across is none: an area that ends on a line of the grid, give or take a float."""

MAX_CELLS = 250_000
"""More cells than this over the area's box are no zones that one could read."""


def make_grid(area: gpd.GeoDataFrame | shapely.Geometry, size_m: float, crs: str | CRS) -> gpd.GeoDataFrame:
    """Lay square zones over an area.

    Sides lie on multiples of `size_m`, so that grids over neighbouring areas fit together, and one over a
    part has the same cells as one over the whole. Cells are whole squares: what of a cell lies outside
    the area does not count in its figures.

    Parameters
    ----------
    area
        Polygons in any CRS that they state, or a shapely polygon in WGS 84.
    size_m
        Side of a cell in metres.
    crs
        A projected CRS in metres: the streets' own.

    Returns
    -------
    GeoDataFrame
        In `crs`, from the north-west on: ``zone`` (``R03C12``: third row from the north, twelfth column
        from the west; not 3-12, which spreadsheets take for a date), squares that share ground with the area.

    Raises
    ------
    InputError
        If the size is no positive number, or makes too many cells.
    CRSError
        If `crs` does not count metres.

    Examples
    --------
    >>> grid = make_grid(shapely.box(116.99, 32.53, 117.01, 32.54), 1000, "EPSG:32650")
    >>> grid["zone"].tolist()
    ['R1C1', 'R1C2', 'R2C1', 'R2C2']
    """
    _check(size_m, crs)
    outline = to_crs(check_area(area), crs, "area").geometry.iloc[0]
    west, south, east, north = outline.bounds
    (left, across), (low, down) = _lines(west, east, size_m), _lines(south, north, size_m)
    if across * down > MAX_CELLS:
        raise InputError(Phrase("refused.grid_cells", size=size_m, cells=across * down, most=MAX_CELLS))
    row, column = np.divmod(np.arange(across * down), across)
    x, y = (left + column) * size_m, (low + down - 1 - row) * size_m
    shapely.prepare(outline)
    edge = SAME_PLACE_M
    meets = shapely.intersects(outline, shapely.box(x + edge, y + edge, x + size_m - edge, y + size_m - edge))
    digits = len(str(down)), len(str(across))
    names = [f"R{r + 1:0{digits[0]}d}C{c + 1:0{digits[1]}d}" for r, c in zip(row[meets], column[meets], strict=True)]
    cells = shapely.box(x, y, x + size_m, y + size_m)[meets]
    return gpd.GeoDataFrame({"zone": np.array(names, dtype=object)}, geometry=cells, crs=crs)


def _lines(low: float, high: float, size_m: float) -> tuple[int, int]:
    """Tell the number of the last line of the grid before `low`, and how many cells lead from it to `high`."""
    first = floor((low + SAME_PLACE_M) / size_m)
    return first, ceil((high - SAME_PLACE_M) / size_m) - first


def _check(size_m: float, crs: str | CRS) -> None:
    if isinstance(size_m, bool) or not isinstance(size_m, Real) or not isfinite(size_m) or size_m <= 0:
        raise InputError(Phrase("refused.grid_size", found=size_m))
    axes = CRS.from_user_input(crs).axis_info
    if any(axis.unit_name != "metre" for axis in axes):
        raise CRSError(f"grid: {crs} does not count metres; give the streets' own CRS (streets.crs)")
