"""Geometry of the drawing board: smooth lines, ragged blobs, blocks cut in two, the warp that bends all."""

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from county_maker.plan import ORIGIN_LON_LAT

Points = Sequence[tuple[float, float]]

GRID_M = 0.1
"""Everything is snapped to this before it is noded, so that what should meet does meet."""


def smooth(points: Points, *, closed: bool = False, step_m: float = 60.0) -> LineString:
    """Draw a Catmull-Rom curve through `points`, with a vertex about every `step_m` metres."""
    ends = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    p = np.asarray(ends, dtype=float)
    out = [p[1]]
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        steps = max(1, round(float(np.hypot(*(c - b))) / step_m))
        for t in np.arange(1, steps + 1) / steps:
            linear, square, cube = c - a, 2 * a - 5 * b + 4 * c - d, d - a + 3 * (b - c)
            out.append(0.5 * (2 * b + linear * t + square * t**2 + cube * t**3))
    return LineString(np.round(out, 1))


def smooth_polygon(points: Points, *, step_m: float = 60.0) -> Polygon:
    """Draw a closed Catmull-Rom curve through `points`."""
    return Polygon(smooth(points, closed=True, step_m=step_m).coords)


def blob(centre: tuple[float, float], radius_m: float, rng: Random) -> Polygon:
    """Draw a ragged round outline, as a village has."""
    phases = [(k, rng.uniform(0, 2 * math.pi), rng.uniform(0.05, 0.16)) for k in (2, 3, 5)]
    angles = np.arange(36) * (2 * math.pi / 36)
    r = radius_m * (1 + sum(a * np.sin(k * angles + f) for k, f, a in phases))
    xy = np.column_stack([centre[0] + r * np.cos(angles), centre[1] + r * np.sin(angles)])
    return Polygon(np.round(xy, 1) if radius_m > 1 else xy)


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """List the polygons in `geometry`, in a stable order."""
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type == "Polygon" and g.area > 1.0]
    return sorted(parts, key=lambda g: (g.bounds, g.area))


def lines(geometry: BaseGeometry) -> list[LineString]:
    """List the lines in `geometry`, touching ones merged, in a stable order."""
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type in ("LineString", "LinearRing")]
    if not parts:
        return []
    merged = shapely.line_merge(shapely.union_all([LineString(g.coords) for g in parts]))
    return sorted(
        (g for g in shapely.get_parts(merged) if g.geom_type == "LineString"),
        key=lambda g: (g.bounds, g.length),
    )


def long_axis(block: Polygon) -> tuple[float, float, float]:
    """Measure a block: direction of its longer side in radians, the longer and the shorter side in metres."""
    box = shapely.oriented_envelope(block)
    corners = shapely.get_coordinates(box)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    i = int(lengths[1] > lengths[0])
    return math.atan2(sides[i][1], sides[i][0]), float(lengths[i]), float(lengths[1 - i])


def cut(block: Polygon, rng: Random, *, jitter: float, bend: float) -> tuple[list[LineString], list[Polygon]]:
    """Cut a block across its longer side.

    Parameters
    ----------
    jitter
        How far the cut strays from the middle, as a share of the side, and from the right angle, in radians.
    bend
        How far the cut's own middle strays sideways, as a share of its length.

    Returns
    -------
    tuple
        The streets along the cut, and the blocks left and right of it.
    """
    angle, longer, shorter = long_axis(block)
    middle = shapely.oriented_envelope(block).centroid
    shift = rng.uniform(-jitter, jitter) * longer
    across = angle + math.pi / 2 + rng.uniform(-jitter, jitter) * 0.8
    x, y = middle.x + shift * math.cos(angle), middle.y + shift * math.sin(angle)
    reach = shorter + longer
    lean = rng.uniform(-bend, bend) * shorter
    ends = [(x + s * reach * math.cos(across), y + s * reach * math.sin(across)) for s in (-1, 1)]
    knee = (x + lean * math.cos(angle), y + lean * math.sin(angle))
    knife = shapely.set_precision(LineString([ends[0], knee, ends[1]]), GRID_M)
    street = shapely.intersection(knife, block, grid_size=GRID_M)
    ring = shapely.union_all([block.boundary, street], grid_size=GRID_M)
    parts = [p for p in polygons(shapely.polygonize([ring])) if p.area > 100]
    # A park in the middle of a block is a hole in it, and would come out as a part.
    return lines(street), [p for p in parts if block.contains(p.representative_point())]


def subdivide(
    block: Polygon, rng: Random, *, size_m2: float, jitter: float, bend: float, depth: int = 0
) -> Iterator[tuple[int, LineString | Polygon]]:
    """Cut a block until its parts are about `size_m2`: gives the streets with the depth of their cut, and the parts."""
    if block.area < size_m2 * rng.uniform(0.75, 1.5) or depth > 12:
        yield depth, block
        return
    streets, parts = cut(block, rng, jitter=jitter, bend=bend)
    if len(parts) < 2:
        yield depth, block
        return
    for street in streets:
        yield depth, street
    for part in parts:
        yield from subdivide(part, rng, size_m2=size_m2, jitter=jitter, bend=bend, depth=depth + 1)


def warp(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bend the whole board a little, so that no line on it is quite straight and no corner quite square.

    The displacement is smooth and small against its wavelength, so nothing crosses that did not cross.
    """
    x, y = xy[:, 0], xy[:, 1]
    dx = (
        9 * np.sin(y / 310 + 0.7) * np.cos(x / 520 + 1.1)
        + 30 * np.sin(y / 1700 + x / 2900)
        + 3.5 * np.sin(y / 90 + x / 170)
    )
    dy = (
        9 * np.sin(x / 290 + 2.1) * np.cos(y / 470 + 0.3)
        + 26 * np.sin(x / 1900 - y / 3100)
        + 3.5 * np.sin(x / 100 - y / 150)
    )
    return np.column_stack([x + dx, y + dy])


def to_lon_lat() -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the way from the board to the ground: warped, then degrees of WGS 84, rounded to 1e-7."""
    lon, lat = ORIGIN_LON_LAT
    board = f"+proj=tmerc +lon_0={lon} +lat_0={lat} +ellps=WGS84 +units=m"
    ahead = Transformer.from_crs(board, "EPSG:4326", always_xy=True)

    def place(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.column_stack(ahead.transform(*warp(xy).T)), 7)

    return place
