"""Shortest paths from one or many places, no farther than a budget: the search behind everything here.

Nodes wait in buckets of equal width, by cost, and a node whose cost falls again is looked at again. That needs no heap:
street networks have few arcs shorter than a bucket is wide, so hardly any node is looked at twice. What is found does
not depend on the width, nor on the number of buckets, which are used in turn: only the work does.

Work and memory follow what is reached: arrays of all nodes are made once by the caller, and only what was touched is
put back.

Source: R. B. Dial, Algorithm 360: Shortest-path forest with topological ordering, Communications of the ACM 12 (1969);
with buckets wider than the shortest arc: B. V. Cherkassky, A. V. Goldberg and T. Radzik, Shortest paths algorithms:
theory and experimental evaluation, Mathematical Programming 73 (1996).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from walkshed.compiled import FloatRows, Floats, Indices, Longs, kernel
from walkshed.reach.graph import Arcs, Parts, WalkGraph

BUCKET_M = 32.0
"""Metres of cost that one bucket holds; half the usual arc of a city."""

BUCKETS = 1024
"""A power of two; so far apart may nodes wait and still be taken in the order of their costs."""

ROOM = 1 << 16
"""Parts that walks get into and that are told before the interpreter has a look."""


class Work(NamedTuple):
    """Scratch of one search at a time, clean between searches.

    Attributes
    ----------
    cost, owner
        (n,) float64 and int32, the cost of each node and the seed it was reached from; infinite and -1 before.
    touched
        (n,) int32, the nodes reached, the first of them filled.
    part, into_u, into_v
        (q,) the parts reached and how many metres of each from its two ends, the first of them filled.
    first, last
        (`BUCKETS`,) int32, the nodes at either end of each bucket; -1 before.
    before, after, bucket
        (n,) int32, the neighbours of each node in its bucket, and which that is; -1 if none.
    """

    cost: Floats
    owner: Indices
    touched: Indices
    part: Indices
    into_u: Floats
    into_v: Floats
    first: Indices
    last: Indices
    before: Indices
    after: Indices
    bucket: Indices


class Entered(NamedTuple):
    """What walks got into.

    Attributes
    ----------
    first
        (s + 1,) the rows of walk i are ``first[i]:first[i + 1]``.
    part
        (r,) the part of the graph.
    ends
        (r, 4) metres into it from its two ends u and v, and the cost in metres at u and at v.
    """

    first: Longs
    part: Indices
    ends: FloatRows


def new_work(graph: WalkGraph) -> Work:
    """Make clean scratch for searches over `graph`."""
    n, q = graph.node_count, len(graph.edge)
    return Work(
        np.full(n, np.inf),
        np.full(n, -1, np.int32),
        np.empty(n, np.int32),
        np.empty(q, np.int32),
        np.empty(q, np.float64),
        np.empty(q, np.float64),
        np.full(BUCKETS, -1, np.int32),
        np.full(BUCKETS, -1, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.full(n, -1, np.int32),
    )


@kernel
def spread(arcs: Arcs, seeds: Indices, legs: Floats, budget: float, work: Work) -> tuple[int, int]:
    """Walk outward from `seeds`, each with its leg, as far as `budget` goes.

    `work` must be clean on entry; the caller cleans it with `clear`. Of two seeds at equal cost the lower number
    owns the node.

    Returns
    -------
    reached
        How many nodes of `work.touched` are filled.
    relaxed
        How many arcs were looked at: the work done.
    """
    # All in one place, and unpacked: kernels count references whenever they look into a tuple or call one another.
    # Indices have no sign, or each would be looked at whether it counts from the end: a tenth of the time.
    cost, owner, touched = work.cost, work.owner, work.touched
    first, last, before, after, bucket = work.first, work.last, work.before, work.after, work.bucket
    indptr, to, arc_cost = arcs.indptr, arcs.to, arcs.cost
    reached, waiting, relaxed, turn = 0, 0, 0, 0
    for k in range(len(seeds)):
        x = np.uint32(seeds[k])
        if legs[k] <= budget and (legs[k] < cost[x] or (legs[k] == cost[x] and k < owner[x])):
            if owner[x] < 0:
                touched[reached] = x
                reached += 1
            cost[x], owner[x] = legs[k], k
    for i in range(reached):
        x = np.uint32(touched[i])
        slot = np.uint32(int(cost[x] * (1 / BUCKET_M)) & (BUCKETS - 1))
        ahead = last[slot]
        if ahead < 0:
            first[slot] = x
        else:
            after[ahead] = x
        last[slot], before[x], after[x], bucket[x] = x, ahead, -1, slot
    waiting = reached
    while waiting > 0:
        slot = np.uint32(turn & (BUCKETS - 1))
        head = first[slot]
        if head < 0:
            turn += 1
            continue
        x = np.uint32(head)
        behind = after[x]
        first[slot] = behind
        if behind < 0:
            last[slot] = -1
        else:
            before[behind] = -1
        bucket[x] = -1
        waiting -= 1
        here, own = cost[x], owner[x]
        for a in range(indptr[x], indptr[x + 1]):
            relaxed += 1
            there = here + arc_cost[a]
            if there > budget:
                continue
            y = np.uint32(to[a])
            if there < cost[y] or (there == cost[y] and own < owner[y]):
                if owner[y] < 0:
                    touched[reached] = y
                    reached += 1
                cost[y], owner[y] = there, own
                slot, now = np.uint32(int(there * (1 / BUCKET_M)) & (BUCKETS - 1)), bucket[y]
                if slot == now:
                    continue
                if now < 0:
                    waiting += 1
                else:  # out of the bucket that it waits in
                    ahead, behind = before[y], after[y]
                    if ahead < 0:
                        first[now] = behind
                    else:
                        after[ahead] = behind
                    if behind < 0:
                        last[now] = ahead
                    else:
                        before[behind] = ahead
                ahead = last[slot]
                if ahead < 0:
                    first[slot] = y
                else:
                    after[ahead] = y
                last[slot], before[y], after[y], bucket[y] = y, ahead, -1, slot
    return reached, relaxed


@kernel
def enter(arcs: Arcs, parts: Parts, reached: int, budget: float, work: Work) -> int:
    """List the parts that a search got into, each once, and how far from either end.

    Where the walks from both ends meet, they meet at the peak: then the two add up to the part's length.

    Returns
    -------
    int
        How many of `work.part`, `into_u` and `into_v` are filled.
    """
    cost, touched, part, ends_u, ends_v = work.cost, work.touched, work.part, work.into_u, work.into_v
    indptr, to, arc_part = arcs.indptr, arcs.to, arcs.part
    from_m, to_m, slow_u, slow_v = parts.from_m, parts.to_m, parts.slow_u, parts.slow_v
    count = 0
    for i in range(reached):
        x = touched[i]
        for a in range(indptr[x], indptr[x + 1]):
            q = arc_part[a] >> 1
            cost_u, cost_v = cost[x], cost[to[a]]
            if arc_part[a] & 1:  # from its end v
                cost_u, cost_v = cost_v, cost_u
                if cost_u <= budget:
                    continue  # told from its other end
            length = to_m[q] - from_m[q]
            into_u = max(0.0, min(length, (budget - cost_u) / slow_u[q]))
            into_v = max(0.0, min(length, (budget - cost_v) / slow_v[q]))
            if into_u + into_v >= length:
                if into_u > 0 and into_v > 0:
                    peak = (cost_v - cost_u + length * slow_v[q]) / (slow_u[q] + slow_v[q])
                    into_u = min(length, max(0.0, peak))
                into_v = length - into_u
            part[count], ends_u[count], ends_v[count] = q, into_u, into_v
            count += 1
    return count


@kernel
def clear(reached: int, work: Work) -> None:
    """Clean the scratch after a search."""
    cost, owner, touched = work.cost, work.owner, work.touched
    for i in range(reached):
        x = touched[i]
        cost[x], owner[x] = np.inf, -1


def walk_each(graph: WalkGraph, seeds: Indices, legs: Floats, budget_m: float) -> Entered:
    """Walk from every seed by itself: what each gets into, the rows of seed i before those of seed i + 1."""
    work, first, done = new_work(graph), np.zeros(len(seeds) + 1, np.int64), 0
    rows = max(len(graph.edge), ROOM)
    part, ends = np.empty(rows, np.int32), np.empty((rows, 4))
    told = [(part[:0], ends[:0])]
    while done < len(seeds):
        more = _walk(graph.arcs, graph.parts, seeds[done:], legs[done:], budget_m, first[done:], part, ends, work)
        filled = first[done + more] - first[done]
        told.append((part[:filled].copy(), ends[:filled].copy()))
        done += more
    return Entered(first, *(np.concatenate(column) for column in zip(*told, strict=True)))


@kernel
def _walk(
    arcs: Arcs,
    parts: Parts,
    seeds: Indices,
    legs: Floats,
    budget: float,
    first: Longs,
    part: Indices,
    ends: FloatRows,
    work: Work,
) -> int:
    """Walk from every seed as long as there is room, and go on counting at ``first[0]``; how many were walked from."""
    cost, got, into_u, into_v = work.cost, work.part, work.into_u, work.into_v
    part_u, part_v = parts.u, parts.v
    n = 0
    for k in range(len(seeds)):
        reached, _ = spread(arcs, seeds[k : k + 1], legs[k : k + 1], budget, work)
        entered = enter(arcs, parts, reached, budget, work)
        if n + entered > len(part):
            clear(reached, work)
            return k
        for i in range(entered):
            q = got[i]
            part[n] = q
            ends[n, 0], ends[n, 1], ends[n, 2], ends[n, 3] = into_u[i], into_v[i], cost[part_u[q]], cost[part_v[q]]
            n += 1
        first[k + 1] = first[k] + entered
        clear(reached, work)
    return len(seeds)
