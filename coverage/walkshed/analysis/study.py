"""``analyze``: stations x streets -> ``Coverage``. It reads as the outline of the whole analysis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.analysis import tables
from walkshed.analysis.areas import covered_area, gap_areas, service_areas, station_discs
from walkshed.analysis.categories import by_category, line_costs
from walkshed.analysis.depth import covered_by
from walkshed.analysis.dossier import cause_columns, host_columns, with_dossier
from walkshed.analysis.gaps import GapPlan, covered_street, plan_gaps, uncovered_street
from walkshed.analysis.given import Borders, Given, Standing, give
from walkshed.analysis.growth import depth_rows, minute_curve
from walkshed.analysis.intervals import Intervals, add_up
from walkshed.analysis.notes import Note, edge_distance_m, notes_of
from walkshed.analysis.people import Heads
from walkshed.analysis.recount import heads_of
from walkshed.analysis.routes import Routes, walking_routes
from walkshed.analysis.show import headline_text, result_html
from walkshed.analysis.stretches import Stretches, cut_streets
from walkshed.analysis.summary import summarize
from walkshed.analysis.zones import served_share, stations_by_category, zone_table
from walkshed.errors import InputError
from walkshed.network.streets import Streets
from walkshed.reach.datum_fit import DatumVerdict
from walkshed.reach.reach import Reach, walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84, Progress, quiet


@dataclass(frozen=True, kw_only=True, eq=False)
class Coverage:
    """The result of a study. All frames are in the streets' CRS; their columns are in ARCHITECTURE.md.

    Attributes
    ----------
    walk
        How far people walk.
    network
        The streets it was worked out on.
    area
        The study area, one row.
    stations
        One row a station that was read: its snap, status, and what it covers.
    service_areas
        One row a used station and cutoff.
    covered
        One row a cutoff: the union of the service areas.
    gaps
        One row a gap at the largest cutoff, by rank.
    zones
        One row a zone in the area, if zones were given.
    people
        One row a point with people inside the area, if points were given.
    notes
        What a reader must know beside the figures.
    summary
        The figures, as `summary.json` holds them.
    people_inside_drawn_area_uncovered
        People at points inside the drawn covered area who are not covered: another street is nearer to
        them than the one that is. None where no people are given as points.
    reach, stretches, heads
        What the figures are sums of.
    given, borders
        What was given, checked and in the streets' CRS, and where its polygons cut the streets.
    datum
        Which datum the stations were taken to be in, and how each fitted; None where it was stated.
    """

    walk: Walk
    network: Streets
    area: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    covered: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame | None
    people: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]
    summary: dict[str, Any]
    people_inside_drawn_area_uncovered: float | None
    reach: Reach
    stretches: Stretches
    heads: Heads | None
    given: Given
    borders: Borders
    datum: DatumVerdict | None = None

    @property
    def crs(self) -> str:
        """The CRS of all frames, a UTM zone in metres."""
        return self.network.crs

    @cached_property
    def streets(self) -> gpd.GeoDataFrame:
        """One row a stretch of street inside the area, with its minutes, nearest station, depth and gap."""
        used = self.stations.loc[self.stations["status"] == "used", "station_id"]
        return tables.street_table(
            self.network, self.reach.field, self.stretches, np.sort(used.to_numpy(dtype=object)), self.walk
        )

    @cached_property
    def routes(self) -> Routes:
        """From every street point the way to its nearest station: row i is row i of `streets`, then the rest."""
        shown = tables.shown_lines(self.stretches, self.walk)
        return walking_routes(self.network, self.reach.field, self.stretches, shown)

    @cached_property
    def categories(self) -> pd.DataFrame:
        """What the stations of each category cover on their own, a row for each category and cutoff."""
        return by_category(self)

    def line_costs(self, category: str) -> NDArray[np.float64]:
        """(n, 2) metres from both ends of each row of `streets` to the nearest station of one category."""
        return line_costs(self, category)

    @cached_property
    def zone_stations(self) -> pd.DataFrame | None:
        """Used stations of each category in each zone, if zones were given."""
        return None if self.zones is None else stations_by_category(self.zones, self.stations)

    @property
    def zones_served_share(self) -> float | None:
        """The share of zones with at least one used station (建成率), if zones were given."""
        return None if self.zones is None or self.zones.empty else served_share(self.zones)

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The share of street and people within each whole minute of the nearest station."""
        return minute_curve(self.reach.field, self.stretches, self.heads, self.walk)

    @cached_property
    def depth(self) -> pd.DataFrame:
        """The street that 0, 1, 2, and 3 or more stations cover, at each cutoff."""
        return depth_rows(self.stretches, self.walk)

    @property
    def headline(self) -> dict[str, Any]:
        """The figures of the first sentence, at the largest cutoff."""
        last, gaps = self.summary["coverage"][-1], self.summary["gaps"]
        return {
            "cutoff_min": last["cutoff_min"],
            "street_share": last["street_share"],
            "people_share": last["people_share"],
            "gaps": gaps["count"],
            "gap_street_km": gaps["street_km"],
            "gap_people": gaps["people"],
            "stations_used": self.summary["stations"]["used"],
        }

    def __repr__(self) -> str:
        """Say the headline."""
        return f"Coverage({headline_text(self)})"

    def _repr_html_(self) -> str:
        return result_html(self)


def analyze(
    streets: Streets,
    stations: gpd.GeoDataFrame,
    *,
    area: gpd.GeoDataFrame | shapely.Geometry | None = None,
    people: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    walk: Walk | None = None,
    progress: Progress = quiet,
) -> Coverage:
    """Work out who can walk to a station, who cannot, and where the gaps are.

    Parameters
    ----------
    streets
        The network; it should reach beyond the area by one budget.
    stations
        Points in any stated CRS; `station_id`, `name` and `category` are used where they are there.
    area
        The study area: polygons in any stated CRS, or a polygon in WGS 84. All street, if not given.
    people
        Points or polygons with `population`. If not given, the zones' own `population` is used where
        every zone has one.
    zones
        Polygons with `zone` names, for a table by zone.
    walk
        Cutoffs, speed and the other settings.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        If no station can be used, or the area has no street.
    CRSError
        If a frame states no coordinate system.
    """
    if not isinstance(streets, Streets):
        raise InputError(f"streets: found {type(streets).__name__}; read them first, e.g. walkshed.read_streets(path)")
    walk = walk or Walk()
    clock = _Clock()
    budgets_m = [walk.budget_m(c) for c in walk.cutoffs]
    given = give(streets, stations, area, people, zones, budgets_m[-1])

    with clock("reach"):
        snapper = Snapper(streets)
        standing = given.stand(streets, snapper, walk.max_snap)
        reach = walk_out(streets, standing.snaps, budgets_m[-1], progress=progress)
        borders = given.borders(streets)

    with clock("gaps"):
        uncovered = uncovered_street(reach.field, budgets_m[-1], borders.area)
        plan = plan_gaps(streets, reach.field, uncovered, budgets_m[-1], walk.min_gap, progress=progress)

    with clock("reach"):
        stretches = cut_streets(
            streets,
            reach.field,
            budgets_m,
            inside=borders.area,
            depth=[covered_by(reach.pieces, budget_m, standing.depth_group) for budget_m in budgets_m],
            gaps=plan.taken,
            others=borders.others,
        )
        heads = heads_of(streets, given, borders, snapper, reach, stretches, walk)

    with clock("areas"):
        areas = service_areas(streets, reach, walk, progress=progress)
        covered = [covered_area(own[i] for own in areas) for i in range(len(budgets_m))]

    with clock("gaps"):
        stretches, gap_people, rank = _rank(plan, stretches, heads, budgets_m[-1])
        spare = covered_street(reach.field, budgets_m[-1] - walk.off_street)
        discs = station_discs(reach, budgets_m[-1], walk.off_street)
        shapes = gap_areas(streets, plan.taken, len(plan.center), spare, discs, walk.off_street, progress=progress)
        gaps = tables.gap_table(
            streets, reach, stretches, plan, rank, gap_people, shapes, standing.used, given.zones, walk
        )
        center = plan.center[np.argsort(rank)]
        gaps = with_dossier(
            gaps,
            cause_columns(streets, reach.field, center, standing.used, walk),
            host_columns(streets, snapper, stretches, heads, center, walk),
        )

    state = None if heads is None else heads.states(budgets_m[-1], stretches.gap)
    summary = summarize(streets, given, standing, stretches, heads, state, gaps, walk)
    summary["seconds"] |= clock.seconds
    return Coverage(
        walk=walk,
        network=streets,
        area=given.area,
        stations=standing.table(tables.station_figures(reach, borders.area, heads, walk)),
        service_areas=tables.service_area_table(standing.used, areas, walk, streets.crs),
        covered=gpd.GeoDataFrame({"cutoff_min": walk.cutoffs}, geometry=covered, crs=streets.crs),
        gaps=gaps,
        zones=_zones(given, borders, reach, stretches, heads, standing, gaps, walk),
        people=None if heads is None or state is None else tables.people_table(heads, state, stretches.gap, walk),
        notes=notes_of(
            summary=summary,
            edge_m=edge_distance_m(streets, given.area) if given.has_area else None,
            budget_m=budgets_m[-1],
            near_stations=standing.near_stations,
            streetless_zones=given.streetless(borders.zones),
            unreached_km=_unreached_km(stretches),
            uncounted_zones=given.uncounted_zones,
            overlap_share=0.0 if borders.zones is None else _overlap_share(stretches, borders.zones),
            datum=given.datum,
        ),
        summary=summary,
        people_inside_drawn_area_uncovered=_drawn_but_uncovered(heads, state, covered[-1]),
        reach=reach,
        stretches=stretches,
        heads=heads,
        given=given,
        borders=borders,
        datum=given.datum,
    )


class _Clock:
    """Adds up the seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + perf_counter() - start


def _rank(
    plan: GapPlan, stretches: Stretches, heads: Heads | None, budget_m: float
) -> tuple[Stretches, NDArray[np.float64], NDArray[np.int64]]:
    """Number the gaps by people where given, else by street; ties in the order found."""
    count = len(plan.center)
    street_m = add_up(plan.taken.length_m, plan.taken.of, count)
    people = np.full(count, np.nan)
    if heads is not None:
        here = heads.states(budget_m, stretches.gap) == "gap"
        people = add_up(heads.count[here], stretches.gap[heads.row[here]], count + 1)[1:]
    order = np.lexsort((np.arange(count), -street_m, -np.nan_to_num(people)))
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return replace(stretches, gap=np.append(-1, rank)[stretches.gap].astype(np.int32) + 1), people, rank


def _zones(
    given: Given,
    borders: Borders,
    reach: Reach,
    stretches: Stretches,
    heads: Heads | None,
    standing: Standing,
    gaps: gpd.GeoDataFrame,
    walk: Walk,
) -> gpd.GeoDataFrame | None:
    if given.zones is None or borders.zones is None:
        return None
    centers = gpd.points_from_xy(gaps["center_lon"], gaps["center_lat"], crs=WGS84).to_crs(given.zones.crs)
    return zone_table(
        given.zones,
        borders.zones,
        reach.field,
        stretches,
        heads,
        standing.given_xy,
        np.column_stack((centers.x, centers.y)),
        walk,
        own_people=borders.people is borders.zones,
    )


def _overlap_share(stretches: Stretches, zone_street: Intervals) -> float:
    """Tell the share of the zones' street that lies in more than one of them."""
    row, _ = stretches.pairs_within(zone_street)
    row, times = np.unique(row[stretches.inside[row]], return_counts=True)
    length_m = stretches.length_m[row]
    return float(length_m[times > 1].sum() / max(length_m.sum(), 1.0))


def _unreached_km(stretches: Stretches) -> float:
    """Street inside the area from which no station can be reached at all."""
    lost = stretches.inside & ~np.isfinite(stretches.cost_m)
    return float(stretches.length_m[lost].sum()) / 1000


def _drawn_but_uncovered(
    heads: Heads | None, state: NDArray[np.object_] | None, covered: shapely.MultiPolygon
) -> float | None:
    """Count people at points inside the drawn covered area who are not covered."""
    if heads is None or heads.points is None or state is None:
        return None
    doubtful = np.flatnonzero((state == "gap") | (state == "scattered"))
    shapely.prepare(covered)
    return float(heads.count[doubtful][shapely.contains_xy(covered, heads.xy[doubtful])].sum())
