"""Text tables: which encoding, which delimiter, which rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from walkshed.errors import FormatError
from walkshed.inputs.encoding import ENCODINGS, WIDE, encoding_of
from walkshed.inputs.files import MAX_ROWS

DELIMITERS = (",", "\t", ";", "|", "，")

_PROBE_ROWS = 30
_END = "\x00end"


class Delimited(NamedTuple):
    """The rows of a text table, one list each, and how they were told apart."""

    rows: list[list[str]]
    encoding: str
    delimiter: str


def read_delimited(path: Path, fitness: Callable[[Sequence[str]], int]) -> Delimited:
    """Read a text table.

    Parameters
    ----------
    path
        Comma (full-width, too), tab, semicolon or bar between the cells; cells in quotes may hold newlines.
    fitness
        Says of a row how many headings it knows in it: what decides the delimiter.

    Returns
    -------
    Delimited
        Blank rows are included, so that positions are row numbers in a spreadsheet.

    Raises
    ------
    FormatError
        If it is not text in a known encoding, a quote is never closed, or a cell is far too long.
    """
    raw = path.read_bytes()
    encoding = _encoding(raw, path.name)
    text = raw.decode(encoding)
    delimiter = _delimiter(text, fitness)
    return Delimited(_rows(text, delimiter, path.name), encoding, delimiter)


def _encoding(raw: bytes, source: str) -> str:
    if (encoding := encoding_of(raw)) is not None:
        return encoding
    if (at := raw.find(b"\x00")) >= 0 and not raw.startswith(WIDE):
        line = raw.count(b"\n", 0, at) + 1
        raise FormatError(f"{source}: binary data (a null byte) in line {line}; save it again as CSV UTF-8")
    raise FormatError(f"{source}: its text is in none of {', '.join(ENCODINGS)}; save it again as CSV UTF-8")


def _delimiter(text: str, fitness: Callable[[Sequence[str]], int]) -> str:
    """Take the delimiter under which most headings are known, then the one that makes most columns."""

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            probe = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _PROBE_ROWS))
        except csv.Error:
            return (0, 0)
        fit = [fitness(row) for row in probe]
        best = max(fit, default=0)
        # Where headings are known their own row counts: a ";" in one column's text makes no two of it.
        return best, max((len(row) for row, f in zip(probe, fit, strict=True) if f == best), default=0)

    return max(DELIMITERS, key=merit)


def _rows(text: str, delimiter: str, source: str) -> list[list[str]]:
    """Split into rows; a mark put after the last line shows whether all quotes were closed."""
    rows: list[list[str]] = []
    try:
        reader = csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)
        rows.extend(islice(reader, MAX_ROWS + _PROBE_ROWS))
        if next(reader, None) is not None:
            raise FormatError(f"{source}: more than {MAX_ROWS:,} rows, more than memory bears; cut out the area's rows")
    except csv.Error as error:
        raise FormatError(
            f"{source}: row {len(rows) + 1} cannot be read ({error}); "
            'shorten the cell, or look for a quote (") that is not closed'
        ) from error
    if rows.pop() != [_END]:
        raise FormatError(
            f'{source}: a quote (") in row {len(rows) + 1} is never closed and swallows the rest; close it'
        )
    return rows
