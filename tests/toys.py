"""Toy networks, drawn in ASCII, with numbers one can check by hand.

A---B---C       a letter is a node, also one that streets only bend at;
|       |       - and | are street: one character is one step, 100 m across and 100 m down;
D-------E       so A-B is 400 m, A-D 200 m.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from walkshed.network.streets import Source, Streets

CRS = "EPSG:32650"
ORIGIN = np.array([500_000.0, 3_600_000.0])  # on the central meridian


@dataclass(frozen=True)
class Toy:
    """Streets, and where the letters stand."""

    streets: Streets
    at: dict[str, tuple[float, float]]

    def stations(self, *places: tuple[str, float, float], category: str = "") -> gpd.GeoDataFrame:
        """Put stations at letters, each moved by metres east and north."""
        points = [shapely.Point(self.at[p][0] + east, self.at[p][1] + north) for p, east, north in places]
        ids = [f"s{i}" for i in range(1, len(points) + 1)]
        return gpd.GeoDataFrame(
            {"station_id": ids, "name": ids, "category": category, "row": range(2, len(ids) + 2)},
            geometry=points,
            crs=CRS,
        )

    def people(self, *places: tuple[str, float, float, float]) -> gpd.GeoDataFrame:
        """Put people at letters, each moved by metres east and north: letter, east, north, count."""
        points = [shapely.Point(self.at[p][0] + east, self.at[p][1] + north) for p, east, north, _ in places]
        return gpd.GeoDataFrame({"population": [float(count) for *_, count in places]}, geometry=points, crs=CRS)

    def zones(self, *boxes: tuple[str, str, str, float], margin_m: float = 0.0) -> gpd.GeoDataFrame:
        """Draw zones as boxes: name, letter of the south-west, letter of the north-east, population."""
        shapes = [self.box(low, high, margin_m).geometry.iloc[0] for _, low, high, _ in boxes]
        columns = {"zone": [name for name, *_ in boxes], "population": [count for *_, count in boxes]}
        return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)

    def box(self, low: str, high: str, margin_m: float = 0.0) -> gpd.GeoDataFrame:
        """Draw a box from one letter (south-west) to another, widened by a margin."""
        (x0, y0), (x1, y1) = self.at[low], self.at[high]
        shape = shapely.box(x0 - margin_m, y0 - margin_m, x1 + margin_m, y1 + margin_m)
        return gpd.GeoDataFrame({"name": ["box"]}, geometry=[shape], crs=CRS)


def toy(picture: str, step_m: float = 100.0) -> Toy:
    """Read a picture."""
    rows = [r for r in picture.strip("\n").split("\n") if r.strip()]
    indent = min(len(r) - len(r.lstrip()) for r in rows)
    rows = [r[indent:] for r in rows]
    char = {(x, y): c for y, r in enumerate(rows) for x, c in enumerate(r) if c != " "}
    letters = sorted((c, xy) for xy, c in char.items() if c.isalpha())
    number = {xy: i for i, (_, xy) in enumerate(letters)}
    lines = []
    for _, (x, y) in letters:
        for dx, dy, stroke in ((1, 0, "-"), (0, 1, "|")):
            run = 1
            while char.get((x + dx * run, y + dy * run)) == stroke:
                run += 1
            if run > 1:
                lines.append((number[(x, y)], number[(x + dx * run, y + dy * run)]))
    xy = np.array([(x * step_m, -y * step_m) for _, (x, y) in letters]) + ORIGIN
    streets = streets_of(xy, [(u, v, xy[[u, v]]) for u, v in lines])
    return Toy(streets, {c: tuple(xy[i]) for i, (c, _) in enumerate(letters)})


def edge_of(streets: Streets, u: int, v: int) -> int:
    """Find the one edge between two nodes."""
    (edge,) = np.flatnonzero((streets.edge_u == u) & (streets.edge_v == v))
    return int(edge)


def bent(*edges: tuple[int, int, list[tuple[float, float]]], nodes: list[tuple[float, float]]) -> Streets:
    """Make streets of nodes in metres from the origin, and edges with the points that they bend at."""
    node_xy = np.array(nodes, dtype=float) + ORIGIN
    return streets_of(
        node_xy, [(u, v, np.array([nodes[u], *bends, nodes[v]], dtype=float) + ORIGIN) for u, v, bends in edges]
    )


def scattered(count: int, width_m: float, seed: int) -> Streets:
    """Join each of the nodes that lie at random in a square to its three nearest."""
    nodes = np.random.default_rng(seed).uniform(0, width_m, (count, 2))
    near = np.argsort(((nodes[:, None] - nodes[None]) ** 2).sum(axis=2), axis=1)[:, 1:4]
    return bent(*((i, int(j), []) for i in range(count) for j in near[i] if i < j), nodes=[*map(tuple, nodes)])


def grid(rows: int, columns: int, far_copy: bool = False) -> Streets:
    """Streets 100 m apart, and maybe another town as large, 50 km away along one road."""
    number = {(i, j): i * columns + j for i in range(rows) for j in range(columns)}
    nodes = [(j * 100.0, i * 100.0) for i, j in number]
    edges: list[tuple[int, int, list[tuple[float, float]]]] = [
        (number[i, j], number[i, j + 1], []) for i in range(rows) for j in range(columns - 1)
    ]
    edges += [(number[i, j], number[i + 1, j], []) for i in range(rows - 1) for j in range(columns)]
    if far_copy:
        shift = len(nodes)
        nodes += [(x + 50_000, y) for x, y in nodes]
        edges += [(u + shift, v + shift, []) for u, v, _ in edges]
        edges.append((0, shift, []))
    return bent(*edges, nodes=nodes)


def at(*places: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    """Put stations at metres from the origin."""
    ids = [f"s{i}" for i in range(1, len(places) + 1)]
    frame = {"station_id": ids, "name": ids, "category": "", "row": range(2, len(ids) + 2)}
    points = [shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in places]
    return gpd.GeoDataFrame(frame | columns, geometry=points, crs=CRS)


def boxes(*corners: tuple[float, float, float, float], **columns: object) -> gpd.GeoDataFrame:
    """Draw boxes of west, south, east, north in metres from the origin: zones or an area."""
    shapes = [shapely.box(*(np.array(c, dtype=float) + np.tile(ORIGIN, 2))) for c in corners]
    return gpd.GeoDataFrame(columns or {"name": ["box"] * len(shapes)}, geometry=shapes, crs=CRS)


def streets_of(node_xy: np.ndarray, edges: list[tuple[int, int, np.ndarray]]) -> Streets:
    """Make streets of nodes and polylines; lengths are planar."""
    m = len(edges)
    coords = np.vstack([line for _, _, line in edges]).astype(float)
    offsets = np.cumsum([0] + [len(line) for _, _, line in edges])
    length = np.array([np.hypot(*np.diff(line, axis=0).T).sum() for _, _, line in edges])
    lonlat = gpd.GeoSeries(gpd.points_from_xy(*node_xy.T), crs=CRS).to_crs(4326)
    return Streets(
        node_xy=node_xy,
        node_id=np.arange(len(node_xy), dtype=np.int64),
        edge_u=np.array([u for u, _, _ in edges], dtype=np.int32),
        edge_v=np.array([v for _, v, _ in edges], dtype=np.int32),
        edge_length_m=length,
        cost_uv=length.copy(),
        cost_vu=length.copy(),
        edge_name=np.zeros(m, np.int32),
        names=("",),
        edge_highway=np.zeros(m, np.int32),
        highways=("",),
        edge_osm_id=np.zeros(m, np.int64),
        edge_flags=np.zeros(m, np.uint8),
        coords=coords,
        offsets=offsets.astype(np.int64),
        crs=CRS,
        source=Source(name="toy", extent=tuple(lonlat.total_bounds)),
    )


LADDER = """
    A----B----C----D
    |    |    |    |
    E----F----G----H
"""
"""Three boxes of 500 x 200 m: 10 edges, 3,000 + 800 m of street."""
