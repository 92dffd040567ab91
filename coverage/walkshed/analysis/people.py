"""People: who can walk to a station, who cannot, and of whom nobody knows.

People of a point walk out to their nearest street and pay the straight leg. People of a polygon are spread
over the street inside it by length, inside and outside the study area alike. Either way a head count stands
at a place on the street, and has one of four states that add up to the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import Intervals, add_up
from walkshed.analysis.stretches import Stretches
from walkshed.network.streets import Streets
from walkshed.reach.field import Field
from walkshed.reach.snap import Snapper

STATES = ("covered", "gap", "scattered", "unknown")


@dataclass(frozen=True, eq=False)
class Heads:
    """Head counts at places: h rows inside the study area.

    Attributes
    ----------
    count
        (h,) people.
    cost_m
        (h,) metres to the nearest station, leg included; infinite where none can be reached or nobody knows.
    known
        (h,) whether there is a street to walk on.
    row
        (h,) the stretch they stand on; -1 where unknown.
    station
        (h,) the nearest station; -1 where there is none.
    xy
        (h, 2) where they live, metres: the point, or the middle of the stretch.
    edge, at_m, leg_m
        (h,) where on the streets they set out, and the straight leg to there; edge -1 where unknown.
    points
        The frame's rows that are inside the area, if the people came as points.
    polygon
        (h,) the polygon that they came in, if they came so.
    """

    count: NDArray[np.float64]
    cost_m: NDArray[np.float64]
    known: NDArray[np.bool_]
    row: NDArray[np.int64]
    station: NDArray[np.int32]
    xy: NDArray[np.float64]
    edge: NDArray[np.int32]
    at_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]
    points: gpd.GeoDataFrame | None = None
    polygon: NDArray[np.int32] | None = None

    def within(self, budget_m: float) -> NDArray[np.bool_]:
        """(h,) whether they are covered within `budget_m`."""
        return self.known & (self.cost_m <= budget_m)

    def total(self, mask: NDArray[np.bool_]) -> float:
        """Add up the people of some rows."""
        return float(self.count[mask].sum())

    def states(self, budget_m: float, gap_of_row: NDArray[np.int32]) -> NDArray[np.object_]:
        """(h,) one of `STATES`.

        Parameters
        ----------
        budget_m
            The largest cutoff, as metres of cost.
        gap_of_row
            (r,) the gap of each stretch, 0 where there is none.
        """
        state = np.full(len(self.count), "scattered", dtype=object)
        state[(self.row >= 0) & (gap_of_row[self.row] > 0)] = "gap"
        state[self.within(budget_m)] = "covered"
        state[~self.known] = "unknown"
        return state


def people_at_points(
    people: gpd.GeoDataFrame,
    inside: NDArray[np.bool_],
    snapper: Snapper,
    field: Field,
    stretches: Stretches,
    max_snap_m: float,
) -> Heads:
    """Snap people to their nearest street, like stations.

    Parameters
    ----------
    people
        Points with `population`, in the streets' CRS.
    inside
        (p,) which of them live in the study area.
    snapper, field, stretches
        The streets, the least cost along them, and the stretches they are cut into.
    max_snap_m
        Who lives farther from any street is unknown.
    """
    points = people[inside].reset_index(drop=True)
    xy = shapely.get_coordinates(points.geometry.array)
    snaps = snapper.snap(xy, max_snap_m)
    known = snaps.found
    row = np.full(len(points), -1)
    cost_m, station = np.full(len(points), np.inf), np.full(len(points), -1, np.int32)
    edge, at_m = snaps.edge[known], snaps.at_m[known]
    row[known] = stretches.row_at(edge, at_m)
    along_m, station[known] = field.at(field.part_of(edge, at_m), at_m)
    cost_m[known] = along_m + snaps.leg_m[known]
    count = points["population"].to_numpy(dtype=float)
    on_edge = np.where(known, snaps.edge, -1).astype(np.int32)
    return Heads(count, cost_m, known, row, station, xy, on_edge, snaps.at_m, snaps.leg_m, points)


def people_of_zones(
    streets: Streets,
    people: gpd.GeoDataFrame,
    street_of: Intervals,
    stretches: Stretches,
    has_center_inside: NDArray[np.bool_],
) -> Heads:
    """Spread the people of polygons over the street inside each, by length.

    Parameters
    ----------
    streets
        The network.
    people
        Polygons with `population`, in the streets' CRS.
    street_of
        The street inside each polygon.
    stretches
        The streets, cut at the polygons' borders.
    has_center_inside
        (p,) which polygons have their centre in the study area: where a polygon has no street, its
        people count as unknown by that.
    """
    row, polygon = stretches.pairs_within(street_of)
    length_m = stretches.length_m[row]
    street_m = add_up(length_m, polygon, len(people))
    count = people["population"].to_numpy(dtype=float)
    keep = stretches.inside[row]
    row, polygon, length_m = row[keep], polygon[keep], length_m[keep]
    spread = count[polygon] * length_m / street_m[polygon]
    lost = np.flatnonzero((street_m == 0) & has_center_inside)
    middle = streets.xy_at(stretches.edge[row], (stretches.from_m[row] + stretches.to_m[row]) / 2)
    nowhere = np.zeros(len(lost))
    centers = shapely.get_coordinates(shapely.point_on_surface(people.geometry.to_numpy()[lost]))
    return Heads(
        np.concatenate((spread, count[lost])),
        np.concatenate((stretches.cost_m[row], np.full(len(lost), np.inf))),
        np.concatenate((np.ones(len(row), dtype=bool), np.zeros(len(lost), dtype=bool))),
        np.concatenate((row, np.full(len(lost), -1))),
        np.concatenate((stretches.station[row], np.full(len(lost), -1))).astype(np.int32),
        np.concatenate((middle, centers)),
        np.concatenate((stretches.edge[row], np.full(len(lost), -1))).astype(np.int32),
        np.concatenate(((stretches.from_m[row] + stretches.to_m[row]) / 2, nowhere)),
        np.zeros(len(row) + len(lost)),
        polygon=np.concatenate((polygon, lost)).astype(np.int32),
    )
