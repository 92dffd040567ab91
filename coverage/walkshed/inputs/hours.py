"""Opening hours: OpenStreetMap's syntax or Chinese wording -> open, closed or unknown at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from itertools import product

from opening_hours import OpeningHours, ParserError, State, UnknownCountryError

from walkshed.errors import InputError
from walkshed.inputs.holidays import is_holiday, may_be_worked
from walkshed.inputs.wording import translate
from walkshed.phrases import Phrase

MAX_CHARACTERS = 255
"""OpenStreetMap's own limit for a value."""

_LETTERS = re.compile("[A-Za-z]|24/7")
_HOLIDAYS = re.compile(r'"[^"]*"|\b[PS]H\b')
_SUN = re.compile("sunrise|sunset|dawn|dusk")
_CERTAIN = re.compile(rf"\d|off|closed|{_SUN.pattern}")
_OPEN_END = re.compile(r"\d\+")
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@dataclass(frozen=True)
class Hours:
    """When a place is open.

    Attributes
    ----------
    text
        In OpenStreetMap's syntax.
    """

    text: str

    def is_open(self, when: datetime, *, country: str = "CN", place: tuple[float, float] | None = None) -> bool | None:
        """Tell whether the place is open.

        Parameters
        ----------
        when
            The clock on the place's wall; a time zone is left aside.
        country
            ISO code: whose public holidays ``PH`` means. For China they are those of the yearly notices; in
            years of which none is known yet, those that the law fixes, and the days beside them are uncertain
            (`holidays.is_holiday`). A weekend that a notice makes a workday may follow either its own hours
            or those of a workday.
        place
            Longitude and latitude, for hours that follow the sun.

        Returns
        -------
        bool or None
            None where it cannot be told: where it hangs on a day that may be a holiday or a workday, on school
            holidays, on the sun over a place not named, on an open end (``08:00+``) or on a comment ("by appointment").

        Raises
        ------
        InputError
            If there is no such country.

        Examples
        --------
        >>> hours = Hours("Mo-Fr 08:00-18:00; PH off")
        >>> [hours.is_open(datetime(2025, 10, day, 9)) for day in (1, 8, 9, 11, 18)]
        [False, False, True, None, False]
        >>> [hours.is_open(datetime(2040, 10, day, 9)) for day in (1, 8, 17)]
        [False, None, True]
        """
        if _SUN.search(self.text) and place is None:
            return None
        wall = when.replace(tzinfo=None)
        times = [wall, *([_on_workday(wall)] if country == "CN" and may_be_worked(wall.date()) else [])]
        answers = {
            _answer(text, time, country, place) for time in times for text in _variants(self.text, time.date(), country)
        }
        return answers.pop() if len(answers) == 1 else None


def read_hours(text: str) -> Hours | None:
    """Read opening hours.

    Parameters
    ----------
    text
        OpenStreetMap's ``opening_hours``, or Chinese (`wording.translate`).

    Returns
    -------
    Hours or None
        None where it is blank, cannot be read throughout, or can be read in two ways: such a place's
        hours are unknown.

    Examples
    --------
    >>> read_hours("Mo-Fr 8:00-18:00; PH off"), read_hours("周一至周五 8:00-18:00")
    (Hours(text='Mo-Fr 08:00-18:00; PH closed'), Hours(text='Mo-Fr 08:00-18:00'))
    >>> read_hours("请电话联系") is None
    True
    """
    if len(text) > 4 * MAX_CHARACTERS:  # spaces may go, but nobody should wait for them
        return None
    line = " ".join(unicodedata.normalize("NFKC", text).split())
    if not line or len(line) > MAX_CHARACTERS:
        return None
    wanted = line if _LETTERS.search(line) and _CERTAIN.search(line) else None
    for candidate in (wanted, translate(line)):
        if candidate is not None and (parsed := _parsed(candidate, None, None)) is not None:
            said = str(parsed)
            # "Sa 00:00-24:00" is written "Sa", of which nobody could tell any more that hours were named.
            return Hours(said if all(map(_CERTAIN.search, said.split(";"))) else candidate)
    return None


def opening_hours(cells: Iterable[str]) -> list[str]:
    """Write each cell in OpenStreetMap's syntax, "" where it is blank or cannot be read."""
    listed = list(cells)
    known = {cell: read_hours(cell) for cell in set(listed)}
    return ["" if (hours := known[cell]) is None else hours.text for cell in listed]


@lru_cache(maxsize=4096)
def _parsed(text: str, country: str | None, place: tuple[float, float] | None) -> OpeningHours | None:
    coords = None if place is None else (place[1], place[0])
    try:
        return OpeningHours(text, country=country, coords=coords, auto_country=False)
    except ParserError:
        return None
    except UnknownCountryError as error:
        raise InputError(Phrase("moment.no_country", found=country)) from error


def _variants(text: str, day: date, country: str) -> Iterator[str]:
    """Put weekdays in the place of holidays, in every way that the calendar leaves open.

    Yesterday counts too: its hours may go on past midnight.
    """
    days = [day, day - timedelta(days=1)] if day > date.min else [day]
    words = {m[0] for m in _HOLIDAYS.finditer(text)} & ({"PH", "SH"} if country == "CN" else {"SH"})
    slots = [(word, d) for word in sorted(words) for d in days]
    choices = [(True, False) if w == "SH" or (sure := is_holiday(d)) is None else (sure,) for w, d in slots]
    for chosen in product(*choices):
        weekdays: dict[str, list[str]] = {}
        for (word, d), holiday in zip(slots, chosen, strict=True):
            if holiday:
                weekdays.setdefault(word, []).append(_WEEKDAYS[d.weekday()])
        # Where neither day is one the word stays: the parser, told of no country, knows no holiday.
        yield _HOLIDAYS.sub(partial(_weekdays, weekdays), text)


def _on_workday(when: datetime) -> datetime:
    """Move a time to the nearest plain workday that another goes before."""
    near = (when + timedelta(days=n) for n in sorted(range(-21, 22), key=abs))
    workdays = [d for d in near if 0 < d.weekday() < 5]
    return next((d for d in workdays if is_holiday(d.date()) is False), workdays[0])


def _weekdays(weekdays: dict[str, list[str]], found: re.Match[str]) -> str:
    return ",".join(weekdays.get(found[0], [found[0]]))


def _answer(text: str, when: datetime, country: str, place: tuple[float, float] | None) -> bool | None:
    parsed = _parsed(text, None if country == "CN" else country, place)
    if parsed is None:
        return None
    state, comment = parsed.state(when)
    if state == State.CLOSED:
        return False
    told = state == State.OPEN and not comment and not _OPEN_END.search(text)
    return True if told and not _outlives(parsed, text, when) else None


def _outlives(parsed: OpeningHours, text: str, when: datetime) -> bool:
    """Tell hours that go on after midnight though the day before was closed.

    The parser lets ``22:00-02:00; Fr off`` be open on Saturday at one.
    """
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    if "00:00-" in text or "24/7" in text or midnight <= datetime.min + timedelta(days=1):
        return False
    if not parsed.is_open(midnight) or parsed.is_open(midnight - timedelta(minutes=1)):
        return False
    change = parsed.next_change(midnight)
    return change is None or change > when
