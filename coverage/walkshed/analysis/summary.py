"""The summary: every figure of a study, as ``summary.json`` holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed import __version__
from walkshed.analysis.gaps import GapPlan
from walkshed.analysis.given import Given, Standing
from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.analysis.tables import coverage_rows
from walkshed.network.streets import Streets
from walkshed.reach.walk import Walk


def summarize(
    streets: Streets,
    given: Given,
    standing: Standing,
    stretches: Stretches,
    heads: Heads | None,
    state: NDArray[np.object_] | None,
    plan: GapPlan,
    walk: Walk,
) -> dict[str, Any]:
    """Add up the stretches and the people.

    Returns
    -------
    dict
        As DESIGN and ARCHITECTURE.md list it: lengths in km, shares of 0 to 1, people as heads; None where
        no people were given. All of it inside the study area.
    """
    inside = stretches.inside
    street_km = float(stretches.length_m[inside].sum()) / 1000
    uncovered = inside & ~(stretches.cost_m <= walk.budget_m(walk.largest))
    sliver_km = float(stretches.length_m[uncovered & (stretches.gap == 0)].sum()) / 1000
    stations = standing.stations
    return {
        "walkshed": __version__,
        "settings": settings_told(streets, walk, given.read_as),
        "streets": {
            "street_km": street_km,
            "islands_left_out_km": streets.source.islands_left_out_m / 1000,
            "unreached_km": float(stretches.length_m[inside & ~np.isfinite(stretches.cost_m)].sum()) / 1000,
            **_altered(streets, given, walk),
            "nodes": streets.node_count,
            "edges": len(streets),
            "km_per_km2": street_km / (float(given.area.area.iloc[0]) / 1e6),
            "date": streets.source.date,
            "origin": streets.source.origin,
        },
        "stations": {
            "read": len(stations),
            "used": len(standing.rows),
            "unsnapped": sorted(stations.loc[stations["status"] == "unsnapped", "station_id"]),
            "outside": sorted(stations.loc[stations["status"] == "outside", "station_id"]),
        },
        "people": _people(heads, state),
        "coverage": coverage_rows(stretches, heads, walk),
        "gaps": {
            "cutoff_min": walk.largest,
            "count": len(plan.center),
            "street_km": float(plan.taken.length_m.sum()) / 1000,
            "sliver_km": sliver_km,
            "people": None if heads is None else float(np.nansum(plan.people)),
        },
    }


def _altered(streets: Streets, given: Given, walk: Walk) -> dict[str, float]:
    """Tell what was left out on purpose, and what slopes could not be read of; nothing where nothing was asked for."""
    told: dict[str, float] = {}
    if streets.left_out is not None and (streets.left_out["reason"] == "closed").any():
        told["closed_km"] = left_out_km(streets, given, "closed")
    if not walk.steps:
        told["steps_left_out_km"] = left_out_km(streets, given, "steps")
    if streets.source.dem:
        told["dem_missing_km"] = streets.source.dem_missing_m / 1000
    return told


def settings_told(streets: Streets, walk: Walk, datum: str) -> dict[str, Any]:
    """Tell the settings, as ``summary["settings"]``: what is usual is told of steps and slope by their absence."""
    return {
        "datum": datum,
        "cutoffs_min": list(walk.cutoffs),
        "speed_kmh": walk.speed,
        "off_street_m": walk.off_street,
        "max_snap_m": walk.max_snap,
        "min_island_m": streets.source.min_island_m,
        "min_gap_m": walk.min_gap,
        **({} if walk.steps else {"steps": False}),
        **({"dem": streets.source.dem} if streets.source.dem else {}),
        "barriers": walk.barriers,
    }


def left_out_km(streets: Streets, given: Given, reason: str) -> float:
    """Tell how much street inside the area was left out, for one reason."""
    if streets.left_out is None:
        return 0.0
    taken = streets.left_out[streets.left_out["reason"] == reason]
    lines, length_m = taken.geometry.to_numpy(), taken["length_m"].to_numpy()
    if given.has_area:
        length_m = length_m * shapely.length(shapely.intersection(lines, given.area.geometry.iloc[0]))
        length_m = length_m / shapely.length(lines)
    return float(length_m.sum()) / 1000


def _people(heads: Heads | None, state: NDArray[np.object_] | None) -> dict[str, float | None]:
    if heads is None or state is None:
        return {"total": None, "unknown": None, "in_gaps": None, "scattered": None}
    return {
        "total": float(heads.count.sum()),
        "unknown": heads.total(state == "unknown"),
        "in_gaps": heads.total(state == "gap"),
        "scattered": heads.total(state == "scattered"),
    }
