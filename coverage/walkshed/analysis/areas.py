"""Service areas and gap shapes: polygons for the eye and for GIS layers; no figure comes from them.

A service area is everything within ``off_street`` of the street that is reached with that much to spare:
from any later point of the walk, the place is still within that distance of the last such point. (Where costs follow
the slope this holds on the level and uphill; gently downhill the drawing leaves out up to a sixth of the leg.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.canvas import CELLS_A_LEG, EMPTY, Canvas, as_multi, buffered, cut_lines
from walkshed.analysis.clear import Stand, clear_station_areas, clear_street_area
from walkshed.analysis.gaps import GapPlan
from walkshed.analysis.intervals import Intervals
from walkshed.network.streets import Streets
from walkshed.reach.barriers import Barriers
from walkshed.reach.reach import Reach
from walkshed.reach.walk import Walk
from walkshed.schema import Progress, quiet
from walkshed.sorting import sorted_by

GAP_STREET_M = 15.0
"""A gap's own street stays in sight as a band of this half-width, also where the covered area overlaps it."""

EASED_M = 0.5
"""A gap's outline leaves out points this near to it: a third of them are left, and a thousandth of the area changes."""

NARROW_M = 20.0
"""Below this width a grid would be too coarse: the exact union of buffers serves."""

T = TypeVar("T")


def service_areas(
    streets: Streets, reach: Reach, walk: Walk, *, barriers: Barriers | None = None, progress: Progress = quiet
) -> list[list[shapely.MultiPolygon]]:
    """Draw every station's service area at every cutoff.

    Parameters
    ----------
    streets, reach, walk
        The network, what the stations reach, and how far people walk.
    barriers
        What straight legs may not cross, if anything.
    progress
        Called with "areas" and the share done.

    Returns
    -------
    list of list
        ``areas[station][cutoff]``: valid, with holes and islands; each holds the one before; empty where
        nothing is reached.
    """
    budgets_m = [walk.budget_m(c) for c in walk.cutoffs]
    spare_m = [b - walk.off_street for b in budgets_m]
    fresh, first = _fresh_street(reach, spare_m)
    all_rows = reach.pieces.rows_of(len(reach.leg_m))

    def draw(station: int) -> list[shapely.MultiPolygon]:
        if barriers is not None:
            pieces = reach.pieces.take(slice(all_rows[station], all_rows[station + 1]))
            stand = Stand(reach.xy[station], float(reach.leg_m[station]))
            areas = clear_station_areas(streets, pieces, stand, budgets_m, walk.off_street, barriers)
            if areas is not None:
                return areas
        own = slice(first[station, 0], first[station, -1])
        left_m = [b - float(reach.leg_m[station]) for b in budgets_m]
        parts = first[station] - first[station, 0]
        return station_areas(streets, fresh.take(own), parts, reach.xy[station], left_m, walk.off_street)

    return _side_by_side(draw, range(len(reach.leg_m)), "areas", progress)


def _side_by_side(draw: Callable[[int], T], numbers: Iterable[int], step: str, progress: Progress) -> list[T]:
    """Draw on all cores: the kernels and the contouring let go of the interpreter lock."""
    numbers = list(numbers)
    drawn: list[T] = []
    with ThreadPoolExecutor(cpu_count()) as pool:
        for shape in pool.map(draw, numbers):
            drawn.append(shape)
            progress(step, len(drawn) / len(numbers))
    return drawn


def covered_area(areas: Iterable[shapely.MultiPolygon]) -> shapely.MultiPolygon:
    """Unite the service areas of one cutoff."""
    # Areas far from each other need not be looked at together.
    return as_multi(shapely.disjoint_subset_union_all(np.array(list(areas), dtype=object)))


def _fresh_street(reach: Reach, spare_m: list[float]) -> tuple[Intervals, NDArray[np.int64]]:
    """Cut out the street that each station reaches within each of c budgets, and not as it stands within one before.

    Returns
    -------
    street, first
        By station, and within one by budget; and (stations, c + 1) where each one's rows begin.
    """
    stations, cutoffs = len(reach.leg_m), len(spare_m)
    tables = []
    for i, (budget_m, before_m) in enumerate(zip(spare_m, [-np.inf, *spare_m], strict=False)):
        pieces = reach.pieces.within(budget_m)
        new = np.maximum(pieces.cost_from_m, pieces.cost_to_m) > before_m
        of = pieces.station[new] * np.int32(cutoffs) + np.int32(i)
        tables.append((pieces.edge[new], pieces.from_m[new], pieces.to_m[new], of))
    street = Intervals(*(np.concatenate(column) for column in zip(*tables, strict=True)))
    first, order = sorted_by(street.of, stations * cutoffs)
    return street.take(order), first[np.arange(stations)[:, None] * cutoffs + np.arange(cutoffs + 1)]


def station_areas(
    streets: Streets,
    street: Intervals,
    first: NDArray[np.int64],
    place: NDArray[np.float64],
    disc_m: list[float],
    off_street_m: float,
) -> list[shapely.MultiPolygon]:
    """Draw the service area of one station for each of c cutoffs.

    Parameters
    ----------
    streets
        The network.
    street
        What is reached with `off_street_m` to spare, that of the lowest cutoff first.
    first
        (c + 1,) where the rows start that a cutoff adds to those before.
    place
        (2,) where the station stands on the street.
    disc_m
        For each cutoff: what its own leg leaves, metres; a disc of that radius is drawn where less than
        `off_street_m` is left.
    off_street_m
        The longest straight leg to a covered place.

    Returns
    -------
    list of MultiPolygon
        Valid; each holds the one before; empty where nothing is reached.
    """
    # Until there is street: what the leg leaves is drawn alone.
    radii_m = [min(left_m, off_street_m) for left_m, after in zip(disc_m, first[1:], strict=True) if not after]
    discs = [as_multi(shapely.Point(place).buffer(r, 32)) if r > 0 else EMPTY for r in radii_m]
    if not len(street):
        return discs
    lines, parts = cut_lines(streets, street), first[len(discs) :]
    # On a grid, unless it would be too coarse for a narrow leg, or too large for memory.
    if off_street_m >= NARROW_M:
        canvas = Canvas(lines[0], off_street_m, off_street_m / CELLS_A_LEG)
        if not canvas.is_too_large:
            return [*discs, *canvas.outlines(lines, parts, off_street_m)]
    return [*discs, *(buffered(streets, street.take(slice(after)), off_street_m) for after in parts[1:])]


def gap_areas(
    streets: Streets,
    plan: GapPlan,
    covered: Intervals,
    discs: list[shapely.Polygon],
    off_street_m: float,
    *,
    progress: Progress = quiet,
) -> list[shapely.MultiPolygon]:
    """Draw every gap.

    Parameters
    ----------
    streets
        The network.
    plan
        The gaps.
    covered
        All street that is reached with `off_street_m` to spare.
    discs
        What stations cover whose own leg leaves less than that.
    off_street_m
        The longest straight leg to a covered place.
    progress
        Called with "gap areas" and the share done.

    Returns
    -------
    list of MultiPolygon
    """
    low, high = _corners(streets)
    near = shapely.STRtree(shapely.box(*low[covered.edge].T, *high[covered.edge].T))
    taken, count = plan.taken, len(plan.center)
    first = np.searchsorted(taken.of, np.arange(count + 1))
    apart_m = 2 * max(off_street_m, GAP_STREET_M)

    low = np.minimum.reduceat(low[taken.edge], first[:-1]) - apart_m if count else low[:0]
    high = np.maximum.reduceat(high[taken.edge], first[:-1]) + apart_m if count else high[:0]
    around = shapely.box(*low.T, *high.T)

    def draw(gap: int) -> shapely.MultiPolygon:
        own = taken.take(np.arange(first[gap], first[gap + 1]))
        shape = gap_area(streets, own, covered.take(np.sort(near.query(around[gap]))), off_street_m)
        hidden = [disc for disc in discs if disc.intersects(shape)]
        if hidden:
            shape = shape.difference(shapely.union_all(hidden)).union(buffered(streets, own, GAP_STREET_M))
        return _eased(shape)

    return _side_by_side(draw, range(count), "gap areas", progress)


def clear_gap_areas(
    streets: Streets,
    plan: GapPlan,
    covered: shapely.MultiPolygon,
    off_street_m: float,
    barriers: Barriers,
    *,
    progress: Progress = quiet,
) -> list[shapely.MultiPolygon]:
    """Draw every gap where barriers stand: what clear legs reach from its street, less the covered area.

    Parameters
    ----------
    streets, plan
        The network, and the gaps.
    covered
        The covered area.
    off_street_m
        The longest straight leg to a covered place.
    barriers
        What a leg may not cross.
    progress
        Called with "gap areas" and the share done.
    """
    parts = shapely.get_parts(covered)
    tree = shapely.STRtree(parts)
    first = np.searchsorted(plan.taken.of, np.arange(len(plan.center) + 1))

    def draw(gap: int) -> shapely.MultiPolygon:
        own = plan.taken.take(np.arange(first[gap], first[gap + 1]))
        band = buffered(streets, own, GAP_STREET_M)
        if off_street_m <= 0:
            return band
        shape = clear_street_area(streets, own, off_street_m, barriers)
        near = shapely.intersection(parts[tree.query(shape)], shapely.box(*shape.bounds))
        return _eased(shape.difference(shapely.union_all(near)).union(band))

    return _side_by_side(draw, range(len(plan.center)), "gap areas", progress)


def _eased(shape: shapely.Geometry) -> shapely.MultiPolygon:
    eased = shapely.simplify(shape, EASED_M, preserve_topology=False)
    return as_multi(eased if eased.is_valid else shape)


def station_discs(reach: Reach, budget_m: float, off_street_m: float) -> list[shapely.Polygon]:
    """Draw what stations cover whose own leg leaves less than `off_street_m`."""
    left_m = budget_m - reach.leg_m
    short = np.flatnonzero((left_m > 0) & (left_m < off_street_m))
    return [shapely.Point(reach.xy[i]).buffer(float(left_m[i]), 32) for i in short]


def _corners(streets: Streets) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, 2) each: the low and high corners of the boxes around the edges."""
    starts = streets.offsets[:-1]
    return np.minimum.reduceat(streets.coords, starts), np.maximum.reduceat(streets.coords, starts)


def gap_area(streets: Streets, own: Intervals, covered: Intervals, off_street_m: float) -> shapely.MultiPolygon:
    """Draw a gap: its street widened by `off_street_m` less the covered area, and by 15 m in any case.

    Parameters
    ----------
    streets
        The network.
    own
        The gap's street.
    covered
        The street near it that is reached with `off_street_m` to spare.
    off_street_m
        The longest straight leg to a covered place.

    Returns
    -------
    MultiPolygon
    """
    reach_m = max(off_street_m, GAP_STREET_M)
    # Never coarser than 10 m, or the narrow band would fall between the grid's points.
    lines = cut_lines(streets, own)
    canvas = Canvas(lines[0], reach_m, min(max(off_street_m / CELLS_A_LEG, GAP_STREET_M / 2), 10.0))
    if canvas.is_too_large:
        wide_area = buffered(streets, own, off_street_m).difference(buffered(streets, covered, off_street_m))
        return as_multi(wide_area.union(buffered(streets, own, GAP_STREET_M)))
    grid, near = canvas.blank(), canvas.blank()
    canvas.draw(grid, lines)
    canvas.draw(near, cut_lines(streets, covered), off_street_m)
    distance, to_covered = canvas.metres(grid), canvas.metres(near)
    wide = np.maximum(distance - off_street_m, off_street_m - to_covered, out=near)
    return canvas.contour(np.minimum(wide, distance - GAP_STREET_M, out=near), 0.0)
