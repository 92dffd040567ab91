"""Spans of the day as Chinese lists write them: 上午8:00-下午5点半 -> ``08:00-17:30``.

Midnight passed is written on, as OpenStreetMap does: 晚10点至次日6点 is ``22:00-30:00``.
"""

from __future__ import annotations

import re

MORNING = ("凌晨", "清晨", "早晨", "早上", "上午", "早", "晨", "am")
NOON = ("中午", "正午")
AFTERNOON = ("下午", "午后", "傍晚", "pm")
NIGHT = ("晚上", "晚间", "夜间", "夜里", "深夜", "午夜", "晚", "夜")
NEXT_DAY = ("次日", "翌日", "第二天", "隔日", "隔天")
SAME_DAY = ("当日", "当天")

_DAY_MIN = 24 * 60
_PART = "|".join((*MORNING, *NOON, *AFTERNOON, *NIGHT))


def _moment(n: int) -> str:
    """Match one time of day, its groups numbered `n`."""
    minutes = rf"(?:[:.](?P<m{n}>\d\d)|(?P<u{n}>[点时])(?:(?P<n{n}>\d\d?)分?|(?P<half{n}>半)|整)?)?"
    return rf"(?P<p{n}>{_PART})?(?P<h{n}>\d\d?){minutes}(?P<s{n}>am|pm)?"


SPAN = re.compile(
    rf"{_moment(1)}(?P<to>-?)(?P<next>{'|'.join(NEXT_DAY)})?(?:{'|'.join(SAME_DAY)})?{_moment(2)}(?![\d月号])"
)
"""One span, where dashes, 至 and 到 are all written ``-`` and full-width characters half-width."""


_ONE = re.compile(_moment(1))


def minute_of(text: str) -> int | None:
    """Count the minutes from midnight to one time of day; None where it is none.

    Examples
    --------
    >>> [minute_of(s) for s in ("22:00", "晚上10点半", "10pm", "24:00", "22", "25:00")]
    [1320, 1350, 1320, None, None, None]
    """
    found = _ONE.fullmatch(text)
    if found is None or not any(found[f"{mark}1"] for mark in "pmsu"):
        return None
    minute = _minute(found, 1, found["p1"] or found["s1"])
    return None if minute is None or minute == _DAY_MIN else minute


def span_of(found: re.Match[str]) -> str | None:
    """Say a match of `SPAN` as OpenStreetMap writes it; None where it is no span, or may be either of two.

    Examples
    --------
    >>> [span_of(SPAN.fullmatch(s)) for s in ("8点-18点半", "早8点-晚10点", "下午2:00-6:00", "22:00-次日6:00")]
    ['08:00-18:30', '08:00-22:00', '14:00-18:00', '22:00-30:00']
    >>> span_of(SPAN.fullmatch("8:00-5:00")) is None  # until 17:00, or all night?
    True
    """
    part = found["p1"] or found["s1"], found["p2"] or found["s2"]
    if not (found["to"] or found["p2"]) or not _is_clock(found):
        return None
    start, end = _minute(found, 1, part[0]), _minute(found, 2, part[1])
    if start is None or end is None or start >= _DAY_MIN:
        return None
    end = _after(start, end, part, found["next"] is not None)
    if end is None:
        return None
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _is_clock(found: re.Match[str]) -> bool:
    """Tell 8-18点 from 8-18, which may be a date or a number of seats."""
    marks = (f"{mark}{n}" for mark in "pmsu" for n in (1, 2))
    return any(found[mark] for mark in marks)


def _minute(found: re.Match[str], n: int, part: str | None) -> int | None:
    """Count the minutes since midnight; those of the next day's small hours go on from 1,440."""
    hour = _hour(int(found[f"h{n}"]), part)
    minute = 30 if found[f"half{n}"] else int(found[f"m{n}"] or found[f"n{n}"] or 0)
    return None if hour is None or minute > 59 or (hour == 24 and minute) else 60 * hour + minute


def _hour(hour: int, part: str | None) -> int | None:
    if hour > 24:
        return None
    if part is None or hour > 12:
        return None if part in MORNING else hour
    if part in MORNING:
        return 0 if hour == 12 and part in {"凌晨", "am"} else hour
    if part in NOON:
        return hour if hour >= 11 else hour + 12 if hour in {1, 2} else None
    if part in AFTERNOON:
        return hour + 12 if hour < 12 else hour
    return hour + (24 if hour < 5 else 12)


def _after(start: int, end: int, part: tuple[str | None, str | None], next_day: bool) -> int | None:
    """Put the end after the start, where there is but one way to do so."""
    if next_day:
        end = end + _DAY_MIN if end < _DAY_MIN else end
    elif end == 0:
        end = _DAY_MIN
    elif part[1] is None and part[0] in AFTERNOON + NIGHT and end <= start < end + _DAY_MIN // 2:
        end += _DAY_MIN // 2
    elif end <= start and (start >= _DAY_MIN // 2 or part[1] == "凌晨"):
        end += _DAY_MIN
    return end if start < end <= start + _DAY_MIN else None
