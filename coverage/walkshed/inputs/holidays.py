"""Which days are public holidays in China: certainly, certainly not, or not to be known beforehand.

The State Council's Measures for Public Holidays (全国年节及纪念日放假办法, as revised by Decree 795, in force
since 2025-01-01) fix thirteen days. Each autumn a notice joins days before and after them to longer
holidays, so that near a fixed day nobody can tell from the calendar alone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

from opening_hours import OpeningHours

NEAR = timedelta(days=7)
"""The notices of 2008-2026 have joined no day farther than this from a fixed one."""

_DAY = timedelta(days=1)


def is_holiday(day: date) -> bool | None:
    """Tell whether `day` is a public holiday in mainland China.

    Parameters
    ----------
    day
        Years from 2001 to 2050: the lunar festivals of others are not known.

    Returns
    -------
    bool or None
        None where a notice may make it one: within a week of a fixed day; and in other years.

    Examples
    --------
    >>> [is_holiday(date(2025, m, d)) for m, d in ((1, 28), (4, 4), (10, 2), (10, 8), (7, 1))]
    [True, True, True, None, False]
    """
    if not 2001 <= day.year <= 2050:
        return None
    fixed = fixed_days(day.year)
    if day in fixed:
        return True
    beside = fixed | {date(day.year + 1, 1, 1)}
    return None if any(abs(day - other) <= NEAR for other in beside) else False


@cache
def fixed_days(year: int) -> frozenset[date]:
    """List the days that the Measures fix: New Year's Day, four of the Spring Festival, Tomb-Sweeping Day ...

    Parameters
    ----------
    year
        2001 to 2050.
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
