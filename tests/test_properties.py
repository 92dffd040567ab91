"""What holds on any network: random junctions, streets with bends, loops and parallels, stations anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import brute
from toys import ORIGIN, at, bent, boxes
from walkshed.analysis.areas import covered_area, service_areas
from walkshed.analysis.canvas import buffered
from walkshed.analysis.depth import covered_by
from walkshed.analysis.gaps import covered_street, plan_gaps, uncovered_street
from walkshed.analysis.intervals import whole_edges
from walkshed.analysis.stretches import cut_streets
from walkshed.analysis.study import analyze
from walkshed.network.streets import Streets
from walkshed.reach.reach import Reach, walk_out
from walkshed.reach.snap import Snapper, Snaps
from walkshed.reach.walk import Walk

few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # the towns are small: shrinking them takes minutes and gains little
    suppress_health_check=[HealthCheck.too_slow],
)
some = settings(few, max_examples=60)

PLACE = st.tuples(st.integers(0, 1500), st.integers(0, 1500))


@dataclass(frozen=True)
class Town:
    """A network, and where stations are put."""

    streets: Streets
    places: list[tuple[int, int]]

    def snaps(self, count: int | None = None) -> Snaps:
        """Put the first `count` stations on the streets, however far that is."""
        xy = ORIGIN + np.array(self.places[:count], dtype=float)
        return Snapper(self.streets).snap(xy, 5000.0)

    def reach(self, budget_m: float, count: int | None = None) -> Reach:
        return walk_out(self.streets, self.snaps(count), budget_m)

    def stands(self) -> list[brute.Stand]:
        s = self.snaps()
        return [*zip(s.edge.tolist(), s.at_m.tolist(), s.leg_m.tolist(), strict=True)]


@st.composite
def towns(draw, most_stations=4):
    """Up to eight junctions, some close together, some pieces apart; stations also twice on one place."""
    nodes = draw(st.lists(PLACE, min_size=2, max_size=8, unique=True))
    number = st.integers(0, len(nodes) - 1)
    edge = st.tuples(number, number, st.lists(PLACE, max_size=2))
    edges = draw(st.lists(edge, min_size=1, max_size=12))
    # A street has some length: a loop must go somewhere.
    edges = [(u, v, bends if u != v or any(b != nodes[u] for b in bends) else [(1600, 1600)]) for u, v, bends in edges]
    places = draw(st.lists(PLACE, min_size=1, max_size=most_stations))
    if draw(st.booleans()):
        places.append(places[0])
    return Town(bent(*edges, nodes=nodes), places)


BUDGET = st.integers(20, 2500).map(float)


def covered_m(reach: Reach, budget_m: float) -> float:
    from_u, from_v = reach.field.reach_m(budget_m)
    return float(np.minimum(reach.graph.length_m, from_u + from_v).sum())


def own_m(reach: Reach, budget_m: float) -> np.ndarray:
    count = len(reach.leg_m)
    own = covered_by(reach.pieces, budget_m, np.arange(count, dtype=np.int32))
    return np.bincount(own.of, weights=own.length_m, minlength=count)


@few
@given(towns(), st.sampled_from([3.0, 7.0, 25.0]))
def test_the_field_agrees_with_networkx_on_a_network_cut_every_few_metres(town, step_m):
    reach = town.reach(1.0)
    graph = brute.cut_graph(town.streets, town.stands(), max(step_m, town.streets.edge_length_m.sum() / 2000))
    cost = brute.costs(graph, town.streets, town.stands())
    inner = [n for n in graph if isinstance(n, tuple)]
    edge, at_m = np.array([e for e, _ in inner], dtype=np.int32), np.array([m for _, m in inner])
    found = reach.field.at(reach.field.part_of(edge, at_m), at_m)[0] if inner else np.empty(0)
    assert found == pytest.approx(np.array([cost.get(n, np.inf) for n in inner]), abs=1e-6)
    ends = reach.field.node_cost[: town.streets.node_count]
    assert ends == pytest.approx(np.array([cost.get(n, np.inf) for n in range(len(ends))]), abs=1e-6)


@some
@given(towns(), BUDGET)
def test_street_agrees_with_brute_force_together_and_one_by_one(town, budget_m):
    reach = town.reach(budget_m)
    stands = town.stands()
    assert covered_m(reach, budget_m) == pytest.approx(brute.total(brute.covered(town.streets, stands, budget_m)))
    each = [brute.total(brute.covered(town.streets, [s], budget_m)) for s in stands]
    assert own_m(reach, budget_m) == pytest.approx(np.array(each), abs=1e-6)


@few
@given(towns(), BUDGET, BUDGET)
def test_directions_may_differ_in_cost(town, budget_m, seed):
    """Slopes: the field against networkx with arcs of two costs."""
    rng = np.random.default_rng(int(seed))
    streets = town.streets
    slow = rng.uniform(0.5, 3, (2, len(streets))) * streets.edge_length_m
    town = Town(replace(streets, cost_uv=slow[0], cost_vu=slow[1]), town.places)
    reach = town.reach(budget_m)
    graph = brute.cut_graph(town.streets, town.stands())
    cost = brute.costs(graph, town.streets, town.stands())
    ends = reach.field.node_cost[: streets.node_count]
    assert ends == pytest.approx(np.array([cost.get(n, np.inf) for n in range(len(ends))]), abs=1e-6)
    together = covered_by(reach.pieces, budget_m, np.zeros(len(reach.leg_m), dtype=np.int32))
    assert together.length_m.sum() == pytest.approx(covered_m(reach, budget_m), abs=1e-5)


@some
@given(towns(), BUDGET, BUDGET)
def test_a_longer_cutoff_never_loses_street(town, a, b):
    reach = town.reach(max(a, b))
    assert covered_m(reach, min(a, b)) <= covered_m(reach, max(a, b)) + 1e-6
    assert (own_m(reach, min(a, b)) <= own_m(reach, max(a, b)) + 1e-6).all()
    assert own_m(reach, min(a, b)) == pytest.approx(own_m(town.reach(min(a, b)), min(a, b)), abs=1e-6)


@some
@given(towns(), BUDGET)
def test_one_more_station_never_loses_street_and_takes_nothing_from_others(town, budget_m):
    fewer, all_of_them = town.reach(budget_m, len(town.places) - 1 or 1), town.reach(budget_m)
    assert covered_m(fewer, budget_m) <= covered_m(all_of_them, budget_m) + 1e-6
    own = own_m(all_of_them, budget_m)
    assert own_m(fewer, budget_m) == pytest.approx(own[: len(fewer.leg_m)], abs=1e-6)
    assert own.max() <= covered_m(all_of_them, budget_m) + 1e-6 <= own.sum() + 2e-6


@some
@given(towns(), BUDGET, st.data())
def test_one_more_link_never_loses_street(town, budget_m, data):
    """The stations stay where they stand; the new street's own metres are left out of the count."""
    old = town.streets
    number = st.integers(0, old.node_count - 1)
    u, v = data.draw(number), data.draw(number)
    lines = [*old.to_frame().geometry]
    edges = [
        (int(a), int(b), [tuple(p) for p in np.array(line.coords)[1:-1] - ORIGIN])
        for a, b, line in zip(old.edge_u, old.edge_v, lines, strict=True)
    ]
    more = bent(*edges, (u, v, [(777, 888)]), nodes=[tuple(p) for p in old.node_xy - ORIGIN])
    snaps = town.snaps()
    before, after = walk_out(old, snaps, budget_m), walk_out(more, snaps, budget_m)
    g = after.graph
    from_u, from_v = after.field.reach_m(budget_m)
    still = np.minimum(g.length_m, from_u + from_v)[g.edge < len(old)].sum()
    assert covered_m(before, budget_m) <= still + 1e-6


@some
@given(towns())
def test_two_stations_on_one_point_both_keep_their_street(town):
    twice = Town(town.streets, [*town.places, *town.places])
    half = len(town.places)
    for budget_m in (150.0, 900.0):
        own = own_m(twice.reach(budget_m), budget_m)
        assert own[:half] == pytest.approx(own[half:], abs=1e-6)
        assert own[:half] == pytest.approx(own_m(town.reach(budget_m), budget_m), abs=1e-6)


@few
@given(towns(), BUDGET, st.sampled_from([0.5, 100.0, 400.0]))
def test_gaps_agree_with_trying_every_junction(town, budget_m, min_gap_m):
    reach = town.reach(budget_m)
    uncovered = uncovered_street(reach.field, budget_m, None)
    plan = plan_gaps(town.streets, reach.field, uncovered, budget_m, min_gap_m)
    found = np.bincount(plan.taken.of, weights=plan.taken.length_m, minlength=len(plan.center))
    expected, sliver_m = brute.gaps(town.streets, town.stands(), budget_m, min_gap_m)
    assert plan.center.tolist() == [c for c, _ in expected]
    assert found == pytest.approx(np.array([m for _, m in expected]), abs=0.01)
    assert uncovered.length_m.sum() - found.sum() == pytest.approx(sliver_m, abs=0.01)


@some
@given(towns(), BUDGET)
def test_covered_and_gaps_and_slivers_are_all_street(town, budget_m):
    reach = town.reach(budget_m)
    uncovered = uncovered_street(reach.field, budget_m, None)
    plan = plan_gaps(town.streets, reach.field, uncovered, budget_m, 200.0)
    covered = covered_street(reach.field, budget_m)
    total_m = town.streets.edge_length_m.sum()
    assert uncovered.length_m.sum() + covered_m(reach, budget_m) == pytest.approx(total_m)
    assert covered.merged().length_m.sum() == pytest.approx(covered_m(reach, budget_m), abs=1e-5)
    groups = np.arange(len(reach.leg_m), dtype=np.int32)
    rows = cut_streets(
        town.streets, reach.field, [budget_m / 2, budget_m], inside=None, gaps=plan.taken,
        depth=[covered_by(reach.pieces, b, groups) for b in (budget_m / 2, budget_m)], others=[],
    )  # fmt: skip
    by_gap = np.bincount(rows.gap, weights=rows.length_m, minlength=len(plan.center) + 1)
    taken = np.bincount(plan.taken.of, weights=plan.taken.length_m, minlength=len(plan.center))
    assert rows.length_m.sum() == pytest.approx(total_m)
    assert by_gap[1:] == pytest.approx(taken, abs=1e-4)
    for i, b in enumerate((budget_m / 2, budget_m)):
        differ = (rows.cost_m <= b) != (rows.depth[:, i] > 0)
        assert rows.length_m[differ].sum() < 1e-4
    assert rows.length_m[(rows.gap > 0) & (rows.cost_m <= budget_m)].sum() < 1e-4
    assert rows.depth.max() <= len(town.places)


@few
@given(towns(most_stations=2), st.sampled_from([300.0, 700.0, 1200.0]))
def test_areas_are_valid_nest_and_unite_to_the_area_of_the_least_cost(town, budget_m):
    """The exact buffers of what all stations together reach with the leg to spare, and the discs of long legs."""
    walk = Walk(cutoffs=tuple(b / 80 for b in (budget_m / 3, budget_m / 2, budget_m)))
    reach = town.reach(budget_m)
    areas = service_areas(town.streets, reach, walk)
    for own in areas:
        assert all(shapely.is_valid(own))
        for small, large in pairwise(own):
            assert small.difference(large.buffer(0.3)).area == 0
    union = covered_area(own[-1] for own in areas)
    spare = covered_street(reach.field, budget_m - walk.off_street)
    left = np.clip(budget_m - reach.leg_m, 0, walk.off_street)
    discs = [shapely.Point(p).buffer(r, 64) for p, r in zip(reach.xy, left, strict=True) if r > 0]
    exact = shapely.union_all([buffered(town.streets, spare, walk.off_street), *discs])
    assert union.symmetric_difference(exact).area <= 0.005 * exact.area + 1.0


@settings(few, max_examples=12)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_the_stations_is_irrelevant(town, random):
    stations = at(*town.places)
    stations.loc[stations.index[-1], "category"] = "b"
    walk = Walk(cutoffs=(4, 9), max_snap=3000)
    people = at((100, 100), (1400, 700), (700, 1300), population=[3.0, 4.0, 5.0])
    area = boxes((-50, -50, 1650, 1650))
    one = analyze(town.streets, stations, people=people, walk=walk, area=area)
    order = [*range(len(stations))]
    random.shuffle(order)
    two = analyze(town.streets, stations.iloc[order], people=people, walk=walk, area=area)
    for key in ("coverage", "gaps", "people", "streets"):
        assert two.summary[key] == one.summary[key]
    assert two.streets.drop(columns="geometry").equals(one.streets.drop(columns="geometry"))
    assert two.service_areas.geometry.geom_equals(one.service_areas.geometry).all()
    last, s = one.summary["coverage"][-1], one.summary
    assert last["people"] + sum(s["people"][k] for k in ("in_gaps", "scattered", "unknown")) == s["people"]["total"]
    parts = last["street_km"] + s["gaps"]["street_km"] + s["gaps"]["sliver_km"]
    assert parts == pytest.approx(s["streets"]["street_km"], abs=1e-6)


@few
@given(towns())
def test_the_network_covers_itself(town):
    """Without a bound everything connected to a station is covered, and its length is that of the whole edges."""
    reach = town.reach(1e9)
    found = covered_by(reach.pieces, 1e9, np.zeros(len(reach.leg_m), dtype=np.int32))
    reached = np.isfinite(reach.field.node_cost[town.streets.edge_u])
    assert found.length_m.sum() == pytest.approx(whole_edges(town.streets).length_m[reached].sum(), abs=1e-5)
