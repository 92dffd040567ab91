"""Matching: the places of one network on another, so that street can be compared with street.

Edges with the same course (all points within a centimetre, in either direction) are the same street, and places along
them are matched to the float. The rest of one network is cut into pieces of `PIECE_M`; a piece lies on the other
network if its middle is within `MATCH_M` of a street there that runs the same way, within `MATCH_TURN` degrees, and is
not the same as another. What finds no such street has no counterpart, and is told apart: nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from walkshed.network.streets import Streets

MATCH_M = 10.0
MATCH_TURN = 30.0
PIECE_M = 10.0
AT_END_M = 0.5
"""A place this far beyond the end of a street still counts as beside it."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where p places lie on a network: edge -1 where it has none.

    Attributes
    ----------
    edge, at_m
        (p,) the edge, and metres along it.
    """

    edge: NDArray[np.int32]
    at_m: NDArray[np.float64]


class Matching:
    """The places of the network `here` on the network `there`.

    Parameters
    ----------
    here, there
        Two networks, in any two UTM zones.

    Attributes
    ----------
    same
        (m,) int64, the edge of `there` with the same course as each of `here`; -1 where there is none.
    """

    def __init__(self, here: Streets, there: Streets) -> None:
        self._here, self._there = here, there
        self._coords = _in_crs(there, here.crs)
        self.same, self._turned = _same_courses(here, there, self._coords)

    @property
    def is_whole(self) -> bool:
        """Whether every edge of both has its like in the other."""
        return len(self._here) == len(self._there) and bool((self.same >= 0).all())

    def to_here(
        self, edge: NDArray[np.int32], at_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Bring places on edges of `there` that have the same course to `here`; others are left out."""
        back = np.full(len(self._there), -1)
        known = np.flatnonzero(self.same >= 0)
        back[self.same[known]] = known
        mine = back[edge]
        kept = mine >= 0
        edge, mine, at_m = edge[kept], mine[kept], at_m[kept]
        share = at_m / self._there.edge_length_m[edge]
        share = np.where(self._turned[mine], 1.0 - share, share)
        return mine.astype(np.int32), share * self._here.edge_length_m[mine]

    def pieces(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Cut the edges of `here` without the same course there into pieces: the edge and place of each cut."""
        edge = np.flatnonzero(self.same < 0)
        many = np.maximum(1, np.ceil(self._here.edge_length_m[edge] / PIECE_M)).astype(np.int64)
        nth = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        edge, many = np.repeat(edge, many), np.repeat(many, many)
        return edge.astype(np.int32), nth * self._here.edge_length_m[edge] / many

    def to_there(self, edge: NDArray[np.int32], at_m: NDArray[np.float64]) -> Places:
        """Find places of `here` on `there`."""
        other = self.same[edge]
        share = np.divide(at_m, self._here.edge_length_m[edge], out=np.zeros(len(edge)), where=other >= 0)
        share = np.where(self._turned[edge], 1.0 - share, share)
        found = np.where(other >= 0, other, -1).astype(np.int32)
        at = share * self._there.edge_length_m[np.maximum(other, 0)]
        rest = np.flatnonzero(other < 0)
        if len(rest):
            found[rest], at[rest] = self._nearest(edge[rest], at_m[rest])
        return Places(found, at)

    def _nearest(
        self, edge: NDArray[np.int32], at_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Find the nearest street that runs the same way."""
        here, there = self._here, self._there
        ends = [np.clip(at_m + step, 0.0, here.edge_length_m[edge]) for step in (-1.0, 1.0)]
        course = here.xy_at(edge, ends[1]) - here.xy_at(edge, ends[0])
        last = there.offsets[1:] - 1
        p = np.delete(np.arange(len(self._coords)), last)
        of_segment = np.repeat(np.arange(len(there)), np.diff(there.offsets) - 1)
        free = ~np.isin(of_segment, self.same[self.same >= 0])  # a street has one counterpart, not two
        p, of_segment = p[free], of_segment[free]
        a, b = self._coords[p], self._coords[p + 1]
        xy = here.xy_at(edge, at_m)
        tree = shapely.STRtree(shapely.linestrings(np.stack((a, b), axis=1)))
        place, segment = tree.query(shapely.points(xy), predicate="dwithin", distance=MATCH_M)
        run = b[segment] - a[segment]
        length = np.hypot(*run.T) * np.hypot(*course[place].T)
        cosine = np.divide(np.abs((run * course[place]).sum(axis=1)), length, out=np.zeros(len(run)), where=length > 0)
        alike = cosine >= np.cos(np.radians(MATCH_TURN))
        place, segment, run = place[alike], segment[alike], run[alike]
        t = np.clip(((xy[place] - a[segment]) * run).sum(axis=1) / (run**2).sum(axis=1), 0.0, 1.0)
        off = xy[place] - a[segment] - t[:, None] * run
        far_m = np.hypot(*off.T)
        # Where a street only ends near, the place lies beyond it, not beside it.
        beside = np.abs((off * run).sum(axis=1)) <= np.hypot(*run.T) * np.maximum(far_m / 2, AT_END_M)
        place, segment, t, far_m = place[beside], segment[beside], t[beside], far_m[beside]
        order = np.lexsort((segment, far_m, place))
        first = order[np.unique(place[order], return_index=True)[1]]
        found, at = np.full(len(edge), -1, dtype=np.int32), np.zeros(len(edge))
        start = there.along_m[p[segment[first]]]
        found[place[first]] = of_segment[segment[first]]
        at[place[first]] = start + t[first] * (there.along_m[p[segment[first]] + 1] - start)
        return found, at


def _in_crs(streets: Streets, crs: str) -> NDArray[np.float64]:
    if streets.crs == crs:
        return streets.coords
    return np.column_stack(Transformer.from_crs(streets.crs, crs, always_xy=True).transform(*streets.coords.T))


def _same_courses(
    here: Streets, there: Streets, coords: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find for each edge of `here` the one of the same course, and whether it runs the other way."""
    known = {_course(coords[a:b]): edge for edge, (a, b) in enumerate(_spans(there))}
    same, turned = np.full(len(here), -1), np.zeros(len(here), dtype=bool)
    for edge, (a, b) in enumerate(_spans(here)):
        line = here.coords[a:b]
        same[edge] = known.get(_course(line), -1)
        if same[edge] < 0:
            same[edge] = known.get(_course(line[::-1]), -1)
            turned[edge] = same[edge] >= 0
    return same, turned


def _spans(streets: Streets) -> list[tuple[int, int]]:
    return list(zip(streets.offsets[:-1].tolist(), streets.offsets[1:].tolist(), strict=True))


def _course(line: NDArray[np.float64]) -> bytes:
    return np.rint(line * 100).astype(np.int64).tobytes()
