"""The night: gaps that exist only then, and which station's longer hours would close most of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.analysis.depth import covered_by
from walkshed.analysis.gaps import GapPlan, covered_street, plan_gaps, uncovered_street
from walkshed.analysis.intervals import Intervals, add_up, overlap
from walkshed.analysis.only import people_of_each
from walkshed.analysis.some_stations import density_of_rows, field_of, head_cost_m
from walkshed.inputs.moment import Moment
from walkshed.reach.field import Field

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


@dataclass(frozen=True, eq=False)
class Dark:
    """What is not covered at a moment, at the largest cutoff.

    Attributes
    ----------
    result
        Of all stations.
    field
        The least cost to a station that is open.
    street
        The street inside the area that is not covered; `of` is the part of the walk graph.
    is_dark
        (h,) whether the people at each place are covered when all stations are open, and not now; all False where
        they came as polygons.
    """

    result: Coverage
    field: Field
    street: Intervals
    is_dark: NDArray[np.bool_]

    def heads_on(self, street: Intervals, count: int) -> NDArray[np.float64]:
        """(count,) the people on intervals that do not overlap, by what each is `of`; those at points only if dark."""
        heads = self.result.heads
        if heads is None:
            return np.full(count, np.nan)
        if heads.points is None:
            return self._spread_on(street, count)
        here = np.flatnonzero(self.is_dark)
        of = _interval_at(street, heads.edge[here], heads.at_m[here])
        return add_up(heads.count[here[of >= 0]], street.of[of[of >= 0]], count)

    def _spread_on(self, street: Intervals, count: int) -> NDArray[np.float64]:
        """(count,) the people of polygons, who are spread over the stretches."""
        stretches = self.result.stretches
        cut = overlap(street, Intervals(stretches.edge, stretches.from_m, stretches.to_m, stretches.edge))
        row = stretches.row_at(cut.edge, (cut.from_m + cut.to_m) / 2)
        return add_up(cut.length_m * density_of_rows(self.result)[row], cut.of, count)

    def gains(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(s,) metres of street and (s,) people that each used station would add if it were open, too."""
        result, count = self.result, len(self.result.reach.leg_m)
        budget_m, pieces = result.walk.budget_m(result.walk.largest), result.reach.pieces
        own = covered_by(pieces, budget_m, np.arange(count, dtype=np.int32))
        lit = overlap(own, _one_owner(self.street))
        heads = result.heads
        if heads is None or heads.points is None:
            return add_up(lit.length_m, lit.of, count), self.heads_on(lit, count)
        here = np.flatnonzero(self.is_dark)
        allowance_m = budget_m - heads.leg_m[here]
        people = people_of_each(pieces, heads.edge[here], heads.at_m[here], allowance_m, heads.count[here], count)
        return add_up(lit.length_m, lit.of, count), people


def dark_at(result: Coverage, is_open: NDArray[np.bool_]) -> Dark:
    """Tell what a set of the used stations leaves uncovered at the largest cutoff."""
    field = field_of(result, np.flatnonzero(is_open))
    budget_m, heads = result.walk.budget_m(result.walk.largest), result.heads
    dark = np.zeros(0, dtype=bool) if heads is None else np.zeros(len(heads.count), dtype=bool)
    if heads is not None and heads.points is not None:
        dark = heads.within(budget_m) & ~(head_cost_m(heads, field) <= budget_m)
    return Dark(result, field, uncovered_street(field, budget_m, _inside(result)), dark)


def night_gaps(result: Coverage, when: str | datetime | Moment | None = None) -> gpd.GeoDataFrame:
    """List the gaps that exist only at a moment: street that some station covers, but none that is open then.

    They are partitioned as all gaps are (what one more open door could serve), at the largest cutoff, with stations of
    unknown hours taken for closed.

    Parameters
    ----------
    result
        What `analyze` returned.
    when
        As for `at_moment`; by default the hour of the night at which least is covered.

    Returns
    -------
    GeoDataFrame
        By rank: ``gap_id``, ``street_km`` and ``people`` as ``_low`` (left where stations of unknown hours are open)
        and ``_high`` (closed), ``streets`` (the two longest by name), ``station_id`` and ``station_name`` (nearest to
        the centre, open or not), ``walk_min`` (from the centre to a station that is open for certain; NaN where
        none can be reached); points at the centres, in the streets' CRS.

    Raises
    ------
    InputError
        If the moment cannot be read, or no used station states its hours.

    Examples
    --------
    >>> ws.night_gaps(result, "Mon 23:00")["station_name"].iloc[0]
    '文昌图书馆爱心驿站'
    """
    sure, possible = result.timetable.open_at(when)
    low, high = dark_at(result, possible), dark_at(result, sure)
    budget_m = result.walk.budget_m(result.walk.largest)
    lit_by_day = _one_owner(covered_street(result.reach.field, budget_m))
    plan = plan_gaps(result.network, high.field, overlap(high.street, lit_by_day), budget_m, result.walk.min_gap)
    return _gap_frame(plan, low, high)


def longer_hours(result: Coverage, when: str | datetime | Moment | None = None) -> pd.DataFrame:
    """Tell what each station that is not open for certain at a moment would add if it were.

    Exact: what `analyze` finds with it open, less what it finds without.

    Parameters
    ----------
    result
        What `analyze` returned.
    when
        As for `at_moment`; by default the hour of the night at which least is covered.

    Returns
    -------
    DataFrame
        The one that adds most first: ``station_id``, ``name``, ``hours`` (as stated), ``state`` (closed,
        unknown),
        ``gain_street_km`` and ``gain_people`` as ``_low`` (stations of unknown hours are open, so that one of them adds
        nothing) and ``_high`` (closed); NaN where no people are given.

    Raises
    ------
    InputError
        If the moment cannot be read, or no used station states its hours.

    Examples
    --------
    >>> ws.longer_hours(result, "Mon 23:00")[["name", "state"]].iloc[0].tolist()
    ['文昌图书馆爱心驿站', 'closed']
    """
    clock = result.timetable
    sure, possible = clock.open_at(when)
    street_low_m, people_low = dark_at(result, possible).gains()
    street_high_m, people_high = dark_at(result, sure).gains()
    frame = pd.DataFrame(
        {
            "station_id": clock.stations["station_id"].to_numpy(),
            "name": clock.stations["name"].to_numpy(),
            "hours": clock.stations["hours" if "hours" in clock.stations else "opening_hours"].to_numpy(),
            "state": np.where(possible & ~sure, "unknown", "closed"),
            "gain_street_km_low": street_low_m / 1000,
            "gain_street_km_high": street_high_m / 1000,
            "gain_people_low": people_low,
            "gain_people_high": people_high,
        }
    )[~sure]
    ranked = ["gain_people_high", "gain_street_km_high"]
    return frame.sort_values(ranked, ascending=False, kind="stable").reset_index(drop=True)


def _gap_frame(plan: GapPlan, low: Dark, high: Dark) -> gpd.GeoDataFrame:
    result, count = high.result, len(plan.center)
    left = overlap(plan.taken, _one_owner(low.street))
    people_low, people_high = low.heads_on(left, count), high.heads_on(plan.taken, count)
    street_high_m = add_up(plan.taken.length_m, plan.taken.of, count)
    nearest = result.reach.field.node_station[plan.center]
    cost_m = high.field.node_cost[plan.center]
    stations = result.timetable.stations
    frame = gpd.GeoDataFrame(
        {
            "street_km_low": add_up(left.length_m, left.of, count) / 1000,
            "street_km_high": street_high_m / 1000,
            "people_low": people_low,
            "people_high": people_high,
            "streets": _longest_names(result, plan.taken, count),
            "station_id": stations["station_id"].to_numpy(dtype=object)[nearest],
            "station_name": stations["name"].to_numpy(dtype=object)[nearest],
            "walk_min": result.walk.minutes(np.where(np.isfinite(cost_m), cost_m, np.nan)),
        },
        geometry=gpd.points_from_xy(*result.network.node_xy[plan.center].T),
        crs=result.crs,
    )
    order = np.lexsort((np.arange(count), -street_high_m, -np.nan_to_num(people_high)))
    frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "gap_id", np.arange(1, count + 1))
    return frame


def _longest_names(result: Coverage, street: Intervals, count: int) -> list[str]:
    """Name the two streets with the most length in each gap."""
    streets = result.network
    table = pd.DataFrame({"gap": street.of, "name": streets.edge_name[street.edge], "length_m": street.length_m})
    total = table[table["name"] > 0].groupby(["gap", "name"], as_index=False)["length_m"].sum()
    longest = total.sort_values(["gap", "length_m", "name"], ascending=[True, False, True]).groupby("gap").head(2)
    named = {gap: " / ".join(streets.names[i] for i in own) for gap, own in longest.groupby("gap")["name"]}
    return [named.get(gap, "") for gap in range(count)]


def _inside(result: Coverage) -> Intervals:
    """The street inside the study area."""
    s, inside = result.stretches, result.stretches.inside
    return _one_owner(Intervals(s.edge[inside], s.from_m[inside], s.to_m[inside], s.edge[inside]))


def _one_owner(street: Intervals) -> Intervals:
    """Join intervals whatever they belong to; sorted by edge and place."""
    return Intervals(street.edge, street.from_m, street.to_m, np.zeros(len(street), dtype=np.int32)).merged()


def _interval_at(street: Intervals, edge: NDArray[np.int32], at_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """(p,) the interval that holds each street point, -1 where none does; none of them overlap."""
    if not len(street):
        return np.full(len(edge), -1)
    order = np.lexsort((street.from_m, street.edge))
    span = max(float(street.to_m.max()), float(at_m.max(initial=0.0))) + 1.0
    starts = street.edge[order] * span + street.from_m[order]
    found = order[np.maximum(np.searchsorted(starts, edge * span + at_m, side="right") - 1, 0)]
    holds = (street.edge[found] == edge) & (street.from_m[found] <= at_m) & (at_m <= street.to_m[found])
    return np.where(holds, found, -1)
