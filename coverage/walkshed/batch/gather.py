"""``gather``: what the studies have left on disk, as one roll-up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from walkshed.analysis.rollup import REPORTED, Part, Rollup, roll_up
from walkshed.batch.jobs import Job
from walkshed.batch.lists import Lists
from walkshed.errors import OutputError, WalkshedError
from walkshed.phrases import Phrase
from walkshed.project import heard, study_area
from walkshed.schema import WGS84


def gather(
    rows: Sequence[Mapping[str, Any]],
    jobs: Mapping[str, Job],
    out: Path,
    inputs: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[Phrase] = (),
) -> Rollup:
    """Read what is needed of each study's outputs, and add it up.

    Parameters
    ----------
    rows
        The manifest's.
    jobs
        By slug.
    out
        The batch's folder.
    inputs
        Files that all studies come from: role, file and sha256.
    notes
        What is odd about them.

    Raises
    ------
    OutputError
        If the outputs of a study that was done are no longer there.
    """
    lists = Lists()
    parts = [_part(row, jobs[row["slug"]], out / row["slug"] / "coverage.gpkg", lists) for row in rows]
    return roll_up(parts, inputs, notes, lists.whole(jobs.values()))


def _part(row: Mapping[str, Any], job: Job, layers: Path, lists: Lists) -> Part:
    done = row["state"] in REPORTED
    return Part(
        name=row["name"],
        slug=row["slug"],
        state=row["state"],
        why=row["why"],
        summary=None if row["summary"] is None else _summary(row["summary"], job),
        area=_layer(layers, "area") if done else _outline(job),
        gaps=_layer(layers, "gaps") if done else None,
        stations=lists.near(row, job, layers),
    )


def _summary(text: str, job: Job) -> dict[str, Any]:
    """Read a summary; an outline that was cut out of a layer of areas is no input of the whole: the layer is."""
    summary: dict[str, Any] = json.loads(text)
    if job.study.near_only:
        summary["inputs"] = [row for row in summary["inputs"] if row["role"] != "area"]
    return summary


def _layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    try:
        return pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError) as fault:  # it was whole when its study had ended
        raise OutputError(Phrase("batch.removed", out=path)) from fault


def _outline(job: Job) -> gpd.GeoDataFrame | None:
    """Find the outline of a study that has no outputs, if its file can be read."""
    if job.study.area is None:
        return None
    try:
        with heard():
            area = study_area(job.study)
    except WalkshedError:
        return None
    return None if area is None else area.to_crs(WGS84)
