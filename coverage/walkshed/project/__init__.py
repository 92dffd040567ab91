"""A study, end to end: files -> frames -> ``Coverage`` -> outputs."""

from walkshed.project.read import (
    ReadStreets,
    ground_of,
    heard,
    near_area,
    reach_of,
    study_area,
    study_grid,
    study_people,
    study_stations,
    study_streets,
    study_zones,
)
from walkshed.project.run import analyze_study, check_study, files_of, inputs_of, run_study, street_facts
from walkshed.project.study import Study, default_store, demo_study, language

__all__ = [
    "ReadStreets",
    "Study",
    "analyze_study",
    "check_study",
    "default_store",
    "demo_study",
    "files_of",
    "ground_of",
    "heard",
    "inputs_of",
    "language",
    "near_area",
    "reach_of",
    "run_study",
    "street_facts",
    "study_area",
    "study_grid",
    "study_people",
    "study_stations",
    "study_streets",
    "study_zones",
]
