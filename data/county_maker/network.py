"""From drawn lines to ways: what crosses shares a node, what does not meet the rest is left out."""

import sys
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from county_maker.fabric import Street
from county_maker.shapes import GRID_M

MATCH_M = 0.6


@dataclass(frozen=True)
class Way:
    """A way: its polyline on the board, of which every vertex shared with another way is a node of both."""

    xy: NDArray[np.float64]
    street: Street


def node_streets(streets: list[Street]) -> list[Way]:
    """Node all streets with each other and cut them into ways: one a street, or more where it was broken."""
    snapped = shapely.set_precision([s.line for s in streets], GRID_M)
    noded = shapely.get_parts(shapely.union_all(snapped, grid_size=GRID_M))
    owner = _owners(noded, snapped)
    noded, owner = _largest_piece(noded, owner)
    pieces = defaultdict(list)
    for line, number in zip(noded, owner, strict=True):
        pieces[int(number)].append(line)
    return [
        Way(shapely.get_coordinates(part), streets[number])
        for number in sorted(pieces)
        for part in _merged(pieces[number])
    ]


def _owners(noded: NDArray[np.object_], drawn: NDArray[np.object_]) -> NDArray[np.int64]:
    """Find for each noded piece the first drawn street under its middle: main roads were drawn first."""
    tree = shapely.STRtree(drawn)
    middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
    piece, street = tree.query(middles, predicate="dwithin", distance=MATCH_M)
    first = np.full(len(noded), len(drawn), dtype=np.int64)
    np.minimum.at(first, piece, street)
    if (first == len(drawn)).any():
        raise ValueError(f"{(first == len(drawn)).sum()} pieces belong to no street")
    return first


def _largest_piece(
    noded: NDArray[np.object_], owner: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Keep what hangs together: a drawn county needs no leftovers."""
    ends = np.array([[line.coords[0], line.coords[-1]] for line in noded]).reshape(-1, 2)
    _, number = np.unique(np.round(ends, 1), axis=0, return_inverse=True)
    u, v = number.reshape(-1, 2).T
    size = int(number.max()) + 1
    _, piece = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(size, size)), directed=False)
    weight = np.bincount(piece[u], weights=shapely.length(noded))
    keep = piece[u] == weight.argmax()
    kept, drawn = weight.max() / 1000, weight.sum() / 1000
    print(f"{kept:.1f} km of street; {drawn - kept:.1f} km met no other and were left out", file=sys.stderr)
    return noded[keep], owner[keep]


def _merged(pieces: list[shapely.LineString]) -> list[shapely.LineString]:
    merged = shapely.line_merge(shapely.multilinestrings(pieces))
    return sorted(shapely.get_parts(merged), key=lambda g: (g.bounds, g.length))
