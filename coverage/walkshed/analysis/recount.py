"""What is covered with other stations: the same counting as `analyze`, without drawing or gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from walkshed.analysis.depth import each_covers, groups_cover
from walkshed.analysis.ground import Ground
from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.analysis.tables import coverage_rows
from walkshed.reach.reach import Reach, walk_out

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
        If none can be used, and one must be.
    """
    streets, walk, snapper = result.network, result.walk, result.snapper
    given = replace(result.given, stations=stations)
    standing = given.stand(streets, snapper, walk.max_snap)
    reach = walk_out(streets, standing.snaps, walk.budget_m(walk.largest))
    ground = Ground(streets, given, result.borders, snapper, walk)
    own = each_covers(reach.pieces, walk, len(reach.leg_m))
    stretches = ground.stretches(reach, groups_cover(own, standing.depth_group))
    heads = ground.heads(reach, stretches)
    return Recount(reach, stretches, heads, coverage_rows(stretches, heads, walk))
