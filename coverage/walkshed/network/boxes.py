"""``Boxes``: which of many boxes a box meets, without looking at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import floor

from walkshed.network.clip import Box
from walkshed.network.polylines import meet

LEAST_CELL = 0.01  # degrees


class Boxes:
    """Boxes on a grid whose cells are about as large as they are.

    Parameters
    ----------
    boxes
        West, south, east, north in degrees.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        spans = [max(east - west, north - south) for west, south, east, north in boxes]
        self._cell = max(sum(spans) / max(len(spans), 1), LEAST_CELL)
        self._at: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, box in enumerate(boxes):
            for cell in self._cells(box):
                self._at[cell].append(i)

    def met_by(self, box: Box | None) -> list[int]:
        """List the boxes that share a point with this one, in order.

        Examples
        --------
        >>> Boxes([(0, 0, 1, 1), (1, 1, 2, 2), (5, 5, 6, 6)]).met_by((0.5, 0.5, 1, 1))
        [0, 1]
        """
        if box is None:
            return []
        west, south, east, north = box
        if (east - west + self._cell) * (north - south + self._cell) > len(self._boxes) * self._cell**2:
            near: set[int] | range = range(len(self._boxes))
        else:
            near = {i for cell in self._cells(box) for i in self._at.get(cell, ())}
        return sorted(i for i in near if meet(box, self._boxes[i]))

    def _cells(self, box: Box) -> list[tuple[int, int]]:
        west, south, east, north = (floor(degrees / self._cell) for degrees in box)
        return [(x, y) for x in range(west, east + 1) for y in range(south, north + 1)]
