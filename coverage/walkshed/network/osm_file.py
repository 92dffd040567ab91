"""``OsmFile``: an OpenStreetMap file, told by its first bytes, with its header, and its errors as ours."""

from __future__ import annotations

import bz2
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import osmium

from walkshed.errors import FormatError, OutputError, WalkshedError
from walkshed.network.clip import Box
from walkshed.network.files import require_file
from walkshed.phrases import Phrase

_HEAD_BYTES = 4096
_DATE = re.compile(rb'\b(?:osm_base|timestamp)="(\d{4}-\d\d-\d\d)')


class OsmFile:
    """An OSM file that is there and looks like one.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``; what it holds counts, not its name.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If it is not an OSM file, or damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = require_file(path)
        self.format = self._sniff()
        with self._reader(osmium.osm.NOTHING) as reader:
            header = reader.header()
            self.generator: str = header.get("generator", "")
            self.sorted: bool = header.get("sorting", "") == "Type_then_ID"
            self.date: str | None = header.get("osmosis_replication_timestamp", "")[:10] or None
            self.box = _box_of(header)
        if self.date is None and self.format != "pbf":
            head = self._head().partition(b"<node")[0]
            stated = _DATE.search(head)
            self.date = stated[1].decode("ascii") if stated else None

    @contextmanager
    def objects(self, entities: Any, *handlers: Any) -> Iterator[Iterator[Any]]:
        """Open the file; what is read of it and passes the handlers comes object by object."""
        with self._reader(entities) as reader:
            yield iter(osmium.OsmFileIterator(reader, *handlers))

    @contextmanager
    def _reader(self, entities: Any) -> Iterator[Any]:
        try:
            with osmium.io.Reader(osmium.io.File(str(self.path), self.format), entities) as reader:
                yield reader
        except WalkshedError:
            raise
        except (RuntimeError, ValueError, osmium.InvalidLocationError) as fault:  # all that osmium raises of a file
            reason = " ".join(str(fault).split())
            if "resize file" in reason:  # the table of node locations, which grows in the temporary folder
                raise full(fault) from fault
            raise FormatError(Phrase("network.osm_damaged", source=self.path, reason=reason)) from fault

    def count_ways(self) -> tuple[int, Counter[str]]:
        """Count the ways, and how many carry each key."""
        keys: Counter[str] = Counter()
        count = 0
        with self.objects(osmium.osm.WAY) as ways:
            for way in ways:
                count += 1
                keys.update(tag.k for tag in way.tags)
        return count, keys

    def _sniff(self) -> str:
        with self.path.open("rb") as file:
            start = file.read(64)
        if not start:
            raise FormatError(Phrase("network.osm_empty", source=self.path))
        if b"OSMHeader" in start:
            return "pbf"
        kind = "osm.gz" if start[:2] == b"\x1f\x8b" else "osm.bz2" if start[:3] == b"BZh" else "osm"
        self.format = kind
        text = self._head().lstrip(b"\xef\xbb\xbf \t\r\n")
        if not text.startswith(b"<"):
            raise FormatError(Phrase("network.osm_other", source=self.path))
        if re.match(rb"<(!doctype\s+)?html", text, re.IGNORECASE):
            raise FormatError(Phrase("network.osm_page", source=self.path))
        return kind

    def _head(self) -> bytes:
        opener: Any = {"osm.gz": gzip.open, "osm.bz2": bz2.open}.get(self.format, Path.open)
        try:
            with opener(self.path, "rb") as file:
                return bytes(file.read(_HEAD_BYTES))
        except (OSError, EOFError, zlib.error) as fault:
            raise FormatError(Phrase("network.osm_damaged", source=self.path, reason=fault)) from fault


def full(fault: Exception) -> OutputError:
    """Say that the folder for temporary files would not take the node locations."""
    return OutputError(Phrase("network.osm_full", folder=gettempdir(), reason=fault))


def _box_of(header: Any) -> Box | None:
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat
