"""``Store``: networks that were read once, as arrays that the next run maps into memory.

An entry is a folder of ``streets.bin``, all arrays one after the other, of ``.feather`` files for what lies around,
and of ``streets.json``, which tells where each array lies, and the sizes and checksums of the files: an entry that
does not match is read anew. It is written beside its place and then renamed, so that two runs can share a store; what
a run that was killed had begun is removed a day later. Nothing is written, and nothing fails, where the folder cannot
be written.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import shutil
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from functools import partial
from math import prod
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkshed import __version__
from walkshed.errors import InputWarning, warn_user
from walkshed.network.files import parts_of, sha256_of
from walkshed.network.streets import FRAMES, Source, Streets, SurroundingsLater
from walkshed.network.walkable import FILTER_VERSION
from walkshed.phrases import Phrase, as_plain, from_plain

FORMAT = 6
"""Part of every key: change it when entries, or what is built into them, change."""

_WRITING = ".walkshed-writing-"
"""How a folder is called while it is written: so that nobody's own can be taken for one."""

ABANDONED_S = 24 * 3600.0
"""An entry takes minutes to write: what nobody has written to for so long is of a process that was killed."""

_JSON, _BIN = "streets.json", "streets.bin"
_ALIGNED = 64  # bytes: arrays start at whole multiples of so many
_SEALED = 1 << 20  # bytes that one checksum is of: several cores add up a large file
_TEXTS = ("names", "highways", "crs")
_ARRAYS = tuple(f.name for f in fields(Streets) if f.name not in (*_TEXTS, "source", "surroundings", "left_out"))


class Store:
    """A folder of networks.

    Parameters
    ----------
    folder
        Made when first written to.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def get_or_read(self, file: Path, asked: Mapping[str, Any], read: Callable[[str], Streets]) -> Streets:
        """Hand out what was stored for this file and these settings, else read and store it.

        Parameters
        ----------
        file
            The source.
        asked
            All that decides the result besides the file's content.
        read
            Reads it, given the file's hash.

        Warns
        -----
        InputWarning
            What reading warned of, each time; and if the store cannot be written.
        """
        hashes = [self._hash(part) for part in parts_of(file)]
        key = _key(hashes, asked)
        if found := self._load(key):
            streets, said = found
        else:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", InputWarning)
                streets = read(hashes[0])
            said = [w.message.args[0] for w in caught if isinstance(w.message, InputWarning)]
            for other in (w for w in caught if not issubclass(w.category, InputWarning)):
                warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
            self._save(key, streets, said)
        for message in said:
            warn_user(message)
        return streets

    def holds(self, file: Path, asked: Mapping[str, Any]) -> bool:
        """Tell whether what is asked for is there, whole."""
        return self._load(_key([self._hash(part) for part in parts_of(file)], asked)) is not None

    def _hash(self, path: Path) -> str:
        """Hash a file, or remember its hash while nothing that the system tells of it has changed.

        Copying can keep size and time (``cp -p``); what the system alone writes, it cannot.
        """
        stat = path.stat()
        seen = [str(path.absolute()), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        note = self.folder / "hashes" / f"{_digest(seen[:1])}.json"
        try:
            noted = json.loads(note.read_text(encoding="utf-8"))
            if noted["seen"] == seen:
                return str(noted["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not noted yet, or not by us
        sha256 = sha256_of(path)
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=note.parent, encoding="utf-8", delete=False) as file:
                json.dump({"seen": seen, "sha256": sha256}, file)
            Path(file.name).replace(note)
        except OSError:
            pass  # saving the network will say so
        return sha256

    def _load(self, key: str) -> tuple[Streets, list[str]] | None:
        entry = self.folder / key
        try:
            content = (entry / _JSON).read_bytes()
            text, _, seal = content.removeprefix(b"[").removesuffix(b"]").rpartition(b", ")
            if int(seal) != zlib.crc32(text):
                return None
            told = json.loads(text)
            with ThreadPoolExecutor(cpu_count()) as pool:  # neither reading nor adding up needs the interpreter
                if told["files"] != {name: _seal(entry / name, pool.map) for name in told["files"]}:
                    return None
            mapped = _mapped(entry / _BIN)
            streets = Streets(
                **{name: _array(mapped, *told["arrays"][name]) for name in _ARRAYS},
                names=tuple(told["names"]),
                highways=tuple(told["highways"]),
                crs=told["crs"],
                source=Source(**told["source"] | {"extent": tuple(told["source"]["extent"])}),
                surroundings=SurroundingsLater(partial(_stored_frame, entry)) if told["surroundings"] else None,
            )
            return streets, [from_plain(line) for line in told["warnings"]]
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None  # not there, or damaged: read anew

    def _save(self, key: str, streets: Streets, said: list[str]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clear_abandoned()
            with tempfile.TemporaryDirectory(prefix=_WRITING, dir=self.folder, ignore_cleanup_errors=True) as made:
                entry = Path(made) / key
                entry.mkdir()
                _write(entry, streets, said)
                self._put(entry, self.folder / key)
        except OSError as fault:
            reason = fault.strerror or fault
            warn_user(Phrase("network.store_unwritten", path=self.folder, reason=reason))

    def _clear_abandoned(self) -> None:
        """Remove what processes that were killed had begun to write; what is young another run may be writing now."""
        for begun in self.folder.glob(f"{_WRITING}*"):
            try:
                written = max(path.lstat().st_mtime for path in (begun, *begun.rglob("*")))
            except OSError:
                continue  # gone meanwhile: whose it is has ended
            if time.time() - written > ABANDONED_S:
                shutil.rmtree(begun, ignore_errors=True)

    def _put(self, entry: Path, place: Path) -> None:
        """Move an entry to its place; what stands there is damaged, or another run was faster."""
        if place.exists() and self._load(place.name) is None:
            shutil.rmtree(place, ignore_errors=True)
        try:
            entry.rename(place)
        except OSError:
            if not place.exists():
                raise


def _stored_frame(entry: Path, name: str) -> Any:
    import geopandas as gpd

    return gpd.read_feather(entry / f"{name}.feather")


def _write(entry: Path, streets: Streets, said: list[str]) -> None:
    arrays = {}
    with (entry / _BIN).open("wb") as file:
        for name in _ARRAYS:
            array = getattr(streets, name)
            file.write(bytes(-file.tell() % _ALIGNED))
            arrays[name] = [array.dtype.str, array.shape, file.tell()]
            file.write(array.tobytes())
    if streets.surroundings:
        for name in FRAMES:
            getattr(streets.surroundings, name).to_feather(entry / f"{name}.feather")
    told = {
        **{name: getattr(streets, name) for name in _TEXTS},
        "source": asdict(streets.source),
        "surroundings": streets.surroundings is not None,
        "warnings": [as_plain(line) for line in said],
        "arrays": arrays,
        "files": {file.name: _seal(file) for file in sorted(entry.iterdir())},
    }
    text = json.dumps(told).encode("utf-8")
    (entry / _JSON).write_bytes(b"[%b, %d]" % (text, zlib.crc32(text)))


def _mapped(file: Path) -> mmap.mmap:
    with file.open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


def _seal(file: Path, each: Callable[..., Iterable[int]] = map) -> list[int]:
    """Size and checksums of a file; `each` may work on several parts of it at once.

    The file is read for it: where a disk fails or a file is cut short meanwhile, looking at what is mapped would end
    the process.
    """

    def checksum(at: int) -> int:
        with file.open("rb", buffering=0) as opened:
            opened.seek(at)
            return zlib.crc32(opened.read(_SEALED))

    size = file.stat().st_size
    return [size, *each(checksum, range(0, size, _SEALED))]


def _array(content: mmap.mmap, dtype: str, shape: list[int], at: int) -> NDArray[Any]:
    """Look at a part of a file as an array; closed to writing, as the file is."""
    if min(shape) < 0:
        raise ValueError(shape)  # it would mean all that is left
    return np.frombuffer(content, dtype, count=prod(shape), offset=at).reshape(shape)


def _key(hashes: list[str], asked: Mapping[str, Any]) -> str:
    return f"streets-{_digest([FORMAT, __version__, FILTER_VERSION, hashes, dict(asked)])}"


def _digest(what: list[Any]) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode("utf-8")).hexdigest()[:32]
