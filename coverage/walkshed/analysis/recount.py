"""What is covered with other stations: the same counting as `analyze`, without drawing or gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from walkshed.analysis.depth import covered_by
from walkshed.analysis.given import Borders, Given
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.people import Heads, people_at_points, people_of_zones
from walkshed.analysis.stretches import Stretches, cut_streets
from walkshed.analysis.tables import coverage_rows
from walkshed.network.streets import Streets
from walkshed.reach.reach import Reach, walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


@dataclass(frozen=True, eq=False)
class Recount:
    """What other stations cover of one study.

    Attributes
    ----------
    reach, stretches, heads
        As of a `Coverage`, without gaps.
    coverage
        A row a cutoff, as ``summary["coverage"]``.
    """

    reach: Reach
    stretches: Stretches
    heads: Heads | None
    coverage: list[dict[str, Any]]


def count_again(result: Coverage, stations: gpd.GeoDataFrame) -> Recount:
    """Count what other stations cover: what `analyze` would find with them, all else equal.

    Parameters
    ----------
    result
        Whose streets, area, people and settings hold.
    stations
        Checked, in the streets' CRS.

    Raises
    ------
    InputError
        If none can be used.
    """
    streets, walk = result.network, result.walk
    given = replace(result.given, stations=stations)
    snapper = result.snapper
    standing = given.stand(streets, snapper, walk.max_snap)
    budgets_m = [walk.budget_m(c) for c in walk.cutoffs]
    reach = walk_out(streets, standing.snaps, budgets_m[-1])
    nothing = np.empty(0)
    stretches = cut_streets(
        streets,
        reach.field,
        budgets_m,
        inside=result.borders.area,
        depth=[covered_by(reach.pieces, budget_m, standing.depth_group) for budget_m in budgets_m],
        gaps=Intervals(nothing.astype(np.int32), nothing, nothing, nothing.astype(np.int32)),
        others=result.borders.others,
    )
    heads = heads_of(streets, given, result.borders, snapper, reach, stretches, walk)
    return Recount(reach, stretches, heads, coverage_rows(stretches, heads, walk))


def heads_of(
    streets: Streets,
    given: Given,
    borders: Borders,
    snapper: Snapper,
    reach: Reach,
    stretches: Stretches,
    walk: Walk,
) -> Heads | None:
    """Put the people on the streets."""
    if given.people is None:
        return None
    inside = given.inside_area(given.people)
    if borders.people is not None:
        return people_of_zones(streets, given.people, borders.people, stretches, inside)
    return people_at_points(given.people, inside, snapper, reach.field, stretches, walk.max_snap)
