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

from walkshed.compiled import Longs, kernel
from walkshed.output.linework import Lines, lines_of, simplified

WIDTH = 3600
"""Units across. On A4 (178 mm of text) one is 0.05 mm, so whole numbers draw finely enough."""
TALLEST, FLATTEST = 1.12, 0.5
MARGIN = 0.03

M, L, MINUS, BLANK, ZERO = (ord(c) for c in "Ml- 0")
MOST_CHARACTERS = 20
"""What a whole number of 64 bits may take, with what parts it from the one before."""


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
        """Write lines or the outlines of polygons as the data of an SVG path."""
        flat = shapely.boundary(geometry) if (shapely.get_dimensions(geometry) == 2).any() else geometry
        return path_data(*self.points(lines_of(shapely.get_parts(flat)), tolerance))


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


@kernel
def _written(numbers: Longs, starts: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Write pairs of numbers in ASCII: a start as ``M5 5l``; a minus sign parts two numbers as well as a blank."""
    out, n = np.empty(len(numbers) * (2 * MOST_CHARACTERS + 2), np.uint8), 0
    digits = np.empty(MOST_CHARACTERS, np.uint8)
    for i in range(len(numbers)):
        if starts[i]:
            out[n] = M
            n += 1
        for j in range(2):
            number = numbers[i, j]
            follows = j == 1 or not (starts[i] or starts[i - 1])
            if number < 0:
                out[n] = MINUS
                n += 1
            elif follows:
                out[n] = BLANK
                n += 1
            rest, size = abs(number), 0
            while rest > 0 or size == 0:
                digits[size] = ZERO + rest % 10
                rest, size = rest // 10, size + 1
            for k in range(size):
                out[n + k] = digits[size - 1 - k]
            n += size
        if starts[i]:
            out[n] = L
            n += 1
    return out[:n]
