"""Text tables: which encoding, which delimiter, which rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from itertools import chain, islice
from pathlib import Path

from walkshed.errors import FormatError
from walkshed.inputs.encoding import ENCODINGS, encoding_of

DELIMITERS = (",", "\t", ";")

_PROBE_ROWS = 30
_END = "\x00end"


def read_delimited(path: Path, fitness: Callable[[Sequence[str]], int]) -> list[list[str]]:
    """Read a text table.

    Parameters
    ----------
    path
        Comma, tab or semicolon between the cells; cells in quotes may hold newlines.
    fitness
        Says of a row how many headings it knows in it: what decides the delimiter.

    Returns
    -------
    list of list of str
        One list a row, blank rows included, so that positions are row numbers in a spreadsheet.

    Raises
    ------
    FormatError
        If it is not text in a known encoding, or a quote is never closed.
    """
    text = _decode(path.read_bytes(), path.name)
    return _rows(text, _delimiter(text, fitness), path.name)


def _decode(raw: bytes, source: str) -> str:
    encoding = encoding_of(raw)
    if encoding is None:
        raise FormatError(f"{source}: its text is in none of {', '.join(ENCODINGS)}; save it again as CSV UTF-8")
    return raw.decode(encoding)


def _delimiter(text: str, fitness: Callable[[Sequence[str]], int]) -> str:
    """Take the delimiter under which most headings are known, then the one that makes most columns."""

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            probe = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _PROBE_ROWS))
        except csv.Error:
            return (0, 0)
        return max(map(fitness, probe), default=0), max(map(len, probe), default=0)

    return max(DELIMITERS, key=merit)


def _rows(text: str, delimiter: str, source: str) -> list[list[str]]:
    """Split into rows; a mark put after the last line shows whether all quotes were closed."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter))
    except csv.Error as error:
        raise FormatError(
            f'{source}: row {len(rows) + 1} cannot be read ({error}); look for a quote (") that is not closed'
        ) from error
    if rows.pop() != [_END]:
        raise FormatError(
            f'{source}: a quote (") in row {len(rows) + 1} is never closed and swallows the rest; close it'
        )
    return rows
