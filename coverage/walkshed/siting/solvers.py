"""Where to put n sites, on any matrix of costs: demand by candidates. Exact, or greedy with a bound.

| solver             | asks for                                    | from                                  |
|--------------------|---------------------------------------------|---------------------------------------|
| `maximal_coverage` | the most demand within a cutoff             | R. Church, C. ReVelle 1974            |
| `set_cover`        | the fewest sites that reach all demand      | C. Toregas and others 1971            |
| `p_median`         | the least cost of all demand to its nearest | S. L. Hakimi 1964; ReVelle, Swain 1970 |
| `p_center`         | the least cost of the demand farthest away  | S. L. Hakimi 1964; E. Minieka 1970    |

A cost that is infinite or NaN means that the demand cannot get there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from walkshed.analysis.intervals import add_up
from walkshed.compiled import Floats
from walkshed.errors import InputError
from walkshed.siting.costs import (
    check_method,
    check_time_limit,
    checked_costs,
    checked_count,
    checked_cutoff,
    checked_weights,
    some_rows,
)
from walkshed.siting.cover import Cover, cover_of, free_choice
from walkshed.siting.fewest import fewest_to_cover_all
from walkshed.siting.greedy import choose_greedily, swap
from walkshed.siting.median import exact_median, greedy_median, median_bound
from walkshed.siting.prove import choice_of, prove

Method = Literal["exact", "greedy"]


@dataclass(frozen=True, eq=False)
class Solution:
    """Which candidates to choose.

    Attributes
    ----------
    chosen
        (n,) int64, the columns chosen, ascending.
    objective
        Weight covered, number of sites, weighted cost in all, or the largest cost, as the solver says.
    bound
        What no choice betters: an upper bound of what is covered, a lower bound of what is to be small.
    proven
        Whether the objective is proven to be the optimum; it is then the bound too.

    Examples
    --------
    >>> solution = ws.p_center([[1, 9], [9, 1], [2, 9]], n=2)
    >>> solution.chosen.tolist(), solution.objective, solution.proven
    ([0, 1], 2.0, True)
    >>> solution.gap
    0.0
    """

    chosen: NDArray[np.int64]
    objective: float
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        """How far the bound is from the objective, as a share of the objective."""
        away = abs(self.bound - self.objective)
        return away / abs(self.objective) if self.objective else (float("inf") if away else 0.0)


def maximal_coverage(
    cost: ArrayLike,
    weights: ArrayLike,
    *,
    cutoff: float,
    n: int,
    method: Method = "exact",
    time_limit_s: float | None = None,
) -> Solution:
    """Choose the n candidates that cover the most weight within a cutoff.

    Parameters
    ----------
    cost
        (d, k) of each demand to each candidate, 0 or more; infinite or NaN where it cannot get there.
    weights
        (d,) of each demand, 0 or more.
    cutoff
        Demand with a cost of this or less is covered.
    n
        How many are chosen.
    method
        ``exact``, or ``greedy`` with swaps.
    time_limit_s
        Seconds for the proof; the best found is returned after it, not proven.

    Returns
    -------
    Solution
        Its objective is the weight covered.

    Raises
    ------
    InputError
        If the shapes do not match, a cost or weight is negative, or there are fewer than n candidates.

    Examples
    --------
    >>> maximal_coverage([[1, 9], [9, 1], [2, 9]], [5, 7, 1], cutoff=2, n=1)
    Solution(chosen=array([1]), objective=7.0, bound=7.0, proven=True)
    """
    table = checked_costs(cost)
    rules = free_choice(checked_count(n, table), table.shape[1])
    cover = _within(table, checked_weights(weights, table), checked_cutoff(cutoff))
    check_method(method)
    check_time_limit(time_limit_s)
    steps = choose_greedily(cover, rules)
    chosen, bound = swap(cover, rules, steps.chosen), float(steps.bound[rules.n])
    best = prove(cover, rules, chosen, bound, time_limit_s) if method == "exact" else choice_of(cover, chosen, bound)
    return Solution(np.sort(best.chosen), best.value, best.bound, best.proven)


def set_cover(
    cost: ArrayLike, *, cutoff: float, method: Method = "exact", time_limit_s: float | None = None
) -> Solution:
    """Choose the fewest candidates so that all demand is within a cutoff of one.

    Parameters
    ----------
    cost, cutoff, method, time_limit_s
        As for `maximal_coverage`.

    Returns
    -------
    Solution
        Its objective is the number of candidates.

    Raises
    ------
    InputError
        If no candidate is within the cutoff of some demand, which it names; or as for `maximal_coverage`.

    Examples
    --------
    >>> ws.set_cover([[1, 9, 2], [9, 1, 2], [9, 9, 2]], cutoff=2)
    Solution(chosen=array([2]), objective=1.0, bound=1.0, proven=True)
    """
    table, limit = checked_costs(cost), checked_cutoff(cutoff)
    check_method(method)
    check_time_limit(time_limit_s)
    stay_out = np.flatnonzero(~(table <= limit).any(axis=1))
    if len(stay_out):
        raise InputError(
            f"cutoff: no candidate is within {limit:g} of {len(stay_out)} of {len(table)} rows of demand "
            f"({some_rows(stay_out)}), so {len(table) - len(stay_out)} can be covered at best; "
            "raise the cutoff, add candidates or leave these rows out"
        )
    return _fewest(table, limit, method, time_limit_s)


def p_median(
    cost: ArrayLike, weights: ArrayLike, *, n: int, method: Method = "exact", time_limit_s: float | None = None
) -> Solution:
    """Choose the n candidates with the least cost of all demand to its nearest one.

    Parameters
    ----------
    cost, weights, n, method, time_limit_s
        As for `maximal_coverage`. Demand of weight 0 does not matter.

    Returns
    -------
    Solution
        Its objective is the sum of weight times cost.

    Raises
    ------
    InputError
        If no n candidates reach all demand, or the matrix is too large for the exact method; or as for
        `maximal_coverage`.

    Examples
    --------
    >>> ws.p_median([[1, 9], [9, 1], [2, 9]], [5, 7, 1], n=1)
    Solution(chosen=array([1]), objective=61.0, bound=61.0, proven=True)
    """
    table = checked_costs(cost)
    weight, count = checked_weights(weights, table), checked_count(n, table)
    check_method(method)
    check_time_limit(time_limit_s)
    table, weight = _merged(table[weight > 0], weight[weight > 0])
    if not len(weight):
        return Solution(np.arange(count), 0.0, 0.0, True)
    start = _reaching_all(table, count)
    chosen, objective = greedy_median(table, weight, count, start)
    if method == "exact":
        chosen, objective, bound = exact_median(table, weight, count, chosen, objective, time_limit_s)
    else:
        bound = median_bound(table, weight, count, objective)
    proven = objective - bound <= 1e-9 * objective
    return Solution(np.sort(chosen), objective, objective if proven else bound, proven)


def p_center(cost: ArrayLike, *, n: int, method: Method = "exact", time_limit_s: float | None = None) -> Solution:
    """Choose the n candidates so that the demand farthest from its nearest one is as near as can be.

    The answer is one of the costs, and n candidates reach all demand within it just if a set cover takes no
    more: the least such cost is found by halving.

    Parameters
    ----------
    cost, n, method, time_limit_s
        As for `maximal_coverage`; the time is for each set cover.

    Returns
    -------
    Solution
        Its objective is the largest cost.

    Raises
    ------
    InputError
        If no n candidates reach all demand; or as for `maximal_coverage`.

    Examples
    --------
    >>> ws.p_center([[1, 9], [9, 1], [2, 9]], n=1)
    Solution(chosen=array([0]), objective=9.0, bound=9.0, proven=True)
    """
    table = checked_costs(cost)
    count = checked_count(n, table)
    check_method(method)
    check_time_limit(time_limit_s)
    best = _reaching_all(table, count)
    # No answer is less than what the demand worst off has to its own nearest candidate.
    radii = np.unique(table[np.isfinite(table)])
    radii = radii[radii >= table.min(axis=1).max()]
    low, high, too_small = 0, len(radii) - 1, -1  # this one and those before it are proven to be too small
    while low <= high:
        middle = (low + high) // 2
        cover = _fewest(table, float(radii[middle]), method, time_limit_s, enough=count)
        if len(cover.chosen) <= count:
            best, high = cover.chosen, middle - 1
        else:
            too_small = middle if cover.bound > count else too_small
            low = middle + 1
    chosen = _filled(best, count, table.shape[1])
    objective = float(table[:, chosen].min(axis=1).max())
    bound = float(radii[too_small + 1])
    return Solution(chosen, objective, bound, bound >= objective)


def _fewest(
    table: Floats, limit: float, method: Method, time_limit_s: float | None, enough: int | None = None
) -> Solution:
    cover = _within(table, np.ones(len(table)), limit)
    chosen, bound = fewest_to_cover_all(cover, exact=method == "exact", time_limit_s=time_limit_s, enough=enough)
    return Solution(np.sort(chosen), float(len(chosen)), float(bound), len(chosen) <= bound)


def _reaching_all(table: Floats, count: int) -> NDArray[np.int64]:
    """Find candidates, at most `count`, that all demand can get to; none are needed where every cost is finite."""
    if np.isfinite(table).all():
        return np.empty(0, np.int64)
    lost = np.flatnonzero(~np.isfinite(table).any(axis=1))
    if len(lost):
        raise InputError(
            f"cost: {len(lost)} of {len(table)} rows of demand can get to no candidate ({some_rows(lost)}); "
            "add candidates or leave these rows out"
        )
    most = float(table[np.isfinite(table)].max())
    found = _fewest(table, most, "greedy", None)
    if len(found.chosen) > count:
        found = _fewest(table, most, "exact", None)
    if len(found.chosen) > count:
        raise InputError(
            f"n: no {count} candidates are enough for all demand to get to one; it takes {len(found.chosen)} at least"
        )
    return found.chosen


def _within(table: Floats, weight: Floats, limit: float) -> Cover:
    row, candidate = np.nonzero(table <= limit)
    return cover_of(row, candidate, weight, table.shape[1])


def _merged(table: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Make one of rows with the same costs."""
    rows, of = np.unique(table, axis=0, return_inverse=True)
    return rows, add_up(weight, of.ravel(), len(rows))


def _filled(chosen: NDArray[np.int64], count: int, candidates: int) -> NDArray[np.int64]:
    """Add the lowest candidates not chosen yet, until there are `count`."""
    rest = np.setdiff1d(np.arange(candidates), chosen)
    return np.sort(np.concatenate((chosen, rest[: count - len(chosen)])))
