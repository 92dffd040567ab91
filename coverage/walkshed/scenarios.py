"""Scenarios: two studies, read, analyzed and set against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from walkshed.phrases import told
from walkshed.project import ReadStreets, Study, analyze_study, heard, reach_of, study_streets
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import geopandas as gpd

    from walkshed.comparing.compare import Comparison
    from walkshed.network.streets import Streets


def compare_studies(before: Study, after: Study, *, progress: Progress = quiet) -> Comparison:
    """Analyze two studies, and set them against each other.

    Parameters
    ----------
    before, after
        Of one area. Streets that both name are read once, as far as the farther walk of the two goes.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Comparison
    """
    from walkshed.comparing.compare import compare

    reach_m = max(reach_of(before), reach_of(after))
    kept: dict[tuple[Any, ...], Streets] = {}

    def reader(study: Study) -> ReadStreets:
        key = (study.streets, study.place, study.area, study.people, study.zones, study.closed, study.dem)

        def read(area: gpd.GeoDataFrame | None, progress: Progress) -> Streets:
            if key not in kept:
                kept[key] = study_streets(study, area, progress, reach_m=reach_m)
            return kept[key]

        return read

    had, has = (analyze_study(study, progress=progress, read=reader(study)) for study in (before, after))
    return compare(had, has, names=_side_names(before, after))


def _side_names(before: Study, after: Study) -> tuple[str, str]:
    """Name both sides by the files and settings that differ; by the stations' file if none does."""

    def differing(study: Study) -> list[str]:
        speeds = before.walk.speed != after.walk.speed
        files = [
            getattr(study, role) for role in ("stations", "streets", "closed", "dem")
            if getattr(before, role) != getattr(after, role)
        ]  # fmt: skip
        return [*(file.name for file in files if file is not None), *([f"{study.walk.speed:g} km/h"] if speeds else [])]

    return (
        " · ".join(differing(before) or [before.stations.name]),
        " · ".join(differing(after) or [after.stations.name]),
    )


def run_comparison(
    before: Study, after: Study, out: Path, *, progress: Progress = quiet
) -> tuple[Comparison, dict[str, Path], list[str]]:
    """Make the report, map, layers, tables and summary of what changes between two studies.

    Parameters
    ----------
    before, after
        What to read; language and title are those of `before`.
    out
        Folder to write to.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    comparison, paths, said
        The comparison, the files written, and what was said about the input, in the study's language.
    """
    from walkshed.output import write_comparison

    with heard() as warned:
        comparison = compare_studies(before, after, progress=progress)
    said = [told(warning, before.lang) for warning in warned]
    paths = write_comparison(comparison, out, lang=before.lang, title=before.title, warnings=said, progress=progress)
    return comparison, paths, said
