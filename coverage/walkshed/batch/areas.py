"""``write_areas``: a layer of areas, one file each, in the folder of the study that it is for."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import shapely

from walkshed.batch.jobs import folder_names, refuse_elsewhere
from walkshed.errors import InputWarning
from walkshed.inputs import read_zones
from walkshed.output.stage import not_written

OUTLINE = "outline.geojson"


def write_areas(
    layer: Path,
    out: Path,
    taken: Sequence[str],
    *,
    name: str | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
) -> list[tuple[str, str, Path]]:
    """Write each polygon of a layer as the outline of a study.

    Parameters
    ----------
    layer
        Map layer of polygons; those of one name are one area.
    out
        The batch's folder.
    taken
        Folders in it that other studies have.
    name, datum, crs
        As for `read_zones`.

    Returns
    -------
    list of tuple
        Name, folder and file of each, in the layer's order. A file that is there already, and the same, stays as it is.

    Raises
    ------
    InputError
        If the layer cannot be read.
    OutputError
        If a file cannot be written.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # who reads the outline hears what is odd about it
        areas = read_zones(layer, name=name, datum=datum, crs=crs)
    slugs = folder_names(areas["zone"].tolist(), ["streets", *taken])
    written = []
    for area, slug, shape in zip(areas["zone"], slugs, areas.geometry, strict=True):
        refuse_elsewhere(out / slug, out)
        path = out / slug / OUTLINE
        _write(path, area, shape)
        written.append((area, slug, path))
    return written


def _write(path: Path, name: str, shape: shapely.Geometry) -> None:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False) + "\n"
    content = text.encode("utf-8", "replace")
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}")
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as fault:
        raise not_written(path, fault) from fault
