"""The stations on the map: their marks, what their pop-ups say, and their own areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.output.packing import Packed, pack_each_polygon, pack_points
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

AREA_TOLERANCE_M = 5.0
CIRCLES_LIMIT = 2_400_000
"""Characters that the stations' own areas may take; the largest cutoff goes first."""

CATEGORIES_SHOWN = 6
STATUS_ORDER = ("used", "unsnapped", "outside")

Row = tuple[str, str]


def categories(stations: gpd.GeoDataFrame, words: Words) -> list[dict[str, Any]]:
    """List the most frequent categories, each with its own mark and the stations used of it; the rest share one."""
    category = stations["category"].map(plain)
    counts = category.value_counts()
    used = category[stations["status"] == "used"].value_counts().reindex(counts.index, fill_value=0)
    shown = list(counts.index if len(counts) <= CATEGORIES_SHOWN else counts.index[: CATEGORIES_SHOWN - 1])
    unnamed = words("map.no_category" if len(counts) > 1 else "map.stations_used")
    listed = [{"key": key, "name": key or unnamed, "count": int(used[key])} for key in shown]
    if len(shown) < len(counts):
        listed.append(
            {"key": None, "name": words("map.other_categories"), "count": int(used.sum() - used[shown].sum())}
        )
    return [entry | {"count": words.number(entry["count"]), "is_used": entry["count"] > 0} for entry in listed]


def station_layer(result: Coverage, words: Words, keys: list[str | None]) -> dict[str, Any]:
    """Pack the stations; `keys` are those of `categories`."""
    stations = result.stations
    points = shapely.centroid(stations.geometry.to_numpy())
    names = zip(stations["name"], stations["station_id"], strict=True)
    records = stations.drop(columns="geometry").to_dict("records")
    return {
        "points": pack_points(gpd.GeoSeries(points, crs=stations.crs)),
        "status": [STATUS_ORDER.index(status) for status in stations["status"]],
        "unused": words.number(int((stations["status"] != "used").sum())),
        "category": [_index(keys, plain(category)) for category in stations["category"]],
        "title": [plain(name) or plain(key) for name, key in names],
        "rows": [_rows(station, words, result.walk.largest) for station in records],
        "circles": circles(result),
    }


def _index(keys: list[str | None], key: str) -> int:
    return keys.index(key) if key in keys else len(keys) - 1


def _rows(station: dict[str, Any], words: Words, largest: float) -> list[Row]:
    used, snap = station["status"] == "used", station["snap_m"]
    texts = {
        "category": plain(station["category"]),
        "hours": plain(station.get("hours")),
        "address": plain(station.get("address")),
        "status": "" if used else words(f"map.status_{station['status']}"),
        "street_served": _km(station, f"street_km_{largest:g}", words),
        "people_served": _people(station, "people", words),
        "street_only": _km(station, "street_km_only", words),
        "people_only": _people(station, "people_only", words),
        "stands_on": plain(station.get("street")),
        "snap": "" if missing(snap) else words("map.metres", metres=words.number(snap)),
        "station_id": plain(station["station_id"]),
    }
    minutes = f"{largest:g}"
    return [(words(f"map.row_{key}", minutes=minutes), text) for key, text in texts.items() if text]


def _km(station: dict[str, Any], column: str, words: Words) -> str:
    value = station.get(column)
    return "" if station["status"] != "used" or missing(value) else words("map.km", km=words.number(value, 1))


def _people(station: dict[str, Any], column: str, words: Words) -> str:
    value = station.get(column)
    return "" if station["status"] != "used" or missing(value) else words("map.people", people=words.people(value))


def circles(result: Coverage) -> list[list[Packed | None] | None]:
    """Pack each cutoff's list of the stations' own areas; None where the file would grow too large."""
    areas, ids = result.service_areas, pd.Index(result.stations["station_id"])
    packed_areas: list[list[Packed | None] | None] = []
    left = CIRCLES_LIMIT
    for cutoff in reversed(result.walk.cutoffs):
        chosen = areas[np.isclose(areas["cutoff_min"], cutoff)]
        own: list[Packed | None] = [None] * len(ids)
        packed = pack_each_polygon(chosen.geometry, AREA_TOLERANCE_M)
        for station, shape in zip(ids.get_indexer(chosen["station_id"]), packed, strict=True):
            own[station] = shape
        left -= sum(len(shape["xy"]) for shape in own if shape)
        packed_areas.append(own if left >= 0 else None)
    return packed_areas[::-1]


def missing(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return value is None or bool(pd.isna(value))
