"""The clock on the terminal: what ``walkshed hours`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.analysis.clock import at_moment, week
from walkshed.analysis.clock_summary import clock_summary
from walkshed.inputs.moment import Moment
from walkshed.output.clock import LISTED, heat_chart, moment_text
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
    """Lay out headings and tables: the moment asked for; or day and night, the week, whose longer hours gain most."""
    words = Words(lang)
    if at is not None:
        yield moment_text(at, words), _rows(at_moment(result, at))
        return
    yield words("clock.days_caption"), _rows(result.timetable.day_and_night)
    chart = heat_chart(week(result, start), words)
    texts = [cell["text"] for cell in chart["cells"]]
    kind = "street" if result.heads is None else "people"
    yield (
        words(f"clock.heat_{kind}", cutoff=f"{result.walk.largest:g}"),
        [
            {words("clock.col_hour"): hour["text"]}
            | {day["text"]: texts[24 * d + h] for d, day in enumerate(chart["days"])}
            for h, hour in enumerate(chart["hours"])
        ],
    )
    darkest = moment_text(result.timetable.darkest, words)
    yield f"{words('clock.longer_title')} ({darkest})", _rows(result.longer_hours.head(LISTED))


def _rows(frame: pd.DataFrame) -> Rows:
    plain = frame.dropna(axis="columns", how="all").to_dict("records")
    return [{str(k): round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in plain]
