"""Map layers: GeoJSON, GeoPackage, Shapefile, KML, GeoParquet and what else GDAL opens."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError

from walkshed.errors import CRSError, FormatError, InputError
from walkshed.inputs.encoding import encoding_of_pieces
from walkshed.inputs.files import Kind
from walkshed.inputs.kml import ENDINGS as KML_ENDINGS
from walkshed.inputs.kml import Kml, read_kml
from walkshed.inputs.layer_size import refuse_large_kml, refuse_large_layer, refuse_large_parquet
from walkshed.inputs.projected import crs_question, require_within, stated_crs
from walkshed.inputs.understood import Finding, Stated, warn
from walkshed.phrases import Phrase

_ZIPPED = {".shp", ".kml", ".geojson", ".gpkg"}

_DAMAGED = (DataSourceError, DataLayerError, UnicodeDecodeError, ProjError, ShapelyError)
# Neither Arrow nor GeoPandas checks the metadata of a file before it looks things up in them.
_DAMAGED_PARQUET = (
    *(pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError),
    *(ProjError, ShapelyError),
)


class Layers(NamedTuple):
    """The features of a file, the layers they came from, and the encoding where the file did not state it."""

    frame: pd.DataFrame
    names: tuple[str, ...] = ()
    encoding: str | None = None


def read_layers(path: Path, kind: Kind, stated: Stated | None = None) -> Layers:
    """Read the features of one layer; of a KML file, those of all its folders.

    Parameters
    ----------
    path
        The file; a zipped Shapefile need not be unpacked.
    kind
        "layers" or "parquet".
    stated
        The layer, without it the first that has geometry; and the coordinate system where the file states none.

    Returns
    -------
    Layers
        Its frame is a GeoDataFrame with the CRS that the file states, or a plain one where it has no geometry.

    Raises
    ------
    FormatError
        If the file is damaged, or not what GDAL can read.
    InputError
        If there is no such layer.
    CRSError
        If neither the file nor the user states a coordinate system, or both do.
    """
    stated = stated or Stated()
    found = Layers(_parquet(path)) if kind == "parquet" else _features(path, stated.sheet)
    if isinstance(found.frame, gpd.GeoDataFrame):
        found = found._replace(frame=_with_crs(found.frame, path, stated))
    return found


def _with_crs(frame: gpd.GeoDataFrame, path: Path, stated: Stated) -> gpd.GeoDataFrame:
    """See to it that the shapes have a coordinate system: the file's own, or the one that the user states."""
    if frame.crs is not None and stated.crs is None:
        return frame
    if frame.crs is not None:
        raise CRSError(
            Phrase(
                "refused.crs_stated", source=path.name, crs=frame.crs.name, option=stated.crs_option, stated=stated.crs
            )
        )
    west, south, east, north = frame.total_bounds
    x, y = np.array([west, east]), np.array([south, north])
    if stated.crs is None:
        code = "refused.prj_missing" if path.suffix.lower() in {".shp", ".zip"} else "refused.crs_missing"
        raise CRSError(Phrase(code, source=path.name, x=west, y=south, question=crs_question(x, y, stated.crs_option)))
    return frame.set_crs(require_within(x, y, stated_crs(stated.crs, path.name), path.name))


def _parquet(path: Path) -> pd.DataFrame:
    try:
        refuse_large_parquet(path)
        spatial = b"geo" in (pq.read_metadata(path).metadata or {})
        return gpd.read_parquet(path) if spatial else pd.read_parquet(path)
    except FormatError:
        raise
    except _DAMAGED_PARQUET as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> FormatError:
    # GDAL names the copy in memory that it was handed, by a number that differs each time.
    reason = re.sub(r"/vsimem/\S+", path.name, str(error).splitlines()[0])[:160] if str(error) else "no reason given"
    return FormatError(Phrase("refused.layers_unread", source=path.name, reason=reason))


def _features(path: Path, layer: str | None) -> Layers:
    unmarked = _lacks_cpg(path)
    kml = _kml(path)
    try:
        with warnings.catch_warnings():
            # GDAL's own remarks (a field cut, an odd date) do not touch what is read here.
            warnings.simplefilter("ignore", RuntimeWarning)
            # pyogrio asks for the locale's encoding where a driver names none.
            warnings.simplefilter("ignore", EncodingWarning)
            inside = _inside(path) if kml is None else kml.content
            found = [(str(name), kind) for name, kind in pyogrio.list_layers(inside)]
            names = _chosen(path, found, layer)
            for name in names:
                refuse_large_layer(path, inside, name)
            encoding = "ISO-8859-1" if unmarked else None
            frames = [pyogrio.read_dataframe(inside, layer=name, encoding=encoding) for name in names]
    except _DAMAGED as error:
        if "not recognized as being in a supported" in str(error):
            raise FormatError(Phrase("refused.layers_unknown", source=path.name)) from error
        raise _unreadable(path, error) from error
    if kml is not None and len(frames) > 1:  # map programs export a folder for each category
        frames = [part.assign(folder=name) for part, name in zip(frames, names, strict=True)]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    frame = frame if kml is None else kml.named(frame)
    frame, read_as = _redecoded(frame, path) if unmarked else (frame, None)
    return Layers(frame, tuple(names), read_as)


def _kml(path: Path) -> Kml | None:
    if path.suffix.lower() not in KML_ENDINGS:
        return None
    refuse_large_kml(path)
    return read_kml(path)


def _inside(path: Path) -> Path | str:
    """Name the folder within a zip file where its layers lie, if they lie in one: GDAL looks in the topmost."""
    if not zipfile.is_zipfile(path) or path.suffix.lower() == ".kmz":
        return path
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(n) for n in archive.namelist()]
    folders = [n.parent for n in names if n.suffix.lower() in _ZIPPED and not {"__MACOSX", ".."} & {*n.parts}]
    if not folders or PurePosixPath() in folders:
        return path
    return f"/vsizip/{path.resolve().as_posix()}/{folders[0]}"


def _chosen(path: Path, found: list[tuple[str, str | None]], layer: str | None) -> list[str]:
    """Name the layers to read."""
    names = [name for name, _ in found]
    if layer is not None:
        if layer not in names:
            raise InputError(Phrase("refused.no_layer", source=path.name, layer=layer, layers=", ".join(names)))
        return [layer]
    if not names:
        raise FormatError(Phrase("refused.no_layers", source=path.name))
    spatial = [name for name, geometry in found if geometry is not None] or names
    if path.suffix.lower() in KML_ENDINGS:
        return spatial
    if len(spatial) > 1:
        warn(Finding("layers_choice", "warning", (), {"names": ", ".join(spatial), "read": spatial[0]}, path.name))
    return spatial[:1]


def _lacks_cpg(path: Path) -> bool:
    """Tell a Shapefile that does not say its encoding: GDAL would make mojibake of it in silence."""
    if path.suffix.lower() == ".shp":
        return not any(path.with_suffix(s).exists() for s in (".cpg", ".CPG"))
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            suffixes = {Path(name).suffix.lower() for name in archive.namelist()}
        return ".shp" in suffixes and ".cpg" not in suffixes
    return False


def _redecoded(frame: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, str | None]:
    """Decode anew what was read byte for byte, by what fits all of its text; say what that was."""
    columns = [c for c in frame.columns if pd.api.types.is_string_dtype(frame[c])]
    pieces = [v for c in columns for v in frame[c] if isinstance(v, str)]
    raw = [v.encode("latin-1") for v in (*map(str, frame.columns), *pieces)]
    if all(r.isascii() for r in raw):
        return frame, None
    encoding = encoding_of_pieces(raw)
    warn(Finding("encoding_guessed", "warning", (), {"encoding": encoding}, path.name))

    def mend(value: object) -> object:
        return value.encode("latin-1").decode(encoding, "replace") if isinstance(value, str) else value

    mended = frame.assign(**{c: [mend(v) for v in frame[c]] for c in columns})
    return mended.rename(columns=mend), encoding
