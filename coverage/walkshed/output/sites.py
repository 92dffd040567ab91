"""Proposed sites as the map and the report show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from walkshed.errors import InputError
from walkshed.output.facts import kind_name
from walkshed.output.words import Words, plain
from walkshed.schema import WGS84, to_crs
from walkshed.siting.after import coverage_after

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

COLUMNS = ("order", "name", "kind", "gain_street_km", "gain_people")


def listed_sites(result: Coverage, sites: gpd.GeoDataFrame | None, words: Words) -> list[dict[str, Any]]:
    """Make proposed sites plain values, in their order.

    Parameters
    ----------
    result
        What they were proposed for.
    sites
        Points with `COLUMNS`, in any stated CRS; None or no row for none.
    words
        The language.

    Returns
    -------
    list of dict
        ``order``, ``title``, ``name``, ``kind``, ``street_km``, ``people`` (None where none are given),
        ``lon``, ``lat``, and ``street_share`` and ``people_share`` once it and those before it stand.

    Raises
    ------
    InputError
        If a column is missing or a place is no point.
    CRSError
        If no coordinate system is stated.
    """
    if sites is None or sites.empty:
        return []
    _check(sites)
    frame = to_crs(sites, WGS84, "sites").sort_values("order", kind="stable")
    after = coverage_after(result, frame).iloc[1:].reset_index(drop=True)
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    at = shapely.get_coordinates(frame.geometry.to_numpy()).tolist()
    return [
        {
            "order": int(row["order"]),
            "title": words("site.title", order=int(row["order"])),
            "name": plain(row["name"]),
            "kind": kind_name(plain(row["kind"]), words),
            "street_km": float(row["gain_street_km"]),
            "people": None if pd.isna(row["gain_people"]) else float(row["gain_people"]),
            "lon": lon,
            "lat": lat,
            "street_share": float(then["street_share"]),
            "people_share": then["people_share"],
        }
        for row, (lon, lat), then in zip(rows, at, after.to_dict("records"), strict=True)
    ]


def _check(sites: gpd.GeoDataFrame) -> None:
    lost = [column for column in COLUMNS if column not in sites]
    if lost:
        raise InputError(f"sites: no column {', '.join(lost)}; found {', '.join(map(str, sites.columns))}")
    if not (sites.geometry.geom_type == "Point").all():
        found = ", ".join(sorted(sites.geometry.geom_type.fillna("nothing").unique()))
        raise InputError(f"sites: each must be a point, found {found}; take e.g. their centroids")


def site_table(proposed: dict[str, Any], words: Words) -> list[dict[str, str]]:
    """Word proposed sites for the terminal: heading to text; a column of people only where some are given.

    Parameters
    ----------
    proposed
        ``summary["sites"]``.
    words
        The language.
    """
    rows = [
        {
            words("column.order"): words.number(site["order"]),
            words("column.site_id"): plain(site["site_id"]),
            words("column.name"): plain(site["name"]),
            words("column.kind"): kind_name(plain(site["kind"]), words),
            words("column.adds_km"): words.number(site["gain_street_km"], 1),
            words("column.adds_people"): words.people(site["gain_people"]),
            words("column.zone"): plain(site["zone"]),
        }
        for site in proposed["sites"]
    ]
    return _told(rows, words)


def closing_table(closing: dict[str, Any], words: Words) -> list[dict[str, str]]:
    """Word for the terminal what closing stations loses: `closing` is ``summary["closing"]``."""
    row = {
        words("column.closed"): ", ".join(map(plain, closing["closed"])),
        words("column.loses_km"): words.number(closing["lost_street_km"], 1),
        words("column.loses_people"): words.people(closing["lost_people"]),
    }
    return _told([row], words)


def _told(rows: list[dict[str, str]], words: Words) -> list[dict[str, str]]:
    """Leave out the columns in which nothing is told."""
    nothing = ("", words.number(None))
    kept = [heading for heading in (rows[0] if rows else ()) if any(row[heading] not in nothing for row in rows)]
    return [{heading: row[heading] for heading in kept} for row in rows]


def proof_note(proposed: dict[str, Any], words: Words) -> str:
    """Say how good the choice is: proven, or how much better any other could be.

    Parameters
    ----------
    proposed
        ``summary["sites"]``.
    words
        The language.
    """
    values = {"candidates": words.number(proposed["candidates"]), "count": proposed["added"]}
    if proposed["proven"]:
        return words("report.sites_proven" if proposed["share"] is None else "report.sites_fewest", **values)
    if proposed["share"] is not None:
        return words("report.sites_at_least", **values, at_least=proposed["at_least"])
    return words("report.sites_bound", **values, more=words.share(proposed["gap"]))


def site_layer(sites: list[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Word the sites for the map: what a marker's pop-up and the list say."""
    return [_worded(site, words) for site in sites]


def _worded(site: dict[str, Any], words: Words) -> dict[str, Any]:
    street = words("map.km", km=words.number(site["street_km"], 1))
    people = "" if site["people"] is None else words("map.people", people=words.people(site["people"]))
    then = words("map.street_share", share=words.share(site["street_share"]))
    if site["people_share"] is not None:
        then = words(
            "map.both_shares", street=words.share(site["street_share"]), people=words.share(site["people_share"])
        )
    texts = {"site_kind": site["kind"], "site_people": people, "site_street": street, "site_then": then}
    rows = [(words(f"map.row_{key}"), text) for key, text in texts.items() if text]
    return {
        "order": site["order"],
        "title": words("map.dot").join(filter(None, [site["title"], site["name"]])),
        "brief": words("map.dot").join(filter(None, [site["name"] or site["kind"], people, street])),
        "at": [round(site["lat"], 5), round(site["lon"], 5)],
        "rows": rows,
    }
