"""The p-median: the least cost of all demand to its nearest of n chosen candidates.

Greedy choice and exchange (Teitz and Bart 1968), all exchanges valued in one sweep (M. G. C. Resende, R. F. Werneck, A
fast swap-based local search procedure for location problems, Annals of Operations Research 150, 2007); a Lagrangean
bound (G. Cornuéjols, M. L. Fisher, G. L. Nemhauser, Location of bank accounts to optimize float, Management Science 23,
1977); the optimum by HiGHS (C. ReVelle, R. Swain, Central facilities location, Geographical Analysis 2, 1970).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from walkshed.compiled import Floats, Longs, array_kernel
from walkshed.errors import InputError

MOST_PAIRS = 2_000_000
"""More pairs of demand and candidate than this are too many for HiGHS."""

BOUND_WORK = 200_000_000
MOST_SWAPS = 10_000


def greedy_median(cost: Floats, weight: Floats, n: int, start: NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
    """Choose greedily, then exchange.

    Parameters
    ----------
    cost, weight
        (d, k) 0 or more, infinite where unreachable; (d,) more than 0.
    n
        How many are chosen.
    start
        Candidates to start from: all demand must reach one, where not every cost is finite.

    Returns
    -------
    chosen, objective
    """
    reached = np.isfinite(cost)
    most = float(cost[reached].max(initial=0.0))
    # So dear that no exchange leaves anybody unserved.
    barred = 1.0 + (most * float(weight.sum()) + 1.0) / float(weight.min())
    chosen = _choose(np.where(reached, cost, barred), weight, n, start)
    return chosen, _objective(cost, weight, chosen)


def _objective(cost: Floats, weight: Floats, chosen: NDArray[np.int64]) -> float:
    return float((weight * cost[:, chosen].min(axis=1)).sum())


def median_bound(cost: Floats, weight: Floats, n: int, objective: float) -> float:
    """Bound the objective from below: each demand pays a price once, each candidate earns what is over its cost.

    Parameters
    ----------
    cost, weight, n, objective
        As for and from `greedy_median`.
    """
    reached = np.isfinite(cost)
    own = np.where(reached, weight[:, None] * np.where(reached, cost, 0.0), np.inf)
    two = np.sort(own, axis=1)[:, :2]
    price = np.where(np.isfinite(two[:, -1]), two[:, -1], two[:, 0])
    best, size, stall = -np.inf, 1.0, 0
    for _ in range(int(np.clip(BOUND_WORK / own.size, 3, 400))):
        earned = np.minimum(0.0, own - price[:, None])
        worth = earned.sum(axis=0)
        open_ = np.argpartition(worth, n - 1)[:n]
        bound = float(price.sum() + worth[open_].sum())
        stall = 0 if bound > best else stall + 1
        best = max(best, bound)
        slope = 1.0 - (earned[:, open_] < 0).sum(axis=1)
        length = float((slope**2).sum())
        if length == 0.0 or objective - best <= 1e-9 * objective:
            break
        if stall == 5:
            size, stall = size / 2, 0
        price = price + size * (objective - bound) / length * slope
    return min(best, objective)


def exact_median(
    cost: Floats, weight: Floats, n: int, chosen: NDArray[np.int64], objective: float, time_limit_s: float | None
) -> tuple[NDArray[np.int64], float, float]:
    """Find the optimum by HiGHS.

    Parameters
    ----------
    cost, weight, n, chosen, objective
        As for and from `greedy_median`.
    time_limit_s
        Seconds; None for as long as it takes.

    Returns
    -------
    chosen, objective, bound
        The better of what was given and what was found.

    Raises
    ------
    InputError
        If there are more than `MOST_PAIRS` pairs.
    """
    bound = median_bound(cost, weight, n, objective)
    if objective - bound <= 1e-9 * objective:
        return chosen, objective, bound
    row, column = np.nonzero(np.isfinite(cost))
    if len(row) > MOST_PAIRS:
        raise InputError(
            f"cost: {len(row)} pairs of demand and candidate are too many to prove an optimum (at most {MOST_PAIRS}); "
            "use method='greedy', which tells its bound, or leave pairs out that are too far apart (as infinite)"
        )
    (d, k), pairs = cost.shape, len(row)
    scale = 1e6 / max(objective, 1e-300)
    pair = np.arange(pairs)
    ones = np.ones(pairs)
    goes_somewhere = coo_array((ones, (row, k + pair)), shape=(d, k + pairs)).tocsc()
    only_to_chosen = coo_array(
        (np.concatenate((ones, -ones)), (np.tile(pair, 2), np.concatenate((k + pair, column)))),
        shape=(pairs, k + pairs),
    ).tocsc()
    found = milp(
        np.concatenate((np.zeros(k), scale * weight[row] * cost[row, column])),
        integrality=np.concatenate((np.ones(k), np.zeros(pairs))),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(goes_somewhere, 1.0, 1.0),
            LinearConstraint(only_to_chosen, -np.inf, 0.0),
            LinearConstraint(np.concatenate((np.ones(k), np.zeros(pairs)))[None], n, n),
        ],
        options={"mip_rel_gap": 0.0} | ({} if time_limit_s is None else {"time_limit": time_limit_s}),
    )
    if found.x is not None:
        other = np.flatnonzero(found.x[:k] > 0.5)
        value = _objective(cost, weight, other)
        chosen, objective = (other, value) if value < objective else (chosen, objective)
    if found.status == 0:
        return chosen, objective, objective
    dual = found.mip_dual_bound
    told = -np.inf if dual is None or not np.isfinite(dual) else float(dual) / scale
    return chosen, objective, min(objective, max(bound, told))


@array_kernel
def _choose(cost: Floats, weight: Floats, n: int, start: Longs) -> Longs:
    d, k = cost.shape
    chosen = np.empty(n, np.int64)
    taken = np.zeros(k, np.bool_)
    near = np.full(d, np.inf)
    for step in range(n):
        best = -1
        if step < len(start):
            best = start[step]
        else:
            saved = np.zeros(k)
            for a in range(d):
                for j in range(k):
                    if step == 0:
                        saved[j] -= weight[a] * cost[a, j]
                    elif cost[a, j] < near[a]:
                        saved[j] += weight[a] * (near[a] - cost[a, j])
            for j in range(k):
                if not taken[j] and (best < 0 or saved[j] > saved[best]):
                    best = j
        chosen[step], taken[best] = best, True
        for a in range(d):
            near[a] = min(near[a], cost[a, best])
    first, second, slot = np.empty(d), np.empty(d), np.empty(d, np.int64)
    last, out, gone = np.inf, -1, -1
    for _ in range(MOST_SWAPS):
        total = 0.0
        for a in range(d):
            first[a], second[a], slot[a] = np.inf, np.inf, -1
            for s in range(n):
                c = cost[a, chosen[s]]
                if c < first[a]:
                    second[a], first[a], slot[a] = first[a], c, s
                elif c < second[a]:
                    second[a] = c
            total += weight[a] * first[a]
        if not total < last * (1 - 1e-12):
            if total > last:  # rounding alone: put it back
                chosen[out] = gone
            break
        last = total
        # What an exchange saves: what the new one saves, less what the old one saved, but for what is saved anyway.
        gain, loss, both = np.zeros(k), np.zeros(n), np.zeros((k, n))
        for a in range(d):
            if n > 1:
                loss[slot[a]] += weight[a] * (second[a] - first[a])
            else:
                loss[0] -= weight[a] * first[a]
            for j in range(k):
                c = cost[a, j]
                if n == 1:
                    gain[j] -= weight[a] * c
                    continue
                if c < first[a]:
                    gain[j] += weight[a] * (first[a] - c)
                if c < second[a]:
                    both[j, slot[a]] += weight[a] * (second[a] - max(c, first[a]))
        most, into, out = 0.0, -1, -1
        for j in range(k):
            if taken[j]:
                continue
            for s in range(n):
                saved_m = gain[j] - loss[s] + both[j, s]
                if saved_m > most:
                    most, into, out = saved_m, j, s
        if into < 0:
            break
        gone = chosen[out]
        taken[gone], taken[into] = False, True
        chosen[out] = into
    return chosen
