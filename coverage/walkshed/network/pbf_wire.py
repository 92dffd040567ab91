"""The wire format of OSM PBF files (protocol buffers), for kernels: numbers, and the heads of fields.

A message is a run of fields. A field begins with ``8 * number + wire type``, which is what the code compares with:
``8 * 1 + 0`` is field 1, a whole number; ``8 * 8 + 2`` is field 8, bytes with their length.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Layout, kernel

Bytes = Annotated[NDArray[np.uint8], Layout(writable=False)]

BAD = 1 << 60
"""A place beyond the end of all data: loops end there, and it is no end that a block may have."""

BYTES = 2
"""The wire type of what comes with its length."""


@kernel
def number(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Read a whole number, and where it ends."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while at < end and shift < np.uint64(64):
        byte = np.uint64(data[at])
        at += 1
        value |= (byte & np.uint64(127)) << shift
        if byte < np.uint64(128):
            return np.int64(value), at  # type: ignore[return-value]  # a plain number, once compiled
        shift += np.uint64(7)
    return 0, BAD


@kernel
def signed(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Read a number that may be below zero (zigzag)."""
    value, at = number(data, at, end)
    half = (value >> 1) & 0x7FFFFFFFFFFFFFFF
    return half ^ -(value & 1), at


@kernel
def field(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """Read the head of a field: what it is, its value or where its bytes begin, and where it ends."""
    what, at = number(data, at, end)
    wire = what & 7
    if wire == 0:
        value, at = number(data, at, end)
        return what, value, at
    if wire == BYTES:
        length, at = number(data, at, end)
        if length < 0 or length > end - at:
            return 0, 0, BAD
        return what, at, at + length
    return 0, 0, BAD
