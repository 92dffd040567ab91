"""Goals: what sites are to gain the most of, and which candidates cover which of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.analysis.depth import SAME_STATION_M, depth_groups
from walkshed.analysis.intervals import Intervals
from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.siting.candidates import Candidates
from walkshed.siting.cover import Cover, Rules, cover_of
from walkshed.siting.demand import cut_bits, seldom_covered, uncovered, walk_from

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

OBJECTIVES = ("people", "street", "cross")


@dataclass(frozen=True, eq=False)
class Goal:
    """What is to be covered, in people or in metres of street.

    Attributes
    ----------
    objective
        One of `OBJECTIVES`.
    cover
        What each candidate would cover of what is left.
    before, whole
        What is covered today, and all there is: people that are not unknown, or street inside the area.
    row
        (r,) for each row given to `cover` the stretch that it lies on.
    weight
        (r,) what each row is worth.
    """

    objective: str
    cover: Cover
    before: float
    whole: float
    row: NDArray[np.integer]
    weight: NDArray[np.float64]

    @property
    def unit(self) -> float:
        """What the figures are divided by where they are told: people, or km."""
        return 1.0 if self.objective == "people" else 1000.0

    def reachable(self, rules: Rules) -> float:
        """Tell how much more the open candidates cover all together."""
        return self.cover.value(np.flatnonzero(rules.open))

    def out_of_reach(self, result: Coverage, rules: Rules) -> str:
        """Say what no open candidate covers: how much, and where most of it is."""
        here = self.cover.of_row >= 0
        got = np.zeros(len(self.weight), bool)
        times = self.cover.times(np.flatnonzero(rules.open))
        got[here] = times[self.cover.of_row[here]] > 0
        left = np.where(got, 0.0, self.weight)
        gap = pd.Series(left).groupby(result.stretches.gap[self.row]).sum()
        gap = gap[(gap.index > 0) & (gap > 0)].sort_values(ascending=False, kind="stable")
        much = amount(self.objective, float(left.sum()))
        if gap.empty:
            return Phrase("choosing.left", amount=much)
        return Phrase("choosing.left_most", amount=much, gaps=", ".join(map(str, gap.index[:3])))


def amount(objective: str, value: float) -> str:
    """Word people or metres of street."""
    if objective == "people":
        return Phrase("choosing.left_people", value=value)
    return Phrase("choosing.left_street", value=value / 1000)


def check_objective(result: Coverage, objective: str | None) -> str:
    """Choose people where they are given, else street; refuse what is not there.

    Raises
    ------
    InputError
        If there is no such objective, or no people are given.
    """
    if objective is None:
        return "street" if result.heads is None else "people"
    if objective not in OBJECTIVES:
        raise InputError(Phrase("choosing.objective", found=objective, known=", ".join(OBJECTIVES)))
    if objective == "people" and result.heads is None:
        raise InputError(Phrase("choosing.no_people"))
    return objective


def goal_of(result: Coverage, pool: Candidates, objective: str) -> Goal:
    """Walk out from every candidate, and tell what each would cover.

    Parameters
    ----------
    result
        What is covered today.
    pool
        The candidates.
    objective
        One of `OBJECTIVES`.
    """
    last, demand = result.summary["coverage"][-1], uncovered(result)
    street_m = 1000.0 * result.summary["streets"]["street_km"]
    if objective == "cross":
        street = seldom_covered(result)
        need = 2 - result.stretches.depth[:, -1]
        return _of_street(
            result, pool, street, np.ones(len(need)), need, ("cross", last["cross_covered_share"] * street_m, street_m)
        )
    one = np.ones(len(result.stretches), np.int32)
    if objective == "street":
        return _of_street(
            result, pool, demand.street, one.astype(float), one, ("street", 1000.0 * last["street_km"], street_m)
        )
    heads, people = result.heads, result.summary["people"]
    before, whole = last["people"], people["total"] - people["unknown"]
    if heads is None or heads.points is None:
        return _of_street(result, pool, demand.street, demand.people_a_m, one, ("people", before, whole))
    row, candidate = walk_from(result, pool.snaps, None, demand.head).points
    weight = heads.count[demand.head]
    cover = cover_of(row, candidate, weight, len(pool))
    return Goal("people", cover, before, whole, heads.row[demand.head], weight)


def _of_street(
    result: Coverage,
    pool: Candidates,
    street: Intervals,
    worth_a_m: NDArray[np.float64],
    need: NDArray[np.int32],
    what: tuple[str, float, float],
) -> Goal:
    nobody = np.empty(0, np.int64)
    bits = cut_bits(result.network, street, walk_from(result, pool.snaps, street, nobody).own)
    weight = bits.length_m * worth_a_m[bits.row]
    cover = cover_of(*bits.pairs, weight, len(pool), need[bits.row].astype(np.int32))
    objective, before, whole = what
    return Goal(objective, cover, before, whole, bits.row, weight)


def site_category(result: Coverage) -> str:
    """Tell what category sites are of: the one that all used stations share, or none."""
    used = result.stations.loc[result.stations["status"] == "used", "category"].unique()
    return str(used[0]) if len(used) == 1 else ""


def apart(result: Coverage, pool: Candidates) -> Candidates:
    """Keep the candidates that would count in the depth of their own: one of those within 25 m, none at a station."""
    used = result.stations[result.stations["status"] == "used"]
    same = used[used["category"] == site_category(result)]
    at = pool.table.geometry.get_coordinates().to_numpy()
    group = depth_groups(at, np.full(len(pool), "", dtype=object))
    _, first = np.unique(group, return_index=True)
    beside, _ = same.sindex.query(pool.table.geometry.to_numpy(), predicate="dwithin", distance=SAME_STATION_M)
    return pool.take(np.setdiff1d(first, beside))
