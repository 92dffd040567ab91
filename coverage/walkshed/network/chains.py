"""Kernels that join segments into edges and edges into pieces; nodes and segments are plain indices.

Segments come as ``lo < hi``, sorted by (lo, hi), none twice. So every result depends on the network
alone, never on the order or the direction in which it was given.
"""

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import kernel
from walkshed.sorting import sorted_by

Indices = NDArray[np.int32]


def incidence(lo: Indices, hi: Indices, count: int) -> tuple[NDArray[np.int64], Indices]:
    """List the segments at each node, by ascending neighbour.

    Parameters
    ----------
    lo, hi
        (s,) nodes at the ends of each segment.
    count
        Number of nodes.

    Returns
    -------
    start, at
        (count + 1,) and (2 s,): the segments at node i are ``at[start[i]:start[i + 1]]``.
    """
    start, order = sorted_by(np.concatenate((hi, lo)), count)  # lower neighbours first: `lo` ascends
    return start, np.where(order < len(lo), order, order - np.int32(len(lo)))


@kernel
def components(lo: Indices, hi: Indices, count: int) -> Indices:
    """Label every node with the lowest node of its connected piece."""
    root = np.empty(count, np.int32)
    for i in range(count):
        root[i] = i
    for s in range(len(lo)):
        a, b = lo[s], hi[s]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    for i in range(count):  # a root is never above its node, so one pass in order settles all
        root[i] = root[root[i]]
    return root


@kernel
def junctions(start: NDArray[np.int64], at: Indices, carries: Indices) -> NDArray[np.bool_]:
    """Tell the nodes at which an edge ends: no plain passing from one segment on to its like."""
    stop = np.ones(len(start) - 1, dtype=np.bool_)
    for i in range(len(stop)):
        if start[i + 1] - start[i] == 2:
            stop[i] = carries[at[start[i]]] != carries[at[start[i] + 1]]
    return stop


@kernel
def chains(
    start: NDArray[np.int64], at: Indices, lo: Indices, hi: Indices, stop: NDArray[np.bool_]
) -> tuple[Indices, Indices, NDArray[np.int64]]:
    """Walk from stop to stop, each segment once; what is left are rings, each walked from its lowest node.

    Returns
    -------
    nodes, segments, offsets
        The nodes of edge i are ``nodes[offsets[i]:offsets[i + 1]]``, and its segments, one fewer, are
        ``segments[offsets[i] - i:offsets[i + 1] - i - 1]``.
    """
    nodes = np.empty(2 * len(lo), dtype=np.int32)
    segments = np.empty(len(lo), dtype=np.int32)
    offsets = np.zeros(len(lo) + 1, dtype=np.int64)
    used = np.zeros(len(lo), dtype=np.bool_)
    edges = 0
    filled = 0
    for rings in (False, True):
        for first in range(len(stop)):
            if not (stop[first] or rings):
                continue
            for place in range(start[first], start[first + 1]):
                segment = at[place]
                if used[segment]:
                    continue
                node = first
                nodes[filled] = first
                filled += 1
                while True:
                    used[segment] = True
                    segments[filled - edges - 1] = segment
                    node = lo[segment] + hi[segment] - node
                    nodes[filled] = node
                    filled += 1
                    if stop[node] or node == first:
                        break
                    other = at[start[node]]
                    segment = at[start[node] + 1] if other == segment else other
                edges += 1
                offsets[edges] = filled
    return nodes[:filled], segments, offsets[: edges + 1]
