"""Coverage zone by zone: townships, streets, grid cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals, add_up
from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.reach.field import Field
from walkshed.reach.walk import Walk


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
        ``zone, street_km, stations, gaps, walk_min_mean``, a set of columns a cutoff (``covered_km_15,
        street_share_15, people_15, people_share_15``), ``people``, ``people_unknown`` (NaN where no people are
        given), ``geometry``. Shares are NaN where there is nothing to share.
    """
    n = len(zones)
    row, zone = stretches.pairs_within(street_inside)
    row, zone = row[stretches.inside[row]], zone[stretches.inside[row]]
    length_km, cost_m = stretches.length_m[row] / 1000, stretches.cost_m[row]
    low_m, high_m, slope_m = field.slopes(stretches.part[row], stretches.from_m[row], stretches.to_m[row])
    street_km = add_up(length_km, zone, n)
    reached = np.isfinite(cost_m)
    mean_m = np.zeros(len(row))  # metres of cost times km of street
    mean_m[reached] = (slope_m[:, reached] * (low_m + high_m)[:, reached]).sum(axis=0) / 2000
    reached_km = add_up(length_km[reached], zone[reached], n)
    table: dict[str, Any] = {
        "zone": zones["zone"].to_numpy(),
        "street_km": street_km,
        "stations": count_points(zones, stations_xy),
        "gaps": count_points(zones, gap_centers),
        "walk_min_mean": walk.minutes(_share(add_up(mean_m[reached], zone[reached], n), reached_km)),
    }
    for cutoff in walk.cutoffs:
        covered = cost_m <= walk.budget_m(cutoff)
        covered_km = add_up(length_km[covered], zone[covered], n)
        table[f"covered_km_{cutoff:g}"] = covered_km
        table[f"street_share_{cutoff:g}"] = _share(covered_km, street_km)
    table |= _people_columns(zones, heads, own_people, walk)
    return gpd.GeoDataFrame(table, geometry=zones.geometry.to_numpy(), crs=zones.crs)


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


def count_points(zones: gpd.GeoDataFrame, xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """(z,) the number of points in each zone."""
    _, zone = zones.sindex.query(shapely.points(xy), predicate="intersects")
    return np.bincount(zone, minlength=len(zones))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return share
