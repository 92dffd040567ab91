"""Lay copies of an OSM file side by side: ``python -m benchmarks.make.tiles SOURCE TARGET COLUMNS ROWS LON LAT``.

Each copy is moved by LON and LAT degrees to the next and has ids of its own. The steps must be wider than the file, by
more than two walks: the copies are disjoint, so that every station reaches exactly what it reaches on one of them.
The first stays in place. Relations are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import osmium


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    tile(source, target, columns=int(sys.argv[3]), rows=int(sys.argv[4]), step=(float(sys.argv[5]), float(sys.argv[6])))


def tile(source: Path, target: Path, *, columns: int, rows: int, step: tuple[float, float]) -> None:
    """Write ``columns * rows`` copies, nodes before ways and by rising id, as readers want them."""
    id_step = 10 ** len(str(max(thing.id for thing in things(source, osmium.osm.NODE | osmium.osm.WAY))))
    with osmium.SimpleWriter(str(target), header=osmium.io.Header(), overwrite=True) as writer:
        for copy, (row, column) in enumerate(product(range(rows), range(columns))):
            for node in things(source, osmium.osm.NODE):
                place = (node.lon + column * step[0], node.lat + row * step[1])
                writer.add_node(node.replace(id=node.id + copy * id_step, location=place))
        for copy in range(columns * rows):
            for way in things(source, osmium.osm.WAY):
                refs = [node.ref + copy * id_step for node in way.nodes]
                writer.add_way(way.replace(id=way.id + copy * id_step, nodes=refs))


def things(source: Path, kind: osmium.osm.osm_entity_bits) -> Iterator[osmium.osm.OSMObject]:
    yield from osmium.FileProcessor(str(source), kind)


if __name__ == "__main__":
    main()
