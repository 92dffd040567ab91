"""Which days are public holidays in China, and which weekends are worked: certainly, or not to be known beforehand.

The State Council's Measures for Public Holidays (全国年节及纪念日放假办法, as revised by Decree 795, in force
since 2025-01-01) fix thirteen days. Each autumn a notice joins days before and after them to longer
holidays, and makes weekends workdays for them (调休). The notices of past years and of this one are those that
chinesecalendar restates; beyond them nobody can tell from the calendar alone what lies near a fixed day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

from chinese_calendar import holidays as joined
from chinese_calendar import workdays as worked
from opening_hours import OpeningHours

NEAR = timedelta(days=7)
"""The notices of 2008-2026 have joined no day farther than this from a fixed one."""

WORKED_NEAR = timedelta(days=11)
"""Nor made a weekend farther than this from one a workday."""

KNOWN_YEARS = range(2004, 2044)
"""From 2044 on the lunar dates of opening-hours-py put a festival of a year with a leap month a month early."""

_DAY = timedelta(days=1)
_NOTICED_YEARS = range(min(joined).year, max(joined).year + 1)


def is_holiday(day: date) -> bool | None:
    """Tell whether `day` is a public holiday in mainland China.

    Parameters
    ----------
    day
        Years from 2004 to 2043: the festivals of others are not known.

    Returns
    -------
    bool or None
        None where a notice that is not known may make it one: within a week of a fixed day; in other years; and
        of a weekend that a holiday only adjoins (与周末连休), which a door may take for part of it or not.

    Examples
    --------
    >>> [is_holiday(date(2025, m, d)) for m, d in ((1, 28), (4, 4), (10, 2), (10, 8), (7, 1))]
    [True, True, True, True, False]
    >>> [is_holiday(date(2040, m, d)) for m, d in ((10, 2), (10, 8), (7, 1))]
    [True, None, False]
    """
    if is_noticed(day):
        return None if _adjoins(day) else day in joined
    if day.year not in KNOWN_YEARS:
        return None
    if day in fixed_days(day.year):
        return True
    return None if _lies_near(day, NEAR) else False


def may_be_worked(day: date) -> bool:
    """Tell whether `day` is a weekend that a notice makes a workday, or may make one.

    Examples
    --------
    >>> [may_be_worked(d) for d in (date(2025, 10, 11), date(2025, 10, 18), date(2040, 10, 13), date(2040, 7, 14))]
    [True, False, True, False]
    """
    if day.weekday() < 5:
        return False
    if is_noticed(day):
        return day in worked
    return day.year not in KNOWN_YEARS or _lies_near(day, WORKED_NEAR)


def is_noticed(day: date) -> bool:
    """Tell whether the notices that can be about `day` are known: that of the next year may reach back."""
    last = day + WORKED_NEAR
    return day.year in _NOTICED_YEARS and last.year in _NOTICED_YEARS


def _adjoins(day: date) -> bool:
    """Tell a free weekend day that no notice lists, beside a holiday."""
    if day in joined or day in worked or day.weekday() < 5:
        return False
    saturday = day - (day.weekday() - 5) * _DAY
    return any(saturday + n * _DAY in joined for n in (-1, 0, 1, 2))


def _lies_near(day: date, limit: timedelta) -> bool:
    beside = fixed_days(day.year) | {date(day.year + 1, 1, 1)}
    return any(abs(day - other) <= limit for other in beside)


@cache
def fixed_days(year: int) -> frozenset[date]:
    """List the days that the Measures fix: New Year's Day, four of the Spring Festival, Tomb-Sweeping Day ...

    Parameters
    ----------
    year
        One of `KNOWN_YEARS`.
    """
    calendar = OpeningHours("PH", country="CN")
    year_days = [date(year, 1, 1) + i * _DAY for i in range(366)]
    festivals = {d for d in year_days if d.year == year and calendar.is_open(datetime.combine(d, time(12)))}
    spring = next(d for d in sorted(festivals) if date(year, 1, 20) < d < date(year, 2, 22))
    festivals |= {spring - _DAY, spring + _DAY, spring + 2 * _DAY}
    festivals |= {date(year, 5, 2), date(year, 10, 2), date(year, 10, 3), tomb_sweeping(year)}
    return frozenset(festivals)


def tomb_sweeping(year: int) -> date:
    """Say when the sun reaches 15° of longitude, in the years 2001 to 2099 in China.

    The calendar rule (寿星公式): day = floor(0.2422 y + 4.81) - floor(y / 4), y the last two digits.

    Examples
    --------
    >>> [tomb_sweeping(y).day for y in (2023, 2024, 2025, 2026)]
    [5, 4, 4, 5]
    """
    y = year % 100
    return date(year, 4, int(0.2422 * y + 4.81) - y // 4)
