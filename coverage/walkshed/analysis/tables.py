"""The frames of a result: stations, streets, gaps, people. Their columns are listed in ARCHITECTURE.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from walkshed.analysis.canvas import lines_of
from walkshed.analysis.gaps import GapPlan
from walkshed.analysis.intervals import Intervals, add_up, overlap
from walkshed.analysis.only import covered_once, sole_station
from walkshed.analysis.people import Heads
from walkshed.analysis.quantiles import quantile_m
from walkshed.analysis.stretches import Stretches
from walkshed.network.streets import Streets
from walkshed.reach.field import Field
from walkshed.reach.reach import Reach
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84


def station_figures(
    reach: Reach, own: list[Intervals], inside: Intervals | None, heads: Heads | None, walk: Walk
) -> dict[str, NDArray[np.float64]]:
    """Tell what each of s stations covers: street inside the area at each cutoff, and its people.

    Parameters
    ----------
    reach
        What the stations reach.
    own
        For each cutoff the street that each station covers.
    inside
        The street inside the study area; None where that is all street.
    heads
        The people; each counts for the nearest station alone, and only if covered.
    walk
        How far people walk.

    Returns
    -------
    dict
        Columns of (s,). ``street_km_only`` and ``people_only`` are what no other station covers at the
        largest cutoff, and so what would be lost if this one closed.
    """
    count = len(reach.leg_m)
    columns: dict[str, NDArray[np.float64]] = {}
    for cutoff, covered in zip(walk.cutoffs, own, strict=True):
        within = covered if inside is None else overlap(covered, inside)
        columns[f"street_km_{cutoff:g}"] = add_up(within.length_m, within.of, count) / 1000
    once = covered_once(within)
    columns["street_km_only"] = add_up(once.length_m, once.of, count) / 1000
    columns["people"] = columns["people_only"] = np.full(count, np.nan)
    if heads is not None:
        budget_m = walk.budget_m(walk.largest)
        near = heads.within(budget_m)
        columns["people"] = add_up(heads.count[near], heads.station[near], count)
        sole = sole_station(reach.pieces, heads.edge[near], heads.at_m[near], budget_m - heads.leg_m[near])
        alone = sole >= 0
        columns["people_only"] = add_up(heads.count[near][alone], sole[alone], count)
    return columns


def service_area_table(
    stations: gpd.GeoDataFrame, areas: list[list[shapely.MultiPolygon]], walk: Walk, crs: str
) -> gpd.GeoDataFrame:
    """Make one row a station and cutoff."""
    many = len(walk.cutoffs)
    rows = stations[["station_id", "name", "category"]].loc[stations.index.repeat(many)].reset_index(drop=True)
    rows["cutoff_min"] = np.tile(walk.cutoffs, len(stations))
    return gpd.GeoDataFrame(rows, geometry=[area for own in areas for area in own], crs=crs)


def shown_lines(stretches: Stretches, walk: Walk) -> Intervals:
    """Tell the metres of street that each row of `street_table` stands for."""
    row, to_m = _joined_rows(stretches, np.searchsorted([walk.budget_m(c) for c in walk.cutoffs], stretches.cost_m))
    return Intervals(stretches.edge[row], stretches.from_m[row], to_m, stretches.edge[row])


def _joined_rows(stretches: Stretches, step: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Join neighbours inside the area that differ in nothing shown: the first row of each run, and its end."""
    row = np.flatnonzero(stretches.inside)
    shown = (stretches.part, step, stretches.station, stretches.depth[:, -1], stretches.gap)
    head = np.ones(len(row), dtype=bool)
    head[1:] = (np.diff(row) > 1) | np.any([column[row[1:]] != column[row[:-1]] for column in shown], axis=0)
    last = np.append(np.flatnonzero(head)[1:], len(row)) - 1
    return row[head], stretches.to_m[row[last]]


def street_table(
    streets: Streets, field: Field, stretches: Stretches, station_id: NDArray[np.object_], walk: Walk
) -> gpd.GeoDataFrame:
    """Make one row a stretch inside the study area."""
    budgets_m = np.array([walk.budget_m(c) for c in walk.cutoffs])
    row, to_m = _joined_rows(stretches, np.searchsorted(budgets_m, stretches.cost_m))
    edge, from_m = stretches.edge[row], stretches.from_m[row]
    cost_m, _ = field.at(stretches.part[row], (from_m + to_m) / 2)
    reached = np.isfinite(cost_m)
    step = np.searchsorted(budgets_m, stretches.cost_m[row])
    nearest = np.full(len(row), None, dtype=object)
    nearest[reached] = station_id[stretches.station[row][reached]]
    pieces = Intervals(edge, from_m, to_m, edge)
    return gpd.GeoDataFrame(
        {
            "edge": edge,
            "name": np.asarray(streets.names, dtype=object)[streets.edge_name[edge]],
            "highway": np.asarray(streets.highways, dtype=object)[streets.edge_highway[edge]],
            "length_m": pieces.length_m,
            "walk_min": walk.minutes(np.where(reached, cost_m, np.nan)),
            "cutoff_min": np.append(walk.cutoffs, np.nan)[step],
            "covered": step < len(budgets_m),
            "station_id": nearest,
            "depth": stretches.depth[row, -1],
            "gap_id": stretches.gap[row],
        },
        geometry=lines_of(streets, pieces),
        crs=streets.crs,
    )


def gap_table(
    streets: Streets,
    reach: Reach,
    stretches: Stretches,
    plan: GapPlan,
    shapes: list[shapely.MultiPolygon],
    stations: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | None,
    walk: Walk,
) -> gpd.GeoDataFrame:
    """Make one row a gap, by rank.

    Parameters
    ----------
    streets, reach, stretches
        The network, what the stations reach, and the table of stretches, with gaps by rank.
    plan, shapes
        For each gap by rank: its centre, street and people, and its polygon.
    stations, zones
        The used stations, and the zones, if there are any.
    walk
        How far people walk.
    """
    center = plan.center
    nearest = reach.field.node_station[center]
    has = nearest >= 0
    xy = streets.node_xy[center]
    lon, lat = Transformer.from_crs(streets.crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    median, most = gap_minutes(reach, stretches, len(center), walk)
    length_m = add_up(plan.taken.length_m, plan.taken.of, len(center))
    shape = np.array([*shapes, None], dtype=object)[:-1]
    return gpd.GeoDataFrame(
        {
            "gap_id": np.arange(1, len(center) + 1),
            "street_km": length_m / 1000,
            "area_km2": shapely.area(shape) / 1e6,
            "people": plan.people,
            "walk_min_median": median,
            "walk_min_max": most,
            "station_id": _named(stations["station_id"], nearest, has),
            "station_name": _named(stations["name"], nearest, has),
            "zone": _zone_of(xy, zones),
            "streets": _main_streets(streets, stretches, len(center)),
            "center_lon": lon,
            "center_lat": lat,
        },
        geometry=shape,
        crs=streets.crs,
    )


def _named(column: pd.Series, index: NDArray[np.int32], has: NDArray[np.bool_]) -> NDArray[np.object_]:
    values = np.full(len(index), None, dtype=object)
    values[has] = column.to_numpy(dtype=object)[index[has]]
    return values


def _zone_of(xy: NDArray[np.float64], zones: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """Name the zone that each point lies in; of several the first."""
    names = np.full(len(xy), None, dtype=object)
    if zones is not None and len(xy):
        point, zone = zones.sindex.query(shapely.points(xy), predicate="intersects")
        names[point[::-1]] = zones["zone"].to_numpy(dtype=object)[zone[::-1]]
    return names


def _main_streets(streets: Streets, stretches: Stretches, count: int) -> NDArray[np.object_]:
    """Name the two streets with the most length in each gap, so that a reader knows where it is."""
    named = (stretches.gap > 0) & (streets.edge_name[stretches.edge] > 0)
    table = pd.DataFrame(
        {
            "gap": stretches.gap[named] - 1,
            "name": np.asarray(streets.names, dtype=object)[streets.edge_name[stretches.edge[named]]],
            "length_m": stretches.length_m[named],
        }
    )
    total = table.groupby(["gap", "name"], as_index=False)["length_m"].sum()
    longest = total.sort_values(["gap", "length_m", "name"], ascending=[True, False, True]).groupby("gap").head(2)
    names = np.full(count, "", dtype=object)
    for gap, own in longest.groupby("gap")["name"]:
        names[gap] = " / ".join(own)
    return names


def gap_minutes(
    reach: Reach, stretches: Stretches, count: int, walk: Walk
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell the median minutes along each gap's street, by length, and the most anywhere on it.

    Returns
    -------
    median, most
        (count,) minutes; NaN where no station can be reached.
    """
    row = np.flatnonzero(stretches.gap > 0)
    gap = stretches.gap[row] - 1
    low_m, high_m, slope_m = reach.field.slopes(stretches.part[row], stretches.from_m[row], stretches.to_m[row])
    most = np.zeros(count)
    np.maximum.at(most, gap, high_m[0])
    return _minutes(quantile_m(low_m, high_m, slope_m, gap, count, 0.5), walk), _minutes(most, walk)


def _minutes(cost_m: NDArray[np.float64], walk: Walk) -> NDArray[np.float64]:
    finite = np.isfinite(cost_m)
    return np.where(finite, walk.minutes(np.where(finite, cost_m, 0.0)), np.nan)


def people_table(
    heads: Heads, state: NDArray[np.object_], gap: NDArray[np.int32], walk: Walk
) -> gpd.GeoDataFrame | None:
    """Add to the people's points what became of them; None where they came as polygons."""
    if heads.points is None:
        return None
    row_gap = np.where(heads.row >= 0, gap[heads.row], 0)
    return heads.points[["population", "geometry"]].assign(
        state=state,
        walk_min=_minutes(heads.cost_m, walk),
        gap_id=np.where(state == "gap", row_gap, 0),
    )


def coverage_rows(stretches: Stretches, heads: Heads | None, walk: Walk) -> list[dict[str, Any]]:
    """Tell the coverage at each cutoff, as ``summary["coverage"]``."""
    inside = stretches.inside
    length_m, cost_m = stretches.length_m[inside], stretches.cost_m[inside]
    depth, total_m = stretches.depth[inside], float(length_m.sum())
    rows = []
    for i, cutoff in enumerate(walk.cutoffs):
        budget_m = walk.budget_m(cutoff)
        covered_m = float(length_m[cost_m <= budget_m].sum())
        people = None if heads is None else heads.total(heads.within(budget_m))
        known = None if heads is None else heads.total(heads.known)
        rows.append(
            {
                "cutoff_min": cutoff,
                "street_km": covered_m / 1000,
                "street_share": covered_m / total_m,
                "cross_covered_share": float(length_m[depth[:, i] >= 2].sum()) / total_m,
                "people": people,
                "people_share": people / known if people is not None and known else None,
            }
        )
    return rows
