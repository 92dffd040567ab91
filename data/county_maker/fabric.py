"""The fabric of a block: its streets by the use of its ground, and what stands between them."""

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from county_maker import names
from county_maker.shapes import GRID_M, blob, lines, long_axis, polygons, subdivide


@dataclass(frozen=True)
class Street:
    """A street as drawn: its line on the board, its class, name and other tags."""

    line: LineString
    highway: str
    name: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Parcel:
    """A block between streets and what it is used for."""

    block: Polygon
    use: str
    name: str = ""


@dataclass
class Fabric:
    """What was drawn so far."""

    streets: list[Street] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How a kind of ground is cut: size of its blocks, how crooked the cuts, and what the blocks become."""

    size_m2: float
    jitter: float
    bend: float
    classes: tuple[str, ...]  # class of a street by the depth of its cut; the last one for all deeper
    uses: tuple[tuple[str, float], ...]  # what a block becomes, and how often


STYLES = {
    "old": Style(
        11500,
        0.2,
        0.05,
        ("residential", "residential", "residential", "living_street", "living_street", "footway"),
        (("lanes", 0.78), ("court", 0.22)),
    ),
    "compound": Style(
        96000,
        0.1,
        0.02,
        ("tertiary", "residential"),
        (("compound", 0.58), ("school", 0.09), ("mall", 0.09), ("court", 0.24)),
    ),
    "new": Style(
        125000,
        0.03,
        0.0,
        ("tertiary", "residential"),
        (("compound", 0.5), ("school", 0.1), ("lawn", 0.17), ("court", 0.23)),
    ),
    "industrial": Style(
        150000, 0.09, 0.01, ("tertiary", "unclassified"), (("works", 0.5), ("court", 0.3), ("field", 0.2))
    ),
    "village": Style(
        33000, 0.2, 0.06, ("residential", "residential", "service", "footway"), (("lanes", 0.6), ("court", 0.4))
    ),
    "fringe": Style(150000, 0.2, 0.05, ("unclassified", "track"), (("field", 0.83), ("hamlet", 0.17))),
    "township": Style(36000, 0.14, 0.03, ("residential", "residential", "service"), (("lanes", 0.35), ("court", 0.65))),
    "hamlet": Style(11000, 0.2, 0.07, ("residential", "footway"), (("lanes", 1.0),)),
}


def fill(fabric: Fabric, cell: Polygon, style: str, walls: BaseGeometry, rng: Random) -> None:
    """Fill a cell with streets and parcels.

    Parameters
    ----------
    walls
        Edges of cells that are no streets: banks, the railway's fence, the outline of the town.
    """
    how = STYLES[style]
    # No two quarters are cut alike.
    size = how.size_m2 * rng.uniform(0.7, 1.45)
    for depth, part in subdivide(cell, rng, size_m2=size, jitter=how.jitter, bend=how.bend):
        if isinstance(part, LineString):
            highway = how.classes[min(depth, len(how.classes) - 1)]
            fabric.streets.append(Street(part, highway, names.street(highway, style, rng)))
        else:
            _use(fabric, part, rng.choices(*zip(*how.uses, strict=True))[0], walls, rng)


def _use(fabric: Fabric, block: Polygon, use: str, walls: BaseGeometry, rng: Random) -> None:
    if use == "hamlet":
        fill(fabric, block, "hamlet", walls, rng)
        return
    name = names.place(use, rng)
    fabric.parcels.append(Parcel(block, use, name))
    if use == "compound":
        _walled(fabric, block, walls, rng, setback_m=24, row_m=rng.uniform(115, 175), kind="service")
    elif use == "works":
        _walled(fabric, block, walls, rng, setback_m=34, row_m=rng.uniform(150, 230), kind="service")
    elif use == "school":
        _walled(fabric, block, walls, rng, setback_m=30, row_m=400, kind="footway")
    elif use == "lanes":
        _alley(fabric, block, rng)


def _walled(
    fabric: Fabric, block: Polygon, walls: BaseGeometry, rng: Random, *, setback_m: float, row_m: float, kind: str
) -> None:
    """Lay out the inside of a walled block: a ring, rows between, and one or two gates to the streets."""
    street_edge = block.boundary.difference(walls.buffer(1.5))
    if street_edge.length < 60:
        return
    for inner in polygons(block.buffer(-setback_m, join_style="mitre").simplify(4)):
        if inner.area < 4000:
            continue
        ring = LineString(inner.exterior.coords)
        fabric.streets.append(Street(ring, kind))
        for row in _rows(inner, row_m, rng):
            fabric.streets.append(Street(row, "footway" if rng.random() < 0.35 else kind))
        gates = 1 if inner.area < 26000 or rng.random() < 0.35 else 2
        fabric.streets += [Street(gate, kind) for gate in _gates(ring, street_edge, gates, setback_m * 2, rng)]


def _gates(ring: LineString, street_edge: BaseGeometry, count: int, longest_m: float, rng: Random) -> list[LineString]:
    """Lead `count` ways in from the street, well apart, none longer than `longest_m` if that can be."""
    first = rng.random()
    places = [ring.interpolate((first + i / 12) % 1.0, normalized=True) for i in range(12)]
    ways = [shapely.shortest_line(at, street_edge) for at in places]
    good = [w for w in ways if 1 < w.length < longest_m] or sorted(ways, key=lambda w: w.length)[:1]
    return [_through(good[i * len(good) // count], 0.8) for i in range(min(count, len(good)))]


def _through(line: LineString, by_m: float) -> LineString:
    """Lengthen a line by a hair at both ends, so that noding surely finds where it meets what it touches."""
    (ax, ay), (bx, by) = line.coords
    ux, uy = (bx - ax) / line.length * by_m, (by - ay) / line.length * by_m
    return LineString([(ax - ux, ay - uy), (bx + ux, by + uy)])


def _rows(inner: Polygon, row_m: float, rng: Random) -> list[LineString]:
    angle, longer, shorter = long_axis(inner)
    middle = shapely.oriented_envelope(inner).centroid
    count = round(longer / row_m)
    out: list[LineString] = []
    for i in range(1, count):
        along = longer * (i / count - 0.5) + rng.uniform(-6, 6)
        x, y = middle.x + along * math.cos(angle), middle.y + along * math.sin(angle)
        dx, dy = -math.sin(angle) * shorter, math.cos(angle) * shorter
        row = shapely.intersection(LineString([(x - dx, y - dy), (x + dx, y + dy)]), inner, grid_size=GRID_M)
        out.extend(r for r in lines(row) if r.length > 20)
    return out


def _alley(fabric: Fabric, block: Polygon, rng: Random) -> None:
    """Lead a blind alley into a block of old houses."""
    if rng.random() < 0.5 or block.area < 5000:
        return
    corners = shapely.get_coordinates(block.exterior)
    sides = np.diff(corners, axis=0)
    side = rng.choices(range(len(sides)), weights=[float(np.hypot(*s)) for s in sides])[0]
    foot = corners[side] + sides[side] * rng.uniform(0.35, 0.65)
    # Outlines run either way round: of the two square directions, one leads in.
    square = np.array([-sides[side][1], sides[side][0]]) / np.hypot(*sides[side])
    for inward in (square, -square):
        ray = LineString([foot + inward, foot + inward * 400]).intersection(block)
        depth = max((g.length for g in lines(ray) if g.distance(shapely.Point(foot)) < 3), default=0.0)
        if depth > 45:
            alley = LineString([foot - inward * 0.6, foot + inward * depth * rng.uniform(0.5, 0.75)])
            fabric.streets.append(Street(alley, "footway", names.street("footway", "old", rng)))
            return


def park(fabric: Fabric, ground: Polygon, walls: BaseGeometry, name: str, rng: Random) -> Polygon:
    """Lay out a park: a lake, a path around it and paths from it to the streets; gives the lake."""
    middle, (angle, longer, shorter) = ground.centroid, long_axis(ground)
    lake = blob((0, 0), 0.29, rng)
    lake = affinity.scale(lake, longer, shorter, origin=(0, 0))
    lake = affinity.translate(affinity.rotate(lake, math.degrees(angle), origin=(0, 0)), middle.x, middle.y)
    around = LineString(lake.buffer(16, quad_segs=3).simplify(2).exterior.coords)
    fabric.parcels.append(Parcel(ground, "park", name))
    fabric.streets.append(Street(around, "footway", f"{name}环湖步道"))
    fabric.streets += [Street(side, "footway", f"{name}步道") for side in lines(ground.boundary)]
    edge = ground.boundary.difference(walls.buffer(1.5))
    for i in range(6):
        at = around.interpolate((i + rng.uniform(0.1, 0.9)) / 6, normalized=True)
        path = shapely.shortest_line(at, edge)
        if path.length > 5:
            fabric.streets.append(Street(_through(path, 0.8), "footway"))
    return lake
