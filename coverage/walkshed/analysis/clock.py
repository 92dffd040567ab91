"""The clock: what the stations that are open at a moment cover.

Where hours are unknown there are two figures, never one: ``_low`` takes the station for closed, ``_high`` for open.
Each set of open stations is worked out once, however many hours of the week it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.analysis.some_stations import coverage_of, used_stations
from walkshed.errors import InputError
from walkshed.inputs.hours import Hours, read_hours
from walkshed.inputs.moment import ORDINARY_HOLIDAY, ORDINARY_WEEK, Moment, read_moment, read_week
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

NIGHT = (*range(22, 24), *range(6))
"""The hours of the night, 22:00 to 06:00: so China's Law on the Prevention and Control of Noise Pollution (2021),
article 88, has it (夜间)."""

FIGURES = ("street_km", "street_share", "people", "people_share")

Mask = NDArray[np.bool_]


class Doors:
    """Which of the stations of a list are open.

    Parameters
    ----------
    stations
        With ``opening_hours`` (or ``hours``), in any stated CRS.
    country
        ISO code: whose public holidays ``PH`` means.

    Attributes
    ----------
    hours
        (s,) of each station; None where unknown.

    Raises
    ------
    InputError
        If no hours are stated, or none can be read.
    """

    def __init__(self, stations: gpd.GeoDataFrame, country: str = "CN") -> None:
        column = next((c for c in ("opening_hours", "hours") if c in stations), None)
        if column is None:
            raise InputError(Phrase("moment.no_hours_column"))
        cells = [cell if isinstance(cell, str) else "" for cell in stations[column]]
        read = {cell: read_hours(cell) for cell in set(cells)}
        self.hours: list[Hours | None] = [read[cell] for cell in cells]
        if not any(self.hours):
            raise InputError(Phrase("moment.no_hours_read", count=len(cells)))
        place = stations.geometry.to_crs(WGS84).representative_point()
        self._places = list(zip(place.x.round(2), place.y.round(2), strict=True))
        self._country = country

    def at(self, when: datetime) -> tuple[Mask, Mask]:
        """Tell the stations open for certain, and those that may be: the same, and those of unknown hours."""
        told: dict[tuple[Hours, tuple[float, float]], bool | None] = {}
        answers = []
        for hours, place in zip(self.hours, self._places, strict=True):
            if hours is not None and (hours, place) not in told:
                told[hours, place] = hours.is_open(when, country=self._country, place=place)
            answers.append(None if hours is None else told[hours, place])
        return np.array([a is True for a in answers]), np.array([a is not False for a in answers])


class Timetable:
    """What a result's stations cover by the clock; a result has one as ``result.timetable``.

    Parameters
    ----------
    result
        What `analyze` returned, of all stations.

    Attributes
    ----------
    stations
        The used stations, by ascending id.
    doors
        Which of them are open.

    Raises
    ------
    InputError
        If no used station states hours that can be read, or the result is of one moment.
    """

    def __init__(self, result: Coverage) -> None:
        if result.moment is not None:
            raise InputError(Phrase("moment.of_one_moment", at=str(result.moment.at)))
        self.result = result
        self.stations = used_stations(result)
        self.doors = Doors(self.stations, result.country)
        self._known: dict[bytes, list[dict[str, Any]]] = {}

    @property
    def sets_searched(self) -> int:
        """How many different sets of open stations were worked out so far."""
        return len(self._known)

    def coverage(self, is_open: Mask) -> list[dict[str, Any]]:
        """Tell what a set of stations covers at each cutoff; each set is searched once."""
        key = is_open.tobytes()
        if key not in self._known:
            self._known[key] = coverage_of(self.result, np.flatnonzero(is_open))
        return self._known[key]

    def open_at(self, when: str | datetime | Moment | None) -> tuple[Mask, Mask]:
        """Tell the stations open for certain at a moment, and those that may be; None is the darkest of the night."""
        return self.doors.at((self.darkest if when is None else read_moment(when)).when)

    def rows(self, when: datetime) -> list[dict[str, Any]]:
        """Tell what is covered at a time, a row a cutoff: low, high, and how many stations are open."""
        sure, possible = self.doors.at(when)
        counts = {"open": int(sure.sum()), "unknown": int((possible & ~sure).sum())}
        return [
            {"cutoff_min": low["cutoff_min"]} | counts | low_and_high(low, high)
            for low, high in zip(self.coverage(sure), self.coverage(possible), strict=True)
        ]

    def hourly(self, days: Iterable[date]) -> pd.DataFrame:
        """Tell what is covered at each full hour of days, at the largest cutoff."""
        hours = [datetime.combine(day, time(hour)) for day in days for hour in range(24)]
        rows = [
            {"weekday": when.weekday(), "hour": when.hour, "date": when.date().isoformat()} | self.rows(when)[-1]
            for when in hours
        ]
        return pd.DataFrame(rows)

    @cached_property
    def week(self) -> pd.DataFrame:
        """The ordinary week, as `week` tells it."""
        return self.hourly(_days(ORDINARY_WEEK))

    @cached_property
    def day_and_night(self) -> pd.DataFrame:
        """As `day_and_night` tells it."""
        kinds = {"workday": self.week["weekday"] < 5, "weekend": self.week["weekday"] >= 5}
        parts = [(kind, self.week[mask]) for kind, mask in kinds.items()]
        if self.result.country == "CN":
            parts.append(("holiday", self.hourly([ORDINARY_HOLIDAY])))
        return pd.DataFrame(
            [
                _mean_row(kind, part, frame[frame["hour"].isin(NIGHT) == (part == "night")])
                for kind, frame in parts
                for part in ("day", "night")
            ]
        )

    @cached_property
    def darkest(self) -> Moment:
        """The full hour of the night, from Monday 22:00 on, at which least is covered for certain."""
        nights = self.week[self.week["hour"].isin(NIGHT)]
        nights = pd.concat([nights.iloc[6:], nights.iloc[:6]])  # Monday's small hours are the end of Sunday's night
        told = "street_share_low" if nights["people_share_low"].isna().any() else "people_share_low"
        row = nights.loc[nights[told].astype(float).round(9).idxmin()]
        day = ORDINARY_WEEK + timedelta(days=int(row["weekday"]))
        return Moment(datetime.combine(day, time(int(row["hour"]))), "weekday")


def low_and_high(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """Set the figures with unknown hours closed and open side by side."""
    return {f"{name}_{which}": row[name] for name in FIGURES for which, row in (("low", low), ("high", high))}


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=n) for n in range(7)]


def _mean_row(kind: str, part: str, hours: pd.DataFrame) -> dict[str, Any]:
    shares = [f"{name}_share_{which}" for name in ("street", "people") for which in ("low", "high")]
    means = {name: None if hours[name].isna().all() else float(hours[name].mean()) for name in shares}
    fewest = {"open_least": int(hours["open"].min()), "open_most": int((hours["open"] + hours["unknown"]).max())}
    return {"days": kind, "part": part, "hours": len(hours)} | fewest | means


def at_moment(result: Coverage, when: str | datetime | Moment) -> pd.DataFrame:
    """Tell what the stations that are open at a moment cover.

    Figures come from the graph of the result, and are those of `analyze` with the open stations alone.

    Parameters
    ----------
    result
        What `analyze` returned.
    when
        ``Mon 22:00``, 周一 22:00, ``holiday 10:00``, a date and time, or a `datetime` (a zone is left aside). A weekday
        is that of an ordinary week (2026-03-09), without a holiday near.

    Returns
    -------
    DataFrame
        A row a cutoff: ``cutoff_min``, ``open`` and ``unknown`` stations, and ``street_km``, ``street_share``,
        ``people``, ``people_share`` (of those that are not unknown; None where none are given), each as ``_low``,
        stations of unknown hours closed, and ``_high``, open.

    Raises
    ------
    InputError
        If the moment cannot be read, or no used station states its hours.

    Examples
    --------
    >>> ws.at_moment(result, "Mon 22:00")[["cutoff_min", "open", "unknown"]].iloc[-1].tolist()
    [15.0, 3.0, 1.0]
    """
    moment = read_moment(when)
    return pd.DataFrame(result.timetable.rows(moment.when))


def week(result: Coverage, start: str | date | None = None) -> pd.DataFrame:
    """Tell what is covered at each full hour of a week, at the largest cutoff.

    Parameters
    ----------
    result
        What `analyze` returned.
    start
        Any day of the week meant; by default an ordinary week (2026-03-09), without a holiday near.

    Returns
    -------
    DataFrame
        168 rows: ``weekday`` (0 is Monday), ``hour``, ``date``, and the columns of `at_moment`.

    Raises
    ------
    InputError
        If the day cannot be read, or no used station states its hours.

    Examples
    --------
    >>> hours = ws.week(result)
    >>> len(hours), hours.loc[hours["people_share_low"].idxmin(), "hour"]
    (168, ...)
    """
    monday = read_week(start)
    return result.timetable.week.copy() if monday == ORDINARY_WEEK else result.timetable.hourly(_days(monday))


def day_and_night(result: Coverage) -> pd.DataFrame:
    """Set day against night, on workdays, weekends and public holidays, at the largest cutoff.

    Parameters
    ----------
    result
        What `analyze` returned.

    Returns
    -------
    DataFrame
        ``days`` (workday, weekend, holiday: of China, 2026-10-02; left out in other countries), ``part`` (``night``
        is 22:00 to 06:00), ``hours`` (full hours told), ``open_least`` and ``open_most`` (stations open for certain
        at the quietest, and open or of unknown hours at the busiest hour), and the means over the hours of
        ``street_share`` and ``people_share``, as ``_low`` and ``_high``.

    Raises
    ------
    InputError
        If no used station states its hours.

    Examples
    --------
    >>> ws.day_and_night(result)[["days", "part", "open_least"]].head(2).values.tolist()
    [['workday', 'day', 4], ['workday', 'night', 2]]
    """
    return result.timetable.day_and_night.copy()
