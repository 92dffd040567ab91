"""``Job``: one study of many, its folder, and the key that tells whether it was done already."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from walkshed import __version__
from walkshed.errors import InputError
from walkshed.network.files import digest_of
from walkshed.output.stamp import EPOCH
from walkshed.phrases import Phrase
from walkshed.project import Study

if TYPE_CHECKING:
    from walkshed.output.export import Extras

LONGEST = 60
"""Characters of a folder's name: with Chinese ones three bytes each, well below the 255 that file systems take."""

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One study of a batch.

    Attributes
    ----------
    name
        As the user calls it.
    slug
        Name of its folder: `folder_names` makes it of the name.
    study, extras
        What to make.
    """

    name: str
    slug: str
    study: Study
    extras: Extras | None = None


@dataclass(frozen=True, kw_only=True)
class Outline:
    """An area of a layer: the outline of a study.

    Attributes
    ----------
    name, slug
        Of its study.
    path
        The file that is to hold it.
    shape
        Polygon, WGS 84.
    """

    name: str
    slug: str
    path: Path
    shape: shapely.Geometry


@dataclass(frozen=True, kw_only=True)
class Province:
    """A batch: its studies, and what is written over all of them.

    Attributes
    ----------
    jobs
        The studies.
    out
        Folder to write to: each study has one of its own in it.
    title, lang
        Heading and language of the report over all.
    files
        Role and path of what all studies come from, beside their own files: the layer of areas.
    outlines
        What is cut out of that layer, and written before the studies are planned.
    notes
        What is odd about that layer.
    """

    jobs: tuple[Job, ...]
    out: Path
    title: str | None = None
    lang: str = "en"
    files: tuple[tuple[str, Path], ...] = ()
    outlines: tuple[Outline, ...] = ()
    notes: tuple[Phrase, ...] = ()


def folder_names(names: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Make names of folders of what users call their studies: no two alike on any system, none that leads elsewhere.

    Parameters
    ----------
    names
        Any text: letters and digits of any script stay, all else becomes a dash.
    taken
        Names that something else has.

    Examples
    --------
    >>> folder_names(["宝应县", "../../etc", "a/b", "A b", "CON", ""])
    ['宝应县', 'etc', 'a-b', 'A-b-2', 'study-CON', 'study']
    """
    used = {name.casefold() for name in taken}
    made = []
    for name in names:
        stem = slug = _stem(name)
        turn = 1
        while slug.casefold() in used:
            turn += 1
            slug = f"{stem}-{turn}"
        used.add(slug.casefold())
        made.append(slug)
    return made


def _stem(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else "-" for c in text)
    stem = "-".join(part for part in kept.split("-") if part)[:LONGEST].strip("-")
    return f"study-{stem}" if stem.lower() in _RESERVED else stem or "study"


class Hashes:
    """SHA-256 of files, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def __call__(self, path: Path) -> str:
        """Hash a file; what cannot be read has none: the study that needs it will say why."""
        if path not in self._known:
            try:
                self._known[path] = digest_of(path)
            except (OSError, ValueError):
                self._known[path] = ""
        return self._known[path]


def key_of(job: Job, hashes: Hashes) -> str:
    """Sum up all that decides what a job makes: settings, content of the files, version, a fixed date."""
    told = {field.name: getattr(job.study, field.name) for field in fields(Study) if field.name != "store"}
    extras = asdict(job.extras) if is_dataclass(job.extras) else None
    dated = os.environ.get(EPOCH)
    return _digest([__version__, job.name, dated, {k: _plain(v, hashes) for k, v in told.items()}, extras])


def _plain(value: Any, hashes: Hashes) -> Any:
    if isinstance(value, Path):
        return [value.name, hashes(value)]
    if isinstance(value, tuple | list):
        return [_plain(item, hashes) for item in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), hashes) for f in fields(value)}
    return value


def _digest(what: list[Any]) -> str:
    text = json.dumps(what, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_elsewhere(folder: Path, out: Path) -> None:
    """Refuse to write to a study's folder that is a link to somewhere else.

    Raises
    ------
    InputError
        Naming it.
    """
    if folder.is_symlink():
        target = Path(os.path.realpath(folder))  # of a link to itself, itself: `resolve` would fail
        if target.is_symlink() or not target.is_relative_to(out.resolve()):
            raise InputError(Phrase("batch.elsewhere", folder=folder, target=target, out=out))


def refuse_link(path: Path) -> None:
    """Refuse to keep what is the batch's own where a link leads: what lies there is somebody else's.

    Raises
    ------
    InputError
        Naming it.
    """
    if path.is_symlink():
        raise InputError(Phrase("batch.linked", file=path, target=path.readlink()))
