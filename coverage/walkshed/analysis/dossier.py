"""Dossiers: for every gap why it is one, and which public counter nearby could host a station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.analysis.depth import covered_by
from walkshed.analysis.intervals import Intervals, add_up
from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.network.streets import Streets, Surroundings
from walkshed.reach.field import Field, nearest_station_field
from walkshed.reach.graph import split_at_stations
from walkshed.reach.pieces import reached_pieces
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84

BARRIER_DETOUR = 1.6
"""A walk of more straight lines than this goes round something. On the streets of 51 metropolitan areas a way is
about 1.3 straight lines on average (D. J. Giacomin, D. M. Levinson, Road network circuity in metropolitan areas,
Environment and Planning B 42, 2015); the rest is our margin."""

THIN_RADIUS_M = 500.0
THIN_KM_PER_KM2 = 4.0
"""Less walkable street than this round a gap's centre: towns have 10 to 25, farmland 2 to 4."""

HOSTS_AT_ONCE = 1000

CAUSES = ("distance", "barrier", "missing_streets", "closed_station")


@dataclass(frozen=True, eq=False)
class Gains:
    """The best host of each of g gaps: -1 and NaN where there is none.

    Attributes
    ----------
    host
        (g,) row of the hosts.
    street_m, people
        (g,) how much of the gap its own walk takes in.
    """

    host: NDArray[np.int64]
    street_m: NDArray[np.float64]
    people: NDArray[np.float64]


def cause_columns(
    streets: Streets, field: Field, center: NDArray[np.int32], stations: gpd.GeoDataFrame, walk: Walk
) -> dict[str, NDArray[np.generic]]:
    """Tell why each of g gaps is one, seen from its centre.

    A straight line longer than the budget is plain ``distance``: no street could shorten it. Within the budget,
    a walk of more than `BARRIER_DETOUR` straight lines is a ``barrier``, or ``missing_streets`` where it crosses
    nothing known and the map is thin. ``missing_streets`` too, wherever no station can be reached at all.

    Parameters
    ----------
    streets, field
        The network, and the least cost from everywhere.
    center
        (g,) int32, the node at the centre of each gap, by rank.
    stations
        The used stations, where they were said to be.
    walk
        How far people walk.

    Returns
    -------
    dict
        Columns of (g,): ``cause`` (of `CAUSES`), ``air_km`` to the nearest station by air and that ``air_station_id``,
        ``walk_km`` of the shortest walk to any station (on slopes its worth on the level) and ``detour``, the one over
        the other (NaN where there is none), ``crosses`` (water, rail or "") and ``crosses_name`` of what the straight
        line crosses.
    """
    station_xy = shapely.get_coordinates(stations.geometry.array)
    xy, cost_m = streets.node_xy[center], field.node_cost[center]
    air_m, nearest = _tree(station_xy).query(xy)
    reached = np.isfinite(cost_m)
    detour = np.divide(cost_m, air_m, out=np.full(len(xy), np.nan), where=reached & (air_m > 0))
    line = shapely.linestrings(np.stack((xy, station_xy[nearest]), axis=1)) if len(xy) else np.empty(0, dtype=object)
    kind, name = _crossed(line, streets.surroundings)
    near = air_m <= walk.budget_m(walk.largest) / streets.least_cost
    roundabout = near & (detour > BARRIER_DETOUR)
    lost = ~reached | (roundabout & (kind == "") & (density_around(streets, xy) < THIN_KM_PER_KM2))
    cause = np.select([lost, roundabout], ["missing_streets", "barrier"], "distance").astype(object)
    return {
        "cause": cause,
        "air_km": air_m / 1000,
        "walk_km": np.where(reached, cost_m, np.nan) / 1000,
        "detour": detour,
        "air_station_id": stations["station_id"].to_numpy(dtype=object)[nearest],
        "crosses": kind,
        "crosses_name": name,
    }


def closed_columns(
    streets: Streets, snapper: Snapper, center: NDArray[np.int32], shut: gpd.GeoDataFrame | None, walk: Walk
) -> dict[str, NDArray[np.generic]]:
    """Name the closed station that would serve the centre of each of g gaps, if it were open.

    Parameters
    ----------
    streets, snapper
        The network, and the grid over it.
    center
        (g,) int32, the node at the centre of each gap, by rank.
    shut
        The closed stations in any stated CRS, with the datum settled; None where none are known.
    walk
        How far people walk.

    Returns
    -------
    dict
        Columns of (g,): ``closed_station`` (name, else id; None where none would serve it) and ``closed_km``, the walk.
    """
    name, km = np.full(len(center), None, dtype=object), np.full(len(center), np.nan)
    if shut is None or shut.empty or "datum" in shut or not len(center):
        return {"closed_station": name, "closed_km": km}
    snaps = snapper.snap(shapely.get_coordinates(shut.geometry.to_crs(streets.crs).array), walk.max_snap)
    on = np.flatnonzero(snaps.found)
    if len(on):
        field = nearest_station_field(split_at_stations(streets, snaps.edge[on], snaps.at_m[on]), snaps.leg_m[on])
        cost_m, station = field.node_cost[center], field.node_station[center]
        near = cost_m <= walk.budget_m(walk.largest)
        called = np.where(shut["name"] != "", shut["name"], shut["station_id"])[on]
        name[near], km[near] = called[station[near]], cost_m[near] / 1000
    return {"closed_station": name, "closed_km": km}


def _tree(xy: NDArray[np.float64]) -> Any:
    """Make a tree of points to search."""
    from scipy.spatial import cKDTree  # here, since it takes a fifth of a second, and only dossiers ask

    return cKDTree(xy)


def density_around(streets: Streets, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p,) km of street a km² in the circle of `THIN_RADIUS_M` round each point, edges counted by their middles."""
    ends = (streets.node_xy[streets.edge_u] + streets.node_xy[streets.edge_v]) / 2
    near = _tree(ends).query_ball_point(xy, THIN_RADIUS_M)
    metres = np.array([streets.edge_length_m[rows].sum() for rows in near], dtype=np.float64)
    density: NDArray[np.float64] = metres / 1000 / (np.pi * (THIN_RADIUS_M / 1000) ** 2)
    return density


def _crossed(line: NDArray[np.object_], near: Surroundings | None) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Tell what each line crosses: what has a name before what has none, water before rail."""
    kind, name = np.full(len(line), "", dtype=object), np.full(len(line), "", dtype=object)
    if near is None:
        return kind, name
    rail = near.rail[~near.rail["tunnel"].astype(bool)] if len(near.rail) else near.rail
    for what, frame in (("rail", rail), ("water", near.water)):
        row, found = frame.sindex.query(line, predicate="intersects")
        names = frame["name"].to_numpy(dtype=object)[found]
        order = np.argsort([text != "" for text in names], kind="stable")  # the named last, so that they stay
        for i, text in zip(row[order], names[order], strict=True):
            if text or not name[i]:
                kind[i], name[i] = what, text
    return kind, name


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
        air_m, _ = _tree(streets.node_xy[center]).query(shapely.get_coordinates(hosts.geometry.array))
        hosts = hosts[air_m <= far]
    gains = _best_hosts(streets, snapper, hosts, stretches, _people_on(stretches, heads), count, walk)
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


def _people_on(stretches: Stretches, heads: Heads | None) -> NDArray[np.float64]:
    """(r,) the people who stand on each stretch of a gap."""
    if heads is None:
        return np.zeros(len(stretches))
    here = heads.known & (heads.row >= 0)
    people = add_up(heads.count[here], heads.row[here], len(stretches))
    return np.where(stretches.gap > 0, people, 0.0)


def _best_hosts(
    streets: Streets,
    snapper: Snapper,
    hosts: gpd.GeoDataFrame,
    stretches: Stretches,
    people: NDArray[np.float64],
    count: int,
    walk: Walk,
) -> Gains:
    """Walk out from every host, some at a time; of equal gains the first host's counts."""
    best = Gains(np.full(count, -1, dtype=np.int64), np.zeros(count), np.zeros(count))
    snaps = snapper.snap(shapely.get_coordinates(hosts.geometry.array), walk.max_snap)
    budget_m = walk.budget_m(walk.largest)
    standing = np.flatnonzero(snaps.found & (snaps.leg_m <= budget_m))
    has_gap = np.zeros(len(streets), dtype=np.bool_)
    has_gap[stretches.edge[stretches.gap > 0]] = True
    for rows in np.array_split(standing, max(1, -(-len(standing) // HOSTS_AT_ONCE))):
        if not len(rows):
            continue
        graph = split_at_stations(streets, snaps.edge[rows], snaps.at_m[rows])
        pieces = reached_pieces(graph, snaps.leg_m[rows], budget_m)
        pieces = pieces.take(has_gap[pieces.edge])
        own = covered_by(pieces, budget_m, np.arange(len(rows), dtype=np.int32))
        street_m, heads = _gains(own, stretches, people, len(rows), count)
        first = street_m.argmax(axis=0)
        more = street_m[first, np.arange(count)] > best.street_m + 1e-3
        best.host[more] = rows[first[more]]
        best.street_m[more] = street_m[first, np.arange(count)][more]
        best.people[more] = heads[first, np.arange(count)][more]
    return best


def _gains(
    own: Intervals, stretches: Stretches, people: NDArray[np.float64], hosts: int, gaps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(hosts, gaps) metres of street and people of each gap that each host takes in."""
    row = np.flatnonzero(stretches.gap > 0)
    edge, from_m, to_m = stretches.edge[row], stretches.from_m[row], stretches.to_m[row]
    span = float(max(to_m.max(initial=0.0), own.to_m.max(initial=0.0))) + 1.0
    first = np.searchsorted(edge * span + to_m, own.edge * span + own.from_m, side="right")
    last = np.searchsorted(edge * span + from_m, own.edge * span + own.to_m, side="left")
    many = np.maximum(last - first, 0)
    piece = np.repeat(np.arange(len(own)), many)
    hit = np.arange(len(piece)) - np.repeat(np.cumsum(many) - many, many) + first[piece]
    shared_m = np.minimum(own.to_m[piece], to_m[hit]) - np.maximum(own.from_m[piece], from_m[hit])
    share = np.divide(shared_m, (to_m - from_m)[hit], out=np.zeros_like(shared_m), where=(to_m - from_m)[hit] > 0)
    cell = own.of[piece].astype(np.int64) * gaps + stretches.gap[row][hit] - 1
    street_m = add_up(shared_m, cell, hosts * gaps).reshape(hosts, gaps)
    return street_m, add_up(share * people[row][hit], cell, hosts * gaps).reshape(hosts, gaps)


def with_dossier(gaps: gpd.GeoDataFrame, *columns: dict[str, NDArray[np.generic]]) -> gpd.GeoDataFrame:
    """Add the columns to the table of gaps, before its geometry."""
    table = pd.DataFrame(gaps.drop(columns="geometry"))
    for more in columns:
        table = table.assign(**more)
    return gpd.GeoDataFrame(table, geometry=gaps.geometry, crs=gaps.crs)
