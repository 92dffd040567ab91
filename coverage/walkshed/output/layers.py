"""Single layers: a frame as a GIS file, and the gaps as rows to print."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from walkshed.errors import InputError
from walkshed.output.geopackage import LAYERS, date_layers, layer_frame
from walkshed.output.provenance import provenance, told_text
from walkshed.output.stage import staged
from walkshed.output.stamp import stamp
from walkshed.output.words import Words, plain
from walkshed.phrases import Phrase

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

ROUNDED = {"street_km": 3, "people": 1, "walk_min_median": 1, "walk_min_max": 1, "center_lon": 5, "center_lat": 5}
"""Digits of printed figures: metres of street, tenths of a minute, about a metre of place."""

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf", ".parquet": "Parquet"}

FORMATS = {"geojson": ".geojson", "parquet": ".parquet", "shp": ".shp.zip"}
"""What the layers of a report come in beside the GeoPackage: format -> ending. A Shapefile is several files: zipped."""

SHORT, MOST_BYTES = 10, 254
"""A Shapefile's own limits: bytes of a column's name, and of a text."""


def write_layer(frame: gpd.GeoDataFrame, path: str | Path, told: Mapping[str, Any]) -> Path:
    """Write a frame as one layer in WGS 84, whole or not at all.

    Parameters
    ----------
    frame
        In any CRS that it states.
    path
        The file; its ending names the format: .gpkg, .geojson, .fgb or .parquet.
    told
        What it was made from: `provenance.provenance` of a result, or `provenance_of_streets`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the ending names no format.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    check_layer_name(path)
    layer = layer_frame(frame, None)
    with staged(path.parent, [path.name]) as folder:
        _write(layer, folder / path.name, told)
    return path


def _write(layer: gpd.GeoDataFrame, path: Path, told: Mapping[str, Any]) -> None:
    """Write one layer with what it was made from, where its format has room for that: see `docs/reference/files.md`."""
    ending = path.suffix.lower()
    if ending == ".parquet":
        write_parquet(layer, path, told_text(told))
    elif DRIVERS[ending] == "GeoJSON":
        member = json.dumps({"walkshed": told}, ensure_ascii=False, sort_keys=True)
        layer.to_file(path, driver="GeoJSON", NATIVE_DATA=member, NATIVE_MEDIA_TYPE="application/vnd.geo+json")
    else:
        layer.to_file(path, driver=DRIVERS[ending], layer=path.stem, layer_metadata={"walkshed": told_text(told)})
        if ending == ".gpkg":
            date_layers(path, stamp(told["streets"]["date"]))


def write_parquet(layer: gpd.GeoDataFrame, path: Path, about: str) -> None:
    """Write GeoParquet whose schema says what it was made from, under ``walkshed``: GeoPandas has no way to say so."""
    whole = io.BytesIO()
    layer.to_parquet(whole)
    table = pq.read_table(whole)
    pq.write_table(table.replace_schema_metadata(table.schema.metadata | {b"walkshed": about.encode()}), path)


def check_layer_name(path: Path) -> str:
    """Refuse a file name whose ending names no format, before any work is done; hand on the ending."""
    ending = path.suffix.lower()
    if ending not in DRIVERS:
        raise InputError(Phrase("asked.layer_name", name=path.name, known=", ".join(DRIVERS)))
    return ending


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Refuse a format that is none of `FORMATS`, before any work is done.

    Raises
    ------
    InputError
        Naming those there are.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(Phrase("asked.format", found=name, known=", ".join(FORMATS)))
    return tuple(dict.fromkeys(formats))


def layer_files(result: Coverage, formats: Sequence[str]) -> list[str]:
    """Name the files that the layers of a result make in some formats: ``streets.geojson``."""
    present = [layer for layer in LAYERS if getattr(result, layer) is not None]
    return [f"{layer}{FORMATS[name]}" for name in formats for layer in present]


def write_layers(result: Coverage, folder: Path, formats: Sequence[str]) -> None:
    """Write every layer of ``coverage.gpkg`` as a file of its own, in WGS 84.

    Parameters
    ----------
    result
        What `analyze` returned.
    folder
        Where the files of `layer_files` are to stand.
    formats
        Of `FORMATS`.
    """
    if not formats:
        return
    told = provenance(result)
    for layer, (_, columns) in LAYERS.items():
        frame = getattr(result, layer)
        if frame is None:
            continue
        table = layer_frame(frame, columns)
        for name in formats:
            path = folder / f"{layer}{FORMATS[name]}"
            if name == "shp":
                write_shapefile(shapefile_frame(table), path, told)
            else:
                _write(table, path, told)


def write_shapefile(frame: gpd.GeoDataFrame, path: Path, told: Mapping[str, Any]) -> None:
    """Write a frame as a zipped Shapefile, whose parts all bear one date: GDAL would give them the time of writing.

    Parameters
    ----------
    frame
        As `shapefile_frame` makes it.
    path
        The archive; its name without endings names the layer.
    told
        What it was made from: a text beside the Shapefile's own parts, which have no room for it. Its streets' date
        is that of all parts.
    """
    layer, when = path.name.partition(".")[0], stamp(told["streets"]["date"])
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, zipfile.ZipFile(path, "w") as archive:
        frame.to_file(
            Path(folder) / f"{layer}.shp", driver="ESRI Shapefile", encoding="UTF-8", DBF_DATE_LAST_UPDATE=f"{when:%F}"
        )
        (Path(folder) / f"{layer}.txt").write_bytes(told_text(told).encode() + b"\n")
        for part in sorted(Path(folder).iterdir()):
            entry = zipfile.ZipInfo(part.name, when.timetuple()[:6])
            archive.writestr(entry, part.read_bytes(), zipfile.ZIP_DEFLATED)


def shapefile_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make a frame fit for a Shapefile: names of `SHORT` bytes, no two alike; text of `MOST_BYTES`; 0 and 1 for bools.

    Examples
    --------
    >>> import geopandas as gpd
    >>> two = gpd.GeoDataFrame({"walk_min_median": [1.0], "walk_min_max": [2.0]}, geometry=[None], crs=4326)
    >>> list(shapefile_frame(two))
    ['walk_min_m', 'walk_min_1', 'geometry']
    """
    out, taken = frame.copy(), {str(frame.geometry.name)}
    names: dict[str, str] = {}
    for column in frame.columns.drop(frame.geometry.name):
        short, turn = column[:SHORT], 0
        while short in taken:
            turn += 1
            short = f"{column[: SHORT - len(str(turn))]}{turn}"
        taken.add(short)
        names[column] = short
        if frame[column].dtype == bool:
            out[column] = frame[column].astype("int16")
        elif not pd.api.types.is_numeric_dtype(frame[column]):
            out[column] = frame[column].map(_cut, na_action="ignore")
    return out.rename(columns=names)


def _cut(text: str) -> str:
    return text.encode("utf-8")[:MOST_BYTES].decode("utf-8", errors="ignore")


def gap_table(result: Coverage, lang: str) -> list[dict[str, str]]:
    """Word the gaps by rank for reading.

    Returns
    -------
    list of dict
        Heading to text; what no gap has, such as people or a zone, is left out.
    """
    words, gaps = Words(lang), result.gaps
    named = gaps["station_name"].map(plain)
    table = pd.DataFrame(
        {
            words("column.rank"): gaps["gap_id"].map(words.number),
            words("column.people"): gaps["people"].map(words.people),
            words("column.street_km"): gaps["street_km"].map(lambda km: words.number(km, 1)),
            words("column.minutes_median"): gaps["walk_min_median"].map(words.number),
            words("column.minutes_max"): gaps["walk_min_max"].map(words.number),
            words("column.cause"): gaps["cause"].map(lambda cause: words(f"cause.{cause}")),
            words("column.zone"): gaps["zone"].map(plain),
            words("column.nearest_station"): named.where(named != "", gaps["station_id"].map(plain)),
            words("column.streets"): gaps["streets"].map(plain),
        }
    )
    told = [column for column in table if not table[column].isin(["", words.number(None)]).all()]
    return [{str(heading): str(text) for heading, text in row.items()} for row in table[told].to_dict("records")]


def gap_rows(result: Coverage) -> list[dict[str, Any]]:
    """List the gaps by rank as plain values, None where there is none.

    Returns
    -------
    list of dict
        The columns of ``result.gaps`` but the polygon and its km².
    """
    rows = result.gaps.drop(columns=["geometry", "area_km2"]).round(ROUNDED).to_dict("records")
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]
