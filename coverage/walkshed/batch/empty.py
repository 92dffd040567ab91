"""Areas that no study can be made of: without a station nothing is covered; without a street people are unknown."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from walkshed import __version__
from walkshed.analysis.given import hull_of
from walkshed.analysis.intervals import inside_polygons
from walkshed.analysis.summary import settings_told
from walkshed.inputs import is_raster
from walkshed.inputs.datum import read_as
from walkshed.project import (
    Study,
    counted_told,
    ground_of,
    heard,
    inputs_of,
    study_area,
    study_people,
    study_streets,
    study_zones,
)


def summary_without_stations(study: Study) -> dict[str, Any]:
    """Measure an area without stations.

    Parameters
    ----------
    study
        Its stations are not read.

    Returns
    -------
    dict
        As ``summary.json``; people are told where they came as points, else None; gaps are not planned: None.
    """
    with heard():
        zones, area = study_zones(study), study_area(study)
        people = None if study.people is None or is_raster(study.people) else study_people(study, area)
        streets = study_streets(study, ground_of(area, people, zones))
        outline = hull_of(streets) if area is None else area.to_crs(streets.crs)
        people = study_people(study, outline) if people is None else people
    street_km = float(inside_polygons(streets, outline.geometry.to_numpy()).length_m.sum()) / 1000
    total = _people_in(outline, people)
    covered = None if total is None else 0.0
    return {
        "walkshed": __version__,
        "settings": settings_told(streets, study.walk, read_as(study.datum)) | counted_told(study),
        "streets": {
            "street_km": street_km,
            "islands_left_out_km": streets.source.islands_left_out_m / 1000,
            "nodes": streets.node_count,
            "edges": len(streets),
            "km_per_km2": street_km / (float(outline.area.iloc[0]) / 1e6),
            "date": streets.source.date,
            "origin": streets.source.origin,
        },
        **_nothing_covered(study, people=total, unknown=covered, street_share=0.0, people_share=covered),
        "inputs": inputs_of(study, streets),
    }


def summary_without_streets(study: Study) -> dict[str, Any]:
    """Count the people of an area without a street: with no street near, they are unknown.

    Parameters
    ----------
    study
        It has an area. Its stations and streets are not read.

    Returns
    -------
    dict
        As `summary_without_stations`; no share is told, for there is nothing to take one of.
    """
    with heard():
        area = study_area(study)
        people = study_people(study, area)
    total = None if area is None else _people_in(area, people)
    return {
        "walkshed": __version__,
        "settings": {},
        "streets": {"street_km": 0.0, "date": None, "origin": None},
        **_nothing_covered(study, people=total, unknown=total, street_share=None, people_share=None),
        "inputs": [],
    }


def _people_in(area: gpd.GeoDataFrame, people: gpd.GeoDataFrame | None) -> float | None:
    """Count the people at points in an area; of those told by polygons nobody knows where they live."""
    if people is None or not (people.geom_type == "Point").all():
        return None
    inside = people.to_crs(area.crs).intersects(area.geometry.iloc[0])
    return float(people["population"].to_numpy()[np.asarray(inside)].sum())


def _nothing_covered(
    study: Study,
    *,
    people: float | None,
    unknown: float | None,
    street_share: float | None,
    people_share: float | None,
) -> dict[str, Any]:
    walk, none = study.walk, None if people is None else 0.0
    shares = {"street_share": street_share, "cross_covered_share": street_share, "people_share": people_share}
    return {
        "stations": {"read": 0, "used": 0, "unsnapped": [], "outside": []},
        "people": {"total": people, "unknown": unknown, "in_gaps": None, "scattered": None},
        "coverage": [{"cutoff_min": cutoff, "street_km": 0.0, "people": none, **shares} for cutoff in walk.cutoffs],
        "gaps": {"cutoff_min": walk.largest, "count": None, "street_km": None, "sliver_km": None, "people": None},
        "seconds": None,
    }
