"""Neighbourhoods and townships: polygons that tile the county, and their people."""

from random import Random

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, voronoi_polygons

from county_maker import plan
from county_maker.ground import Ground
from county_maker.network import Way
from county_maker.shapes import GRID_M, polygons
from county_maker.town import drawn_roads

Zone = tuple[str, Polygon]


def make_zones(ground: Ground) -> list[Zone]:
    """Tile the county: neighbourhoods bounded by roads and water in town, townships around it."""
    town = _neighbourhoods(ground)
    country = _townships(ground, shapely.union_all([p for _, p in town], grid_size=GRID_M))
    return _share_edges([*town, *country])


def _neighbourhoods(ground: Ground) -> list[Zone]:
    barriers = shapely.union_all([ground.rail, *(line for _, line, _ in ground.courses.values())])
    roads = [*(road.line for road in drawn_roads(ground)), *map(LineString, plan.BOUNDARY_LINES)]
    edges = shapely.union_all([ground.town.boundary, barriers.intersection(ground.town), *roads], grid_size=GRID_M)
    faces = [p for p in polygons(shapely.polygonize([edges])) if ground.town.contains(p.representative_point())]
    parts: dict[str, list[Polygon]] = {name: [] for name, _, _ in plan.NEIGHBOURHOODS}
    for face in faces:
        parts[_home_of(face, barriers)].append(face)
    return [(name, shapely.union_all(pieces, grid_size=GRID_M)) for name, pieces in parts.items()]


def _home_of(face: Polygon, barriers: shapely.Geometry) -> str:
    """Find the nearest neighbourhood on the same side of water and rail."""
    middle = face.representative_point()
    near = sorted(plan.NEIGHBOURHOODS, key=lambda n: middle.distance(Point(n[1])))
    same_side = [n for n in near if not LineString([middle, n[1]]).intersects(barriers)]
    return (same_side or near)[0][0]


def _townships(ground: Ground, town: Polygon) -> list[Zone]:
    """Give each patch of a fine random mesh to the nearest centre: their edges wind like real ones."""
    rng = Random(f"{plan.SEED} zones")
    west, south, east, north = ground.county.buffer(2000).bounds
    mesh = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(4000)]
    cells = shapely.get_parts(voronoi_polygons(shapely.multipoints(mesh)))
    cells = sorted(cells, key=lambda c: c.bounds)
    centres = np.array([xy for _, xy, _, _ in plan.TOWNSHIPS])
    middles = shapely.get_coordinates(shapely.centroid(cells))
    home = np.hypot(*(middles[:, None, :] - centres).transpose(2, 0, 1)).argmin(axis=1)
    rough = [shapely.union_all([c for c, h in zip(cells, home, strict=True) if h == i]) for i in range(len(centres))]
    plain = shapely.coverage_simplify(rough, 260)
    land = shapely.difference(ground.county, town, grid_size=GRID_M)
    return [(plan.TOWNSHIPS[i][0], shapely.intersection(p, land, grid_size=GRID_M)) for i, p in enumerate(plain)]


def _share_edges(zones: list[Zone]) -> list[Zone]:
    """Rebuild the zones from one set of edges, so that neighbours share every vertex and nothing overlaps."""
    edges = shapely.union_all([shapely.boundary(p) for _, p in zones], grid_size=GRID_M)
    faces = polygons(shapely.polygonize([edges]))
    parts: dict[str, list[Polygon]] = {name: [] for name, _ in zones}
    for face in faces:
        middle = face.representative_point()
        owner = min(zones, key=lambda z: z[1].distance(middle))
        parts[owner[0]].append(face)
    return [(name, shapely.coverage_union_all(pieces)) for name, pieces in parts.items()]


def people_of(zones: list[Zone], ways: list[Way]) -> list[int]:
    """Count people: townships as planned, the town's by the length of its streets and how densely one lives there."""
    weight = {name: w for name, _, w in plan.NEIGHBOURHOODS}
    fixed = {name: people for name, _, _, people in plan.TOWNSHIPS}
    lines = np.array([LineString(w.xy) for w in ways])
    tree = shapely.STRtree(lines)
    share = {}
    for name, ground in zones:
        if name in weight:
            near = lines[np.sort(tree.query(ground, predicate="intersects"))]
            share[name] = weight[name] * float(shapely.length(shapely.intersection(near, ground)).sum())
    total = sum(share.values())
    return [fixed.get(name) or round(plan.TOWN_PEOPLE * share[name] / total / 10) * 10 for name, _ in zones]
