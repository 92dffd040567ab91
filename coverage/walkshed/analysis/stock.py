"""``Stock``: uncovered street, taken greedily, a walk at a time.

What a walk from each candidate would take in is worked out once. Whenever a walk is taken, those that share street
with it are told what they lost, by a list of who gets to each part of the streets. So every gain is exact at any time,
no walk is tried twice, and a heap whose keys may be too high but never too low finds the best (gains only fall:
M. Minoux, Accelerated greedy algorithms for maximizing submodular set functions, Optimization Techniques, 1978).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.heap import Heap, pop, push
from walkshed.analysis.intervals import Intervals
from walkshed.compiled import FloatRows, Floats, IndexRows, Indices, LongRows, Longs, kernel
from walkshed.reach.graph import Arcs, Parts, WalkGraph
from walkshed.reach.search import (
    Work,
    clear,
    enter,
    new_work,
    spread,
)

MILLIMETRES = 1000.0
"""Gains are compared in whole millimetres: what differs by the order of additions only is a tie."""

DUST_M = 1e-6
"""Shorter stretches are what rounding leaves between two walks: nobody's street, and not to be drawn as such."""

FEW = 256
"""Fewer walks are not worth a second thread."""

ROOM = 1 << 18
"""Parts that walks get to and that are written down before the interpreter has a look."""


class Rows(NamedTuple):
    """The street there is to take: the rows of part i are ``first[i]:first[i + 1]``, metres along its edge."""

    first: Longs
    from_m: Floats
    to_m: Floats


class Windows(NamedTuple):
    """(q,) what is left of each part, metres along its edge: one window, since walks come in from its ends."""

    low: Floats
    high: Floats


class Takers(NamedTuple):
    """Which candidates' walks get to each part, all along it or partly.

    Attributes
    ----------
    whole_first, whole
        (q + 1,) and (w,): ``whole[whole_first[i]:whole_first[i + 1]]`` get all along part i.
    partly_first, partly
        The same for those that get into it from its ends.
    bounds
        (p, 2) how far they get, metres along the edge: up to the first, and from the second on.
    """

    whole_first: Longs
    whole: Indices
    partly_first: Longs
    partly: Indices
    bounds: FloatRows


class Gotten(NamedTuple):
    """Where walks get to, as they are tried.

    Attributes
    ----------
    whole, whole_of
        (w,) parts that a walk gets all along, and the number of its candidate.
    partly, partly_of, bounds
        (p,), (p,) and (p, 2): the same for those it gets into from their ends, and how far, as in `Takers`.
    """

    whole: Indices
    whole_of: Indices
    partly: Indices
    partly_of: Indices
    bounds: FloatRows

    def rows(self, w: int, p: int) -> Gotten:
        """Copy the first of them."""
        bounds = self.bounds[:p].copy()
        return Gotten(
            self.whole[:w].copy(), self.whole_of[:w].copy(), self.partly[:p].copy(), self.partly_of[:p].copy(), bounds
        )


def new_room(parts: int) -> Gotten:
    """Make room for walks over some parts: for one that gets everywhere, or for many at a time."""
    whole, partly = np.empty((2, max(parts, ROOM)), np.int32), np.empty((2, max(parts, ROOM)), np.int32)
    return Gotten(whole[0], whole[1], partly[0], partly[1], np.empty((max(parts, ROOM), 2)))


class Stock:
    """Street to be taken, a walk at a time.

    Parameters
    ----------
    graph
        What is walked on.
    street
        What there is to take; `of` is the part of the graph.
    candidates
        (p,) the nodes that walks may start from, ascending.
    budget_m
        Metres of cost that one walk may take.

    Attributes
    ----------
    gain_m
        (p,) metres of what is left that a walk from each candidate takes in.

    Notes
    -----
    Memory: 4 bytes for each part that each candidate's walk gets to and that holds street to take, 20 where it gets
    into it only partly.
    """

    def __init__(self, graph: WalkGraph, street: Intervals, candidates: NDArray[np.int32], budget_m: float) -> None:
        self._graph, self._candidates, self._budget_m = graph, candidates, budget_m
        rows = street.take(np.lexsort((street.from_m, street.of)))
        first = np.searchsorted(rows.of, np.arange(len(graph.edge) + 1))
        self._rows = Rows(first, rows.from_m, rows.to_m)
        self._left = Windows(graph.from_m.copy(), graph.to_m.copy())
        self.gain_m, self._takers = self._try_all()

    def _try_all(self) -> tuple[NDArray[np.float64], Takers]:
        g, numbers = self._graph, np.arange(len(self._candidates), dtype=np.int32)
        shares = np.array_split(numbers, 1 if len(numbers) < FEW else cpu_count() or 1)
        gain_m, count = np.zeros(len(numbers)), np.zeros((2, len(g.edge)), dtype=np.int64)
        gotten: list[Gotten] = []

        def walk(share: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[Gotten]]:
            own = np.zeros((2, len(g.edge)), dtype=np.int32)
            got: list[Gotten] = []
            work, room, leg = new_work(g), new_room(len(g.edge)), np.zeros(1)
            while len(share):
                done, w, p = try_each(
                    g.arcs, g.parts, self._rows, self._candidates, share, leg, self._budget_m, gain_m, own, room, work
                )
                got.append(room.rows(w, p))
                share = share[done:]
            return own, got

        with ThreadPoolExecutor(len(shares)) as pool:
            for own, got in pool.map(walk, shares):
                count += own
                gotten += got
                got.clear()  # held by the pool, too
        return gain_m, _filed(count, gotten)

    def take_best(self, least_m: float) -> Iterator[tuple[int, Intervals]]:
        """Take what the walk that gains most takes in, again and again, until none gains `least_m`.

        Parameters
        ----------
        least_m
            Metres; above 0.

        Yields
        ------
        node, taken
            Where the walk starts, of equal gains the lower node first, and what it took; `of` is its number.
        """
        g, least = self._graph, least_m * MILLIMETRES
        gain = np.floor(self.gain_m * MILLIMETRES + 0.5)
        order = np.lexsort((np.arange(len(gain)), -gain))[: int((gain >= least).sum())]
        queue, size = Heap(-gain[order], order.astype(np.int32)), len(order)  # a sorted array is a heap
        work, count, leg = new_work(g), 0, np.zeros(1)
        most = 2 * len(self._rows.from_m)  # what is left of a row may be taken from both ends at once
        edge, from_m, to_m = np.empty(most, np.int32), np.empty(most), np.empty(most)
        while size:
            best, size = _next(queue, size, self.gain_m, least)
            if best < 0:
                return
            node = self._candidates[best : best + 1]
            reached, _ = spread(g.arcs, node, leg, self._budget_m, work)
            entered = enter(g.arcs, g.parts, reached, self._budget_m, work)
            n = _take(g.parts, self._rows, self._left, self._takers, self.gain_m, entered, work, edge, from_m, to_m)
            clear(reached, work)
            taken = Intervals(edge[:n].copy(), from_m[:n].copy(), to_m[:n].copy(), np.full(n, count, np.int32))
            yield int(node[0]), taken
            count += 1


@kernel
def _bounds(from_m: float, to_m: float, into_u: float, into_v: float) -> tuple[float, float]:
    """Up to where a walk comes along a part, and from where on it comes from the other end; equal if it gets all."""
    until = from_m + into_u
    return until, until if into_u + into_v >= to_m - from_m else to_m - into_v


@kernel
def _shared(start: float, end: float, until: float, since: float) -> float:
    """How much of a stretch lies before `until` or beyond `since`."""
    return max(0.0, min(end, until) - start) + max(0.0, end - max(start, since))


@kernel
def try_each(
    arcs: Arcs,
    parts: Parts,
    rows: Rows,
    candidates: Indices,
    numbers: Indices,
    leg: Floats,
    budget: float,
    gain_m: Floats,
    count: IndexRows,
    room: Gotten,
    work: Work,
) -> tuple[int, int, int]:
    """Walk from each candidate of some numbers by itself, and write down its gain and where it gets to.

    `count`, (2, q), counts the rows of each part: those of walks that get all along it, and of those that do not.

    Returns
    -------
    done
        How many were walked from before `room` was full.
    w, p
        How many rows of `room` are filled with what walks get all along, and partly.
    """
    got, into_u, into_v, part_from, part_to = work.part, work.into_u, work.into_v, parts.from_m, parts.to_m
    row, row_from, row_to = rows  # unpacked, since kernels count references at each look into a tuple
    whole, whole_of, partly, partly_of, bounds = room
    w = p = 0
    for k in range(len(numbers)):
        number = numbers[k]
        reached, _ = spread(arcs, candidates[number : number + 1], leg, budget, work)
        entered = enter(arcs, parts, reached, budget, work)
        clear(reached, work)
        if w + entered > len(whole) or p + entered > len(partly):
            return k, w, p
        for i in range(entered):
            q = got[i]
            if row[q] == row[q + 1]:
                continue
            until, since = _bounds(part_from[q], part_to[q], into_u[i], into_v[i])
            for r in range(row[q], row[q + 1]):
                gain_m[number] += _shared(row_from[r], row_to[r], until, since)
            if until == since:
                whole[w], whole_of[w] = q, number
                count[0, q] += 1
                w += 1
            else:
                partly[p], partly_of[p], bounds[p, 0], bounds[p, 1] = q, number, until, since
                count[1, q] += 1
                p += 1
    return len(numbers), w, p


def _filed(count: NDArray[np.int64], gotten: list[Gotten]) -> Takers:
    """Put what `try_each` wrote down in the order of parts, and let go of it meanwhile: it is most of all memory."""
    first = np.zeros((2, count.shape[1] + 1), dtype=np.int64)
    np.cumsum(count, axis=1, out=first[:, 1:])
    whole, partly = (np.empty(end, dtype=np.int32) for end in first[:, -1])
    takers = Takers(first[0], whole, first[1], partly, np.empty((len(partly), 2)))
    fill = first[:, :-1].copy()
    gotten.reverse()
    while gotten:
        _file(gotten.pop(), fill, takers)
    return takers


@kernel
def _file(some: Gotten, fill: LongRows, takers: Takers) -> None:
    """Put rows where `fill` says that the rows of their parts go on."""
    parts, of, into, into_of, bounds = some
    _, whole, _, partly, partly_bounds = takers
    for i in range(len(parts)):
        row = fill[0, parts[i]]
        fill[0, parts[i]] = row + 1
        whole[row] = of[i]
    for i in range(len(into)):
        row = fill[1, into[i]]
        fill[1, into[i]] = row + 1
        partly[row], partly_bounds[row, 0], partly_bounds[row, 1] = into_of[i], bounds[i, 0], bounds[i, 1]


@kernel
def _next(queue: Heap, size: int, gain_m: Floats, least: float) -> tuple[int, int]:
    """Take the candidate that gains most off the queue, which holds them by what they gained when put in; -1: none."""
    while size > 0:
        key, best, size = pop(queue, size)
        gain = np.floor(gain_m[best] * MILLIMETRES + 0.5)
        if gain >= -key:
            return best, size
        if gain >= least:
            size = push(queue, size, -gain, best)
    return -1, 0


@kernel
def _take(
    parts: Parts,
    rows: Rows,
    left: Windows,
    takers: Takers,
    gain_m: Floats,
    entered: int,
    work: Work,
    edge: Indices,
    from_m: Floats,
    to_m: Floats,
) -> int:
    """Take what the walk in `work` takes in, and tell all whose walks share in it that it is gone.

    Returns
    -------
    int
        How many rows of `edge`, `from_m` and `to_m` are filled with what it took.
    """
    part_edge, part_from, part_to = parts.edge, parts.from_m, parts.to_m
    row, row_from, row_to = rows
    low, high = left
    whole_first, whole, partly_first, partly, bounds = takers
    n = 0
    for i in range(entered):
        q = work.part[i]
        until, since = _bounds(part_from[q], part_to[q], work.into_u[i], work.into_v[i])
        for r in range(row[q], row[q + 1]):
            start, end = max(row_from[r], low[q]), min(row_to[r], high[q])
            for side in range(2):
                a, b = (start, min(end, until)) if side == 0 else (max(start, since), end)
                if b - a <= DUST_M:
                    continue
                edge[n], from_m[n], to_m[n] = part_edge[q], a, b
                n += 1
                for t in range(whole_first[q], whole_first[q + 1]):
                    gain_m[whole[t]] -= b - a
                for t in range(partly_first[q], partly_first[q + 1]):
                    gain_m[partly[t]] -= _shared(a, b, bounds[t, 0], bounds[t, 1])
        if until < since:
            low[q], high[q] = max(low[q], until), min(high[q], since)
        else:
            low[q] = high[q]
    return n
