"""Categories side by side: what the stations of each cover on their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walkshed.analysis.tables import shown_lines
from walkshed.reach.field import Field, nearest_station_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from walkshed.analysis.people import Heads
    from walkshed.analysis.result import Coverage

MOST = 20
"""Categories told apart at once: each costs a search of all street."""

COLUMNS = ("category", "stations", "cutoff_min", "street_km", "street_share", "people", "people_share")


def by_category(result: Coverage, *, most: int = MOST) -> pd.DataFrame:
    """Tell what each category of stations covers, as if the others were not there.

    The same definitions as for all stations together: streets inside the study area, people by their
    nearest street. A category's row is what `analyze` finds with its stations alone.

    Parameters
    ----------
    result
        What `analyze` returned.
    most
        Only so many categories, those with the most stations.

    Returns
    -------
    DataFrame
        A row for each category and cutoff, the category with the most stations first: ``category``,
        ``stations`` (used ones), ``cutoff_min``, ``street_km``, ``street_share``, ``people`` and
        ``people_share`` (of those that are not unknown; None where no people are given).
    """
    used = result.stations[result.stations["status"] == "used"].sort_values("station_id", kind="stable")
    category = used["category"].to_numpy(dtype=object)
    count = pd.Series(category).value_counts(sort=False)
    ranked = sorted(count.index, key=lambda c: (-count[c], c))[:most]
    rows = [row for name in ranked for row in _rows(result, name, np.flatnonzero(category == name))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def line_costs(result: Coverage, category: str) -> NDArray[np.float64]:
    """Tell how far the nearest station of one category is from both ends of each line of the street table.

    A line lies on one part of the walk graph and no station stands within it, so the cost of every point
    on it follows from these two and its length: the lesser of the two ways.

    Parameters
    ----------
    result
        What `analyze` returned.
    category
        One of ``result.categories``.

    Returns
    -------
    ndarray
        (n, 2) metres at the start and the end of row i of ``result.streets``; infinite where none can be reached.
    """
    used = result.stations[result.stations["status"] == "used"].sort_values("station_id", kind="stable")
    field = _field_of(result, np.flatnonzero(used["category"].to_numpy(dtype=object) == category))
    lines = shown_lines(result.stretches, result.walk)
    part = field.part_of(lines.edge, (lines.from_m + lines.to_m) / 2)
    return np.column_stack([field.at(part, at_m)[0] for at_m in (lines.from_m, lines.to_m)])


def _rows(result: Coverage, category: str, station: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Tell what some of the used stations cover at each cutoff."""
    field = _field_of(result, station)
    stretches, heads = result.stretches, result.heads
    inside = stretches.inside
    length_m = stretches.length_m[inside]
    # Stretches are cut where any station's cover ends, so each is covered or not as a whole.
    middle = (stretches.from_m[inside] + stretches.to_m[inside]) / 2
    street_m, _ = field.at(stretches.part[inside], middle)
    head_m = None if heads is None else _head_cost_m(heads, field)
    rows = []
    for cutoff in result.walk.cutoffs:
        budget_m = result.walk.budget_m(cutoff)
        covered_m = float(length_m[street_m <= budget_m].sum())
        people = None if heads is None or head_m is None else heads.total(head_m <= budget_m)
        known = None if heads is None else heads.total(heads.known)
        rows.append(
            {
                "category": category,
                "stations": len(station),
                "cutoff_min": cutoff,
                "street_km": covered_m / 1000,
                "street_share": covered_m / float(length_m.sum()),
                "people": people,
                "people_share": people / known if people is not None and known else None,
            }
        )
    return rows


def _field_of(result: Coverage, station: NDArray[np.int64]) -> Field:
    """Search from some of the used stations alone, over the same graph."""
    graph = replace(result.reach.graph, station_node=result.reach.graph.station_node[station])
    return nearest_station_field(graph, result.reach.leg_m[station])


def _head_cost_m(heads: Heads, field: Field) -> NDArray[np.float64]:
    """(h,) metres from where people live to a station of the field; infinite where unknown."""
    cost_m = np.full(len(heads.count), np.inf)
    known = heads.known
    edge, at_m = heads.edge[known], heads.at_m[known]
    along_m, _ = field.at(field.part_of(edge, at_m), at_m)
    cost_m[known] = along_m + heads.leg_m[known]
    return cost_m
