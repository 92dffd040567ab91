"""Hosts: for every gap the public counter nearby whose own walk takes in the most of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.dossier import tree_of
from walkshed.analysis.intervals import add_up
from walkshed.analysis.people import Heads
from walkshed.analysis.stock import MILLIMETRES
from walkshed.analysis.stretches import Stretches
from walkshed.compiled import Floats, Indices, Longs
from walkshed.network.streets import Streets
from walkshed.reach.graph import WalkGraph, split_at_stations
from walkshed.reach.search import Entered, walk_each
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84

HOSTS_AT_ONCE = 512
"""So many are walked from before the best of them are kept: memory follows that."""


class GapStreet(NamedTuple):
    """The street of all gaps, by edge.

    Attributes
    ----------
    first
        (m + 1,) the stretches on edge i are those from ``first[i]`` to ``first[i + 1]``.
    from_m, to_m
        (r,) metres along the edge.
    gap
        (r,) int32, the gap that each belongs to, from 0.
    people_a_m
        (r,) people on each metre of it.
    """

    first: Longs
    from_m: Floats
    to_m: Floats
    gap: Indices
    people_a_m: Floats


class Gains(NamedTuple):
    """The best host of each of g gaps: -1 where there is none, and how much of the gap its own walk takes in."""

    host: Longs
    street_m: Floats
    people: Floats


def host_columns(
    streets: Streets,
    snapper: Snapper,
    stretches: Stretches,
    heads: Heads | None,
    center: NDArray[np.int32],
    walk: Walk,
) -> dict[str, NDArray[np.generic]]:
    """Name the public counter whose own walk takes in the most of each of g gaps.

    Parameters
    ----------
    streets, snapper
        The network, with its surroundings, and the grid over it.
    stretches, heads
        The table of stretches, with gaps by rank, and the people on them.
    center
        (g,) int32, the node at the centre of each gap, by rank.
    walk
        How far people walk.

    Returns
    -------
    dict
        Columns of (g,): ``host`` and ``host_kind`` (None where there is none), ``host_km`` of the gap's street
        and ``host_people`` that it would serve, ``host_lon``, ``host_lat``. People count by the share of their
        stretch that it takes in.
    """
    count = len(center)
    near = streets.surroundings
    hosts = near.hosts if near is not None and count else gpd.GeoDataFrame(geometry=[], crs=streets.crs)
    if len(hosts):
        far = 2 * walk.budget_m(walk.largest) / streets.least_cost
        air_m, _ = tree_of(streets.node_xy[center]).query(shapely.get_coordinates(hosts.geometry.array))
        hosts = hosts[air_m <= far]
    gains = _best_hosts(streets, snapper, hosts, _street_of_gaps(streets, stretches, heads), count, walk)
    chosen = gains.host >= 0
    lonlat = np.full((count, 2), np.nan)
    name, kind = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    if chosen.any():
        row = gains.host[chosen]
        name[chosen] = hosts["name"].to_numpy(dtype=object)[row]
        kind[chosen] = hosts["kind"].to_numpy(dtype=object)[row]
        lonlat[chosen] = shapely.get_coordinates(hosts.geometry.iloc[row].to_crs(WGS84).array)
    return {
        "host": name,
        "host_kind": kind,
        "host_km": np.where(chosen, gains.street_m / 1000, np.nan),
        "host_people": np.where(chosen, gains.people, np.nan) if heads is not None else np.full(count, np.nan),
        "host_lon": lonlat[:, 0],
        "host_lat": lonlat[:, 1],
    }


def _street_of_gaps(streets: Streets, stretches: Stretches, heads: Heads | None) -> GapStreet:
    row = np.flatnonzero(stretches.gap > 0)  # sorted by edge, as all stretches are
    from_m, to_m = stretches.from_m[row], stretches.to_m[row]
    people = np.zeros(len(stretches))
    if heads is not None:
        here = heads.known & (heads.row >= 0)
        people = add_up(heads.count[here], heads.row[here], len(stretches))
    first = np.searchsorted(stretches.edge[row], np.arange(len(streets) + 1))
    people_a_m = np.divide(people[row], to_m - from_m, out=np.zeros(len(row)), where=to_m > from_m)
    return GapStreet(first, from_m, to_m, stretches.gap[row] - 1, people_a_m)


def _best_hosts(
    streets: Streets, snapper: Snapper, hosts: gpd.GeoDataFrame, street: GapStreet, count: int, walk: Walk
) -> Gains:
    """Walk out from every host, a part of them on each core; of equal gains the first host's counts."""
    snaps = snapper.snap(shapely.get_coordinates(hosts.geometry.array), walk.max_snap)
    budget_m = walk.budget_m(walk.largest)
    rows = np.flatnonzero(snaps.found & (snaps.leg_m <= budget_m))
    graph = split_at_stations(streets, snaps.edge[rows], snaps.at_m[rows])
    cores = cpu_count() or 1

    def try_some(some: NDArray[np.int64]) -> Gains:
        entered = walk_each(graph, graph.station_node[some], snaps.leg_m[rows[some]], budget_m)
        best = _best_of(graph, entered, street, count)
        return best._replace(host=np.where(best.host >= 0, rows[some[best.host]], -1)) if len(some) else best

    with ThreadPoolExecutor(cores) as pool:
        best, *others = pool.map(
            try_some, np.array_split(np.arange(len(rows)), max(cores, -(-len(rows) // HOSTS_AT_ONCE)))
        )
    for other in others:
        more = _millimetres(other.street_m) > _millimetres(best.street_m)
        best = Gains(*(np.where(more, theirs, ours) for ours, theirs in zip(best, other, strict=True)))
    return best


def _best_of(graph: WalkGraph, entered: Entered, street: GapStreet, count: int) -> Gains:
    """Find for each of g gaps the walk that takes in most of it, the first of equals."""
    edge = graph.edge[entered.part]
    pieces = street.first[edge + 1] - street.first[edge]  # of gaps' street, on the edge of each part
    row = np.repeat(np.arange(len(edge)), pieces)
    of = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + street.first[edge[row]]
    start, end = graph.from_m[entered.part[row]], graph.to_m[entered.part[row]]
    from_m, to_m, into = street.from_m[of], street.to_m[of], entered.ends[row]
    shared_m = np.maximum(np.minimum(to_m, start + into[:, 0]) - np.maximum(from_m, start), 0)
    shared_m += np.maximum(np.minimum(to_m, end) - np.maximum(from_m, end - into[:, 1]), 0)

    walk = np.repeat(np.arange(len(entered.first) - 1), np.diff(entered.first))[row]
    pair, place = np.unique(walk * count + street.gap[of], return_inverse=True)
    walk, gap = np.divmod(pair, max(count, 1))
    street_m = np.bincount(place, weights=shared_m, minlength=len(pair))
    people = np.bincount(place, weights=shared_m * street.people_a_m[of], minlength=len(pair))

    gained = _millimetres(street_m)
    order = np.lexsort((walk, -gained, gap))
    first = order[np.diff(gap[order], prepend=-1) > 0]
    first = first[gained[first] > 0]
    best = Gains(np.full(count, -1), np.zeros(count), np.zeros(count))
    for column, values in zip(best, (walk, street_m, people), strict=True):
        column[gap[first]] = values[first]
    return best


def _millimetres(street_m: NDArray[Any]) -> NDArray[np.float64]:
    """Round, so that what differs by the order of additions only is a tie."""
    return np.rint(street_m * MILLIMETRES)
