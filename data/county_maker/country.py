"""The country around the town: county roads, township centres and villages."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from county_maker import names, plan
from county_maker.fabric import Fabric, Street, fill
from county_maker.ground import Ground
from county_maker.shapes import blob, smooth
from county_maker.town import cells


@dataclass(frozen=True)
class Village:
    """A village: its name and its outline."""

    name: str
    outline: Polygon


def county_roads() -> list[Street]:
    """Draw the county roads from centre to centre, a little winding."""
    centre = {name: xy for name, xy, _, _ in plan.TOWNSHIPS}
    out: list[Street] = []
    for name, kind, start, end, waypoint in plan.COUNTY_ROADS:
        rng = Random(f"{plan.SEED} {name}")
        a = centre[start] if isinstance(start, str) else start
        b = centre[end] if isinstance(end, str) else end
        out.append(Street(smooth(_winding([a, waypoint, b], rng), step_m=90), kind, name))
    return out


def _winding(points: list[tuple[float, float]], rng: Random) -> list[tuple[float, float]]:
    out = [points[0]]
    for (ax, ay), (bx, by) in pairwise(points):
        length = math.hypot(bx - ax, by - ay)
        count = max(1, round(length / 1300))
        for i in range(1, count + 1):
            aside = 0.0 if i == count else rng.uniform(-150, 150)
            t = i / count
            out.append(
                (ax + t * (bx - ax) - aside * (by - ay) / length, ay + t * (by - ay) + aside * (bx - ax) / length)
            )
    return out


def draw_country(fabric: Fabric, ground: Ground) -> list[Village]:
    """Draw roads, townships and villages into the fabric; gives the villages."""
    roads = county_roads()
    lines = [r.line for r in roads]
    for road in roads:
        fabric.streets += ground.cross(road)
    centres = []
    for name, xy, radius, _ in plan.TOWNSHIPS:
        rng = Random(f"{plan.SEED} {name}")
        centres.append(blob(xy, radius, rng))
        _settle(fabric, centres[-1], [*_main_streets(fabric, centres[-1], xy, rng), *lines], ground, "township", rng)
    built = shapely.union_all([*(c.buffer(500) for c in centres), ground.town.buffer(250)])
    return _villages(fabric, roads, ground, built)


def _main_streets(fabric: Fabric, outline: Polygon, xy: tuple[float, float], rng: Random) -> list[LineString]:
    """Draw the township's own crossing through its centre."""
    turn = rng.uniform(0, math.pi)
    out = []
    for i, name in enumerate(("中心街", "振兴路")):
        a = turn + i * (math.pi / 2 + rng.uniform(-0.2, 0.2))
        reach = outline.area**0.5
        line = LineString([(xy[0] + s * reach * math.cos(a), xy[1] + s * reach * math.sin(a)) for s in (-1, 0, 1)])
        piece = line.intersection(outline)
        out.append(piece)
        fabric.streets.append(Street(piece, "tertiary", name))
    return out


def _settle(fabric: Fabric, outline: Polygon, roads: list[LineString], ground: Ground, style: str, rng: Random) -> None:
    near = [r.intersection(outline.buffer(5)) for r in roads if r.intersects(outline)]
    parts, walls = cells(outline, near, ground)
    for part in parts:
        # A piece that no road bounds would be an island.
        if any(part.distance(road) < 1 for road in near):
            fill(fabric, part, style, walls, rng)


def _villages(fabric: Fabric, roads: list[Street], ground: Ground, built: BaseGeometry) -> list[Village]:
    """Settle every spot that is free: not in a town, in the water or on top of another village."""
    out: list[Village] = []
    taken = shapely.union_all([built, ground.barred.buffer(60)])
    shapely.prepare(taken)
    rng = Random(f"{plan.SEED} villages")
    used: set[str] = set()
    for road, outline, lane in _spots(roads):
        crowded = any(outline.distance(v.outline) < 160 for v in out)
        if crowded or taken.intersects(outline) or taken.intersects(lane) or not ground.county.contains(outline):
            continue
        if lane.length:
            fabric.streets.append(Street(lane, "unclassified"))
        _settle(fabric, outline, [road.line, lane], ground, "hamlet", rng)
        name = names.village(rng)
        while name in used:
            name = names.village(rng)
        used.add(name)
        out.append(Village(name, outline))
    return out


def _spots(roads: list[Street]) -> Iterator[tuple[Street, Polygon, LineString]]:
    """Look for places along the roads: half of the villages lie on one, half beside it at the end of a lane."""
    for road in roads:
        rng = Random(f"{plan.SEED} villages {road.name}")
        at = rng.uniform(700, 1500)
        while at < road.line.length - 600:
            here, ahead = road.line.interpolate(at), road.line.interpolate(at + 20)
            across = np.array([here.y - ahead.y, ahead.x - here.x]) / here.distance(ahead)
            aside = rng.choice((0, 0, -1, 1)) * rng.uniform(350, 800)
            middle = (here.x + aside * across[0], here.y + aside * across[1])
            lane = LineString([here, middle]) if aside else LineString()
            yield road, blob(middle, rng.uniform(120, 235), rng), lane
            at += rng.uniform(600, 1500)
