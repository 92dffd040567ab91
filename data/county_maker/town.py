"""The county town: its roads, the cells between them, and the fabric in each."""

from random import Random

import shapely
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from county_maker import plan
from county_maker.fabric import Fabric, Street, fill, park
from county_maker.ground import SETBACK_M, Ground
from county_maker.shapes import GRID_M, lines, polygons, smooth

JOIN_M = 125.0
STEPS_M = 12.0


def town_roads(ground: Ground) -> list[Street]:
    """Draw the named roads, cut off or led across at the barriers."""
    out: list[Street] = []
    for road in drawn_roads(ground):
        if road.name in plan.BRIDGES:
            out += ground.cross(road, level=road.name == plan.LEVEL_CROSSING)
        else:
            out += ground.end_at_barriers(road)
    return out


def drawn_roads(ground: Ground) -> list[Street]:
    """Draw the named roads whole: their ends joined to the roads they run up to, not yet cut at barriers."""
    return _join_ends([Street(smooth(points), kind, name) for name, kind, points in plan.TOWN_ROADS], ground)


def _join_ends(roads: list[Street], ground: Ground) -> list[Street]:
    joined: list[Street] = []
    for i, road in enumerate(roads):
        others = shapely.union_all([r.line for j, r in enumerate(roads) if j != i])
        coords = list(road.line.coords)
        for end in (0, -1):
            bridge = shapely.shortest_line(Point(coords[end]), others)
            if bridge.length < JOIN_M and not bridge.intersects(ground.barred):
                coords[end] = bridge.coords[1]
        joined.append(Street(LineString(coords), road.highway, road.name))
    return joined


def cells(outline: BaseGeometry, roads: list[LineString], ground: Ground) -> tuple[list[Polygon], BaseGeometry]:
    """Cut an outline along its roads: gives the cells, and those of their edges that are no streets."""
    land = outline.difference(ground.barred)
    edges = shapely.union_all([land.boundary, *roads], grid_size=GRID_M)
    inside = land.buffer(0.5)
    parts = polygons(shapely.polygonize([edges]))
    return [p for p in parts if inside.contains(p.representative_point())], land.boundary


def draw_town(fabric: Fabric, ground: Ground) -> list[tuple[str, Polygon]]:
    """Draw the county town into the fabric; gives its park lakes by name."""
    roads = town_roads(ground)
    fabric.streets += roads
    fabric.streets += _promenades(ground, roads)
    # Roads that a bridge carries do not bound cells over the water, but land there is none to cut.
    blocks, walls = cells(ground.town, [r.line for r in roads], ground)
    lakes: list[tuple[str, Polygon]] = []
    parks = iter(("镜湖公园", "禾水公园"))
    for number, (style, cell) in enumerate(_with_parks(blocks)):
        rng = Random(f"{plan.SEED} town {number}")
        if style == "park":
            name = next(parks)
            lakes.append((name.replace("公园", ""), park(fabric, cell, walls, name, rng)))
        else:
            fill(fabric, cell, style, walls, rng)
    return lakes


def _promenades(ground: Ground, roads: list[Street]) -> list[Street]:
    """Draw the paths along the water, led up to the nearest road by steps at their ends."""
    bank = ground.water.buffer(SETBACK_M).boundary
    named = shapely.union_all([r.line for r in roads if not r.tags])
    out: list[Street] = []
    for name, where in plan.PROMENADES:
        for path in lines(bank.intersection(box(*where))):
            if path.length < 80:
                continue
            out.append(Street(path, "footway", name))
            for end in (path.coords[0], path.coords[-1]):
                way_up = shapely.shortest_line(Point(end), named)
                if STEPS_M < way_up.length < JOIN_M and not way_up.crosses(ground.water):
                    out.append(Street(substring(way_up, 0, STEPS_M), "steps"))
                    out.append(Street(substring(way_up, STEPS_M, way_up.length + 1), "footway"))
    return out


def _with_parks(blocks: list[Polygon]) -> list[tuple[str, Polygon]]:
    """Give each cell its style; a park takes its piece out of the cell in which it lies."""
    out: list[tuple[str, Polygon]] = []
    parks = [Polygon(ring) for style, ring in plan.STYLES if style == "park"]
    for block in blocks:
        rest: BaseGeometry = block
        for ground in parks:
            if ground.intersection(block).area > 0.5 * ground.area:
                rest = shapely.difference(rest, ground, grid_size=GRID_M)
                pieces = polygons(shapely.intersection(block, ground, grid_size=GRID_M))
                out.append(("park", max(pieces, key=lambda p: p.area)))
        out += [(style_at(piece), piece) for piece in polygons(rest)]
    return out


def style_at(block: Polygon) -> str:
    """Look up the style of the ground in a block's middle."""
    middle = block.representative_point()
    return next((style for style, ring in plan.STYLES if style != "park" and Polygon(ring).contains(middle)), "fringe")
