"""Single layers: a frame as a GIS file, and the gaps as rows to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from pyogrio.errors import DataSourceError

from walkshed.errors import InputError, OutputError
from walkshed.output.stage import staged
from walkshed.schema import WGS84

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage

ROUNDED = {"street_km": 3, "people": 1, "walk_min_median": 1, "walk_min_max": 1, "center_lon": 5, "center_lat": 5}
"""Digits of printed figures: metres of street, tenths of a minute, about a metre of place."""

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf", ".parquet": None}


def write_layer(frame: gpd.GeoDataFrame, path: str | Path) -> Path:
    """Write a frame as one layer in WGS 84, whole or not at all.

    Parameters
    ----------
    frame
        In any CRS that it states.
    path
        The file; its ending names the format: .gpkg, .geojson, .fgb or .parquet.

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
    ending = check_layer_name(path)
    layer = frame.to_crs(WGS84)
    with staged(path.parent, [path.name]) as folder:
        try:
            if DRIVERS[ending] is None:
                layer.to_parquet(folder / path.name)
            else:
                layer.to_file(folder / path.name, driver=DRIVERS[ending], layer=path.stem)
        except DataSourceError as error:  # pyogrio's own, and not an OSError
            raise OutputError(f"{path}: could not be written: {error}; choose another folder") from error
    return path


def check_layer_name(path: Path) -> str:
    """Refuse a file name whose ending names no format, before any work is done; hand on the ending."""
    ending = path.suffix.lower()
    if ending not in DRIVERS:
        raise InputError(f"{path.name}: the ending names no format; use one of {', '.join(DRIVERS)}")
    return ending


def gap_rows(result: Coverage) -> list[dict[str, Any]]:
    """List the gaps by rank as plain values, None where there is none.

    Returns
    -------
    list of dict
        The columns of ``result.gaps`` but the polygon and its km².
    """
    rows = result.gaps.drop(columns=["geometry", "area_km2"]).round(ROUNDED).to_dict("records")
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]
