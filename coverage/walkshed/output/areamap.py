"""The map of many areas: each in the colour of its share, as pictures that lead to their reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from walkshed.analysis.rollup import REPORTED, Rollup
from walkshed.output.colours import SHARES
from walkshed.output.sheet import WIDTH, Frame, frame_of, scale_bar, text_units
from walkshed.output.words import Words, plain
from walkshed.schema import WGS84

STRIP = 150
"""Units below the picture for the scale."""

TOLERANCE = 2.0
MOST_NAMES = 150
LINE = 62 * 1.3
"""Units that a line of text is high."""

SMALLEST = 60
"""Units: what is smaller both ways cannot be seen, and stands as a round mark."""
MARK = 26
"""Units: the radius of such a mark."""
NUMBER = 55
"""Units: the radius of a gap's number with its edge."""
SHIFTS = (0.0, *(side * 0.7 * i for i in range(1, 16) for side in (1, -1)))
"""Lines of text by which a name may move up or down from the middle of its area."""
MOST_PICTURES = 6
SIDE_BY_SIDE = 1740
"""Units across of a picture that has another beside it, so that two and the space between are as wide as one."""

STEPS = (5, 10, 20)
"""Percent that a class of shares may span."""


def share_classes(shares: Sequence[float]) -> list[int]:
    """Choose round limits so that the classes of shares tell the areas apart.

    Parameters
    ----------
    shares
        From 0 to 1; NaN where none is known.

    Returns
    -------
    list of int
        Limits in percent, one more than there are colours.

    Examples
    --------
    >>> share_classes([0.04, 0.33])
    [0, 10, 20, 30, 40, 50]
    >>> share_classes([0.93, 1.0])
    [75, 80, 85, 90, 95, 100]
    """
    known = 100 * np.array([share for share in shares if share == share])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 100.0)
    count = len(SHARES)
    for step in STEPS:
        first = min(int(low // step) * step, 100 - count * step)
        if high <= first + count * step:
            break
    return [first + step * i for i in range(count + 1)]


def draw_areas(rolled: Rollup, words: Words, numbered: int = 0) -> dict[str, Any] | None:
    """Prepare the map for its template.

    Parameters
    ----------
    rolled
        The studies as one.
    words
        The language.
    numbered
        How many of the largest gaps are marked with their rank.

    Returns
    -------
    dict or None
        ``classes`` (limits in percent), ``any_marks``, and ``pictures``: dicts of ``width``, ``height``, ``strip``,
        ``scale``; ``areas`` (dicts of ``d``, ``kind``, ``folder``, ``says``), ``gaps`` (points with ``rank``,
        ``gap_id``, ``folder``), ``names`` (points with text) and ``stations`` (dots of the used ones, as the data of a
        path; "" where none is in sight). One picture, or one for each of the places that lie
        far apart; None where no outline is known.
    """
    known = rolled.areas[rolled.areas.geometry.notna() & ~rolled.areas.geometry.is_empty]
    if known.empty:
        return None
    share = "people_share" if rolled.by_people else "street_share"
    classes = share_classes(known.loc[known["state"] == "done", share].tolist())
    places = _places(known)
    width = WIDTH if len(places) == 1 else SIDE_BY_SIDE
    gaps, stations = rolled.gaps.head(numbered), _used(rolled)
    pictures = []
    for place in places:
        plane, frame = _laid_out(place, width)
        own = gaps[gaps["folder"].isin(place["folder"])]
        dots = {"stations": _dots(stations.to_crs(plane.crs), frame)}
        pictures.append(_picture(plane, frame, own, share, classes, words) | dots)
    return {
        "classes": classes,
        "any_marks": any(picture.pop("marks") for picture in pictures),
        "pictures": pictures,
    }


def _picture(
    plane: gpd.GeoDataFrame, frame: Frame, gaps: gpd.GeoDataFrame, share: str, classes: Sequence[int], words: Words
) -> dict[str, Any]:
    small = _too_small(plane, frame)
    # In an area that is only a mark, a number would hide it.
    numbers = _numbers(gaps[~gaps["folder"].isin(plane["folder"][small])].to_crs(plane.crs), frame)
    areas = [
        {
            "d": _mark(shape, frame) if marked else frame.path(np.array([shape], dtype=object), TOLERANCE),
            "kind": _kind(state, value, classes),
            "folder": folder if state in REPORTED else None,
            "says": f"{plain(name)} · {words.share(value) if state != 'failed' else words('rollup.failed')}",
        }
        for shape, marked, state, value, folder, name in zip(
            plane.geometry,
            small,
            plane["state"],
            plane[share].astype(float),
            plane["folder"],
            plane["area"],
            strict=True,
        )
    ]
    return {
        "width": frame.width,
        "height": frame.height,
        "strip": STRIP,
        "scale": scale_bar(frame.metres_per_unit, frame.width),
        "areas": areas,
        "gaps": numbers,
        "names": _names(plane, small, numbers, frame),
        "marks": bool(small.any()),
    }


def _used(rolled: Rollup) -> gpd.GeoDataFrame:
    """Find where the used stations stand."""
    used = rolled.stations[rolled.stations["status"] == "used"]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(used["lon"], used["lat"]), crs=WGS84)


def _dots(stations: gpd.GeoDataFrame, frame: Frame) -> str:
    """Write a line of no length, which a round cap makes a dot, for each place where a station stands."""
    xy = shapely.get_coordinates(stations.geometry[stations.within(frame.box)].to_numpy())
    return "".join(f"M{x} {y}h0" for x, y in np.unique(frame.units(xy), axis=0).tolist())


def _laid_out(frame: gpd.GeoDataFrame, width: int) -> tuple[gpd.GeoDataFrame, Frame]:
    """Lay areas out on a plane and a sheet."""
    plane = frame.to_crs(_plane(frame))
    return plane, frame_of(tuple(plane.total_bounds), width=width)


def _plane(frame: gpd.GeoDataFrame) -> str:
    """Choose an equal-area plane about the middle: a county looks as large as it is, in a province and in a country."""
    west, south, east, north = frame.total_bounds
    return f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"


def _too_small(plane: gpd.GeoDataFrame, frame: Frame) -> NDArray[np.bool_]:
    """Tell which areas would not be seen."""
    bounds = plane.bounds.to_numpy()
    small: NDArray[np.bool_] = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) < SMALLEST * frame.metres_per_unit
    return small


def _places(known: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """Part areas that lie so far apart that one picture would show none of some; the place with most areas first."""
    if not _too_small(*_laid_out(known, WIDTH)).any():
        return [known]
    reach = 1.0
    while (together := _near(known, reach)).max() >= MOST_PICTURES:
        reach *= 2
    places = [known[together == i] for i in range(together.max() + 1)]
    return sorted(places, key=len, reverse=True)


def _near(known: gpd.GeoDataFrame, reach: float) -> NDArray[np.int32]:
    """Number the groups of areas of which each is within `reach` times its own size of the next, by their boxes."""
    bounds = known.bounds.to_numpy()
    away = reach * (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    boxes = shapely.box(*(bounds + np.outer(away, [-1, -1, 1, 1])).T)
    one, other = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    pairs = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(known),) * 2)
    groups: NDArray[np.int32] = connected_components(pairs, directed=False)[1]
    return groups


def _mark(shape: shapely.Geometry, frame: Frame) -> str:
    x, y = _spot(shape, frame)
    return f"M{x - MARK} {y}a{MARK} {MARK} 0 1 0 {2 * MARK} 0a{MARK} {MARK} 0 1 0 {-2 * MARK} 0"


def _spot(shape: shapely.Geometry, frame: Frame) -> tuple[int, int]:
    """Find a point inside an area, in units."""
    xy = shapely.get_coordinates(shapely.point_on_surface(shape))
    x, y = frame.units(xy)[0].tolist()
    return x, y


def _kind(state: str, share: float, classes: Sequence[int]) -> str:
    if state == "empty":
        return "none"
    if state == "failed" or share != share:
        return "unknown"
    step = classes[1] - classes[0]
    return f"share-{min(int((100 * share - classes[0]) // step), len(SHARES) - 1)}"


def _numbers(gaps: gpd.GeoDataFrame, frame: Frame) -> list[dict[str, Any]]:
    """Place the gaps' ranks, the first last, on top."""
    numbers = []
    for row in gaps.sort_values("rank", ascending=False).itertuples():
        x, y = _spot(row.geometry, frame)
        numbers.append({"x": x, "y": y, "rank": int(row.rank), "gap_id": int(row.gap_id), "folder": row.folder})
    return numbers


Box: TypeAlias = tuple[float, float, float, float]


def _names(
    plane: gpd.GeoDataFrame, small: NDArray[np.bool_], numbers: list[dict[str, Any]], frame: Frame
) -> list[dict[str, Any]]:
    """Name the areas that their name fits into, and marks above them, the largest first, where nothing else stands."""
    taken: list[Box] = [(n["x"] - NUMBER, n["y"] - NUMBER, n["x"] + NUMBER, n["y"] + NUMBER) for n in numbers]
    names = []
    for i in np.argsort(-plane.area.to_numpy(), kind="stable")[:MOST_NAMES]:
        text = plain(plane["area"].iloc[i])
        shape = plane.geometry.iloc[i]
        wide = text_units(text)
        x, y = _spot(shape, frame)
        west, south, east, north = (edge / frame.metres_per_unit for edge in shape.bounds)
        if small[i]:
            x, y = min(max(x, wide // 2 + 12), frame.width - wide // 2 - 12), y - MARK - 40
        elif wide >= 0.9 * (east - west) or 0.6 * (north - south) <= LINE:
            continue
        shifts = (0.0,) if small[i] else [s * LINE for s in SHIFTS if abs(s) * LINE < 0.35 * (north - south)]
        boxes = ((x - wide / 2, y + s - LINE / 2, x + wide / 2, y + s + LINE / 2) for s in shifts)
        free = next((box for box in boxes if not any(_clash(box, other) for other in taken)), None)
        if free is not None:
            taken.append(free)
            names.append({"x": x, "y": round(free[1] + LINE / 2) + 20, "name": text})
    return names


def _clash(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
