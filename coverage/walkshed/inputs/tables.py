"""Any file that a planner holds -> one table, with the row numbers of the file and the columns' meaning."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.errors import FormatError, InputError, InputWarning
from walkshed.inputs.cells import rows_named, texts
from walkshed.inputs.delimited import read_delimited
from walkshed.inputs.files import MAX_ROWS, kind_of
from walkshed.inputs.headings import assign, normalise, recognise
from walkshed.inputs.layers import read_layers
from walkshed.inputs.understood import Finding, Reading, Stated, warn
from walkshed.inputs.workbook import read_sheets
from walkshed.phrases import Phrase

PLACES = ("lonlat", "latlon", "pair", "lon", "lat", "wkt")
"""Meanings of columns that say where a row lies."""

MAX_CHARACTERS = 32_767
"""The most that a cell of a workbook holds, and so of any list."""

_HEADING_ROWS = 30
_PROBED = 10 * _HEADING_ROWS
_TOTAL = re.compile(r"(合计|总计|共计|小计|總計|合計|小計|total|grandtotal|subtotal|sum)\d*[个座人]?")
_FOOTNOTE = re.compile(r"\s*(注|备注|说明|制表人?|填表人|数据来源|资料来源|notes?|source)\s*[:：]", re.IGNORECASE)

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file's rows as they stand in it.

    Attributes
    ----------
    source
        File, and sheet where there are several, as messages name it.
    headings
        As they stand in the file.
    cells
        One column a heading, numbered from 0.
    rows
        (n,) int64: the row's number in the file, counted from 1 and with the heading; the feature's
        number in a file that has no heading.
    columns
        Meaning -> column number.
    geometry
        In the CRS that the file states; None where the place stands in the cells.
    reading
        How the file was read.
    stated
        What the user states of it.
    over
        What stands over each heading, a cell a column; nothing of map layers.
    """

    source: str
    headings: tuple[str, ...]
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    columns: dict[str, int]
    geometry: gpd.GeoSeries | None = None
    reading: Reading = field(default_factory=Reading)
    stated: Stated = field(default_factory=Stated)
    over: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def text(self, meaning: str) -> list[str]:
        """Hand out the column that means `meaning`, as text; blank text where there is no such column."""
        if meaning not in self.columns:
            return [""] * len(self)
        return texts(self.cells[self.columns[meaning]].to_numpy(dtype=object))

    def without(self, drop: NDArray[np.bool_]) -> Table:
        """Hand out the same table without the rows where `drop` is true."""
        return replace(self, cells=self.cells[~drop], rows=self.rows[~drop])


def read_table(
    path: Path,
    meanings: Sequence[str],
    stated: Stated | None = None,
) -> Table:
    """Read any file: text table, spreadsheet or map layers.

    Parameters
    ----------
    path
        What it holds is told by its content, not by its name.
    meanings
        The columns looked for, keys of `headings.MEANINGS`.
    stated
        What the user states of the file.

    Raises
    ------
    InputError
        MissingFileError, FormatError, CRSError or a plain one: see the readers.
    """
    stated = stated or Stated()
    return _refuse_long(replace(_read(path, meanings, stated), stated=stated))


def _read(path: Path, meanings: Sequence[str], stated: Stated) -> Table:
    kind, columns = kind_of(path), stated.columns
    if kind in {"layers", "parquet"}:
        found = read_layers(path, kind, stated)
        table = table_of(found.frame, path.name, meanings, columns, np.arange(1, len(found.frame) + 1))
        crs = None if table.geometry is None else table.geometry.crs.to_string()
        reading = Reading(kind=kind, encoding=found.encoding, sheet=", ".join(found.names) or None, crs=crs)
        return replace(table, reading=reading)
    fitness = _fitness(meanings, columns)
    if kind == "workbook":
        source, name, rows = _sheet(path, stated.sheet, fitness, meanings)
        reading = Reading(kind=kind, sheet=name)
    else:
        source, text = path.name, read_delimited(path, fitness)
        rows, reading = text.rows, Reading(kind=kind, encoding=text.encoding, delimiter=text.delimiter)
    return _clean(_table(source, rows, meanings, columns, fitness, reading))


def _refuse_long(table: Table) -> Table:
    """Refuse a cell so long that it is no name, hour or number; shapes may be longer."""
    for column in (c for meaning, c in table.columns.items() if meaning != "wkt"):
        cells = table.cells[column].to_numpy(dtype=object)
        long = [i for i, cell in enumerate(cells) if isinstance(cell, str) and len(cell) > MAX_CHARACTERS]
        if long:
            raise InputError(
                Phrase(
                    "refused.long_cell",
                    source=table.source,
                    rows=rows_named(table.rows[long]),
                    heading=table.headings[column][:40],
                    count=len(cells[long[0]]),
                    most=MAX_CHARACTERS,
                )
            )
    return table


def row_numbers(path: Path, *, crs: str | None = None) -> list[int]:
    """List the row numbers of a file's rows, as `read_table` keeps them; what it would say goes unsaid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        return [int(row) for row in read_table(path, PLACES, Stated(crs=crs)).rows]


def table_of(
    frame: pd.DataFrame,
    source: str,
    meanings: Sequence[str],
    columns: Mapping[str, str] | None = None,
    rows: NDArray[np.int64] | None = None,
    stated: Stated | None = None,
) -> Table:
    """Look at a frame as a table; its geometry, if it has one, says where the rows lie."""
    geometry = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(frame)
    if geometry is not None:
        cells = cells.drop(columns=geometry.name)
    headings = tuple(map(str, cells.columns))
    return Table(
        source=source,
        headings=headings,
        cells=cells.set_axis(range(cells.shape[1]), axis=1),
        rows=np.arange(1, len(cells) + 1) if rows is None else rows,
        columns=assign(headings, meanings, columns, source),
        geometry=geometry,
        stated=stated or Stated(),
    )


def _fitness(meanings: Sequence[str], columns: Mapping[str, str] | None) -> Callable[[Sequence[object]], int]:
    stated = {normalise(h) for h in (columns or {}).values()}

    def fitness(row: Sequence[object]) -> int:
        headings = texts(row[:1000])
        return len(recognise(headings, meanings)) + sum(normalise(h) in stated for h in headings)

    return fitness


def _heading_row(rows: Rows, fitness: Callable[[Sequence[object]], int]) -> int:
    """Find the row with the most known headings; where none is known, the first of several cells."""
    probe = [i for i, row in enumerate(rows[:_PROBED]) if any(texts(row))][:_HEADING_ROWS]
    best = max(probe, key=lambda i: (fitness(rows[i]), -i))
    if fitness(rows[best]):
        return best
    return next((i for i in probe if sum(map(bool, texts(rows[i]))) > 1), probe[0])


def _sheet(
    path: Path, sheet: str | None, fitness: Callable[[Sequence[object]], int], meanings: Sequence[str]
) -> tuple[str, str, Rows]:
    """Take the first sheet that says where its rows lie, else the first that is not empty."""
    sheets = {name: rows for name, rows in read_sheets(path, sheet).items() if any(map(any, rows))}
    if not sheets:
        raise FormatError(Phrase("refused.no_cells", source=path.name))
    placed = [
        name
        for name, rows in sheets.items()
        if has_place(recognise(texts(rows[_heading_row(rows, fitness)]), meanings))
    ]
    name = next(iter(placed or sheets))
    if len(placed) > 1:
        warn(Finding("sheets_choice", "warning", (), {"names": ", ".join(placed), "read": name}, path.name))
    return (path.name if len(sheets) == 1 else f"{path.name} ({name})"), name, sheets[name]


def has_place(columns: Mapping[str, int]) -> bool:
    """Tell whether the columns say where a row lies."""
    return has_numbers(columns) or "wkt" in columns


def has_numbers(columns: Mapping[str, int]) -> bool:
    """Tell whether the columns say it in numbers."""
    return {"lon", "lat"} <= columns.keys() or bool(columns.keys() & {"lonlat", "latlon", "pair"})


def _table(
    source: str,
    rows: Rows,
    meanings: Sequence[str],
    columns: Mapping[str, str] | None,
    fitness: Callable[[Sequence[object]], int],
    reading: Reading,
) -> Table:
    """Part the headings from the rows below them, and leave out the rows where nothing stands."""
    if not any(any(texts(row)) for row in rows[:_PROBED]):
        raise FormatError(Phrase("refused.no_table", source=source))
    top = _heading_row(rows, fitness)
    width = max(map(len, rows[top:]))
    headings, over, top = _headings(rows, top, width, meanings)
    filled = [(i + 1, row) for i, row in enumerate(rows) if i > top and any(map(_is_filled, row))]
    if len(filled) > MAX_ROWS:
        raise FormatError(Phrase("refused.rows_many", source=source, rows=len(filled)))
    return Table(
        source=source,
        headings=tuple(headings),
        cells=pd.DataFrame([_padded(row, width) for _, row in filled], columns=range(width), dtype=object),
        rows=np.array([number for number, _ in filled], dtype=np.int64),
        columns=assign(headings, meanings, columns, source),
        reading=replace(reading, heading_row=top + 1),
        over=tuple(over),
    )


def _headings(rows: Rows, top: int, width: int, meanings: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Read the headings, what stands over them, and in which row they end: 坐标 may stand over 经度 and 纬度."""

    def row(i: int) -> list[str]:
        return texts(_padded(rows[i], width)[:width]) if 0 <= i < len(rows) else [""] * width

    if {"lon", "lat"} <= recognise(row(top + 1), meanings).keys():
        top += 1
    over = row(top - 1)
    return [below or above for below, above in zip(row(top), over, strict=True)], over, top


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    return [*row, *[""] * (width - len(row))]


def _is_filled(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _clean(table: Table) -> Table:
    """Leave out totals, footnotes and repeated headings: rows that lie nowhere; say which."""
    places = [table.columns[m] for m in PLACES if m in table.columns]
    if not places or not len(table):
        return table
    nowhere = np.ones(len(table), dtype=bool)
    repeated = np.ones(len(table), dtype=bool)
    for column in places:
        text = np.array(texts(table.cells[column]), dtype=object)
        nowhere &= text == ""
        repeated &= text == table.headings[column]
    drop = repeated
    for i in np.flatnonzero(nowhere):
        first = next(filter(None, texts(table.cells.iloc[i])), "")
        drop[i] = bool(_TOTAL.fullmatch(normalise(first)) or _FOOTNOTE.match(first))
    left_out = tuple(table.rows[drop].tolist())
    if left_out:
        warn(Finding("left_out", "note", left_out, {}, table.source))
    return replace(table.without(drop), reading=replace(table.reading, left_out=left_out))
