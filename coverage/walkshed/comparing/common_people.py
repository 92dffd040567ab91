"""The people of two results: who is newly covered, who is not any more, where both count the same people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import add_up
from walkshed.comparing.common_ground import CommonGround

if TYPE_CHECKING:
    from walkshed.analysis.people import Heads

PEOPLE = ("kept", "gained", "lost", "never", "unknown")
"""Covered in both, after only, before only, in neither; unknown where one of the two results does not know them."""

SAME_POINT_M = 1.0


class CommonPeople:
    """The people of two results.

    Points with people are compared one by one. People spread over the street of a polygon are compared stretch by
    stretch, which takes one network. Otherwise `is_common` is false, and there is nothing to compare but totals.

    Parameters
    ----------
    ground
        The street of the two results.
    """

    def __init__(self, ground: CommonGround) -> None:
        self._ground = ground
        had, has = ground.before.heads, ground.after.heads
        self.pair = None if had is None or has is None or not _are_same(had, has, ground.same) else (had, has)
        given = ground.after.given
        self.in_zones = given.people is not None and given.zones is not None and _of_zones(given.people, given.zones)

    @property
    def is_common(self) -> bool:
        """Whether both results count the same people."""
        return self.pair is not None

    def change(self, cutoff: float) -> NDArray[np.float64]:
        """(h, 5) the people of each place, by what became of them at a cutoff: columns as `PEOPLE`."""
        if self.pair is None:
            return np.empty((0, len(PEOPLE)))
        had, has = self.pair
        if has.points is None:
            return self._spread(has, cutoff)
        was = had.within(self._ground.before.walk.budget_m(cutoff))
        now = has.within(self._ground.after.walk.budget_m(cutoff))
        kind = np.select([~(had.known & has.known), was & now, now, was], [4, 0, 1, 2], 3)
        people = np.zeros((len(kind), len(PEOPLE)))
        people[np.arange(len(kind)), kind] = has.count
        return people

    def _spread(self, has: Heads, cutoff: float) -> NDArray[np.float64]:
        """The same for people who are spread over stretches: by the share of each that is this or that."""
        stretches, rows = self._ground.after.stretches, self._ground.rows
        row, kind = stretches.row_at(rows.edge, (rows.from_m + rows.to_m) / 2), self._ground.change(cutoff)
        metres = np.column_stack(
            [add_up(np.where(kind == k, rows.length_m, 0.0), row, len(stretches)) for k in range(len(PEOPLE) - 1)]
        )
        share = metres / np.maximum(metres.sum(axis=1), 1e-12)[:, None]
        people = np.zeros((len(has.count), len(PEOPLE)))
        people[:, -1] = np.where(has.known, 0.0, has.count)
        people[has.known, :-1] = has.count[has.known, None] * share[has.row[has.known]]
        return people

    def totals(self, cutoff: float) -> dict[str, float | None]:
        """Add the people up: ``people_{kind}`` of `PEOPLE`; None where the two do not count the same people."""
        total = self.change(cutoff).sum(axis=0) if self.is_common else None
        return {f"people_{kind}": None if total is None else float(total[i]) for i, kind in enumerate(PEOPLE)}

    def frame(self, cutoffs: tuple[float, ...]) -> gpd.GeoDataFrame | None:
        """Tell of each point what became of its people; None where they are no points, or not the same."""
        if self.pair is None or self.pair[1].points is None:
            return None
        kinds = {}
        for cutoff in cutoffs:
            change = self.change(cutoff)
            kind = np.where(change.any(axis=1), change.argmax(axis=1), PEOPLE.index("never"))
            kinds[f"change_{cutoff:g}"] = np.asarray(PEOPLE, dtype=object)[kind]
        return self.pair[1].points[["population", "geometry"]].assign(**kinds)


def _are_same(had: Heads, has: Heads, same_streets: bool) -> bool:
    """Tell whether two results count the same people, so that they can be compared one by one."""
    if had.points is None or has.points is None:
        return had.points is has.points and same_streets and _same_polygons(had, has)
    if len(had.count) != len(has.count) or not np.allclose(had.count, has.count):
        return False
    places = had.points.geometry.to_crs(has.points.crs)
    return bool((places.distance(has.points.geometry) <= SAME_POINT_M).all())


def _of_zones(people: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> bool:
    """Tell whether the people came with the zones themselves."""
    return bool(people.geometry.equals(zones.geometry))


def _same_polygons(had: Heads, has: Heads) -> bool:
    """Tell whether the people of both came in the same polygons: by what each polygon holds."""
    if had.polygon is None or has.polygon is None:
        return False
    count = 1 + max(int(had.polygon.max(initial=-1)), int(has.polygon.max(initial=-1)))
    held = add_up(had.count, had.polygon, count), add_up(has.count, has.polygon, count)
    return bool(np.allclose(held[0], held[1], rtol=1e-9, atol=1e-6))
