"""Slope: what uphill and downhill cost, from an elevation model.

Source of the function: W. Tobler, Three presentations on geographical analysis and modeling, National Center for
Geographic Information and Analysis, Technical Report 93-1, 1993: walking speed is 6 exp(-3.5 |S + 0.05|) km/h, where S
is the rise over the horizontal run. It is fastest gently downhill (S = -0.05) and 5.04 km/h on the level.

Only its *ratio* to the level is used, so that a level street costs its length at any profile's own speed:
``exp(3.5 (|S + 0.05| - 0.05))`` metres of level walking a metre, 0.84 at the least.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from walkshed.errors import CRSError, FormatError, InputError, MissingFileError, warn_user
from walkshed.network.clip import say_box
from walkshed.network.streets import BRIDGE, TUNNEL, Streets
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

Floats = NDArray[np.float64]

DECAY, GENTLE = 3.5, 0.05
"""Tobler's constants."""

LEAST_COST = float(np.exp(-DECAY * GENTLE))
"""What a metre costs at the cheapest slope, 0.84 m: a walk goes no farther than its budget over this."""

STEEPEST = 0.6
"""Steeper slopes along a street are faults of the elevation, at cliffs and buildings, and count as this steep."""

SPACING_M = 25.0
TILE_CELLS = 1024
"""Elevations are read in squares of so many cells, so that memory does not follow the file."""


def tobler_cost(slope: Floats) -> Floats:
    """Tell how many metres on the level a metre along a slope is worth (Tobler 1993).

    Parameters
    ----------
    slope
        Rise over run in the direction walked; negative downhill.

    Examples
    --------
    >>> tobler_cost(np.array([0.0, 0.1, -0.05, -0.1])).round(3).tolist()
    [1.0, 1.419, 0.839, 1.0]
    """
    steep = np.clip(slope, -STEEPEST, STEEPEST)
    cost: Floats = np.exp(DECAY * (np.abs(steep + GENTLE) - GENTLE))
    return cost


def with_slope(streets: Streets, dem: str | PathLike[str], *, spacing_m: float = SPACING_M) -> Streets:
    """Let costs follow the slope, by Tobler's function; each direction has its own.

    Elevation is read bilinearly at both ends of every edge and between them, no farther apart than `spacing_m`. On
    bridges and in tunnels it is interpolated between their ends instead. Within an edge the cost of a metre is the
    edge's mean.

    Parameters
    ----------
    streets
        The network.
    dem
        A GeoTIFF of elevations in metres, in any CRS that it states; the first band counts.
    spacing_m
        Metres between two readings at most: about a cell of the file.

    Returns
    -------
    Streets
        With `cost_uv` and `cost_vu` in metres of level walking. Street whose elevation is not in the file, or has no
        data there, counts as level: `source.dem_missing_m` tells how much.

    Raises
    ------
    InputError
        If rasterio is missing, or the file has no elevation for any of the streets: with the bounds of both.
    FormatError, CRSError
        If the file cannot be read, or states no coordinate system.

    Warns
    -----
    InputWarning
        Of street without elevation.

    Examples
    --------
    A plane that rises 10 m a kilometre to the east; uphill costs more, and gently downhill less than the level:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import rasterio
    >>> west, south, east, north = streets.to_frame().total_bounds
    >>> cell_m = max(east - west, north - south)
    >>> elevation_m = 0.01 * cell_m * np.array([[0.0, 1.0, 2.0]] * 3)
    >>> cells = rasterio.Affine(cell_m, 0, west - cell_m, 0, -cell_m, north + cell_m)
    >>> shape = {"count": 1, "height": 3, "width": 3, "dtype": "float64"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "dem.tif")
    ...     with rasterio.open(path, "w", driver="GTiff", crs=streets.crs, transform=cells, **shape) as dem:
    ...         dem.write(elevation_m, 1)
    ...     hilly = ws.with_slope(streets, path)
    >>> dearest = np.maximum(hilly.cost_uv, hilly.cost_vu) / streets.edge_length_m
    >>> round(float(dearest.max()), 3), round(hilly.least_cost, 3)
    (1.036, 0.966)
    """
    if not spacing_m > 0:
        raise InputError(f"spacing_m: must be a positive number of metres, found {spacing_m!r}")
    path = Path(dem)
    with _opened(path) as raster:
        slope, edge, steps = _slopes(streets, raster, spacing_m)
        known = np.bincount(edge, weights=~np.isfinite(slope), minlength=len(streets)) == 0
        if not known.any():
            covers, needed = say_box(_bounds(raster)), say_box(_box(streets))
            raise InputError(Phrase("walking.dem_misses", source=path.name, covers=covers, needed=needed))
    slope[~known[edge]] = 0.0  # a street that is known in part only would be steep by chance
    there, back = (
        streets.edge_length_m * (np.bincount(edge, weights=tobler_cost(sign * slope), minlength=len(streets)) / steps)
        for sign in (1.0, -1.0)
    )
    missing_m = float(streets.edge_length_m[~known].sum())
    if missing_m > 0:
        share = missing_m / float(streets.edge_length_m.sum())
        warn_user(Phrase("walking.dem_missing", source=path.name, km=missing_m / 1000, share=share))
    source = replace(streets.source, dem=path.name, dem_missing_m=missing_m)
    return replace(streets, cost_uv=there, cost_vu=back, source=source)


def _slopes(streets: Streets, raster: Any, spacing_m: float) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Tell the rise over the run of every step from u to v (NaN: unknown), its edge, and the steps of each edge."""
    edge, node_z, inner_z, steps = _elevations(streets, raster, spacing_m)
    z = _along(streets, node_z, inner_z, steps)
    last = np.cumsum(steps + 1)[:-1] - 1  # from the end of one edge to the start of the next is no step
    rise, run = np.delete(np.diff(z), last), (streets.edge_length_m / steps)[edge]
    return np.divide(rise, run, out=np.zeros_like(run), where=run > 0), edge, steps


def _elevations(
    streets: Streets, raster: Any, spacing_m: float
) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]:
    """Read the elevation of every node, and of the places between the ends of every edge.

    Returns
    -------
    edge, node_z, inner_z, steps
        (t,) the edge of each step; (n,) and (t - m,) metres, NaN where there is none; (m,) the steps of each edge.
    """
    steps = np.maximum(1, np.ceil(streets.edge_length_m / spacing_m)).astype(np.int64)
    edge = np.repeat(np.arange(len(streets)), steps)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    inner = nth > 0
    at_m = (nth * streets.edge_length_m[edge] / steps[edge])[inner]
    xy = np.vstack((streets.node_xy, streets.xy_at(edge[inner], at_m)))
    z = _bilinear(raster, xy, streets.crs)
    node_z = _bridged(streets, z[: streets.node_count])
    return edge, node_z, z[streets.node_count :], steps


def _along(streets: Streets, node_z: Floats, inner_z: Floats, steps: NDArray[np.int64]) -> Floats:
    """(t + m,) elevations edge after edge, from u to v; straight from end to end on bridges and in tunnels."""
    first = np.concatenate(([0], np.cumsum(steps + 1)))
    z = np.empty(first[-1])
    is_end = np.zeros(len(z), dtype=bool)
    is_end[first[:-1]] = is_end[first[1:] - 1] = True
    z[~is_end] = inner_z
    z[first[:-1]], z[first[1:] - 1] = node_z[streets.edge_u], node_z[streets.edge_v]
    lifted = np.repeat((streets.edge_flags & (BRIDGE | TUNNEL)) > 0, steps + 1)
    edge = np.repeat(np.arange(len(streets)), steps + 1)
    share = (np.arange(len(z)) - first[edge]) / steps[edge]
    low, high = node_z[streets.edge_u[edge]], node_z[streets.edge_v[edge]]
    straight: Floats = np.where(lifted, low + share * (high - low), z)
    return straight


def _bridged(streets: Streets, node_z: Floats) -> Floats:
    """Lift nodes within bridges and tunnels: the ground there says nothing of the way over or under it.

    Between the places where a structure meets the ground, elevation changes evenly with the metres walked: each
    node within has the mean of its neighbours, weighted by one over the length.
    """
    lifted = (streets.edge_flags & (BRIDGE | TUNNEL)) > 0
    grounded = np.zeros(streets.node_count, dtype=bool)
    grounded[streets.edge_u[~lifted]] = grounded[streets.edge_v[~lifted]] = True
    within = ~grounded
    if not within.any():
        return node_z
    a, b = streets.edge_u[lifted], streets.edge_v[lifted]
    weight = 1.0 / np.maximum(streets.edge_length_m[lifted], 1e-3)
    n = streets.node_count
    links = coo_array((np.r_[weight, weight], (np.r_[a, b], np.r_[b, a])), shape=(n, n)).tocsr()
    piece = connected_components(links, directed=False)[1]
    held = np.bincount(piece, weights=grounded & np.isfinite(node_z), minlength=n) > 0
    inner, z = np.flatnonzero(within & held[piece]), node_z.copy()
    z[within & ~held[piece]] = np.nan  # a structure that meets no known ground
    if len(inner):
        ends = np.flatnonzero(grounded & held[piece] & np.isfinite(node_z))
        pull = links[inner]
        known = pull[:, np.r_[inner, ends]].sum(axis=1)
        system = coo_array((known, (np.arange(len(inner)),) * 2), shape=(len(inner),) * 2) - pull[:, inner]
        z[inner] = spsolve(system.tocsc(), pull[:, ends] @ node_z[ends])
    return z


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open an elevation model; what it raises becomes one of ours."""
    if not path.is_file():
        raise MissingFileError(Phrase("refused.missing", source=path))
    try:
        rasterio = importlib.import_module("rasterio")
    except ImportError as error:
        raise InputError(Phrase("walking.dem_rasterio", source=path.name)) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # it is refused below
            raster = rasterio.open(path)
        with raster:
            if raster.crs is None or raster.transform.is_identity:
                raise CRSError(Phrase("walking.dem_placeless", source=path.name))
            yield raster
    except rasterio.errors.RasterioError as error:
        reason = " ".join(str(error.__cause__ or error).split())[:160]
        raise FormatError(Phrase("walking.dem_unread", source=path.name, reason=reason)) from error


def _crs(raster: Any) -> CRS:
    try:
        return CRS.from_user_input(raster.crs.to_wkt())
    except ProjError as error:
        raise CRSError(Phrase("refused.crs_unread", source=Path(raster.name).name)) from error


def _bilinear(raster: Any, xy: Floats, crs: str) -> Floats:
    """(p,) elevation between the middles of the four cells round each place; NaN where one of them has none."""
    to_raster = Transformer.from_crs(crs, _crs(raster), always_xy=True)
    x, y = to_raster.transform(*xy.T)
    column, row = _cells(raster, np.asarray(x), np.asarray(y))
    z = np.full(len(xy), np.nan)
    high, wide = raster.shape
    inside = (row > -0.5) & (row < high - 0.5) & (column > -0.5) & (column < wide - 0.5)
    # Half a cell along the border has no middle beyond it: the nearest cells serve.
    row, column = np.clip(row, 0, high - 1), np.clip(column, 0, wide - 1)
    tile = (row // TILE_CELLS).astype(np.int64) * (wide // TILE_CELLS + 1) + (column // TILE_CELLS).astype(np.int64)
    places = np.flatnonzero(inside)
    order = places[np.argsort(tile[places], kind="stable")]
    for own in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        if len(own):
            z[own] = _in_tile(raster, row[own], column[own])
    return z


def _cells(raster: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Tell places as columns and rows, counted from the middle of the first cell."""
    t = ~raster.transform
    return t.a * x + t.b * y + t.c - 0.5, t.d * x + t.e * y + t.f - 0.5


def _in_tile(raster: Any, row: Floats, column: Floats) -> Floats:
    top, left = int(row.min()), int(column.min())
    bottom, right = min(int(row.max()) + 2, raster.shape[0]), min(int(column.max()) + 2, raster.shape[1])
    read = raster.read(1, window=((top, bottom), (left, right)), masked=True)
    cells = np.ma.filled(read.astype(np.float64) * raster.scales[0] + raster.offsets[0], np.nan)
    r, c = row - top, column - left
    r0, c0 = np.floor(r).astype(np.int64), np.floor(c).astype(np.int64)
    r1, c1 = np.minimum(r0 + 1, cells.shape[0] - 1), np.minimum(c0 + 1, cells.shape[1] - 1)
    down, across = r - r0, c - c0
    z = np.zeros(len(row))
    for share, corner in (
        ((1 - down) * (1 - across), cells[r0, c0]),
        ((1 - down) * across, cells[r0, c1]),
        (down * (1 - across), cells[r1, c0]),
        (down * across, cells[r1, c1]),
    ):
        z += np.where(share > 0, share * np.where(share > 0, corner, 0.0), 0.0)
    return z


def _bounds(raster: Any) -> tuple[float, float, float, float]:
    """West, south, east and north of the file, in degrees."""
    return _degrees(_crs(raster), *raster.bounds)


def _box(streets: Streets) -> tuple[float, float, float, float]:
    return _degrees(streets.crs, *streets.node_xy.min(axis=0), *streets.node_xy.max(axis=0))


def _degrees(crs: CRS | str, *bounds: float) -> tuple[float, float, float, float]:
    west, south, east, north = Transformer.from_crs(crs, WGS84, always_xy=True).transform_bounds(*bounds)
    return west, south, east, north
