"""Shadows: the self-check's own way to tell what a barrier hides, by cutting shadows out of the streets with Shapely.

Nothing of `reach` takes part. The rule is the one of `reach.barriers`.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.network.streets import Surroundings
from walkshed.network.surroundings import barrier_lines

TOUCH_M = 0.01
"""A leg's end that is nearer than this to a barrier's line lies on it, not behind it."""

SEAM_M = 0.001
"""Shadows of barriers that join would leave a seam of light between them, as wide as rounding."""


class Shadows:
    """What the barriers around the streets hide from a place.

    Parameters
    ----------
    around
        Water, railways and walls.
    """

    def __init__(self, around: Surroundings) -> None:
        ends = [
            np.stack((xy[:-1], xy[1:]), axis=1)
            for line in shapely.get_parts(barrier_lines(around))
            for xy in [shapely.get_coordinates(line)]
        ]
        self._ends = np.concatenate([np.empty((0, 2, 2)), *ends])
        self._tree = shapely.STRtree(shapely.linestrings(self._ends) if len(self._ends) else [])

    def behind(self, spot: shapely.Point, reach_m: float) -> shapely.Geometry:
        """Draw all that is hidden from `spot` within `reach_m`."""
        near = self._tree.query(spot, predicate="dwithin", distance=reach_m)
        here = shapely.get_coordinates(spot)[0]
        a, b = (self._ends[near, end] - here for end in (0, 1))
        across = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
        away_m = np.divide(across, np.hypot(*(b - a).T), out=np.zeros(len(near)), where=across > 0)
        a, b, away_m = (values[away_m > TOUCH_M] for values in (a, b, away_m))
        start = 1 + TOUCH_M / away_m[:, None]
        ray_a, ray_b = _unit(a), _unit(b)
        normal = np.stack((b[:, 1] - a[:, 1], a[:, 0] - b[:, 0]), axis=1)
        outward = _unit(normal * np.sign((normal * a).sum(axis=1))[:, None])
        far_m = 10 * reach_m
        corners = np.stack((start * a, far_m * ray_a, far_m * outward, far_m * ray_b, start * b), axis=1)
        # Where the barrier lies aside, the way straight away from it does not lie between the rays.
        inner = (_cross(ray_a, outward) * _cross(outward, ray_b) > 0)[:, None]
        corners[:, 2] = np.where(inner, corners[:, 2], corners[:, 1])
        return shapely.union_all(shapely.polygons(corners + here)).buffer(SEAM_M, quad_segs=1)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.hypot(*vectors.T)[:, None]
    return unit


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return product
