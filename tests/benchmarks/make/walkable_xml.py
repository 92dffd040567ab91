"""Keep the walkable ways of an OSM file, as the XML that OSMnx reads: ``python -m benchmarks.make.walkable_xml FROM TO``.

OSMnx filters when it downloads, not when it reads a file: so it is handed what the filter leaves, and no more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import osmium

from benchmarks.walk_filter import walked


def write(source: Path, target: Path) -> None:
    ways = osmium.FileProcessor(str(source), osmium.osm.WAY)
    refs = {node.ref for way in ways if walked(way.tags) for node in way.nodes}
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY):
            if thing.is_node() and thing.id in refs:
                writer.add_node(thing)
            elif thing.is_way() and walked(thing.tags):
                writer.add_way(thing)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
