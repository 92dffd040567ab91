"""What lies under the streets on the map: zones coloured by share, and where people live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.output.packing import pack_each_polygon, pack_integers, pack_points
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

ZONE_TOLERANCE_M = 5.0
SHARE_STEPS = 5
DOTS_LIMIT = 4_000
"""More points with people than this are drawn as one dot for each square and state."""

SQUARE_M = 150.0
STATES = ("covered", "gap", "scattered", "unknown")

Row = tuple[str, str]


def zone_layer(result: Coverage, words: Words) -> dict[str, Any] | None:
    """Pack the zones: each with its class of share and its figures at every cutoff; None without zones."""
    zones = result.zones
    if zones is None or zones.empty:
        return None
    by_people = f"people_share_{result.walk.largest:g}" in zones and bool(zones["people"].notna().any())
    column = "people_share" if by_people else "street_share"
    records = zones.drop(columns="geometry").to_dict("records")
    return {
        "rings": pack_each_polygon(zones.geometry, ZONE_TOLERANCE_M),
        "by": "people" if by_people else "streets",
        "classes": [[share_class(row[f"{column}_{c:g}"]) for row in records] for c in result.walk.cutoffs],
        "title": [plain(row["zone"]) for row in records],
        "rows": [[_zone_rows(row, c, by_people, words) for row in records] for c in result.walk.cutoffs],
    }


def share_class(share: float) -> int:
    """Sort a share of 0 to 1 into fifths; -1 where it is not known.

    Examples
    --------
    >>> [share_class(x) for x in (0.0, 0.2, 0.999, 1.0, float("nan"))]
    [0, 1, 4, 4, -1]
    """
    return -1 if pd.isna(share) else min(SHARE_STEPS - 1, int(share * SHARE_STEPS + 1e-9))


def _zone_rows(row: dict[str, Any], cutoff: float, by_people: bool, words: Words) -> list[Row]:
    key = f"{cutoff:g}"
    minutes = words("map.minutes", minutes=key)
    street = words.share(row[f"street_share_{key}"])
    texts = {
        "street_covered": words(
            "map.share_of_km",
            share=street,
            covered=words.number(row[f"covered_km_{key}"], 1),
            total=words.number(row["street_km"], 1),
        )
        if row["street_km"] > 0
        else words("map.zone_without_street"),
        "people_covered": _zone_people(row, key, words) if by_people else "",
        "zone_stations": words.number(row["stations"]),
        "zone_gaps": words.number(row["gaps"]),
    }
    return [(words("map.within_heading"), minutes), *((words(f"map.row_{k}"), v) for k, v in texts.items() if v)]


def _zone_people(row: dict[str, Any], key: str, words: Words) -> str:
    known = row["people"] - row["people_unknown"]
    text = words(
        "map.share_of_people",
        share=words.share(row[f"people_share_{key}"]),
        covered=words.people(row[f"people_{key}"]),
        total=words.people(known),
    )
    if row["people_unknown"] > 0:
        text += words("map.people_unknown", unknown=words.people(row["people_unknown"]))
    return text


def people_layer(result: Coverage, words: Words) -> dict[str, Any] | None:
    """Pack the people as dots, each with its state; None where they did not come as points."""
    people = result.people
    if people is None or people.empty:
        return None
    is_binned = len(people) > DOTS_LIMIT
    dots = _squares(people) if is_binned else people[["population", "state", "geometry"]]
    dots = dots[dots["population"] > 0].sort_values("population", ascending=False, kind="stable")
    total = people.groupby("state")["population"].sum()
    return {
        "points": pack_points(dots.geometry),
        "count": pack_integers(np.ceil(dots["population"].to_numpy(float))),
        "state": [STATES.index(state) for state in dots["state"]],
        "legend": [
            {"state": state, "text": words(f"map.state_{state}", people=words.people(float(total[state])))}
            for state in STATES
            if total.get(state, 0.0) > 0
        ],
        "note": words("map.people_squares" if is_binned else "map.people_points", metres=words.number(SQUARE_M)),
    }


def _squares(people: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add up people in squares, each state by itself, at the middle of where they live."""
    xy, count = shapely.get_coordinates(people.geometry.to_numpy()), people["population"].to_numpy(float)
    table = pd.DataFrame(
        {
            "column": np.floor(xy[:, 0] / SQUARE_M),
            "row": np.floor(xy[:, 1] / SQUARE_M),
            "state": people["state"].to_numpy(),
            "population": count,
            "x": xy[:, 0] * count,
            "y": xy[:, 1] * count,
        }
    )
    sums = table[table["population"] > 0].groupby(["column", "row", "state"], as_index=False).sum()
    middle = gpd.points_from_xy(sums["x"] / sums["population"], sums["y"] / sums["population"], crs=people.crs)
    return gpd.GeoDataFrame(sums[["population", "state"]], geometry=middle)
