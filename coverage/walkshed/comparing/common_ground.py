"""Common ground: the street of two results, cut so that each stretch is one thing in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.canvas import lines_of
from walkshed.analysis.intervals import SAME_PLACE_M, Intervals
from walkshed.analysis.stretches import between_cuts
from walkshed.comparing.matching import Matching

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

STREET = ("kept", "gained", "lost", "never", "new", "gone")
"""What a stretch may be at a cutoff: covered in both, after only, before only, in neither; or in one network only."""

KEPT, GAINED, LOST, NEVER, NEW, GONE = range(6)


@dataclass(frozen=True, eq=False)
class Rows:
    """r stretches inside the area, of one of two networks.

    Attributes
    ----------
    result
        The result whose network they lie on.
    edge, from_m, to_m
        (r,) sorted by edge and place.
    own_m, other_m
        (r,) the cost at the middle in this result and in the other; infinite where no station can be reached, NaN
        where the other network has no such street.
    """

    result: Coverage
    edge: NDArray[np.int32]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    own_m: NDArray[np.float64]
    other_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def length_m(self) -> NDArray[np.float64]:
        """(r,) metres."""
        return self.to_m - self.from_m

    @property
    def is_common(self) -> NDArray[np.bool_]:
        """(r,) whether the other network has this street."""
        return ~np.isnan(self.other_m)

    def take(self, rows: NDArray[Any]) -> Rows:
        """Take some of the rows."""
        columns = (self.edge, self.from_m, self.to_m, self.own_m, self.other_m)
        return Rows(self.result, *(column[rows] for column in columns))


@dataclass(frozen=True, eq=False)
class CommonGround:
    """The street of two results.

    Attributes
    ----------
    rows
        All street of the newer network inside the area.
    gone
        The street of the older one that the newer one has not.
    same
        Whether both are of one network.
    before_km
        All street of the older network inside the area.
    """

    before: Coverage
    after: Coverage
    rows: Rows
    gone: Rows
    same: bool
    before_km: float

    def change(self, cutoff: float) -> NDArray[np.int64]:
        """(r,) index into `STREET` of each of `rows` at a cutoff; all of `gone` are gone."""
        was = self.rows.other_m <= self.before.walk.budget_m(cutoff)
        now = self.rows.own_m <= self.after.walk.budget_m(cutoff)
        kinds = [~self.rows.is_common, was & now, now, was]
        return np.select(kinds, [NEW, KEPT, GAINED, LOST], NEVER)

    def street_km(self, cutoff: float) -> dict[str, float]:
        """Add up the street of each of `STREET` at a cutoff, and what of the new and the gone is covered."""
        rows, gone = self.rows, self.gone
        km = np.bincount(self.change(cutoff), weights=rows.length_m, minlength=len(STREET)) / 1000
        km[GONE] = gone.length_m.sum() / 1000
        covered = ~rows.is_common & (rows.own_m <= self.after.walk.budget_m(cutoff))
        was_covered = gone.own_m <= self.before.walk.budget_m(cutoff)
        return {
            **{f"{kind}_km": float(km[i]) for i, kind in enumerate(STREET)},
            "new_covered_km": float(rows.length_m[covered].sum()) / 1000,
            "gone_covered_km": float(gone.length_m[was_covered].sum()) / 1000,
        }


def common_ground(before: Coverage, after: Coverage) -> CommonGround:
    """Cut the streets of two results where either changes, and cost them in both."""
    forth = Matching(after.network, before.network)
    rows = _rows_on(after, before, forth)
    if forth.is_whole:
        nothing = rows.take(np.empty(0, dtype=np.int64))
        return CommonGround(before, after, rows, nothing, True, float(rows.length_m.sum()) / 1000)
    back = _rows_on(before, after, Matching(before.network, after.network))
    gone = back.take(~back.is_common)
    return CommonGround(before, after, rows, gone, False, float(back.length_m.sum()) / 1000)


def _rows_on(here: Coverage, there: Coverage, matching: Matching) -> Rows:
    stretches = here.stretches
    cuts = [
        (stretches.edge, stretches.from_m),
        matching.to_here(there.stretches.edge, there.stretches.from_m),
        matching.pieces(),
    ]
    edge, from_m, to_m = between_cuts(
        here.network.edge_length_m,
        np.concatenate([edge for edge, _ in cuts]).astype(np.int32),
        np.concatenate([at_m for _, at_m in cuts]),
    )
    inside = stretches.inside[stretches.row_at(edge, (from_m + to_m) / 2)]
    edge, from_m, to_m = edge[inside], from_m[inside], to_m[inside]
    middle = (from_m + to_m) / 2
    place = matching.to_there(edge, middle)
    found = place.edge >= 0
    other_m = np.full(len(edge), np.nan)
    other_m[found] = _cost_m(there, place.edge[found], place.at_m[found])
    return Rows(here, edge, from_m, to_m, _cost_m(here, edge, middle), other_m)


def _cost_m(result: Coverage, edge: NDArray[np.int32], at_m: NDArray[np.float64]) -> NDArray[np.float64]:
    field = result.reach.field
    return field.at(field.part_of(edge, at_m), at_m)[0]


def street_frame(ground: CommonGround, rows: Rows, cutoffs: tuple[float, ...]) -> gpd.GeoDataFrame:
    """Make one row a stretch, neighbours joined that differ in nothing shown.

    Parameters
    ----------
    ground
        The two results.
    rows
        Its `rows`, or those that are gone.
    cutoffs
        Minutes.
    """
    is_gone = rows is ground.gone
    change = np.column_stack([np.full(len(rows), GONE) if is_gone else ground.change(c) for c in cutoffs])
    sides = (rows.own_m, rows.other_m) if is_gone else (rows.other_m, rows.own_m)
    walks = ground.before.walk, ground.after.walk
    covered = [np.column_stack([m <= w.budget_m(c) for c in cutoffs]) for m, w in zip(sides, walks, strict=True)]
    shown = np.hstack((change, *covered))
    head = np.ones(len(rows), dtype=bool)
    head[1:] = (np.diff(rows.edge) != 0) | (shown[1:] != shown[:-1]).any(axis=1)
    head[1:] |= np.abs(rows.from_m[1:] - rows.to_m[:-1]) > SAME_PLACE_M
    first = np.flatnonzero(head)
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    edge, from_m, to_m = rows.edge[first], rows.from_m[first], rows.to_m[last]
    span = float(rows.to_m.max(initial=0.0)) + 1.0
    middle = np.searchsorted(rows.edge * span + rows.from_m, edge * span + (from_m + to_m) / 2, side="right") - 1
    minutes = [w.minutes(np.where(np.isfinite(m), m, np.nan)[middle]) for m, w in zip(sides, walks, strict=True)]
    streets = rows.result.network
    return gpd.GeoDataFrame(
        {
            "name": np.asarray(streets.names, dtype=object)[streets.edge_name[edge]],
            "highway": np.asarray(streets.highways, dtype=object)[streets.edge_highway[edge]],
            "length_m": to_m - from_m,
            **{f"change_{c:g}": np.asarray(STREET, dtype=object)[change[first, i]] for i, c in enumerate(cutoffs)},
            **{
                f"covered_{side}_{c:g}": covered[k][first, i]
                for k, side in enumerate(("before", "after"))
                for i, c in enumerate(cutoffs)
            },
            "walk_min_before": minutes[0],
            "walk_min_after": minutes[1],
        },
        geometry=lines_of(streets, Intervals(edge, from_m, to_m, edge)),
        crs=streets.crs,
    )
