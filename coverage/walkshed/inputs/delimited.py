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
from walkshed.phrases import Phrase

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
        raise FormatError(Phrase("refused.null_byte", source=source, line=line))
    raise FormatError(Phrase("refused.encoding", source=source, encodings=", ".join(ENCODINGS)))


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
            raise FormatError(Phrase("refused.rows_text", source=source, most=MAX_ROWS))
    except csv.Error as error:
        raise FormatError(Phrase("refused.row_unread", source=source, row=len(rows) + 1, reason=error)) from error
    if rows.pop() != [_END]:
        raise FormatError(Phrase("refused.quote_open", source=source, row=len(rows) + 1))
    return rows
