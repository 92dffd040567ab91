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
    number = np.asarray(values, dtype=np.int64).ravel()
    folded = (number << 1) ^ (number >> 63)  # 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
    rounds = max(1, -(-int(folded.max(initial=0)).bit_length() // 5))
    rest = folded[:, None] >> (5 * np.arange(rounds))
    more = np.zeros_like(rest)
    more[:, :-1] = (rest[:, 1:] > 0) * 32
    used = rest > 0
    used[:, 0] = True
    return bytes(ALPHABET[((rest & 31) | more)[used]]).decode("ascii")


def pack_lines(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write lines, one for every part of every geometry.

    Parameters
    ----------
    frame
        Lines in a CRS of metres.
    simplify_m
        How far a drawn line may lie from the true one.
    """
    return _pack(shapely.get_parts(_simplified(frame, simplify_m).to_crs(WGS84).to_numpy()))


def pack_single_lines(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write lines of which none has parts: line i of the result is row i of `frame`."""
    return _pack(_simplified(frame, simplify_m).to_crs(WGS84).to_numpy())


def pack_polygons(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> Packed:
    """Write polygons as closed lines, shells one way round and holes the other.

    Filled by the nonzero rule they are right, also where polygons overlap.
    """
    return _pack_rings(_simplified(frame, simplify_m).to_crs(WGS84).to_numpy())


def pack_each_polygon(frame: gpd.GeoSeries, simplify_m: float = 0.0) -> list[Packed]:
    """Write every row by itself, each as `pack_polygons` does."""
    return [_pack_rings(shape) for shape in _simplified(frame, simplify_m).to_crs(WGS84).to_numpy()]


def pack_points(frame: gpd.GeoSeries) -> Packed:
    """Write points: `n` says how many."""
    return _write(shapely.get_coordinates(frame.to_crs(WGS84).to_numpy()), [len(frame)])


def _simplified(frame: gpd.GeoSeries, tolerance_m: float) -> gpd.GeoSeries:
    # Drawn only, by the nonzero rule: a ring that comes to touch itself does no harm, and checking costs most.
    return frame.simplify(tolerance_m, preserve_topology=False) if tolerance_m > 0 else frame


def _pack_rings(shapes: NDArray[Any] | shapely.Geometry) -> Packed:
    parts = shapely.get_parts(np.atleast_1d(shapes))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return _pack(shapely.get_rings(shapely.orient_polygons(polygons)))


def _pack(lines: NDArray[Any]) -> Packed:
    return _write(shapely.get_coordinates(lines), shapely.get_num_coordinates(lines))


def _write(degrees: NDArray[np.float64], counts: ArrayLike) -> Packed:
    steps = np.round(degrees / STEP_DEG).astype(np.int64)
    return {"n": pack_integers(counts), "xy": pack_integers(np.diff(steps, axis=0, prepend=0))}
