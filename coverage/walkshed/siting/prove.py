"""The optimum of maximal coverage, proven: Lagrangean bounds close candidates, HiGHS settles the rest.

The rule "covered only if one of its candidates is chosen" is priced instead of kept (R. D. Galvão, C. ReVelle, A
Lagrangean heuristic for the maximal covering location problem, European Journal of Operational Research 88, 1996): for
any prices the best choice by price bounds the optimum from above, and so does the best that holds one given candidate.
A candidate whose own bound is no better than a choice at hand is closed. Whatever is left, mostly a few dozen, is a
small integer programme (R. Church, C. ReVelle, The maximal covering location problem, Papers of the Regional Science
Association 32, 1974), which HiGHS solves to a gap of 0. Nothing here is heuristic but the order of the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, diags_array, hstack

from walkshed.compiled import Floats, Indices, Longs, array_kernel
from walkshed.siting.cover import Cover, Rules
from walkshed.siting.greedy import choose_greedily, swap

STEPS, PATIENCE = 50, 8
"""Subgradient steps a round, and rounds that may close next to nothing."""

FEW = 40
"""So few open candidates are given to HiGHS at once."""

MOST_PAIRS = 5_000_000
"""More pairs of demand and candidate than this are too many for HiGHS: the bound stands, and is no proof."""

SCALE = 1e6
"""HiGHS stops at an absolute gap of 1e-6: weights are scaled to this in all."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice of candidates, and how good it could be.

    Attributes
    ----------
    chosen
        (n,) the candidates.
    value
        What they cover.
    bound
        No choice covers more.
    proven
        Whether none covers more than this one.
    """

    chosen: NDArray[np.int64]
    value: float
    bound: float
    proven: bool


def choice_of(cover: Cover, chosen: NDArray[np.int64], bound: float) -> Choice:
    """Value a choice, and tell whether its bound proves it."""
    value = cover.value(chosen)
    proven = bound < value + cover.step
    return Choice(chosen, value, value if proven else bound, proven)


def prove(cover: Cover, rules: Rules, start: NDArray[np.int64], bound: float, time_limit_s: float | None) -> Choice:
    """Find the best choice and prove it, as far as the time goes.

    Parameters
    ----------
    cover, rules
        What covers what; the rules must be possible to keep.
    start
        (n,) a good choice that keeps to the rules.
    bound
        An upper bound that is known.
    time_limit_s
        Seconds; None for as long as it takes.

    Returns
    -------
    Choice
        The best found, with the least bound found.
    """
    end = np.inf if time_limit_s is None else perf_counter() + time_limit_s
    best = choice_of(cover, start, bound)
    core, still, best = _close(cover, rules, best, end)
    if best.proven:
        return best
    chosen, over = _by_highs(core, replace(rules, open=still), end)
    if chosen is not None:  # it may be fewer than n, where more cover no more
        best = _better(cover, best, choose_greedily(cover, replace(rules, fixed=chosen)).chosen)
    return choice_of(cover, best.chosen, min(best.bound, max(over, best.value)))


def _close(cover: Cover, rules: Rules, best: Choice, end: float) -> tuple[Cover, NDArray[np.bool_], Choice]:
    """Bound and close by turns, until that is proof, or few are open, or it closes no more."""
    still, core = rules.open.copy(), cover.only(rules.open)
    price = np.where(core.times(best.chosen) >= core.need, 0.0, core.weight / core.need)
    size, stale = 1.0, 0
    while not best.proven and stale < PATIENCE and still.sum() > max(FEW, 2 * rules.n) and perf_counter() < end:
        over, price, worth, size = _priced(
            core.candidate_first, core.demand, core.weight, core.need,
            rules.n - len(rules.fixed), rules.fixed, still, best.value, price, size,
        )  # fmt: skip
        if not rules.zoned:
            best = _better(cover, best, swap(core, rules, _dearest(worth, rules, still)))
        # A choice with a closed candidate is no better than the best, so this bounds all choices.
        best = choice_of(cover, best.chosen, min(best.bound, max(over, best.value)))
        before = int(still.sum())
        still &= ~_hopeless(worth, over, best.value + cover.step, rules, still)
        stale = stale + 1 if still.sum() > 0.98 * before else 0
        core = core.only(still)
        kept = core.of_row >= 0
        price = np.bincount(core.of_row[kept], weights=price[kept], minlength=len(core.weight))
    return core, still, best


def _better(cover: Cover, best: Choice, chosen: NDArray[np.int64]) -> Choice:
    """Take another choice if it covers more."""
    value = cover.value(chosen)
    return replace(best, chosen=chosen, value=value) if value > best.value else best


def _dearest(worth: Floats, rules: Rules, still: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Choose by price alone."""
    pool = np.flatnonzero(still & ~np.isin(np.arange(len(still)), rules.fixed))
    return np.concatenate((rules.fixed, pool[np.argsort(-worth[pool], kind="stable")]))[: rules.n]


def _hopeless(worth: Floats, over: float, least: float, rules: Rules, still: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(k,) the open candidates without which the bound is `over`, and with which it is less than `least`."""
    pool = still.copy()
    pool[rules.fixed] = False
    many = rules.n - len(rules.fixed)
    if pool.sum() <= many or many == 0:
        return np.zeros(len(still), bool)
    last = np.partition(worth[pool], -many)[-many]
    hopeless: NDArray[np.bool_] = pool & (over - last + worth < least)
    return hopeless


@array_kernel
def _priced(
    candidate_first: Longs,
    demand: Indices,
    weight: Floats,
    need: Indices,
    many: int,
    fixed: Longs,
    still: NDArray[np.bool_],
    value: float,
    price: Floats,
    size: float,
) -> tuple[float, Floats, Floats, float]:
    """Better the prices by subgradient steps: the least bound, its prices, what each candidate is worth by them."""
    d, k = len(weight), len(candidate_first) - 1
    least, best_price, best_worth = np.inf, price.copy(), np.zeros(k)
    now, worth, slope = price.copy(), np.zeros(k), np.zeros(d)
    is_fixed = np.zeros(k, np.bool_)
    is_fixed[fixed] = True
    stall = 0
    for _ in range(STEPS):
        over = 0.0
        for a in range(d):
            slope[a] = 0.0
            if weight[a] > need[a] * now[a]:
                over += weight[a] - need[a] * now[a]
                slope[a] = -need[a]
        for j in range(k):
            worth[j] = 0.0
            for p in range(candidate_first[j], candidate_first[j + 1]):
                worth[j] += now[demand[p]]
        order = np.argsort(-worth)
        left = many
        for rank in range(k):
            j = order[rank]
            if not is_fixed[j] and (left == 0 or not still[j]):
                continue
            if not is_fixed[j]:
                left -= 1
            over += worth[j]
            for p in range(candidate_first[j], candidate_first[j + 1]):
                slope[demand[p]] += 1.0
        if over < least:
            least, stall = over, 0
            best_price[:], best_worth[:] = now, worth
        else:
            stall += 1
            if stall == 10:
                stall, size = 0, size / 2
                now[:] = best_price
        length = 0.0
        for a in range(d):
            if (slope[a] > 0 and now[a] <= 0) or (slope[a] < 0 and now[a] >= weight[a] / need[a]):
                slope[a] = 0.0
            length += slope[a] * slope[a]
        if length == 0.0 or least <= value:
            break
        step = size * (over - value) / length
        for a in range(d):
            now[a] = min(weight[a] / need[a], max(0.0, now[a] - step * slope[a]))
    return least, best_price, best_worth, size


def _by_highs(core: Cover, rules: Rules, end: float) -> tuple[NDArray[np.int64] | None, float]:
    """Solve what is left: the choice (None where none was found) and its upper bound (-inf where there is none)."""
    k, d = core.candidates, len(core.weight)
    left_s = end - perf_counter()
    if left_s <= 0 or len(core.candidate) > MOST_PAIRS:
        return None, np.inf
    scale = SCALE / max(float(core.weight.sum()), 1e-300)
    fixed = np.zeros(k)
    fixed[rules.fixed] = 1.0
    found = milp(
        np.concatenate((np.zeros(k), -scale * core.weight)),
        integrality=np.concatenate((np.ones(k), (core.need > 1).astype(float))),
        bounds=Bounds(np.concatenate((fixed, np.zeros(d))), np.concatenate((rules.open.astype(float), np.ones(d)))),
        constraints=list(_constraints(core, rules)),
        options={"mip_rel_gap": 0.0} | ({"time_limit": left_s} if np.isfinite(left_s) else {}),
    )
    if found.status == 2:  # infeasible: nothing open can better the best
        return None, -np.inf
    chosen = None if found.x is None else np.flatnonzero(found.x[:k] > 0.5)
    dual = found.mip_dual_bound
    if found.status == 0 and chosen is not None:
        return chosen, core.value(chosen)
    return chosen, np.inf if dual is None or not np.isfinite(dual) else -float(dual) / scale


def _constraints(core: Cover, rules: Rules) -> Iterator[LinearConstraint]:
    """Say in rows over k candidates and d demands: covered by what is chosen, n in all, the zones."""
    k, d = core.candidates, len(core.weight)
    covers = csr_array((np.ones(len(core.candidate)), core.candidate, core.demand_first), shape=(d, k))
    yield LinearConstraint(hstack([-covers, diags_array(core.need.astype(float))]).tocsc(), -np.inf, 0.0)
    none = np.zeros(d)
    yield LinearConstraint(np.concatenate((np.ones(k), none))[None], 0.0, rules.n)
    zoned = np.flatnonzero(rules.zone >= 0)
    if rules.zoned and len(zoned):
        shape = (len(rules.owed), k + d)
        of_zone = coo_array((np.ones(len(zoned)), (rules.zone[zoned], zoned)), shape=shape).tocsc()
        yield LinearConstraint(of_zone, rules.owed.astype(float), 1.0 if rules.one_a_zone else np.inf)
