"""Files as they lie on disk: whether they are there, and what they hash to."""

import hashlib
from pathlib import Path

from walkshed.errors import FormatError, InputError, MissingFileError
from walkshed.phrases import Phrase

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
        raise FormatError(Phrase("network.folder", source=path))
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError:
        folder = path.absolute().parent
        found = Phrase("network.folder_found" if folder.is_dir() else "network.folder_missing", folder=folder)
        raise MissingFileError(Phrase("network.missing", source=path, found=found)) from None
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        raise InputError(Phrase("network.unopened", source=path, reason=fault)) from fault


def sha256_of(path: Path) -> str:
    """Hash a file, without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(path: Path) -> str:
    """Hash a source: as `sha256_of` where it is one file; where it is several, the lines of their hashes, by name."""
    hashes = [sha256_of(part) for part in parts_of(path)]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(f"{line}\n" for line in hashes).encode("ascii")).hexdigest()


def parts_of(path: Path) -> list[Path]:
    """List the files that make up one source: a Shapefile is several, and a file geodatabase is a folder."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() != ".lock")  # of who has it open
    if path.suffix.lower() != ".shp":
        return [path]
    parts = sorted(p for p in path.parent.glob(f"{_literal(path.stem)}.*") if p.suffix.lower() in SIDECARS)
    return parts or [path]


def _literal(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)
