"""``Coverage``: what a study found. Figures and tables are here; polygons are drawn when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.analysis import tables
from walkshed.analysis.areas import clear_gap_areas, covered_area, gap_areas, service_areas, station_discs
from walkshed.analysis.categories import by_category, line_costs
from walkshed.analysis.clock import Timetable
from walkshed.analysis.dossier import cause_columns, closed_columns, with_dossier
from walkshed.analysis.gaps import GapPlan, covered_street
from walkshed.analysis.given import Borders, Given, Standing
from walkshed.analysis.growth import depth_rows, minute_curve
from walkshed.analysis.hosts import host_columns
from walkshed.analysis.night import longer_hours, night_gaps
from walkshed.analysis.notes import Note
from walkshed.analysis.people import Heads
from walkshed.analysis.routes import Routes, walking_routes
from walkshed.analysis.show import headline_text, result_html
from walkshed.analysis.stretches import Stretches
from walkshed.analysis.then import OpenThen
from walkshed.analysis.verify import Verification, verify
from walkshed.analysis.zones import served_share, stations_by_category
from walkshed.network.streets import Streets
from walkshed.reach.datum_fit import DatumVerdict
from walkshed.reach.reach import Reach
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import Progress, quiet


class Clock:
    """Adds up the seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {"streets": 0.0, "reach": 0.0, "areas": 0.0, "gaps": 0.0, "outputs": 0.0}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Time a step."""
        start = perf_counter()
        yield
        self.seconds[step] += perf_counter() - start


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
    zones
        One row a zone in the area, if zones were given.
    people
        One row a point with people inside the area, if points were given.
    notes
        What a reader must know beside the figures.
    summary
        The figures, as `summary.json` holds them.
    reach, stretches, heads
        What the figures are sums of.
    plan
        The street of the gaps, by rank.
    given, borders, standing
        What was given, checked and in the streets' CRS; where its polygons cut the streets; the stations on them.
    snapper
        The grid over the streets, with the barriers that straight legs may not cross.
    datum
        How the stations fit the streets in each datum, and which was stated; None where that cannot be told.
    country
        ISO code: whose public holidays opening hours mean.
    moment
        Which stations were open, where the result is of one moment; else None.
    profiles
        Who walks, side by side, where that was asked for: from `by_profile`.
    clock
        Adds up the seconds that each step takes; they stand in the summary.
    progress
        Told of each polygon that is drawn.

    Notes
    -----
    No figure needs a polygon, so `service_areas`, `covered` and `gaps` are drawn when they are first looked at.

    Examples
    --------
    >>> result.headline["stations_used"], result.crs
    (15, 'EPSG:32650')
    >>> last = result.summary["coverage"][-1]
    >>> gaps = result.summary["gaps"]
    >>> parts_km = last["street_km"] + gaps["street_km"] + gaps["sliver_km"]
    >>> abs(parts_km - result.summary["streets"]["street_km"]) < 1e-6
    True

    Frames, of places and of figures:

    >>> len(result.service_areas), result.covered["cutoff_min"].tolist(), len(result.gaps)
    (45, [5.0, 10.0, 15.0], 38)
    >>> int(result.streets["covered"].sum()), len(result.routes.next_start) == len(result.streets) + 7662
    (6534, True)
    >>> result.depth.query("cutoff_min == 15")["street_share"].round(3).tolist()  # by none, by 1, 2, and 3 or more
    [0.312, 0.545, 0.129, 0.015]
    >>> result.curve.set_index("minute")["people_share"].round(3)[[5, 15, 30]].tolist()
    [0.105, 0.715, 0.983]
    >>> int(result.zone_stations["stations"].sum()), result.zones_served_share
    (15, 0.6875)
    >>> result.people_inside_drawn_area_uncovered is None  # nobody came as points
    True

    One category alone, and the clock, where stations state their hours:

    >>> result.categories["stations"].tolist(), result.line_costs("爱心驿站").shape == (len(result.streets), 2)
    ([15, 15, 15], True)
    >>> result.has_hours, len(result.night_gaps), result.longer_hours["station_id"].iloc[0]
    (True, 20, 'AH005')
    >>> len(result.timetable.stations)
    15
    """

    walk: Walk
    network: Streets
    area: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame | None
    people: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]
    summary: dict[str, Any]
    reach: Reach
    stretches: Stretches
    heads: Heads | None
    given: Given
    borders: Borders
    standing: Standing
    snapper: Snapper
    plan: GapPlan
    datum: DatumVerdict | None = None
    country: str = "CN"
    moment: OpenThen | None = None
    profiles: pd.DataFrame | None = None
    clock: Clock = field(default_factory=Clock)
    progress: Progress = quiet

    @property
    def crs(self) -> str:
        """The CRS of all frames, a UTM zone in metres."""
        return self.network.crs

    @cached_property
    def service_areas(self) -> gpd.GeoDataFrame:
        """One row a used station and cutoff."""
        with self.clock("areas"):
            areas = service_areas(
                self.network, self.reach, self.walk, barriers=self.snapper.barriers, progress=self.progress
            )
        return tables.service_area_table(self.standing.used, areas, self.walk, self.crs)

    @cached_property
    def covered(self) -> gpd.GeoDataFrame:
        """One row a cutoff: the union of the service areas."""
        own = self.service_areas
        with self.clock("areas"):
            shapes = [covered_area(own.geometry[own["cutoff_min"] == cutoff]) for cutoff in self.walk.cutoffs]
        return gpd.GeoDataFrame({"cutoff_min": self.walk.cutoffs}, geometry=shapes, crs=self.crs)

    @cached_property
    def gaps(self) -> gpd.GeoDataFrame:
        """One row a gap at the largest cutoff, by rank."""
        shapes = self._gap_shapes()
        with self.clock("gaps"):
            used, center = self.standing.used, self.plan.center
            table = tables.gap_table(
                self.network, self.reach, self.stretches, self.plan, shapes, used, self.given.zones, self.walk
            )
            shut = None if self.moment is None else self.moment.shut
            cause = cause_columns(self.network, self.reach.field, center, used, self.walk)
            closed = closed_columns(self.network, self.snapper, center, shut, self.walk)
            cause["cause"][[name is not None for name in closed["closed_station"]]] = "closed_station"
            return with_dossier(
                table,
                cause,
                closed,
                host_columns(self.network, self.snapper, self.stretches, self.heads, center, self.walk),
            )

    def _gap_shapes(self) -> list[shapely.MultiPolygon]:
        off_street_m, barriers = self.walk.off_street, self.snapper.barriers
        if barriers is not None:
            covered = self.covered.geometry.iloc[-1]
            with self.clock("gaps"):
                return clear_gap_areas(self.network, self.plan, covered, off_street_m, barriers, progress=self.progress)
        with self.clock("gaps"):
            budget_m = self.walk.budget_m(self.walk.largest)
            spare = covered_street(self.reach.field, budget_m - off_street_m)
            discs = station_discs(self.reach, budget_m, off_street_m)
            return gap_areas(self.network, self.plan, spare, discs, off_street_m, progress=self.progress)

    @cached_property
    def people_inside_drawn_area_uncovered(self) -> float | None:
        """People at points inside the drawn covered area who are not covered.

        Another street is nearer to them than the one that is. None where no people are given as points.
        """
        if self.heads is None or self.heads.points is None:
            return None
        shape = self.covered.geometry.iloc[-1]
        state = self.heads.states(self.walk.budget_m(self.walk.largest), self.stretches.gap)
        doubtful = np.flatnonzero((state == "gap") | (state == "scattered"))
        shapely.prepare(shape)
        return float(self.heads.count[doubtful][shapely.contains_xy(shape, self.heads.xy[doubtful])].sum())

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
    def timetable(self) -> Timetable:
        """What is covered by the clock; an InputError where no used station states its hours."""
        return Timetable(self)

    @cached_property
    def night_gaps(self) -> gpd.GeoDataFrame:
        """The gaps that exist only at the darkest hour of the night."""
        return night_gaps(self)

    @cached_property
    def longer_hours(self) -> pd.DataFrame:
        """What each station would add if it were open at the darkest hour of the night, too."""
        return longer_hours(self)

    @property
    def has_hours(self) -> bool:
        """Whether there is a timetable: any used station states its hours, and the result is of no one moment."""
        hours = self.stations.get("opening_hours")
        used = self.stations["status"] == "used"
        return self.moment is None and hours is not None and bool((hours[used].map(bool)).any())

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

    @cached_property
    def self_check(self) -> Verification:
        """What walking from random places again, with NetworkX, finds; an InputError where that is not installed.

        Examples
        --------
        >>> result.self_check.share
        1.0
        """
        return verify(self, progress=self.progress)

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
