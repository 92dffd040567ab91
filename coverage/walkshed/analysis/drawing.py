"""Kernels that draw lines on the grid of a `Canvas`: at each point the squared distance to the nearest, in cells.

Of many streets few come near an outline. So grid points well within it are settled first, around some places of the
lines, and what is drawn then is only where points are left.

They are written for quick compiling, too: every first run waits for them.
"""

from __future__ import annotations

import numpy as np

from walkshed.analysis.outline import go_round
from walkshed.compiled import BoolRows, FloatRows, Floats, IndexRows, Longs, kernel

BLOCK = 8
"""Grid points along the side of a block: whether anything in it is left to be drawn is asked once for all."""


@kernel
def draw(
    xy: FloatRows,
    starts: Longs,
    first: int,
    last: int,
    grid: FloatRows,
    xs: Floats,
    far: float,
    settled: float,
    note: BoolRows,
) -> None:
    """Lower each grid point within `far` of lines `first` to `last` to the squared distance, or to 0 below `settled`.

    Rows are taken as slices, and their places from a table, `xs`, so that the compiler works on several points at a
    time. `note` has room for each block: around some place there has been settled; something there is left.
    """
    height, width = grid.shape
    for row in range(note.shape[0]):
        for column in range(note.shape[1]):
            note[row, column] = False
    # Settle what lies around one place of the lines in each block.
    for k in range(first, last if settled > 0 else first):
        for p in range(starts[k], starts[k + 1] - 1):
            dx, dy = xy[p + 1, 0] - xy[p, 0], xy[p + 1, 1] - xy[p, 1]
            steps = int(np.sqrt(dx * dx + dy * dy) / BLOCK) + 1
            for s in range(steps):
                x, y = xy[p, 0] + dx * s / steps, xy[p, 1] + dy * s / steps
                if x < settled or y < settled or x + settled > width - 1 or y + settled > height - 1:
                    continue  # only discs that the grid holds whole
                row, column = int(y) // BLOCK, int(x) // BLOCK
                if note[row, column]:
                    continue
                note[row, column] = True
                for j in range(int(y - settled) + 1, int(y + settled) + 1):
                    half = np.sqrt(abs(settled * settled - (j - y) * (j - y)))
                    for i in range(int(x - half) + 1, int(x + half) + 1):
                        grid[j, i] = 0.0
    # Look which blocks are left, and draw there.
    for row in range(note.shape[0]):
        for column in range(note.shape[1]):
            note[row, column] = False
    for j in range(height):
        for i in range(width):
            if grid[j, i] > 0:
                note[j // BLOCK, i // BLOCK] = True
    for k in range(first, last):
        for p in range(starts[k], starts[k + 1] - 1):
            ax, ay = xy[p, 0], xy[p, 1]
            dx, dy = xy[p + 1, 0] - ax, xy[p + 1, 1] - ay
            square = dx * dx + dy * dy
            scale = 1 / square if square > 0 else 0.0
            tx, ty = dx * scale, dy * scale
            i0, i1 = int(ax + (dx - abs(dx)) / 2 - far), int(ax + (dx + abs(dx)) / 2 + far) + 1
            j0, j1 = int(ay + (dy - abs(dy)) / 2 - far), int(ay + (dy + abs(dy)) / 2 + far) + 1
            i0, i1 = i0 if i0 > 0 else 0, i1 if i1 < width else width - 1
            j0, j1 = j0 if j0 > 0 else 0, j1 if j1 < height else height - 1
            if i0 > i1:
                continue
            for j in range(j0, j1 + 1):
                block = j // BLOCK
                a, z = i0, i1
                while a <= z and not note[block, a // BLOCK]:
                    a = (a // BLOCK + 1) * BLOCK
                while a <= z and not note[block, z // BLOCK]:
                    z = z // BLOCK * BLOCK - 1
                x, squares = xs[a : z + 1], grid[j, a : z + 1]
                qy = j - ay
                for i in range(len(squares)):
                    qx = x[i] - ax
                    t = qx * tx + qy * ty
                    t = t if t > 0 else 0.0
                    t = t if t < 1 else 1.0
                    ex, ey = qx - t * dx, qy - t * dy
                    near = ex * ex + ey * ey
                    squares[i] = near if near < squares[i] else squares[i]


@kernel
def draw_parts(
    xy: FloatRows,
    starts: Longs,
    parts: Longs,
    below: float,
    grid: FloatRows,
    level: FloatRows,
    ring: IndexRows,
    points: FloatRows,
    ends: Longs,
    shell: Longs,
    count: Longs,
    xs: Floats,
    far: float,
    settled: float,
    note: BoolRows,
) -> int:
    """Draw lines part by part, and outline after each, as `outline` does, what lies nearer than `below` to all so far.

    `level` and `ring` are as large as the grid; `count` takes how many rings there are before each part, and after the
    last. Tells the latter, too; -1 if there was too little room for all.
    """
    rows, columns = grid.shape
    i0, j0, i1, j1 = columns, rows, 0, 0
    for k in range(len(parts) - 1):
        draw(xy, starts, parts[k], parts[k + 1], grid, xs, far, settled, note)
        for p in range(starts[parts[k]], starts[parts[k + 1]]):  # what has been drawn lies on these rows and columns
            i, j = int(xy[p, 0] - far), int(xy[p, 1] - far)  # towards 0: they may be a rounding below it
            i0, j0 = i if i < i0 else i0, j if j < j0 else j0
            i, j = int(np.ceil(xy[p, 0] + far)), int(np.ceil(xy[p, 1] + far))
            i1, j1 = i if i > i1 else i1, j if j > j1 else j1
        i1, j1 = i1 if i1 < columns else columns - 1, j1 if j1 < rows else rows - 1  # or beyond the grid
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                level[j, i] = np.sqrt(grid[j, i])
                ring[j, i] = 0
        count[k + 1] = go_round(level, below, ring, j0, j1, i0, i1, points, ends, shell, count[k])
        if count[k + 1] < 0:
            return -1
    rings: int = count[-1]
    return rings
