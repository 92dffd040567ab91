"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError
from xlsxwriter.exceptions import XlsxFileError

from walkshed.errors import InputError, OutputError
from walkshed.phrases import Phrase

REFUSED = (OSError, DataSourceError, DataLayerError, XlsxFileError, sqlite3.OperationalError)
"""What a disk that will not take a file looks like, to whoever writes one."""


@contextmanager
def staged(out: str | Path, names: Sequence[str]) -> Iterator[Path]:
    """Lend a folder to write `names` in; hand them over to `out` at the end, all of them or none.

    The lent folder stands inside `out`, on the same disk, so that handing over is only renaming. If
    anything fails it vanishes and what stood in `out` before stands there still.

    Parameters
    ----------
    out
        The folder that receives the files. It is made if it is missing, with the folders above it.
    names
        The files that are to appear.

    Yields
    ------
    Path
        The folder to write in.

    Raises
    ------
    OutputError
        If `out` is no folder, cannot be written, or a file in it cannot be replaced.
    """
    folder, made = _folder(Path(out))
    try:
        _refuse_folders(folder, names)
        with tempfile.TemporaryDirectory(prefix=".walkshed-", dir=folder) as lent:
            (Path(lent) / "old").mkdir()
            yield Path(lent)
            _hand_over(Path(lent), folder, names)
    except OutputError:
        _forget(made)
        raise
    except REFUSED as error:
        _forget(made)
        raise not_written(folder, error) from error
    except BaseException:
        _forget(made)
        raise


def _folder(out: Path) -> tuple[Path, list[Path]]:
    """Find or make the folder; name the folders that had to be made, the innermost first."""
    missing = check_folder(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(Phrase("writing.not_made", place=out, reason=reason_of(error))) from error
    return out, missing


def check_folder(out: Path) -> list[Path]:
    """Refuse a folder that can neither be written nor made, before any work is done.

    Returns
    -------
    list of Path
        The folders that have to be made for it, the innermost first.

    Raises
    ------
    OutputError
        Saying what stands in the way.
    """
    try:
        missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    except OSError as error:
        raise OutputError(Phrase("writing.not_seen", place=out, reason=reason_of(error))) from error
    found = out if not missing else missing[-1].parent
    if not found.is_dir():
        raise OutputError(Phrase("writing.a_file", place=found))
    if not os.access(found, os.W_OK | os.X_OK):
        raise OutputError(Phrase("writing.closed", place=found))
    try:
        tempfile.TemporaryDirectory(prefix=".walkshed-", dir=found).cleanup()  # rights alone do not tell, as in /proc
    except OSError as error:
        raise not_written(out, error) from error
    return missing


def check_page(path: Path) -> None:
    """Refuse a file that can hold no page, before any work is done.

    Raises
    ------
    InputError
        If it is not called .html.
    OutputError
        As `check_folder`.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(Phrase("writing.no_page", name=path.name, ending=".html"))
    check_folder(path.parent)


def _refuse_folders(folder: Path, names: Sequence[str]) -> None:
    """Refuse to put a file where a folder stands: setting it aside would lose what is in it."""
    for name in names:
        if (folder / name).is_dir():
            raise OutputError(Phrase("writing.a_folder", place=folder / name))


def _hand_over(lent: Path, folder: Path, names: Sequence[str]) -> None:
    """Rename every file into place; set older ones aside first and put them back if one fails."""
    aside: list[str] = []
    placed: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                _replace(folder / name, lent / "old" / name)
                aside.append(name)
        for name in names:
            _replace(lent / name, folder / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            (folder / name).replace(lent / name)
        for name in aside:
            (lent / "old" / name).replace(folder / name)
        raise


def _replace(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except PermissionError as error:
        raise OutputError(Phrase("writing.in_use", name=source.name, reason=reason_of(error))) from error


def _forget(made: list[Path]) -> None:
    """Leave no empty folder behind that was made for nothing."""
    for folder in made:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


_REASONS = {
    errno.ENOSPC: "writing.full",
    errno.EACCES: "writing.denied",
    errno.EPERM: "writing.denied",
    errno.EROFS: "writing.read_only",
}


def reason_of(error: Exception) -> str:
    """Say why the disk would not take something: what is common in the reader's language, the rest as it comes."""
    if isinstance(error, OSError) and error.errno in _REASONS:
        return Phrase(_REASONS[error.errno])
    if "disk is full" in str(error):  # SQLite's words, which reach us through GDAL, too
        return Phrase("writing.full")
    if "no such table: gpkg_" in str(error):  # GDAL goes on where the disk did not take a layer's first tables
        return Phrase("writing.part")
    return getattr(error, "strerror", None) or str(error)


def not_written(place: Path, error: Exception) -> OutputError:
    """Make the error that says that something could not be written, and why."""
    return OutputError(Phrase("writing.not_written", place=place, reason=reason_of(error)))
