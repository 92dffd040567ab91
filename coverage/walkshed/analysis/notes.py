"""Notes: what a reader of the figures must know beside them. Codes and values; `output` has the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod, Transformer

from walkshed.inputs.datum import AUTO, TITLES
from walkshed.inputs.understood import Finding
from walkshed.network.streets import Streets
from walkshed.reach.datum_fit import DatumVerdict
from walkshed.schema import WGS84

THIN_KM_PER_KM2 = 8.0
"""Towns have 10 to 25 km of walkable street a km². Well below that, the map rather than the town has gaps."""


NO_STATIONS = ("no_stations", "no_stations_used", "no_stations_open")
"""Codes of the notes that nothing is covered, since no station is listed, none can be used, or none is open."""


@dataclass(frozen=True)
class Note:
    """One thing to know: a code, for which `output` has the words, and its values."""

    code: str
    values: dict[str, Any]


def edge_distance_m(streets: Streets, area: gpd.GeoDataFrame) -> float:
    """Tell how far the study area lies within the extent of the streets' source.

    Returns
    -------
    float
        Geodesic metres between the nearest sides of their boxes; negative where the area reaches beyond.
    """
    west, south, east, north = streets.source.extent
    to_wgs84 = Transformer.from_crs(streets.crs, WGS84, always_xy=True)
    lon, lat = to_wgs84.transform(*shapely.get_coordinates(area.geometry.array).T)
    a_west, a_south, a_east, a_north = lon.min(), lat.min(), lon.max(), lat.max()
    middle = (a_south + a_north) / 2
    sides = [
        (a_west - west, west, middle, a_west, middle),
        (east - a_east, east, middle, a_east, middle),
        (a_south - south, a_west, south, a_west, a_south),
        (north - a_north, a_west, north, a_west, a_north),
    ]
    geod = Geod(ellps="WGS84")
    return float(min(np.sign(sign) * geod.inv(*ends)[2] for sign, *ends in sides))


def notes_of(
    *,
    summary: dict[str, Any],
    edge_m: float | None,
    budget_m: float,
    near_stations: int,
    streetless_zones: int,
    uncounted_zones: int,
    overlap_share: float,
    datum: DatumVerdict | None = None,
    cut_off: tuple[int, float] = (0, 0.0),
    without_barriers: bool = False,
) -> tuple[Note, ...]:
    """Collect the notes of a study.

    Parameters
    ----------
    summary
        The figures.
    edge_m
        From `edge_distance_m`; None where the study area is all street that was given.
    budget_m
        The largest cutoff as metres.
    near_stations
        Stations that share a depth group with another.
    streetless_zones
        Zones without street.
    uncounted_zones
        Zones without a head count, where others have one.
    overlap_share
        The share of the zones' street that lies in more than one zone.
    datum
        How the stations fit the streets in each datum.
    cut_off
        Stations and people with a street near that no clear leg leads to.
    without_barriers
        Barriers are minded, and there are none.
    """
    people, stations, streets = summary["people"], summary["stations"], summary["streets"]
    unused = {name: len(stations[name]) for name in ("outside", "unsnapped")}
    found = [
        ("no_stations", {}, not stations["read"]),
        ("no_stations_used", {"read": stations["read"], **unused}, stations["read"] and not stations["used"]),
        ("no_area", {}, edge_m is None),
        ("edge_uncertain", {"km": max(0.0, edge_m or 0.0) / 1000}, edge_m is not None and edge_m < budget_m),
        (
            "thin_streets",
            {"km_per_km2": summary["streets"]["km_per_km2"]},
            summary["streets"]["km_per_km2"] < THIN_KM_PER_KM2,
        ),
        ("stations_unsnapped", {"count": len(stations["unsnapped"])}, stations["unsnapped"]),
        ("stations_outside", {"count": len(stations["outside"])}, stations["outside"]),
        ("stations_near", {"count": near_stations}, near_stations),
        ("cut_off", {"stations": cut_off[0], "people": cut_off[1]}, any(cut_off)),
        ("no_barriers", {}, without_barriers),
        ("people_unknown", {"people": people["unknown"]}, people["unknown"]),
        ("people_scattered", {"people": people["scattered"]}, people["scattered"]),
        ("zones_without_street", {"count": streetless_zones}, streetless_zones),
        ("zones_uncounted", {"count": uncounted_zones}, uncounted_zones),
        # Zones that meet along a street both hold it; more than that is an overlap.
        ("zones_overlap", {"share": overlap_share}, overlap_share > 0.05),
        ("streets_unreached", {"km": streets["unreached_km"]}, stations["used"] and streets["unreached_km"] >= 0.05),
        ("street_closed", {"km": streets.get("closed_km")}, "closed_km" in streets),
        ("steps_left_out", {"km": streets.get("steps_left_out_km")}, "steps_left_out_km" in streets),
        ("slope", {"dem": summary["settings"].get("dem")}, "dem" in summary["settings"]),
        ("slope_missing", {"km": streets.get("dem_missing_km")}, streets.get("dem_missing_km", 0.0) >= 0.05),
        (
            "islands_left_out",
            {"km": summary["streets"]["islands_left_out_km"]},
            summary["streets"]["islands_left_out_km"] >= 0.05,
        ),
    ]
    return datum_notes(datum) + tuple(Note(code, values) for code, values, applies in found if applies)


def nothing_open(notes: tuple[Note, ...], closed: int, unknown: int) -> tuple[Note, ...]:
    """Say of stations of which none is open for certain at a moment that this is why none is used."""
    if not closed + unknown:
        return notes
    told = Note("no_stations_open", {"closed": closed, "unknown": unknown})
    return (told, *(note for note in notes if note.code not in NO_STATIONS))


def datum_notes(datum: DatumVerdict | None) -> tuple[Note, ...]:
    """Say which datum the streets told, or that they speak for another than the one stated."""
    if datum is None or not datum.fits:
        return ()
    if datum.contradicts:
        differs = contradiction(datum)
        return (Note("datum_differs", {**differs.values, "found": differs.found, "remedy": differs.remedy}),)
    return (Note("datum_settled", {"count": datum.stations, **_best_two(datum)}),) if datum.stated == AUTO else ()


def contradiction(datum: DatumVerdict) -> Finding:
    """Find that the streets speak for another datum than the one stated, for ``check`` and for the notes alike."""
    median = {fit.datum: f"{fit.median_m:.0f}" for fit in datum.fits}
    read_as = {"read_as": TITLES[datum.stated], "as_read": median[datum.stated]}
    best = {"datum": datum.chosen, "title": TITLES[datum.chosen], "median": median[datum.chosen]}
    return Finding("datum_differs", "warning", (), best | read_as)


def _best_two(datum: DatumVerdict) -> dict[str, Any]:
    """Name the datum that fits best and the next, with their median distances to a street."""
    medians = {f"{which}_m": fit.median_m for which, fit in zip(("best", "next"), datum.fits, strict=False)}
    names = {which: TITLES[fit.datum] for which, fit in zip(("best", "next"), datum.fits, strict=False)}
    return names | medians
