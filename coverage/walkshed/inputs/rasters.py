"""A GeoTIFF as a grid of cells: where they lie, and what a window of them holds."""

from __future__ import annotations

import importlib
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from walkshed.errors import CRSError, FormatError, InputError
from walkshed.inputs.files import LAYER_ENDINGS, ZIP_ERRORS
from walkshed.inputs.understood import Finding, warn
from walkshed.phrases import Phrase

Floats = NDArray[np.float64]
Window = tuple[int, int, int, int]
"""First row, first column, and the row and the column after the last."""

TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""How a TIFF file begins: either byte order, classic or BigTIFF."""

CHUNK_CELLS = 4_000_000
"""Cells read at once."""

MAX_BLOCK_CELLS = 100_000_000
"""A file's blocks are decoded whole: larger ones take too much memory."""

_CACHE_MB = 32
_SIGNS = {
    "raster_density": re.compile(r"_pd(?=_)|density|popdens", re.IGNORECASE),
    "raster_part": re.compile(r"_[fm]_\d{1,2}(?=_\d{4})", re.IGNORECASE),
}


def is_raster(path: Path) -> bool:
    """Tell by its first bytes whether a file is a TIFF, or a zip file with one, as GHS-POP comes.

    False where there is none, or none that opens.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) in TIFF_MARKS or bool(zipped_rasters(path))
    except OSError:
        return False


def zipped_rasters(path: Path) -> list[str]:
    """Name the TIFFs in a zip file; none where it is no zip file, or holds map layers or a workbook too."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if "__MACOSX" not in n]
    except ZIP_ERRORS:
        return []
    if "xl/workbook.xml" in names or any(n.lower().endswith(LAYER_ENDINGS) for n in names):
        return []
    return [n for n in names if n.lower().endswith((".tif", ".tiff"))]


def _place(path: Path) -> tuple[Path | str, str]:
    """Say where GDAL finds a raster, and what it is called."""
    inside = zipped_rasters(path)
    if not inside:
        return path, path.name
    if len(inside) > 1:
        listed = ", ".join(inside[:5]) + (" ..." if len(inside) > 5 else "")
        raise InputError(Phrase("refused.rasters_several", source=path.name, count=len(inside), names=listed))
    return f"/vsizip/{path.resolve().as_posix()}/{inside[0]}", f"{path.name}/{PurePosixPath(inside[0]).name}"


def _warn_name(name: str, source: str) -> None:
    """Warn where a name, as WorldPop gives them, speaks of something else than all people of a cell."""
    for code, sign in _SIGNS.items():
        if (found := sign.search(PurePosixPath(name).name)) is not None:
            warn(Finding(code, "warning", (), {"part": found[0].strip("_.")}, source))


@contextmanager
def opened(path: Path, band: str | None) -> Iterator[Cells]:
    """Open a raster.

    Parameters
    ----------
    path
        A GeoTIFF.
    band
        Number (from 1) or description of the band, where there are several.

    Raises
    ------
    InputError
        If rasterio is not installed, the band is not told, or the raster is rotated.
    FormatError
        If the file is damaged, or stored in blocks too large to read one of.
    CRSError
        If it states no coordinate system.
    """
    rasterio = _rasterio(path)
    place, name = _place(path)
    _warn_name(name, path.name)
    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), _dataset(rasterio, place) as raster:
            yield Cells(raster, path.name, band)
    except rasterio.errors.RasterioError as error:
        reason = " ".join(str(error.__cause__ or error).split())[:160]
        raise FormatError(Phrase("refused.layers_unread", source=path.name, reason=reason)) from error


def _rasterio(path: Path) -> Any:
    """Import rasterio, which only rasters need."""
    try:
        return importlib.import_module("rasterio")
    except ImportError as error:
        raise InputError(Phrase("refused.no_rasterio", source=path.name)) from error


def _dataset(rasterio: Any, path: Path | str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # it is refused below
        return rasterio.open(path, driver="GTiff")


class Cells:
    """One band of an open raster, of which it is known where its cells lie.

    Parameters
    ----------
    raster
        As rasterio opens it.
    source
        What messages name.
    band
        As for `read_cells`.
    """

    def __init__(self, raster: Any, source: str, band: str | None) -> None:
        self.source = source
        self._raster = raster
        self._band = _band_number(raster, source, band)
        self.crs = _crs(raster, source)
        transform = raster.transform
        if transform.b or transform.d:
            raise InputError(Phrase("refused.raster_rotated", source=source))
        self.left, self.top, self.wide, self.high = transform.c, transform.f, transform.a, transform.e
        self.shape: tuple[int, int] = raster.shape
        self._scale, self._offset = raster.scales[self._band - 1], raster.offsets[self._band - 1]
        block = raster.block_shapes[self._band - 1]
        self._block: tuple[int, int] = (min(block[0], self.shape[0]), min(block[1], self.shape[1]))
        if self._block[0] * self._block[1] > MAX_BLOCK_CELLS:
            raise FormatError(Phrase("refused.raster_blocks", source=source, high=self._block[0], wide=self._block[1]))

    @property
    def diagonal(self) -> float:
        """How far the corners of a cell are apart, in units of the CRS."""
        return float(np.hypot(self.wide, self.high))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north, in the CRS."""
        x = (self.left, self.left + self.shape[1] * self.wide)
        y = (self.top, self.top + self.shape[0] * self.high)
        return min(x), min(y), max(x), max(y)

    def centres(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Tell the middles of cells, in the CRS."""
        return self.left + (column + 0.5) * self.wide, self.top + (row + 0.5) * self.high

    def window(self, bounds: tuple[float, float, float, float]) -> Window:
        """Tell the rows and columns within bounds in the CRS; none where they lie beside the raster."""
        x = (np.array(bounds[0::2]) - self.left) / self.wide
        y = (np.array(bounds[1::2]) - self.top) / self.high
        most = np.array(self.shape)
        first = np.clip(np.floor([y.min(), x.min()]), 0, most).astype(int).tolist()
        after = np.clip(np.ceil([y.max(), x.max()]), 0, most).astype(int).tolist()
        return first[0], first[1], after[0], after[1]

    def peopled(self, window: Window) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
        """Read a window in chunks of whole blocks: row, column and value of the cells that are not 0."""
        for first_row, first_column, last_row, last_column in _chunks(window, self._block):
            within = ((first_row, last_row), (first_column, last_column))
            read = self._raster.read(self._band, window=within, masked=True)
            if (self._scale, self._offset) != (1.0, 0.0):
                read = read * self._scale + self._offset
            row, column = np.nonzero(np.ma.filled(read, 0))
            value = read.data[row, column].astype(np.float64)
            some = ~np.isnan(value)
            yield row[some] + first_row, column[some] + first_column, value[some]


def _band_number(raster: Any, source: str, band: str | None) -> int:
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        raise InputError(Phrase("refused.raster_type", source=source, type=raster.dtypes[0]))
    if band is None:
        if raster.count == 1:
            return 1
        named = ", ".join(f"{i} ({d})" if d else str(i) for i, d in enumerate(raster.descriptions[:20], start=1))
        raise InputError(Phrase("refused.raster_bands", source=source, bands=named))
    for i, description in enumerate(raster.descriptions, start=1):
        if band in (str(i), description):
            return i
    raise InputError(Phrase("refused.no_band", source=source, band=band, count=raster.count))


def _crs(raster: Any, source: str) -> CRS:
    if raster.crs is None or raster.transform.is_identity:
        raise CRSError(Phrase("refused.raster_placeless", source=source))
    try:
        crs = CRS.from_user_input(raster.crs.to_wkt())
    except ProjError as error:
        raise CRSError(Phrase("refused.crs_unread", source=source)) from error
    if not (crs.is_geographic or crs.is_projected):
        raise CRSError(Phrase("refused.crs_local", source=source, crs=crs.name))
    return crs


def _chunks(window: Window, block: tuple[int, int]) -> Iterator[Window]:
    """Part a window at the borders of blocks, so that each block is decoded once."""
    first_row, first_column, last_row, last_column = window
    high, wide = block
    columns = max(wide, CHUNK_CELLS // high // wide * wide)
    across = min(columns, last_column - first_column)
    rows = max(high, CHUNK_CELLS // max(across, 1) // high * high)
    for row in range(first_row // high * high, last_row, rows):
        for column in range(first_column // wide * wide, last_column, columns):
            chunk = (max(row, first_row), max(column, first_column))
            yield (*chunk, min(row + rows, last_row), min(column + columns, last_column))
