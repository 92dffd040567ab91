"""The base map: the streets that are read and what lies around them, packed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.network.surroundings import drawn_water
from walkshed.output.packing import pack_integers, pack_lines, pack_points, pack_polygons, pack_single_lines
from walkshed.output.words import plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

BUILDINGS_LIMIT = 40_000
"""The largest buildings are drawn, at most this many."""
BUILDING_TOLERANCE_M = 1.5
WATER_TOLERANCE_M = 3.0
STREET_TOLERANCE_M = 2.0

PATH, MINOR, MAJOR = 0, 1, 2
_MAJOR = ("trunk", "primary", "secondary", "tertiary")
_PATH = ("footway", "path", "steps", "pedestrian", "corridor", "bridleway", "track", "elevator", "crossing")
PLACE_RANKS = (
    "city",
    "town",
    "borough",
    "suburb",
    "quarter",
    "village",
    "neighbourhood",
    "hamlet",
    "locality",
)


def street_width(highway: pd.Series) -> NDArray[np.int64]:
    """Sort streets by how wide they are drawn: `PATH`, `MINOR` or `MAJOR`."""
    row, kinds = pd.factorize(highway.fillna(""))  # few kinds, many streets
    widths = [PATH if kind in _PATH else MAJOR if kind.startswith(_MAJOR) else MINOR for kind in map(str, kinds)]
    width: NDArray[np.int64] = np.array(widths, dtype=np.int64)[row]
    return width


def base_map(result: Coverage) -> dict[str, Any]:
    """Pack the streets outside the area and, where the source has them, water, rail, buildings, places.

    Streets inside the area are the stretches of the result: they are carried once and drawn grey
    when they are not coloured.
    """
    around = result.routes.around
    base = {
        "streets": pack_single_lines(around.geometry, STREET_TOLERANCE_M),
        "width": pack_integers(street_width(around["highway"])),
    }
    near = result.network.surroundings
    if near is None:
        return base
    shown = drawn_water(near)
    water = _of_dimension(shown, 2), _of_dimension(shown, 1)
    drawn = {
        "water": pack_polygons(water[0].geometry, WATER_TOLERANCE_M),
        "waterways": pack_lines(water[1].geometry, WATER_TOLERANCE_M),
        "rail": pack_lines(_of_dimension(near.rail[~near.rail["tunnel"].astype(bool)], 1).geometry, WATER_TOLERANCE_M),
        "buildings": pack_polygons(_largest(_of_dimension(near.buildings, 2)), BUILDING_TOLERANCE_M),
        "places": _places(near.places),
    }
    return base | {key: shape for key, shape in drawn.items() if shape.get("n") or shape.get("names")}


def _of_dimension(frame: gpd.GeoDataFrame, dimension: int) -> gpd.GeoDataFrame:
    return frame[shapely.get_dimensions(frame.geometry.to_numpy()) == dimension]


def _largest(buildings: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = buildings.geometry
    if len(shapes) <= BUILDINGS_LIMIT:
        return shapes
    keep = np.argsort(-shapes.area.to_numpy(), kind="stable")[:BUILDINGS_LIMIT]
    return shapes.iloc[np.sort(keep)]


def _places(places: gpd.GeoDataFrame) -> dict[str, Any]:
    """Named places, the most important first, so that their names win where two would overlap."""
    named = places.assign(name=places["name"].map(plain))
    rank = named["place"].map({place: i for i, place in enumerate(PLACE_RANKS)})
    named = named.assign(rank=rank).query("name != ''").dropna(subset="rank").sort_values("rank", kind="stable")
    return {
        "points": pack_points(named.geometry),
        "rank": [int(r) for r in named["rank"]],
        "names": list(named["name"]),
    }
