"""``build_streets``: segments between mapped nodes become the edges of ``Streets``."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from walkshed.errors import NoStreetsError
from walkshed.network.chains import chains, components, incidence, junctions
from walkshed.network.clip import Clip
from walkshed.network.geodesic import geodesic_m
from walkshed.network.plane import bounds_of, check_degrees, check_width, to_plane, utm_of
from walkshed.network.streets import Source, Streets
from walkshed.phrases import Phrase
from walkshed.sorting import sorted_by

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Floats = NDArray[np.float64]

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What the segments carry: w ways, as mapped.

    Attributes
    ----------
    osm_id
        (w,) int64; 0 where there is none. May repeat.
    name, highway
        (w,) text; "" where there is none.
    flags
        (w,) uint8, bits `STEPS`, `BRIDGE`, `TUNNEL`.
    """

    osm_id: Ints
    name: Sequence[str]
    highway: Sequence[str]
    flags: NDArray[np.uint8]


@dataclass(frozen=True)
class _Segments:
    """Straight stretches between nodes, ``lo < hi``, sorted by (lo, hi), none twice."""

    lo: Indices
    hi: Indices
    way: Ints

    def __getitem__(self, some: NDArray[np.bool_]) -> _Segments:
        return _Segments(self.lo[some], self.hi[some], self.way[some])


def build_streets(
    *,
    node_id: Ints,
    lonlat: Floats,
    seg_a: NDArray[np.integer],
    seg_b: NDArray[np.integer],
    seg_way: NDArray[np.integer],
    ways: Ways,
    source: Source,
    min_island_m: float = 1000.0,
    keep: Clip | None = None,
) -> Streets:
    """Join segments into the edges between junctions, ends and changes of what they carry.

    The result depends on the network alone, not on the order or direction in which it is given. A segment
    given twice counts once (for the way with the lower id). A ring without a junction is one loop edge.

    Parameters
    ----------
    node_id
        (n,) unique ids; the nodes of the result come in their order.
    lonlat
        (n, 2) degrees, WGS 84.
    seg_a, seg_b
        (s,) indices of the nodes at the ends of each segment.
    seg_way
        (s,) index of the way that each segment belongs to.
    ways
        What they carry.
    source
        Where it all comes from; the length of the islands left out is set here.
    min_island_m
        Connected pieces with less street than this are left out, in metres.
    keep
        Keep only the segments that come within one budget of an area. Pieces are judged, and edges
        divided, before: give all that lies within one budget and `min_island_m` of the area.

    Returns
    -------
    Streets
        In the UTM zone of the middle of the area, else of the streets.

    Raises
    ------
    InputError
        If coordinates are out of range, or in polar latitudes, where there is no UTM.
    NoStreetsError
        If nothing is left.

    Warns
    -----
    InputWarning
        If the streets reach so far that one UTM zone cannot hold them well.
    """
    order = np.argsort(node_id, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ids, degrees = np.asarray(node_id)[order], np.asarray(lonlat, dtype=np.float64)[order]
    carried, way_rank = _rank_ways(ways)
    segments = _tidy(rank[seg_a], rank[seg_b], way_rank[seg_way], len(ids))
    if not len(segments.lo):
        raise NoStreetsError(Phrase("network.none", source=source.name))
    check_degrees(degrees, source.name)
    is_used = np.zeros(len(ids), dtype=np.bool_)
    is_used[segments.lo] = is_used[segments.hi] = True
    box = bounds_of(degrees[is_used])
    crs = utm_of(keep.area.bounds if keep else box, source.name)
    with ThreadPoolExecutor(1) as pool:  # neither projecting nor measuring needs the interpreter
        projected = pool.submit(to_plane, degrees, crs)
        length_m = geodesic_m(degrees[segments.lo], degrees[segments.hi])
        stop = junctions(*incidence(segments.lo, segments.hi, len(ids)), carried.carries[segments.way])
        island = _islands(segments, length_m, len(ids), min_island_m)
        xy = projected.result()
    near = np.ones(len(island), dtype=np.bool_)
    if keep:
        near = keep.segments_near(xy, segments.lo, segments.hi, crs)
        stop |= keep.beyond(xy, min_island_m, crs)  # what joins there may not have been read
    else:
        check_width(box, crs, source.name)
    left_out_m = float(length_m[near & island].sum())
    source = replace(source, islands_left_out_m=left_out_m, min_island_m=min_island_m)
    if keep is not None:
        source = replace(source, clip_area=keep.area.wkb_hex, clip_budget_m=keep.budget_m)
    left = near & ~island
    if not left.any():
        raise _nothing_left(source, keep, bool(near.any()))
    return _edges(ids, xy, segments[left], length_m[left], stop, carried, crs, source)


def _nothing_left(source: Source, keep: Clip | None, islands: bool) -> NoStreetsError:
    if keep and not islands:
        return keep.misses(source.name, source.extent)
    values = {"metres": source.islands_left_out_m, "least": source.min_island_m}
    return NoStreetsError(Phrase("network.short", source=source.name, **values), reached=keep is not None)


@dataclass(frozen=True)
class _Carried:
    """Ways in the order of (id, class, name, flags), their texts coded in alphabetical order."""

    osm_id: Ints
    name: Indices
    names: list[str]
    highway: Indices
    highways: list[str]
    flags: NDArray[np.uint8]
    carries: Indices


def _rank_ways(ways: Ways) -> tuple[_Carried, Ints]:
    name, names = _code(ways.name)
    highway, highways = _code(ways.highway)
    flags = np.asarray(ways.flags, dtype=np.uint8)
    osm_id = np.asarray(ways.osm_id, dtype=np.int64)
    order = np.lexsort((flags, name, highway, osm_id))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    kinds = (highway[order].astype(np.int64) * len(names) + name[order]) * 256 + flags[order]
    carries = np.unique(kinds, return_inverse=True)[1].astype(np.int32)
    carried = _Carried(osm_id[order], name[order], names, highway[order], highways, flags[order], carries)
    return carried, rank


def _code(texts: Sequence[str]) -> tuple[Indices, list[str]]:
    known = sorted({"", *texts})
    place = {text: i for i, text in enumerate(known)}
    return np.fromiter((place[t] for t in texts), dtype=np.int32, count=len(texts)), known


def _tidy(a: Indices, b: Indices, way: Ints, nodes: int) -> _Segments:
    lo, hi = np.minimum(a, b), np.maximum(a, b)
    real = lo < hi
    lo, hi, way = lo[real], hi[real], way[real]
    order = sorted_by(hi, nodes)[1]
    order = order[sorted_by(lo[order], nodes)[1]]
    lo, hi = lo[order], hi[order]
    first = np.flatnonzero((np.diff(lo, prepend=-1) != 0) | (np.diff(hi, prepend=-1) != 0))
    return _Segments(lo[first], hi[first], np.minimum.reduceat(way[order], first) if len(first) else way)


def _islands(segments: _Segments, length_m: Floats, nodes: int, min_island_m: float) -> NDArray[np.bool_]:
    piece = components(segments.lo, segments.hi, nodes)[segments.lo]
    total = np.bincount(piece, weights=length_m, minlength=nodes)
    return np.asarray(total[piece] < min_island_m)


def _edges(
    ids: Ints,
    xy: Floats,
    segments: _Segments,
    length_m: Floats,
    stop: NDArray[np.bool_],
    carried: _Carried,
    crs: str,
    source: Source,
) -> Streets:
    start, at = incidence(segments.lo, segments.hi, len(ids))
    stop = stop | (np.diff(start) == 1)  # ends that the clip made
    path, chained, offsets = chains(start, at, segments.lo, segments.hi, stop)
    firsts = offsets[:-1] - np.arange(len(offsets) - 1)
    first, last = path[offsets[:-1]], path[offsets[1:] - 1]
    is_end = np.zeros(len(ids), dtype=np.bool_)
    is_end[first] = is_end[last] = True
    ends, place = _numbered(is_end)
    u, v = place[first], place[last]
    edge_length_m = np.add.reduceat(length_m[chained], firsts)
    way = segments.way[chained[firsts]]
    name, names = _used(carried.name[way], carried.names)
    highway, highways = _used(carried.highway[way], carried.highways)
    edge = np.repeat(np.arange(len(firsts)), np.diff(offsets) - 1)
    return Streets(
        node_xy=_fixed(xy[ends]),
        node_id=_fixed(ids[ends]),
        edge_u=_fixed(u),
        edge_v=_fixed(v),
        edge_length_m=_fixed(edge_length_m),
        cost_uv=_fixed(edge_length_m),
        cost_vu=_fixed(edge_length_m),
        edge_name=_fixed(name),
        names=names,
        edge_highway=_fixed(highway),
        highways=highways,
        edge_osm_id=_fixed(_longest(edge, carried.osm_id[segments.way[chained]], length_m[chained])),
        edge_flags=_fixed(carried.flags[way]),
        coords=_fixed(xy[path]),
        offsets=_fixed(offsets),
        crs=crs,
        source=source,
    )


def _used(codes: Indices, texts: list[str]) -> tuple[Indices, tuple[str, ...]]:
    """Keep the texts in use; "" stays the first."""
    is_used = np.bincount(codes, minlength=len(texts)) > 0
    is_used[0] = True
    used, compact = _numbered(is_used)
    return compact[codes], tuple(texts[i] for i in used)


def _numbered(is_kept: NDArray[np.bool_]) -> tuple[Ints, Indices]:
    """Tell what is kept, and the new number of each."""
    return np.flatnonzero(is_kept), np.cumsum(is_kept, dtype=np.int32) - np.int32(1)


def _longest(edge: Ints, osm_id: Ints, length_m: Floats) -> Ints:
    """Name, for each edge, the way that makes up most of it; ties go to the lower id."""
    first = np.flatnonzero(np.diff(edge, prepend=-1))
    named, last = np.minimum.reduceat(osm_id, first), np.maximum.reduceat(osm_id, first)
    some = (named != last)[edge]  # most edges are of one way
    edge, osm_id, length_m = edge[some], osm_id[some], length_m[some]
    order = np.lexsort([osm_id, edge])
    edge, osm_id, length_m = edge[order], osm_id[order], length_m[order]
    run = np.flatnonzero((np.diff(edge, prepend=-1) != 0) | (np.diff(osm_id, prepend=-1) != 0))
    total = np.add.reduceat(length_m, run) if len(run) else length_m
    edge, osm_id = edge[run], osm_id[run]
    best = np.lexsort([osm_id, -total, edge])
    named[named != last] = osm_id[best][np.diff(edge, prepend=-1) != 0]
    return named


def _fixed(array: NDArray[T]) -> NDArray[T]:
    """Close the array to writing: the network is shared, and frozen."""
    array.setflags(write=False)
    return array
