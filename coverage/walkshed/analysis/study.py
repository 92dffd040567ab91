"""``analyze``: stations x streets -> ``Coverage``. It reads as the outline of the whole analysis."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis import tables
from walkshed.analysis.depth import each_covers, groups_cover
from walkshed.analysis.gaps import plan_gaps, rank_gaps, uncovered_street
from walkshed.analysis.given import Borders, Given, Standing, give
from walkshed.analysis.ground import Ground
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.notes import edge_distance_m, notes_of
from walkshed.analysis.people import Heads
from walkshed.analysis.result import Clock, Coverage
from walkshed.analysis.stretches import Stretches
from walkshed.analysis.summary import summarize
from walkshed.analysis.then import analyze_then
from walkshed.analysis.zones import zone_table
from walkshed.errors import InputError
from walkshed.inputs.moment import Moment
from walkshed.network.left_out import without_steps
from walkshed.network.streets import Streets
from walkshed.reach.barriers import barriers_of
from walkshed.reach.reach import Reach, walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import Progress, quiet

__all__ = ["Coverage", "analyze"]


def analyze(
    streets: Streets,
    stations: gpd.GeoDataFrame,
    *,
    area: gpd.GeoDataFrame | shapely.Geometry | None = None,
    people: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    walk: Walk | None = None,
    at: str | datetime | Moment | None = None,
    country: str = "CN",
    allow_no_stations: bool = False,
    progress: Progress = quiet,
) -> Coverage:
    """Work out who can walk to a station, who cannot, and where the gaps are.

    Parameters
    ----------
    streets
        The network; it should reach beyond the area by one budget.
    stations
        Points in any stated CRS. Columns are known by their headings, as in a file: `station_id`, `name`, `category`,
        `hours`, `groups`, `capacity`, `address` and `township` come back as text in ``result.stations``. Other
        columns and the index do not: merge your own by `station_id` (without one, rows are numbered from 1).
    area
        The study area: polygons in any stated CRS, or a polygon in WGS 84. All street, if not given.
    people
        Points or polygons with `population`. If not given, the zones' own `population` is used where
        every zone has one.
    zones
        Polygons with `zone` names, for a table by zone.
    walk
        Cutoffs, speed and the other settings.
    at
        Only the stations that are open at this moment count (``Mon 22:00``: as for `at_moment`), those of unknown
        hours not; ``moment`` of the result then has the figures with them, too.
    country
        ISO code: whose public holidays opening hours mean.
    allow_no_stations
        Whether it is fine if no station can be used (none is listed, or all lie elsewhere): then all street is gap.
        If not, that is an error, for it is most often a wrong list or a wrong datum.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage
        The figures (``headline``, ``summary``), and frames in the streets' UTM, in metres: ``stations``, ``streets``,
        ``gaps``, ``service_areas``, ``zones``, ``people``.

    Raises
    ------
    InputError
        If no station can be used and one must be, or the area has no street; with `at`, if it cannot be read, or
        nothing is open and something must be; if barriers are minded, and the streets come without any.
    CRSError
        If a frame states no coordinate system.

    Examples
    --------
    >>> result = ws.analyze(streets, stations, area=area, zones=zones, walk=ws.Walk(cutoffs=(5, 15)))
    >>> result
    Coverage(68.8% of 656.2 km of street and 71.5% of people within 15 min of 15 stations; 38 gaps: ...)
    >>> len(result.gaps), result.gaps.crs.to_epsg()
    (38, 32650)
    """
    if not isinstance(streets, Streets):
        raise InputError(f"streets: found {type(streets).__name__}; read them first, e.g. walkshed.read_streets(path)")
    walk = walk or Walk()
    if at is not None:
        same: dict[str, Any] = {"area": area, "people": people, "zones": zones, "walk": walk, "country": country}
        run = partial(analyze, streets, **same, allow_no_stations=allow_no_stations, progress=progress)
        return analyze_then(run, stations, at, country, allow_no_stations=allow_no_stations)
    streets = streets if walk.steps else without_steps(streets)
    budget_m = walk.budget_m(walk.largest)
    given = give(streets, stations, area, people, zones, budget_m, allow_no_stations=allow_no_stations)
    return analyze_given(streets, given, walk, country=country, progress=progress)


def analyze_given(
    streets: Streets,
    given: Given,
    walk: Walk,
    *,
    borders: Borders | None = None,
    country: str = "CN",
    progress: Progress = quiet,
) -> Coverage:
    """Analyze what has passed the gate.

    Parameters
    ----------
    streets, given, walk
        The network, the frames of the study in its CRS, and the settings.
    borders
        Where the polygons given cut the streets, if that is known.
    country
        Whose public holidays opening hours mean.
    progress
        Called with the step's name and the share of it done.
    """
    clock = Clock()
    budget_m = walk.budget_m(walk.largest)
    with clock("reach"):
        snapper = Snapper(streets, barriers_of(streets, walk))
        standing = given.stand(streets, snapper, walk.max_snap)
        reach = walk_out(streets, standing.snaps, budget_m, progress=progress)
        borders = borders or given.borders(streets)

    with clock("gaps"):
        uncovered = uncovered_street(reach.field, budget_m, borders.area)
        plan = plan_gaps(streets, reach.field, uncovered, budget_m, walk.min_gap, progress=progress)

    with clock("reach"):
        ground = Ground(streets, given, borders, snapper, walk)
        own = each_covers(reach.pieces, walk, len(reach.leg_m))
        stretches = ground.stretches(reach, groups_cover(own, standing.depth_group), plan.taken)
        heads = ground.heads(reach, stretches)

    plan, stretches = rank_gaps(plan, stretches, heads, budget_m)
    state = None if heads is None else heads.states(budget_m, stretches.gap)
    summary = summarize(streets, given, standing, stretches, heads, state, plan, walk)
    summary["seconds"] = clock.seconds
    return Coverage(
        walk=walk,
        network=streets,
        area=given.area,
        stations=standing.table(tables.station_figures(reach, own, borders.area, heads, walk)),
        zones=_zones(given, borders, reach, stretches, heads, standing, streets.node_xy[plan.center], walk),
        people=None if heads is None or state is None else tables.people_table(heads, state, stretches.gap, walk),
        notes=notes_of(
            summary=summary,
            edge_m=edge_distance_m(streets, given.area) if given.has_area else None,
            budget_m=budget_m,
            near_stations=standing.near_stations,
            streetless_zones=given.streetless(borders.zones),
            uncounted_zones=given.uncounted_zones,
            overlap_share=0.0 if borders.zones is None else _overlap_share(stretches, borders.zones),
            datum=given.datum,
            cut_off=_cut_off(standing, heads, snapper, walk),
            without_barriers=walk.barriers and not snapper.barriers,
        ),
        summary=summary,
        reach=reach,
        stretches=stretches,
        heads=heads,
        given=given,
        borders=borders,
        standing=standing,
        snapper=snapper,
        plan=plan,
        datum=given.datum,
        country=country,
        clock=clock,
        progress=progress,
    )


def _cut_off(standing: Standing, heads: Heads | None, snapper: Snapper, walk: Walk) -> tuple[int, float]:
    """Count stations and people (at points) that have a street near, but none by a leg that crosses no barrier."""
    unsnapped = standing.stations[standing.stations["status"] == "unsnapped"]
    stations = snapper.cut_off(shapely.get_coordinates(unsnapped.geometry.array), walk.max_snap).sum()
    if heads is None or heads.points is None:
        return int(stations), 0.0
    lost = np.flatnonzero(~heads.known)
    return int(stations), float(heads.count[lost][snapper.cut_off(heads.xy[lost], walk.max_snap)].sum())


def _zones(
    given: Given,
    borders: Borders,
    reach: Reach,
    stretches: Stretches,
    heads: Heads | None,
    standing: Standing,
    gap_centers: NDArray[np.float64],
    walk: Walk,
) -> gpd.GeoDataFrame | None:
    if given.zones is None or borders.zones is None:
        return None
    return zone_table(
        given.zones,
        borders.zones,
        reach.field,
        stretches,
        heads,
        standing.given_xy,
        gap_centers,
        walk,
        own_people=borders.people is borders.zones,
    )


def _overlap_share(stretches: Stretches, zone_street: Intervals) -> float:
    """Tell the share of the zones' street that lies in more than one of them."""
    row, _ = stretches.pairs_within(zone_street)
    row, times = np.unique(row[stretches.inside[row]], return_counts=True)
    length_m = stretches.length_m[row]
    return float(length_m[times > 1].sum() / max(length_m.sum(), 1.0))
