"""What the map shows: a result as plain values, with every sentence and number already written.

Nothing here computes a figure: frames and the summary of the result are put into words and packed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from walkshed.analysis.dossier import CAUSES
from walkshed.output.basemap import base_map, street_width
from walkshed.output.clock import then_text
from walkshed.output.colours import palette
from walkshed.output.mapcategories import STEPS, category_views
from walkshed.output.mapground import people_layer, zone_layer
from walkshed.output.mapstations import categories, missing, station_layer
from walkshed.output.mapwords import base_name, gaps_line, headlines, notes, page_words, source_line, tile_settings
from walkshed.output.packing import Packed, pack_each_polygon, pack_integers, pack_polygons, pack_single_lines
from walkshed.output.sites import listed_sites, site_layer
from walkshed.output.tiles import Tiles
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.analysis.routes import Routes

STREET_TOLERANCE_M = 1.0
OUTLINE_TOLERANCE_M = 5.0
TO_START, TO_END, FIRST_PEAK = 0, 1, 2
"""How a line is walked: all to its start, all to its end, or, from 2 on, its peak in hundredths less 2."""


def map_data(
    result: Coverage,
    words: Words,
    title: str,
    *,
    sites: gpd.GeoDataFrame | None = None,
    report_name: str | None = None,
    tiles: Tiles | None = None,
) -> dict[str, Any]:
    """Gather what the map's script reads.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    words
        The language.
    title
        The map's heading.
    sites
        Proposed sites, if any.
    report_name
        The report's file name, if it stands beside the map.
    tiles
        The tiles to load under the map, if any.

    Returns
    -------
    dict
        Plain values, for JSON. Texts from the user's data are in it as they are (one line, no control
        characters): the script only ever shows them as text.
    """
    listed, cutoffs, base = categories(result.stations, words), result.walk.cutoffs, base_map(result)
    return {
        "lang": words.lang,
        "title": title,
        "words": page_words(words),
        "invented": result.network.source.origin == "synthetic",
        "then": then_text(result, words),
        "source": source_line(result, words),
        "notes": notes(result, words, OUTLINE_TOLERANCE_M),
        "report": report_name,
        "tiles": None if tiles is None else tile_settings(tiles, words),
        "cutoffs": [words("map.minutes", minutes=f"{c:g}") for c in cutoffs],
        "minutes": list(cutoffs),
        "budgets_m": [result.walk.budget_m(c) for c in cutoffs],
        "budgets": [words("map.metres", metres=words.number(result.walk.budget_m(c))) for c in cutoffs],
        "colors": palette(len(cutoffs)),
        "headlines": headlines(result, words),
        "gaps_line": gaps_line(result, words),
        "area": pack_polygons(result.area.geometry, OUTLINE_TOLERANCE_M),
        "covered": _by_cutoff(result.covered, cutoffs),
        "streets": _streets(result),
        "routes": pack_routes(result.routes),
        "gaps": [_gap(gap, words) for gap in _gaps(result)],
        "categories": listed,
        "views": category_views(result, words, listed),
        "cost_steps": STEPS,
        "stations": station_layer(result, words, [c["key"] for c in listed]),
        "sites": site_layer(listed_sites(result, sites, words), words),
        "zones": zone_layer(result, words),
        "people": people_layer(result, words),
        "base": base,
        "base_name": base_name(base, words),
    }


def _by_cutoff(frame: gpd.GeoDataFrame, cutoffs: Iterable[float]) -> list[Packed]:
    return [pack_polygons(frame.geometry[np.isclose(frame["cutoff_min"], c)], OUTLINE_TOLERANCE_M) for c in cutoffs]


def _streets(result: Coverage) -> dict[str, Any]:
    """Columns of the stretches, in the order of the lines; `kind` is the class they are coloured by."""
    streets = result.streets
    name, names = _names(streets["name"])
    station = pd.Index(result.stations["station_id"]).get_indexer(streets["station_id"])
    minutes = streets["walk_min"].to_numpy(float)
    return {
        "lines": pack_single_lines(streets.geometry, STREET_TOLERANCE_M),
        "kind": pack_integers(_kind(result)),
        "width": pack_integers(street_width(streets["highway"])),
        "tenths": pack_integers(np.where(np.isnan(minutes), -1, np.round(minutes * 10))),
        "station": pack_integers(np.where(np.isnan(minutes), -1, station)),
        "depth": pack_integers(streets["depth"]),
        "gap": pack_integers(streets["gap_id"]),
        "name": pack_integers(name),
        "names": names,
    }


def _names(column: pd.Series) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Tell which name each row has, and the names, fit to be shown: a street's many rows share one."""
    row, told = pd.factorize(column)
    name, names = pd.factorize(np.array([*map(plain, told)], dtype=object))
    return name[row], list(names)


def _kind(result: Coverage) -> np.ndarray[Any, Any]:
    """0, 1 ... for the least cutoff that covers it, then one for beyond and one for not to be reached."""
    streets, cutoffs = result.streets, result.walk.cutoffs
    kind = np.full(len(streets), len(cutoffs))
    kind[unreached(result)] = len(cutoffs) + 1
    least = streets["cutoff_min"].to_numpy(float)
    for index, cutoff in enumerate(cutoffs):
        kind[np.isclose(least, cutoff)] = index
    return kind


def unreached(result: Coverage) -> np.ndarray[Any, Any]:
    """Tell the stretches from which no station can be reached, though there are some: those are cut off."""
    lost: np.ndarray[Any, Any] = result.streets["walk_min"].isna().to_numpy()
    return lost & bool(result.summary["stations"]["used"])


def pack_routes(routes: Routes) -> dict[str, str]:
    """Write how each line is walked, and the lines to go on with: one a line, two where it has a peak.

    A line to go on with is written as the difference to the line itself; 0 says that the station is there.
    """
    percent = np.round(routes.peak_share * 100).astype(np.int64)
    turn = np.select([percent == 100, percent == 0], [TO_START, TO_END], percent + FIRST_PEAK)
    line = np.arange(len(percent))
    onward = np.stack((routes.next_start, routes.next_end), axis=1)
    steps = np.where(onward < 0, 0, onward - line[:, None])
    asked = np.stack((turn != TO_END, turn != TO_START), axis=1)
    return {"turn": pack_integers(turn), "next": pack_integers(steps[asked])}


def _gaps(result: Coverage) -> list[dict[str, Any]]:
    """Rows of the gaps with their outlines, and how much of all gaps each is: by people where given, else by street."""
    gaps = result.gaps
    outlines = pack_each_polygon(gaps.geometry, OUTLINE_TOLERANCE_M)
    weight = gaps["people"] if gaps["people"].sum() > 0 else gaps["street_km"]
    share = (weight / weight.sum()).fillna(0.0).round(4)
    rows: list[dict[str, Any]] = gaps.drop(columns="geometry").to_dict("records")
    return [row | {"rings": own, "weight": part} for row, own, part in zip(rows, outlines, share, strict=True)]


def _gap(gap: dict[str, Any], words: Words) -> dict[str, Any]:
    street = words("map.km", km=words.number(gap["street_km"], 1))
    people = "" if missing(gap["people"]) else words("map.people", people=words.people(gap["people"]))
    zone, along = plain(gap["zone"]), plain(gap["streets"])
    if missing(gap["walk_min_median"]):
        walk, nearest = words("map.cannot_be_reached"), ""
    else:
        median, longest = (words.number(gap[f"walk_min_{k}"]) for k in ("median", "max"))
        walk = words("map.walk_range", median=median, longest=longest)
        nearest = plain(gap["station_name"]) or plain(gap["station_id"])
    texts = {
        "along": along,
        "street_in_gap": street,
        "people_in_gap": people,
        "walk": walk,
        "nearest": nearest,
        "cause": _cause(gap, words),
        "host": _host(gap, words),
        "zone": zone,
    }
    return {
        "rank": int(gap["gap_id"]),
        "at": [round(float(gap["center_lat"]), 5), round(float(gap["center_lon"]), 5)],
        "title": words("map.gap_title", rank=int(gap["gap_id"])),
        "brief": words("map.dot").join(filter(None, [people, street, along or zone])),
        "rows": [(words(f"map.row_{key}"), text) for key, text in texts.items() if text],
        "rings": gap["rings"],
        "weight": float(gap["weight"]),
    }


def _cause(gap: dict[str, Any], words: Words) -> str:
    """Say why a gap is one, where the result knows: for a barrier also how roundabout the walk is."""
    cause = gap.get("cause")
    if cause not in CAUSES:
        return ""
    ratio = gap.get("detour")
    if cause == "barrier" and not missing(ratio):
        text = words("map.cause_barrier_ratio", ratio=words.number(ratio, 1))
        return words("map.dot").join(filter(None, [text, plain(gap.get("crosses_name"))]))
    return words(f"map.cause_{cause}", name=plain(gap.get("closed_station")))


def _host(gap: dict[str, Any], words: Words) -> str:
    """Name the public counter nearby that could close most of a gap, where the result knows one."""
    name, street, people = plain(gap.get("host")), gap.get("host_km"), gap.get("host_people")
    if not name or missing(street):
        return ""
    kilometres = words.number(street, 1)
    if missing(people):
        return words("map.host_street", name=name, km=kilometres)
    return words("map.host_people", name=name, km=kilometres, people=words.people(people))
