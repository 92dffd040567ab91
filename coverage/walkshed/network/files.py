"""Files as they lie on disk: whether they are there, and what they hash to."""

import hashlib
from pathlib import Path

from walkshed.errors import FormatError, InputError, MissingFileError

SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def require_file(path: str | Path) -> Path:
    """Refuse what is not a file that can be read.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If it is a folder.
    InputError
        If it must not be read.
    """
    path = Path(path)
    if path.is_dir():
        raise FormatError(f"{path}: is a folder; give a file of streets in it")
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError:
        folder = path.absolute().parent
        found = f"found its folder {folder}" if folder.is_dir() else f"nor is there a folder {folder}"
        raise MissingFileError(f"{path}: no such file; {found}: check the path") from None
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        raise InputError(f"{path}: cannot be read ({fault}); check its name and permissions") from fault


def sha256_of(path: Path) -> str:
    """Hash a file, without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parts_of(path: Path) -> list[Path]:
    """List the files that make up one source: a Shapefile is several."""
    if path.suffix.lower() != ".shp":
        return [path]
    return sorted(p for p in path.parent.glob(f"{_literal(path.stem)}.*") if p.suffix.lower() in SIDECARS)


def _literal(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)
