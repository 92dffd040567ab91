"""The report's picture of the map: inline SVG, small enough for a page, with real text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.network.surroundings import drawn_water
from walkshed.output.basemap import MAJOR, MINOR, PATH, PLACE_RANKS, street_width
from walkshed.output.colours import ramp
from walkshed.output.linework import Lines, joined, lines_of
from walkshed.output.sheet import WIDTH, Frame, frame_of, path_data, scale_bar, text_units
from walkshed.output.words import plain
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.reach.walk import Walk

STRIP = 150
"""Units below the picture for the scale and the north arrow, so that they never lie on the map."""
MAX_CHARACTERS = 1_100_000
CHARACTERS_A_POINT = 7
GAPS_NUMBERED = 20
PLACES_NAMED = 14
PIN = 70
"""Units that the head of a proposed site's pin stands above its place."""
MARK = 40
"""Units round a station or a number that a name keeps clear of."""

# Least class drawn and tolerance in units, tried in turn until the picture is small enough.
LEVELS = ((PATH, 2.0), (PATH, 5.0), (MINOR, 5.0), (MINOR, 9.0), (MAJOR, 9.0), (MAJOR, 20.0))
STROKES = {PATH: 4.0, MINOR: 6.5, MAJOR: 12.0}


class Group(NamedTuple):
    """Streets that are drawn alike."""

    kind: str
    width: int
    colour: str
    lines: Lines


def draw(result: Coverage, sites: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Prepare the picture for its template.

    Parameters
    ----------
    result
        What `analyze` returned.
    sites
        Proposed ones to mark, as `sites.listed_sites` makes them.

    Returns
    -------
    dict
        ``width``, ``height``; ``fills``, ``lines`` (dicts of ``d``, ``kind`` and, for lines,
        ``colour``, ``stroke``); ``stations``, ``gaps``, ``sites``, ``places`` (points with text); ``scale``; and
        ``thinned``: whether small streets are left out.
    """
    frame = frame_of(tuple(result.area.total_bounds))
    groups = street_groups(result.streets, result.walk)
    context, (lines, thinned) = context_lines(result, frame), street_lines(groups, frame, MAX_CHARACTERS)
    stations = _points(frame, result.stations[result.stations["status"] == "used"])
    numbered = result.gaps.head(GAPS_NUMBERED)
    gaps = _numbers(numbered["gap_id"], numbered["center_lon"], numbered["center_lat"], result.crs, frame)
    order, lon, lat = ([site[key] for site in sites] for key in ("order", "lon", "lat"))
    chosen = _numbers(order, lon, lat, result.crs, frame)
    return {
        "width": WIDTH,
        "height": frame.height,
        "fills": [*fills(result, frame, result.gaps)],
        "context": context,
        "lines": lines,
        "thinned": thinned,
        "area": frame.path(shapely.boundary(result.area.geometry.to_numpy()), 3.0),
        "stations": stations,
        "station_size": 26 if len(result.stations) <= 60 else 18 if len(result.stations) <= 400 else 11,
        "gaps": gaps,
        "sites": chosen,
        "places": _places(result, frame, [*gaps, *stations, *({**pin, "y": pin["y"] - PIN} for pin in chosen)]),
        "scale": scale_bar(frame.metres_per_unit),
        "strip": STRIP,
    }


def fills(result: Coverage, frame: Frame, gaps: gpd.GeoDataFrame) -> Iterator[dict[str, str]]:
    """Draw the ground: water, what is covered, and the gaps that are shown."""
    largest = result.covered["cutoff_min"] == result.walk.largest
    yield {"kind": "covered", "d": frame.path(_cut(result.covered.geometry[largest], frame), 3.0)}
    yield {"kind": "gap", "d": frame.path(_cut(gaps.geometry, frame), 3.0)}
    near = result.network.surroundings
    if near is not None and len(near.water):
        water = _seen(drawn_water(near).geometry.to_numpy(), frame)
        flat = shapely.get_dimensions(water) == 2
        large = shapely.area(water) > (12 * frame.metres_per_unit) ** 2
        yield {"kind": "water", "d": frame.path(water[flat & large], 4.0)}
        yield {"kind": "river", "d": frame.path(water[~flat], 4.0)}


def context_lines(result: Coverage, frame: Frame) -> list[dict[str, Any]]:
    """Railways, and the main streets beyond the area: where one is."""
    drawn, streets = [], result.network
    main = (street_width(pd.Series(streets.highways)) == MAJOR)[streets.edge_highway]
    main[result.streets["edge"].to_numpy()] = False
    if main.any():  # to make all lines takes longer than to draw these
        drawn.append({"kind": "outside", "d": frame.path(_seen(streets.lines[main], frame), 6.0)})
    near = result.network.surroundings
    if near is not None and len(near.rail):
        open_air = near.rail[~near.rail["tunnel"].astype(bool)]
        drawn.append({"kind": "rail", "d": frame.path(_seen(open_air.geometry.to_numpy(), frame), 6.0)})
    return [line for line in drawn if line["d"]]


def street_lines(groups: list[Group], frame: Frame, characters: int) -> tuple[list[dict[str, Any]], bool]:
    """Draw the stretches of each class and state, as finely as the picture's size allows.

    Parameters
    ----------
    groups
        From `street_groups`.
    frame
        What the picture shows.
    characters
        How long the paths may be in all.

    Returns
    -------
    lines, thinned
        Dicts of ``kind``, ``d``, ``colour`` and ``stroke``; whether small streets are left out.
    """
    for least, tolerance in LEVELS:
        drawn = [(group, frame.points(group.lines, tolerance)) for group in groups if group.width >= least]
        if sum(len(points.xy) for _, points in drawn) * CHARACTERS_A_POINT <= characters:
            break
    thick = min(max(math.sqrt(2.0 / frame.metres_per_unit), 0.4), 1.7)
    lines = [
        {
            "kind": group.kind,
            "d": path_data(*points),
            "colour": group.colour,
            "stroke": f"{STROKES[group.width] * thick:.1f}",
        }
        for group, points in drawn
        if len(points.xy)
    ]
    return lines, any(group.width < least and len(group.lines) for group in groups)


def street_groups(streets: gpd.GeoDataFrame, walk: Walk, gap: int | None = None) -> list[Group]:
    """One group a class and state, small streets below, those in gaps on top.

    Parameters
    ----------
    streets
        Stretches, as ``Coverage.streets``.
    walk
        Its cutoffs.
    gap
        The one gap that stands out; all of them, if none is named.
    """
    cutoffs = walk.cutoffs
    width, shapes = street_width(streets["highway"]), streets.geometry.to_numpy()
    gap_id = streets["gap_id"].to_numpy()
    shown = gap_id > 0 if gap is None else gap_id == gap
    cutoff = streets["cutoff_min"].to_numpy()
    states = [
        (f"c{i}", cutoff == c, colour) for i, (c, colour) in enumerate(zip(cutoffs, ramp(len(cutoffs)), strict=True))
    ]
    states = [*states[::-1], ("sliver", np.isnan(cutoff) & ~shown, ""), ("gap", shown, "")]
    return [
        Group(kind, each, colour, joined(lines_of(shapes[chosen & (width == each)])))
        for kind, chosen, colour in states
        for each in STROKES
    ]


def _seen(shapes: NDArray[np.object_], frame: Frame) -> NDArray[np.object_]:
    """Cut to the picture; a damaged polygon is left out of the picture, and only there."""
    west, south, east, north = frame.box.bounds
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    shapes = shapes[(low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)]
    parts: NDArray[np.object_] = shapely.get_parts(
        shapely.clip_by_rect(shapes[shapely.is_valid(shapes)], *frame.box.bounds)
    )
    return parts


def _cut(geometry: gpd.GeoSeries, frame: Frame) -> NDArray[np.object_]:
    """Cut to the picture; a polygon that touches itself is drawn whole, beyond the edge too."""
    shapes: NDArray[np.object_] = geometry.to_numpy()
    try:
        cut: NDArray[np.object_] = shapely.clip_by_rect(shapes, *frame.box.bounds)
    except shapely.errors.GEOSException:
        return shapes
    return cut


def _points(frame: Frame, points: gpd.GeoDataFrame) -> list[dict[str, int]]:
    return [{"x": int(x), "y": int(y)} for x, y in frame.units(shapely.get_coordinates(points.geometry.to_numpy()))]


def _numbers(
    rank: Iterable[int], lon: Iterable[float], lat: Iterable[float], crs: str, frame: Frame
) -> list[dict[str, int]]:
    """Place numbers at their places, the first last, on top."""
    places = gpd.GeoSeries.from_xy(list(lon), list(lat), crs=WGS84).to_crs(crs)
    spots = frame.units(shapely.get_coordinates(places.to_numpy()))
    return [{"rank": int(r), "x": int(x), "y": int(y)} for r, (x, y) in zip(rank, spots, strict=True)][::-1]


def _places(result: Coverage, frame: Frame, marks: list[dict[str, int]]) -> list[dict[str, Any]]:
    """Name the most important places, where there is room beside `marks` and other names."""
    near = result.network.surroundings
    if near is None or near.places.empty:
        return []
    named = near.places.assign(name=near.places["name"].map(plain))
    named = named[(named["name"] != "") & shapely.within(named.geometry.to_numpy(), frame.box)]
    order = named["place"].map({place: i for i, place in enumerate(PLACE_RANKS)}).fillna(len(PLACE_RANKS))
    named = named.iloc[np.argsort(order.to_numpy(), kind="stable")]
    spots = frame.units(shapely.get_coordinates(named.geometry.to_numpy()))
    taken = [shapely.Point(mark["x"], mark["y"]).buffer(MARK).envelope for mark in marks]
    chosen: list[dict[str, Any]] = []
    for name, (x, y) in zip(named["name"], spots.tolist(), strict=True):
        if len(chosen) == PLACES_NAMED:
            break
        boxes = [(y + dy, _text_box(name, x, y + dy)) for dy in (0, -85, 85)]
        free = [(at, box) for at, box in boxes if not shapely.intersects(box, taken).any() and _fits(box, frame)]
        if free:
            at, box = free[0]
            taken.append(box)
            chosen.append({"name": name, "x": x, "y": at})
    return chosen


def _text_box(name: str, x: float, y: float) -> shapely.Polygon:
    """Guess the room that a name takes: Chinese characters are as wide as high."""
    half = text_units(name) / 2
    return shapely.box(x - half, y - 55, x + half, y + 20)


def _fits(box: shapely.Polygon, frame: Frame) -> bool:
    west, top, east, bottom = box.bounds
    return bool(west > 20 and top > 20 and east < frame.width - 20 and bottom < frame.height - 20)
