"""Large results in a notebook: the layers of `plot` as a map of lonboard, which the graphics card draws.

lonboard's widget asks the internet for the reader of its own data format, so a map that must open offline is not made
with it: that is what `webmap` does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from walkshed.errors import InputError
from walkshed.output.axes import AREA_EDGE, LAYERS, Part
from walkshed.output.colours import SITE, STATION
from walkshed.output.webmap import check_layer
from walkshed.output.words import Words
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

if TYPE_CHECKING:
    import lonboard

    from walkshed.analysis.result import Coverage

TOLD = ("name", "highway", "walk_min", "depth", "station_id", "zone", "population", "state", "gap_id")
"""Columns that a click on a shape tells, where a layer has them."""

MARK_M, LINE_M = 25.0, 4.0
MARK_PIXELS, LINE_PIXELS = 4, 1


def deck_map(result: Coverage, *, layer: str, lang: str, sites: gpd.GeoDataFrame | None, height: int) -> lonboard.Map:
    """Make lonboard's map of a result, without a base map.

    Parameters
    ----------
    result, layer, lang, sites, height
        As for `explore`.

    Raises
    ------
    InputError
        If lonboard is not installed, or there is nothing to show on the layer.
    """
    words = Words(lang)
    check_layer(result, layer, tuple(LAYERS))
    try:
        board = import_module("lonboard")
    except ImportError as error:
        raise InputError(Phrase("asked.no_lonboard")) from error
    parts = [Part(result.area.set_geometry(result.area.boundary), AREA_EDGE, ""), *LAYERS[layer](result, words)[1]]
    parts.append(Part(result.stations[result.stations["status"] == "used"], STATION, ""))
    parts += [] if sites is None else [Part(sites, SITE, "")]
    return board.Map([_layer(board, part) for part in parts if not part.frame.empty], basemap=None, height=height)


def _layer(board: Any, part: Part) -> Any:
    """Hand a part over in degrees: as paths, points or polygons, as its shapes are."""
    frame = part.frame[[c for c in TOLD if c in part.frame] + [part.frame.geometry.name]].to_crs(WGS84)
    colour = [int(part.color[i : i + 2], 16) for i in (1, 3, 5)]
    kinds = set(frame.geom_type)
    if kinds <= {"LineString", "MultiLineString"}:
        width = {"get_width": LINE_M, "width_min_pixels": LINE_PIXELS}
        return board.PathLayer.from_geopandas(frame, auto_downcast=False, get_color=colour, **width)
    if kinds <= {"Point", "MultiPoint"}:
        size = {"get_radius": MARK_M, "radius_min_pixels": MARK_PIXELS}
        return board.ScatterplotLayer.from_geopandas(frame, auto_downcast=False, get_fill_color=colour, **size)
    return board.PolygonLayer.from_geopandas(
        frame, auto_downcast=False, get_fill_color=[*colour, 140], get_line_color=colour
    )
