"""``scan``: the passes over an OSM file that pick out streets and what lies around them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter, KeyFilter, TagFilter
from osmium.osm import NODE, RELATION, WAY

from walkshed.network.boxes import Boxes
from walkshed.network.clip import Box
from walkshed.network.found import Area, Found
from walkshed.network.osm_file import OsmFile, full
from walkshed.network.pbf import scan_pbf
from walkshed.network.pbf_blobs import refuse_zero_bytes
from walkshed.network.polylines import Outline, bounds, degrees, union
from walkshed.network.surroundings import NODE_TAGS, WAY_KEYS, Collector, area_kind, name_of, way_kind
from walkshed.network.walkable import flags_of, is_walkable

SMALL_BYTES = 1 << 20
"""Smaller files are left to osmium: it is done before the kernels that unpack blocks are loaded, or compiled."""

LARGE_BYTES = 64 << 20
"""Larger files that only a part is kept of are left to osmium, which never holds the whole of them in memory."""

NewTable = Callable[[], Any]
"""Makes a table of node locations."""


def scan(file: OsmFile, limit: Box | None) -> Found:
    """Read a file: once, and again where ways come before their nodes or water has several outlines.

    Parameters
    ----------
    file
        The file.
    limit
        Keep only ways whose box meets this one (degrees); None keeps all.
    """
    size = file.path.stat().st_size
    if file.format == "pbf" and size > SMALL_BYTES and (limit is None or size < LARGE_BYTES):
        found = scan_pbf(file, limit)
        if found is not None:
            return found
    return scan_all(file, None if limit is None else [limit])[0]


def scan_all(file: OsmFile, limits: Sequence[Box] | None) -> list[Found]:
    """Read a file in the same passes for many limits at once.

    Parameters
    ----------
    file
        The file.
    limits
        As for `scan`; what meets several is kept for each.

    Returns
    -------
    list of Found
        One for each limit; one in all where there are none.
    """
    if file.format == "pbf":
        refuse_zero_bytes(file.path)
    with _tables(on_disk=limits is not None) as new_table:
        return _Scan(file, limits).run(new_table)


@contextmanager
def _tables(*, on_disk: bool) -> Iterator[NewTable]:
    """Hand out tables of node locations: in memory, or in files that are removed at the end."""
    if not on_disk:
        yield lambda: osmium.index.create_map("flex_mem")
        return
    with TemporaryDirectory(prefix="walkshed-", ignore_cleanup_errors=True) as folder:
        count = iter(range(2))
        yield lambda: _table_in(Path(folder) / f"nodes{next(count)}")


def _table_in(path: Path) -> Any:
    try:
        return osmium.index.create_map(f"sparse_file_array,{path}")
    except RuntimeError as fault:
        raise full(fault) from fault


def _locator(table: Any) -> Any:
    locator = osmium.NodeLocationsForWays(table)
    locator.ignore_errors()  # extracts lack nodes: a way is broken there, not failed
    return locator


def _of(entity: Any, test: Any) -> Any:
    """Limit a filter to one kind of object; the others pass it."""
    test.enable_for(entity)
    return test


class _Scan:
    def __init__(self, file: OsmFile, limits: Sequence[Box] | None) -> None:
        self._file = file
        self._boxes = None if limits is None else Boxes(limits)
        self._around = [Collector() for _ in (limits or (None,))]
        self._outline = Outline()
        self._start()

    def _start(self) -> None:
        """Begin with nothing but what nodes told: whether and where they are tagged stays true."""
        self._found = [Found(around=around) for around in self._around]
        self._all = Found()  # what is told of the whole file
        self._areas: list[Area] = []

    def run(self, new_table: NewTable) -> list[Found]:
        locator = _locator(new_table())
        self._pass(NODE | WAY | RELATION, locator)
        if self._outline.broken and not self._file.sorted:  # ways may have come before their nodes
            locator = _locator(new_table())
            with self._file.objects(NODE, locator, EntityFilter(WAY)) as nodes:
                deque(nodes, maxlen=0)
            for around in self._around:
                around.forget_ways()
            self._start()
            self._pass(WAY | RELATION, locator)
        self._add_areas(locator)
        for found in self._found:
            found.refused, found.newest = self._all.refused, self._all.newest
            found.box, found.unplaced = self._all.box, self._all.unplaced
        return self._found

    def _near(self, box: Box | None) -> Sequence[int]:
        """Tell for which limits to keep what has this box."""
        return (0,) if self._boxes is None else self._boxes.met_by(box)

    def _pass(self, entities: Any, locator: Any) -> None:
        filters = (
            _of(NODE, TagFilter(*NODE_TAGS)),
            _of(WAY, KeyFilter(*WAY_KEYS)),
            _of(RELATION, TagFilter(("type", "multipolygon"))),
        )
        with self._file.objects(entities, locator, *filters) as objects:
            for item in objects:
                if item.is_way():
                    self._add_way(item)
                elif item.is_node():
                    self._add_node(item)
                elif kind := area_kind(item.tags):
                    members = [m.ref for m in item.members if m.type == "w" and m.ref >= 0]
                    self._areas.append((kind, name_of(item.tags), members))

    def _add_node(self, node: Any) -> None:
        if node.location.valid():
            lon, lat = node.lon, node.lat
            for i in self._near((lon, lat, lon, lat)):
                self._around[i].add_node(lon, lat, node.tags)

    def _add_way(self, way: Any) -> None:
        tags = way.tags
        if is_walkable(tags):
            self._add_street(way, tags)
            return
        if "highway" in tags:
            self._all.refused[tags["highway"]] += 1
        if way_kind(tags):
            course = self._outline(way)
            for i in self._near(bounds(course)):
                self._around[i].add_way(course, tags)

    def _add_street(self, way: Any, tags: Any) -> None:
        told = self._all
        if self._file.date is None:
            told.newest = max(told.newest or way.timestamp, way.timestamp)
        course = self._outline(way)
        near: Sequence[int] = (0,)
        if self._boxes is not None:
            box = bounds(course)
            told.box = union(told.box, box)
            if box is None:
                told.unplaced.extend(node.ref for node in list(way.nodes)[:1])
            near = self._boxes.met_by(box)
        if near:
            refs, name, flags = [node.ref for node in way.nodes], name_of(tags), flags_of(tags)
        for found in (self._found[i] for i in near):
            found.lines.add(course, refs)
            found.osm_id.append(way.id)
            found.name.append(name)
            found.highway.append(tags["highway"])
            found.flags.append(flags)

    def _add_areas(self, locator: Any) -> None:
        """Fetch the outlines of areas made of several ways, of those that a limit touches."""
        areas = self._areas
        if not areas:
            return
        near = {way: self._near(bounds(course)) for way, course in self._members(locator, areas)}
        areas = [area for area in areas if any(near.get(way) for way in area[2])]
        rings = {way: degrees(course) for way, course in self._members(locator, areas)} if areas else {}
        for kind, name, members in areas:
            outlines = [rings[m] for m in members if m in rings]
            for i in sorted({i for m in members for i in near.get(m, ())}):
                self._around[i].add_area(kind, name, outlines)

    def _members(self, locator: Any, areas: list[Area]) -> Iterator[tuple[int, str]]:
        wanted = IdFilter({member for _, _, members in areas for member in members})
        with self._file.objects(WAY, locator, wanted) as ways:
            for way in ways:
                yield way.id, self._outline(way)
