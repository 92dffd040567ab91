"""Water and rail of the county: the barriers that streets end at, and cross by bridges only."""

from dataclasses import dataclass
from functools import cached_property

import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from county_maker import plan
from county_maker.fabric import Street
from county_maker.shapes import GRID_M, lines, polygons, smooth, smooth_polygon

SETBACK_M = 20.0
FENCE_M = 26.0


@dataclass(frozen=True)
class Ground:
    """The land before a street is drawn on it."""

    county: Polygon
    town: Polygon
    courses: dict[str, tuple[str, LineString, float]]  # name: kind of waterway, middle line, width in metres
    lake: Polygon
    rail: LineString

    @cached_property
    def water(self) -> BaseGeometry:
        """Everything wet, as one geometry."""
        wet = [line.buffer(width / 2, cap_style="flat") for _, line, width in self.courses.values()]
        return shapely.union_all([*wet, self.lake], grid_size=GRID_M)

    @cached_property
    def level_crossing(self) -> Point:
        """Where the one road that crosses the railway on the level does so."""
        road = next(points for name, _, points in plan.TOWN_ROADS if name == plan.LEVEL_CROSSING)
        at = shapely.intersection(smooth(road), self.rail)
        return Point(round(at.x, 1), round(at.y, 1))

    @property
    def rail_line(self) -> LineString:
        """The railway, with a vertex at the level crossing."""
        return _with_vertex(self.rail, self.level_crossing)

    @cached_property
    def barred(self) -> BaseGeometry:
        """Where no ordinary street may lie: water with its banks, rail with its fences."""
        return shapely.union_all([self.water.buffer(SETBACK_M), self.rail.buffer(FENCE_M)])

    def end_at_barriers(self, street: Street) -> list[Street]:
        """Cut a street off at the banks and fences."""
        left = street.line.difference(self.barred)
        return [Street(piece, street.highway, street.name, street.tags) for piece in lines(left)]

    def cross(self, street: Street, *, level: bool = False) -> list[Street]:
        """Lead a street across: by a bridge over water, by an underpass (or a level crossing) at the railway."""
        over = self.water.buffer(9)
        under = LineString() if level else self.rail.buffer(24)
        if level:
            street = Street(_with_vertex(street.line, self.level_crossing), street.highway, street.name)
        dry = street.line.difference(over).difference(under)
        out = [Street(piece, street.highway, street.name) for piece in lines(dry)]
        bridge, tunnel = (("bridge", "yes"), ("layer", "1")), (("tunnel", "yes"), ("layer", "-1"))
        for zone, tags in ((over, bridge), (under, tunnel)):
            out += [Street(p, street.highway, street.name, tags) for p in lines(street.line.intersection(zone))]
        return out


def _with_vertex(line: LineString, point: Point) -> LineString:
    at = line.project(point)
    coords = [Point(xy) for xy in line.coords]
    return LineString(sorted([*coords, point], key=line.project) if 0 < at < line.length else coords)


def make_ground() -> Ground:
    """Draw water, rail and the outlines of town and county."""
    courses = {
        "安运河": ("canal", smooth(plan.CANAL), plan.CANAL_WIDTH_M),
        "禾水": ("river", smooth(plan.RIVER), plan.RIVER_WIDTH_M),
        "北柴河": ("river", smooth(plan.NORTH_BROOK), plan.BROOK_WIDTH_M),
        "南柴河": ("river", smooth(plan.SOUTH_BROOK), plan.BROOK_WIDTH_M),
    }
    county = smooth_polygon(plan.COUNTY_OUTLINE, step_m=400)
    near = county.buffer(1500)
    inside = {n: (kind, lines(line.intersection(near))[0], w) for n, (kind, line, w) in courses.items()}
    rail = lines(smooth(plan.RAIL).intersection(near))[0]
    return Ground(
        county=county,
        town=polygons(smooth_polygon(plan.TOWN_OUTLINE, step_m=150))[0],
        courses=inside,
        lake=smooth_polygon(plan.LAKE),
        rail=rail,
    )
