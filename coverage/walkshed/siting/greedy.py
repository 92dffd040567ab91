"""Maximal coverage step by step: the best candidate next, then swaps; with a bound on what any choice could cover.

Greedy choice covers at least 1 - 1/e of the optimum (G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, An analysis of
approximations for maximizing submodular set functions, Mathematical Programming 14, 1978). The bound told is that of
the same paper, which depends on the data: no n candidates cover more than what is covered already and the n largest
gains over it; the least of this along the way is at most greedy's value over 1 - 1/e, and mostly far less. Swaps are
those of M. B. Teitz, P. Bart, Heuristic methods for estimating the generalized vertex median of a weighted graph,
Operations Research 16, 1968, all evaluated in one sweep.

Demand that takes two candidates gains half for each in the bound, so the bound holds for it too; the 1 - 1/e does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, Longs, array_kernel
from walkshed.siting.cover import Cover, Rules

MOST_SWAPS = 10_000
TIE = 1e-10
"""Of gains that differ by less than this share of all weight the lower candidate is taken."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Candidates in the order in which they were chosen.

    Attributes
    ----------
    chosen
        (n,) the fixed ones first.
    bound
        (n + 1,) what no choice of so many candidates, the fixed ones among them, can cover more than.
    """

    chosen: NDArray[np.int64]
    bound: Floats


def choose_greedily(cover: Cover, rules: Rules) -> Steps:
    """Take the candidate of the highest gain next, as far as the rules allow.

    Parameters
    ----------
    cover, rules
        The rules must be possible to keep.

    Returns
    -------
    Steps
        Fewer than `n` only if the rules leave no other candidate.
    """
    chosen, bound = _grow(
        cover.candidate_first, cover.demand, cover.demand_first, cover.candidate, cover.weight, cover.need,
        rules.n, rules.fixed, rules.open, rules.zone, rules.owed, rules.one_a_zone, TIE * float(cover.weight.sum()),
    )  # fmt: skip
    return Steps(chosen, np.minimum(bound, cover.weight.sum()))


def swap(cover: Cover, rules: Rules, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exchange one chosen candidate for another while that gains, the best exchange first.

    Parameters
    ----------
    cover, rules
        As for `choose_greedily`.
    chosen
        (n,) a choice that keeps to the rules.

    Returns
    -------
    ndarray
        (n,) a choice that no single exchange betters.
    """
    swapped: NDArray[np.int64] = _swap(
        cover.candidate_first, cover.demand, cover.weight, cover.need,
        chosen, np.isin(chosen, rules.fixed), rules.open, rules.zone, rules.owed, rules.one_a_zone,
        TIE * float(cover.weight.sum()),
    )  # fmt: skip
    return swapped


def in_order(cover: Cover, rules: Rules, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put a choice in the order of its gains, the fixed ones first."""
    of_these = np.zeros(cover.candidates, bool)
    of_these[chosen] = True
    free = Rules(len(chosen), rules.fixed, of_these, rules.zone, np.zeros_like(rules.owed))
    return choose_greedily(cover, free).chosen


@array_kernel
def _grow(
    candidate_first: Longs,
    demand: Indices,
    demand_first: Longs,
    candidate: Indices,
    weight: Floats,
    need: Indices,
    n: int,
    fixed: Longs,
    free: NDArray[np.bool_],
    zone: Indices,
    owed: NDArray[np.bool_],
    one_a_zone: bool,
    tie: float,
) -> tuple[Longs, Floats]:
    k = len(candidate_first) - 1
    gain, rise = np.zeros(k), np.zeros(k)  # what it would cover; the same, where half of what takes two counts half
    for j in range(k):
        for p in range(candidate_first[j], candidate_first[j + 1]):
            a = demand[p]
            rise[j] += weight[a] / need[a]
            if need[a] == 1:
                gain[j] += weight[a]
    count = np.zeros(len(weight), np.int32)
    in_zone = np.zeros(len(owed) + 1, np.int64)
    debts = owed.sum()
    taken = np.zeros(k, np.bool_)
    chosen, bound = np.empty(n, np.int64), np.full(n + 1, np.inf)
    risen = 0.0
    for step in range(n + 1):
        if step >= len(fixed):
            left = np.sort(rise[free & ~taken])[::-1]
            most = risen
            for more in range(len(fixed), n + 1):
                bound[more] = min(bound[more], most)
                if more - len(fixed) < len(left):
                    most += left[more - len(fixed)]
        if step == n:
            break
        best = -1
        if step < len(fixed):
            best = fixed[step]
            for other in fixed:
                if not taken[other] and (taken[best] or gain[other] > gain[best] + tie):
                    best = other
        else:
            for j in range(k):
                if taken[j] or not free[j]:
                    continue
                z = zone[j]
                if one_a_zone and z >= 0 and in_zone[z] > 0:
                    continue
                if debts >= n - step and not (z >= 0 and owed[z] and in_zone[z] == 0):
                    continue
                if best < 0 or gain[j] > gain[best] + tie:
                    best = j
        if best < 0:
            return chosen[:step], bound[: step + 1]
        chosen[step], taken[best] = best, True
        z = zone[best]
        if z >= 0:
            if in_zone[z] == 0 and owed[z]:
                debts -= 1
            in_zone[z] += 1
        for p in range(candidate_first[best], candidate_first[best + 1]):
            a = demand[p]
            count[a] += 1
            if count[a] > need[a]:
                continue
            risen += weight[a] / need[a]
            for q in range(demand_first[a], demand_first[a + 1]):
                if count[a] == need[a]:
                    gain[candidate[q]] -= weight[a]
                    rise[candidate[q]] -= weight[a] / need[a]
                elif count[a] == need[a] - 1:
                    gain[candidate[q]] += weight[a]
    return chosen, bound


@array_kernel
def _swap(
    candidate_first: Longs,
    demand: Indices,
    weight: Floats,
    need: Indices,
    start: Longs,
    is_fixed: NDArray[np.bool_],
    free: NDArray[np.bool_],
    zone: Indices,
    owed: NDArray[np.bool_],
    one_a_zone: bool,
    tie: float,
) -> Longs:
    chosen = start.copy()
    n, k, d = len(chosen), len(candidate_first) - 1, len(weight)
    taken = np.zeros(k, np.bool_)
    taken[chosen] = True
    in_zone = np.zeros(len(owed) + 1, np.int64)
    for j in chosen:
        if zone[j] >= 0:
            in_zone[zone[j]] += 1
    for _ in range(MOST_SWAPS):
        count = np.zeros(d, np.int32)
        slot, other_slot = np.zeros(d, np.int32), np.zeros(d, np.int32)  # who covers it, where one or two do
        for s in range(n):
            for p in range(candidate_first[chosen[s]], candidate_first[chosen[s] + 1]):
                a = demand[p]
                other_slot[a], slot[a] = slot[a], s
                count[a] += 1
        loss = np.zeros(n)
        for s in range(n):
            for p in range(candidate_first[chosen[s]], candidate_first[chosen[s] + 1]):
                if count[demand[p]] == need[demand[p]]:
                    loss[s] += weight[demand[p]]
        best, best_in, best_out = tie, -1, -1
        credit = np.zeros(n)
        for j in range(k):
            if taken[j] or not free[j]:
                continue
            credit[:] = 0.0
            gain = 0.0
            for p in range(candidate_first[j], candidate_first[j + 1]):
                a = demand[p]
                short = need[a] - count[a]
                if short == 1:
                    gain += weight[a]
                if count[a] > 0 and (short == 0 or short == 1):
                    # Covered by the one that goes too: it stays as it is.
                    both = weight[a] if short == 0 else -weight[a]
                    credit[slot[a]] += both
                    if count[a] == 2:
                        credit[other_slot[a]] += both
            z = zone[j]
            for s in range(n):
                if is_fixed[s] or gain + credit[s] - loss[s] <= best:
                    continue
                y = zone[chosen[s]]
                if z != y and one_a_zone and z >= 0 and in_zone[z] > 0:
                    continue
                if z != y and y >= 0 and owed[y] and in_zone[y] == 1:
                    continue
                best, best_in, best_out = gain + credit[s] - loss[s], j, s
        if best_in < 0:
            break
        gone = chosen[best_out]
        if zone[gone] >= 0:
            in_zone[zone[gone]] -= 1
        if zone[best_in] >= 0:
            in_zone[zone[best_in]] += 1
        taken[gone], taken[best_in] = False, True
        chosen[best_out] = best_in
    return chosen
