"""``Lists``: the lists of stations that many studies take theirs from, and what became of them in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from walkshed.analysis.listed import COLUMNS
from walkshed.analysis.rollup import REPORTED
from walkshed.batch.jobs import Job
from walkshed.errors import WalkshedError
from walkshed.project import Study, heard, near_area, study_area, study_stations


class Lists:
    """The lists of stations of many studies, each read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[Any, ...], gpd.GeoDataFrame | None] = {}

    def whole(self, jobs: Iterable[Job]) -> list[pd.DataFrame]:
        """Hand out all stations of each list, as near no area; a list that cannot be read is its studies' fault."""
        for job in jobs:
            self._of(job.study)
        return [_told(read, key[0], "outside", "") for key, read in self._read.items() if read is not None]

    def near(self, row: Mapping[str, Any], job: Job, layers: Path) -> pd.DataFrame:
        """Tell what became of the stations near a study.

        Parameters
        ----------
        row
            The manifest's.
        job
            The study.
        layers
            Its GeoPackage, where it has one.

        Returns
        -------
        DataFrame
            As `analysis.listed.each_once` takes it. Near an area without a street they have no street near; near one
            that failed they are unknown; near one told at a moment those that its layers do not have are closed.
        """
        if row["state"] in REPORTED:
            told = pyogrio.read_dataframe(layers, layer="stations", columns=["station_id", "name", "status"])
            place = {"lon": told.geometry.x, "lat": told.geometry.y}
            told = pd.DataFrame(told.assign(list=_file(job.study), area=job.name, **place))[list(COLUMNS)]
            return told if job.study.at is None else pd.concat([told, self._closed(told, job)], ignore_index=True)
        stations = self._of(job.study)
        if stations is None:
            return pd.DataFrame(columns=list(COLUMNS))
        status = "unknown" if row["state"] == "failed" else "unsnapped"
        return _told(_within_reach(stations, job.study), _file(job.study), status, job.name)

    def _closed(self, told: pd.DataFrame, job: Job) -> pd.DataFrame:
        stations = self._of(job.study)
        if stations is None:
            return told.head(0)
        shut = stations[~stations["station_id"].isin(told["station_id"])]
        return _told(_within_reach(shut, job.study), _file(job.study), "closed", job.name)

    def _of(self, study: Study) -> gpd.GeoDataFrame | None:
        key = (_file(study), study.columns, study.datum, study.crs, study.categories, study.groups)
        if key not in self._read:
            try:
                with heard():
                    self._read[key] = study_stations(study)
            except WalkshedError:
                self._read[key] = None
        return self._read[key]


def _file(study: Study) -> str:
    """Name a list so that no other is called the same."""
    return f"{study.stations}\n{study.sheet or ''}"


def _within_reach(stations: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    try:
        with heard():
            area = None if study.area is None else study_area(study)
            return near_area(replace(study, near_only=True, allow_no_stations=True), stations, area)
    except WalkshedError:  # an outline that cannot be read: any of them may be near it
        return stations


def _told(stations: gpd.GeoDataFrame, file: str, status: str, area: str) -> pd.DataFrame:
    """Tell of stations as a list has them: where they stand is not known before their datum is."""
    told = pd.DataFrame(stations[["station_id", "name"]])
    return told.assign(list=file, status=status, area=area, lon=np.nan, lat=np.nan)[list(COLUMNS)]
