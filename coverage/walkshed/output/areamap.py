"""The map of many areas: each in the colour of its share, as one picture that leads to their reports."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from walkshed.analysis.rollup import Rollup
from walkshed.output.colours import SHARES
from walkshed.output.sheet import Frame, frame_of, scale_bar, text_units
from walkshed.output.words import Words, plain

STRIP = 150
"""Units below the picture for the scale."""

TOLERANCE = 2.0
MOST_NAMES = 150
LINE = 62 * 1.3
"""Units that a line of text is high."""


def draw_areas(rolled: Rollup, words: Words) -> dict[str, Any] | None:
    """Prepare the map for its template.

    Parameters
    ----------
    rolled
        The studies as one.
    words
        The language.

    Returns
    -------
    dict or None
        ``width``, ``height``, ``strip``, ``scale``; ``areas`` (dicts of ``d``, ``kind``, ``folder``, ``says``) and
        ``names`` (points with text); None where no outline is known.
    """
    known = rolled.areas[rolled.areas.geometry.notna() & ~rolled.areas.geometry.is_empty]
    if known.empty:
        return None
    plane = known.to_crs(_plane(known))
    frame = frame_of(tuple(plane.total_bounds))
    share = plane["people_share" if rolled.by_people else "street_share"].to_numpy(dtype=float)
    areas = [
        {
            "d": frame.path(np.array([shape], dtype=object), TOLERANCE),
            "kind": _kind(state, value),
            "folder": folder if state == "done" else None,
            "says": f"{plain(name)} · {words.share(value) if state != 'failed' else words('rollup.failed')}",
        }
        for shape, state, value, folder, name in zip(
            plane.geometry, plane["state"], share, plane["folder"], plane["area"], strict=True
        )
    ]
    return {
        "width": frame.width,
        "height": frame.height,
        "strip": STRIP,
        "scale": scale_bar(frame.metres_per_unit),
        "areas": areas,
        "names": _names(plane, frame),
    }


def _plane(frame: gpd.GeoDataFrame) -> str:
    """Choose an equal-area plane about the middle: a county looks as large as it is, in a province and in a country."""
    west, south, east, north = frame.total_bounds
    return f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"


def _kind(state: str, share: float) -> str:
    if state == "failed" or share != share:
        return "unknown"
    return f"share-{min(int(share * len(SHARES)), len(SHARES) - 1)}"


def _names(plane: gpd.GeoDataFrame, frame: Frame) -> list[dict[str, Any]]:
    """Name the areas that their name fits into, the largest first, where it lies on no other name."""
    taken: list[tuple[float, float, float, float]] = []
    names = []
    for i in np.argsort(-plane.area.to_numpy(), kind="stable")[:MOST_NAMES]:
        text = plain(plane["area"].iloc[i])
        shape = plane.geometry.iloc[i]
        x, y = frame.units(np.array([shapely.get_coordinates(shapely.point_on_surface(shape))[0]]))[0].tolist()
        wide = text_units(text)
        west, south, east, north = (edge / frame.metres_per_unit for edge in shape.bounds)
        box = (x - wide / 2, y - LINE / 2, x + wide / 2, y + LINE / 2)
        fits = wide < 0.9 * (east - west) and 0.6 * (north - south) > LINE
        if fits and not any(a[0] < box[2] and a[2] > box[0] and a[1] < box[3] and a[3] > box[1] for a in taken):
            taken.append(box)
            names.append({"x": x, "y": y + 20, "name": text})
    return names
