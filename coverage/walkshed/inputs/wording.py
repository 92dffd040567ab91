"""Opening hours in Chinese -> OpenStreetMap's ``opening_hours``, by a small grammar.

A text is read as a row of tokens: months, days, spans of the day, words for closed. A token that is
not known makes the whole text unread: a place whose hours are half understood must not count as open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from walkshed.inputs.clock import SPAN, span_of

DAYS: dict[str, tuple[str, ...]] = {
    "": ("每天", "每日", "天天", "全年无休", "全年", "无休", "365天"),
    "Mo-Fr": ("工作日",),
    "Sa,Su": ("周末", "双休日"),
    "PH": ("国家法定节假日", "法定节假日", "法定假日", "节假日", "公共假期", "假日"),
}
"""Days -> the words for them. 工作日 leaves out public holidays; 节假日 is read as public holidays."""

ALL_DAY = ("全天24小时", "全天候", "全天", "24小时", "24h", "昼夜", "7x24小时", "7x24")
"""Words for open around the clock."""

OFF = ("休息", "休馆", "闭馆", "关闭", "关门", "歇业", "停业", "放假", "不开放", "不营业", "不服务", "不对外开放", "休")
"""Words for closed, after the days they are said of."""

EXCEPT = ("除外", "以外", "之外", "外")
"""Words for closed that take in the days just before them, no others."""

HOLIDAYS_TOO = ("照常", "正常", "不休", "无休")
"""Words after 节假日 for open at the same hours."""

SEASONS = ("夏季", "冬季", "春季", "秋季", "夏令时", "冬令时", "夏时制", "冬时制", "夏令", "冬令", "夏天", "冬天")
"""Seasons count only with their months: 夏季（6月-9月）."""

FILLERS = (
    *("开放时间", "营业时间", "服务时间", "办公时间", "工作时间", "开放时段", "时间", "时段", "免费", "对外"),
    *("开放", "营业", "服务", "运营", "上班", "正常", "每年", "均", "为", "的"),
)
"""Words that change nothing."""

_WEEK = {day: i for i, days in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")) for day in days}
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NUMERALS = {n: str(i) for i, n in enumerate("零一二三四五六七八九十")} | {"两": "2", "十一": "11", "十二": "12"}
_HOLIDAY = "|".join(DAYS["PH"])


def _any(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_D = "(?:周|星期|礼拜)"
_ONE = r"(?:[一二三四五六日天]|[1-7](?![\d:点时]))"
_MONTH_RANGE = (
    rf"(?:(?:{_any(SEASONS)})(?:时间)?(?P<bracket>\()?)?(?P<a>\d\d?)(?:月(?:(?P<ad>\d\d?)[日号])?)?-"
    r"(?:次年|翌年|第二年)?(?P<b>\d\d?)月(?:(?P<bd>\d\d?)[日号]|底)?(?(bracket)\))"
)
_TOKENS = (
    ("same", re.compile(rf"(?:{_HOLIDAY})(?:{_any(HOLIDAYS_TOO)})(?:开放|营业|服务|上班)?")),
    ("trailing", re.compile(rf"\({_MONTH_RANGE}\)(?=[ ,;、]|$)")),
    ("months", re.compile(_MONTH_RANGE)),
    ("allday", re.compile(_any(ALL_DAY))),
    ("week", re.compile(rf"{_D}(?P<a>{_ONE})-{_D}?(?P<b>{_ONE})")),
    ("list", re.compile(rf"{_D}(?P<days>{_ONE}(?:[、和及]?{_ONE})*)")),
    ("days", re.compile("|".join(_any(w) for w in DAYS.values()))),
    ("span", SPAN),
    ("but", re.compile("除了?")),
    ("except", re.compile(_any(EXCEPT))),
    ("off", re.compile(_any(OFF))),
    ("filler", re.compile(_any(FILLERS))),
    ("open", re.compile(r"\(")),
    ("shut", re.compile(r"\)")),
    ("join", re.compile("以及|[、和及与]")),
    ("comma", re.compile(" ?, ?")),
    ("break", re.compile("[ ;:。.|/]+")),
)


@dataclass
class _Clause:
    """Days, and the spans when they are open."""

    months: str
    days: list[str]
    spans: list[str] = field(default_factory=list)
    ended: bool = False


def translate(text: str) -> str | None:
    """Say opening hours in OpenStreetMap's syntax.

    Parameters
    ----------
    text
        What stands in a cell, full-width or not.

    Returns
    -------
    str or None
        None where any part of it cannot be read, or can be read in two ways.

    Examples
    --------
    >>> translate("周一至周五 8:00-18:00（节假日除外）")
    'Mo-Fr 08:00-18:00; PH off'
    >>> translate("工作日 上午8时至12时，下午2时至6时；周末休息")
    'Mo-Fr 08:00-12:00,14:00-18:00; Sa,Su off; PH off'
    >>> translate("全天"), translate("８：００－次日２：００"), translate("电话预约")
    ('24/7', '08:00-26:00', None)
    """
    reader = _Reader()
    for kind, found in _tokens(_plain(text)):
        if not reader.take(kind, found):
            return None
    return reader.said()


def _plain(text: str) -> str:
    """Bring to half width, one kind of dash, and figures for the numerals of hours."""
    line = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    line = re.sub("[*×]", "x", line)
    line = re.sub(r" ?(?:[-‐-―−~〜]|至|到)+ ?", "-", line)
    line = re.sub(r" ?: ?", ":", line)
    return re.sub("(十[一二]?|[零一二两三四五六七八九])(?=[点时])", lambda m: _NUMERALS[m[1]], line)


def _tokens(line: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Part into tokens; what is none of them is handed out as "unknown"."""
    at = 0
    while at < len(line):
        kind, found = next(((k, m) for k, p in _TOKENS if (m := p.match(line, at)) and m.end() > at), ("unknown", None))
        yield kind, found
        at = found.end() if found else len(line)


class _Reader:
    """What was read so far; `take` says False at what cannot be."""

    def __init__(self) -> None:
        self.clauses: list[_Clause] = []
        self.off: list[str] = []
        self.months = ""
        self.groups: list[tuple[str, list[str]]] = []  # how it is tied to the one before, its days
        self.tie = "break"
        self.kept: tuple[list[tuple[str, list[str]]], str] | None = None  # days and months before a bracket
        self.but = self.same = self.workdays = False

    def take(self, kind: str, found: re.Match[str] | None) -> bool:
        """Read one token."""
        if found is None:
            return False
        if kind in {"join", "comma", "break"}:
            self.tie = kind
            return True
        done = bool(getattr(self, f"_{kind}")(found))
        if kind != "filler":
            self.tie = "touch"
        return done

    def _filler(self, found: re.Match[str]) -> bool:
        return True

    def _but(self, found: re.Match[str]) -> bool:
        self.tie = "break"
        self.but, again = True, self.but
        return not again

    def _same(self, found: re.Match[str]) -> bool:
        self.same = True
        return True

    def _open(self, found: re.Match[str]) -> bool:
        nested = self.kept is not None
        self.kept = list(self.groups), self.months
        return not nested

    def _shut(self, found: re.Match[str]) -> bool:
        if self.kept is None:
            return False
        self.months, self.kept = self.kept[1], None
        return True

    def _trailing(self, found: re.Match[str]) -> bool:
        """Read months in brackets: of the hours before, 8:00-18:00（6月-9月）, if those are of none yet."""
        said = _month_range(found)
        if said and self.clauses and not self.clauses[-1].ended and not self.clauses[-1].months and not self.groups:
            self.clauses[-1].months, self.clauses[-1].ended = said, True
            return True
        return self._months(found)

    def _months(self, found: re.Match[str]) -> bool:
        said = _month_range(found)
        self.months = said or ""
        self._end_clause()
        return said is not None

    def _week(self, found: re.Match[str]) -> bool:
        first, last = _WEEK[found["a"]], _WEEK[found["b"]]
        return self._add([f"{_WEEKDAYS[first]}-{_WEEKDAYS[last]}"]) and first < last

    def _list(self, found: re.Match[str]) -> bool:
        return self._add([_WEEKDAYS[_WEEK[d]] for d in found["days"] if d in _WEEK])

    def _days(self, found: re.Match[str]) -> bool:
        self.workdays |= found[0] in DAYS["Mo-Fr"]
        return self._add([next(days for days, words in DAYS.items() if found[0] in words)])

    def _add(self, days: list[str]) -> bool:
        touching = self.tie == "touch" and "PH" not in days
        if self.groups and (self.tie == "join" or touching):
            self.groups[-1][1].extend(days)
        else:
            self.groups.append((self.tie, days))
        return True

    def _allday(self, found: re.Match[str]) -> bool:
        return self._open_for("00:00-24:00")

    def _span(self, found: re.Match[str]) -> bool:
        span = span_of(found)
        return span is not None and self._open_for(span)

    def _open_for(self, span: str) -> bool:
        current = self.clauses[-1] if self.clauses and not self.clauses[-1].ended else None
        if self.groups or current is None:
            if not self.groups and any(c.days for c in self.clauses if c.months == self.months):
                return False  # after days were named, hours without days may be of any
            current = _Clause(self.months, [d for _, days in self.groups for d in days])
            self.clauses.append(current)
            self.groups = []
        current.spans.append(span)
        return not self.but

    def _off(self, found: re.Match[str]) -> bool:
        """Close the days just named, all of which must be of one row: 周六、周日休息."""
        named = self.groups[len(self.kept[0]) if self.kept else 0 :]
        if not named or any(tie == "break" for tie, _ in named[1:]):
            return False
        return self._close(len(named))

    def _except(self, found: re.Match[str]) -> bool:
        self.but = False
        return bool(self.groups) and self._close(1)

    def _close(self, count: int) -> bool:
        closed = [d for _, days in self.groups[-count:] for d in days]
        self.off.append(",".join(dict.fromkeys(closed)))
        self.groups = self.groups[:-count]
        if self.kept is None:
            self._end_clause()
        return "" not in closed

    def _end_clause(self) -> None:
        if self.clauses:
            self.clauses[-1].ended = True

    def said(self) -> str | None:
        """Write all that was read; None where something was left hanging."""
        if self.groups and len(self.clauses) == 1 and not self.clauses[0].days:
            self.clauses[0].days = [d for _, days in self.groups for d in days]  # 8:00-18:00 周一至周五
            self.groups = []
        if self.groups or self.but or self.kept is not None or not self.clauses:
            return None
        if self.same and (len(self.clauses) > 1 or "PH" in self.off):
            return None
        return "; ".join([*map(_rule, self.clauses), *self._closings()]).replace("00:00-24:00", "24/7", self._is_24_7())

    def _is_24_7(self) -> int:
        only = len(self.clauses) == 1 and not self.off and not self.same
        return int(only and _rule(self.clauses[0]) == "00:00-24:00")

    def _closings(self) -> list[str]:
        closings = [f"{days} off" for days in self.off]
        if self.same:
            return [*closings, f"PH {','.join(self.clauses[0].spans)}"]
        named = {d for c in self.clauses for d in c.days} | {d for days in self.off for d in days.split(",")}
        return closings + (["PH off"] if self.workdays and "PH" not in named else [])


def _rule(clause: _Clause) -> str:
    days = "" if "" in clause.days else ",".join(dict.fromkeys(clause.days))
    return " ".join(filter(None, (clause.months, days, ",".join(clause.spans))))


def _month_range(found: re.Match[str]) -> str | None:
    """Say 6月-9月 and 6月1日-9月30日; None where there is no such month or day."""
    ends = [(int(found[m]), found[f"{m}d"]) for m in "ab"]
    if any(not 1 <= m <= 12 or (d and not 1 <= int(d) <= _MONTH_DAYS[m - 1]) for m, d in ends):
        return None
    said = [_MONTHS[m - 1] + (f" {int(d)}" if d else "") for m, d in ends]
    if any(bool(a[1]) != bool(b[1]) for a, b in pairwise(ends)):
        return None
    return "-".join(said)
