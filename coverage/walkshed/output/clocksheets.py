"""The clock and the norm as sheets of the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walkshed.output.clock import moment_text
from walkshed.output.normwords import norm_rows
from walkshed.output.words import Words

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

Spec = tuple[str, str, str, str]
"""A column: its phrase, where its values come from, their format, and which end it is of (``low``, ``high`` or "")."""


def clock_tables(result: Coverage, words: Words) -> Iterator[tuple[str, pd.DataFrame, list[Spec]]]:
    """Lay out what there is: the moment, or the week, day and night, night gaps, longer hours; and the norm.

    Yields
    ------
    name, frame, columns
        The sheet's phrase, its rows, its columns.
    """
    if result.moment is not None:
        rows = pd.DataFrame(result.moment.rows).assign(moment=moment_text(result.moment.at, words))
        yield "clock.sheet_then", rows, [("clock.col_moment", "moment", "text", ""), *CUTOFF, *OPEN, *AMOUNTS, *SHARES]
    if result.has_hours:
        yield from _hours(result, words)
    if result.walk.follows is not None:
        yield "norm.sheet", pd.DataFrame(norm_rows(result, words)), NORM


def _hours(result: Coverage, words: Words) -> Iterator[tuple[str, pd.DataFrame, list[Spec]]]:
    week, days, longer = result.timetable.week, result.timetable.day_and_night, result.longer_hours
    named = week.assign(day=[words(f"clock.day_{d}") for d in week["weekday"]])
    yield "clock.sheet_week", named, [*WEEK, *OPEN, *AMOUNTS, *SHARES]
    named = days.assign(**{name: [words(f"clock.{own}") for own in days[name]] for name in ("days", "part")})
    yield "clock.sheet_days", named, [*DAYS, *SHARES]
    gaps = result.night_gaps
    place = gaps.geometry.to_crs(4326)
    named = pd.DataFrame(gaps.drop(columns="geometry")).assign(lon=np.asarray(place.x), lat=np.asarray(place.y))
    yield "clock.sheet_night_gaps", named, NIGHT_GAPS
    yield "clock.sheet_longer", longer.assign(state=[words(f"clock.{s}") for s in longer["state"]]), LONGER


def _ends(key: str, source: str, kind: str) -> list[Spec]:
    return [(key, f"{source}_{end}", kind, end) for end in ("low", "high")]


CUTOFF: list[Spec] = [("column.cutoff", "cutoff_min", "number", "")]
OPEN: list[Spec] = [("clock.col_open", "open", "count", ""), ("clock.col_unknown", "unknown", "count", "")]
AMOUNTS = [*_ends("clock.col_people", "people", "count"), *_ends("clock.col_street_km", "street_km", "km")]
SHARES = [
    *_ends("clock.col_people_share", "people_share", "share"),
    *_ends("clock.col_street_share", "street_share", "share"),
]
WEEK: list[Spec] = [("clock.col_weekday", "day", "text", ""), ("clock.col_hour", "hour", "count", "")]
DAYS: list[Spec] = [
    ("clock.col_days", "days", "text", ""),
    ("clock.col_part", "part", "text", ""),
    ("clock.col_hours_told", "hours", "count", ""),
    ("clock.col_open_least", "open_least", "count", ""),
    ("clock.col_open_most", "open_most", "count", ""),
]
NIGHT_GAPS: list[Spec] = [
    ("column.rank", "gap_id", "count", ""),
    *AMOUNTS,
    ("clock.col_around", "streets", "text", ""),
    ("clock.col_walk_open", "walk_min", "minutes", ""),
    ("clock.col_nearest", "station_name", "text", ""),
    ("column.station_id", "station_id", "text", ""),
    ("column.lon", "lon", "degrees", ""),
    ("column.lat", "lat", "degrees", ""),
]
LONGER: list[Spec] = [
    ("column.station_id", "station_id", "text", ""),
    ("column.name", "name", "text", ""),
    ("clock.col_hours", "hours", "text", ""),
    ("clock.col_state", "state", "text", ""),
    *_ends("clock.col_gain_people", "gain_people", "count"),
    *_ends("clock.col_gain_street", "gain_street_km", "km"),
]
NORM: list[Spec] = [
    ("norm.col_target", "says", "text", ""),
    ("norm.col_measure", "measure", "text", ""),
    ("norm.col_asked", "asked", "text", ""),
    ("norm.col_found", "found", "text", ""),
    ("norm.col_verdict", "verdict", "text", ""),
]
