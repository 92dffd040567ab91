"""``areas_of``: a layer of areas, one for each study; ``write_outlines``: as files in the studies' folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from walkshed.batch.jobs import Outline, folder_names, refuse_elsewhere
from walkshed.inputs import read_zones
from walkshed.inputs.understood import Finding
from walkshed.output.stage import not_written, staged
from walkshed.phrases import Phrase
from walkshed.project import heard

OUTLINE = "outline.geojson"

OVERLAP = 0.01
"""Two areas that share more than this of the smaller one overlap; less is how neighbours are drawn."""

NAMED = 5
"""Overlaps that are named; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Areas:
    """The polygons of a layer, as the outlines of studies.

    Attributes
    ----------
    outlines
        In the layer's order.
    notes
        What is odd about the layer.
    """

    outlines: tuple[Outline, ...]
    notes: tuple[Phrase, ...] = ()


def areas_of(
    layer: Path,
    out: Path,
    taken: Sequence[str],
    *,
    name: str | Sequence[str] | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
) -> Areas:
    """Read each polygon of a layer as the outline of a study; nothing is written yet.

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
    Areas
        What `write_outlines` writes, and what is odd about it.

    Raises
    ------
    InputError
        If the layer cannot be read.
    """
    with heard() as said:
        areas = read_zones(layer, name=name, datum=datum, crs=crs)
    slugs = folder_names(areas["zone"].tolist(), ["streets", *taken])
    outlines = tuple(
        Outline(name=area, slug=slug, path=out / slug / OUTLINE, shape=shape)
        for area, slug, shape in zip(areas["zone"], slugs, areas.geometry, strict=True)
    )
    odd = [_noted(warning.finding, warning.args[0]) for warning in said]
    return Areas(outlines=outlines, notes=(*odd, *_overlaps(areas, layer)))


def _noted(finding: object, line: Phrase) -> Phrase:
    """Say of areas of one name how to keep them apart; all else as the reader says it."""
    if isinstance(finding, Finding) and finding.code == "zones_joined":
        return Phrase("rollup.areas_joined", source=finding.source, names=finding.values["names"])
    return line


def _overlaps(areas: gpd.GeoDataFrame, layer: Path) -> list[Phrase]:
    """Name the areas that lie in one another, largest share first."""
    shapes = areas.to_crs("ESRI:54034").geometry.to_numpy()  # equal area
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    smaller = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    share = shapely.area(shapely.intersection(shapes[a], shapes[b])) / smaller
    pairs = [(share[i], a[i], b[i]) for i in np.lexsort((b, a, -share)) if share[i] > OVERLAP]
    if not pairs:
        return []
    names = areas["zone"].str.slice(0, 40).to_numpy()
    told = ", ".join(f"{names[i]} × {names[j]} ({part:.0%})" for part, i, j in pairs[:NAMED])
    return [Phrase("rollup.areas_overlap", source=layer.name, count=f"{len(pairs):,}", names=told)]


def write_outlines(outlines: Sequence[Outline], out: Path) -> None:
    """Write outlines, each in its study's folder; only who holds the batch's folder may.

    A file that is there already, and the same, stays as it is.

    Raises
    ------
    InputError
        If a folder is a link to somewhere else.
    OutputError
        If a file cannot be written.
    """
    for outline in outlines:
        refuse_elsewhere(outline.path.parent, out)
        _write(outline.path, outline.name, outline.shape)


def _write(path: Path, name: str, shape: shapely.Geometry) -> None:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False) + "\n"
    content = text.encode("utf-8", "replace")
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        with staged(path.parent, [path.name]) as lent:
            (lent / path.name).write_bytes(content)
    except OSError as fault:
        raise not_written(path, fault) from fault
