"""Kernels that draw lines on the grid of a `Canvas`: at each point the squared distance to the nearest.

Of many streets few come near an outline. So grid points well within it are settled first, around some places of the
lines, and what is drawn then is only where points are left.
"""

from __future__ import annotations

import numpy as np

from walkshed.analysis.outline import crossings, go_round
from walkshed.compiled import BoolRows, FloatRows, Floats, IndexRows, Indices, Longs, kernel

BLOCK = 8
"""Grid points along the side of a block: whether anything in it is left to be drawn is asked once for all."""


@kernel
def _settle(
    xy: FloatRows, starts: Longs, origin: Floats, cell: float, settled: float, is_marked: BoolRows, grid: FloatRows
) -> None:
    """Tell as 0 most grid points nearer than `settled` to a line: those around one place of it in each block.

    `is_marked` notes of which blocks one has been taken.
    """
    height, width = grid.shape
    radius = settled / cell
    if radius <= 0:
        return
    for row in range(len(is_marked)):
        for column in range(is_marked.shape[1]):
            is_marked[row, column] = False
    for k in range(len(starts) - 1):
        for p in range(starts[k], starts[k + 1] - 1):
            ax, ay = (xy[p, 0] - origin[0]) / cell, (xy[p, 1] - origin[1]) / cell
            dx, dy = (xy[p + 1, 0] - xy[p, 0]) / cell, (xy[p + 1, 1] - xy[p, 1]) / cell
            steps = int(np.sqrt(dx * dx + dy * dy) / BLOCK) + 1
            for s in range(steps):
                x, y = ax + dx * s / steps, ay + dy * s / steps
                if not (0 <= x < width and 0 <= y < height) or is_marked[int(y) // BLOCK, int(x) // BLOCK]:
                    continue
                is_marked[int(y) // BLOCK, int(x) // BLOCK] = True
                for j in range(max(0, int(y - radius) + 1), min(height - 1, int(y + radius)) + 1):
                    half = np.sqrt(max(radius * radius - (j - y) * (j - y), 0.0))
                    for i in range(max(0, int(x - half) + 1), min(width - 1, int(x + half)) + 1):
                        grid[j, i] = 0.0


@kernel
def _find_open(grid: FloatRows, first: IndexRows, last: IndexRows) -> None:
    """Tell for each block the first from there on, and the last as far as there, in its row, that is not all 0."""
    height, width = grid.shape
    for row in range(len(first)):
        count = first.shape[1]
        known = -1
        for column in range(count):
            for j in range(row * BLOCK, min(height, row * BLOCK + BLOCK)):
                for i in range(column * BLOCK, min(width, column * BLOCK + BLOCK)):
                    if grid[j, i] > 0:
                        known = column
                        break
                if known == column:
                    break
            last[row, column] = known
        known = count
        for column in range(count - 1, -1, -1):
            if last[row, column] == column:
                known = column
            first[row, column] = known


@kernel
def draw(
    xy: FloatRows,
    starts: Longs,
    grid: FloatRows,
    origin: Floats,
    xs: Floats,
    cell: float,
    far: float,
    settled: float,
    is_marked: BoolRows,
    first: IndexRows,
    last: IndexRows,
) -> None:
    """Lower each grid point within `far` of a line to the squared distance to it, or to 0 where less than `settled`.

    Rows are taken as slices, and their places from a table, `xs`, so that the compiler works on several points at a
    time. The last three arrays are overwritten.
    """
    _settle(xy, starts, origin, cell, settled, is_marked, grid)
    _find_open(grid, first, last)
    height, width = grid.shape
    for k in range(len(starts) - 1):
        for p in range(starts[k], starts[k + 1] - 1):
            ax, ay = xy[p, 0] - origin[0], xy[p, 1] - origin[1]
            dx, dy = xy[p + 1, 0] - xy[p, 0], xy[p + 1, 1] - xy[p, 1]
            square = dx * dx + dy * dy
            tx, ty = (dx / square, dy / square) if square > 0 else (0.0, 0.0)
            i0 = max(0, int((min(ax, ax + dx) - far) / cell))
            i1 = min(width - 1, int((max(ax, ax + dx) + far) / cell) + 1)
            j0 = max(0, int((min(ay, ay + dy) - far) / cell))
            j1 = min(height - 1, int((max(ay, ay + dy) + far) / cell) + 1)
            if i0 > i1:
                continue
            for block in range(j0 // BLOCK, j1 // BLOCK + 1):
                i2 = max(i0, first[block, i0 // BLOCK] * BLOCK)
                i3 = min(i1, last[block, i1 // BLOCK] * BLOCK + BLOCK - 1)
                if i2 > i3:
                    continue
                x = xs[i2 : i3 + 1]
                for j in range(max(j0, block * BLOCK), min(j1, block * BLOCK + BLOCK - 1) + 1):
                    qy = j * cell - ay
                    row = grid[j, i2 : i3 + 1]
                    for i in range(len(row)):
                        qx = x[i] - ax
                        t = min(max(qx * tx + qy * ty, 0.0), 1.0)
                        ex, ey = qx - t * dx, qy - t * dy
                        row[i] = min(row[i], ex * ex + ey * ey)


@kernel
def outline_parts(
    xy: FloatRows,
    starts: Longs,
    parts: Longs,
    below: float,
    grid: FloatRows,
    level: Floats,
    ring: Indices,
    points: FloatRows,
    ends: Longs,
    shell: Longs,
    count: Longs,
    origin: Floats,
    xs: Floats,
    cell: float,
    far: float,
    settled: float,
    is_marked: BoolRows,
    first: IndexRows,
    last: IndexRows,
) -> bool:
    """Draw lines part by part, and outline after each, as `outline` does, what lies near all so far.

    `level` and `ring` have room for the whole grid; `count` takes how many rings there are before each part, and after
    the last. Tells whether there was room for all.
    """
    rows, columns = grid.shape
    i0, j0, i1, j1, n = columns, rows, 0, 0, 0
    for k in range(len(parts) - 1):
        some = starts[parts[k] : parts[k + 1] + 1]
        draw(xy, some, grid, origin, xs, cell, far, settled, is_marked, first, last)
        for p in range(some[0], some[-1]):  # what has been drawn lies on these rows and columns
            x, y = xy[p, 0] - origin[0], xy[p, 1] - origin[1]
            i0, i1 = min(i0, int((x - far) / cell)), max(i1, int((x + far) / cell) + 1)
            j0, j1 = min(j0, int((y - far) / cell)), max(j1, int((y + far) / cell) + 1)
        i1, j1 = min(i1, columns - 1), min(j1, rows - 1)
        height, width = j1 - j0 + 1, i1 - i0 + 1
        seen = level[: height * width].reshape(height, width)
        passed = ring[: height * width].reshape(height, width)
        for j in range(height):
            for i in range(width):
                seen[j, i] = np.sqrt(grid[j0 + j, i0 + i])
                passed[j, i] = 0
        most = crossings(seen, below)
        before = count[k]
        if n + 2 * most > len(points) or before + most >= len(ends):
            return False
        more = go_round(seen, below, passed, points[n:], ends[before:], shell[before:])
        for r in range(before, before + more):
            shell[r] += before
            ends[r + 1] += n
        for p in range(n, ends[before + more]):
            points[p, 0] += i0
            points[p, 1] += j0
        n, count[k + 1] = ends[before + more], before + more
    return True
