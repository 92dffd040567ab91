"""The clock in words: its chapter of the report, and what a study of one moment says of itself."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.analysis.clock import NIGHT, at_moment
from walkshed.inputs.moment import ORDINARY_HOLIDAY, ORDINARY_WEEK, Moment, read_moment
from walkshed.output.colours import FAINT, HEAT
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

MORNING, EVENING = "Mon 10:00", "Mon 22:00"
LISTED = 10
WIDTH, LEFT, TOP, ROW = 560, 62, 26, 22
COLUMN = (WIDTH - LEFT) / 7


def clock_chapter(result: Coverage, words: Words) -> dict[str, Any] | None:
    """Gather what ``report_clock.html`` shows; None where no station states its hours."""
    if not result.has_hours:
        return None
    clock, has_people = result.timetable, result.heads is not None
    gaps, longer = result.night_gaps, result.longer_hours
    unknown = sum(hours is None for hours in clock.doors.hours)
    moments = [read_moment(said) for said in (MORNING, EVENING)]
    moments += [] if str(clock.darkest) in (MORNING, EVENING) else [clock.darkest]
    return {
        "lead": _lead(result, words),
        "unknown": ""
        if not unknown
        else words("clock.unknown_lead_one" if unknown == 1 else "clock.unknown_lead", count=words.number(unknown)),
        "moments": [_moment_row(result, moment, words) for moment in moments],
        "heat": heat_chart(clock.week, words),
        "caption": words("clock.heat_people" if has_people else "clock.heat_street", cutoff=f"{result.walk.largest:g}"),
        "heat_note": words("clock.heat_note", date=words.date(ORDINARY_WEEK.isoformat())),
        "days": [day_row(row, words) for row in clock.day_and_night.to_dict("records")],
        "days_note": words("clock.days_note", date=words.date(ORDINARY_HOLIDAY.isoformat()))
        if result.country == "CN"
        else words("clock.days_note_plain"),
        "darkest": moment_text(clock.darkest, words),
        "night": _night(gaps, words),
        "longer": [longer_row(row, words) for row in longer.head(LISTED).to_dict("records")],
        "longer_more": max(len(longer) - LISTED, 0),
    }


def moment_text(moment: Moment, words: Words) -> str:
    """Say a moment: ``Mon 22:00``, 周一 22:00."""
    at = f"{moment.when:%H:%M}"
    day = words(f"clock.day_{moment.when.weekday()}")
    if moment.kind == "holiday":
        return words("clock.on_holiday", time=at)
    if moment.kind == "date":
        return words("clock.on_date", date=words.date(moment.when.date().isoformat()), day=day, time=at)
    return words("clock.on_weekday", day=day, time=at)


def then_text(result: Coverage, words: Words) -> str:
    """Say which stations a study of one moment is of; "" where it is of none."""
    then = result.moment
    if then is None:
        return ""
    counts = {name: words.number(len(getattr(then, name))) for name in ("open", "closed", "unknown")}
    values = counts | {"at": moment_text(then.at, words), "cutoff": f"{result.walk.largest:g}"}
    if not then.unknown:
        return words("clock.then", **values)
    kind, last = _kind(then.rows[-1]), then.rows[-1]
    high, low = (words.share(last[f"{kind}_share_{which}"]) for which in ("high", "low"))
    share = words("clock.of_people" if kind == "people" else "clock.of_street", share=high)
    return words("clock.then_unknown", share=share, low=low, **values)


def span(low: float | None, high: float | None, words: Words, kind: str = "share", digits: int = 0) -> str:
    """Write a low and a high figure, or the one that both are.

    Parameters
    ----------
    low, high
        The two ends; None or NaN where there are none.
    words
        The language.
    kind
        ``share`` (of 0 to 1), or ``number``.
    digits
        After the point, of numbers.
    """
    ends = [words.share(x) if kind == "share" else words.number(x, digits) for x in (low, high)]
    return ends[0] if ends[0] == ends[1] else "–".join((ends[0].rstrip(" %"), ends[1]))


def _kind(row: dict[str, Any]) -> str:
    return "street" if row["people_share_low"] is None or pd.isna(row["people_share_low"]) else "people"


def _lead(result: Coverage, words: Words) -> str:
    values: dict[str, Any] = {}
    for name, said in (("morning", MORNING), ("evening", EVENING)):
        row = at_moment(result, said).to_dict("records")[-1]
        kind = _kind(row)
        share = span(row[f"{kind}_share_low"], row[f"{kind}_share_high"], words)
        then = "_then" if name == "evening" else ""
        values |= {
            name: moment_text(read_moment(said), words),
            f"{name}_open": words.number(row["open"]),
            f"{name}_share": words(f"clock.of_{kind}{then}", share=share),
        }
    stations = words.number(len(result.timetable.stations))
    return words("clock.lead", stations=stations, cutoff=f"{result.walk.largest:g}", **values)


def _moment_row(result: Coverage, moment: Moment, words: Words) -> dict[str, Any]:
    return {"moment": moment_text(moment, words)} | share_row(at_moment(result, moment).to_dict("records")[-1], words)


def share_row(row: dict[str, Any], words: Words) -> dict[str, str]:
    """Word what is open and covered at a moment, a row of `at_moment`: ``open``, ``people``, ``street``."""
    return {
        "open": span(row["open"], row["open"] + row["unknown"], words, "number"),
        "people": span(row["people_share_low"], row["people_share_high"], words),
        "street": span(row["street_share_low"], row["street_share_high"], words),
    }


def day_row(row: dict[str, Any], words: Words) -> dict[str, str]:
    """Word a row of `day_and_night`: ``moment``, and what is open and covered."""
    return {
        "moment": f"{words('clock.' + row['days'])} · {words('clock.' + row['part'])}",
        "open": span(row["open_least"], row["open_most"], words, "number"),
        "people": span(row["people_share_low"], row["people_share_high"], words),
        "street": span(row["street_share_low"], row["street_share_high"], words),
    }


def night_rows(gaps: pd.DataFrame, words: Words) -> list[dict[str, str]]:
    """Word the first rows of `night_gaps`: ``rank``, ``around``, ``people``, ``street``, ``minutes``, ``station``."""
    return [
        {
            "rank": str(row["gap_id"]),
            "around": words("report.comma").join(plain(name) for name in row["streets"].split(" / ") if name),
            "people": span(row["people_low"], row["people_high"], words, "number"),
            "street": span(row["street_km_low"], row["street_km_high"], words, "number", 1),
            "minutes": words.number(row["walk_min"]),
            "station": plain(row["station_name"]) or plain(row["station_id"]),
        }
        for row in gaps.head(LISTED).to_dict("records")
    ]


def _night(gaps: pd.DataFrame, words: Words) -> dict[str, Any]:
    people = ""
    if gaps["people_high"].notna().any():
        heads = span(gaps["people_low"].sum(), gaps["people_high"].sum(), words, "number")
        people = words("clock.night_total_people", people=heads)
    km = span(gaps["street_km_low"].sum(), gaps["street_km_high"].sum(), words, "number", 1)
    total = words("clock.night_total", count=words.number(len(gaps)), km=km, people=people)
    return {"rows": night_rows(gaps, words), "more": max(len(gaps) - LISTED, 0), "total": total}


def longer_row(row: dict[str, Any], words: Words) -> dict[str, str]:
    """Word a row of `longer_hours`: ``name``, ``hours``, ``state``, and what is gained."""
    return {
        "name": plain(row["name"]) or plain(row["station_id"]),
        "hours": plain(row["hours"]),
        "state": words(f"clock.{row['state']}"),
        "people": span(row["gain_people_low"], row["gain_people_high"], words, "number"),
        "street": span(row["gain_street_km_low"], row["gain_street_km_high"], words, "number", 1),
    }


def heat_chart(week: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Place the hours of a week: a column a day, a row an hour, so that each cell has room for its figures.

    Returns
    -------
    dict
        ``width``, ``height``, ``days`` and ``hours`` (place and text), ``cells`` (place, size, colour, text), and
        ``night`` (top and height of the rows of the night).
    """
    kind = _kind(week.iloc[0].to_dict())
    most = float(week[f"{kind}_share_high"].max()) or 1.0
    cells = [
        {
            "x": round(LEFT + row["weekday"] * COLUMN, 1),
            "y": TOP + row["hour"] * ROW,
            "middle": round(LEFT + (row["weekday"] + 0.5) * COLUMN, 1),
            "colour": _mixed(row[f"{kind}_share_low"] / most),
            "text": _percent(row[f"{kind}_share_low"], row[f"{kind}_share_high"]),
        }
        for row in week.to_dict("records")
    ]
    night = [[hour for _, hour in run] for _, run in groupby(enumerate(sorted(NIGHT)), lambda pair: pair[1] - pair[0])]
    return {
        "width": WIDTH,
        "height": TOP + 24 * ROW + 4,
        "column": round(COLUMN - 1.5, 1),
        "row": ROW - 1.5,
        "left": LEFT,
        "days": [{"at": round(LEFT + (d + 0.5) * COLUMN, 1), "text": words(f"clock.day_{d}")} for d in range(7)],
        "hours": [{"at": TOP + h * ROW + 16, "text": f"{h:02d}:00"} for h in range(24)],
        "cells": cells,
        "night": [{"y": TOP + run[0] * ROW - 1, "height": len(run) * ROW} for run in night],
    }


def _percent(low: float, high: float) -> str:
    """Write whole percents; what is not nothing is never 0, what is not all never 100."""
    ends = [f"{min(max(round(100 * x), 1 if x > 0 else 0), 100 if x >= 1 else 99)}" for x in (low, high)]
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


def _mixed(share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(FAINT, HEAT, strict=True))
