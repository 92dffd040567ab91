"""``blobs``: an OSM PBF file cut into its blocks, and each unpacked (https://wiki.openstreetmap.org/wiki/PBF_Format)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import cpu_count
from pathlib import Path
from typing import BinaryIO, TypeVar

from walkshed.errors import FormatError
from walkshed.phrases import Phrase

T = TypeVar("T")

MOST_BYTES = 32 << 20
"""What a block may hold at most, by the format."""
_HEAD_BYTES = 64 << 10
_AT_ONCE = 16  # blocks that are held before they are unpacked
MOST_EMPTY = 100_000
"""Empty texts that a block may hold: writers have one."""
_NUMBER, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_TEXTS = 1


class NotPlainError(Exception):
    """The file is damaged, or written in a way that is allowed but rare: osmium reads it, or says what is wrong."""


class PackedOtherwiseError(NotPlainError):
    """A block is packed with something else than zlib."""


def each_block(path: Path, work: Callable[[bytes], T]) -> Iterator[T]:
    """Unpack the blocks of a file and work on each, on all cores; hand out what came of it, in the file's order.

    Raises
    ------
    NotPlainError
        If it should be left to osmium.
    """
    with path.open("rb") as file, ThreadPoolExecutor(cpu_count()) as pool:
        packed = _packed(file)
        while some := list(islice(packed, _AT_ONCE)):
            for one in pool.map(lambda blob: work(_unpacked(blob)) if blob else None, some):
                if one is None:
                    raise NotPlainError
                yield one


def refuse_zero_bytes(path: Path) -> None:
    """Refuse a file with a text that holds a zero byte, at which osmium would end it, and read on beyond its end.

    Raises
    ------
    FormatError
        If there is one; or if a block is packed in a way that cannot be looked into here.
    """
    try:
        spoilt = any(each_block(path, _spoilt))
    except PackedOtherwiseError as fault:
        raise FormatError(Phrase("network.osm_packing", source=path)) from fault
    except NotPlainError:
        return  # osmium says what is wrong with it
    if spoilt:
        raise FormatError(Phrase("network.osm_zero", source=path))


def _spoilt(block: bytes) -> bool:
    tables = (block[begin:end] for number, begin, end in _fields(block) if number == _TEXTS)
    # beside such a text, only the length of an empty one is a zero; the first always is, and hardly any other
    return any(
        table.count(b"\n\0") > MOST_EMPTY
        or (b"\0" in table.replace(b"\n\0", b"", 1) and any(b"\0" in table[a:z] for _, a, z in _fields(table)))
        for table in tables
    )


def _packed(file: BinaryIO) -> Iterator[bytes]:
    """Cut the file into its blocks, as they are packed, but for the header; where it cannot go on, b"" is the last."""
    while start := file.read(4):
        size = int.from_bytes(start, "big")
        kind, length = _head(file.read(size) if size <= _HEAD_BYTES else b"")
        is_data = b"OSMData".startswith(kind)  # osmium, too, takes what is cut short
        fits = (is_data or kind == b"OSMHeader") and 0 < length <= MOST_BYTES
        blob = file.read(length) if fits else b""
        if len(blob) < length or not fits:
            yield b""
            return
        if is_data:
            yield blob


def _head(head: bytes) -> tuple[bytes, int]:
    """Read what kind of block comes, and its length: 0 if the head is damaged."""
    kind, length = b"", 0
    try:
        for number, begin, end in _fields(head):
            if number == 1:
                kind = head[begin:end]
            elif number == 3:
                length = begin
    except NotPlainError:
        return b"", 0
    return kind, length


def _unpacked(blob: bytes) -> bytes:
    size, data, other = 0, b"", False
    for number, begin, end in _fields(blob):
        if number == 1:
            if end - begin > MOST_BYTES:
                raise NotPlainError
            return blob[begin:end]
        if number == 2:
            size = begin
        elif number == 3:
            data = blob[begin:end]
        elif number > 3:
            other = True
    if other and not data:
        raise PackedOtherwiseError
    if not (data and 0 < size <= MOST_BYTES):
        raise NotPlainError
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(data, size)
    except zlib.error as fault:
        raise NotPlainError from fault
    if len(content) != size or not unpacking.eof:
        raise NotPlainError
    return content


def _fields(message: bytes) -> Iterator[tuple[int, int, int]]:
    """Hand out the fields of a message: number, and where the bytes begin and end; or its value, twice."""
    at = 0
    while at < len(message):
        what, at = _varint(message, at)
        wire = what & 7
        if wire == _NUMBER:
            value, at = _varint(message, at)
            yield what >> 3, value, value
            continue
        length = {_EIGHT: 8, _FOUR: 4}.get(wire, -1)
        if wire == _BYTES:
            length, at = _varint(message, at)
        if not 0 <= length <= len(message) - at:
            raise NotPlainError
        yield what >> 3, at, at + length
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << 7 * shift
        if byte < 128:
            return value, at + shift + 1
    raise NotPlainError
