"""The gaps' dossiers, as the report tells them: a small map, the cause in words, the best host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from walkshed.output.facts import kind_name
from walkshed.output.picture import context_lines, fills, street_groups, street_lines
from walkshed.output.sheet import Frame, frame_of, scale_bar
from walkshed.output.words import Words
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

DOSSIERS = 10
INSET_WIDTH = 1280
"""Units across: a third of the large map's, on a third of the page."""
INSET_RATIO = 0.78
INSET_CHARACTERS = 60_000
MARGIN = 0.06
SMALLEST_M = 500.0
"""A map of less ground than this shows nothing one could recognise."""


def dossiers(result: Coverage, rows: list[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Make the dossiers of the first gaps.

    Parameters
    ----------
    result
        What `analyze` returned.
    rows
        The listed gaps as plain values, by rank.
    words
        The language.

    Returns
    -------
    list of dict
        The row's values, and ``map``, ``cause_text``, ``host_text`` ("" where there is none).
    """
    return [
        row
        | {
            "map": inset(result, row),
            "cause_text": cause_text(
                row, words, result.walk.budget_m(result.walk.largest), then=result.moment is not None
            ),
            "host_text": host_text(row, words),
        }
        for row in rows[:DOSSIERS]
    ]


def cause_text(row: dict[str, Any], words: Words, budget_m: float, *, then: bool = False) -> str:
    """Say why a gap is one.

    Parameters
    ----------
    row
        The gap's values.
    words
        The language.
    budget_m
        The longest walk that counts, in metres.
    then
        Whether the result is of one moment.
    """
    cause = row["cause"]
    if cause == "closed_station":
        key = "cause_closed"
    elif cause == "distance":
        key = "cause_distance" if row["air_km"] * 1000 > budget_m else "cause_distance_near"
    elif cause == "no_station":
        key = "cause_none_open" if then else "cause_no_station"
    elif cause == "missing_streets":
        key = "cause_cut_off" if row["walk_km"] is None else "cause_thin"
    else:
        key = f"cause_barrier_{row['crosses']}" if row["crosses"] else "cause_barrier"
    return words(
        f"report.{key}",
        closed=row["closed_station"],
        closed_km=words.number(row["closed_km"], 2),
        air=words.number(row["air_km"], 2),
        walk=words.number(row["walk_km"], 2),
        ratio=words.number(row["detour"], 1),
        budget=words.number(budget_m),
        name=row["crosses_name"] or words("report.unnamed"),
    )


def host_text(row: dict[str, Any], words: Words) -> str:
    """Name the counter nearby that would serve the most of a gap; "" where there is none."""
    if row["host_kind"] is None:
        return ""
    return words(
        "report.host_street" if row["host_people"] is None else "report.host_people",
        host=row["host"] or words("report.unnamed"),
        kind=kind_name(row["host_kind"], words),
        km=words.number(row["host_km"], 1),
        share=words.share(min(row["host_km"] / row["street_km"], 1.0), 0),
        people=words.people(row["host_people"]),
    )


def inset(result: Coverage, row: dict[str, Any]) -> dict[str, Any]:
    """Draw a gap's streets, its centre, the nearest station by air, and the best host.

    Returns
    -------
    dict
        As `picture.draw` has it, and ``centre``, ``line`` to the nearest station by air, ``host``.
    """
    own = result.streets[result.streets["gap_id"] == row["gap_id"]]
    centre = _place(row["center_lon"], row["center_lat"], result.crs)
    used = result.stations[result.stations["status"] == "used"]
    station = used.geometry[used["station_id"] == row["air_station_id"]]
    marks = [centre, *shapely.get_coordinates(station.to_numpy())[:1]]
    host = [] if row["host_lon"] is None else [_place(row["host_lon"], row["host_lat"], result.crs)]
    frame = _frame(own, [*marks, *host])
    near = result.streets.iloc[np.sort(result.streets.sindex.query(frame.box))]
    lines, _ = street_lines(street_groups(near, result.walk, row["gap_id"]), frame, INSET_CHARACTERS)
    points = frame.units(np.array(marks)).tolist()
    return {
        "width": frame.width,
        "height": frame.height,
        "fills": [*fills(result, frame, result.gaps[result.gaps["gap_id"] == row["gap_id"]])],
        "context": context_lines(result, frame),
        "lines": lines,
        "stations": _seen_points(frame, shapely.get_coordinates(used.geometry.to_numpy())),
        "centre": points[0],
        "line": points[1] if len(points) > 1 else None,
        "host": frame.units(np.array(host)).tolist()[0] if host else None,
        "scale": scale_bar(frame.metres_per_unit, 2 * frame.width),
    }


def _place(lon: float, lat: float, crs: str) -> tuple[float, float]:
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=WGS84).to_crs(crs).iloc[0]
    return point.x, point.y


def _frame(own: gpd.GeoDataFrame, marks: list[Any]) -> Frame:
    boxes = np.array([[*mark, *mark] for mark in marks] + ([own.total_bounds] if len(own) else []))
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    more = max(MARGIN * max(east - west, north - south), (SMALLEST_M - max(east - west, north - south)) / 2)
    around = (west - more, south - more, east + more, north + more)
    return frame_of(around, width=INSET_WIDTH, flattest=INSET_RATIO, tallest=INSET_RATIO)


def _seen_points(frame: Frame, xy: np.ndarray[Any, Any]) -> list[dict[str, int]]:
    units = frame.units(xy)
    inside = ((units >= 0) & (units <= (frame.width, frame.height))).all(axis=1)
    return [{"x": x, "y": y} for x, y in units[inside].tolist()]
