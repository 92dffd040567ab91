"""The report's picture of the map: inline SVG, small enough for a page, with real text."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.output.basemap import MAJOR, MINOR, PATH, PLACE_RANKS, street_width
from walkshed.output.colours import ramp
from walkshed.output.words import plain
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage

WIDTH = 3600
"""Units across. On A4 (178 mm of text) one is 0.05 mm, so whole numbers draw finely enough."""
TALLEST, FLATTEST = 1.12, 0.5
MARGIN = 0.03
MAX_CHARACTERS = 1_100_000
CHARACTERS_A_POINT = 7
GAPS_NUMBERED = 20
PLACES_NAMED = 14
MARK = 40
"""Units round a station or a number that a name keeps clear of."""

# Least class drawn and tolerance in units, tried in turn until the picture is small enough.
LEVELS = ((PATH, 2.0), (PATH, 5.0), (MINOR, 5.0), (MINOR, 9.0), (MAJOR, 9.0), (MAJOR, 20.0))
STROKES = {PATH: 4.0, MINOR: 6.5, MAJOR: 12.0}


class Drawn(NamedTuple):
    """Points in units: (n, 2) places, and (n,) whether a line starts there."""

    xy: NDArray[np.int64]
    starts: NDArray[np.bool_]


class Group(NamedTuple):
    """Streets that are drawn alike."""

    kind: str
    width: int
    colour: str
    lines: NDArray[np.object_]


@dataclass(frozen=True)
class Frame:
    """From metres to the picture's units: x to the right, y down."""

    west: float
    north: float
    metres_per_unit: float
    height: int

    @cached_property
    def box(self) -> shapely.Polygon:
        """What the picture shows, in metres."""
        east = self.west + WIDTH * self.metres_per_unit
        return shapely.box(self.west, self.north - self.height * self.metres_per_unit, east, self.north)

    def units(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n, 2) metres -> (n, 2) whole units."""
        out = (xy - (self.west, self.north)) / (self.metres_per_unit, -self.metres_per_unit)
        return np.rint(out).astype(np.int64)

    def points(self, geometry: Any, tolerance: float) -> Drawn:
        """Generalise lines or the outlines of polygons to `tolerance` units and round them to whole ones."""
        flat = shapely.boundary(geometry) if (shapely.get_dimensions(geometry) == 2).any() else geometry
        # Fast, and allowed to touch itself: this is for the eye.
        simple = shapely.simplify(shapely.get_parts(flat), tolerance * self.metres_per_unit, preserve_topology=False)
        xy, line = shapely.get_coordinates(simple, return_index=True)
        return _without_standstill(self.units(xy), line)

    def path(self, geometry: Any, tolerance: float) -> str:
        """Write lines or the outlines of polygons as the data of an SVG path."""
        return path_data(*self.points(geometry, tolerance))


def frame_of(bounds: tuple[float, float, float, float]) -> Frame:
    """Fit the picture round `bounds` (metres)."""
    west, south, east, north = bounds
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    ratio = min(max(up / across, FLATTEST), TALLEST)
    across = max(across, up / ratio) * (1 + 2 * MARGIN)
    up = across * ratio
    middle, centre = (west + east) / 2, (south + north) / 2
    return Frame(middle - across / 2, centre + up / 2, across / WIDTH, round(WIDTH * ratio))


def draw(result: Coverage) -> dict[str, Any]:
    """Prepare the picture for its template.

    Parameters
    ----------
    result
        What `analyze` returned.

    Returns
    -------
    dict
        ``width``, ``height``; ``fills``, ``lines`` (dicts of ``d``, ``kind`` and, for lines,
        ``colour``, ``stroke``); ``stations``, ``gaps``, ``places`` (points with text); ``scale``; and
        ``thinned``: whether small streets are left out.
    """
    frame = frame_of(tuple(result.area.total_bounds))
    context, (lines, thinned) = _context(result, frame), _streets(result, frame)
    stations = _points(frame, result.stations[result.stations["status"] == "used"])
    gaps = _gap_numbers(result.gaps, frame)
    return {
        "width": WIDTH,
        "height": frame.height,
        "fills": [*_fills(result, frame)],
        "context": context,
        "lines": lines,
        "thinned": thinned,
        "area": frame.path(shapely.boundary(result.area.geometry.to_numpy()), 3.0),
        "stations": stations,
        "station_size": 26 if len(result.stations) <= 60 else 18 if len(result.stations) <= 400 else 11,
        "gaps": gaps,
        "places": _places(result, frame, [*gaps, *stations]),
        "scale": scale_bar(frame.metres_per_unit),
    }


def scale_bar(metres_per_unit: float) -> dict[str, float]:
    """Choose a round length that fills about a sixth of the width: ``km`` and ``units``."""
    target = WIDTH / 6 * metres_per_unit / 1000.0
    power = 10.0 ** math.floor(math.log10(target))
    km = max(step * power for step in (1, 2, 5) if step * power <= target)
    return {"km": km, "units": round(km * 1000.0 / metres_per_unit)}


def _fills(result: Coverage, frame: Frame) -> Iterator[dict[str, str]]:
    near = result.network.surroundings
    if near is not None and len(near.water):
        water = _seen(near.water.geometry, frame)
        flat = shapely.get_dimensions(water) == 2
        large = shapely.area(water) > (12 * frame.metres_per_unit) ** 2
        yield {"kind": "water", "d": frame.path(water[flat & large], 4.0)}
        yield {"kind": "river", "d": frame.path(water[~flat], 4.0)}
    largest = result.covered["cutoff_min"] == result.walk.largest
    yield {"kind": "covered", "d": frame.path(result.covered.geometry[largest].to_numpy(), 3.0)}
    yield {"kind": "gap", "d": frame.path(result.gaps.geometry.to_numpy(), 3.0)}


def _context(result: Coverage, frame: Frame) -> list[dict[str, Any]]:
    """Railways, and the main streets beyond the area: where one is."""
    drawn = []
    edges = result.network.to_frame()
    outside = ~np.isin(np.arange(len(edges)), result.streets["edge"].to_numpy())
    main = edges[outside & (street_width(edges["highway"]) == MAJOR)]
    drawn.append({"kind": "outside", "d": frame.path(_seen(main.geometry, frame), 6.0)})
    near = result.network.surroundings
    if near is not None and len(near.rail):
        open_air = near.rail[~near.rail["tunnel"].astype(bool)]
        drawn.append({"kind": "rail", "d": frame.path(_seen(open_air.geometry, frame), 6.0)})
    return [line for line in drawn if line["d"]]


def _streets(result: Coverage, frame: Frame) -> tuple[list[dict[str, Any]], bool]:
    """Draw the stretches of each class and state, as finely as the picture's size allows."""
    groups = _groups(result)
    for least, tolerance in LEVELS:
        drawn = [(group, frame.points(group.lines, tolerance)) for group in groups if group.width >= least]
        if sum(len(points.xy) for _, points in drawn) * CHARACTERS_A_POINT <= MAX_CHARACTERS:
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


def _groups(result: Coverage) -> list[Group]:
    """One group a class and state, small streets below, those in gaps on top."""
    streets, cutoffs = result.streets, result.walk.cutoffs
    width, shapes = street_width(streets["highway"]), streets.geometry.to_numpy()
    gap = streets["gap_id"].to_numpy() > 0
    cutoff = streets["cutoff_min"].to_numpy()
    states = [
        (f"c{i}", cutoff == c, colour) for i, (c, colour) in enumerate(zip(cutoffs, ramp(len(cutoffs)), strict=True))
    ]
    states = [*states[::-1], ("sliver", np.isnan(cutoff) & ~gap, ""), ("gap", gap, "")]
    return [
        Group(kind, each, colour, _joined(shapes[chosen & (width == each)]))
        for kind, chosen, colour in states
        for each in STROKES
    ]


def _joined(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Draw stretches that follow each other as one line."""
    joined: NDArray[np.object_] = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    return joined


def _seen(geometry: gpd.GeoSeries, frame: Frame) -> NDArray[np.object_]:
    """Cut to the picture; a damaged polygon is left out of the picture, and only there."""
    shapes = geometry.to_numpy()
    shapes = shapes[shapely.is_valid(shapes) & shapely.intersects(shapes, frame.box)]
    parts: NDArray[np.object_] = shapely.get_parts(shapely.clip_by_rect(shapes, *frame.box.bounds))
    return parts


def _points(frame: Frame, points: gpd.GeoDataFrame) -> list[dict[str, int]]:
    return [{"x": int(x), "y": int(y)} for x, y in frame.units(shapely.get_coordinates(points.geometry.to_numpy()))]


def _gap_numbers(gaps: gpd.GeoDataFrame, frame: Frame) -> list[dict[str, int]]:
    """Place the ranks of the first gaps at their centres, the first rank last, on top."""
    first = gaps.head(GAPS_NUMBERED)
    centres = gpd.GeoSeries.from_xy(first["center_lon"], first["center_lat"], crs=WGS84).to_crs(gaps.crs)
    spots = frame.units(shapely.get_coordinates(centres.to_numpy()))
    numbered = zip(first["gap_id"], spots, strict=True)
    return [{"rank": int(rank), "x": int(x), "y": int(y)} for rank, (x, y) in numbered][::-1]


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
        boxes = [(y + dy, _text_box(name, x, y + dy)) for dy in (0, -85, 85)]
        free = [(at, box) for at, box in boxes if not shapely.intersects(box, taken).any() and _fits(box, frame)]
        if free and len(chosen) < PLACES_NAMED:
            at, box = free[0]
            taken.append(box)
            chosen.append({"name": name, "x": x, "y": at})
    return chosen


def _text_box(name: str, x: float, y: float) -> shapely.Polygon:
    """Guess the room that a name takes: Chinese characters are as wide as high."""
    half = sum(62 if unicodedata.east_asian_width(c) in "WF" else 34 for c in name) / 2
    return shapely.box(x - half, y - 55, x + half, y + 20)


def _fits(box: shapely.Polygon, frame: Frame) -> bool:
    west, top, east, bottom = box.bounds
    return bool(west > 20 and top > 20 and east < WIDTH - 20 and bottom < frame.height - 20)


def _without_standstill(xy: NDArray[np.int64], line: NDArray[np.int64]) -> Drawn:
    """Drop points that fall on the one before, and lines that shrank to a point."""
    starts = np.diff(line, prepend=-1) != 0
    moves = starts | np.diff(xy, axis=0, prepend=xy[:1]).any(axis=1)
    xy, starts = xy[moves], starts[moves]
    alone = starts & np.append(starts[1:], True)
    return Drawn(xy[~alone], starts[~alone])


def path_data(xy: NDArray[np.int64], starts: NDArray[np.bool_]) -> str:
    """Write lines as the data of an SVG path: where each starts, then the steps.

    Examples
    --------
    >>> path_data(np.array([[5, 5], [8, 1], [9, 9], [0, 9]]), np.array([True, False, True, False]))
    'M5 5l3-4M9 9l-9 0'
    """
    steps = np.diff(xy, axis=0, prepend=xy[:1])
    numbers = np.where(starts[:, None], xy, steps).tolist()
    words = [f"M{x} {y}l" if first else f"{x} {y} " for (x, y), first in zip(numbers, starts.tolist(), strict=True)]
    return "".join(words).replace(" -", "-").replace(" M", "M").strip()
