"""The map of a comparison: one page with the difference, before and after; it loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.comparing.common_ground import STREET
from walkshed.output.basemap import base_map, street_width
from walkshed.output.colours import CHANGES, GAP, NEAR, STATION, STATION_EDGE
from walkshed.output.compare_words import change_words, headline_of, note_lines, side_names
from walkshed.output.mapwords import page_words, source_line
from walkshed.output.offline import Inline, asset, json_for_script, offline_html
from walkshed.output.packing import pack_integers, pack_points, pack_polygons, pack_single_lines
from walkshed.output.provenance import provenance_of_both
from walkshed.output.webmap import MapPage, bare_map
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.comparing.compare import Comparison

SCRIPTS = ("map_codec.js", "map_draw.js", "map_categories.js", "map_ground.js", "map_start.js", "compare_map.js")
STREET_TOLERANCE_M = 1.0
OUTLINE_TOLERANCE_M = 5.0
STATIONS = ("added", "removed", "moved", "kept")


def render_comparison_map(
    comparison: Comparison, *, lang: str = "en", title: str | None = None, report_name: str | None = None
) -> str:
    """Draw the map of a comparison.

    Parameters
    ----------
    comparison
        What `compare` returned.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default one that fits every comparison.
    report_name
        File name of the report in the same folder.

    Returns
    -------
    str
        A whole HTML document that loads nothing.
    """
    words = Words(lang)
    heading = plain(title) or words("change.title")
    data = json_for_script(_data(comparison, words, heading, report_name))
    about = provenance_of_both(comparison.before, comparison.after)
    page = MapPage(title=heading, lang=lang, data=data, provenance=about)
    page.styles = [Inline("style", asset("map.css")), Inline("style", asset("compare_map.css"))]
    page.scripts = [Inline("script", asset(name)) for name in SCRIPTS]
    page.add_child(bare_map())
    return offline_html(page)


def _data(comparison: Comparison, words: Words, title: str, report_name: str | None) -> dict[str, Any]:
    streets, after = comparison.streets, comparison.after
    names = [f"{c:g}" for c in comparison.cutoffs]
    return {
        "title": title,
        "words": page_words(words) | _words(words),
        "invented": after.network.source.origin == "synthetic",
        "source": source_line(after, words),
        "report": report_name,
        "notes": note_lines(comparison, words),
        "sides": side_names(comparison, words),
        "cutoffs": [words("map.minutes", minutes=name) for name in names],
        "headlines": [headline_of(comparison, row, words) for row in comparison.coverage.to_dict("records")],
        "kinds": [{"color": CHANGES[kind], "text": words(f"change.change_{kind}")} for kind in STREET],
        "km": [
            [words("map.km", km=words.number(row[f"{kind}_km"], 1)) for kind in STREET]
            for row in comparison.coverage.to_dict("records")
        ],
        "is_there": [bool((comparison.coverage[f"{kind}_km"] > 0).any()) for kind in STREET],
        "colors": {"covered": _hex(NEAR), "uncovered": GAP, "station": STATION, "station_edge": STATION_EDGE},
        "covered": [words("change.covered", cutoff=name) for name in names],
        "area": pack_polygons(after.area.geometry, OUTLINE_TOLERANCE_M),
        "lines": pack_single_lines(streets.geometry, STREET_TOLERANCE_M),
        "width": pack_integers(street_width(streets["highway"])),
        "change": [pack_integers([STREET.index(kind) for kind in streets[f"change_{name}"]]) for name in names],
        "sides_covered": [
            [pack_integers(_state(streets, side, name)) for side in ("before", "after")] for name in names
        ],
        "stations": _stations(comparison, words),
        "base": base_map(after),
    }


def _state(streets: gpd.GeoDataFrame, side: str, name: str) -> np.ndarray[Any, Any]:
    """0 covered, 1 not, 2 not there: by side."""
    absent = streets[f"change_{name}"] == ("new" if side == "before" else "gone")
    return np.where(absent, 2, np.where(streets[f"covered_{side}_{name}"], 0, 1))


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{v:02x}" for v in colour)


def _words(words: Words) -> dict[str, str]:
    keys = ("view", "view_change", "before", "after", "uncovered", "stations", "stations_none", "notes")
    return {f"compare_{key}": words(f"change.{key}") for key in keys}


def _stations(comparison: Comparison, words: Words) -> dict[str, Any]:
    """Pack the stations; the changed ones stand first, and are listed."""
    table = comparison.stations
    points = gpd.GeoSeries(shapely.centroid(table.geometry.to_numpy()), crs=comparison.crs)
    stood = comparison.before.stations.set_index("station_id").geometry.to_crs(comparison.crs)
    old = gpd.GeoSeries(shapely.centroid(stood.reindex(table["station_id_before"]).to_numpy()), crs=comparison.crs)
    return {
        "points": pack_points(points),
        "points_before": pack_points(points.where(old.isna(), old)),
        "change": [STATIONS.index(change) for change in table["change"]],
        "kinds": [words(f"change.change_{kind}") if kind != "kept" else "" for kind in STATIONS],
        "was_used": [status == "used" for status in table["status_before"]],
        "is_used": [status == "used" for status in table["status_after"]],
        "title": [plain(name) or plain(key) for name, key in zip(table["name"], table["station_id"], strict=True)],
        "rows": [_rows(row, words) for row in table.drop(columns="geometry").to_dict("records")],
    }


def _rows(row: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    moved = "" if pd.isna(row["moved_m"]) else words("map.metres", metres=words.number(row["moved_m"]))
    texts = {
        words("change.column_change"): change_words(row["change"], words),
        words("column.category"): plain(row["category"]),
        words("change.column_moved"): moved if row["change"] == "moved" else "",
        words("column.station_id"): plain(row["station_id"]),
    }
    return [(label, text) for label, text in texts.items() if text]
