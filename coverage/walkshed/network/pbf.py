"""``scan_pbf``: what `scan` finds, of a plain OSM PBF file that is read whole: the same, several times as fast.

A block's objects come as arrays, and what their tags say is asked once for all that have the same: a city's fifty
thousand ways have a thousand sets of them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.network.clip import Box
from walkshed.network.found import Area, Found
from walkshed.network.osm_file import OsmFile
from walkshed.network.pbf_blobs import NotPlainError
from walkshed.network.pbf_blocks import KEY_OF, Block, read_blocks
from walkshed.network.pbf_kernels import NAME_SLOT, NOWHERE, Listed, Nodes
from walkshed.network.plane import bounds_of
from walkshed.network.polylines import UNITS, Placed, meet, offsets_of
from walkshed.network.positions import positions
from walkshed.network.surroundings import WAY_LAYERS, Collector, area_kind, layers_of, name_of
from walkshed.network.tagged import NAME_KEYS
from walkshed.network.walkable import flags_of, is_walkable

Longs = NDArray[np.int64]
Tags = tuple[tuple[str, str], ...]

_WAY = 1  # among the kinds of members
_LATEST_S = 2**32  # times are stored in 32 bits elsewhere


class Meaning(NamedTuple):
    """What the tags of a way say: its ``highway``, if it has one, whether it is a street, and else its layers."""

    highway: str | None
    walkable: bool
    flags: int
    layers: dict[str, Any]


def scan_pbf(file: OsmFile, limit: Box | None = None) -> Found | None:
    """Read a PBF file, if it is plain.

    Parameters
    ----------
    file
        The file.
    limit
        Keep only what meets this box (degrees); None keeps all. All of the file is held in memory first.

    Returns
    -------
    Found or None
        None if osmium should read it: it is damaged, not in ascending order, of a rare make, or holds no place of
        its streets.
    """
    content = _Content()
    try:
        for block in read_blocks(file.path):
            content.add(block)
        found = content.found(limit)
    except (NotPlainError, UnicodeDecodeError):
        return None
    if file.date is None:
        found.newest = content.newest()
    return found


class _Content:
    """What is told of the objects of a file, block by block."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float, Tags]] = []
        self._newest_s = -1.0
        self._nodes: list[tuple[Longs, NDArray[np.int32]]] = []
        self._ways: list[Listed] = []
        self._names: list[str] = []
        self._meaning: list[Longs] = []  # for each way, its row in `_meanings`
        self._meanings: dict[Tags, tuple[int, Meaning]] = {}
        self._areas: list[Area] = []

    def add(self, block: Block) -> None:
        """Take in a block."""
        for nodes in block.nodes:
            self._nodes.append((nodes.ids, nodes.places))
            tags = _tags(block, nodes)
            for (lon, lat), told in zip(nodes.places[nodes.tagged].tolist(), tags, strict=True):
                if lon != NOWHERE:
                    self._points.append((lon / UNITS, lat / UNITS, told))
        for ways in block.ways:
            self._add_ways(block, ways)
        for relations in block.relations:
            self._areas += _areas(block, relations)

    def _add_ways(self, block: Block, ways: Listed) -> None:
        _, first, alike = np.unique(ways.digest, return_index=True, return_inverse=True)
        kinds = [self._meaning_of(tags) for tags in _tags(block, ways, first, names=False)]
        row = np.array([row for row, _ in kinds], dtype=np.int64)[alike]
        walkable = np.array([meaning.walkable for _, meaning in kinds], dtype=np.bool_)[alike]
        named = walkable | np.array([bool(meaning.layers) for _, meaning in kinds], dtype=np.bool_)[alike]
        self._newest_s = max(self._newest_s, ways.time[walkable].max(initial=-1) * block.time_s)
        self._names += _names(block, ways, named)
        self._meaning.append(row)
        self._ways.append(ways)

    def _meaning_of(self, tags: Tags) -> tuple[int, Meaning]:
        if tags not in self._meanings:
            told = dict(tags)
            street = is_walkable(told)
            meaning = Meaning(told.get("highway"), street, flags_of(told), {} if street else layers_of(told))
            self._meanings[tags] = len(self._meanings), meaning
        return self._meanings[tags]

    def newest(self) -> datetime | None:
        """Tell when a street last changed."""
        return datetime.fromtimestamp(int(self._newest_s), UTC) if 0 <= self._newest_s < _LATEST_S else None

    def found(self, limit: Box | None) -> Found:
        """Place the streets, and what lies around them.

        Raises
        ------
        NotPlainError
            As `scan_pbf` tells.
        """
        found, ways = Found(), _Ways(self._nodes, self._ways)
        self._nodes.clear()  # they stand in `ways` now
        self._ways.clear()
        meaning = np.concatenate([np.empty(0, dtype=np.int64), *self._meaning])
        with ThreadPoolExecutor(1) as pool:  # looking for nodes does not need the interpreter
            around = pool.submit(self._add_around, found.around, ways, meaning, limit)
            self._add_streets(found, ways, meaning, limit)
            around.result()
        return found

    def _add_streets(self, found: Found, ways: _Ways, meaning: Longs, limit: Box | None) -> None:
        meanings = [m for _, m in self._meanings.values()]
        street = np.flatnonzero(np.array([m.walkable for m in meanings], dtype=np.bool_)[meaning])
        found.lines = ways.placed(street)
        if len(street) and not len(found.lines.ids):
            raise NotPlainError
        if limit is not None:
            found.box = bounds_of(found.lines.nodes().lonlat) if len(street) else None
            street = street[found.lines.meet(limit)]
            found.lines = ways.placed(street)
        carried = [meanings[i] for i in meaning[street].tolist()]
        found.osm_id = array("q", ways.ids[street].tobytes())
        found.name = [self._names[i] for i in street.tolist()]
        found.highway = [m.highway or "" for m in carried]
        found.flags = bytearray(m.flags for m in carried)
        found.refused = _refused(meanings, np.bincount(meaning, minlength=len(meanings)))

    def _add_around(self, around: Collector, ways: _Ways, meaning: Longs, limit: Box | None) -> None:
        for lon, lat, tags in self._points:
            if limit is None or meet((lon, lat, lon, lat), limit):
                around.add_node(lon, lat, dict(tags))
        self._add_layers(around, ways, meaning, limit)
        self._add_areas(around, ways, limit)

    def _add_layers(self, around: Collector, ways: _Ways, meaning: Longs, limit: Box | None) -> None:
        meanings = [m for _, m in self._meanings.values()]
        there = []
        for layer in WAY_LAYERS:
            rows = np.flatnonzero(np.array([layer in m.layers for m in meanings], dtype=np.bool_)[meaning])
            there.append(rows if limit is None else rows[ways.placed(rows).meet(limit)])
        courses = ways.placed(np.concatenate(there)).split([len(rows) for rows in there])
        for layer, rows, lines in zip(WAY_LAYERS, there, courses, strict=True):
            names = [self._names[i] for i in rows.tolist()]
            notes = [meanings[i].layers[layer] for i in meaning[rows].tolist()]
            around.take_ways(layer, lines, names, notes)

    def _add_areas(self, around: Collector, ways: _Ways, limit: Box | None) -> None:
        """Add areas made of several ways, of those that the limit touches."""
        wanted = np.unique(np.array([m for _, _, members in self._areas for m in members], dtype=np.int64))
        row = positions(wanted, ways.ids)
        lines, ids = ways.placed(row[row >= 0]), wanted[row >= 0]
        courses = np.split(lines.lonlat(), offsets_of(lines.sizes)[1:-1])
        rings = dict(zip(ids.tolist(), courses, strict=False))
        near = set(ids.tolist() if limit is None else ids[lines.meet(limit)].tolist())
        for kind, name, members in self._areas:
            if not near.isdisjoint(members):
                around.add_area(kind, name, [rings[m] for m in members if m in rings])


class _Ways:
    """All ways and nodes of a file.

    Raises
    ------
    NotPlainError
        If they do not come in ascending order, or ids are below zero.
    """

    def __init__(self, nodes: list[tuple[Longs, NDArray[np.int32]]], ways: list[Listed]) -> None:
        nothing = np.empty(0, dtype=np.int64)
        self.ids = np.concatenate([nothing, *(some.ids for some in ways)])
        self._refs = np.concatenate([nothing, *(some.refs for some in ways)])
        self._start = offsets_of(np.concatenate([nothing, *(np.diff(some.ref_start) for some in ways)]))
        node_ids = np.concatenate([nothing, *(ids for ids, _ in nodes)])
        places = np.concatenate([np.empty((0, 2), dtype=np.int32), *(places for _, places in nodes)])
        if not (_ascend(node_ids) and _ascend(self.ids)) or self._refs.min(initial=0) < 0:
            raise NotPlainError
        there = places[:, 0] != NOWHERE
        self._node_ids: Longs = node_ids if there.all() else node_ids[there]
        self._places: NDArray[np.int32] = places if there.all() else places[there]

    def placed(self, some: Longs) -> Placed:
        """Place the nodes of some ways."""
        start, sizes = self._start[some], self._start[some + 1] - self._start[some]
        before = offsets_of(sizes)[:-1]
        refs = self._refs[np.repeat(start - before, sizes) + np.arange(sizes.sum())]
        row = positions(refs, self._node_ids)
        used = np.zeros(len(self._node_ids), dtype=np.bool_)
        used[row[row >= 0]] = True
        rank = np.cumsum(np.append(used, False), dtype=np.int32) - np.int32(1)
        rank[-1] = -1  # for what is missing
        return Placed(self._node_ids[used], self._places[used], rank[row].astype(np.int64), sizes)


def _ascend(ids: Longs) -> bool:
    return bool((np.diff(ids) > 0).all()) and (not len(ids) or bool(ids[0] >= 0))


def _refused(meanings: list[Meaning], count: Longs) -> Counter[str]:
    refused: Counter[str] = Counter()
    for meaning, n in zip(meanings, count.tolist(), strict=True):
        if meaning.highway is not None and not meaning.walkable:
            refused[meaning.highway] += n
    return refused


def _tags(block: Block, objects: Nodes | Listed, some: Longs | None = None, *, names: bool = True) -> list[Tags]:
    """Spell out the tags of objects, or of some of them; of a key that is there twice, the first."""
    start = objects.tag_start
    begin, end = (start[:-1], start[1:]) if some is None else (start[some], start[some + 1])
    told = []
    for a, b in zip(begin.tolist(), end.tolist(), strict=True):
        pairs = [(slot, text) for slot, text in objects.tags[a:b].tolist() if names or slot < NAME_SLOT]
        told.append(tuple({KEY_OF[slot]: block.texts[text].decode() for slot, text in reversed(pairs)}.items()))
    return told


def _names(block: Block, ways: Listed, wanted: NDArray[np.bool_]) -> list[str]:
    """Find the names of ways, as `name_of` does; "" where they are not wanted."""
    count = len(ways.ids)
    filled = np.array([bool(text) for text in block.texts] + [False], dtype=np.bool_)  # the last is for none
    text = np.full(count, -1)
    slot, value = ways.tags.T
    for key in reversed(range(len(NAME_KEYS))):
        at = np.flatnonzero(slot == NAME_SLOT + key)[::-1]  # backwards: of two, the first stays
        own = np.full(count, -1)
        own[np.searchsorted(ways.tag_start, at, side="right") - 1] = value[at]
        text = np.where(filled[own], own, text)
    text[~wanted] = -1
    known = {i: block.texts[i].decode() for i in np.unique(text[text >= 0]).tolist()} | {-1: ""}
    return [known[i] for i in text.tolist()]


def _areas(block: Block, relations: Listed) -> list[Area]:
    """Find water and buildings that are mapped with several outlines."""
    areas = []
    for i, pairs in enumerate(_tags(block, relations)):
        tags = dict(pairs)
        if tags.get("type") == "multipolygon" and (kind := area_kind(tags)):
            these = slice(relations.ref_start[i], relations.ref_start[i + 1])
            members = relations.refs[these][relations.kinds[these] == _WAY].tolist()
            areas.append((kind, name_of(tags), members))
    return areas
