"""Points stand at the nearest point of the nearest street, mid-edge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import brute
from toys import LADDER, ORIGIN, bent, edge_of, toy
from walkshed.reach.snap import Snapper


def snap(streets, *places, max_snap_m=250.0):
    return Snapper(streets).snap(ORIGIN + np.array(places, dtype=float).reshape(-1, 2), max_snap_m)


def test_snaps_mid_edge_and_pays_the_leg():
    """
    A----B   500 m; the point stands 120 m along it and 30 m to its north.
    |    |
    """
    ladder = toy(LADDER)
    found = snap(ladder.streets, (120, 30))
    assert found.edge.tolist() == [edge_of(ladder.streets, 0, 1)]
    assert found.at_m == pytest.approx([120.0])
    assert found.leg_m == pytest.approx([30.0])
    assert found.xy - ORIGIN == pytest.approx(np.array([[120.0, 0.0]]))


def test_beyond_an_end_the_leg_goes_to_the_end():
    """40 m west and 30 m north of A: 50 m to A."""
    ladder = toy(LADDER)
    found = snap(ladder.streets, (-40, 30))
    assert found.leg_m == pytest.approx([50.0])
    assert found.at_m == pytest.approx([0.0])


def test_on_a_bend_metres_run_along_the_street():
    """East 300 m, then north 400 m: a point beside the second leg stands 300 + 100 m along."""
    streets = bent((0, 1, [(300, 0)]), nodes=[(0, 0), (300, 400)])
    found = snap(streets, (310, 100))
    assert found.at_m == pytest.approx([400.0])
    assert found.leg_m == pytest.approx([10.0])


def test_metres_along_are_geodesic_where_the_length_is():
    """An edge drawn 1,000 m long that measures 1,000.4 m: its middle is at 500.2 m."""
    streets = bent((0, 1, [(250, 0)]), nodes=[(0, 0), (1000, 0)])
    streets.edge_length_m[:] = 1000.4
    assert snap(streets, (500, 5)).at_m == pytest.approx([500.2])
    assert snap(streets, (2000, 0), max_snap_m=1000).at_m == [1000.4]


def test_of_two_streets_at_one_distance_the_lower_index_is_taken():
    """Between A-B and D-E, 100 m from both; and at a junction, which all its streets share."""
    ladder = toy(LADDER)
    middle = snap(ladder.streets, (250, -100))
    ends = [edge_of(ladder.streets, 0, 1), edge_of(ladder.streets, 4, 5)]
    assert middle.edge.tolist() == [min(ends)]
    junction = snap(ladder.streets, (500, 0))
    there = np.flatnonzero((ladder.streets.edge_u == 1) | (ladder.streets.edge_v == 1))
    assert junction.edge.tolist() == [there.min()]
    assert junction.leg_m == [0.0]


def test_the_limit_itself_is_still_within():
    ladder = toy(LADDER)
    assert snap(ladder.streets, (100, 250)).found.tolist() == [True]
    beyond = snap(ladder.streets, (100, 250.01))
    assert beyond.found.tolist() == [False]
    assert beyond.edge.tolist() == [-1]
    assert np.isinf(beyond.leg_m).all()
    assert np.isnan(beyond.xy).all()
    assert np.isnan(beyond.at_m).all()


def test_a_limit_of_nothing_takes_only_what_stands_on_a_street():
    ladder = toy(LADDER)
    assert snap(ladder.streets, (100, 0), (100, 0.5), max_snap_m=0.0).found.tolist() == [True, False]


def test_places_that_are_nowhere_and_no_places_at_all():
    ladder = toy(LADDER)
    assert snap(ladder.streets, (np.nan, 0), (0, np.inf), (1e9, -1e9)).found.tolist() == [False] * 3
    assert len(snap(ladder.streets).edge) == 0


def test_streets_with_a_repeated_point_or_no_length():
    """A vertex mapped twice, and an edge that is a point: neither is in the way."""
    streets = bent((0, 1, [(100, 0), (100, 0), (200, 0)]), (1, 1, [(300, 0)]), nodes=[(0, 0), (300, 0)])
    found = snap(streets, (100, 40), (150, 40), (300, 10))
    assert found.at_m == pytest.approx([100.0, 150.0, 300.0])
    assert found.leg_m == pytest.approx([40.0, 40.0, 10.0])


def test_one_straight_street():
    """No height at all: the grid has one row."""
    streets = bent((0, 1, []), nodes=[(0, 0), (5000, 0)])
    assert snap(streets, (4321, -7)).at_m == pytest.approx([4321.0])


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_trying_every_street(seed):
    """Long oblique streets, short ones, bends; points in, around and far outside the grid."""
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(-3000, 3000, (12, 2)).round(1)
    near = nodes[:6] + rng.uniform(-80, 80, (6, 2))
    nodes = [tuple(p) for p in np.vstack((nodes, near)).tolist()]
    ends = [(int(u), int(v)) for u, v in rng.integers(0, 18, (25, 2)) if u != v]
    streets = bent(
        *((u, v, [tuple(p) for p in rng.uniform(-3000, 3000, (int(rng.integers(0, 3)), 2))]) for u, v in ends),
        nodes=nodes,
    )
    places = rng.uniform(-3600, 3600, (150, 2))
    found = snap(streets, *places, max_snap_m=400.0)
    for i, (x, y) in enumerate(places + ORIGIN):
        leg_m, edge, at_m = brute.snap(streets, x, y)
        assert found.found[i] == (leg_m <= 400.0)
        if found.found[i]:
            assert found.leg_m[i] == pytest.approx(leg_m, abs=1e-6)
            if found.edge[i] == edge:
                assert found.at_m[i] == pytest.approx(at_m, abs=1e-5)
            assert shapely.Point(found.xy[i]).distance(shapely.Point(x, y)) == pytest.approx(leg_m, abs=1e-6)
