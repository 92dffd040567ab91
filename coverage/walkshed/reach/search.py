"""Dijkstra's search outward from stations, bounded by a budget, with workspaces that are reused.

E. W. Dijkstra, A note on two problems in connexion with graphs, Numerische Mathematik 1 (1959).
"""

from __future__ import annotations

import numpy as np

from walkshed.compiled import Floats, Indices, Longs, kernel


@kernel
def push(keys: Floats, nodes: Indices, size: int, key: float, node: int) -> int:
    """Put `node` on the binary heap; the arrays must have room."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], nodes[i] = keys[parent], nodes[parent]
        i = parent
    keys[i], nodes[i] = key, node
    return size + 1


@kernel
def pop(keys: Floats, nodes: Indices, size: int) -> tuple[float, int, int]:
    """Take the first of the heap off: its key, its node and the new size."""
    key, node = keys[0], nodes[0]
    size -= 1
    last_key, last_node = keys[size], nodes[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= last_key:
            break
        keys[i], nodes[i] = keys[child], nodes[child]
        i = child
    keys[i], nodes[i] = last_key, last_node
    return key, node, size


@kernel
def spread(
    indptr: Longs,
    arc_to: Indices,
    arc_cost: Floats,
    seeds: Indices,
    legs: Floats,
    budget: float,
    cost: Floats,
    owner: Indices,
    touched: Indices,
    keys: Floats,
    nodes: Indices,
) -> tuple[int, Floats, Indices, int]:
    """Walk outward from `seeds`, each with its leg, as far as `budget` goes.

    `cost` must be infinite and `owner` -1 on entry; both are filled for the nodes reached, and the caller
    puts them back through `touched`. Of two seeds at equal cost the lower number owns the node.

    Returns
    -------
    reached
        How many nodes of `touched` are filled.
    keys, nodes
        The heap's arrays, grown if need was.
    relaxed
        How many arcs were looked at: the work done.
    """
    reached, size, relaxed = 0, 0, 0
    for k in range(len(seeds)):
        x = seeds[k]
        if legs[k] <= budget and (legs[k] < cost[x] or (legs[k] == cost[x] and k < owner[x])):
            if owner[x] < 0:
                touched[reached] = x
                reached += 1
            cost[x], owner[x] = legs[k], k
            if size == len(keys):
                keys, nodes = np.concatenate((keys, keys)), np.concatenate((nodes, nodes))
            size = push(keys, nodes, size, legs[k], x)
    while size > 0:
        here, x, size = pop(keys, nodes, size)
        if here > cost[x]:
            continue
        for a in range(indptr[x], indptr[x + 1]):
            relaxed += 1
            there = here + arc_cost[a]
            if there > budget:
                continue
            y = arc_to[a]
            if there < cost[y] or (there == cost[y] and owner[x] < owner[y]):
                if owner[y] < 0:
                    touched[reached] = y
                    reached += 1
                cost[y], owner[y] = there, owner[x]
                if size == len(keys):
                    keys, nodes = np.concatenate((keys, keys)), np.concatenate((nodes, nodes))
                size = push(keys, nodes, size, there, y)
    return reached, keys, nodes, relaxed
