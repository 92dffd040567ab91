"""Kernels that join segments into edges and edges into pieces; nodes and segments are plain indices.

Segments come as ``lo < hi``, sorted by (lo, hi), none twice. So every result depends on the network
alone, never on the order or the direction in which it was given.
"""

import numpy as np

from walkshed.compiled import Bools, Indices, Longs, kernel
from walkshed.sorting import sorted_by


def incidence(lo: Indices, hi: Indices, count: int) -> tuple[Longs, Indices]:
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


def components(lo: Indices, hi: Indices, count: int) -> Indices:
    """Label every node with the lowest node of its connected piece."""
    root = np.arange(count, dtype=np.int32)
    _join(lo, hi, root)
    return root


@kernel
def _join(lo: Indices, hi: Indices, root: Indices) -> None:
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
    for i in range(len(root)):  # a root is never above its node, so one pass in order settles all
        root[i] = root[root[i]]


def junctions(start: Longs, at: Indices, carries: Indices) -> Bools:
    """Tell the nodes at which an edge ends: no plain passing from one segment on to its like."""
    first, passing = start[:-1], np.diff(start) == 2
    stop: Bools = ~passing
    stop[passing] = carries[at[first[passing]]] != carries[at[first[passing] + 1]]
    return stop


def chains(start: Longs, at: Indices, lo: Indices, hi: Indices, stop: Bools) -> tuple[Indices, Indices, Longs]:
    """Walk from stop to stop, each segment once; what is left are rings, each walked from its lowest node.

    Returns
    -------
    nodes, segments, offsets
        The nodes of edge i are ``nodes[offsets[i]:offsets[i + 1]]``, and its segments, one fewer, are
        ``segments[offsets[i] - i:offsets[i + 1] - i - 1]``.
    """
    count = len(lo)
    nodes, segments = np.empty(2 * count, dtype=np.int32), np.empty(count, dtype=np.int32)
    offsets, used = np.zeros(count + 1, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    edges = _follow(start, at, lo, hi, stop, used, nodes, segments, offsets)
    return nodes[: offsets[edges]], segments, offsets[: edges + 1]


@kernel
def _follow(
    start: Longs,
    at: Indices,
    lo: Indices,
    hi: Indices,
    stop: Bools,
    used: Bools,
    nodes: Indices,
    segments: Indices,
    offsets: Longs,
) -> int:
    """Fill in what `chains` returns, and tell how many edges there are; `used` marks segments that were walked."""
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
    return edges
