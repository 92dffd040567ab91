"""``summary_without_stations``: an area that has none: its street, its people, and that none is covered."""

from __future__ import annotations

from typing import Any

import numpy as np

from walkshed import __version__
from walkshed.analysis.given import hull_of
from walkshed.analysis.intervals import inside_polygons
from walkshed.analysis.summary import settings_told
from walkshed.inputs import is_raster
from walkshed.project import Study, ground_of, heard, inputs_of, study_area, study_people, study_streets, study_zones


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
    total = None
    if people is not None and (people.geom_type == "Point").all():
        inside = people.to_crs(streets.crs).intersects(outline.geometry.iloc[0])
        total = float(people["population"].to_numpy()[np.asarray(inside)].sum())
    covered = None if total is None else 0.0
    walk = study.walk
    return {
        "walkshed": __version__,
        "settings": settings_told(streets, walk),
        "streets": {
            "street_km": street_km,
            "islands_left_out_km": streets.source.islands_left_out_m / 1000,
            "nodes": streets.node_count,
            "edges": len(streets),
            "km_per_km2": street_km / (float(outline.area.iloc[0]) / 1e6),
            "date": streets.source.date,
            "origin": streets.source.origin,
        },
        "stations": {"read": 0, "used": 0, "unsnapped": [], "outside": []},
        "people": {"total": total, "unknown": covered, "in_gaps": None, "scattered": None},
        "coverage": [
            {
                "cutoff_min": cutoff,
                "street_km": 0.0,
                "street_share": 0.0,
                "cross_covered_share": 0.0,
                "people": covered,
                "people_share": covered,
            }
            for cutoff in walk.cutoffs
        ],
        "gaps": {"cutoff_min": walk.largest, "count": None, "street_km": None, "sliver_km": None, "people": None},
        "seconds": None,
        "inputs": inputs_of(study, streets),
    }
