"""The cleaned list: the user's own columns, and beside them what walkshed made of them, in WGS 84."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xlsxwriter
from pyogrio import write_dataframe

from walkshed.errors import InputError, OutputError
from walkshed.inputs.cells import texts
from walkshed.inputs.datum import TITLES
from walkshed.output.stage import check_folder, staged
from walkshed.output.words import plain
from walkshed.output.workbook import MAX_ROWS, MAX_TEXT
from walkshed.phrases import Phrase

if TYPE_CHECKING:
    from walkshed.analysis.check import Checked

ADDED = ("station_id", "lon", "lat", "datum", "status")
"""Columns put after the user's own. Reading them in another datum than they name is warned of."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_RESERVED = {".gpkg": {"fid", "geom"}, ".geojson": {"geometry"}}
_DEGREE_DIGITS = 7  # a centimetre


def write_cleaned(checked: Checked, path: Path) -> None:
    """Write the stations in WGS 84 with the user's own columns, their order and headings.

    ``station_id``, ``lon``, ``lat``, ``datum`` (WGS 84) and ``status`` come after them. Where the user has a
    column of that name with other content, his is called ``lon_original`` and so on, so that the file reads
    back as it was understood. Text is never a formula: in CSV what would be one has an apostrophe before it.

    Parameters
    ----------
    checked
        What `analysis.check.check` returned.
    path
        .xlsx, .csv (UTF-8 with the mark that Excel looks for), .geojson or .gpkg.

    Raises
    ------
    InputError
        If the datum is still to be told, and there were no streets to tell it.
    OutputError
        If the ending is none of these, the rows are too many for a sheet, or the file cannot be written.
    """
    if "datum" in checked.stations:
        raise InputError(Phrase("asked.fix_datum", source=checked.understood.source))
    check_cleaned(path)
    table = cleaned(checked, _RESERVED.get(path.suffix.lower(), set()))
    with staged(path.parent, [path.name]) as folder:
        _WRITERS[path.suffix.lower()](table, folder / path.name)


def check_cleaned(path: Path, stations: Path | None = None) -> None:
    """Refuse a file that the cleaned list cannot be written to, before any work is done.

    Parameters
    ----------
    path
        Where it is to stand.
    stations
        The user's own list, which is never replaced.

    Raises
    ------
    OutputError
        If the ending is none of those there are, the folder cannot be written, or it is the list itself.
    """
    if path.suffix.lower() not in _WRITERS:
        raise OutputError(Phrase("asked.fix_name", path=path, found=path.suffix, known=", ".join(_WRITERS)))
    if stations is not None and path.resolve() == stations.resolve():
        raise OutputError(Phrase("asked.fix_itself", path=path))
    check_folder(path.parent)


def cleaned(checked: Checked, reserved: set[str] | frozenset[str] = frozenset()) -> pd.DataFrame:
    """Lay out the cleaned list.

    Parameters
    ----------
    checked
        What `analysis.check.check` returned.
    reserved
        Names that the format keeps for itself.

    Returns
    -------
    DataFrame
        One row a station; headings are unique, without regard to case.
    """
    stations = checked.stations
    added = pd.DataFrame(
        {
            "station_id": stations["station_id"].to_numpy(dtype=object),
            "lon": np.round(stations.geometry.x.to_numpy(), _DEGREE_DIGITS),
            "lat": np.round(stations.geometry.y.to_numpy(), _DEGREE_DIGITS),
            "datum": TITLES["wgs84"],
            "status": stations["status"].to_numpy(dtype=object),
        }
    )
    own = checked.understood.own_of(stations["row"].to_numpy())
    taken = {name.casefold() for name in (*ADDED, *reserved)}
    kept: dict[str, list[Any]] = {}
    for i, heading in enumerate(own.columns):
        values = own.iloc[:, i].tolist()
        name = plain(heading) or (f"column_{i + 1}" if any(texts(values)) else "")
        if not name:
            continue
        if name in added and name not in kept and texts(values) == texts(added[name]):
            kept[name] = added[name].tolist()  # just what would be added: it stays where it is
        else:
            free = _free(name, taken)
            kept[free] = values
            taken.add(free.casefold())
    return pd.DataFrame(kept, dtype=object, index=added.index).join(
        added.drop(columns=added.columns.intersection([*kept]))
    )


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.casefold() in taken:
        free = f"{name}_original" if number == 1 else f"{name}_{number}"
        number += 1
    return free


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    if len(table) >= MAX_ROWS:
        raise OutputError(Phrase("asked.fix_rows", name=path.name, rows=len(table), most=MAX_ROWS - 1))
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet, bold, text = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for j, heading in enumerate(table.columns):
            sheet.write_string(0, j, heading, bold)
            for i, value in enumerate(table[heading].tolist(), start=1):
                if _is_number(value):
                    sheet.write_number(i, j, float(value))
                elif said := plain(_text(value)):
                    sheet.write_string(i, j, said[:MAX_TEXT], text)
        sheet.freeze_panes(1, 0)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(map(_harmless, table.columns))
        writer.writerows([_harmless(v) for v in row] for row in table.itertuples(index=False))


def _harmless(value: object) -> str:
    """Write a cell so that no spreadsheet program takes it for a formula."""
    text = plain(_text(value))
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(value) and not _reads_as_number(text) else text


def _reads_as_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _write_layer(table: pd.DataFrame, path: Path) -> None:
    points = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    plainly = {c: table[c] if c in ("lon", "lat") else [plain(_text(v)) for v in table[c]] for c in table}
    driver = "GPKG" if path.suffix.lower() == ".gpkg" else "GeoJSON"
    write_dataframe(gpd.GeoDataFrame(plainly, geometry=points), path, driver=driver)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and bool(np.isfinite(value))


def _text(value: object) -> str:
    return texts([value])[0]


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".xlsx": _write_xlsx,
    ".csv": _write_csv,
    ".geojson": _write_layer,
    ".gpkg": _write_layer,
}
