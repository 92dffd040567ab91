"""Reached street, to the metre: loops, parallels, dead ends, and stations that share everything."""

from __future__ import annotations

import numpy as np
import pytest

from toys import LADDER, ORIGIN, bent, edge_of, grid, toy
from walkshed.analysis.depth import covered_by
from walkshed.errors import InputError
from walkshed.reach import pieces
from walkshed.reach.field import nearest_station_field
from walkshed.reach.graph import split_at_stations
from walkshed.reach.pieces import reached_pieces
from walkshed.reach.reach import walk_out
from walkshed.reach.search import new_work, spread
from walkshed.reach.snap import Snapper


def reach(streets, *places, budget_m, max_snap_m=250.0):
    """Walk out from metres off the origin."""
    snaps = Snapper(streets).snap(ORIGIN + np.array(places, dtype=float), max_snap_m)
    assert snaps.found.all()
    return walk_out(streets, snaps, budget_m)


def own_m(found, budget_m):
    """The street that each station reaches, metres."""
    count = len(found.leg_m)
    own = covered_by(found.pieces, budget_m, np.arange(count, dtype=np.int32))
    return np.bincount(own.of, weights=own.length_m, minlength=count)


def covered_m(found, budget_m):
    """The street that all reach together, metres: from the field."""
    from_u, from_v = found.field.reach_m(budget_m)
    return float(np.minimum(found.graph.length_m, from_u + from_v).sum())


def test_half_covered_from_one_end_and_the_other():
    """
    A-----B   600 m; stations at both ends, 200 m each: 200 m are left in the middle.
    """
    line = toy("A-----B").streets
    found = reach(line, (0, 0), (600, 0), budget_m=200)
    assert own_m(found, 200) == pytest.approx([200, 200])
    assert covered_m(found, 200) == pytest.approx(400)
    assert covered_m(found, 300) == pytest.approx(600)
    assert covered_m(found, 350) == pytest.approx(600)


def test_the_leg_is_part_of_the_walk():
    """100 m along a street of 600 m and 50 m off it: of 200 m, 150 are left, and 100 of them to the west."""
    line = toy("A-----B").streets
    found = reach(line, (100, 50), budget_m=200)
    assert own_m(found, 200) == pytest.approx([250])
    assert found.pieces.cost_from_m.min() == pytest.approx(50)


def test_a_leg_as_long_as_the_budget_reaches_nothing():
    line = toy("A-----B").streets
    assert own_m(reach(line, (100, 50), budget_m=50), 50) == pytest.approx([0])
    assert own_m(reach(line, (100, 50), budget_m=49), 49) == pytest.approx([0])


def test_covered_length_by_the_formula():
    """
    A----B----C----D   One station at A with 900 m. Costs: A 0, B 500, C 1000, E 200, F 700, G 1200.
    |    |    |    |   A-B 500, B-C 400, A-E 200, E-F 500, F-G 200;
    E----F----G----H   B-F min(200, 400 + 200) = 200. Together 2,000 m.
    """
    found = reach(toy(LADDER).streets, (0, 0), budget_m=900)
    assert own_m(found, 900) == pytest.approx([2000])
    assert covered_m(found, 900) == pytest.approx(2000)


def test_shorter_cutoffs_are_cut_from_one_search():
    """The pieces of 900 m cut to 400 m are those of a search with 400 m."""
    streets = toy(LADDER).streets
    long, short = reach(streets, (120, 10), budget_m=900), reach(streets, (120, 10), budget_m=400)
    for budget_m in (5, 10, 15, 100, 399.5, 400):
        assert own_m(long, budget_m) == pytest.approx(own_m(short, budget_m))
    assert len(long.pieces.within(10)) == 0
    assert len(long.pieces.within(-50)) == 0


def test_a_loop_is_walked_both_ways_round():
    """A lollipop: 100 m of stick, then a loop of 1,200 m. 500 m leave 400 m each way round."""
    streets = bent((0, 1, []), (1, 1, [(400, 0), (400, 300), (100, 300)]), nodes=[(0, 0), (100, 0)])
    assert streets.edge_length_m.tolist() == [100, 1200]
    found = reach(streets, (0, 0), budget_m=500)
    assert own_m(found, 500) == pytest.approx([900])
    assert own_m(reach(streets, (0, 0), budget_m=699), 699) == pytest.approx([100 + 1198])
    assert own_m(reach(streets, (0, 0), budget_m=701), 701) == pytest.approx([1300])


def test_a_station_on_a_loop():
    """On the far side of a loop of 1,200 m, 200 m from the junction one way and 1,000 m the other."""
    streets = bent((0, 1, []), (1, 1, [(400, 0), (400, 300), (100, 300)]), nodes=[(0, 0), (100, 0)])
    found = reach(streets, (300, 0), budget_m=250)
    assert own_m(found, 250) == pytest.approx([250 + 250 + 50])


def test_two_stations_on_one_loop_keep_their_own_reach():
    """A bare loop of 1,200 m, stations opposite one another: with 200 m 400 m each, with 300 m 600 m each; and
    with 700 m each reaches all of it."""
    streets = bent((0, 0, [(300, 0), (300, 300), (0, 300)]), nodes=[(0, 0)])
    for budget_m, each, together in ((200, 400, 800), (300, 600, 1200), (450, 900, 1200), (700, 1200, 1200)):
        found = reach(streets, (150, 0), (150, 300), budget_m=budget_m)
        assert own_m(found, budget_m) == pytest.approx([each, each])
        assert covered_m(found, budget_m) == pytest.approx(together)


def test_two_stations_on_one_edge_walk_past_each_other():
    """
    A---------B   1,000 m, stations at 300 and 400 m: each goes 250 m both ways; together 100 to 650 m less nothing.
    """
    found = reach(toy("A---------B").streets, (300, 0), (400, 0), budget_m=250)
    assert own_m(found, 250) == pytest.approx([500, 500])
    assert covered_m(found, 250) == pytest.approx(600)


@pytest.mark.parametrize("place", [(250.0, 0.0), (500.0, 0.0), (0.0, 0.0)])
def test_stations_on_one_point_or_junction_keep_their_own_reach(place):
    """Mid-edge, at a junction, at a corner: three stations at one point, one of them 60 m away from it."""
    streets = toy(LADDER).streets
    alone = own_m(reach(streets, place, budget_m=300), 300)[0]
    x, y = place
    found = reach(streets, (x, y), (x, y), (x, y + 60), budget_m=300)
    assert own_m(found, 300)[:2] == pytest.approx([alone, alone])
    assert own_m(found, 300)[2] == pytest.approx(own_m(reach(streets, (x, y + 60), budget_m=300), 300)[0])
    assert found.field.node_station[: streets.node_count].max() == 0  # of equals the first is the nearest


def test_parallel_edges_count_both_and_the_short_one_leads():
    """
    Two streets from A to B, 200 m straight and 600 m round; then 300 m on to C. With 400 m from A:
    200 + 200 m on to C; the long way is entered 400 m from A and 200 m from B: all of it.
    """
    streets = bent((0, 1, [(0, 200), (200, 200)]), (0, 1, []), (1, 2, []), nodes=[(0, 0), (200, 0), (500, 0)])
    assert streets.edge_length_m.tolist() == [600, 200, 300]
    assert own_m(reach(streets, (0, 0), budget_m=400), 400) == pytest.approx([200 + 200 + 600])
    assert own_m(reach(streets, (0, 0), budget_m=300), 300) == pytest.approx([200 + 100 + 400])


def test_a_dead_end_stops():
    found = reach(toy("A-----B").streets, (500, 0), budget_m=10_000)
    assert own_m(found, 10_000) == pytest.approx([600])


def test_the_short_way_to_the_own_end_is_round_the_other_side():
    """
    An edge of 1,000 m from A to B, and 100 m straight between them. A station 900 m along, so 100 m from B, is
    200 m from A by way of B, not 900 m. With 450 m: 450 m back along its edge, 100 m to B, the short street,
    and 250 m from A into its own edge: 450 + 100 + 100 + 250.
    """
    streets = bent((0, 1, [(0, 450), (100, 450)]), (0, 1, []), nodes=[(0, 0), (100, 0)])
    found = reach(streets, (100, 100), budget_m=450)
    assert streets.edge_length_m.tolist() == [1000, 100]
    assert found.field.node_cost.tolist() == pytest.approx([200, 100, 0])
    assert own_m(found, 450) == pytest.approx([900])
    assert own_m(reach(streets, (100, 100), budget_m=550), 550) == pytest.approx([1100])


def test_pieces_meet_at_the_peak_and_cost_runs_straight_within():
    """A ring of 1,000 m: the peak is opposite, 500 m away."""
    streets = bent((0, 0, [(250, 0), (250, 250), (0, 250)]), nodes=[(0, 0)])
    p = reach(streets, (0, 0), budget_m=600).pieces
    assert (p.from_m < p.to_m).all()
    assert np.abs(p.cost_to_m - p.cost_from_m) == pytest.approx(p.to_m - p.from_m)
    assert max(p.cost_from_m.max(), p.cost_to_m.max()) == pytest.approx(500)
    order = np.argsort(p.from_m)
    assert p.to_m[order][:-1] == pytest.approx(p.from_m[order][1:])


def test_pieces_do_not_overlap_and_are_sorted_by_station():
    streets = toy(LADDER).streets
    found = reach(streets, (0, 0), (250, 0), (250, 0), (1500, -200), (700, -100), budget_m=800)
    p = found.pieces
    assert (np.diff(p.station) >= 0).all()
    order = np.lexsort((p.from_m, p.edge, p.station))
    same = (np.diff(p.station[order]) == 0) & (np.diff(p.edge[order]) == 0)
    assert (p.from_m[order][1:][same] >= p.to_m[order][:-1][same] - 1e-9).all()
    assert p.rows_of(5).tolist() == np.searchsorted(p.station, range(6)).tolist()


def test_costs_may_differ_by_direction():
    """
    A-----B   600 m that cost 600 going east and 1,200 going west. People walk *to* the station: from the west of
    a station in the middle they pay 1 a metre, from its east 2. With 200 m: 200 m of the west, 100 m of the east.
    """
    line = toy("A-----B").streets
    line.cost_vu[:] = 1200
    found = reach(line, (300, 0), budget_m=200)
    assert own_m(found, 200) == pytest.approx([300])
    assert found.pieces.from_m.min() == pytest.approx(100)
    assert found.pieces.to_m.max() == pytest.approx(400)
    assert found.field.node_cost.tolist() == pytest.approx([300, 600, 0])


def test_a_peak_between_unequal_directions():
    """Stations at both ends of 600 m; going east costs 1 a metre, west 2. The parting is where 2x = 600 - x."""
    line = toy("A-----B").streets
    line.cost_vu[:] = 1200
    found = reach(line, (0, 0), (600, 0), budget_m=2000)
    (middle,) = np.flatnonzero(found.graph.length_m > 0)
    assert found.field.peak_m()[middle] == pytest.approx(200)
    near = found.field.at(np.array([middle, middle]), np.array([199.0, 201.0]))
    assert near[0] == pytest.approx([398, 399])
    assert near[1].tolist() == [0, 1]


def test_an_unreached_piece_costs_without_end():
    """
    A--B  C--D
    """
    found = reach(toy("A--B  C--D").streets, (0, 0), budget_m=1000)
    assert found.field.node_cost[:4].tolist() == [0, 300, np.inf, np.inf]
    assert found.field.node_station[:4].tolist() == [0, 0, -1, -1]
    assert own_m(found, 1000) == pytest.approx([300])


def test_more_stations_than_one_batch_give_the_same_as_one_by_one():
    """150 stations, so three tasks side by side."""
    streets = toy(LADDER).streets
    rng = np.random.default_rng(7)
    places = np.column_stack((rng.uniform(0, 1500, 150), rng.uniform(-230, 30, 150)))
    together = own_m(reach(streets, *places, budget_m=350), 350)
    one_by_one = [own_m(reach(streets, p, budget_m=350), 350)[0] for p in places[::10]]
    assert together[::10] == pytest.approx(one_by_one)


def relaxed(streets, places, budget_m):
    """The arcs that the searches look at: all stations at once, and each by itself."""
    snaps = Snapper(streets).snap(ORIGIN + np.array(places, dtype=float), 250.0)
    g = split_at_stations(streets, snaps.edge, snaps.at_m)

    def work(seeds, legs):
        return spread(g.arcs, seeds, legs, budget_m, new_work(g))[1]

    each = [work(g.station_node[i : i + 1], snaps.leg_m[i : i + 1]) for i in range(len(snaps.edge))]
    return work(g.station_node, snaps.leg_m), each


def test_the_work_of_a_search_does_not_depend_on_the_size_of_the_network():
    """The same stations on a network with a far-away copy attached look at the same arcs."""
    places = [(730, 810), (1040, 1000), (420, 1500)]
    small, large = grid(20, 20), grid(20, 20, far_copy=True)
    together, each = relaxed(small, places, 500.0)
    assert (together, each) == relaxed(large, places, 500.0)
    assert 0 < together <= sum(each)


def test_the_work_of_a_search_follows_what_is_reached():
    """On a grid of 100 m a walk of B reaches 2 (B/100)² nodes with 4 arcs each: twice as far, four times the work."""
    (near,), (far,) = (relaxed(grid(60, 60), [(3000, 3000)], b)[1] for b in (1000.0, 2000.0))
    assert near == pytest.approx(4 * 2 * 10**2, rel=0.25)
    assert far / near == pytest.approx(4, rel=0.1)


def test_the_work_of_a_search_does_not_depend_on_who_stands_at_the_same_place():
    """A thousand stations at one place in the middle of a street make one node of it."""
    streets = grid(20, 20)
    (alone,) = relaxed(streets, [(730, 810)], 500.0)[1]
    together, each = relaxed(streets, [(730, 810)] * 1000, 500.0)
    assert set(each) == {alone}
    assert together == alone


def test_all_at_once_is_the_least_of_one_by_one():
    streets = toy(LADDER).streets
    places = [(10, 0), (760, 20), (1400, -190)]
    found = reach(streets, *places, budget_m=500)
    each = np.array(
        [
            nearest_station_field(found.graph, np.where(np.arange(3) == i, found.leg_m, np.inf)).node_cost
            for i in range(3)
        ]
    )
    assert found.field.node_cost == pytest.approx(each.min(axis=0))
    assert (found.field.node_station == each.argmin(axis=0)).all()


def test_no_station_reached_anything_is_an_empty_table():
    streets = toy(LADDER).streets
    graph = split_at_stations(streets, np.array([edge_of(streets, 0, 1)], dtype=np.int32), np.array([50.0]))
    assert len(reached_pieces(graph, np.array([100.0]), 80.0)) == 0


def test_stations_that_reach_more_than_memory_is_for_are_refused_before_it_is_used(monkeypatch):
    """200 stations on a grid reach it all: some 180 streets each, and the refusal comes with the first batches."""
    searched = []
    walk_each = pieces.walk_each
    monkeypatch.setattr(pieces, "MOST_PIECES", 10_000)
    monkeypatch.setattr(pieces, "walk_each", lambda *given: searched.append(1) or walk_each(*given))
    streets = grid(10, 10)
    snaps = Snapper(streets).snap(np.repeat(streets.node_xy[:1], 20_000, axis=0), 250.0)
    with pytest.raises(InputError, match="of 20,000 alone reach more than 10,000 stretches of street"):
        walk_out(streets, snaps, 2000.0)
    assert len(searched) < 20
