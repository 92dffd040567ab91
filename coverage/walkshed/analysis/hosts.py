"""Hosts: for every gap the public counter nearby whose own walk takes in the most of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.dossier import tree_of
from walkshed.analysis.gains import Gains, GapStreet, best_of
from walkshed.analysis.intervals import add_up
from walkshed.analysis.people import Heads
from walkshed.analysis.stock import MILLIMETRES
from walkshed.analysis.stretches import Stretches
from walkshed.network.streets import Streets
from walkshed.reach.graph import split_at_stations
from walkshed.reach.search import walk_each
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84

HOSTS_AT_ONCE = 64
"""So many are walked from on each core before the best of them are kept: memory follows that."""


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
        node, leg_m = graph.station_node[some], snaps.leg_m[rows[some]]
        best, own = Gains(np.full(count, -1), np.zeros(count), np.zeros(count)), np.zeros((2, count))
        for begin in range(0, len(some), HOSTS_AT_ONCE):
            these = slice(begin, begin + HOSTS_AT_ONCE)
            first, part, ends = walk_each(graph, node[these], leg_m[these], budget_m)
            best_of(first, part, ends, graph.parts, begin, street, best, own, np.empty(count, np.int32))
        host = np.where(best.host >= 0, rows[some[best.host]], -1) if len(some) else best.host
        return best._replace(host=host)

    with ThreadPoolExecutor(cores) as pool:
        best, *others = pool.map(try_some, np.array_split(np.arange(len(rows)), cores))
    for other in others:
        more = _millimetres(other.street_m) > _millimetres(best.street_m)
        best = Gains(*(np.where(more, theirs, ours) for ours, theirs in zip(best, other, strict=True)))
    return best


def _millimetres(street_m: NDArray[Any]) -> NDArray[np.float64]:
    """Round, so that what differs by the order of additions only is a tie."""
    return np.rint(street_m * MILLIMETRES)
