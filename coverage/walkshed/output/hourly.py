"""The clock on the terminal: what ``walkshed hours`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from walkshed.analysis.clock import at_moment, week
from walkshed.analysis.clock_summary import clock_summary
from walkshed.inputs.moment import Moment
from walkshed.output.clock import LISTED, day_row, heat_chart, longer_row, moment_text, night_rows, share_row
from walkshed.output.export import finite
from walkshed.output.words import Words

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

Rows = list[dict[str, Any]]


def hours_json(result: Coverage, at: Moment | None, start: date | None) -> dict[str, Any]:
    """Gather ``clock`` of the summary, with the week asked for, and ``moment`` where one is."""
    told: dict[str, Any] = clock_summary(result) | {"week": week(result, start).to_dict("records")}
    if at is not None:
        told["moment"] = {"at": str(at), "coverage": at_moment(result, at).to_dict("records")}
    return finite(told)  # type: ignore[no-any-return]


def hours_tables(result: Coverage, at: Moment | None, start: date | None, lang: str) -> Iterator[tuple[str, Rows]]:
    """Lay out headings and tables: the moment asked for; or day and night, the week, the night's gaps, longer hours."""
    words, kind = Words(lang), "street" if result.heads is None else "people"
    if at is not None:
        rows = at_moment(result, at).to_dict("records")
        cutoffs = [{words("column.cutoff"): f"{row['cutoff_min']:g}"} for row in rows]
        shares = _headed((share_row(row, words) for row in rows), SHARES, kind, words)
        yield moment_text(at, words), [cutoff | share for cutoff, share in zip(cutoffs, shares, strict=True)]
        return
    days = (day_row(row, words) for row in result.timetable.day_and_night.to_dict("records"))
    yield words("clock.days_caption"), _headed(days, DAYS, kind, words)
    chart = heat_chart(week(result, start), words)
    texts = [cell["text"] for cell in chart["cells"]]
    yield (
        words(f"clock.heat_{kind}", cutoff=f"{result.walk.largest:g}"),
        [
            {words("clock.col_hour"): hour["text"]}
            | {day["text"]: texts[24 * d + h] for d, day in enumerate(chart["days"])}
            for h, hour in enumerate(chart["hours"])
        ],
    )
    darkest = moment_text(result.timetable.darkest, words)
    night = night_rows(result.night_gaps, words)
    none = "" if night else f": {words('clock.night_none')}"
    yield f"{words('clock.night_title')} ({darkest}){none}", _headed(night, NIGHT_GAPS, kind, words)
    longer = (longer_row(row, words) for row in result.longer_hours.head(LISTED).to_dict("records"))
    yield f"{words('clock.longer_title')} ({darkest})", _headed(longer, LONGER, kind, words)


SHARES = {"open": "clock.col_open", "people": "clock.col_people_share", "street": "clock.col_street_share"}
DAYS = {"moment": "clock.col_days"} | SHARES
NIGHT_GAPS = {
    "rank": "column.rank",
    "around": "clock.col_around",
    "people": "clock.col_people",
    "street": "clock.col_street_km",
    "minutes": "clock.col_walk_open",
    "station": "clock.col_nearest",
}
LONGER = {
    "name": "clock.col_station",
    "hours": "clock.col_hours",
    "state": "clock.col_state",
    "people": "clock.col_gain_people",
    "street": "clock.col_gain_street",
}
"""Columns of the tables, as the report words them: where a value comes from, and the phrase of its heading."""


def _headed(rows: Iterable[dict[str, str]], columns: dict[str, str], kind: str, words: Words) -> Rows:
    """Put headings over rows; that of people only where there are some."""
    told = {source: phrase for source, phrase in columns.items() if source != "people" or kind == "people"}
    return [{words(phrase): row[source] for source, phrase in told.items()} for row in rows]
