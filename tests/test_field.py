"""The field: the least cost and the nearest station of every street point."""

from __future__ import annotations

import numpy as np
import pytest

from toys import LADDER, ORIGIN, bent, edge_of, toy
from walkshed.reach.field import nearest_station_field
from walkshed.reach.graph import split_at_stations
from walkshed.reach.snap import Snapper


def field_of(streets, *places):
    snaps = Snapper(streets).snap(ORIGIN + np.array(places, dtype=float), 250.0)
    return nearest_station_field(split_at_stations(streets, snaps.edge, snaps.at_m), snaps.leg_m)


def ask(field, edge, *at_m):
    """Cost and station at places of one edge."""
    edges, at_m = np.full(len(at_m), edge, dtype=np.int32), np.array(at_m, dtype=float)
    return field.at(field.part_of(edges, at_m), at_m)


def test_costs_of_junctions_and_of_places_between():
    """
    A----B----C----D   A station 100 m east of A, 20 m off: A 120, B 420, E 320, F 620.
    |    |    |    |   On E-F: E 320 and F 620, so the peak is 400 m from E, at 720.
    E----F----G----H
    """
    ladder = toy(LADDER).streets
    field = field_of(ladder, (100, 20))
    assert field.node_cost[[0, 1, 4, 5]].tolist() == pytest.approx([120, 420, 320, 620])
    south = edge_of(ladder, 4, 5)
    assert ask(field, south, 0, 100, 400, 500)[0].tolist() == pytest.approx([320, 420, 720, 620])
    (part,) = np.flatnonzero(field.graph.edge == south)
    assert field.peak_m()[part] == pytest.approx(400)


def test_a_street_with_stations_falls_into_parts():
    """
    A---------B   stations at 300 and 700 m; cost and nearest at 250, 450, 500, 550, 750 m.
    """
    line = toy("A---------B").streets
    field = field_of(line, (300, 0), (700, 0))
    cost, station = ask(field, 0, 250, 300, 450, 500, 550, 700, 750)
    assert cost.tolist() == pytest.approx([50, 0, 150, 200, 150, 0, 50])
    assert station.tolist() == [0, 0, 0, 0, 1, 1, 1]  # at the parting the lower number
    assert field.graph.from_m.tolist() == [0, 300, 700]
    assert field.graph.to_m.tolist() == [300, 700, 1000]


def test_a_shorter_leg_is_nearer_on_the_same_spot():
    """Two stations on one point, 80 m and 30 m from the street: all of it is the second one's."""
    line = toy("A---------B").streets
    field = field_of(line, (500, 80), (500, -30))
    cost, station = ask(field, 0, 0, 500, 1000)
    assert cost.tolist() == pytest.approx([530, 30, 530])
    assert station.tolist() == [1, 1, 1]


def test_a_station_may_be_nearest_nowhere():
    """100 m from the street, with another station on the street 20 m further on."""
    line = toy("A---------B").streets
    field = field_of(line, (500, 100), (520, 0))
    assert ask(field, 0, 400, 500, 600)[1].tolist() == [1, 1, 1]


def test_of_equals_the_lower_number_is_nearest():
    """Stations at both ends of 1,000 m; and at one junction."""
    line = toy("A---------B").streets
    assert ask(field_of(line, (0, 0), (1000, 0)), 0, 500)[1].tolist() == [0]
    assert ask(field_of(line, (1000, 0), (0, 0)), 0, 500)[1].tolist() == [0]
    ladder = toy(LADDER).streets
    assert set(field_of(ladder, (500, 0), (500, 0)).node_station[:8].tolist()) == {0}


def test_the_budget_goes_into_each_part_from_both_ends():
    """The definition: min(L, max(0, B - c(u)) + max(0, B - c(v)))."""
    ladder = toy(LADDER).streets
    field = field_of(ladder, (100, 20), (1400, -210))
    g, cost = field.graph, field.node_cost
    for budget_m in (0, 10, 100, 350, 700, 5000):
        from_u, from_v = field.reach_m(budget_m)
        formula = np.minimum(g.length_m, np.maximum(0, budget_m - cost[g.u]) + np.maximum(0, budget_m - cost[g.v]))
        assert np.minimum(g.length_m, from_u + from_v) == pytest.approx(formula)


def test_a_piece_without_a_station_has_no_minutes():
    """
    A--B  C--D
    """
    apart = toy("A--B  C--D").streets
    field = field_of(apart, (0, 0))
    cost, station = ask(field, edge_of(apart, 2, 3), 0, 150, 300)
    assert np.isinf(cost).all()
    assert station.tolist() == [-1, -1, -1]
    assert np.isfinite(field.peak_m()).all()
    from_u, from_v = field.reach_m(1e9)
    assert (from_u + from_v).tolist()[-1] == 0


def test_a_ring_peaks_opposite_the_station():
    ring = bent((0, 0, [(300, 0), (300, 300), (0, 300)]), nodes=[(0, 0)])
    field = field_of(ring, (100, 0))
    assert ask(field, 0, 700)[0].tolist() == pytest.approx([600])
    assert field.peak_m().max() == pytest.approx(700)


def test_streets_of_no_length_are_walked_through():
    """
    A--B, then an edge of no length to a twin of B, then 300 m more.
    """
    streets = bent((0, 1, []), (1, 2, [(300, 0)]), (2, 3, []), nodes=[(0, 0), (300, 0), (300, 0), (600, 0)])
    assert streets.edge_length_m.tolist() == [300, 0, 300]
    field = field_of(streets, (0, 0))
    assert field.node_cost[:4].tolist() == pytest.approx([0, 300, 300, 600])
    assert np.isfinite(field.peak_m()).all()
