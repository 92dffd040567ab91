"""The .osm.pbf file, written with pyosmium."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm import Box, Location
from osmium.osm.mutable import Node
from osmium.osm.mutable import Way as OsmWay

from county_maker import plan
from county_maker.shapes import to_lon_lat

Tags = dict[str, str]
FIRST_ID = 9_000_000_001
"""Far above the ids of the real map's first objects: a reader may hold both files."""


@dataclass
class Sheet:
    """What goes into the file: nodes by their place on the board, and ways over them."""

    nodes: dict[tuple[float, float], Tags] = field(default_factory=dict)
    ways: list[tuple[list[tuple[float, float]], Tags]] = field(default_factory=list)

    def add_way(self, xy: Iterable[Sequence[float]], tags: Tags) -> None:
        """Add a way; vertices at one place are one node."""
        keys = [(round(float(x), 1) + 0.0, round(float(y), 1) + 0.0) for x, y in xy]
        keys = [k for i, k in enumerate(keys) if i == 0 or k != keys[i - 1]]
        if len(keys) < 2:
            return
        for key in keys:
            self.nodes.setdefault(key, {})
        self.ways.append((keys, tags))

    def add_polygon(self, polygon: shapely.Polygon, tags: Tags) -> None:
        """Add the outer ring of a polygon as a closed way."""
        if not polygon.is_empty:
            self.add_way(polygon.exterior.coords, tags)

    def add_node(self, xy: tuple[float, float], tags: Tags) -> None:
        """Add a tagged node, or tags to the node that is there."""
        key = (round(float(xy[0]), 1) + 0.0, round(float(xy[1]), 1) + 0.0)
        self.nodes.setdefault(key, {}).update(tags)


def write_osm(sheet: Sheet, path: Path, box: NDArray[np.float64]) -> None:
    """Write the sheet: the same bytes each time from the same libraries.

    Parameters
    ----------
    box
        West, south, east, north in degrees: the header's box.
    """
    header = osmium.io.Header()
    header.set("generator", plan.NOTE_EN)
    header.set("osmosis_replication_timestamp", plan.DATE)
    header.add_box(Box(*(float(v) for v in box)))
    lon_lat = to_lon_lat()(np.array(list(sheet.nodes)))
    stamp = datetime.fromisoformat(plan.DATE).astimezone(UTC)
    number = {key: FIRST_ID + i for i, key in enumerate(sheet.nodes)}
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for (key, tags), (lon, lat) in zip(sheet.nodes.items(), lon_lat, strict=True):
            writer.add_node(Node(id=number[key], version=1, timestamp=stamp, location=Location(lon, lat), tags=tags))
        for i, (keys, tags) in enumerate(sheet.ways):
            refs = [number[k] for k in keys]
            writer.add_way(OsmWay(id=FIRST_ID + i, version=1, timestamp=stamp, nodes=refs, tags=tags))
