"""Houses: a sample of them in every block, laid out as its use asks."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from county_maker import plan
from county_maker.fabric import Parcel, Street
from county_maker.shapes import long_axis

CLEAR_M = 4.0


@dataclass(frozen=True)
class Layout:
    """How houses stand in a block: their size, the gaps between them, and how many are drawn in 1.2 ha."""

    kind: str
    length_m: float
    width_m: float
    gap_m: tuple[float, float]
    at_most: int
    crooked: float = 0.0


LAYOUTS = {
    "lanes": Layout("house", 13, 10, (5, 7), 7, 0.12),
    "court": Layout("yes", 24, 12, (12, 14), 6, 0.04),
    "compound": Layout("apartments", 52, 13, (16, 24), 7),
    "school": Layout("school", 58, 15, (24, 26), 2),
    "mall": Layout("retail", 92, 64, (30, 30), 1),
    "works": Layout("industrial", 84, 40, (22, 22), 3),
}


def make_buildings(parcels: list[Parcel], streets: list[Street]) -> list[tuple[str, Polygon]]:
    """Draw a sample of houses: kind and outline, clear of every street."""
    tree = shapely.STRtree([s.line for s in streets])
    out: list[tuple[str, Polygon]] = []
    for number, parcel in enumerate(parcels):
        layout = LAYOUTS.get(parcel.use)
        if layout is None:
            continue
        rng = Random(f"{plan.SEED} houses {number}")
        houses = _candidates(parcel.block, layout, rng)
        blocked, _ = tree.query(houses, predicate="dwithin", distance=CLEAR_M)
        free = np.delete(houses, np.unique(blocked))
        wanted = round(layout.at_most * min(4.0, max(1.0, parcel.block.area / 12000)))
        chosen = sorted(rng.sample(range(len(free)), min(wanted, len(free))))
        out += [(layout.kind, free[i]) for i in chosen]
    return out


def _candidates(block: Polygon, layout: Layout, rng: Random) -> NDArray[np.object_]:
    """Lay out houses in rows along the block's longer side: those that stand wholly inside it."""
    angle, longer, shorter = long_axis(block)
    middle = shapely.get_coordinates(shapely.oriented_envelope(block).centroid)
    step_x, step_y = layout.length_m + layout.gap_m[0], layout.width_m + layout.gap_m[1]
    rows = np.arange(-longer / 2 + step_x / 2, longer / 2, step_x)
    columns = np.arange(-shorter / 2 + step_y / 2, shorter / 2, step_y)
    places = np.array([(x, y) for x in rows for y in columns]).reshape(-1, 1, 2)
    houses = np.array([_corners(layout, rng) for _ in places]).reshape(-1, 4, 2)
    xy = _turn(places + houses, angle) + middle
    inner = block.buffer(-CLEAR_M)
    shapely.prepare(inner)
    polygons = shapely.polygons(xy)
    return polygons[shapely.contains(inner, polygons)]


def _corners(layout: Layout, rng: Random) -> NDArray[np.float64]:
    a = layout.length_m * rng.uniform(0.78, 1.0) / 2
    b = layout.width_m * rng.uniform(0.82, 1.0) / 2
    turn = rng.uniform(-layout.crooked, layout.crooked)
    return _turn(np.array([(-a, -b), (a, -b), (a, b), (-a, b)]), turn)


def _turn(xy: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    cos, sin = math.cos(angle), math.sin(angle)
    return xy @ np.array([[cos, sin], [-sin, cos]])


def outline(parcel: Parcel) -> LineString:
    """Draw the wall of a parcel, a little inside the streets around it."""
    inner = parcel.block.buffer(-8, join_style="mitre").simplify(2)
    largest = max(shapely.get_parts(inner), key=lambda g: g.area, default=Polygon())
    return LineString(largest.exterior.coords) if not largest.is_empty else LineString()
