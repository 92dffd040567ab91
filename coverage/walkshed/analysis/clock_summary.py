"""What ``summary.json`` says of the clock and of a norm, beside the figures that every result has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.analysis.judge import judge

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def clock_and_norm(result: Coverage) -> dict[str, Any]:
    """Gather ``clock``, where hours are stated, and ``norm``, where the walk follows one."""
    told: dict[str, Any] = {}
    if result.has_hours:
        told["clock"] = clock_summary(result)
    if result.walk.follows is not None:
        targets = judge(result, result.walk.follows).to_dict("records")
        told["norm"] = {"id": result.walk.follows, "targets": targets}
    return told


def clock_summary(result: Coverage) -> dict[str, Any]:
    """Gather what is told by the clock; an InputError where no used station states its hours."""
    clock, gaps, longer = result.timetable, result.night_gaps, result.longer_hours
    totals = {name: _total(gaps[name]) for name in ("street_km_low", "street_km_high", "people_low", "people_high")}
    return {
        "cutoff_min": result.walk.largest,
        "hours_unknown": [
            station
            for station, hours in zip(clock.stations["station_id"], clock.doors.hours, strict=True)
            if hours is None
        ],
        "week": clock.week.to_dict("records"),
        "day_and_night": clock.day_and_night.to_dict("records"),
        "darkest": {"at": str(clock.darkest)} | clock.rows(clock.darkest.when)[-1],
        "night_gaps": {"count": len(gaps)} | totals,
        "longer_hours": longer.to_dict("records"),
    }


def _total(column: pd.Series) -> float | None:
    return None if column.isna().any() else float(column.sum())
