"""Spreadsheets: XLSX and XLS, sheet by sheet."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from walkshed.errors import FormatError, InputError
from walkshed.inputs.files import ZIP_ERRORS

Rows = list[list[Any]]

MAX_CELLS = 20_000_000
"""A sheet is held as a full grid: one stray cell in its last corner would ask for 400 GB."""

_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 32


def read_sheets(path: Path, sheet: str | None = None) -> dict[str, Rows]:
    """Read the visible sheets, or the one called `sheet`, hidden or not.

    Parameters
    ----------
    path
        XLSX, XLSM or XLS. Formula cells give the value that was saved with them.
    sheet
        Name of the one sheet to read.

    Returns
    -------
    dict
        Name -> rows from the first row of the sheet on, so that positions are the row numbers shown.

    Raises
    ------
    FormatError
        If the workbook is damaged, locked by a password, or spans far more cells than a list.
    InputError
        If there is no such sheet.
    """
    if zipfile.is_zipfile(path):
        _check_span(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            return {name: _rows(book, name) for name in _chosen(book, sheet, path.name)}
    except PasswordError as error:
        raise FormatError(f"{path.name}: locked by a password; save it without one") from error
    except (CalamineError, OSError) as error:
        raise FormatError(
            f"{path.name}: not a workbook that can be read ({error}); save it again as XLSX or CSV"
        ) from error


def _rows(book: CalamineWorkbook, name: str) -> Rows:
    rows: Rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows


def _chosen(book: CalamineWorkbook, sheet: str | None, source: str) -> list[str]:
    if sheet is None:
        return [
            s.name
            for s in book.sheets_metadata
            if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
        ]
    if sheet not in book.sheet_names:
        raise InputError(f"{source}: no sheet {sheet!r}; choose one of {', '.join(book.sheet_names)}")
    return [sheet]


def _check_span(path: Path) -> None:
    """Refuse an XLSX whose cells lie too far apart, before memory is asked for them."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/") and n.endswith(".xml")]
            spans = [_span(archive, name) for name in sheets]
    except ZIP_ERRORS as error:
        raise FormatError(f"{path.name}: damaged ({error}); save or download it again") from error
    columns, rows = max(spans, key=lambda span: span[0] * span[1], default=(0, 0))
    if columns * rows > MAX_CELLS:
        raise FormatError(
            f"{path.name}: a sheet spans {columns:,} columns and {rows:,} rows; "
            "delete what stands far off the list, or save the list as CSV"
        )


def _span(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Measure the last column and row of a sheet from its XML, a piece at a time."""
    letters: set[bytes] = set()
    last_row = 0
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK_BYTES):
            cells = _CELL.findall(rest + chunk)
            letters.update(column for column, _ in cells)
            last_row = max(last_row, *(int(row) for _, row in cells), 0)
            rest = chunk[-_OVERLAP_BYTES:]
    return max(map(_column_number, letters), default=0), last_row


def _column_number(letters: bytes) -> int:
    """Count A as 1, Z as 26, AA as 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
