"""The sheet that pictures are drawn on: from metres to whole units, and lines to the data of SVG paths."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.output.linework import Lines, lines_of, simplified

WIDTH = 3600
"""Units across. On A4 (178 mm of text) one is 0.05 mm, so whole numbers draw finely enough."""
TALLEST, FLATTEST = 1.12, 0.5
MARGIN = 0.03

M, L, MINUS, BLANK, ZERO = (ord(c) for c in "Ml- 0")


class Drawn(NamedTuple):
    """Points in units: (n, 2) places, and (n,) whether a line starts there."""

    xy: NDArray[np.int64]
    starts: NDArray[np.bool_]


@dataclass(frozen=True)
class Frame:
    """From metres to the picture's units: x to the right, y down."""

    west: float
    north: float
    metres_per_unit: float
    height: int
    width: int = WIDTH

    @cached_property
    def box(self) -> shapely.Polygon:
        """What the picture shows, in metres."""
        east = self.west + self.width * self.metres_per_unit
        return shapely.box(self.west, self.north - self.height * self.metres_per_unit, east, self.north)

    def units(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n, 2) metres -> (n, 2) whole units."""
        out = (xy - (self.west, self.north)) / (self.metres_per_unit, -self.metres_per_unit)
        return np.rint(out).astype(np.int64)

    def points(self, lines: Lines, tolerance: float) -> Drawn:
        """Simplify lines to `tolerance` units and round them to whole ones."""
        simple = simplified(lines, tolerance * self.metres_per_unit)
        line = np.repeat(np.arange(len(simple)), np.diff(simple.offsets))
        return _without_standstill(self.units(simple.xy), line)

    def path(self, geometry: Any, tolerance: float) -> str:
        """Write lines or the outlines of polygons as the data of an SVG path.

        All polygons go round one way and their holes the other, so that where two overlap there is no hole.
        """
        if (shapely.get_dimensions(geometry) == 2).any():
            geometry = shapely.boundary(shapely.orient_polygons(geometry))
        return path_data(*self.points(lines_of(shapely.get_parts(geometry)), tolerance))


def frame_of(
    bounds: tuple[float, float, float, float],
    *,
    width: int = WIDTH,
    flattest: float = FLATTEST,
    tallest: float = TALLEST,
) -> Frame:
    """Fit a picture of `width` units round `bounds` (metres), its height between two shares of its width."""
    west, south, east, north = bounds
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    ratio = min(max(up / across, flattest), tallest)
    across = max(across, up / ratio) * (1 + 2 * MARGIN)
    up = across * ratio
    middle, centre = (west + east) / 2, (south + north) / 2
    return Frame(middle - across / 2, centre + up / 2, across / width, round(width * ratio), width)


def scale_bar(metres_per_unit: float, width: int = WIDTH) -> dict[str, float]:
    """Choose a round length that fills about a sixth of the width: ``km`` and ``units``."""
    target = width / 6 * metres_per_unit / 1000.0
    power = 10.0 ** math.floor(math.log10(target))
    km = max(step * power for step in (1, 2, 5) if step * power <= target)
    return {"km": km, "units": round(km * 1000.0 / metres_per_unit)}


def text_units(text: str) -> int:
    """Guess how wide a text is at the size of the places' names."""
    return sum(62 if unicodedata.east_asian_width(c) in "WF" else 34 for c in text)


def _without_standstill(xy: NDArray[np.int64], line: NDArray[np.int64]) -> Drawn:
    """Drop points that fall on the one before, and lines that shrank to a point."""
    starts = np.diff(line, prepend=-1) != 0
    moves = starts | np.diff(xy, axis=0, prepend=xy[:1]).any(axis=1)
    xy, starts = xy[moves], starts[moves]
    alone = starts & np.append(starts[1:], True)
    return Drawn(xy[~alone], starts[~alone])


def path_data(xy: NDArray[np.int64], starts: NDArray[np.bool_]) -> str:
    """Write lines as the data of an SVG path: where each starts, then the steps.

    Examples
    --------
    >>> path_data(np.array([[5, 5], [8, 1], [9, 9], [0, 9]]), np.array([True, False, True, False]))
    'M5 5l3-4M9 9l-9 0'
    """
    steps = np.diff(xy, axis=0, prepend=xy[:1])
    return _written(np.where(starts[:, None], xy, steps), starts).tobytes().decode("ascii")


def _written(numbers: NDArray[np.int64], starts: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Write pairs of numbers in ASCII: a start as ``M5 5l``; a minus sign parts two numbers as well as a blank."""
    number, start = numbers.ravel(), np.repeat(starts, 2)
    is_x = np.arange(len(number)) % 2 == 0
    size = np.ones(len(number), dtype=np.int64)  # digits
    for power in range(1, len(str(np.abs(number).max(initial=0)))):
        size += np.abs(number) >= 10**power
    opens, closes = start & is_x, start & ~is_x
    alone = opens | (is_x & np.append(False, start[:-1]))  # after a letter nothing need part it from what was before
    signed = (number < 0) | ~alone
    end = np.cumsum(size + opens + signed + closes)
    out = np.full(end[-1] if len(end) else 0, M, dtype=np.uint8)
    last = end - closes - 1  # its last digit
    out[end[closes] - 1] = L
    sign = (last - size)[signed]
    out[sign] = np.where(number[signed] < 0, MINUS, BLANK)
    rest, row = np.abs(number), np.arange(len(number))
    for place in range(size.max(initial=0)):
        row = row[size[row] > place]
        out[last[row] - place] = ZERO + rest[row] // 10**place % 10
    return out
