"""The report's picture of the map: inline SVG, small enough for a page, with real text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from walkshed.output.basemap import MAJOR, MINOR, PATH, PLACE_RANKS, street_width
from walkshed.output.colours import ramp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from walkshed.analysis.study import Coverage

WIDTH = 3600
"""Units across. On A4 (178 mm of text) one is 0.05 mm, so whole numbers draw finely enough."""
TALLEST, FLATTEST = 1.25, 0.5
MARGIN = 0.03
MAX_CHARACTERS = 1_200_000
GAPS_NUMBERED = 20
PLACES_NAMED = 14

# Least class drawn and tolerance in units, tried in turn until the picture is small enough.
LEVELS = ((PATH, 2.0), (PATH, 5.0), (MINOR, 5.0), (MINOR, 9.0), (MAJOR, 9.0), (MAJOR, 20.0))
STROKES = {PATH: 4.0, MINOR: 6.5, MAJOR: 12.0}


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

    def path(self, geometry: Any, tolerance: float) -> str:
        """Write lines or polygons as the data of an SVG path, generalised to `tolerance` units."""
        parts = np.atleast_1d(shapely.simplify(geometry, tolerance * self.metres_per_unit))
        rings = shapely.get_parts(shapely.boundary(parts) if _are_polygons(parts) else parts)
        xy, line = shapely.get_coordinates(shapely.get_parts(rings), return_index=True)
        return _path_data(self.units(xy), line)


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
    return {
        "width": WIDTH,
        "height": frame.height,
        "fills": [*_fills(result, frame)],
        "context": context,
        "lines": lines,
        "thinned": thinned,
        "area": frame.path(shapely.boundary(result.area.geometry.to_numpy()), 3.0),
        "stations": _points(frame, result.stations[result.stations["status"] == "used"]),
        "station_size": 26 if len(result.stations) <= 60 else 18 if len(result.stations) <= 400 else 11,
        "gaps": _gap_numbers(result.gaps, frame),
        "places": _places(result, frame),
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
    width = street_width(result.streets["highway"])
    for least, tolerance in LEVELS:
        keep = width >= least
        lines = _classes(result.streets[keep], width[keep], result.walk.cutoffs, frame, tolerance)
        if sum(len(line["d"]) for line in lines) <= MAX_CHARACTERS:
            break
    return lines, bool((width < least).any())


def _classes(
    streets: gpd.GeoDataFrame, width: NDArray[np.int64], cutoffs: tuple[float, ...], frame: Frame, tolerance: float
) -> list[dict[str, Any]]:
    """One path a class and state, small ones below, those in gaps on top."""
    colours = ramp(len(cutoffs))
    gap = streets["gap_id"].to_numpy() > 0
    # inf, not NaN: uncovered street sorts after the largest cutoff.
    cutoff = streets["cutoff_min"].fillna(np.inf).to_numpy()
    kinds = [(f"c{i}", cutoff == c, colour) for i, (c, colour) in enumerate(zip(cutoffs, colours, strict=True))]
    kinds = [*kinds[::-1], ("sliver", np.isinf(cutoff) & ~gap, ""), ("gap", gap, "")]
    thick = min(max(math.sqrt(2.0 / frame.metres_per_unit), 0.4), 1.7)
    lines = []
    for kind, chosen, colour in kinds:
        for level, stroke in STROKES.items():
            part = streets.geometry.to_numpy()[chosen & (width == level)]
            # Stretches that follow each other are drawn as one line.
            merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(part)))
            data = frame.path(merged, tolerance)
            lines.append({"kind": kind, "d": data, "colour": colour, "stroke": f"{stroke * thick:.1f}"})
    return [line for line in lines if line["d"]]


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
    centres = gpd.GeoSeries.from_xy(first["center_lon"], first["center_lat"], crs="EPSG:4326").to_crs(gaps.crs)
    spots = frame.units(shapely.get_coordinates(centres.to_numpy()))
    numbered = zip(first["gap_id"], spots, strict=True)
    return [{"rank": int(rank), "x": int(x), "y": int(y)} for rank, (x, y) in numbered][::-1]


def _places(result: Coverage, frame: Frame) -> list[dict[str, Any]]:
    """Name the most important places, where there is room between names."""
    near = result.network.surroundings
    if near is None or near.places.empty:
        return []
    named = near.places[(near.places["name"] != "") & shapely.within(near.places.geometry.to_numpy(), frame.box)]
    order = named["place"].map({place: i for i, place in enumerate(PLACE_RANKS)}).fillna(len(PLACE_RANKS))
    named = named.iloc[np.argsort(order.to_numpy(), kind="stable")]
    taken: list[tuple[float, float, float]] = []
    chosen = []
    for name, (x, y) in zip(
        named["name"], frame.units(shapely.get_coordinates(named.geometry.to_numpy())), strict=True
    ):
        half = 32.0 * sum(2 if c > "⺀" else 1 for c in name) / 2 + 30
        clear = all(abs(x - a) > half + b or abs(y - c) > 90 for a, c, b in taken)
        if clear and half < x < WIDTH - half and 80 < y < frame.height - 80:
            taken.append((float(x), float(y), half))
            chosen.append({"name": name, "x": int(x), "y": int(y)})
        if len(chosen) == PLACES_NAMED:
            break
    return chosen


def _are_polygons(parts: NDArray[np.object_]) -> bool:
    return bool(len(parts)) and bool((shapely.get_dimensions(parts) == 2).any())


def _path_data(xy: NDArray[np.int64], line: NDArray[np.int64]) -> str:
    """Absolute start, then relative steps; what falls on one unit is one point."""
    first = np.diff(line, prepend=-1) != 0
    step = np.diff(xy, axis=0, prepend=xy[:1])
    moves = first | step.any(axis=1)
    xy, step, first = xy[moves], step[moves], first[moves]
    # A line that shrank to its start draws nothing.
    alone = first & np.append(first[1:], True)
    xy, step, first = xy[~alone], step[~alone], first[~alone]
    words = []
    for (x, y), (dx, dy), starts in zip(xy.tolist(), step.tolist(), first.tolist(), strict=True):
        words.append(f"M{x} {y}l" if starts else f"{dx} {dy} ")
    return "".join(words).replace(" -", "-").replace(" M", "M").strip()
