"""OSM files for tests, drawn in ASCII.

A--B     a letter is a node: its id is its place in the alphabet;
   |     one character is one step: 0.001 degrees east, and down;
   C     ways are written as their letters: "ABC".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from pyproj import Geod

from walkshed.network.build import Ways, build_streets
from walkshed.network.clip import Clip
from walkshed.network.streets import Source, Streets

STEP = 0.001
WEST, NORTH = 114.0, 30.6

Nodes = dict[str, tuple[float, float]]
Tags = Mapping[str, str]


def nodes_of(picture: str) -> Nodes:
    """Find the letters' degrees."""
    return {
        letter: (round(WEST + x * STEP, 7), round(NORTH - y * STEP, 7))
        for y, row in enumerate(picture.strip("\n").splitlines())
        for x, letter in enumerate(row)
        if letter.isalpha()
    }


def id_of(letter: str) -> int:
    return ord(letter) - ord("A") + 1


def metres(nodes: Nodes, way: str) -> float:
    """Measure along a way."""
    return float(Geod(ellps="WGS84").line_length(*np.array([nodes[c] for c in way]).T))


def build(
    nodes: Nodes,
    ways: Sequence[tuple[str, Tags]],
    *,
    min_island_m: float = 0.0,
    keep: Clip | None = None,
    osm_id: Sequence[int] | None = None,
) -> Streets:
    """Build streets straight from the drawing; tags may give highway, name and flags."""
    letters = list(nodes)
    place = {c: i for i, c in enumerate(letters)}
    joined = [(place[a], place[b], w) for w, (way, _) in enumerate(ways) for a, b in pairwise(way)]
    a, b, way = np.array(joined, dtype=np.int64).reshape(-1, 3).T
    return build_streets(
        node_id=np.array([id_of(c) for c in letters], dtype=np.int64),
        lonlat=np.array([nodes[c] for c in letters]).reshape(-1, 2),
        seg_a=a,
        seg_b=b,
        seg_way=way,
        ways=Ways(
            osm_id=np.array(osm_id if osm_id is not None else range(1, len(ways) + 1), dtype=np.int64),
            name=[tags.get("name", "") for _, tags in ways],
            highway=[tags.get("highway", "residential") for _, tags in ways],
            flags=np.array([int(tags.get("flags", 0)) for _, tags in ways], dtype=np.uint8),
        ),
        source=Source(name="toy", extent=(0, 0, 1, 1)),
        min_island_m=min_island_m,
        keep=keep,
    )


def same(a: Streets, b: Streets, *, source: bool = True) -> bool:
    """Tell whether two networks are the same to the last bit."""
    arrays = (
        *("node_xy", "node_id", "edge_u", "edge_v", "edge_length_m", "cost_uv", "cost_vu", "edge_name"),
        *("edge_highway", "edge_osm_id", "edge_flags", "coords", "offsets"),
    )
    alike = all(
        getattr(a, n).dtype == getattr(b, n).dtype and np.array_equal(getattr(a, n), getattr(b, n)) for n in arrays
    )
    texts = (a.names, a.highways, a.crs) == (b.names, b.highways, b.crs)
    return alike and texts and (not source or a.source == b.source)


def lines_of(streets: Streets) -> list[tuple[int, int, float, str]]:
    """List the edges as (u, v, metres, name), for reading."""
    frame = streets.to_frame()
    return [(int(r.u), int(r.v), round(r.length_m, 1), r["name"]) for _, r in frame.iterrows()]


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def osm_xml(
    nodes: Nodes,
    ways: Sequence[tuple[str, Tags]] = (),
    *,
    points: Sequence[tuple[str, Tags]] = (),
    areas: Sequence[tuple[Sequence[int], Tags]] = (),
    generator: str = "test",
    head: str = "",
    ways_first: bool = False,
    without: str = "",
) -> str:
    """Write the drawing as OSM XML; way ids count from 1, `areas` are multipolygons of way ids."""
    tagged = dict(points)
    node_text = "\n".join(
        f'<node id="{id_of(c)}" lon="{lon:.7f}" lat="{lat:.7f}">{_tags(tagged.get(c, {}))}</node>'
        for c, (lon, lat) in sorted(nodes.items())
        if c not in without
    )
    way_text = "\n".join(
        f'<way id="{i}">' + "".join(f'<nd ref="{id_of(c)}"/>' for c in way) + _tags(tags) + "</way>"
        for i, (way, tags) in enumerate(ways, start=1)
    )
    area_text = "\n".join(
        f'<relation id="{i}">'
        + "".join(f'<member type="way" ref="{m}" role=""/>' for m in members)
        + _tags({"type": "multipolygon", **tags})
        + "</relation>"
        for i, (members, tags) in enumerate(areas, start=1)
    )
    body = [way_text, node_text] if ways_first else [node_text, way_text]
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="{generator}">'
    return "\n".join([start, head, *body, area_text, "</osm>"])


def write_osm(path: Path, nodes: Nodes, ways: Sequence[tuple[str, Tags]] = (), **more: object) -> Path:
    path.write_text(osm_xml(nodes, ways, **more), encoding="utf-8")  # type: ignore[arg-type]
    return path
