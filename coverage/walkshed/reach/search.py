"""Shortest paths from one or many places, no farther than a budget: the search behind everything here.

Dijkstra's algorithm with a binary heap of (cost, node), over arcs in compressed rows. Work and memory follow what is
reached: arrays of all nodes are made once by the caller, and only what was touched is put back.

Source: E. W. Dijkstra, A note on two problems in connexion with graphs, Numerische Mathematik 1 (1959).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from walkshed.compiled import Floats, Indices, Longs, kernel
from walkshed.reach.graph import Arcs, Parts, WalkGraph


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
    """

    cost: Floats
    owner: Indices
    touched: Indices
    part: Indices
    into_u: Floats
    into_v: Floats


class Heap(NamedTuple):
    """A binary heap of nodes by cost; of equal costs the lower node comes first. Kept only to be used again."""

    keys: Floats
    nodes: Indices


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
    ends: Floats


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
    )


def new_heap(size: int = 1024) -> Heap:
    """Make a heap; it grows by itself."""
    return Heap(np.empty(size, np.float64), np.empty(size, np.int32))


@kernel
def push(heap: Heap, size: int, key: float, node: int) -> int:
    """Put `node` on the heap, which must have room; tell its new size."""
    keys, nodes = heap.keys, heap.nodes
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and nodes[parent] <= node):
            break
        keys[i], nodes[i] = keys[parent], nodes[parent]
        i = parent
    keys[i], nodes[i] = key, node
    return size + 1


@kernel
def pop(heap: Heap, size: int) -> tuple[float, int, int]:
    """Take the first of the heap off: its key, its node and the new size."""
    keys, nodes = heap.keys, heap.nodes
    key, node = keys[0], nodes[0]
    size -= 1
    last_key, last_node = keys[size], nodes[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (keys[other] < keys[child] or (keys[other] == keys[child] and nodes[other] < nodes[child])):
            child = other
        if last_key < keys[child] or (last_key == keys[child] and last_node <= nodes[child]):
            break
        keys[i], nodes[i] = keys[child], nodes[child]
        i = child
    keys[i], nodes[i] = last_key, last_node
    return key, node, size


@kernel
def _doubled(heap: Heap) -> Heap:
    """Copy a heap that is full into one of twice its size."""
    return Heap(np.concatenate((heap.keys, heap.keys)), np.concatenate((heap.nodes, heap.nodes)))


@kernel
def spread(arcs: Arcs, seeds: Indices, legs: Floats, budget: float, work: Work, heap: Heap) -> tuple[int, Heap, int]:
    """Walk outward from `seeds`, each with its leg, as far as `budget` goes.

    `work` must be clean on entry; the caller cleans it with `clear`. Of two seeds at equal cost the lower number
    owns the node.

    Returns
    -------
    reached
        How many nodes of `work.touched` are filled.
    heap
        To be used again.
    relaxed
        How many arcs were looked at: the work done.
    """
    cost, owner, touched = work.cost, work.owner, work.touched
    reached, size, relaxed = 0, 0, 0
    for k in range(len(seeds)):
        x = seeds[k]
        if legs[k] <= budget and (legs[k] < cost[x] or (legs[k] == cost[x] and k < owner[x])):
            if owner[x] < 0:
                touched[reached] = x
                reached += 1
            cost[x], owner[x] = legs[k], k
            if size == len(heap.keys):
                heap = _doubled(heap)
            size = push(heap, size, legs[k], x)
    while size > 0:
        here, x, size = pop(heap, size)
        if here > cost[x]:
            continue
        for a in range(arcs.indptr[x], arcs.indptr[x + 1]):
            relaxed += 1
            there = here + arcs.cost[a]
            if there > budget:
                continue
            y = arcs.to[a]
            if there < cost[y] or (there == cost[y] and owner[x] < owner[y]):
                if owner[y] < 0:
                    touched[reached] = y
                    reached += 1
                cost[y], owner[y] = there, owner[x]
                if size == len(heap.keys):
                    heap = _doubled(heap)
                size = push(heap, size, there, y)
    return reached, heap, relaxed


@kernel
def enter(arcs: Arcs, parts: Parts, reached: int, budget: float, work: Work) -> int:
    """List the parts that a search got into, each once, and how far from either end.

    Where the walks from both ends meet, they meet at the peak: then the two add up to the part's length.

    Returns
    -------
    int
        How many of `work.part`, `into_u` and `into_v` are filled.
    """
    cost, count = work.cost, 0
    for i in range(reached):
        x = work.touched[i]
        for a in range(arcs.indptr[x], arcs.indptr[x + 1]):
            q = arcs.part[a] >> 1
            if arcs.part[a] & 1 and cost[parts.u[q]] <= budget:
                continue  # told from its other end
            length = parts.to_m[q] - parts.from_m[q]
            cost_u, cost_v = cost[parts.u[q]], cost[parts.v[q]]
            into_u = max(0.0, min(length, (budget - cost_u) / parts.slow_u[q]))
            into_v = max(0.0, min(length, (budget - cost_v) / parts.slow_v[q]))
            if into_u + into_v >= length:
                if into_u > 0 and into_v > 0:
                    peak = (cost_v - cost_u + length * parts.slow_v[q]) / (parts.slow_u[q] + parts.slow_v[q])
                    into_u = min(length, max(0.0, peak))
                into_v = length - into_u
            work.part[count], work.into_u[count], work.into_v[count] = q, into_u, into_v
            count += 1
    return count


@kernel
def clear(reached: int, work: Work) -> None:
    """Clean the scratch after a search."""
    for i in range(reached):
        x = work.touched[i]
        work.cost[x], work.owner[x] = np.inf, -1


@kernel
def walk_each(
    arcs: Arcs, parts: Parts, seeds: Indices, legs: Floats, budget: float, work: Work, heap: Heap
) -> tuple[Entered, Heap]:
    """Walk from every seed by itself: what each gets into, the rows of seed i before those of seed i + 1."""
    first = np.zeros(len(seeds) + 1, np.int64)
    part, ends = np.empty(4096, np.int32), np.empty((4096, 4))
    for k in range(len(seeds)):
        reached, heap, _ = spread(arcs, seeds[k : k + 1], legs[k : k + 1], budget, work, heap)
        entered, n = enter(arcs, parts, reached, budget, work), first[k]
        while n + entered > len(part):
            part, ends = np.concatenate((part, part)), np.concatenate((ends, ends))
        for i in range(entered):
            q = work.part[i]
            part[n + i] = q
            ends[n + i, 0], ends[n + i, 1] = work.into_u[i], work.into_v[i]
            ends[n + i, 2], ends[n + i, 3] = work.cost[parts.u[q]], work.cost[parts.v[q]]
        first[k + 1] = n + entered
        clear(reached, work)
    return Entered(first, part[: first[-1]], ends[: first[-1]]), heap
