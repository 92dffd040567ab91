"""``read_streets``: a file of streets, whatever its kind, through the store if there is one."""

from __future__ import annotations

from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walkshed.compiled import get_ready
from walkshed.errors import FormatError, InputError
from walkshed.network.clip import Clip
from walkshed.network.files import require_file
from walkshed.network.osm import read_osm
from walkshed.network.store import Store
from walkshed.network.streets import Streets
from walkshed.phrases import Phrase
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

_ENDINGS = {
    "osm": (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml"),
    "graph": (".graphml",),
    "lines": (".gpkg", ".shp", ".zip", ".geojson", ".json", ".geoparquet", ".parquet", ".fgb"),
}

Settings = dict[str, Any]


def read_streets(
    path: str | Path,
    *,
    area: gpd.GeoDataFrame | BaseGeometry | None = None,
    budget_m: float = 1200.0,
    min_island_m: float = 1000.0,
    store: str | Path | None = None,
    join_m: float = 0.5,
    split_crossings: bool = False,
    progress: Progress = quiet,
) -> Streets:
    """Read the walkable streets of a file.

    Parameters
    ----------
    path
        OpenStreetMap (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``), a graph that OSMnx saved
        (``.graphml``), or road lines (GeoPackage, Shapefile, GeoJSON, GeoParquet, FlatGeobuf).
    area
        Keep what comes within `budget_m` of this: a GeoDataFrame in any CRS (the union of its rows is
        taken), or a (multi)polygon in WGS 84. Streets are cut at the source's own nodes.
    budget_m
        Straight distance in metres.
    min_island_m
        Connected pieces with less street than this in all are left out, in metres; judged before the cut.
    store
        Folder that keeps what was read, so that the next run need not parse the file; None keeps nothing.
    join_m
        Metres within which the ends of road lines meet.
    split_crossings
        Whether road lines meet where they cross.
    progress
        Told of each step.

    Returns
    -------
    Streets
        In the UTM zone of the middle of the area, else of the streets.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If the file is of no known kind, or damaged.
    NoStreetsError
        If there is no walkable street in it, or none near the area.
    InputError
        If `area` is no polygon, or a length is not a number of metres.

    Warns
    -----
    InputWarning
        If the area had to be mended, the store cannot be written, or parts of the file were passed over.

    Examples
    --------
    >>> ws.read_streets(county.streets, area=area, budget_m=1200)
    Streets(county.osm.pbf, 2026-01-01: 677.1 km, 6,571 edges, 5,045 nodes, EPSG:32650)
    """
    get_ready()
    file = require_file(path)
    kind = kind_of(file)
    if not (isfinite(min_island_m) and min_island_m >= 0):
        raise InputError(f"min_island_m: must be a number of metres, 0 or more; found {min_island_m:g}")
    clip = Clip.of(area, budget_m) if area is not None else None
    settings: dict[str, Any] = {"min_island_m": float(min_island_m)}
    if kind == "lines":
        settings |= {"join_m": float(join_m), "split_crossings": split_crossings}
    read = partial(_READERS[kind], file, clip, settings, progress)
    if store is None:
        return read(None)
    return Store(store).get_or_read(file, asked_of(file, kind, settings, clip), read)


def asked_of(file: Path, kind: str, settings: Settings, clip: Clip | None) -> Settings:
    """Say all that decides what is read of a file, besides its content: the key of the store."""
    return {"kind": kind, "name": file.name, **settings, **(clip.described() if clip else {})}


def kind_of(file: Path) -> str:
    """Tell by its name what a file of streets is: osm, graph or lines.

    Raises
    ------
    FormatError
        If it is of no known kind.
    """
    name = file.name.lower()
    for kind, endings in _ENDINGS.items():
        if name.endswith(endings):
            return kind
    known = ", ".join(ending for endings in _ENDINGS.values() for ending in endings)
    raise FormatError(Phrase("network.kind", source=file, known=known))


def _osm(file: Path, clip: Clip | None, settings: Settings, progress: Progress, sha256: str | None) -> Streets:
    return read_osm(file, clip=clip, sha256=sha256, progress=progress, **settings)


def _graph(file: Path, clip: Clip | None, settings: Settings, progress: Progress, _: str | None) -> Streets:
    from walkshed.network.graph import read_graphml

    progress("streets", 0.0)
    return read_graphml(file, **_around(clip), **settings)


def _lines(file: Path, clip: Clip | None, settings: Settings, progress: Progress, _: str | None) -> Streets:
    from walkshed.network.lines import read_lines

    progress("streets", 0.0)
    return read_lines(file, **_around(clip), **settings)


def _around(clip: Clip | None) -> Settings:
    return {"area": clip.area, "budget_m": clip.budget_m} if clip else {}


_READERS = {"osm": _osm, "graph": _graph, "lines": _lines}
