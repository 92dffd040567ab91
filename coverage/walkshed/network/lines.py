"""Files of road lines become ``Streets``: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from walkshed.errors import CRSError, FormatError, InputError, NoStreetsError, warn_user
from walkshed.network.clip import PLANAR, Box, Clip
from walkshed.network.crossings import split_where_lines_cross
from walkshed.network.files import digest_of, require_file
from walkshed.network.joined import (
    METRES_PER_DEGREE,
    Lines,
    Nodes,
    build_from_lines,
    nodes_by_name,
    nodes_by_place,
    places,
)
from walkshed.network.streets import Source, Streets
from walkshed.network.tagged import KEYS, tag_lines
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

Ints = NDArray[np.int64]

ALIASES = {"fclass": "highway", "名称": "name", "道路名称": "name", "路名": "name"}
"""Other names of columns: ``fclass`` is the class in Geofabrik's shapefiles."""

SAME_NODE_M = 1.0  # lines that name one node end no farther apart than this


def read_lines(
    path: str | Path,
    *,
    area: gpd.GeoDataFrame | BaseGeometry | None = None,
    budget_m: float = 1200.0,
    min_island_m: float = 1000.0,
    join_m: float = 0.5,
    split_crossings: bool = False,
    layer: str | None = None,
) -> Streets:
    """Read streets from a file of lines.

    Lines meet where their ends do (within `join_m`), and where they share a point on one level: bridges,
    tunnels and ``layer`` are levels. Where columns ``u`` and ``v`` name the nodes at the two ends, as OSMnx
    writes them, these say alone what meets. A ``highway`` column is filtered as OpenStreetMap's ways are;
    without it every line counts. Other columns used where they are there: the rest of that filter's keys,
    ``name``, ``osmid``, ``bridge``, ``tunnel``, ``layer``.

    Parameters
    ----------
    path
        GeoPackage, Shapefile (also zipped), GeoJSON, FlatGeobuf, GeoParquet, or what else GDAL reads.
    area
        Keep the streets within `budget_m` metres of this (multi)polygon, WGS 84.
    budget_m
        Metres.
    min_island_m
        Connected pieces with less street than this are left out, in metres.
    join_m
        Metres; 0 joins only ends at one place (within 1 cm).
    split_crossings
        Join lines also where they cross on one level, and where one ends on another (within `join_m`).
    layer
        The layer to read; by default ``edges``, else the only one with lines.

    Returns
    -------
    Streets
        In UTM.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If it is damaged, or holds no lines, or several layers of them.
    CRSError
        If it states no coordinate system.
    NoStreetsError
        If there is no walkable street in it, or none near the area.

    Warns
    -----
    InputWarning
        If rows were passed over, or ``u`` and ``v`` do not fit the lines.
    """
    path = require_file(path)
    if not (np.isfinite(join_m) and join_m >= 0):
        raise InputError(f"join_m: must be a number of metres, 0 or more; found {join_m:g}")
    keep = None if area is None else Clip.of(area, budget_m)
    frame = _read(path, layer, keep.box((budget_m + min_island_m) * PLANAR) if keep else None)
    frame = _only_lines(_plain_columns(frame), path, keep)
    tagged = tag_lines(len(frame), {key: frame[key].tolist() for key in KEYS if key in frame})
    walked = np.flatnonzero(tagged.walkable)
    if not len(walked):
        found = ", ".join(sorted(set(tagged.ways.highway))[:8])
        raise NoStreetsError(Phrase("network.lines_unwalked", source=path.name, found=found))
    frame, level = frame.iloc[walked], tagged.level[walked]
    lines = Lines.of(frame.geometry.to_numpy(), path.name)
    source = Source(name=path.name, extent=lines.extent, sha256=digest_of(path))
    nodes = _named_nodes(lines, frame, path.name)
    if nodes is None:
        if split_crossings:
            lines = split_where_lines_cross(lines, level, join_m)
        nodes = nodes_by_place(lines, level, join_m)
    return build_from_lines(lines, nodes, tagged.ways_of(walked), source, min_island_m, keep)


def _read(path: Path, layer: str | None, box: Box | None) -> gpd.GeoDataFrame:
    """Read the rows of the file that meet `box`, in the file's own coordinate system."""
    try:
        frame = _rows(path, layer, box)
    except InputError:
        raise
    except (DataSourceError, DataLayerError, pa.ArrowException, GEOSException, ProjError, ValueError, OSError) as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise FormatError(Phrase("network.lines_unread", source=path, reason=why)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FormatError(Phrase("network.lines_table", source=path))
    if frame.crs is None:
        raise CRSError(Phrase("network.lines_no_crs", source=path))
    return frame


def _rows(path: Path, layer: str | None, box: Box | None) -> pd.DataFrame:
    if path.suffix.lower() in (".parquet", ".geoparquet", ".pq"):
        return gpd.read_parquet(path)
    layer = layer or _line_layer(path)
    crs = pyogrio.read_info(path, layer=layer)["crs"]
    bbox = None if box is None or crs is None else _in_crs(box, crs)
    if not _encoding_unknown(path):
        return pyogrio.read_dataframe(path, layer=layer, bbox=bbox)
    try:
        return pyogrio.read_dataframe(path, layer=layer, bbox=bbox, encoding="utf-8")
    except UnicodeDecodeError:  # names of streets only, so that the most likely other will do
        return pyogrio.read_dataframe(path, layer=layer, bbox=bbox, encoding="gb18030")


def _encoding_unknown(path: Path) -> bool:
    """Tell whether a Shapefile leaves open how its texts are written: GDAL would take them for Latin."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.is_file():
        return False
    with table.open("rb") as file:
        return file.read(30)[29:] in (b"\x00", b"\x57")  # the language driver: none, or just "ANSI"


def _line_layer(path: Path) -> str:
    """Find the one layer with lines: that of OSMnx is called ``edges``."""
    layers = pyogrio.list_layers(path)
    kinds = {str(name): str(kind) for name, kind in layers}
    if "edges" in kinds:
        return "edges"
    lines = [name for name, kind in kinds.items() if "LineString" in kind]
    if not lines:  # GDAL does not know before reading what a mixed layer holds
        lines = [name for name, kind in kinds.items() if kind in ("Unknown", "GeometryCollection")]
    if not lines:
        found = ", ".join(f"{name} ({kind})" for name, kind in kinds.items()) or "no layer"
        raise FormatError(Phrase("network.no_line_layer", source=path, found=found))
    if len(lines) > 1:
        raise FormatError(Phrase("network.line_layers", source=path, names=", ".join(lines)))
    return lines[0]


def _in_crs(box: Box, crs: str) -> Box:
    bounds = gpd.GeoSeries([shapely.box(*box).segmentize(0.1)], crs=WGS84).to_crs(crs).total_bounds
    west, south, east, north = bounds.tolist()
    return west, south, east, north


def _plain_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring the columns that are used to their names in `KEYS`: Shapefiles write capitals."""
    frame = frame.reset_index() if {"u", "v"} <= set(frame.index.names) else frame.reset_index(drop=True)
    known = {*KEYS, "u", "v", *ALIASES}
    named: dict[str, object] = {}
    for column in frame.columns:
        plain = str(column).strip().casefold()
        plain = ALIASES.get(plain, plain) if ALIASES.get(plain) not in frame.columns else plain
        if plain in known and column != frame.geometry.name:
            named.setdefault(plain, column)
    kept = {plain: frame[column] for plain, column in named.items()}
    return gpd.GeoDataFrame(kept, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _only_lines(frame: gpd.GeoDataFrame, path: Path, keep: Clip | None) -> gpd.GeoDataFrame:
    """Take multi-lines apart and pass over rows that are no line; in degrees."""
    rows = len(frame)
    if not rows and keep is not None:
        raise NoStreetsError(Phrase("network.lines_far", source=path.name, metres=keep.budget_m))
    flat = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    flat = flat.explode(index_parts=False)
    shapes = flat.geometry.to_numpy()
    good = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(shapes)
    lost = rows - flat.index[good].nunique()
    if lost == rows:
        kinds = ", ".join(sorted({str(k) for k in frame.geom_type.dropna()})) or "no geometry"
        raise FormatError(Phrase("network.no_lines", source=path, rows=rows, kinds=kinds))
    if lost:
        warn_user(Phrase("network.lines_lost", source=path.name, lost=int(lost), rows=int(rows)))
    return flat[good].to_crs(CRS.from_user_input(WGS84)).reset_index(drop=True)


def _named_nodes(lines: Lines, frame: gpd.GeoDataFrame, name: str) -> Nodes | None:
    """Take the nodes that columns u and v name, if they are there and fit the lines."""
    if not {"u", "v"} <= set(frame.columns):
        return None
    u, v = (pd.to_numeric(frame[column], errors="coerce").to_numpy() for column in ("u", "v"))
    if not all(np.isfinite(ids).all() and (ids == np.round(ids)).all() for ids in (u, v)):
        warn_user(Phrase("network.uv_whole", source=name))
        return None
    ids, at = np.unique(np.concatenate([u, v]).astype(np.int64), return_inverse=True)
    u, v = np.split(at.astype(np.int64), 2)
    place, where = places(lines.lonlat)
    first, last = (place[end] for end in lines.ends)
    turned = _turned(u, v, first, last, len(where))
    u, v = np.where(turned, v, u), np.where(turned, u, v)
    node, end = np.concatenate([u, v]), np.concatenate([first, last])
    stand = np.full(len(ids), len(where))
    np.minimum.at(stand, node, end)
    dlon, dlat = (where[end] - where[stand[node]]).T
    far = np.hypot(dlon * np.cos(np.radians(where[end][:, 1])), dlat) * METRES_PER_DEGREE > SAME_NODE_M
    if far.any():
        warn_user(Phrase("network.uv_unfit", source=name, count=int(far.sum())))
        return None
    return nodes_by_name(lines, u, v, ids, where[stand])


def _turned(u: Ints, v: Ints, first: Ints, last: Ints, count: int) -> NDArray[np.bool_]:
    """Tell which lines run from v to u, as undirected exports have them: most lines at a node agree where it is."""
    node = np.concatenate([u, v, v, u])
    place = np.concatenate([first, last, first, last])
    _, kind, votes = np.unique(node * count + place, return_inverse=True, return_counts=True)
    ahead_u, ahead_v, back_v, back_u = np.split(votes[kind], 4)
    return np.asarray(back_v + back_u > ahead_u + ahead_v)
