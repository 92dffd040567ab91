"""``cut_for_all``: the streets of all studies that share a file, cut out of it at once, before any is begun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd

from walkshed.batch.jobs import Job
from walkshed.batch.work import Outcome, without_street
from walkshed.errors import NoStreetsError, WalkshedError
from walkshed.inputs import is_raster
from walkshed.network.clip import Clip
from walkshed.network.cut import cut_streets
from walkshed.phrases import told
from walkshed.project import Study, ground_of, heard, reach_of, study_area, study_people, study_zones
from walkshed.schema import Progress, quiet

Frame: TypeAlias = gpd.GeoDataFrame | None


def cut_for_all(jobs: Sequence[Job], progress: Progress = quiet) -> dict[str, Outcome]:
    """Put the streets of all studies into their stores: one pass over each file that several share.

    Parameters
    ----------
    jobs
        What is about to be done. Those without an area or a store are left to themselves.
    progress
        Told of each step.

    Returns
    -------
    dict
        Slug -> why a study need not be begun. A study with a fault of another kind is left to find out itself.
    """
    shared: dict[tuple[Path, Path], list[tuple[Job, Clip]]] = defaultdict(list)
    grounds = _Grounds()
    for job in jobs:
        study = job.study
        if study.streets is None or study.area is None or study.store is None:
            continue
        try:
            with heard():
                clip = Clip.of(grounds.of(study), reach_of(study))
        except WalkshedError:
            continue
        shared[study.streets, study.store].append((job, clip))
    failed: dict[str, Outcome] = {}
    for (file, store), wanted in shared.items():
        if len(wanted) < 2:
            continue
        try:
            errors = cut_streets(file, [clip for _, clip in wanted], store=store, progress=progress)
        except WalkshedError as fault:  # the file's own is that of every study
            errors = dict.fromkeys(range(len(wanted)), fault)
        for i, error in errors.items():
            job = wanted[i][0]
            failed[job.slug] = (
                without_street(job, error)
                if isinstance(error, NoStreetsError)
                else Outcome(state="failed", why=told(error, job.study.lang))
            )
    return failed


class _Grounds:
    """Where each study needs streets; files that many studies share are read once."""

    def __init__(self) -> None:
        self._zones = cache(_zones)
        self._people = cache(_people)

    def of(self, study: Study) -> gpd.GeoDataFrame:
        area = study_area(study)
        zones = self._zones(study.zones, study.zone_name, study.zones_datum, study.zones_crs, study.grid_m)
        people = self._people(study.people, study.people_column, study.people_datum, study.people_crs)
        ground = ground_of(area, people, zones)
        assert ground is not None  # noqa: S101  # there is an area
        return ground


def _zones(path: Path | None, name: str | None, datum: str, crs: str | None, grid_m: float | None) -> Frame:
    nothing = Path()
    return study_zones(
        Study(stations=nothing, zones=path, zone_name=name, zones_datum=datum, zones_crs=crs, grid_m=grid_m)
    )


def _people(path: Path | None, column: str | None, datum: str, crs: str | None) -> Frame:
    if path is None or is_raster(path):
        return None
    study = Study(stations=Path(), people=path, people_column=column, people_datum=datum, people_crs=crs)
    return study_people(study, None)
