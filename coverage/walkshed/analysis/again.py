"""The same study with other stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from walkshed.analysis.study import analyze
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def analyze_again(result: Coverage, stations: gpd.GeoDataFrame, *, progress: Progress = quiet) -> Coverage:
    """Analyze other stations on the same streets, with the same area, people, zones and settings.

    Parameters
    ----------
    result
        What `analyze` returned.
    stations
        Points in any stated CRS, such as those of a `Proposal` or a `Closing`.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        If no station can be used.
    """
    given, zones = result.given, result.given.zones
    came_with_zones = zones is not None and "population" in zones and result.borders.people is result.borders.zones
    return analyze(
        result.network,
        stations,
        area=given.area if given.has_area else None,
        people=None if came_with_zones else given.people,
        zones=zones,
        walk=result.walk,
        progress=progress,
    )
