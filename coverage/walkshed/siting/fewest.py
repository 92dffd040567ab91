"""The fewest candidates that cover all demand, or a share of it: set cover.

Greedy choice, with what became superfluous taken out. Its lower bound comes from the prices that it pays: each demand
costs one over the number covered with it, and prices scaled so that no candidate's demand costs more than 1 are
feasible in the dual (V. Chvátal, A greedy heuristic for the set-covering problem, Mathematics of Operations Research 4,
1979).
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, diags_array, hstack

from walkshed.compiled import Floats
from walkshed.siting.cover import Cover, Rules, free_choice
from walkshed.siting.greedy import Steps, choose_greedily, swap


def fewest_to_cover_all(
    cover: Cover, *, exact: bool, time_limit_s: float | None = None, enough: int | None = None
) -> tuple[NDArray[np.int64], int]:
    """Choose the fewest candidates that cover all demand of a cover.

    Parameters
    ----------
    cover
        All its demand takes one candidate.
    exact
        Whether HiGHS is asked for the optimum.
    time_limit_s
        Seconds for that.
    enough
        So many would do: the optimum is not looked for where they are found, or proven to be too few.

    Returns
    -------
    chosen, bound
        The candidates, and how many it takes at least.
    """
    k = cover.candidates
    even = replace(cover, weight=np.ones(len(cover.weight)))
    chosen = _needed(even, choose_until(even, free_choice(k, k), float(len(even.weight))).chosen)
    bound = _by_prices(even, chosen)
    settled = len(chosen) <= bound or (enough is not None and (len(chosen) <= enough or bound > enough))
    if settled or not exact:
        return chosen, bound
    found = milp(
        np.ones(k),
        integrality=1,
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(_covers(even), 1.0, np.inf)],
        options={} if time_limit_s is None else {"time_limit": time_limit_s},
    )
    if found.x is not None and (found.x > 0.5).sum() < len(chosen):
        chosen = np.flatnonzero(found.x > 0.5)
    return chosen, _least(found, bound, len(chosen))


def choose_until(cover: Cover, rules: Rules, target: float) -> Steps:
    """Choose greedily until `target` is covered; all that the rules allow where it cannot be."""
    tried = min(64, rules.n)
    while True:
        steps = choose_greedily(cover, replace(rules, n=tried))
        reached = np.cumsum(_gains(cover, steps.chosen)) >= target - 1e-9 * abs(target)
        if reached.any() or tried >= rules.n or len(steps.chosen) < tried:
            last = max(int(np.argmax(reached)) + 1 if reached.any() else len(steps.chosen), len(rules.fixed))
            return Steps(steps.chosen[:last], steps.bound)
        tried = min(2 * tried, rules.n)


def fewest_to_reach(
    cover: Cover, rules: Rules, target: float, *, exact: bool, time_limit_s: float | None = None
) -> tuple[NDArray[np.int64], int]:
    """Choose the fewest candidates that cover weight of `target`, which all of them together can.

    Parameters
    ----------
    cover
        All its demand takes one candidate.
    rules
        Fixed and open candidates; `n` is the most that may be chosen. Zones do not matter here.
    target
        Weight to cover.
    exact, time_limit_s
        As for `fewest_to_cover_all`.

    Returns
    -------
    chosen, bound
        The candidates in the order of their gains, the fixed ones first, and how many it takes at least.
    """
    slack = 1e-9 * max(target, 1.0)
    steps = choose_until(cover, rules, target)
    chosen = _fewer(cover, rules, _needed(cover, steps.chosen, target - slack, rules.fixed), target - slack)
    enough = np.flatnonzero(steps.bound >= target - slack)
    bound = min(max(int(enough[0]) if len(enough) else len(steps.bound), len(rules.fixed)), len(chosen))
    if bound >= len(chosen) or not exact:
        return chosen, bound
    k, d = cover.candidates, len(cover.weight)
    begun, fixed, total = perf_counter(), np.zeros(k), float(cover.weight.sum())
    fixed[rules.fixed] = 1.0
    links = hstack([-_covers(cover), diags_array(np.ones(d))]).tocsc()
    worth = np.concatenate((np.zeros(k), cover.weight / total))[None]
    count = np.concatenate((np.ones(k), np.zeros(d)))
    found = milp(
        count,
        integrality=np.concatenate((np.ones(k), np.zeros(d))),
        bounds=Bounds(np.concatenate((fixed, np.zeros(d))), np.concatenate((rules.open.astype(float), np.ones(d)))),
        constraints=[
            LinearConstraint(links, -np.inf, 0.0),
            LinearConstraint(worth, (target - slack) / total, np.inf),
            LinearConstraint(count[None], bound, len(chosen)),
        ],
        options={} if time_limit_s is None else {"time_limit": max(1e-3, time_limit_s - (perf_counter() - begun))},
    )
    if found.x is not None:
        other = np.flatnonzero(found.x[:k] > 0.5)
        if len(other) < len(chosen) and cover.value(other) >= target - 2 * slack:
            chosen = other
    return chosen, _least(found, bound, len(chosen))


def _fewer(cover: Cover, rules: Rules, chosen: NDArray[np.int64], target: float) -> NDArray[np.int64]:
    """Try one less, with swaps, as long as that reaches the target."""
    while len(chosen) > max(1, len(rules.fixed)):
        fewer = replace(rules, n=len(chosen) - 1)
        found = swap(cover, fewer, choose_greedily(cover, fewer).chosen)
        if cover.value(found) < target:
            break
        chosen = found
    return chosen


def _least(found: object, bound: int, count: int) -> int:
    """Read how many it takes at least: a whole number, and none is more than what was found."""
    dual = getattr(found, "mip_dual_bound", None)
    proven = count if getattr(found, "status", None) == 0 else 0
    told = 0 if dual is None or not np.isfinite(dual) else int(np.ceil(dual - 1e-6))
    return min(count, max(bound, proven, told))


def _covers(cover: Cover) -> csr_array:
    return csr_array(
        (np.ones(len(cover.candidate)), cover.candidate, cover.demand_first),
        shape=(len(cover.weight), cover.candidates),
    )


def _gains(cover: Cover, chosen: NDArray[np.int64]) -> Floats:
    """(n,) what each covers that none before it does."""
    seen, gains = np.zeros(len(cover.weight), bool), np.zeros(len(chosen))
    for i, j in enumerate(chosen):
        own = cover.demand[cover.candidate_first[j] : cover.candidate_first[j + 1]]
        gains[i] = cover.weight[own[~seen[own]]].sum()
        seen[own] = True
    return gains


def _needed(
    cover: Cover, chosen: NDArray[np.int64], target: float | None = None, fixed: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Take out those without which the target is reached too, the last first."""
    kept, times = chosen.tolist(), cover.times(chosen)
    spare = 0.5 if target is None else cover.weight[times > 0].sum() - target
    for j in reversed(chosen.tolist()):
        own = cover.demand[cover.candidate_first[j] : cover.candidate_first[j + 1]]
        lost = float(cover.weight[own[times[own] == 1]].sum())
        if lost <= spare and (fixed is None or j not in fixed):
            kept.remove(j)
            times[own] -= 1
            spare -= lost
    return np.array(kept, dtype=np.int64)


def _by_prices(cover: Cover, chosen: NDArray[np.int64]) -> int:
    """Bound the number from below by scaled prices."""
    price, seen = np.zeros(len(cover.weight)), np.zeros(len(cover.weight), bool)
    for j in chosen:
        own = cover.demand[cover.candidate_first[j] : cover.candidate_first[j + 1]]
        fresh = own[~seen[own]]
        price[fresh], seen[fresh] = 1.0 / max(len(fresh), 1), True
    owner = np.repeat(np.arange(cover.candidates), np.diff(cover.candidate_first))
    dearest = np.bincount(owner, weights=price[cover.demand], minlength=cover.candidates).max(initial=0.0)
    return int(np.ceil(price.sum() / dearest - 1e-9)) if dearest > 0 else 0
