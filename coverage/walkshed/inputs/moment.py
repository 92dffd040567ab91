"""Moments as people name them: ``Mon 22:00``, 周一 22:00, ``2026-10-02 22:00`` -> a time on the wall.

A weekday stands for that of one ordinary week, so that the same question has the same answer every day.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from walkshed.errors import InputError
from walkshed.inputs.clock import minute_of
from walkshed.phrases import Phrase

ORDINARY_WEEK = date(2026, 3, 9)
"""The Monday of a week that no public holiday of China, and no weekend worked for one, lies near."""

ORDINARY_HOLIDAY = date(2026, 10, 2)
"""A public holiday of China that the law fixes, on a Friday, the second of its row."""

_DAYS = {
    day: number
    for number, names in enumerate(
        (
            "mo mon monday 周一 星期一 礼拜一",
            "tu tue tues tuesday 周二 星期二 礼拜二",
            "we wed wednesday 周三 星期三 礼拜三",
            "th thu thur thurs thursday 周四 星期四 礼拜四",
            "fr fri friday 周五 星期五 礼拜五",
            "sa sat saturday 周六 星期六 礼拜六",
            "su sun sunday 周日 周天 星期日 星期天 礼拜日 礼拜天",
        )
    )
    for day in names.split()
}
_HOLIDAY = ("holiday", "ph", "法定节假日", "节假日", "假日")
_NAMED = re.compile(rf"({'|'.join(sorted((*_DAYS, *_HOLIDAY), key=len, reverse=True))})[\s,]*(.+)")


@dataclass(frozen=True)
class Moment:
    """A time on the wall, and how it was named.

    Attributes
    ----------
    when
        Date and time, without a zone.
    kind
        ``weekday`` of the ordinary week, ``holiday`` (the ordinary one), or ``date``.
    """

    when: datetime
    kind: str = "date"

    def __str__(self) -> str:
        """Write it so that `read_moment` reads it again."""
        if self.kind == "date":
            return f"{self.when:%Y-%m-%d %H:%M}"
        day = "holiday" if self.kind == "holiday" else DAY_NAMES[self.when.weekday()]
        return f"{day} {self.when:%H:%M}"


DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def read_moment(said: str | datetime | Moment) -> Moment:
    """Read a moment.

    Parameters
    ----------
    said
        Weekday and time in English or Chinese, ``holiday`` (节假日) and time, or date and time.

    Returns
    -------
    Moment

    Raises
    ------
    InputError
        If it cannot be read.

    Examples
    --------
    >>> [str(read_moment(s)) for s in ("Mon 22:00", "周日晚上10点半", "holiday 9:00", "2026-10-02T22:00")]
    ['Mon 22:00', 'Sun 22:30', 'holiday 09:00', '2026-10-02 22:00']
    """
    if isinstance(said, Moment):
        return said
    if isinstance(said, datetime):
        return Moment(said.replace(tzinfo=None))
    line = " ".join(unicodedata.normalize("NFKC", str(said)).split()) if len(str(said)) <= 100 else ""
    moment = _named(line) or _dated(line)
    if moment is None:
        shown = str(said) if len(str(said)) <= 100 else f"{str(said)[:100]}…"
        raise InputError(Phrase("moment.unread", found=shown))
    return moment


def read_week(said: str | date | None) -> date:
    """Tell the Monday of a week, named by any of its days; None is the ordinary week.

    Raises
    ------
    InputError
        If it is no date.

    Examples
    --------
    >>> read_week("2026-10-02")
    datetime.date(2026, 9, 28)
    """
    if said is None:
        return ORDINARY_WEEK
    try:
        day = said if isinstance(said, date) else date.fromisoformat(said.strip())
        return day - timedelta(days=day.weekday())
    except (ValueError, OverflowError):
        raise InputError(Phrase("moment.no_week", found=str(said)[:100])) from None


def _named(line: str) -> Moment | None:
    found = _NAMED.fullmatch(line.lower())
    if found is None:
        return None
    minute = minute_of(found[2].strip())
    if minute is None:
        return None
    holiday = found[1] in _HOLIDAY
    day = ORDINARY_HOLIDAY if holiday else ORDINARY_WEEK + timedelta(days=_DAYS[found[1]])
    when = datetime.combine(day, time()) + timedelta(minutes=minute)
    return Moment(when, "holiday" if holiday else "weekday")


def _dated(line: str) -> Moment | None:
    """Read a date and a time: a date alone says no time, so that it is none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", line):
        return None
    try:
        return Moment(datetime.fromisoformat(line).replace(tzinfo=None))
    except ValueError:
        return None
