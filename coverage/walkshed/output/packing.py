"""Shapes as short text: what a page can carry and a browser reads in no time.

Coordinates become whole steps of 1e-5 degrees (about 1 m), each the difference from the one before,
and every number is written as one or more of 64 characters, five bits each, the sixth saying that more
follow. The alphabet needs no escaping in JSON, HTML or a script. ``assets/map_codec.js`` reads it back.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from walkshed.output.linework import lines_of, simplified
from walkshed.schema import WGS84

ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8)
STEP_DEG = 1e-5

Packed = dict[str, str]
"""``n``: points of each line. ``xy``: longitude and latitude in turn, each less the one before."""


def pack_integers(values: ArrayLike) -> str:
    """Write integers of either sign as text.

    Examples
    --------
    >>> pack_integers([0, -1, 1, 100])
    'ABCoG'
    """
    return _text(_characters(np.asarray(values, dtype=np.int64).ravel())[0])


def _characters(number: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Write each number in as many characters as it takes: all of them, and where each number's begin, and the end."""
    values, first = _fives((number << 1) ^ (number >> 63))  # 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
    return ALPHABET[values], first


def _fives(numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Split numbers into groups of five bits, the lowest first; a sixth bit says that more follow."""
    size = np.ones(len(numbers), dtype=np.int64)
    for shift in range(5, int(numbers.max(initial=0)).bit_length(), 5):
        size += numbers >> shift > 0
    first = np.concatenate(([0], np.cumsum(size)))
    out = np.empty(first[-1], dtype=np.uint8)
    at, rest, left = first[:-1], numbers, size
    while len(at):  # most numbers are short: each turn has far fewer
        more = left > 1
        out[at] = (rest & 31) | (more << 5)
        at, rest, left = at[more] + 1, rest[more] >> 5, left[more] - 1
    return out, first


def _text(characters: NDArray[np.uint8]) -> str:
    return characters.tobytes().decode("ascii")


def pack_lines(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write lines, one for every part of every geometry.

    Parameters
    ----------
    frame
        Lines in a CRS of metres.
    simplify_m
        How far a drawn line may lie from the true one.
    """
    return _pack(shapely.get_parts(_simplified(frame, simplify_m)), frame.crs)


def pack_single_lines(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write lines of which none has parts: line i of the result is row i of `frame`."""
    lines = lines_of(frame.to_numpy())
    lines = simplified(lines, simplify_m) if simplify_m > 0 else lines
    return _write(lines.xy, np.diff(lines.offsets), frame.crs)


def pack_polygons(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write polygons as closed lines, shells one way round and holes the other.

    Filled by the nonzero rule they are right, also where polygons overlap.
    """
    return _pack(_rings(_simplified(frame, simplify_m))[0], frame.crs)


def pack_each_polygon(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> list[Packed]:
    """Write every row by itself, each as `pack_polygons` does."""
    rings, row = _rings(_simplified(frame, simplify_m))
    xy, points = _steps(shapely.get_coordinates(rings), frame.crs), shapely.get_num_coordinates(rings)
    first = np.searchsorted(row, np.arange(len(frame) + 1))  # the first ring of each row
    start = np.concatenate(([0], np.cumsum(points)))[first]  # and its first point
    steps = np.diff(xy, axis=0, prepend=0)
    has = start[:-1][np.diff(start) > 0]
    steps[has] = xy[has]  # a row begins with a place, not with a step from the row before
    n, n_first = _characters(points.astype(np.int64))
    d, d_first = _characters(steps.ravel())
    return [
        {"n": _text(n[n_first[a] : n_first[b]]), "xy": _text(d[d_first[2 * s] : d_first[2 * e]])}
        for a, b, s, e in zip(first[:-1], first[1:], start[:-1], start[1:], strict=True)
    ]


def pack_points(frame: gpd.GeoSeries) -> Packed:
    """Write points: `n` says how many."""
    return _write(shapely.get_coordinates(frame.to_numpy()), [len(frame)], frame.crs)


def _simplified(frame: gpd.GeoSeries, tolerance_m: float) -> NDArray[Any]:
    shapes: NDArray[Any] = frame.to_numpy()
    # Drawn only, by the nonzero rule: a ring that comes to touch itself does no harm, and checking costs most.
    return shapely.simplify(shapes, tolerance_m, preserve_topology=False) if tolerance_m > 0 else shapes


def _rings(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Take polygons apart: their rings, and the row that each is of."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of = shapely.get_rings(shapely.orient_polygons(parts[polygon]), return_index=True)
    return rings, row[polygon][of]


def _pack(lines: NDArray[Any], crs: Any) -> Packed:
    return _write(shapely.get_coordinates(lines), shapely.get_num_coordinates(lines), crs)


def _write(xy: NDArray[np.float64], counts: ArrayLike, crs: Any) -> Packed:
    return {"n": pack_integers(counts), "xy": pack_integers(np.diff(_steps(xy, crs), axis=0, prepend=0))}


def _steps(xy: NDArray[np.float64], crs: Any) -> NDArray[np.int64]:
    """Tell in which step of degrees each place lies."""
    lonlat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    steps: NDArray[np.int64] = np.round(np.column_stack(lonlat) / STEP_DEG).astype(np.int64)
    return steps
