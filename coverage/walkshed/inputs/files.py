"""What a file is, told by its first bytes and not by its name."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Literal

from walkshed.errors import FormatError, InputError, MissingFileError
from walkshed.phrases import Phrase

Kind = Literal["text", "workbook", "layers", "parquet"]

MAX_TABLE_MB = 100
"""A larger text file, or one that unpacks to more than three times this, would take over 1 GB to read."""

MAX_ROWS = 500_000
"""A row takes about 1 KB by the time it is a point on the map."""

MAX_CELLS = 8_000_000
"""A table is held as a full grid, at 50 bytes a cell or more."""

ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError)
"""What `zipfile` raises over a damaged or encrypted archive."""

LAYER_ENDINGS = (".shp", ".kml", ".gpkg", ".geojson", ".gdbtable")
"""Map layers that are read from within a zip file."""

_LIST_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet", ".json", ".tif", ".tiff")
_SHAPEFILE_PARTS = {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qmd"}
_HEAD_BYTES = 8192
_CHUNK_BYTES = 1 << 20
_OTHER_ZIPS = {
    "xl/workbook.bin": "filekind.xlsb",
    "content.xml": "filekind.odf",
    "word/document.xml": "filekind.word",
    "ppt/presentation.xml": "filekind.powerpoint",
}


def kind_of(path: Path) -> Kind:
    """Tell how `path` is to be read.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it cannot be opened.
    FormatError
        If it is empty, or holds nothing that can be read here: a web page, a picture, a program.
    """
    head = _head(path)
    if path.suffix.lower() in _SHAPEFILE_PARTS:
        raise FormatError(Phrase("refused.shapefile_part", source=path.name))
    if head is None or head.startswith(b"SQLite format 3"):
        return "layers"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "workbook"
    if head.startswith(b"PK"):
        return _zipped(path)
    if path.suffix.lower() in {".shp", ".fgb"}:
        return "layers"
    return _written(path, head)


def _head(path: Path) -> bytes | None:
    """Read the first bytes; None for a folder that is a geodatabase."""
    if not path.exists():
        raise MissingFileError(Phrase("refused.missing", source=path))
    if path.is_dir():
        if path.suffix.lower() == ".gdb":
            return None
        raise InputError(Phrase("refused.folder", source=path))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(Phrase("refused.unopened", source=path, reason=error.strerror)) from error
    if not head.strip():
        raise FormatError(Phrase("refused.empty", source=path.name))
    return head


def _zipped(path: Path) -> Kind:
    """Tell a workbook from zipped map layers."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except ZIP_ERRORS as error:
        raise FormatError(Phrase("refused.damaged", source=path.name, reason=error)) from error
    names = [e.filename.lower() for e in entries]
    layers = any(n.endswith(LAYER_ENDINGS) for n in names)
    if not layers and "xl/workbook.xml" not in names:
        raise _other_zip(path, names)
    _check_unpacked(path, entries)
    return "layers" if layers else "workbook"


def zip_sizes(path: Path) -> dict[str, int]:
    """Tell what each part of a zip file unpacks to, as it declares; nothing of what is no zip file."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: entry.file_size for entry in archive.infolist()}


def _other_zip(path: Path, names: list[str]) -> FormatError:
    """Word the refusal of a zip file that is neither a workbook nor map layers."""
    if (other := next((kind for part, kind in _OTHER_ZIPS.items() if part in names), None)) is not None:
        return FormatError(Phrase("refused.other_office", source=path.name, what=Phrase(other)))
    if (inside := next((n for n in names if n.endswith(_LIST_ENDINGS)), None)) is not None:
        return FormatError(Phrase("refused.zip_list", source=path.name, inside=inside[:80]))
    return FormatError(Phrase("refused.zip_nothing", source=path.name))


def _check_unpacked(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what unpacks to more than memory bears, by what it declares and by what it really holds."""
    limit = 3 * MAX_TABLE_MB * 1_000_000
    if (size := sum(e.file_size for e in entries)) <= limit:
        try:
            size = _unpacked(path, entries, limit)
        except (zlib.error, struct.error, OSError) as error:
            raise FormatError(Phrase("refused.damaged", source=path.name, reason=error)) from error
    if size > limit:
        raise FormatError(Phrase("refused.bomb", source=path.name, size=size / 1000000.0))


def _unpacked(path: Path, entries: list[zipfile.ZipInfo], limit: int) -> int:
    """Count the bytes that come out of a zip file, up to a little more than `limit`."""
    total = 0
    with path.open("rb") as file:
        for entry in entries:
            file.seek(entry.header_offset + 26)
            file.seek(entry.header_offset + 30 + sum(struct.unpack("<HH", file.read(4))))
            left, stream = entry.compress_size, zlib.decompressobj(-15)
            while left > 0 and total <= limit and (chunk := file.read(min(left, _CHUNK_BYTES))):
                left -= len(chunk)
                total += _grown(stream, chunk) if entry.compress_type == zipfile.ZIP_DEFLATED else len(chunk)
    return total


def _grown(stream: zlib._Decompress, chunk: bytes) -> int:
    """Count what a piece of a deflated part unpacks to, without holding it."""
    size = 0
    while chunk and not stream.eof:
        size += len(stream.decompress(chunk, _CHUNK_BYTES))
        chunk = stream.unconsumed_tail
    return size


def _written(path: Path, head: bytes) -> Kind:
    """Tell GeoJSON and KML from a table, and refuse what is no text at all."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and any(byte < 32 and byte not in b"\t\n\r\f\x0b\x1a\x1b" for byte in head):
        raise FormatError(Phrase("refused.binary", source=path.name))
    text = head.decode("utf-16" if wide else "latin-1", "ignore").lstrip("ï»¿\ufeff \t\r\n").lower()
    if text.startswith("["):
        raise FormatError(Phrase("refused.json", source=path.name))
    if text.startswith("{") or (text.startswith("<") and "<kml" in text):
        _check_size(path)
        return "layers"
    if text.startswith("<"):
        page = "filekind.web" if re.search("<(!doctype html|html|body|table|meta)", text) else "filekind.xml"
        raise FormatError(Phrase("refused.page", source=path.name, what=Phrase(page)))
    _check_size(path)
    return "text"


def _check_size(path: Path) -> None:
    if (size_mb := path.stat().st_size / 1e6) > MAX_TABLE_MB:
        raise FormatError(Phrase("refused.text_size", source=path.name, size=size_mb, most=MAX_TABLE_MB))
