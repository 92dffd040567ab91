"""Street left out: steps for wheels, closures by line, polygon and id; what is left stays exact."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from toys import CRS, ORIGIN, bent, toy
from walkshed.analysis.study import analyze
from walkshed.errors import CRSError, InputError, InputWarning, NoStreetsError
from walkshed.network.left_out import without_closed, without_steps
from walkshed.network.streets import STEPS
from walkshed.reach.walk import Walk

TOWN = toy("""
A----B----C
|    |    |
D----E----F
""")
"""Two boxes of 500 x 200 m: A-B, A-D, B-C, B-E, C-F, D-E, E-F: 2,600 m."""

WALK = Walk(cutoffs=(5,))


def shapes(*geometries, **columns):
    moved = [None if g is None else shapely.transform(g, lambda xy: xy + ORIGIN) for g in geometries]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


def total(streets):
    return float(streets.edge_length_m.sum())


def test_a_polygon_closes_the_street_inside_it_and_no_more():
    """100 m of A-B, from 150 to 250 m: 2,500 m are left, and A-B has two dead ends."""
    streets = without_closed(TOWN.streets, shapes(shapely.box(150, -50, 250, 50)))
    assert total(streets) == pytest.approx(2500)
    assert len(streets) == 8
    assert streets.node_count == 8
    assert streets.left_out["length_m"].tolist() == pytest.approx([100])
    assert streets.left_out["reason"].tolist() == ["closed"]
    assert (np.diff(streets.node_id) > 0).all()
    np.testing.assert_allclose(streets.lines[0].length, 150)
    np.testing.assert_allclose(streets.lines[1].length, 250)
    for edge, line in enumerate(streets.lines):
        ends = streets.node_xy[[streets.edge_u[edge], streets.edge_v[edge]]]
        np.testing.assert_allclose(np.array(line.coords)[[0, -1]], ends, atol=1e-6)


def test_a_line_closes_what_runs_along_it_and_not_what_crosses():
    """Drawn 4 m beside A-B, from 100 to 400 m: that is closed, A-D and B-E stay open."""
    streets = without_closed(TOWN.streets, shapes(shapely.LineString([(100, 4), (400, 4)])))
    assert total(streets) == pytest.approx(2300)
    assert streets.left_out["length_m"].sum() == pytest.approx(300)
    whole = without_closed(TOWN.streets, shapes(shapely.LineString([(0, 0), (1000, 0)])))
    assert total(whole) == pytest.approx(1600)
    assert len(whole) == 5


def test_a_line_along_a_bend_closes_both_its_arms():
    street = bent((0, 1, [(300, 0)]), nodes=[(0, 0), (300, 300)])
    closed = without_closed(street, shapes(shapely.LineString([(100, 0), (300, 0), (300, 200)])))
    assert total(closed) == pytest.approx(200)
    assert [len(line.coords) for line in closed.lines] == [2, 2]


def test_ways_are_closed_by_their_id():
    ids = np.array([7, 8, 7, 9, 10, 11, 12])
    streets = replace(TOWN.streets, edge_osm_id=ids)
    length = TOWN.streets.edge_length_m
    assert total(without_closed(streets, [7])) == pytest.approx(2600 - length[0] - length[2])
    by_row = without_closed(streets, shapes(None, osm_id=[8]))
    assert total(by_row) == pytest.approx(2600 - length[1])


def test_a_walk_goes_round_what_is_closed():
    """From F to the station at A: 1,200 m along D-E; with D-E closed along A-B, as far; with both closed, not at all."""
    lower = shapely.LineString([(100, -200), (400, -200)])
    upper = shapely.LineString([(100, 0), (400, 0)])
    station = TOWN.stations(("A", 0, 0))
    node = 5  # F
    for closed, cost in ((None, 1200), ([lower], 1200), ([lower, upper], np.inf)):
        streets = TOWN.streets if closed is None else without_closed(TOWN.streets, shapes(*closed))
        assert analyze(streets, station).reach.field.node_cost[node] == pytest.approx(cost)


def test_the_report_is_told_how_much_is_closed_inside_the_area():
    streets = without_closed(TOWN.streets, shapes(shapely.LineString([(100, 0), (1000, 0)])))
    whole = analyze(streets, TOWN.stations(("D", 0, 0)), walk=WALK)
    assert whole.summary["streets"]["closed_km"] == pytest.approx(0.9)
    assert whole.summary["streets"]["street_km"] == pytest.approx(1.7)
    west = analyze(streets, TOWN.stations(("D", 0, 0)), area=TOWN.box("D", "B", 50), walk=WALK)
    assert west.summary["streets"]["closed_km"] == pytest.approx(0.45)
    assert "street_closed" in {note.code for note in west.notes}


def test_people_of_a_closed_street_set_out_from_the_nearest_one_left():
    """They live in the middle of A-B, which is closed from 100 to 400 m: its ends are 150 m away."""
    closed = without_closed(TOWN.streets, shapes(shapely.LineString([(100, 0), (400, 0)])))
    people = TOWN.people(("A", 250, 0, 9.0))
    result = analyze(closed, TOWN.stations(("A", 0, 0)), people=people, walk=WALK)
    assert result.heads.leg_m[0] == pytest.approx(150)
    assert result.heads.cost_m[0] == pytest.approx(250)


def test_steps_are_left_out_for_wheels():
    flags = np.zeros(7, np.uint8)
    flags[3] = STEPS
    streets = replace(TOWN.streets, edge_flags=flags)
    wheels = Walk.profile("wheels", cutoffs=(5,))
    assert (wheels.speed, wheels.steps) == (3.0, False)
    result = analyze(streets, TOWN.stations(("B", 0, 0)), walk=wheels)
    length = TOWN.streets.edge_length_m[3]
    assert result.summary["streets"]["street_km"] == pytest.approx(2.6 - length / 1000)
    assert result.summary["streets"]["steps_left_out_km"] == pytest.approx(length / 1000)
    assert result.summary["settings"]["steps"] is False
    assert "steps_left_out" in {note.code for note in result.notes}
    assert without_steps(TOWN.streets) is TOWN.streets


def test_costs_and_flags_go_with_what_is_left():
    uneven = replace(TOWN.streets, cost_uv=TOWN.streets.edge_length_m * 2, edge_flags=np.arange(7, dtype=np.uint8))
    left = without_closed(uneven, shapes(shapely.box(150, -50, 250, 50)))
    np.testing.assert_allclose(left.cost_uv, 2 * left.edge_length_m)
    np.testing.assert_allclose(left.cost_vu, left.edge_length_m)
    assert left.edge_flags.tolist() == [0, 0, 1, 2, 3, 4, 5, 6]


def test_closing_twice_keeps_both_in_mind():
    once = without_closed(TOWN.streets, shapes(shapely.box(150, -50, 250, 50)))
    twice = without_closed(once, shapes(shapely.box(650, -50, 750, 50)))
    assert total(twice) == pytest.approx(2400)
    assert twice.left_out["length_m"].tolist() == pytest.approx([100, 100])


def test_overlapping_shapes_close_once():
    both = without_closed(
        TOWN.streets, shapes(shapely.box(150, -50, 250, 50), shapely.LineString([(200, 0), (300, 0)]))
    )
    assert total(both) == pytest.approx(2450)


def test_what_closes_nothing_is_said():
    away = shapely.box(5000, 5000, 5100, 5100)
    with pytest.raises(InputError, match="none of 1 closes any street of toy"):
        without_closed(TOWN.streets, shapes(away))
    with pytest.warns(InputWarning, match=r"closures: 1 of them close no street: polygon 2"):
        without_closed(TOWN.streets, shapes(shapely.box(150, -50, 250, 50), away))
    with pytest.raises(InputError, match="none of 1 closes any street"):
        without_closed(TOWN.streets, [99])


def test_bad_closures():
    with pytest.raises(InputError, match="found Point; draw lines along"):
        without_closed(TOWN.streets, shapes(shapely.Point(0, 0)))
    with pytest.raises(InputError, match="row 1 has neither a shape nor an osm_id"):
        without_closed(TOWN.streets, shapes(None))
    with pytest.raises(CRSError, match="closures: no coordinate system"):
        without_closed(TOWN.streets, shapes(shapely.box(150, -50, 250, 50)).set_crs(None, allow_override=True))
    with pytest.raises(NoStreetsError, match="all its street is closed"):
        without_closed(TOWN.streets, shapes(shapely.box(-100, -300, 1100, 100)))
