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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals
from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.reach.graph import Arcs, Parts, WalkGraph
from walkshed.reach.search import Heap, Work, clear, enter, new_heap, new_work, pop, push, spread

MILLIMETRES = 1000.0
"""Gains are compared in whole millimetres: what differs by the order of additions only is a tie."""

STEP = 64
"""Walks taken between two reports of progress."""


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
    until, since
        How far they get, metres along the edge: up to `until`, and from `since` on.
    """

    whole_first: Longs
    whole: Indices
    partly_first: Longs
    partly: Indices
    until: Floats
    since: Floats


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
        g, count = self._graph, len(self._candidates)
        shares = np.array_split(np.arange(count, dtype=np.int32), 1 if count < 64 else cpu_count() or 1)

        def walk(share: NDArray[np.int32]) -> Any:
            nodes = self._candidates[share]
            return _try_each(g.arcs, g.parts, self._rows, share, nodes, self._budget_m, new_work(g), new_heap())

        with ThreadPoolExecutor(len(shares)) as pool:
            gain_m, *reached = (np.concatenate(c) for c in zip(*pool.map(walk, shares), strict=True))
        return gain_m, Takers(*_by_part(len(g.edge), *reached))

    def take_best(self, least_m: float) -> Iterator[tuple[NDArray[np.int32], Intervals]]:
        """Take what the walk that gains most takes in, again and again, until none gains `least_m`.

        Parameters
        ----------
        least_m
            Metres; above 0.

        Yields
        ------
        nodes, taken
            Some of the walks in order, of equal gains the lower node first, and what each took; `of` counts the
            walks from the first of all.
        """
        g, least = self._graph, least_m * MILLIMETRES
        gain = np.floor(self.gain_m * MILLIMETRES + 0.5)
        order = np.lexsort((np.arange(len(gain)), -gain))[: int((gain >= least).sum())]
        queue, size = Heap(-gain[order], order.astype(np.int32)), len(order)  # a sorted array is a heap
        work, heap, count = new_work(g), new_heap(), 0
        while size:
            best, edge, start, end, of, size, heap = _take_best(
                g.arcs, g.parts, self._rows, self._left, self._takers, self._candidates, self.gain_m,
                queue, size, self._budget_m, least, work, heap,
            )  # fmt: skip
            yield self._candidates[best], Intervals(edge, start, end, of + count)
            count += len(best)


@kernel
def _bounds(parts: Parts, work: Work, i: int) -> tuple[float, float]:
    """Up to where the walk comes along the i-th part entered, and from where on it comes from the other end."""
    q = work.part[i]
    until = parts.from_m[q] + work.into_u[i]
    if work.into_u[i] + work.into_v[i] >= parts.to_m[q] - parts.from_m[q]:
        return until, until
    return until, parts.to_m[q] - work.into_v[i]


@kernel
def _shared(start: float, end: float, until: float, since: float) -> float:
    """How much of a stretch lies before `until` or beyond `since`."""
    return max(0.0, min(end, until) - start) + max(0.0, end - max(start, since))


@kernel
def _more(array: Any, used: int) -> Any:
    """Hand the array back, doubled if it is full."""
    return array if used < len(array) else np.concatenate((array, array))


@kernel
def _try_each(
    arcs: Arcs,
    parts: Parts,
    rows: Rows,
    numbers: Indices,
    nodes: Indices,
    budget: float,
    work: Work,
    heap: Heap,
) -> tuple[Floats, Indices, Indices, Indices, Indices, Floats, Floats]:
    """Walk from every candidate: what each takes in, the parts it gets all along, those it gets into and how far."""
    gain_m, leg = np.zeros(len(nodes)), np.zeros(1)
    whole, whole_of, w = np.empty(1024, np.int32), np.empty(1024, np.int32), 0
    partly, partly_of, p = np.empty(1024, np.int32), np.empty(1024, np.int32), 0
    untils, sinces = np.empty(1024), np.empty(1024)
    for k in range(len(nodes)):
        reached, heap, _ = spread(arcs, nodes[k : k + 1], leg, budget, work, heap)
        for i in range(enter(arcs, parts, reached, budget, work)):
            q = work.part[i]
            if rows.first[q] == rows.first[q + 1]:
                continue
            until, since = _bounds(parts, work, i)
            for r in range(rows.first[q], rows.first[q + 1]):
                gain_m[k] += _shared(rows.from_m[r], rows.to_m[r], until, since)
            if until == since:
                whole, whole_of = _more(whole, w), _more(whole_of, w)
                whole[w], whole_of[w] = q, numbers[k]
                w += 1
            else:
                partly, partly_of = _more(partly, p), _more(partly_of, p)
                untils, sinces = _more(untils, p), _more(sinces, p)
                partly[p], partly_of[p], untils[p], sinces[p] = q, numbers[k], until, since
                p += 1
        clear(reached, work)
    return gain_m, whole[:w], whole_of[:w], partly[:p], partly_of[:p], untils[:p], sinces[:p]


@kernel
def _by_part(
    count: int, whole: Indices, whole_of: Indices, partly: Indices, partly_of: Indices, until: Floats, since: Floats
) -> tuple[Longs, Indices, Longs, Indices, Floats, Floats]:
    """Sort what `_try_each` lists by part."""
    whole_first, order = _sorted(count, whole)
    whole_of = whole_of[order]
    partly_first, order = _sorted(count, partly)
    return whole_first, whole_of, partly_first, partly_of[order], until[order], since[order]


@kernel
def _sorted(count: int, keys: Indices) -> tuple[Longs, Longs]:
    """Sort by counting: where each key's rows begin, and the rows in order."""
    first = np.zeros(count + 1, np.int64)
    for k in keys:
        first[k + 1] += 1
    for k in range(count):
        first[k + 1] += first[k]
    place, order = first[:-1].copy(), np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        order[place[keys[i]]] = i
        place[keys[i]] += 1
    return first, order


@kernel
def _tell(takers: Takers, q: int, start: float, end: float, gain_m: Floats) -> None:
    """Tell all whose walks get to a stretch of part `q` that it is gone."""
    for t in range(takers.whole_first[q], takers.whole_first[q + 1]):
        gain_m[takers.whole[t]] -= end - start
    for t in range(takers.partly_first[q], takers.partly_first[q + 1]):
        gain_m[takers.partly[t]] -= _shared(start, end, takers.until[t], takers.since[t])


@kernel
def _take_best(
    arcs: Arcs,
    parts: Parts,
    rows: Rows,
    left: Windows,
    takers: Takers,
    candidates: Indices,
    gain_m: Floats,
    queue: Heap,
    size: int,
    budget: float,
    least: float,
    work: Work,
    heap: Heap,
) -> tuple[Indices, Indices, Floats, Floats, Indices, int, Heap]:
    """Take up to `STEP` walks; the queue holds candidates by what they gained when they were put in."""
    best, count, leg = np.empty(STEP, np.int32), 0, np.zeros(1)
    out, n = np.empty((1024, 4)), 0
    while size > 0 and count < STEP:
        key, c, size = pop(queue, size)
        gain = np.floor(gain_m[c] * MILLIMETRES + 0.5)
        if gain < -key:
            if gain >= least:
                size = push(queue, size, -gain, c)
            continue
        reached, heap, _ = spread(arcs, candidates[c : c + 1], leg, budget, work, heap)
        for i in range(enter(arcs, parts, reached, budget, work)):
            q = work.part[i]
            until, since = _bounds(parts, work, i)
            for r in range(rows.first[q], rows.first[q + 1]):
                start, end = max(rows.from_m[r], left.low[q]), min(rows.to_m[r], left.high[q])
                for side in range(2):
                    a, b = (start, min(end, until)) if side == 0 else (max(start, since), end)
                    if b > a:
                        out = out if n < len(out) else np.concatenate((out, out))
                        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = parts.edge[q], a, b, count
                        n += 1
                        _tell(takers, q, a, b, gain_m)
            if until < since:
                left.low[q], left.high[q] = max(left.low[q], until), min(left.high[q], since)
            else:
                left.low[q] = left.high[q]
        clear(reached, work)
        best[count] = c
        count += 1
    edge, of = out[:n, 0].astype(np.int32), out[:n, 3].astype(np.int32)
    return best[:count], edge, out[:n, 1].copy(), out[:n, 2].copy(), of, size, heap
