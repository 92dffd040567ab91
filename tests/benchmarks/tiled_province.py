"""A synthetic province: Greater Porto and Porto Alegre, set side by side as often as asked, and cut into counties.

Each tile is eight counties of Greater Porto and two of Porto Alegre, with 50 stations and 500 places of people a county. Six
tiles are 60 counties with 3,000 stations.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

STATIONS, PEOPLE = 50, 500
SOURCES = (("greater_porto/porto.osm.pbf", 4, 2), ("porto_alegre/poa_osm.pbf", 2, 1))
"""File, and how many counties it is cut into from west to east and from south to north."""
APART = 0.2
"""Degrees between two tiles: more than a walk, so that none reaches the next."""


class _Tiles:
    """Writes a source again and again, each time farther east and with ids of its own."""

    def __init__(self, path: Path, first_id: int) -> None:
        self._path, self._id = path, first_id
        self.places: list[tuple[float, float]] = []
        for item in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
            if item.is_way() and "highway" in item.tags and len(item.nodes) and item.nodes[0].location.valid():
                self.places.append((item.nodes[0].lon, item.nodes[0].lat))
        box = np.array(self.places)
        # The middle 98 %: a stray way must not make a county of the sea.
        self.west, self.south = np.quantile(box, 0.01, axis=0).tolist()
        self.east, self.north = np.quantile(box, 0.99, axis=0).tolist()

    def write(self, writer: Any, east: float, turn: int) -> None:
        """Write it `east` degrees farther east."""
        nodes: dict[int, int] = {}
        start = self._id + turn * 100_000_000
        for item in osmium.FileProcessor(str(self._path), osmium.osm.NODE | osmium.osm.WAY):
            if item.is_node():
                nodes[item.id] = start + len(nodes)
                place = (item.location.lon + east, item.location.lat)
                writer.add_node(item.replace(id=nodes[item.id], location=place))
            elif all(node.ref in nodes for node in item.nodes):
                refs = [nodes[node.ref] for node in item.nodes]
                writer.add_way(item.replace(id=start + item.id % 90_000_000, nodes=refs))


def write_province(folder: Path, data: Path, tiles: int) -> Path:
    """Write the streets, the stations, the people, the layer of counties and ``province.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    counties: dict[str, shapely.Polygon] = {}
    stations: list[tuple[Any, ...]] = []
    people: list[tuple[Any, ...]] = []
    with osmium.SimpleWriter(str(folder / "streets.osm.pbf"), overwrite=True) as writer:
        for n, (name, across, up) in enumerate(SOURCES):
            source = _Tiles(data / name, 1 + n * 10_000_000_000)
            places = np.array(source.places)
            wide = np.ptp(places[:, 0]) + APART
            for turn in range(tiles):
                source.write(writer, turn * wide, turn)
                xs = np.linspace(source.west, source.east, across + 1) + turn * wide
                ys = np.linspace(source.south, source.north, up + 1)
                for i in range(across):
                    for j in range(up):
                        county = f"{Path(name).parent.name} {turn + 1}-{i + 1}{j + 1}"
                        counties[county] = shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1])
                        moved = places + np.array([turn * wide, 0.0])
                        inside = moved[shapely.contains_xy(counties[county], moved)]
                        some = inside[rng.choice(len(inside), min(len(inside), STATIONS), replace=False)]
                        stations += [(f"{county} {k}", x, y) for k, (x, y) in enumerate(some.tolist())]
                        homes = inside[rng.choice(len(inside), PEOPLE)] + rng.normal(0, 2e-4, (PEOPLE, 2))
                        heads = rng.integers(5, 200, PEOPLE)
                        people += [(x, y, h) for (x, y), h in zip(homes.tolist(), heads.tolist(), strict=True)]
    _table(folder / "stations.csv", ("name", "lon", "lat"), stations)
    _table(folder / "people.csv", ("lon", "lat", "population"), people)
    features = [
        {"type": "Feature", "properties": {"name": n}, "geometry": json.loads(shapely.to_geojson(c))}
        for n, c in counties.items()
    ]
    (folder / "counties.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    path = folder / "province.toml"
    path.write_text(
        'title = "Synthetic province"\nout = "out"\n[defaults]\nstreets = "streets.osm.pbf"\nstations = "stations.csv"\n'
        'people = "people.csv"\n[split]\nareas = "counties.geojson"\n',
        encoding="utf-8",
    )
    return path


def _table(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
