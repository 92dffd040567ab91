"""Kernels that take the blocks of an OSM PBF file apart (https://wiki.openstreetmap.org/wiki/PBF_Format).

They look at every length before they follow it, and tell with ``False`` that a block is not plain: damaged, or written
in a way that is allowed but rare. Such a file is left to osmium, which reads it, or says what is wrong with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import kernel
from walkshed.network.pbf_wire import BYTES, Bytes, field, number, signed

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]

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

_AT_KEYS, _AT_VALUES, _AT_REFS, _AT_TYPES, _AT_INFO = 0, 1, 2, 3, 4

LAT_MOST, LON_MOST = 900_000_000, 1_800_000_000  # units of 1e-7 degrees


@kernel
def parts(data: Bytes) -> tuple[bool, Longs, Longs, Longs]:
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
    scale = np.array([100, 0, 0, 1000], dtype=np.int64)
    count = np.zeros(2, dtype=np.int64)
    texts = np.empty((0, 2), dtype=np.int64)
    groups = np.empty((0, 2), dtype=np.int64)
    for filling in (False, True):
        if filling:
            texts = np.empty((count[0], 2), dtype=np.int64)
            groups = np.empty((count[1], 2), dtype=np.int64)
            count[:] = 0
        at = 0
        while at < len(data):
            what, value, at = field(data, at, len(data))
            if at > len(data):
                return False, texts, groups, scale
            if what == _TABLE:
                inner = value
                while inner < at:
                    kind, begin, inner = field(data, inner, at)
                    if inner > at or kind != _TABLE:
                        return False, texts, groups, scale
                    if filling:
                        texts[count[0], 0] = begin
                        texts[count[0], 1] = inner
                    count[0] += 1
            elif what == _GROUP:
                if filling:
                    groups[count[1], 0] = value
                    groups[count[1], 1] = at
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
                return False, texts, groups, scale
    return True, texts, groups, scale


@kernel
def members(data: Bytes, begin: int, end: int) -> tuple[bool, Longs]:
    """List the messages of a group: number of the field, where each begins and ends."""
    count = 0
    at = begin
    while at < end:
        what, value, at = field(data, at, end)
        count += 1
        if at > end or what & 7 != BYTES or count > MOST_THINGS:
            return False, np.empty((0, 3), dtype=np.int64)
    found = np.empty((count, 3), dtype=np.int64)
    at = begin
    for i in range(count):
        what, value, at = field(data, at, end)
        found[i, 0] = what >> 3
        found[i, 1] = value
        found[i, 2] = at
    return True, found


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
    places: Ints
    tagged: Longs
    tag_start: Longs
    tags: Ints


@kernel
def dense_nodes(data: Bytes, begin: int, end: int, scale: Longs, slot: Ints, telling: Bools) -> Nodes:
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
    plain, where = _dense_lists(data, begin, end)
    count = 0
    for i in range(where[0, 0], where[0, 1]):
        count += data[i] < 128
    ids = np.empty(count, dtype=np.int64)
    places = np.empty((count, 2), dtype=np.int32)
    values = np.zeros(3, dtype=np.int64)
    at = where[:3, 0].copy()
    for i in range(count):
        for part in range(3):
            step, at[part] = signed(data, at[part], where[part, 1])
            values[part] += step
        ids[i] = values[0]
        places[i, 0] = coordinate(values[2], scale[0], scale[2], LON_MOST)
        places[i, 1] = coordinate(values[1], scale[0], scale[1], LAT_MOST)
        if places[i, 0] == NOWHERE or places[i, 1] == NOWHERE:
            places[i, :] = NOWHERE
    plain = plain and at[0] == where[0, 1] and at[1] == where[1, 1] and at[2] == where[2, 1]

    most = (where[3, 1] - where[3, 0]) // 2
    tagged = np.empty(most, dtype=np.int64)
    start = np.zeros(most + 1, dtype=np.int64)
    tags = np.empty((most, 2), dtype=np.int32)
    told = filled = node = 0
    tells = False
    place, stop = where[3]
    while plain and place < stop:
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
            plain = False
        elif slot[key] >= 0:
            tags[filled, 0] = slot[key]
            tags[filled, 1] = text
            filled += 1
            tells |= telling[text]
    plain = plain and place == stop and filled == start[told]
    # Copies, since views would hold all that there was room for.
    return Nodes(plain, ids, places, tagged[:told].copy(), start[: told + 1].copy(), tags[:filled].copy())


@kernel
def _dense_lists(data: Bytes, begin: int, end: int) -> tuple[bool, Longs]:
    """Find where ids, latitudes, longitudes and tags lie."""
    where = np.zeros((4, 2), dtype=np.int64)
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
                    return False, where
        if at > end or (part >= 0 and where[part, 1] > 0):
            return False, where
        if part >= 0:
            where[part, 0] = value
            where[part, 1] = at
    return True, where


@kernel
def pairs(data: Bytes, keys: Longs, values: Longs, slot: Ints, tags: Ints, filled: int) -> int:
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
    tags: Ints
    digest: Longs
    kinds: Ints


@kernel
def listed(data: Bytes, messages: Longs, slot: Ints, refs_field: int) -> Listed:
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
    plain, ids, where, size = _laid_out(data, messages, refs_field)
    count = len(messages)
    time = np.zeros(count, dtype=np.int64)
    ref_start = np.zeros(count + 1, dtype=np.int64)
    tag_start = np.zeros(count + 1, dtype=np.int64)
    digest = np.zeros(count, dtype=np.int64)
    refs = np.empty(size[_AT_REFS], dtype=np.int64)
    tags = np.empty((size[_AT_KEYS], 2), dtype=np.int32)
    kinds = np.empty(size[_AT_TYPES], dtype=np.int32)
    told = 0
    for i in range(count):
        if not plain:
            break
        time[i] = last_change(data, where[i, _AT_INFO, 0], where[i, _AT_INFO, 1])
        tag_start[i + 1] = pairs(data, where[i, _AT_KEYS], where[i, _AT_VALUES], slot, tags, tag_start[i])
        ref_start[i + 1] = deltas(data, where[i, _AT_REFS, 0], where[i, _AT_REFS, 1], refs, ref_start[i])
        at, end = where[i, _AT_TYPES]
        while at < end:
            kinds[told], at = number(data, at, end)
            told += 1
        plain = time[i] >= 0 and tag_start[i + 1] >= 0 and ref_start[i + 1] >= 0 and at == end
        if plain:
            digest[i] = digested(tags[tag_start[i] : tag_start[i + 1]])
    plain = plain and (refs_field == _REFS or told == ref_start[count])
    refs, tags = refs[: max(0, ref_start[count])].copy(), tags[: max(0, tag_start[count])].copy()
    return Listed(plain, ids, time, ref_start, refs, tag_start, tags, digest, kinds[:told].copy())


@kernel
def _laid_out(data: Bytes, messages: Longs, refs_field: int) -> tuple[bool, Longs, Longs, Longs]:
    """Find the ids of ways or relations, where each one's five lists lie, and how many bytes each sort has."""
    ids = np.zeros(len(messages), dtype=np.int64)
    where = np.zeros((len(messages), 5, 2), dtype=np.int64)
    size = np.zeros(5, dtype=np.int64)
    for i in range(len(messages)):
        at, end = messages[i]
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
                return False, ids, where, size  # a list that is not packed, or a way that brings its coordinates
            if at > end or (part >= 0 and where[i, part, 1] > 0):
                return False, ids, where, size
            if part >= 0:
                where[i, part, 0] = value
                where[i, part, 1] = at
                size[part] += at - value
    return True, ids, where, size


@kernel
def digested(tags: Ints) -> int:
    """Mix slots and texts, but for names, into one number that differs where they do (splitmix64)."""
    mixed = np.uint64(0)
    for p in range(len(tags)):
        if tags[p, 0] < NAME_SLOT:
            mixed ^= np.uint64(tags[p, 0]) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(tags[p, 1])
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
    return np.int64(mixed)  # type: ignore[return-value]


@kernel
def positions(refs: Longs, ids: Longs) -> Longs:
    """Find ids among ascending ones; -1 for those that are not there.

    The nodes of a way lie near each other more often than not, so each is looked for around the last.
    """
    found = np.empty(len(refs), dtype=np.int64)
    near = 0
    for i in range(len(refs)):
        ref = refs[i]
        low, high, step = near, near, 1
        while low > 0 and ids[low] > ref:
            high = low
            low = max(0, low - step)
            step *= 2
        step = 1
        while high < len(ids) and ids[high] < ref:
            low = high
            high = min(len(ids), high + step)
            step *= 2
        while low < high:
            middle = (low + high) // 2
            if ids[middle] < ref:
                low = middle + 1
            else:
                high = middle
        there = low < len(ids) and ids[low] == ref
        found[i] = low if there else -1
        near = max(0, min(low, len(ids) - 1))
    return found
