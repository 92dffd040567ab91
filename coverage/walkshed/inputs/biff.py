"""Old workbooks (XLS): how far their cells span, told from the records before memory is asked for.

After [MS-XLS], Microsoft's open specification: a stream of records of two bytes kind, two bytes length
and content. One damaged record may place a cell in row 65,535 and column 65,535; a reader that holds
the sheet as a grid then asks for 137 GB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from walkshed.inputs.compound import stream_of

_STREAMS = ("Workbook", "Book")
_BEGIN, _DIMENSIONS = 0x0809, (0x0000, 0x0200)
_CELLS = frozenset(
    (*range(0x0001, 0x0007), 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406)
)
_SEVERAL = frozenset((0x00BD, 0x00BE))
"""Records of a run of cells: their last two bytes are the last column."""


def widest_span(raw: bytes) -> tuple[int, int]:
    """Measure the sheet that spans most.

    Parameters
    ----------
    raw
        The whole file.

    Returns
    -------
    columns, rows
        Of the bounding rectangle from the first cell of the sheet, or of what the sheet declares, whichever
        is more; 0, 0 where no sheet is found.
    """
    book = stream_of(raw, _STREAMS)
    widest, columns, rows = (0, 0), 0, 0
    for kind, content in _records(book or b""):
        if kind == _BEGIN:
            columns, rows = 0, 0
        elif kind in _CELLS and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            if kind in _SEVERAL:
                column = max(column, struct.unpack_from("<H", content, len(content) - 2)[0])
            columns, rows = max(columns, column + 1), max(rows, row + 1)
        elif kind in _DIMENSIONS:
            declared = _declared(content)
            columns, rows = max(columns, declared[0]), max(rows, declared[1])
        widest = max(widest, (columns, rows), key=lambda span: span[0] * span[1])
    return widest


def _records(book: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _declared(content: bytes) -> tuple[int, int]:
    """Read the last column and row that a sheet declares, in either width of the record."""
    if len(content) == 10:
        _, rows, _, columns = struct.unpack_from("<HHHH", content)
    elif len(content) == 14:
        _, rows, _, columns = struct.unpack_from("<IIHH", content)
    else:
        return 0, 0
    return columns, rows
