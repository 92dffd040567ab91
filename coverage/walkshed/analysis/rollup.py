"""``roll_up``: the figures of many studies as one: sums of lengths and people, and shares of those sums."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.analysis.listed import STATES, each_once
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

REPORTED = ("done", "empty")
"""States of studies that have outputs of their own."""

OVERLAP = 0.005
"""Areas that share more than this of their ground count some street twice."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One study of many.

    Attributes
    ----------
    name, slug
        As the user calls it, and its folder.
    state
        done, empty (done, without a station that could be used), streetless or failed.
    why
        Of what is not done.
    summary
        As ``summary.json``; None of what failed.
    area, gaps
        Its outline and its gaps, WGS 84; None where they are not known.
    stations
        Those near it, as `each_once` takes them; None where they are not known.
    """

    name: str
    slug: str
    state: str
    why: str | None = None
    summary: dict[str, Any] | None = None
    area: gpd.GeoDataFrame | None = None
    gaps: gpd.GeoDataFrame | None = None
    stations: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Rollup:
    """Many studies as one.

    Attributes
    ----------
    areas
        One row a study, best covered first, those that failed last: rank, area, folder, state, why, street_km,
        covered_km, street_share, people, people_unknown, people_covered, people_share, stations, gaps, gap_km,
        gap_people, unreached_km, islands_left_out_km (of the street read for it, the margin round it included),
        streets_date; its outline, WGS 84, None where it is not known.
    gaps
        All gaps, by people where all studies have them, else by street: rank, area, folder, and a study's own columns.
    stations
        Each station of the lists once, as `each_once` tells it.
    totals
        The sums: areas, done, empty, streetless, failed, and the figures of `areas`; shares are of what is known. A
        station that serves several areas is one; beside it stand `stations_listed`, `_unknown`, `_closed`,
        `_unsnapped`, `_outside`.
    cutoff_min, speed_kmh
        At which figures are told, where all studies are told at one; else None.
    by_people
        Whether areas are ranked by people rather than by street.
    overlap
        Share of the areas' ground that lies in two.
    made_from
        ``settings`` (each that differs), ``inputs`` (role, file and sha256 of each file once) and ``streets`` (the
        newest date of their data) of all studies.
    origins
        Where the streets of any come from: osm, synthetic (an invented place), other.
    notes
        What is odd about the files that all studies come from, and the lists of stations.
    """

    areas: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    stations: pd.DataFrame
    totals: dict[str, Any]
    cutoff_min: float | None
    speed_kmh: float | None
    by_people: bool
    overlap: float
    made_from: dict[str, Any]
    origins: tuple[str, ...]
    notes: tuple[Phrase, ...] = ()


def roll_up(
    parts: Sequence[Part],
    inputs: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[Phrase] = (),
    listed: Sequence[pd.DataFrame] = (),
) -> Rollup:
    """Add up studies.

    Parameters
    ----------
    parts
        In any order: the result does not depend on it, but for studies that are equal in all.
    inputs
        Files that all studies come from, beside those that their summaries name: role, file and sha256.
    notes
        What is odd about those files.
    listed
        All that the lists of stations hold, as `each_once` takes it.

    Returns
    -------
    Rollup
        A study that failed is in no sum.
    """
    told = pd.DataFrame([_row(part) for part in parts])
    known = told[told["state"] != "failed"]
    by_people = bool(len(known)) and bool(known["people"].notna().all())
    share = "people_share" if by_people else "street_share"
    order = told.assign(_failed=told["state"] == "failed").sort_values(
        ["_failed", share, "area"], ascending=[True, False, True], na_position="last", kind="stable"
    )
    told = told.loc[order.index].reset_index(drop=True)
    rank = np.where(told["state"] == "failed", np.nan, np.arange(1.0, len(told) + 1))
    outlines = [part.area.geometry.union_all() if part.area is not None else None for part in parts]
    shapes = gpd.GeoSeries([outlines[i] for i in order.index], crs=WGS84)
    areas = gpd.GeoDataFrame(told.assign(rank=rank), geometry=shapes)
    cutoffs = {c for c in known["cutoff_min"] if c == c}
    stations = each_once([*(part.stations for part in parts if part.stations is not None), *listed])
    speeds = {s for s in known["speed_kmh"] if s == s}
    totals = _totals(told, stations)
    return Rollup(
        areas=areas.drop(columns=["cutoff_min", "speed_kmh"]),
        gaps=_gaps(parts, by_people=by_people),
        stations=stations,
        totals=totals,
        cutoff_min=cutoffs.pop() if len(cutoffs) == 1 else None,
        speed_kmh=speeds.pop() if len(speeds) == 1 else None,
        by_people=by_people,
        overlap=_overlap(shapes),
        made_from=_made_from(parts, inputs),
        origins=tuple(sorted({part.summary["streets"]["origin"] for part in parts if part.summary} - {None})),
        notes=(*notes, *none_used(totals)),
    )


def none_used(totals: Mapping[str, Any]) -> list[Phrase]:
    """Say that no station of any list was used: there is none, or most often they are elsewhere, or in another datum.

    Where no area is known to be without a station, or some stations are near one that failed, or merely closed at the
    moment asked for, neither is said.

    Parameters
    ----------
    totals
        As a `Rollup` has them.
    """
    if not totals["empty"] or any(totals[key] for key in ("stations", "stations_unknown", "stations_closed")):
        return []
    if not totals["stations_listed"]:
        return [Phrase("rollup.none_listed")]
    return [Phrase("rollup.none_used", count=f"{totals['stations_listed']:,}")]


def stations_told(totals: Mapping[str, Any]) -> Phrase:
    """Say how many stations of the lists were used, and how many were not: tables.xlsx names them.

    Parameters
    ----------
    totals
        As a `Rollup` has them.
    """
    counts = {state: f"{totals[f'stations_{state}']:,}" for state in ("listed", *STATES[1:])}
    closed = Phrase("rollup.note_closed", count=counts["closed"]) if totals["stations_closed"] else ""
    return Phrase("rollup.note_stations", used=f"{totals['stations']:,}", **(counts | {"closed": closed}))


def _made_from(parts: Sequence[Part], inputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told = [part.summary for part in parts if part.summary is not None]
    dates = [summary["streets"]["date"] for summary in told if summary["streets"]["date"]]
    return {
        "settings": _each_once([summary["settings"] for summary in told if summary["settings"]]),
        "inputs": _each_once([*inputs, *(row for summary in told for row in summary.get("inputs", ()))]),
        "streets": {"date": max(dates, default=None)},
    }


def _each_once(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sort rows as text, so that the order of the studies does not matter."""
    return [json.loads(text) for text in sorted({json.dumps(row, sort_keys=True) for row in rows})]


def _row(part: Part) -> dict[str, Any]:
    told = part.summary
    row: dict[str, Any] = {"area": part.name, "folder": part.slug, "state": part.state, "why": part.why}
    if told is None:
        return row | dict.fromkeys(_FIGURES, np.nan) | {"streets_date": None, "cutoff_min": np.nan, "speed_kmh": np.nan}
    last, people, gaps = told["coverage"][-1], told["people"], told["gaps"]
    streets = told["streets"]
    figures = (
        *(told["streets"]["street_km"], last["street_km"], last["street_share"]),
        *(people["total"], people["unknown"], last["people"], last["people_share"]),
        *(told["stations"]["used"], gaps["count"], gaps["street_km"], gaps["people"]),
        *(streets.get("unreached_km"), streets.get("islands_left_out_km")),
    )
    settings = told["settings"]
    row |= {name: np.nan if value is None else value for name, value in zip(_FIGURES, figures, strict=True)}
    return row | {
        "streets_date": told["streets"]["date"],
        "cutoff_min": last["cutoff_min"],
        "speed_kmh": settings.get("speed_kmh", np.nan),
    }


_FIGURES = (
    *("street_km", "covered_km", "street_share"),
    *("people", "people_unknown", "people_covered", "people_share"),
    *("stations", "gaps", "gap_km", "gap_people"),
    *("unreached_km", "islands_left_out_km"),
)


def _totals(rows: pd.DataFrame, stations: pd.DataFrame) -> dict[str, Any]:
    """Add up; people are told of the areas where they are known, and how many those are; each station counts once."""
    known = rows[rows["state"] != "failed"]
    peopled = known[known["people"].notna()]
    counted = {"areas": len(rows)} | {
        state: int((rows["state"] == state).sum()) for state in ("done", "empty", "streetless", "failed")
    }
    street, covered = float(known["street_km"].sum()), float(known["covered_km"].sum())
    people, unknown, reached = (float(peopled[c].sum()) for c in ("people", "people_unknown", "people_covered"))
    has_people = len(peopled) > 0
    return counted | {
        "street_km": street,
        "covered_km": covered,
        "street_share": covered / street if street else None,
        "people": people if has_people else None,
        "people_unknown": unknown if has_people else None,
        "people_covered": reached if has_people else None,
        "people_share": reached / (people - unknown) if has_people and people > unknown else None,
        "people_areas": len(peopled),
        "stations": int((stations["status"] == "used").sum()),
        "stations_listed": len(stations),
        **{f"stations_{state}": int((stations["status"] == state).sum()) for state in STATES[1:]},
        "gaps": int(known["gaps"].sum()),
        "gap_km": float(known["gap_km"].sum()),
        "gap_people": float(peopled["gap_people"].sum()) if has_people else None,
    }


def _gaps(parts: Sequence[Part], *, by_people: bool) -> gpd.GeoDataFrame:
    frames = [
        part.gaps.assign(area=part.name, folder=part.slug) for part in parts if part.gaps is not None and len(part.gaps)
    ]
    if not frames:
        return gpd.GeoDataFrame({"rank": [], "area": [], "folder": []}, geometry=[], crs=WGS84)
    columns = [c for c in frames[0].columns if any(frame[c].notna().any() for frame in frames)]
    table = pd.concat(
        [frame[columns].astype({c: object for c in columns if frame[c].isna().all()}) for frame in frames]
    )
    gaps = gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84).infer_objects()
    gain = "people" if by_people and "people" in gaps else "street_km"
    gaps = gaps.sort_values(
        [gain, "street_km", "folder", "gap_id"], ascending=[False, False, True, True], kind="stable"
    )
    first = ["rank", "area", "folder"]
    gaps = gaps.reset_index(drop=True).assign(rank=np.arange(1, len(gaps) + 1))
    return gaps[[*first, *(c for c in gaps.columns if c not in first)]]


def _overlap(shapes: gpd.GeoSeries) -> float:
    """Tell which share of the ground lies in two areas."""
    there = shapely.make_valid(shapes.dropna().to_numpy())
    if len(there) < 2:
        return 0.0
    plane = gpd.GeoSeries(there, crs=WGS84).to_crs("ESRI:54034").to_numpy()  # equal area
    whole = float(shapely.area(plane).sum())
    return max(0.0, 1.0 - float(shapely.area(shapely.union_all(plane))) / whole) if whole else 0.0
