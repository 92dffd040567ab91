"""The solvers: known optima of a real town, and every small instance against trying all choices."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import walkshed as ws
from walkshed.siting.cover import Rules, cover_of, free_choice
from walkshed.siting.fewest import fewest_to_reach
from walkshed.siting.greedy import choose_greedily, swap
from walkshed.siting.prove import prove
from walkshed.siting.solvers import Solution, maximal_coverage, p_center, p_median, set_cover


@pytest.fixture
def san_francisco(real_data):
    """Costs of 205 tracts to 16 stores, the tracts' people, and the optima that other software found."""
    folder = real_data("san_francisco/known_answers.json").parent
    known = json.loads((folder / "known_answers.json").read_text(encoding="utf-8"))
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv", encoding="utf-8")
    people = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv", encoding="utf-8").sort_values("NAME")
    cost = pairs.pivot_table(values="distance", index="DestinationName", columns="name").to_numpy()
    return cost, people["POP2000"].to_numpy(), known


def test_maximal_coverage_of_san_francisco(san_francisco):
    cost, people, known = san_francisco
    found = maximal_coverage(cost, people, cutoff=5000, n=4)
    answer = known["MCLP_radius_5000_p4"]
    assert found.proven
    assert found.objective == found.bound == answer["covered_population"]
    out = (cost[:, found.chosen].min(axis=1) > 5000).sum()
    assert out == answer["uncovered_points"]


def test_set_cover_of_san_francisco(san_francisco):
    cost, _, known = san_francisco
    found = set_cover(cost, cutoff=5000)
    assert found.proven
    assert len(found.chosen) == found.objective == known["LSCP_radius_5000"]["facilities"]
    assert (cost[:, found.chosen].min(axis=1) <= 5000).all()


def test_p_median_of_san_francisco(san_francisco):
    cost, people, known = san_francisco
    found = p_median(cost, people, n=4)
    assert found.proven
    assert found.objective == pytest.approx(known["PMedian_p4"]["objective"], rel=1e-12)
    assert found.objective / people.sum() == pytest.approx(known["PMedian_p4"]["mean_dist_m"])


def test_p_center_of_san_francisco(san_francisco):
    cost, _, known = san_francisco
    found = p_center(cost, n=4)
    assert found.proven
    assert found.objective == pytest.approx(known["PCenter_p4"]["max_distance_m"], abs=1e-6)


def test_greedy_is_near_and_says_how_near(san_francisco):
    cost, people, known = san_francisco
    best = known["MCLP_radius_5000_p4"]["covered_population"]
    found = maximal_coverage(cost, people, cutoff=5000, n=4, method="greedy")
    assert (1 - 1 / np.e) * best <= found.objective <= best <= found.bound
    assert found.bound <= found.objective / (1 - 1 / np.e)


# --- every choice of small instances ---------------------------------------------------------------


@st.composite
def instances(draw, whole=None):
    """A few demands and candidates at random, some pairs unreachable."""
    d, k = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 9, (d, k)).astype(float)
    cost[rng.random((d, k)) < draw(st.sampled_from([0.0, 0.3]))] = rng.choice([np.inf, np.nan])
    weight = rng.integers(0, 5, d).astype(float)
    if not (draw(st.booleans()) if whole is None else whole):
        weight = weight * rng.random()
    return cost, weight, draw(st.integers(1, k))


def every(k: int, n: int):
    return [list(c) for c in combinations(range(k), n)]


def plain(cost):
    return np.where(np.isnan(cost), np.inf, cost)


@settings(deadline=None, max_examples=150)
@given(instances(), st.integers(0, 8))
def test_maximal_coverage_is_the_best_of_all(instance, cutoff):
    cost, weight, n = instance
    best = max(weight[plain(cost)[:, c].min(axis=1) <= cutoff].sum() for c in every(cost.shape[1], n))
    exact = maximal_coverage(cost, weight, cutoff=cutoff, n=n)
    quick = maximal_coverage(cost, weight, cutoff=cutoff, n=n, method="greedy")
    assert exact.objective == pytest.approx(best)
    assert exact.proven
    assert exact.bound == exact.objective
    for found in (exact, quick):
        assert len(set(found.chosen.tolist())) == n
        assert found.objective == pytest.approx(weight[plain(cost)[:, found.chosen].min(axis=1) <= cutoff].sum())
        assert found.objective <= best + 1e-9 <= found.bound + 2e-9


@settings(deadline=None, max_examples=100)
@given(instances(), st.integers(0, 8))
def test_set_cover_is_the_smallest_of_all(instance, cutoff):
    cost, _, _ = instance
    cost = plain(cost)
    if not (cost <= cutoff).any(axis=1).all():
        with pytest.raises(ws.InputError, match="no candidate is within"):
            set_cover(cost, cutoff=cutoff)
        return
    k = cost.shape[1]
    least = next(n for n in range(1, k + 1) if any((cost[:, c].min(axis=1) <= cutoff).all() for c in every(k, n)))
    exact, quick = set_cover(cost, cutoff=cutoff), set_cover(cost, cutoff=cutoff, method="greedy")
    assert exact.objective == exact.bound == least
    assert exact.proven
    for found in (exact, quick):
        assert (cost[:, found.chosen].min(axis=1) <= cutoff).all()
        assert found.bound <= least <= found.objective == len(found.chosen)


@settings(deadline=None, max_examples=100)
@given(instances())
def test_p_median_is_the_least_of_all(instance):
    cost, weight, n = instance
    cost = plain(cost)
    counts = weight > 0
    totals = [(weight[counts] * cost[counts][:, c].min(axis=1)).sum() for c in every(cost.shape[1], n)]
    if not np.isfinite(min(totals)):
        with pytest.raises(ws.InputError, match=r"can get to|enough for all"):
            p_median(cost, weight, n=n)
        return
    exact, quick = p_median(cost, weight, n=n), p_median(cost, weight, n=n, method="greedy")
    assert exact.objective == pytest.approx(min(totals))
    assert exact.proven
    for found in (exact, quick):
        own = (weight[counts] * cost[counts][:, found.chosen].min(axis=1)).sum()
        assert found.objective == pytest.approx(own)
        assert len(set(found.chosen.tolist())) == n
        assert found.bound <= min(totals) + 1e-6 <= found.objective + 2e-6


@settings(deadline=None, max_examples=100)
@given(instances())
def test_p_center_is_the_least_of_all(instance):
    cost, _, n = instance
    cost = plain(cost)
    least = min(cost[:, c].min(axis=1).max() for c in every(cost.shape[1], n))
    if not np.isfinite(least):
        with pytest.raises(ws.InputError, match=r"can get to|enough for all"):
            p_center(cost, n=n)
        return
    exact, quick = p_center(cost, n=n), p_center(cost, n=n, method="greedy")
    assert exact.objective == exact.bound == least
    assert exact.proven
    for found in (exact, quick):
        assert found.objective == cost[:, found.chosen].min(axis=1).max()
        assert len(set(found.chosen.tolist())) == n
        assert found.bound <= least <= found.objective


@st.composite
def ruled(draw):
    """A cover, some of whose demand takes two candidates, and rules that can be kept."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d, k, z = draw(st.integers(1, 8)), draw(st.integers(2, 7)), draw(st.integers(1, 3))
    near = rng.random((d, k)) < 0.45
    need = rng.integers(1, 3, d).astype(np.int32) if draw(st.booleans()) else np.ones(d, np.int32)
    weight = rng.integers(1, 9, d) * draw(st.sampled_from([1.0, 0.37]))
    free = rng.random(k) < 0.85
    zone = rng.integers(-1, z, k).astype(np.int32)
    fixed = np.flatnonzero(free & (rng.random(k) < 0.15))
    owed = np.zeros(z, bool)
    owed[: draw(st.integers(0, z))] = True
    rules = Rules(draw(st.integers(1, k)), fixed, free, zone, owed, draw(st.booleans()))
    return near, weight, need, rules


def allowed(rules: Rules):
    """List every choice that keeps to the rules."""
    for c in every(len(rules.open), rules.n):
        zones = [z for z in rules.zone[c] if z >= 0]
        if (
            rules.open[c].all()
            and set(rules.fixed) <= set(c)
            and set(np.flatnonzero(rules.owed)) <= set(zones)
            and not (rules.one_a_zone and len(zones) > len(set(zones)))
        ):
            yield c


@settings(deadline=None, max_examples=300)
@given(ruled())
def test_choices_keep_to_the_rules_and_are_the_best_of_all(case):
    near, weight, need, rules = case
    choices = list(allowed(rules))
    if not choices:
        return
    cover = cover_of(*np.nonzero(near), weight, near.shape[1], need)
    worth = [weight[near[:, c].sum(axis=1) >= need].sum() for c in choices]
    steps = choose_greedily(cover, rules)
    swapped = swap(cover, rules, steps.chosen)
    best = prove(cover, rules, swapped, float(steps.bound[-1]), None)
    for found in (steps.chosen, swapped, best.chosen):
        assert sorted(found.tolist()) in choices
        assert cover.value(found) == pytest.approx(weight[near[:, found].sum(axis=1) >= need].sum())
    assert cover.value(steps.chosen) <= cover.value(swapped) + 1e-9
    assert best.value == pytest.approx(max(worth))
    assert best.proven
    assert steps.bound[-1] >= max(worth) - 1e-9


@settings(deadline=None, max_examples=100)
@given(ruled(), st.floats(0.05, 1.0))
def test_the_fewest_that_reach_a_share(case, share):
    near, weight, _, rules = case
    rules = replace(rules, n=int(rules.open.sum()), owed=np.zeros(0, bool), one_a_zone=False)
    rules = replace(rules, zone=np.full(len(rules.open), -1, np.int32))
    if not rules.n:
        return
    cover = cover_of(*np.nonzero(near), weight, near.shape[1])
    target = share * cover.value(np.flatnonzero(rules.open))

    def reaches(c):
        return weight[near[:, c].any(axis=1)].sum() >= target - 1e-9

    sizes = range(max(1, len(rules.fixed)), rules.n + 1)
    least = next(n for n in sizes if any(reaches(c) for c in allowed(replace(rules, n=n))))
    for exact in (True, False):
        chosen, bound = fewest_to_reach(cover, rules, target, exact=exact)
        assert bound <= max(least, len(rules.fixed)) <= max(len(chosen), 1)
        assert not len(chosen) or reaches(chosen)
        assert set(rules.fixed) <= set(chosen)
        if exact and target > 0:
            assert len(chosen) == least == bound


def test_larger_instances_are_proven_by_closing_candidates():
    """The optimum as HiGHS alone finds it, whole weights and broken ones."""
    rng = np.random.default_rng(5)
    demand, sites = rng.uniform(0, 100, (600, 2)), rng.uniform(0, 100, (120, 2))
    cost = np.hypot(*(demand[:, None] - sites[None]).T).T
    for weight in (rng.integers(1, 50, 600).astype(float), rng.random(600)):
        found = maximal_coverage(cost, weight, cutoff=11.0, n=6)
        alone = _by_highs_alone(cost <= 11.0, weight, 6)
        assert found.proven
        assert found.objective == pytest.approx(alone, rel=1e-9)


def _by_highs_alone(near, weight, n):
    from scipy.optimize import Bounds, LinearConstraint, milp

    d, k = near.shape
    links = np.hstack([-near.astype(float), np.eye(d)])
    found = milp(
        np.concatenate((np.zeros(k), -weight)),
        integrality=np.concatenate((np.ones(k), np.zeros(d))),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(links, -np.inf, 0),
            LinearConstraint(np.concatenate((np.ones(k), np.zeros(d)))[None], n, n),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return -found.fun


def test_a_proof_cut_short_says_so():
    rng = np.random.default_rng(8)
    demand, sites = rng.uniform(0, 100, (3000, 2)), rng.uniform(0, 100, (300, 2))
    cost = np.hypot(*(demand[:, None] - sites[None]).T).T
    found = maximal_coverage(cost, np.ones(3000), cutoff=15.0, n=8, time_limit_s=0.0)
    assert not found.proven
    assert found.bound > found.objective
    assert found.gap == pytest.approx(found.bound / found.objective - 1)


# --- input that cannot be used ---------------------------------------------------------------------

COST = [[1.0, 5.0], [5.0, 1.0], [np.inf, 9.0]]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: maximal_coverage(COST, [1, 1, 1], cutoff=2, n=3), "3 are asked for, and there are 2 candidates"),
        (lambda: maximal_coverage(COST, [1, 1, 1], cutoff=2, n=0), "whole number of 1 or more; found 0"),
        (lambda: maximal_coverage(COST, [1, 1, 1], cutoff=2, n=1.5), "whole number of 1 or more; found 1.5"),
        (lambda: maximal_coverage(COST, [1, 1], cutoff=2, n=1), r"one for each of the 3 rows of cost; found shape \(2,\)"),
        (lambda: maximal_coverage(COST, [1, -1, 1], cutoff=2, n=1), "0 or more; found -1 in row 1"),
        (lambda: maximal_coverage(COST, [1, np.nan, 1], cutoff=2, n=1), "0 or more; found nan in row 1"),
        (lambda: maximal_coverage([[1, -2]], [1], cutoff=2, n=1), "found -2 in row 0, column 1"),
        (lambda: maximal_coverage([1, 2], [1], cutoff=2, n=1), r"matrix of demand by candidates.*found shape \(2,\)"),
        (lambda: maximal_coverage([["far"]], [1], cutoff=2, n=1), "cost: must be numbers"),
        (lambda: maximal_coverage(COST, [1, 1, 1], cutoff=-1, n=1), "cutoff: must be a number of 0 or more"),
        (lambda: maximal_coverage(COST, [1, 1, 1], cutoff=2, n=1, method="fast"), "found 'fast'; choose exact or greedy"),
        (lambda: set_cover(COST, cutoff=2), r"within 2 of 1 of 3 rows of demand \(row 2\), so 2 can be covered at best"),
        (lambda: p_median([[np.inf, np.nan]], [1], n=1), r"1 of 1 rows of demand can get to no candidate \(row 0\)"),
        (lambda: p_median([[1, np.inf], [np.inf, 1]], [1, 1], n=1), "it takes 2 at least"),
        (lambda: p_center([[1, np.inf], [np.inf, 1]], n=1), "it takes 2 at least"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(call, says):
    with pytest.raises(ws.InputError, match=says):
        call()


def test_a_solution_is_frozen_and_exported():
    found = ws.set_cover([[1, 9], [9, 1]], cutoff=2)
    assert isinstance(found, ws.Solution)
    assert found.chosen.tolist() == [0, 1]
    with pytest.raises(AttributeError):
        found.proven = False


def test_demand_that_nobody_counts_costs_nothing():
    assert p_median([[3.0, np.inf]], [0.0], n=1).objective == 0.0


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(3)
    cost, weight = rng.integers(0, 20, (40, 12)).astype(float), rng.integers(1, 9, 40).astype(float)
    turn = rng.permutation(40)
    one, other = (maximal_coverage(cost[i], weight[i], cutoff=3, n=4) for i in (np.arange(40), turn))
    assert one.chosen.tolist() == other.chosen.tolist()
    assert one.objective == other.objective


def test_equal_candidates_go_to_the_lower_one():
    found = maximal_coverage([[1, 1, 1]], [7.0], cutoff=1, n=1, method="greedy")
    assert found.chosen.tolist() == [0]
    assert isinstance(found, Solution)
    assert free_choice(1, 3).zone.tolist() == [-1, -1, -1]
