"""Categories side by side: what the stations of each cover on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walkshed.analysis.some_stations import coverage_of, field_of, used_stations
from walkshed.analysis.tables import shown_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    used = used_stations(result)
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
    used = used_stations(result)
    field = field_of(result, np.flatnonzero(used["category"].to_numpy(dtype=object) == category))
    lines = shown_lines(result.stretches, result.walk)
    part = field.part_of(lines.edge, (lines.from_m + lines.to_m) / 2)
    return np.column_stack([field.at(part, at_m)[0] for at_m in (lines.from_m, lines.to_m)])


def _rows(result: Coverage, category: str, station: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Tell what the stations of one category cover at each cutoff."""
    return [{"category": category, "stations": len(station)} | row for row in coverage_of(result, station)]
