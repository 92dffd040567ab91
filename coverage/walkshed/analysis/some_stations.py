"""What some of the stations cover, as if the others were not there: a search of the same graph, nothing read again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from walkshed.analysis.intervals import add_up
from walkshed.reach.field import Field, nearest_station_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from walkshed.analysis.people import Heads
    from walkshed.analysis.result import Coverage


def used_stations(result: Coverage) -> gpd.GeoDataFrame:
    """Take the used stations in the order in which the search numbers them: by ascending id."""
    return result.stations[result.stations["status"] == "used"].sort_values("station_id", kind="stable")


def field_of(result: Coverage, station: NDArray[np.int64]) -> Field:
    """Search from some of the used stations alone; `station` are their numbers."""
    graph = replace(result.reach.graph, station_node=result.reach.graph.station_node[station])
    return nearest_station_field(graph, result.reach.leg_m[station])


def coverage_of(result: Coverage, station: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Tell what some of the used stations cover at each cutoff.

    The same definitions as for all stations together: it is what `analyze` finds with these alone.

    Parameters
    ----------
    result
        What `analyze` returned.
    station
        Numbers of `used_stations`; there may be none.

    Returns
    -------
    list of dict
        ``cutoff_min``, ``street_km``, ``street_share``, ``people`` and ``people_share`` (of those that are not
        unknown; None where no people are given).
    """
    field, stretches, heads = field_of(result, station), result.stretches, result.heads
    total_m = float(stretches.length_m[stretches.inside].sum())
    known = None if heads is None else heads.total(heads.known)
    rows = []
    for cutoff in result.walk.cutoffs:
        budget_m = result.walk.budget_m(cutoff)
        row_m = field.covered_m(stretches.part, stretches.from_m, stretches.to_m, budget_m)
        street_m = float(row_m[stretches.inside].sum())
        people = None if heads is None else float(covered_heads(result, heads, field, budget_m, row_m).sum())
        rows.append(
            {
                "cutoff_min": cutoff,
                "street_km": street_m / 1000,
                "street_share": street_m / total_m,
                "people": people,
                "people_share": people / known if people is not None and known else None,
            }
        )
    return rows


def covered_heads(
    result: Coverage, heads: Heads, field: Field, budget_m: float, row_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Tell how many of the people at h places a budget covers.

    Parameters
    ----------
    result, heads
        What `analyze` returned, and its people.
    field
        The least cost of every street point.
    budget_m
        Metres of cost.
    row_m
        (r,) metres of each stretch that it covers: people of polygons are covered as their street is.

    Returns
    -------
    ndarray
        (h,) people; of a point all or none.
    """
    if heads.points is not None:
        return np.where(head_cost_m(heads, field) <= budget_m, heads.count, 0.0)
    share = np.zeros(len(heads.count))
    row = heads.row[heads.known]
    share[heads.known] = row_m[row] / result.stretches.length_m[row]
    return heads.count * share


def head_cost_m(heads: Heads, field: Field) -> NDArray[np.float64]:
    """(h,) metres from where people live to a station of the field; infinite where unknown."""
    cost_m = np.full(len(heads.count), np.inf)
    known = heads.known
    edge, at_m = heads.edge[known], heads.at_m[known]
    along_m, _ = field.at(field.part_of(edge, at_m), at_m)
    cost_m[known] = along_m + heads.leg_m[known]
    return cost_m


def density_of_rows(result: Coverage) -> NDArray[np.float64]:
    """(r,) people per metre of each stretch, of those that came in polygons."""
    heads, stretches = result.heads, result.stretches
    if heads is None or heads.points is not None:
        return np.zeros(len(stretches))
    on_street = heads.row[heads.known]
    return add_up(heads.count[heads.known], on_street, len(stretches)) / np.maximum(stretches.length_m, 1e-9)
