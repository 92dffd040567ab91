"""How large map layers are, measured before they are read: rows, cells and bytes.

Features take several times the memory of what a file holds, and a small file may unpack to a large one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio

from walkshed.errors import FormatError
from walkshed.inputs.files import MAX_CELLS, MAX_ROWS, zip_sizes
from walkshed.phrases import Phrase

MAX_SHAPES_MB = 100
"""Shapes and text of more bytes than this would take over 1 GB as features."""

MAX_KML_MB = 40
"""KML takes some 15 times its size to read."""

_PARTS = (".shp", ".gpkg", ".fgb", ".geojson")


def refuse_large_layer(path: Path, inside: Path | str | bytes, layer: str) -> None:
    """Refuse a layer that memory would not bear.

    Parameters
    ----------
    path
        The file.
    inside
        Where GDAL finds it, within a zip file or not; or its content.
    layer
        Name of the layer.

    Raises
    ------
    FormatError
        Saying how large it is, and what to do.
    """
    info = pyogrio.read_info(inside, layer=layer, encoding="ISO-8859-1", force_feature_count=True)
    _refuse_many(path, int(info["features"]), len(info["fields"]) + 1)
    size = _geopackage_bytes(path, layer) if info["driver"] == "GPKG" else None
    _refuse_heavy(path, _file_bytes(path) if size is None else size, MAX_SHAPES_MB)


def refuse_large_kml(path: Path) -> None:
    """Refuse a KML or KMZ file that takes too much memory even to look into."""
    entries = zip_sizes(path)
    _refuse_heavy(path, sum(entries.values()) if entries else path.stat().st_size, MAX_KML_MB)


def refuse_large_parquet(path: Path) -> None:
    """Refuse a Parquet file whose rows, cells or text and shapes are too many.

    Equal values are stored once: so what they unpack to is counted from their lengths.
    """
    file = pq.ParquetFile(path)
    about = file.metadata
    _refuse_many(path, about.num_rows, about.num_columns)
    _refuse_heavy(path, sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups)), MAX_SHAPES_MB)
    long = [f.name for f in file.schema_arrow if pa.types.is_binary(f.type) or pa.types.is_string(f.type)]
    table = pq.read_table(path, columns=long, read_dictionary=long)
    _refuse_heavy(path, sum(_unpacked(chunk) for column in table.columns for chunk in column.chunks), MAX_SHAPES_MB)


def _unpacked(chunk: pa.DictionaryArray) -> int:
    lengths = pc.take(pc.binary_length(chunk.dictionary), chunk.indices)
    return int(pc.sum(pc.cast(lengths, pa.int64())).as_py() or 0)


def _refuse_many(path: Path, rows: int, columns: int) -> None:
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise FormatError(Phrase("refused.layer_rows", source=path.name, columns=columns, rows=rows))


def _refuse_heavy(path: Path, size: int, most_mb: int) -> None:
    if size > most_mb * 1e6:
        raise FormatError(Phrase("refused.layer_size", source=path.name, size=size / 1000000.0, most=most_mb))


def _geopackage_bytes(path: Path, layer: str) -> int | None:
    """Count the bytes of a layer's text and shapes; None where the file is no database to be asked."""
    table = '"' + layer.replace('"', '""') + '"'
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            columns = [
                '"' + str(row[1]).replace('"', '""') + '"' for row in base.execute(f"PRAGMA table_info({table})")
            ]
            total = " + ".join(f"COALESCE(SUM(LENGTH(CAST({c} AS BLOB))), 0)" for c in columns)
            # Names cannot be parameters; they are quoted.
            return int(base.execute(f"SELECT {total} FROM {table}").fetchone()[0]) if columns else None  # noqa: S608
    except sqlite3.Error:
        return None


def _file_bytes(path: Path) -> int:
    """Count the bytes of a file's shapes; of a zip file or a folder those of its largest part."""
    if path.is_dir():
        return max((p.stat().st_size for p in path.iterdir()), default=0)
    parts = [size for name, size in zip_sizes(path).items() if name.lower().endswith(_PARTS)]
    return max(parts, default=path.stat().st_size)
