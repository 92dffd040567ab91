"""Spreadsheets: XLSX and XLS, sheet by sheet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
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
from walkshed.inputs.biff import widest_span
from walkshed.inputs.files import MAX_CELLS, ZIP_ERRORS
from walkshed.phrases import Phrase

Rows = list[list[Any]]

_CELL = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr=["']([A-Za-z]{0,3})([0-9]{1,7})["'])?""")
_CHUNK_BYTES = 1 << 20
_LONGEST_TAG_BYTES = 1 << 16


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
    _check_span(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            return {name: _rows(book, name) for name in _chosen(book, sheet, path.name)}
    except PasswordError as error:
        raise FormatError(Phrase("refused.locked", source=path.name)) from error
    except (CalamineError, OSError) as error:
        raise FormatError(Phrase("refused.workbook_unread", source=path.name, reason=error)) from error


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
        raise InputError(Phrase("refused.no_sheet", source=source, sheet=sheet, sheets=", ".join(book.sheet_names)))
    return [sheet]


def _check_span(path: Path) -> None:
    """Refuse a workbook whose cells lie too far apart, before memory is asked for them."""
    if not zipfile.is_zipfile(path):
        columns, rows = widest_span(path.read_bytes())
    else:
        try:
            with zipfile.ZipFile(path) as archive:
                sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/") and n.endswith(".xml")]
                spans = [_span(archive, name) for name in sheets]
        except ZIP_ERRORS as error:
            raise FormatError(Phrase("refused.damaged", source=path.name, reason=error)) from error
        columns, rows = max(spans, key=lambda span: span[0] * span[1], default=(0, 0))
    if columns * rows > MAX_CELLS:
        raise FormatError(Phrase("refused.span", source=path.name, columns=columns, rows=rows))


def _span(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Measure the last column and row of a sheet from its XML, a piece at a time."""
    row = column = last_row = last_column = 0
    for tag in _tags(archive, part):
        if tag[1] == b"row":
            row, column = int(tag[3] or row + 1), 0
        else:
            column = _column_number(tag[2]) if tag[2] else column + 1
            row = int(tag[3] or row)
        last_row, last_column = max(last_row, row), max(last_column, column)
    return last_column, last_row


def _tags(archive: zipfile.ZipFile, part: str) -> Iterator[re.Match[bytes]]:
    """Find the rows and cells of a sheet; where they say no place, they stand next to the one before."""
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK_BYTES):
            text = rest + chunk
            end = max(text.rfind(b"<"), len(text) - _LONGEST_TAG_BYTES)
            yield from _CELL.finditer(text, 0, end)
            rest = text[end:]
    yield from _CELL.finditer(rest)


def _column_number(letters: bytes) -> int:
    """Count A as 1, Z as 26, AA as 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
