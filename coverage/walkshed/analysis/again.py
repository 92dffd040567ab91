"""The same study with other stations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd

from walkshed.analysis.given import give_stations
from walkshed.analysis.study import analyze_given
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
        Points in any stated CRS, such as those of a `Proposal` or a `Closing`; columns as for `analyze`.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage
        What `analyze` would return with these stations.

    Raises
    ------
    InputError
        If no station can be used, and the result's own study asks for one.

    Examples
    --------
    >>> fewer = ws.analyze_again(result, stations.iloc[:10])
    >>> fewer.headline["stations_used"]
    10
    """
    may_be_empty = result.given.allow_no_stations
    checked, read_as, datum = give_stations(result.network, stations, may_be_empty=may_be_empty)
    given = replace(result.given, stations=checked, read_as=read_as, datum=datum)
    return analyze_given(
        result.network, given, result.walk, borders=result.borders, country=result.country, progress=progress
    )
