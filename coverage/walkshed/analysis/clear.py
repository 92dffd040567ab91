"""Areas beside barriers: what straight legs reach that cross no water, railway or wall.

A place is covered if a street point in sight has cost and leg within the budget. Along the way back to the station the
view may close, so here it does not do to look at the street with the whole leg to spare alone: the legs to all street
within the budget are weighed, exactly (`reach.legs`). Only grid points that have a barrier nearer than such street need
it. The outline is put to its place along each grid line to a decimetre there, so that it runs along straight walls
and banks; what is narrower than a cell of the grid may be missed. Water is cut out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.canvas import CELLS_A_LEG, EMPTY, Canvas, as_multi, between, cut_lines
from walkshed.analysis.intervals import Intervals
from walkshed.network.streets import Streets
from walkshed.reach.barriers import Barriers
from walkshed.reach.legs import Ground, has_clear_leg
from walkshed.reach.pieces import Pieces
from walkshed.reach.segments import bin_segments


class Stand(NamedTuple):
    """Where a station stands on the street, (2,) metres, and the leg to there."""

    xy: NDArray[np.float64]
    leg_m: float


HALVINGS = 7
"""Of a grid line, to find where the outline crosses it: to less than a hundredth of a cell."""


def ground_of(streets: Streets, pieces: Pieces) -> Ground:
    """Lay out reached pieces as segments, each with the cost at its ends."""
    coords, offsets = cut_lines(streets, _intervals(pieces))
    run = np.hypot(*np.diff(coords, axis=0, prepend=coords[:1]).T)
    walked = np.cumsum(run)
    line = np.repeat(np.arange(len(pieces)), np.diff(offsets))
    walked -= walked[offsets[:-1]][line]
    total = walked[offsets[1:] - 1][line]
    share = np.divide(walked, total, out=np.zeros_like(walked), where=total > 0)
    cost_m = (1 - share) * pieces.cost_from_m[line] + share * pieces.cost_to_m[line]
    grid = bin_segments(coords, offsets)
    return Ground(grid, cost_m[grid.start], cost_m[grid.start + 1])


@dataclass(frozen=True, eq=False)
class ClearCanvas:
    """A canvas on which barriers hide street.

    Attributes
    ----------
    canvas
        The grid.
    ground
        All street that may matter, with its cost; None where no barrier is near.
    barriers
        What hides it.
    leg_m
        The longest leg.
    to_barrier_m
        Grid of the distances to the nearest barrier.
    """

    canvas: Canvas
    ground: Ground | None
    barriers: Barriers
    leg_m: float
    to_barrier_m: NDArray[np.float64]

    def area(self, distance_m: NDArray[np.float64], radius_m: float, budget_m: float) -> shapely.MultiPolygon:
        """Draw what is covered within a budget.

        Parameters
        ----------
        distance_m
            Grid of the distances to street from which a leg of `radius_m` still fits the budget.
        radius_m
            The longest leg from there.
        budget_m
            Metres of cost.
        """
        is_doubtful = self.to_barrier_m < distance_m
        rows, columns = np.nonzero(is_doubtful & (distance_m <= radius_m))
        level = distance_m.copy()
        is_covered = self._covers(self.canvas.xy_of(rows, columns), budget_m)
        level[rows, columns] = np.where(is_covered, 0.0, 2 * radius_m)

        def settle(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return self._settle(points, level < radius_m, is_doubtful, budget_m)

        shape = self.canvas.contour(level, radius_m, settle)
        return shape if self.ground is None else as_multi(self.barriers.dry(shape))

    def _covers(self, xy: NDArray[np.float64], budget_m: float) -> NDArray[np.bool_]:
        if self.ground is None:
            return np.ones(len(xy), dtype=np.bool_)
        return has_clear_leg(xy, self.leg_m, self.ground, self.barriers, budget_m)

    def _settle(
        self,
        points: NDArray[np.float64],
        is_covered: NDArray[np.bool_],
        is_doubtful: NDArray[np.bool_],
        budget_m: float,
    ) -> NDArray[np.float64]:
        """Move the outline's points along their grid lines to where coverage ends, if a barrier is near."""
        one, other = self.canvas.neighbours(points)
        move = np.flatnonzero((is_covered[one] != is_covered[other]) & (is_doubtful[one] | is_doubtful[other]))
        a, b = (self.canvas.xy_of(row[move], column[move]) for row, column in (one, other))
        inner = np.where(is_covered[one][move, None], a, b)
        outer = np.where(is_covered[one][move, None], b, a)
        for _ in range(HALVINGS):
            middle = (inner + outer) / 2
            covered = self._covers(middle, budget_m)[:, None]
            inner, outer = np.where(covered, middle, inner), np.where(covered, outer, middle)
        settled = points.copy()
        settled[move] = (inner + outer) / 2
        return settled


def clear_canvas(streets: Streets, pieces: Pieces, barriers: Barriers, leg_m: float, cell_m: float) -> ClearCanvas:
    """Make a canvas for what pieces of street reach.

    Parameters
    ----------
    streets, pieces
        The network, and the street that may be drawn, with its cost.
    barriers
        What hides it.
    leg_m
        The longest leg.
    cell_m
        The grid's spacing; doubled while the grid is too large.
    """
    xy, _ = cut_lines(streets, _intervals(pieces))
    canvas = Canvas(xy, leg_m, cell_m)
    while canvas.is_too_large:
        cell_m *= 2
        canvas = Canvas(xy, leg_m, cell_m)
    near = barriers.within(*canvas.bounds)
    first, grid = barriers.grid.start[near], canvas.blank()
    canvas.draw(grid, between(np.stack((barriers.grid.coords[first], barriers.grid.coords[first + 1]), axis=1)))
    return ClearCanvas(canvas, ground_of(streets, pieces) if len(near) else None, barriers, leg_m, canvas.metres(grid))


def clear_station_areas(
    streets: Streets, pieces: Pieces, stand: Stand, budgets_m: list[float], off_street_m: float, barriers: Barriers
) -> list[shapely.MultiPolygon] | None:
    """Draw the service area of one station for each cutoff.

    Parameters
    ----------
    streets, pieces
        The network, and what of it the station reaches within the largest budget.
    stand
        Where it stands.
    budgets_m
        The cutoffs as metres of cost, rising.
    off_street_m
        The longest straight leg to a covered place.
    barriers
        What a leg may not cross.

    Returns
    -------
    list of MultiPolygon or None
        Valid; each holds the one before; None where no barrier is near, so that nothing is hidden.
    """
    most_m = min(off_street_m, budgets_m[-1] - stand.leg_m)
    if most_m <= 0 or not len(pieces):
        return None
    wide = clear_canvas(streets, pieces, barriers, most_m, most_m / CELLS_A_LEG)
    if wide.ground is None:
        return None
    areas: list[shapely.MultiPolygon] = []
    grid = wide.canvas.blank()
    for budget_m in budgets_m:
        radius_m = min(off_street_m, budget_m - stand.leg_m)
        own = pieces.within(budget_m)
        if radius_m <= 0 or not len(own):
            shape = EMPTY
        elif radius_m < off_street_m:
            narrow = clear_canvas(streets, own, barriers, radius_m, radius_m / CELLS_A_LEG)
            disc = narrow.canvas.blank()
            narrow.canvas.draw(disc, between(np.stack((stand.xy, stand.xy))[None]))
            shape = narrow.area(narrow.canvas.metres(disc), radius_m, budget_m)
        else:
            wide.canvas.draw(grid, cut_lines(streets, _intervals(pieces.within(budget_m - off_street_m))))
            wide.canvas.draw(grid, between(np.stack((stand.xy, stand.xy))[None]))
            shape = wide.area(wide.canvas.metres(grid), radius_m, budget_m)
        # Where several barriers cross one grid line the outline may have come to rest on either.
        areas.append(as_multi(shape.union(areas[-1])) if areas else shape)
    return areas


def clear_street_area(streets: Streets, own: Intervals, leg_m: float, barriers: Barriers) -> shapely.MultiPolygon:
    """Draw all places from which a clear leg of at most `leg_m` leads to some street."""
    nothing = np.zeros(len(own))
    pieces = Pieces(own.of, own.edge, own.from_m, own.to_m, nothing, nothing)
    canvas = clear_canvas(streets, pieces, barriers, leg_m, leg_m / CELLS_A_LEG)
    grid = canvas.canvas.blank()
    canvas.canvas.draw(grid, cut_lines(streets, own))
    return canvas.area(canvas.canvas.metres(grid), leg_m, leg_m)


def _intervals(pieces: Pieces) -> Intervals:
    return Intervals(pieces.edge, pieces.from_m, pieces.to_m, pieces.station)
