"""What the map shows: a result as plain values, with every sentence and number already written.

Nothing here computes a figure: frames and the summary of the result are put into words and packed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.output.basemap import base_map, street_width
from walkshed.output.colours import ramp
from walkshed.output.mapwords import headlines, notes, page_words, source_line
from walkshed.output.packing import (
    Packed,
    pack_each_polygon,
    pack_integers,
    pack_points,
    pack_polygons,
    pack_single_lines,
)
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage

STREET_TOLERANCE_M = 1.0
OUTLINE_TOLERANCE_M = 5.0
CIRCLES_LIMIT = 3_000_000
"""Characters that the stations' own areas may take; the largest cutoff goes first."""

CATEGORIES_SHOWN = 6
STATUS_ORDER = ("used", "unsnapped", "outside")

Row = tuple[str, str]


def map_data(result: Coverage, words: Words, title: str) -> dict[str, Any]:
    """Gather what the map's script reads.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    words
        The language.
    title
        The map's heading.

    Returns
    -------
    dict
        Plain values, for JSON. Texts from the user's data are in it as they are (one line, no control
        characters): the script only ever shows them as text.
    """
    categories = _categories(result.stations, words)
    return {
        "lang": words.lang,
        "title": title,
        "words": page_words(words),
        "invented": result.network.source.origin == "synthetic",
        "source": source_line(result, words),
        "notes": notes(result, words, OUTLINE_TOLERANCE_M),
        "cutoffs": [_minutes(c, words) for c in result.walk.cutoffs],
        "colors": ramp(len(result.walk.cutoffs)),
        "headlines": headlines(result, words),
        "area": pack_polygons(result.area.geometry, OUTLINE_TOLERANCE_M),
        "covered": _by_cutoff(result.covered, result.walk.cutoffs),
        "streets": _streets(result),
        "gaps": [_gap(gap, words) for gap in _gaps(result)],
        "categories": categories,
        "stations": _stations(result, words, [c["key"] for c in categories]),
        "base": base_map(result),
    }


def _minutes(cutoff: float, words: Words) -> str:
    return words("map.minutes", minutes=f"{cutoff:g}")


def _by_cutoff(frame: gpd.GeoDataFrame, cutoffs: Iterable[float]) -> list[Packed]:
    return [pack_polygons(frame.geometry[np.isclose(frame["cutoff_min"], c)], OUTLINE_TOLERANCE_M) for c in cutoffs]


def _streets(result: Coverage) -> dict[str, Any]:
    """Columns of the stretches, in the order of the lines; `kind` is the class they are coloured by."""
    streets = result.streets
    name, names = pd.factorize(streets["name"].map(plain))
    station = pd.Index(result.stations["station_id"]).get_indexer(streets["station_id"])
    minutes = streets["walk_min"].to_numpy(float)
    return {
        "lines": pack_single_lines(streets.geometry, STREET_TOLERANCE_M),
        "kind": pack_integers(_kind(streets, result.walk.cutoffs)),
        "width": pack_integers(street_width(streets["highway"])),
        "tenths": pack_integers(np.where(np.isnan(minutes), -1, np.round(minutes * 10))),
        "station": pack_integers(np.where(np.isnan(minutes), -1, station)),
        "depth": pack_integers(streets["depth"]),
        "gap": pack_integers(streets["gap_id"]),
        "name": pack_integers(name),
        "names": list(names),
    }


def _kind(streets: gpd.GeoDataFrame, cutoffs: tuple[float, ...]) -> np.ndarray[Any, Any]:
    """0, 1 ... for the least cutoff that covers it, then one for beyond and one for not to be reached."""
    kind = np.full(len(streets), len(cutoffs))
    kind[streets["walk_min"].isna()] = len(cutoffs) + 1
    least = streets["cutoff_min"].to_numpy(float)
    for index, cutoff in enumerate(cutoffs):
        kind[np.isclose(least, cutoff)] = index
    return kind


def _gaps(result: Coverage) -> list[dict[str, Any]]:
    gaps = result.gaps
    outlines = pack_each_polygon(gaps.geometry, OUTLINE_TOLERANCE_M)
    rows: list[dict[str, Any]] = gaps.drop(columns="geometry").to_dict("records")
    return [row | {"rings": rings} for row, rings in zip(rows, outlines, strict=True)]


def _gap(gap: dict[str, Any], words: Words) -> dict[str, Any]:
    street = words("map.km", km=words.number(gap["street_km"], 1))
    people = "" if _missing(gap["people"]) else words("map.people", people=words.people(gap["people"]))
    zone, along = plain(gap["zone"]), plain(gap["streets"])
    if _missing(gap["walk_min_median"]):
        walk, nearest = words("map.cannot_be_reached"), ""
    else:
        median, longest = (words.number(gap[f"walk_min_{k}"]) for k in ("median", "max"))
        walk = words("map.walk_range", median=median, longest=longest)
        nearest = plain(gap["station_name"]) or plain(gap["station_id"])
    return {
        "rank": int(gap["gap_id"]),
        "at": [round(float(gap["center_lat"]), 5), round(float(gap["center_lon"]), 5)],
        "title": words("map.gap_title", rank=int(gap["gap_id"])),
        "brief": words("map.dot").join(filter(None, [people, street, along or zone])),
        "rows": _rows(
            words,
            along=along,
            street_in_gap=street,
            people_in_gap=people,
            walk=walk,
            nearest=nearest,
            zone=zone,
        ),
        "rings": gap["rings"],
    }


def _categories(stations: gpd.GeoDataFrame, words: Words) -> list[dict[str, Any]]:
    """The most frequent categories, each with its own mark; what is left shares one."""
    counts = stations["category"].map(plain).value_counts()
    shown = list(counts.index if len(counts) <= CATEGORIES_SHOWN else counts.index[: CATEGORIES_SHOWN - 1])
    listed = [
        {"key": key, "name": key or words("map.no_category"), "count": words.number(counts[key])} for key in shown
    ]
    if len(shown) < len(counts):
        rest = int(counts.sum() - counts[shown].sum())
        listed.append({"key": None, "name": words("map.other_categories"), "count": words.number(rest)})
    return listed


def _stations(result: Coverage, words: Words, keys: list[str | None]) -> dict[str, Any]:
    stations = result.stations
    points = shapely.centroid(stations.geometry.to_numpy())
    largest = result.walk.largest
    return {
        "points": pack_points(gpd.GeoSeries(points, crs=stations.crs)),
        "status": [STATUS_ORDER.index(status) for status in stations["status"]],
        "category": [_index(keys, plain(category)) for category in stations["category"]],
        "title": [
            plain(name) or plain(key) for name, key in zip(stations["name"], stations["station_id"], strict=True)
        ],
        "rows": [_station_rows(s, words, largest) for s in stations.drop(columns="geometry").to_dict("records")],
        "circles": _circles(result),
    }


def _index(keys: list[str | None], key: str) -> int:
    return keys.index(key) if key in keys else len(keys) - 1


def _station_rows(station: dict[str, Any], words: Words, largest: float) -> list[Row]:
    used = station["status"] == "used"
    people = station.get("people")
    street = station.get(f"street_km_{largest:g}")
    snap = station["snap_m"]
    return _rows(
        words,
        category=plain(station["category"]),
        station_id=plain(station["station_id"]),
        status="" if used else words(f"map.status_{station['status']}"),
        street_served=words("map.km", km=words.number(street, 1)) if used and not _missing(street) else "",
        people_served=words("map.people", people=words.people(people)) if used and not _missing(people) else "",
        stands_on=plain(station.get("street")),
        snap="" if _missing(snap) else words("map.metres", metres=words.number(snap)),
    )


def _circles(result: Coverage) -> list[list[Packed | None] | None]:
    """Each cutoff's list of the stations' own areas, or None where the file would grow too large."""
    areas, ids = result.service_areas, pd.Index(result.stations["station_id"])
    circles: list[list[Packed | None] | None] = []
    left = CIRCLES_LIMIT
    for cutoff in reversed(result.walk.cutoffs):
        chosen = areas[np.isclose(areas["cutoff_min"], cutoff)]
        own: list[Packed | None] = [None] * len(ids)
        packed = pack_each_polygon(chosen.geometry, OUTLINE_TOLERANCE_M)
        for station, shape in zip(ids.get_indexer(chosen["station_id"]), packed, strict=True):
            own[station] = shape
        left -= sum(len(shape["xy"]) for shape in own if shape)
        circles.append(own if left >= 0 else None)
    return circles[::-1]


def _rows(words: Words, **texts: str) -> list[Row]:
    return [(words(f"map.row_{key}"), text) for key, text in texts.items() if text]


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
