"""OLE compound files (what XLS files are): the bytes of one stream in them.

After [MS-CFB], Microsoft's open specification: a header, sectors, a table that chains them (FAT), a
directory. A damaged chain ends the stream early, and never goes round.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = struct.Struct("<8s16xHHHHH6xIIIIIIIII")
_ENTRY_BYTES = 128
_STREAM = 2
_MINI_CUTOFF_BYTES = 4096
_END = 0xFFFFFFFA
"""Sector numbers from here on are marks: end of chain, free, of the table itself."""


def stream_of(raw: bytes, names: tuple[str, ...]) -> bytes | None:
    """Hand out the first stream that is called one of `names`; None where there is none.

    Parameters
    ----------
    raw
        The whole file.
    names
        Compared without regard to case.
    """
    if len(raw) < 512 or not raw.startswith(_SIGNATURE):
        return None
    return _Compound(raw).stream(tuple(n.casefold() for n in names))


class _Compound:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        fields = _HEADER.unpack_from(raw)
        self.sector_bytes = 1 << min(max(fields[4], 7), 16)
        self.mini_bytes = 1 << min(max(fields[5], 4), 12)
        self.directory, self.mini_fat_start, self.difat_start = fields[8], fields[11], fields[13]
        # A table has an entry a sector, so that one of a file of n bytes takes no more than this.
        most = len(raw) // self.sector_bytes // max(1, self.sector_bytes // 4) + 2
        self.fat = self._numbers(b"".join(map(self._sector, islice(self._fat_sectors(), most))))

    def stream(self, names: tuple[str, ...]) -> bytes | None:
        folder = b"".join(map(self._sector, self._chain(self.directory, self.fat)))
        root: tuple[int, int] | None = None
        for at in range(0, len(folder) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            entry = folder[at : at + _ENTRY_BYTES]
            name = entry[: max(0, min(struct.unpack_from("<H", entry, 64)[0], 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", entry, 116)
            root = root or (start, size)
            if entry[66] == _STREAM and name.casefold() in names:
                return self._content(start, size, root[0])
        return None

    def _content(self, start: int, size: int, root: int) -> bytes:
        if size >= _MINI_CUTOFF_BYTES:
            return b"".join(map(self._sector, self._chain(start, self.fat)))[:size]
        mini_fat = self._numbers(b"".join(map(self._sector, self._chain(self.mini_fat_start, self.fat))))
        small = b"".join(map(self._sector, self._chain(root, self.fat)))
        step = self.mini_bytes
        return b"".join(small[i * step : (i + 1) * step] for i in self._chain(start, mini_fat))[:size]

    def _fat_sectors(self) -> Iterator[int]:
        """List the sectors of the table: 109 stand in the header, more in a chain of their own."""
        yield from (i for i in struct.unpack_from("<109I", self.raw, 76) if i < _END)
        at, seen = self.difat_start, set[int]()
        while at < _END and at not in seen:
            seen.add(at)
            numbers = self._numbers(self._sector(at))
            if not numbers:
                return
            yield from (i for i in numbers[:-1] if i < _END)
            at = numbers[-1]

    def _sector(self, number: int) -> bytes:
        begin = (number + 1) * self.sector_bytes
        return self.raw[begin : begin + self.sector_bytes]

    @staticmethod
    def _numbers(content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])

    @staticmethod
    def _chain(start: int, table: tuple[int, ...]) -> Iterator[int]:
        at, left = start, len(table)
        while at < len(table) and left:
            yield at
            at, left = table[at], left - 1
