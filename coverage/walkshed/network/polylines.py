"""``Polylines``: the ways of a file as they are read, packed as they come."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import osmium
from numpy.typing import NDArray

from walkshed.network.clip import Box
from walkshed.network.plane import bounds_of

_HEAD = 18  # hexadecimal digits before the first coordinate of a WKB line: byte order, type, count
_BATCH = 4096  # lines whose coordinates are decoded at once
_MISSING = (float("nan"), float("nan"))
UNITS = 10_000_000
"""How many units in which OSM stores coordinates make a degree."""


class Outline:
    """The course of one way: its coordinates in one call, or node by node where some are missing.

    Attributes
    ----------
    broken
        Whether a node was missing so far.
    """

    def __init__(self) -> None:
        self.broken = False
        self._factory = osmium.geom.WKBFactory()

    def __call__(self, way: Any) -> str:
        """Write the coordinates of all its nodes as packed doubles in hexadecimal digits; NaN where one
        is not in the file, or out of range.
        """
        try:
            line: str = self._factory.create_linestring(way, osmium.geom.ALL, osmium.geom.FORWARD)
        except (osmium.InvalidLocationError, RuntimeError):  # RuntimeError: fewer than two nodes
            pairs = [(n.lon, n.lat) if n.location.valid() else _MISSING for n in way.nodes]
            self.broken |= _MISSING in pairs
            return np.array(pairs, dtype="<f8").tobytes().hex()
        return line[_HEAD:]


class Nodes(NamedTuple):
    """The nodes that some polylines run through.

    Attributes
    ----------
    ids, lonlat
        (n,) ascending, and (n, 2) degrees; only those that have a place.
    row
        (k,) for each coordinate of the polylines, which node it is; -1 where it is missing.
    """

    ids: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    row: NDArray[np.int64]


class Polylines:
    """Many polylines, packed as they come.

    Attributes
    ----------
    refs
        The ids of the nodes, where they were given.
    sizes
        Number of nodes of each.
    """

    def __init__(self) -> None:
        self.refs = array("q")
        self.sizes = array("q")
        self._waiting: list[str] = []
        self._packed: list[NDArray[np.float64]] = []

    def __len__(self) -> int:
        return len(self.sizes)

    def add(self, outline: str, refs: list[int] | None = None) -> None:
        """Take in one polyline."""
        self._waiting.append(outline)
        self.sizes.append(len(outline) // 32)
        if refs is not None:
            self.refs.extend(refs)
        if len(self._waiting) >= _BATCH:
            self._decode()

    def lonlat(self) -> NDArray[np.float64]:
        """Hand out all coordinates, (k, 2) degrees; NaN where a node is missing."""
        self._decode()
        return np.concatenate([np.empty((0, 2)), *self._packed])

    def nodes(self) -> Nodes:
        """Tell apart the nodes, where their ids were given."""
        lonlat, refs = self.lonlat(), np.array(self.refs, dtype=np.int64)
        there = ~np.isnan(lonlat[:, 0])
        ids, first, index = np.unique(refs[there], return_index=True, return_inverse=True)
        row = np.full(len(refs), -1)
        row[there] = index
        return Nodes(ids, lonlat[there][first], row)

    def _decode(self) -> None:
        if self._waiting:
            self._packed.append(degrees(" ".join(self._waiting)))
            self._waiting.clear()


@dataclass(frozen=True)
class Placed:
    """Many polylines whose nodes are known already.

    Attributes
    ----------
    ids, places
        (n,) ascending, and (n, 2) longitude and latitude in 1e-7 degrees.
    row
        (k,) for each coordinate of the polylines, which node it is; -1 where it is missing.
    sizes
        (m,) number of nodes of each.
    """

    ids: NDArray[np.int64]
    places: NDArray[np.int32]
    row: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sizes)

    def lonlat(self) -> NDArray[np.float64]:
        """Hand out all coordinates, (k, 2) degrees; NaN where a node is missing."""
        nodes = np.concatenate([self.places / UNITS, [_MISSING]])
        return nodes[self.row]

    def meet(self, box: Box) -> NDArray[np.bool_]:
        """Tell which polylines' bounds share a point with a box in degrees; (m,)."""
        met = np.zeros(len(self.sizes), dtype=np.bool_)
        some = np.flatnonzero(self.sizes)
        if len(some):
            lonlat, start = self.lonlat(), offsets_of(self.sizes)[some]
            (west, south), (east, north) = (ufunc.reduceat(lonlat, start).T for ufunc in (np.fmin, np.fmax))
            met[some] = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
        return met

    def split(self, counts: Sequence[int]) -> list[Placed]:
        """Part the polylines into so many at a time; all share the nodes."""
        cut = np.cumsum(counts)[:-1]
        sizes, rows = np.split(self.sizes, cut), np.split(self.row, offsets_of(self.sizes)[cut])
        return [Placed(self.ids, self.places, row, some) for row, some in zip(rows, sizes, strict=True)]

    def nodes(self) -> Nodes:
        """Hand out the nodes."""
        return Nodes(self.ids, self.places / UNITS, self.row)


def offsets_of(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each polyline starts among the coordinates, and the end."""
    return np.concatenate([[0], np.cumsum(np.array(sizes, dtype=np.int64))]).astype(np.int64)


def degrees(outline: str) -> NDArray[np.float64]:
    """Decode coordinates, (k, 2)."""
    return np.frombuffer(bytes.fromhex(outline), dtype="<f8").reshape(-1, 2)


def bounds(outline: str) -> Box | None:
    """Bound a polyline; None if none of its nodes is in the file."""
    lonlat = degrees(outline)
    lonlat = lonlat[~np.isnan(lonlat[:, 0])]
    if not len(lonlat):
        return None
    return bounds_of(lonlat)


def meet(a: Box | None, b: Box) -> bool:
    """Tell whether two boxes share a point."""
    return a is not None and a[0] <= b[2] and a[2] >= b[0] and a[1] <= b[3] and a[3] >= b[1]


def union(a: Box | None, b: Box | None) -> Box | None:
    """Bound two boxes."""
    if a is None or b is None:
        return a or b
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
