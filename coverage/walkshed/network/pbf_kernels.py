"""Kernels that take the blocks of an OSM PBF file apart (https://wiki.openstreetmap.org/wiki/PBF_Format).

They look at every length before they follow it, and tell with ``False`` that a block is not plain: damaged, or written
in a way that is allowed but rare. Such a file is left to osmium, which reads it, or says what is wrong with it.
"""

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Bools, IndexRows, Indices, Layout, LongRows, Longs, kernel
from walkshed.network.pbf_wire import BYTES, Bytes, field, number, signed

Where = Annotated[NDArray[np.int64], Layout(3)]
"""(n, `_LISTS`, 2) where the lists of each object begin and end; 0 for those that it has not."""

NOWHERE = np.int32(2**31 - 1)
"""A coordinate out of range."""

_TABLE, _GROUP = 8 * 1 + BYTES, 8 * 2 + BYTES
_GRANULARITY, _DATE_GRANULARITY, _LAT_OFFSET, _LON_OFFSET = 8 * 17, 8 * 18, 8 * 19, 8 * 20
_ID, _KEYS, _VALUES, _INFO, _REFS = 8 * 1, 8 * 2 + BYTES, 8 * 3 + BYTES, 8 * 4 + BYTES, 8 * 8 + BYTES
_ROLES, _MEMBERS, _TYPES = 8 * 8 + BYTES, 8 * 9 + BYTES, 8 * 10 + BYTES
_DENSE_ID, _DENSE_INFO, _DENSE_LAT = 8 * 1 + BYTES, 8 * 5 + BYTES, 8 * 8 + BYTES
_DENSE_LON, _DENSE_TAGS = 8 * 9 + BYTES, 8 * 10 + BYTES
_TIMESTAMP, _VISIBLE = 8 * 2, 8 * 6
_DENSE_VISIBLE = 8 * 6 + BYTES

MOST_THINGS = 250_000
"""Texts, or objects, that a block may hold: thirty times what writers put in one; more is a trap."""

WAY_REFS, RELATION_REFS = _REFS, _MEMBERS
NAME_SLOT = 100
"""Slots from here on are names: they tell nothing of what a thing is."""

_AT_KEYS, _AT_VALUES, _AT_REFS, _AT_TYPES, _AT_INFO, _LISTS = 0, 1, 2, 3, 4, 5

LAT_MOST, LON_MOST = 900_000_000, 1_800_000_000  # units of 1e-7 degrees


def parts(data: Bytes) -> tuple[bool, LongRows, LongRows, Longs]:
    """Find the texts and groups of a block.

    Returns
    -------
    plain
        Whether all was as expected.
    texts, groups
        (n, 2) where each begins and ends.
    scale
        Granularity, offset of latitude and longitude (nanodegrees), milliseconds of a unit of time.
    """
    scale, count = np.array([100, 0, 0, 1000], dtype=np.int64), np.zeros(2, dtype=np.int64)
    texts = groups = np.empty((0, 2), dtype=np.int64)
    plain = _parts(data, texts, groups, scale, count)
    if plain:
        texts, groups = np.empty((count[0], 2), dtype=np.int64), np.empty((count[1], 2), dtype=np.int64)
        _parts(data, texts, groups, scale, count)
    return plain, texts, groups, scale


@kernel
def _parts(data: Bytes, texts: LongRows, groups: LongRows, scale: Longs, count: Longs) -> bool:
    """Count texts and groups, write down as many as there is room for, and tell whether all was as expected."""
    count[0] = count[1] = 0
    at = 0
    while at < len(data):
        what, value, at = field(data, at, len(data))
        if at > len(data):
            return False
        if what == _TABLE:
            inner = value
            while inner < at:
                kind, begin, inner = field(data, inner, at)
                if inner > at or kind != _TABLE:
                    return False
                if count[0] < len(texts):
                    texts[count[0], 0], texts[count[0], 1] = begin, inner
                count[0] += 1
        elif what == _GROUP:
            if count[1] < len(groups):
                groups[count[1], 0], groups[count[1], 1] = value, at
            count[1] += 1
        elif what == _GRANULARITY:
            scale[0] = value
        elif what == _LAT_OFFSET:
            scale[1] = value
        elif what == _LON_OFFSET:
            scale[2] = value
        elif what == _DATE_GRANULARITY:
            scale[3] = value
        if count[0] > MOST_THINGS:
            return False
    return True


def members(data: Bytes, begin: int, end: int) -> tuple[bool, LongRows]:
    """List the messages of a group: number of the field, where each begins and ends."""
    found = np.empty((0, 3), dtype=np.int64)
    count = _members(data, begin, end, found)
    if count > 0:
        found = np.empty((count, 3), dtype=np.int64)
        _members(data, begin, end, found)
    return count >= 0, found


@kernel
def _members(data: Bytes, begin: int, end: int, found: LongRows) -> int:
    """Count the messages, and write down as many as there is room for; -1 if not all was as expected."""
    count = 0
    at = begin
    while at < end:
        what, value, at = field(data, at, end)
        if at > end or what & 7 != BYTES or count == MOST_THINGS:
            return -1
        if count < len(found):
            found[count, 0], found[count, 1], found[count, 2] = what >> 3, value, at
        count += 1
    return count


@kernel
def coordinate(value: int, granularity: int, offset: int, most: int) -> int:
    """Turn a coordinate into units of 1e-7 degrees, towards zero."""
    nano = value * granularity + offset
    units = nano // 100 if nano >= 0 else -(-nano // 100)
    return units if -most <= units <= most else NOWHERE  # type: ignore[return-value]


class Nodes(NamedTuple):
    """Nodes, and those tags that may tell of a host or a place.

    Attributes
    ----------
    plain
        Whether all was as expected.
    ids, places
        (n,) and (n, 2): longitude and latitude in 1e-7 degrees, both `NOWHERE` if out of range.
    tagged
        Rows of the nodes with such tags.
    tag_start, tags
        The tags of tagged node i are ``tags[tag_start[i]:tag_start[i + 1]]``: pairs of slot and text.
    """

    plain: bool
    ids: Longs
    places: Indices
    tagged: Longs
    tag_start: Longs
    tags: Indices


def dense_nodes(data: Bytes, begin: int, end: int, scale: Longs, slot: Indices, telling: Bools) -> Nodes:
    """Read nodes.

    Parameters
    ----------
    data, begin, end
        The message.
    scale
        As `parts` tells it.
    slot
        For each text, which of the keys it is; -1 if none.
    telling
        For each text, whether it is one of the values that are looked for.
    """
    where = np.zeros((4, 2), dtype=np.int64)
    plain = _dense_lists(data, begin, end, where)
    count = (
        int(np.count_nonzero(data[where[0, 0] : where[0, 1]] < 128)) if plain else 0
    )  # a number ends with such a byte
    most = int(where[3, 1] - where[3, 0]) // 2 if plain else 0
    ids, places = np.empty(count, dtype=np.int64), np.empty((count, 2), dtype=np.int32)
    tagged, start = np.empty(most, dtype=np.int64), np.zeros(most + 1, dtype=np.int64)
    tags = np.empty((most, 2), dtype=np.int32)
    told = filled = 0
    if plain:
        plain = _place_nodes(data, where, scale, ids, places)
    if plain:
        plain, told, filled = _tag_nodes(data, where[3, 0], where[3, 1], count, slot, telling, tagged, start, tags)
    # Copies, since views would hold all that there was room for.
    return Nodes(plain, ids, places, tagged[:told].copy(), start[: told + 1].copy(), tags[:filled].copy())


@kernel
def _place_nodes(data: Bytes, where: LongRows, scale: Longs, ids: Longs, places: IndexRows) -> bool:
    """Read ids and places, each as the step from the one before; tell whether the three lists are of one length."""
    at_id, at_lat, at_lon = where[0, 0], where[1, 0], where[2, 0]
    identity, lat, lon = 0, 0, 0
    for i in range(len(ids)):
        step, at_id = signed(data, at_id, where[0, 1])
        identity += step
        step, at_lat = signed(data, at_lat, where[1, 1])
        lat += step
        step, at_lon = signed(data, at_lon, where[2, 1])
        lon += step
        ids[i] = identity
        x = coordinate(lon, scale[0], scale[2], LON_MOST)
        y = coordinate(lat, scale[0], scale[1], LAT_MOST)
        if x == NOWHERE or y == NOWHERE:
            places[i, 0] = places[i, 1] = NOWHERE
        else:
            places[i, 0], places[i, 1] = x, y
    return bool(at_id == where[0, 1] and at_lat == where[1, 1] and at_lon == where[2, 1])


@kernel
def _tag_nodes(
    data: Bytes,
    place: int,
    stop: int,
    count: int,
    slot: Indices,
    telling: Bools,
    tagged: Longs,
    start: Longs,
    tags: IndexRows,
) -> tuple[bool, int, int]:
    """Read the tags of `count` nodes, one list after the other, each ended by 0.

    Returns
    -------
    plain
        Whether all was as expected.
    told, filled
        How many of `tagged` and `tags` are filled.
    """
    told = filled = node = 0
    tells = False
    while place < stop:
        key, place = number(data, place, stop)
        if key == 0:  # the end of a node's tags
            if tells:
                tagged[told] = node
                told += 1
                start[told] = filled
            filled = start[told]
            tells = False
            node += 1
            continue
        text, place = number(data, place, stop)
        if place > stop or key < 0 or text < 0 or key >= len(slot) or text >= len(slot) or node >= count:
            return False, 0, 0
        if slot[key] >= 0:
            tags[filled, 0], tags[filled, 1] = slot[key], text
            filled += 1
            tells |= telling[text]
    return place == stop and filled == start[told], told, filled


@kernel
def _dense_lists(data: Bytes, begin: int, end: int, where: LongRows) -> bool:
    """Find where ids, latitudes, longitudes and tags lie; tell whether all was as expected."""
    at = begin
    while at < end:
        what, value, at = field(data, at, end)
        part = -1
        if what == _DENSE_ID:
            part = 0
        elif what == _DENSE_LAT:
            part = 1
        elif what == _DENSE_LON:
            part = 2
        elif what == _DENSE_TAGS:
            part = 3
        elif what == _DENSE_INFO:
            inner = value
            while inner < at:
                kind, _, inner = field(data, inner, at)
                if inner > at or kind == _DENSE_VISIBLE:  # nodes may be deleted ones
                    return False
        if at > end or (part >= 0 and where[part, 1] > 0):
            return False
        if part >= 0:
            where[part, 0], where[part, 1] = value, at
    return True


@kernel
def pairs(data: Bytes, keys: Longs, values: Longs, slot: Indices, tags: Indices, filled: int) -> int:
    """Add the tags whose key has a slot; -1 if the two lists do not fit each other."""
    key_at, value_at = keys[0], values[0]
    while key_at < keys[1] and value_at < values[1]:
        key, key_at = number(data, key_at, keys[1])
        value, value_at = number(data, value_at, values[1])
        if key < 0 or value < 0 or key >= len(slot) or value >= len(slot):
            return -1
        if slot[key] >= 0:
            tags[filled, 0] = slot[key]
            tags[filled, 1] = value
            filled += 1
    return filled if key_at == keys[1] and value_at == values[1] else -1


@kernel
def deltas(data: Bytes, at: int, end: int, into: Longs, filled: int) -> int:
    """Add a list of ids, each written as the step from the one before; -1 if it ends amiss."""
    identity = 0
    while at < end:
        step, at = signed(data, at, end)
        identity += step
        into[filled] = identity
        filled += 1
    return filled if at == end else -1


@kernel
def last_change(data: Bytes, at: int, end: int) -> int:
    """Read the time of a change; -1 if the object may be deleted, or something is amiss."""
    time = 0
    while at < end:
        what, value, at = field(data, at, end)
        if what == _TIMESTAMP:
            time = value
        if what == _VISIBLE:
            return -1
    return time if at == end else -1


class Listed(NamedTuple):
    """Ways, or relations: both are tags and a list of ids.

    Attributes
    ----------
    plain
        Whether all was as expected.
    ids, time
        (n,) of each; time in the block's units.
    ref_start, refs
        The ids of the nodes or members of object i are ``refs[ref_start[i]:ref_start[i + 1]]``.
    tag_start, tags
        Pairs of slot and text, in the same way.
    digest
        (n,) alike for objects whose pairs are the same but for names.
    kinds
        Of what kind each member of a relation is: 0 node, 1 way, 2 relation; empty for ways.
    """

    plain: bool
    ids: Longs
    time: Longs
    ref_start: Longs
    refs: Longs
    tag_start: Longs
    tags: Indices
    digest: Longs
    kinds: Indices


def listed(data: Bytes, messages: LongRows, slot: Indices, refs_field: int) -> Listed:
    """Read ways, or relations.

    Parameters
    ----------
    data, messages
        The block, and where each message begins and ends.
    slot
        For each text, which of the keys it is; -1 if none.
    refs_field
        `WAY_REFS` or `RELATION_REFS`.
    """
    count = len(messages)
    ids, time, digest = np.zeros((3, count), dtype=np.int64)
    where, size = np.zeros((count, _LISTS, 2), dtype=np.int64), np.zeros(_LISTS, dtype=np.int64)
    plain = _laid_out(data, messages, refs_field, ids, where, size)
    if not plain:
        size[:] = 0
    ref_start, tag_start = np.zeros((2, count + 1), dtype=np.int64)
    refs, kinds = np.empty(size[_AT_REFS], dtype=np.int64), np.empty(size[_AT_TYPES], dtype=np.int32)
    tags = np.empty((size[_AT_KEYS], 2), dtype=np.int32)
    told = 0
    if plain:
        told = _listed(data, where, slot, time, ref_start, refs, tag_start, tags, digest, kinds)
        plain = told >= 0 and (refs_field == _REFS or told == ref_start[count])
    refs, tags = refs[: max(0, ref_start[count])].copy(), tags[: max(0, tag_start[count])].copy()
    return Listed(plain, ids, time, ref_start, refs, tag_start, tags, digest, kinds[: max(0, told)].copy())


@kernel
def _listed(
    data: Bytes,
    where: Where,
    slot: Indices,
    time: Longs,
    ref_start: Longs,
    refs: Longs,
    tag_start: Longs,
    tags: IndexRows,
    digest: Longs,
    kinds: Indices,
) -> int:
    """Read the lists that `where` tells of, and tell how many of `kinds` are filled; -1 if not all was as expected."""
    told = 0
    for i in range(len(where)):
        time[i] = last_change(data, where[i, _AT_INFO, 0], where[i, _AT_INFO, 1])
        tag_start[i + 1] = pairs(data, where[i, _AT_KEYS], where[i, _AT_VALUES], slot, tags, tag_start[i])
        ref_start[i + 1] = deltas(data, where[i, _AT_REFS, 0], where[i, _AT_REFS, 1], refs, ref_start[i])
        at, end = where[i, _AT_TYPES, 0], where[i, _AT_TYPES, 1]
        while at < end:
            kinds[told], at = number(data, at, end)
            told += 1
        if time[i] < 0 or tag_start[i + 1] < 0 or ref_start[i + 1] < 0 or at != end:
            return -1
        digest[i] = digested(tags[tag_start[i] : tag_start[i + 1]])
    return told


@kernel
def _laid_out(data: Bytes, messages: LongRows, refs_field: int, ids: Longs, where: Where, size: Longs) -> bool:
    """Find the ids of ways or relations, where each one's five lists lie, and how many bytes each sort has.

    Tells whether all was as expected.
    """
    for i in range(len(messages)):
        at, end = messages[i, 0], messages[i, 1]
        while at < end:
            what, value, at = field(data, at, end)
            part = -1
            if what == _ID:
                ids[i] = value
            elif what == _KEYS:
                part = _AT_KEYS
            elif what == _VALUES:
                part = _AT_VALUES
            elif what == _INFO:
                part = _AT_INFO
            elif what == refs_field:
                part = _AT_REFS
            elif what == _TYPES and refs_field != _REFS:
                part = _AT_TYPES
            elif what != _ROLES or refs_field == _REFS:
                return False  # a list that is not packed, or a way that brings its coordinates
            if at > end or (part >= 0 and where[i, part, 1] > 0):
                return False
            if part >= 0:
                where[i, part, 0], where[i, part, 1] = value, at
                size[part] += at - value
    return True


@kernel
def digested(tags: Indices) -> int:
    """Mix slots and texts, but for names, into one number that differs where they do (splitmix64)."""
    mixed = np.uint64(0)
    for p in range(len(tags)):
        if tags[p, 0] < NAME_SLOT:
            mixed ^= np.uint64(tags[p, 0]) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(tags[p, 1])
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
    return np.int64(mixed)  # type: ignore[return-value]
