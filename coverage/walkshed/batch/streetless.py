"""Areas that no study can be made of: there is no street in them, so their people are unknown."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from walkshed import __version__
from walkshed.project import Study, heard, study_area, study_people


def summary_without_streets(study: Study) -> dict[str, Any]:
    """Count the people of an area without a street: with no street near, they are unknown.

    Parameters
    ----------
    study
        It has an area. Its stations and streets are not read.

    Returns
    -------
    dict
        As ``summary.json``; no share is told, for there is nothing to take one of.
    """
    with heard():
        area = study_area(study)
        people = study_people(study, area)
    total = None if area is None else _people_in(area, people)
    none = None if total is None else 0.0
    shares = {"street_share": None, "cross_covered_share": None, "people_share": None}
    walk = study.walk
    return {
        "walkshed": __version__,
        "settings": {},
        "streets": {"street_km": 0.0, "date": None, "origin": None},
        "stations": {"read": 0, "used": 0, "unsnapped": [], "outside": []},
        "people": {"total": total, "unknown": total, "in_gaps": None, "scattered": None},
        "coverage": [{"cutoff_min": cutoff, "street_km": 0.0, "people": none, **shares} for cutoff in walk.cutoffs],
        "gaps": {"cutoff_min": walk.largest, "count": None, "street_km": None, "sliver_km": None, "people": None},
        "seconds": None,
        "inputs": [],
    }


def _people_in(area: gpd.GeoDataFrame, people: gpd.GeoDataFrame | None) -> float | None:
    """Count the people at points in an area; of those told by polygons nobody knows where they live."""
    if people is None or not (people.geom_type == "Point").all():
        return None
    inside = people.to_crs(area.crs).intersects(area.geometry.iloc[0])
    return float(people["population"].to_numpy()[np.asarray(inside)].sum())
