"""Coverage zone by zone: townships, streets, grid cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals, add_up
from walkshed.analysis.people import Heads
from walkshed.analysis.quantiles import quantile_m
from walkshed.analysis.stretches import Stretches
from walkshed.reach.field import Field
from walkshed.reach.walk import Walk

PEOPLE_A_RATE = 10_000
"""Stations are told per 10,000 people (万人), as norms tell them."""

LATE_SHARE = 0.95
"""The share of a zone's street that `walk_min_p95` holds for."""


def zone_table(
    zones: gpd.GeoDataFrame,
    street_inside: Intervals,
    field: Field,
    stretches: Stretches,
    heads: Heads | None,
    stations_xy: NDArray[np.float64],
    gap_centers: NDArray[np.float64],
    walk: Walk,
    *,
    own_people: bool,
) -> gpd.GeoDataFrame:
    """Add up street, people, stations and gaps by zone, inside the study area.

    Parameters
    ----------
    zones
        Polygons with `zone`, in the streets' CRS.
    street_inside
        The street inside each zone; the stretches must be cut there.
    field, stretches, heads
        The least cost of every street point; where the street and the people are.
    stations_xy, gap_centers
        (s, 2) and (g, 2) metres.
    walk
        How far people walk.
    own_people
        Whether the people came with these very zones.

    Returns
    -------
    GeoDataFrame
        ``zone, street_km, stations, gaps``; ``walk_min_mean`` (of the street from which a station can be reached)
        and ``walk_min_p95`` (what 95 % of all street does not exceed; NaN where more than the rest reaches
        none), both by length; ``cross_covered_share`` (of street, at the largest cutoff); a set of columns a cutoff
        (``covered_km_15, street_share_15, people_15, people_share_15``); ``people``, ``people_unknown``,
        ``stations_per_10k`` (people, unknown ones too; NaN where no people are given); ``geometry``. Shares
        are NaN where there is nothing to share.
    """
    n = len(zones)
    row, zone = stretches.pairs_within(street_inside)
    row, zone = row[stretches.inside[row]], zone[stretches.inside[row]]
    length_km, cost_m = stretches.length_m[row] / 1000, stretches.cost_m[row]
    street_km = add_up(length_km, zone, n)
    crossed = stretches.depth[row, -1] >= 2
    table: dict[str, Any] = {
        "zone": zones["zone"].to_numpy(),
        "street_km": street_km,
        "stations": count_points(zones, stations_xy),
        "gaps": count_points(zones, gap_centers),
        **_minute_columns(field, stretches, row, zone, n, walk),
        "cross_covered_share": _share(add_up(length_km[crossed], zone[crossed], n), street_km),
    }
    for cutoff in walk.cutoffs:
        covered = cost_m <= walk.budget_m(cutoff)
        covered_km = add_up(length_km[covered], zone[covered], n)
        table[f"covered_km_{cutoff:g}"] = covered_km
        table[f"street_share_{cutoff:g}"] = _share(covered_km, street_km)
    table |= _people_columns(zones, heads, own_people, walk)
    table["stations_per_10k"] = PEOPLE_A_RATE * _share(table["stations"], table["people"])
    return gpd.GeoDataFrame(table, geometry=zones.geometry.to_numpy(), crs=zones.crs)


def _minute_columns(
    field: Field, stretches: Stretches, row: NDArray[np.int64], zone: NDArray[np.int32], n: int, walk: Walk
) -> dict[str, NDArray[np.float64]]:
    """Tell the mean and the late minutes along the street of each of n zones: `row` lies in `zone`."""
    low_m, high_m, slope_m = field.slopes(stretches.part[row], stretches.from_m[row], stretches.to_m[row])
    late_m = quantile_m(low_m, high_m, slope_m, zone, n, LATE_SHARE)
    reached = np.isfinite(stretches.cost_m[row])
    cost_by_m = (slope_m[:, reached] * (low_m + high_m)[:, reached]).sum(axis=0) / 2
    reached_m = add_up(slope_m[:, reached].sum(axis=0), zone[reached], n)
    return {
        "walk_min_mean": walk.minutes(_share(add_up(cost_by_m, zone[reached], n), reached_m)),
        "walk_min_p95": walk.minutes(np.where(np.isfinite(late_m), late_m, np.nan)),
    }


def _people_columns(zones: gpd.GeoDataFrame, heads: Heads | None, own_people: bool, walk: Walk) -> dict[str, Any]:
    n = len(zones)
    if heads is None:
        nothing = np.full(n, np.nan)
        names = [f"{name}_{c:g}" for c in walk.cutoffs for name in ("people", "people_share")]
        return dict.fromkeys(["people", "people_unknown", *names], nothing)
    if own_people and heads.polygon is not None:  # a street on a border would count for both neighbours
        zone, head = heads.polygon, np.arange(len(heads.count))
    else:
        zone, head = zones.sindex.query(shapely.points(heads.xy), predicate="intersects")[::-1]
    count, known = heads.count[head], heads.known[head]
    total = add_up(count, zone, n)
    unknown = add_up(np.where(known, 0.0, count), zone, n)
    columns = {"people": total, "people_unknown": unknown}
    for cutoff in walk.cutoffs:
        within = heads.within(walk.budget_m(cutoff))[head]
        covered = add_up(np.where(within, count, 0.0), zone, n)
        columns[f"people_{cutoff:g}"] = covered
        columns[f"people_share_{cutoff:g}"] = _share(covered, total - unknown)
    return columns


def stations_by_category(zones: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count each zone's used stations of each category.

    Parameters
    ----------
    zones
        With `zone`.
    stations
        With `category` and `status`, in the same CRS.

    Returns
    -------
    DataFrame
        ``zone, category, stations``: a row for each zone and each category that any used station has, in
        the zones' order; 0 where a zone has none.
    """
    used = stations[stations["status"] == "used"]
    categories, code = np.unique(used["category"].to_numpy(dtype=str), return_inverse=True)
    station, zone = zone_of_each(zones, used.geometry.to_numpy())
    many = len(categories)
    counts = np.bincount(zone * many + code[station], minlength=len(zones) * many)
    return pd.DataFrame(
        {
            "zone": np.repeat(zones["zone"].to_numpy(dtype=object), many),
            "category": np.tile(categories.astype(object), len(zones)),
            "stations": counts,
        }
    )


def served_share(zones: gpd.GeoDataFrame) -> float:
    """Tell the share of zones with at least one used station (建成率)."""
    return float((zones["stations"] > 0).mean())


def count_points(zones: gpd.GeoDataFrame, xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """(z,) the number of points in each zone; one on a border, or where zones overlap, counts in the first alone."""
    return np.bincount(zone_of_each(zones, shapely.points(xy))[1], minlength=len(zones))


def zone_of_each(zones: gpd.GeoDataFrame, points: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the points that lie in a zone, and the first zone of each."""
    point, zone = zones.sindex.query(points, predicate="intersects")
    order = np.lexsort((zone, point))
    inside, first = np.unique(point[order], return_index=True)
    return inside, zone[order][first]


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return share
