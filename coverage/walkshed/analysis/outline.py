"""``outline``: the polygons within which what stands on a grid is low.

Marching squares, as one walk round each ring: W. E. Lorensen and H. E. Cline, Marching cubes, Computer Graphics 21
(1987), on the plane. Which ring a hole lies in is known when it is met: S. Suzuki and K. Abe, Topological structural
analysis of digitized binary images by border following, Computer Vision, Graphics and Image Processing 30 (1985).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import FloatRows, Floats, IndexRows, Longs, kernel

Outlines = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]

ROOM = 8
"""Points that outlines are given room for, for each row and column; if they have more, that many times as many."""

HIGH = 1e300
"""So far above all levels that a line comes to any of them at its very start."""


def outline(level: NDArray[np.float64], below: float) -> Outlines:
    """Go round where `level` is less than `below`.

    Parameters
    ----------
    level
        (h, w) values at grid points; linear on the grid's lines between them. Nothing lies beyond the border.
    below
        What parts inside from outside. In a square whose corners take turns, the mean of the four decides.

    Returns
    -------
    points, rings, polygons
        (p, 2) column and row, all of them on grid lines; (r + 1,) where each closed ring starts, what is inside on its
        left; (k + 1,) at which ring each polygon starts, its shell first.

    Examples
    --------
    >>> level = np.ones((3, 4))
    >>> level[1, 1:3] = 0.0
    >>> points, rings, polygons = outline(level, 0.5)
    >>> points.tolist()
    [[0.5, 1.0], [1.0, 0.5], [2.0, 0.5], [2.5, 1.0], [2.0, 1.5], [1.0, 1.5], [0.5, 1.0]]
    >>> rings.tolist(), polygons.tolist()
    ([0, 7], [0, 1])
    """
    if not _border(level).min(initial=np.inf) >= below:
        points, rings, polygons = outline(np.pad(level, 1, constant_values=HIGH), below)
        return points - 1, rings, polygons
    rows, columns = level.shape

    def go(xy: Floats, ends: Longs, shell: Longs) -> int:
        ring = np.zeros(level.shape, np.int32)
        return go_round(level, below, ring, 0, rows - 1, 0, columns - 1, xy, ends, shell, 0)

    return with_room(level.shape, go)


def with_room(shape: tuple[int, ...], go: Callable[[Floats, Longs, Longs], int]) -> Outlines:
    """Have rings told into room that grows until it is enough, and put each shell before its holes.

    Parameters
    ----------
    shape
        Of the grid.
    go
        Tells of rings as `go_round` does, into room for points, for their ends and for shells.

    Returns
    -------
    points, rings, polygons
        As `outline`.
    """
    room, count = ROOM * sum(shape), -1
    while count < 0:
        xy, ends, shell = np.empty((room, 2)), np.zeros(room, np.int64), np.empty(room, np.int64)
        count, room = go(xy, ends, shell), room * ROOM
    ends, shell = ends[: count + 1], shell[:count]
    order = np.argsort(shell, kind="stable")  # a shell is met before its holes
    size = np.diff(ends)[order]
    rings = np.concatenate(([0], np.cumsum(size)))
    points = xy[np.arange(rings[-1]) + np.repeat(ends[order] - rings[:-1], size)]
    return points, rings, np.append(np.flatnonzero(order == shell[order]), len(shell))


def _border(level: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate((level[0], level[-1], level[:, 0], level[:, -1]))


@kernel
def go_round(
    level: FloatRows,
    below: float,
    ring: IndexRows,
    low_row: int,
    high_row: int,
    low_column: int,
    high_column: int,
    xy: FloatRows,
    ends: Longs,
    shell: Longs,
    count: int,
) -> int:
    """Walk round every ring between rows and columns that are outside: its points, where they end, and its shell.

    `count` rings are there already, as if of another grid. Tells how many there are then; -1 if there was too little
    room for them.

    `ring` marks the crossings of the rows that a ring has passed, with its number from 1. Corners and sides of a
    square are numbered round it: side k runs from corner k to corner k + 1, the lowest side first.
    """
    n = ends[count]
    for row in range(low_row + 1, high_row):
        last = 0  # the ring passed last on this row
        for column in range(low_column, high_column):
            inside = level[row, column] < below
            if inside == (level[row, column + 1] < below):
                continue
            if ring[row, column] == 0:
                if count + 1 >= len(ends):
                    return -1
                j, i, side = (row, column, 0) if inside else (row - 1, column, 2)
                shell[count] = shell[last - 1] if inside else count
                count += 1
                start, first_j, first_side = n, j, side
                while True:
                    if n + 1 >= len(xy):
                        return -1
                    # Into the square over the side, with what is inside on the left.
                    at_j, at_i = j + (side == 2), i + (side == 1)
                    if side == 0 or side == 2:
                        ring[at_j, at_i] = count
                        low, high = level[at_j, at_i], level[at_j, at_i + 1]
                        xy[n, 0], xy[n, 1] = at_i + (below - low) / (high - low), at_j
                    else:
                        low, high = level[at_j, at_i], level[at_j + 1, at_i]
                        xy[n, 0], xy[n, 1] = at_i, at_j + (below - low) / (high - low)
                    n += 1
                    # The corners from the side on: inside, outside, then these two.
                    far = level[j + (side == 0 or side == 1), i + (side == 0 or side == 3)]
                    next_far = level[j + (side == 0 or side == 3), i + (side == 2 or side == 3)]
                    turn = 3
                    if far < below:
                        turn = 1
                        if not next_far < below:
                            corners = level[j, i] + level[j, i + 1] + level[j + 1, i] + level[j + 1, i + 1]
                            turn = 1 if corners < 4 * below else 3
                    elif next_far < below:
                        turn = 2
                    side = (side + turn) & 3
                    if side == 0:
                        j -= 1
                    elif side == 1:
                        i += 1
                    elif side == 2:
                        j += 1
                    else:
                        i -= 1
                    side = (side + 2) & 3
                    if i == column and j == first_j and side == first_side:
                        break
                xy[n, 0], xy[n, 1] = xy[start, 0], xy[start, 1]
                n += 1
                ends[count] = n
            last = ring[row, column]
    return count
