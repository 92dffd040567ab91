"""``coverage.gpkg``: the result as layers for a GIS."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio

from walkshed.output.provenance import provenance_text
from walkshed.output.qgis import layer_styles, write_styles
from walkshed.output.stamp import stamp_of
from walkshed.output.words import plain
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

# Layer -> geometry type and columns, in the order of the file; None takes every column there is.
LAYERS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "stations": ("Point", ("station_id", "name", "category", "snap_m", "snapped", "status", "street", "people",
                           "street_km_only", "people_only")),
    "service_areas": ("MultiPolygon", ("station_id", "cutoff_min")),
    "covered": ("MultiPolygon", ("cutoff_min",)),
    "streets": (
        "LineString",
        ("length_m", "walk_min", "covered", "station_id", "depth", "name", "highway", "cutoff_min", "gap_id"),
    ),
    "gaps": (
        "MultiPolygon",
        ("gap_id", "street_km", "area_km2", "people", "walk_min_median", "walk_min_max", "station_id",
         "station_name", "zone", "streets", "cause", "air_km", "walk_km", "detour", "crosses", "crosses_name",
         "host", "host_kind", "host_km", "host_people"),
    ),
    "zones": ("MultiPolygon", None),
    "area": ("MultiPolygon", ("name",)),
}  # fmt: skip


def write_geopackage(result: Coverage, path: Path) -> None:
    """Write the layers of a result, in WGS 84.

    Parameters
    ----------
    result
        What `analyze` returned.
    path
        A file that does not exist yet. Layers: `LAYERS`; ``zones`` only if zones were given. Its table
        ``layer_styles`` colours them in QGIS.
    """
    about = provenance_text(result)
    for layer, (geometry_type, columns) in LAYERS.items():
        frame = getattr(result, layer)
        if frame is not None:
            add_layer(layer_frame(frame, columns), path, layer, geometry_type, about)
    date_layers(path, stamp_of(result))
    write_styles(
        path, layer_styles(result, [name for name in LAYERS if getattr(result, name) is not None]), stamp_of(result)
    )


def layer_frame(frame: gpd.GeoDataFrame, columns: tuple[str, ...] | None) -> gpd.GeoDataFrame:
    """Take a layer's columns, storable and in WGS 84."""
    chosen = [c for c in frame.columns if c != frame.geometry.name] if columns is None else list(columns)
    table = frame[chosen].apply(_storable)
    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs).to_crs(WGS84)


def date_layers(path: Path, when: datetime) -> None:
    """Put a date in the place of the time of writing, wherever GDAL noted that."""
    text = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("UPDATE gpkg_contents SET last_change = ?", [text])
        if book.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_metadata_reference'").fetchone():
            book.execute("UPDATE gpkg_metadata_reference SET timestamp = ?", [text])
    # GDAL writes a date once more where a second went by, and SQLite counts what was written: in the header, twice
    # (bytes 24 and 92 of its file format).
    with path.open("r+b") as file:
        for place in (24, 92):
            file.seek(place)
            file.write((1).to_bytes(4, "big"))


def add_layer(frame: gpd.GeoDataFrame, path: Path, layer: str, geometry_type: str, about: str) -> None:
    """Add a layer to a GeoPackage; `about` says what it was made from.

    Metadata of the file as a whole would make whoever reads it with GDAL write an ``.aux.xml`` beside it.
    """
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer,
        driver="GPKG",
        geometry_type=geometry_type,
        promote_to_multi=geometry_type.startswith("Multi"),
        layer_metadata={"walkshed": about},
        use_arrow=True,
    )


def _storable(column: pd.Series) -> pd.Series:
    """Give text an explicit type: Arrow would call a column that is empty or all None `null`."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column
    code, texts = pd.factorize(column)  # few texts, many rows
    plain_texts = pd.array([*map(plain, texts), pd.NA], dtype="string")
    return pd.Series(plain_texts.take(code), index=column.index)
