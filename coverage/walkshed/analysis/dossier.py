"""Dossiers: for every gap why it is one; `hosts` tells which public counter nearby could host a station."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.network.streets import Streets, Surroundings
from walkshed.reach.field import Field, nearest_station_field
from walkshed.reach.graph import split_at_stations
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk

BARRIER_DETOUR = 1.6
"""A walk of more straight lines than this goes round something. On the streets of 51 metropolitan areas a way is
about 1.3 straight lines on average (D. J. Giacomin, D. M. Levinson, Road network circuity in metropolitan areas,
Environment and Planning B 42, 2015); the rest is our margin."""

THIN_RADIUS_M = 500.0
THIN_KM_PER_KM2 = 4.0
"""Less walkable street than this round a gap's centre: towns have 10 to 25, farmland 2 to 4."""

CAUSES = ("distance", "barrier", "missing_streets", "closed_station", "no_station")


def cause_columns(
    streets: Streets, field: Field, center: NDArray[np.int32], stations: gpd.GeoDataFrame, walk: Walk
) -> dict[str, NDArray[np.generic]]:
    """Tell why each of g gaps is one, seen from its centre.

    A straight line longer than the budget is plain ``distance``: no street could shorten it. Within the budget,
    a walk of more than `BARRIER_DETOUR` straight lines is a ``barrier``, or ``missing_streets`` where it crosses
    nothing known and the map is thin. ``missing_streets`` too, wherever no station can be reached at all; but
    ``no_station`` where there is none to walk to.

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
    if stations.empty:
        return _without_station(len(center))
    station_xy = shapely.get_coordinates(stations.geometry.array)
    xy, cost_m = streets.node_xy[center], field.node_cost[center]
    air_m, nearest = tree_of(station_xy).query(xy)
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


def _without_station(count: int) -> dict[str, NDArray[np.generic]]:
    """Tell of gaps from which there is no station to walk to, or to draw a line to."""
    nowhere, blank = np.full(count, np.nan), np.full(count, "", dtype=object)
    return {
        "cause": np.full(count, "no_station", dtype=object),
        **dict.fromkeys(("air_km", "walk_km", "detour"), nowhere),
        "air_station_id": np.full(count, None, dtype=object),
        "crosses": blank,
        "crosses_name": blank,
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


def tree_of(xy: NDArray[np.float64]) -> Any:
    """Make a tree of points to search."""
    from scipy.spatial import cKDTree  # here, since it takes a fifth of a second, and only dossiers ask

    return cKDTree(xy)


def density_around(streets: Streets, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p,) km of street a km² in the circle of `THIN_RADIUS_M` round each point, edges counted by their middles."""
    ends = (streets.node_xy[streets.edge_u] + streets.node_xy[streets.edge_v]) / 2
    near = tree_of(ends).query_ball_point(xy, THIN_RADIUS_M)
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


def with_dossier(gaps: gpd.GeoDataFrame, *columns: dict[str, NDArray[np.generic]]) -> gpd.GeoDataFrame:
    """Add the columns to the table of gaps, before its geometry."""
    table = pd.DataFrame(gaps.drop(columns="geometry"))
    for more in columns:
        table = table.assign(**more)
    return gpd.GeoDataFrame(table, geometry=gaps.geometry, crs=gaps.crs)
