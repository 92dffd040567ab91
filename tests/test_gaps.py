"""Gaps: uncovered street, partitioned by what one new station could serve."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import brute
from toys import LADDER, ORIGIN, at, bent, boxes, edge_of, scattered, toy
from walkshed.analysis.areas import gap_areas
from walkshed.analysis.canvas import lines_of
from walkshed.analysis.depth import covered_by
from walkshed.analysis.gaps import plan_gaps, uncovered_street
from walkshed.analysis.intervals import inside_polygons
from walkshed.analysis.study import analyze
from walkshed.reach.reach import walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk


def plan(streets, *places, budget_m, min_gap_m=0.1, area=None):
    """Gaps as (centre, metres) in the order found, and the metres of slivers; and the same by brute force."""
    snaps = Snapper(streets).snap(ORIGIN + np.array(places, dtype=float), 250.0)
    reach = walk_out(streets, snaps, budget_m)
    inside = None if area is None else inside_polygons(streets, np.array([area]))
    uncovered = uncovered_street(reach.field, budget_m, inside)
    found = plan_gaps(streets, reach.field, uncovered, budget_m, min_gap_m)
    length_m = np.bincount(found.taken.of, weights=found.taken.length_m, minlength=len(found.center))
    sliver_m = uncovered.length_m.sum() - length_m.sum()
    stands = [*zip(snaps.edge.tolist(), snaps.at_m.tolist(), snaps.leg_m.tolist(), strict=True)]
    spans = None
    if inside is not None:
        spans = {e: [] for e in range(len(streets))}
        for e, x, y in zip(inside.edge.tolist(), inside.from_m.tolist(), inside.to_m.tolist(), strict=True):
            spans[e].append((x, y))
    expected = brute.gaps(streets, stands, budget_m, min_gap_m, spans)
    return [*zip(found.center.tolist(), length_m.tolist(), strict=True)], sliver_m, expected


def check(streets, *places, **settings):
    """Hold the plan against the brute force, and hand its gaps and slivers on."""
    found, sliver_m, (expected, expected_sliver_m) = plan(streets, *places, **settings)
    assert [c for c, _ in found] == [c for c, _ in expected]
    assert [m for _, m in found] == pytest.approx([m for _, m in expected], abs=0.01)
    assert sliver_m == pytest.approx(expected_sliver_m, abs=0.01)
    return found, sliver_m


def test_a_street_with_a_station_at_its_end():
    """
    A---B---C---D---E---F   400 m each, 2,000 m; a station at A with 400 m covers A-B.
    1,600 m are left: a walk of 400 m from D takes in C-E, 800 m, as do those from C and E. C (lower id) comes
    first: B-D; then E: D-F.
    """
    line = toy("A---B---C---D---E---F").streets
    assert check(line, (0, 0), budget_m=400) == ([(2, 800), (4, 800)], pytest.approx(0))


def test_of_equal_gains_the_lowest_id_is_taken():
    """
    B---A---C   Stations nowhere near: D hangs 2 km away by itself. All walks of 200 m from A take 400 m.
    """
    streets = bent((0, 1, []), (0, 2, []), (3, 4, []), nodes=[(400, 0), (0, 0), (800, 0), (9000, 0), (9200, 0)])
    found, sliver_m = check(streets, (9000, 0), budget_m=200)
    assert found == [(0, 400), (1, 200), (2, 200)]
    assert sliver_m == 0


def test_a_peak_inside_a_street_is_a_sliver():
    """
    A-----------B   1,200 m, stations at both ends with 400 m: both junctions are covered, 400 m between are not.
    """
    found, sliver_m = check(toy("A-----------B").streets, (0, 0), (1200, 0), budget_m=400)
    assert found == []
    assert sliver_m == pytest.approx(400)


def test_gaps_below_the_least_are_slivers():
    """
    A---B-C   400 and 200 m; a station at A with 400 m leaves 200 m: a gap up to a least of 200 m, else a sliver.
    """
    line = toy("A---B-C").streets
    assert check(line, (0, 0), budget_m=300, min_gap_m=300)[0] == [(1, 300)]
    assert check(line, (0, 0), budget_m=300, min_gap_m=300.01) == ([], pytest.approx(300))


def test_a_piece_that_no_station_can_be_reached_from_is_a_gap():
    """
    A--B  C--D
    """
    apart = toy("A--B  C--D").streets
    assert check(apart, (0, 0), budget_m=300) == ([(2, 300)], pytest.approx(0))


def test_a_dead_end_at_which_a_station_stands_too_far_off_is_a_centre_too():
    """
    A-----B   600 m; the station is 100 m east of B, and walks 60 m: it reaches nothing. Both ends take 60 m.
    """
    found, sliver_m = check(toy("A-----B").streets, (700, 0), budget_m=60)
    assert found == [(0, 60), (1, 60)]
    assert sliver_m == pytest.approx(480)


def test_loops_parallels_and_stations_mid_edge():
    streets = bent(
        (0, 1, []), (1, 1, [(400, 0), (400, 300), (100, 300)]), (1, 2, []), (1, 2, [(300, -300)]), (2, 3, []),
        nodes=[(0, 0), (100, 0), (700, 0), (1500, 0)],
    )  # fmt: skip
    for budget_m in (120, 250, 500, 800):
        check(streets, (1200, 30), (1300, 0), budget_m=budget_m)


@pytest.mark.parametrize("budget_m", [150, 300, 450, 700])
def test_agrees_with_trying_every_junction_on_the_ladder(budget_m):
    ladder = toy(LADDER).streets
    for places in ([(0, 0)], [(250, 20)], [(0, 0), (1500, -200)], [(700, -200), (720, -200), (720, -200)]):
        check(ladder, *places, budget_m=budget_m)


def test_one_junction_a_cell_may_be_the_centre():
    """Two junctions 20 m apart in one cell of 100 m: the lower id stands for both, though the other takes more."""
    streets = bent(
        (0, 1, []), (0, 2, []), (1, 3, []), (4, 5, []),
        nodes=[(1010, 50), (1030, 50), (900, 50), (2030, 50), (90_000, 0), (91_000, 0)],
    )  # fmt: skip
    found, _ = check(streets, (90_000, 0), budget_m=300)
    assert found[0] == (0, pytest.approx(20 + 110 + 280))


def test_inside_an_area_only_its_street_counts():
    """
    A---------B---------C---------D   1,000 m each; a station at A with 500 m; the area ends 200 m beyond B.
    Uncovered inside: 500 m of A-B and 200 m of B-C, all within 500 m of B.
    """
    line = toy("A---------B---------C---------D").streets
    area = boxes((-50, -50, 1200, 50)).geometry.iloc[0]
    found, sliver_m = check(line, (0, 0), budget_m=500, area=area)
    assert found == [(1, pytest.approx(700))]
    assert sliver_m == pytest.approx(0)


def test_a_centre_lies_on_the_uncovered_street_of_the_area():
    """
    A---------B    A station at A with 1,100 m covers A-B and 100 m beyond. The area ends 50 m before C: of B-C
              |    150 m inside are uncovered. C itself lies outside, so it is no centre: they are a sliver.
              |
              C
    """
    corner = bent((0, 1, []), (1, 2, []), nodes=[(0, 0), (1000, 0), (1000, -300)])
    area = boxes((-50, -250, 1050, 50)).geometry.iloc[0]
    found, sliver_m = check(corner, (0, 0), budget_m=1100, area=area)
    assert found == []
    assert sliver_m == pytest.approx(150)


def test_no_least_gap_means_no_gap_without_street():
    """A grid of 3 x 3 junctions and a walk that takes all of it at once: one gap, not nine."""
    nodes = [(j * 200.0, i * 200.0) for i in range(3) for j in range(3)]
    edges = [(3 * i + j, 3 * i + j + 1, []) for i in range(3) for j in range(2)]
    edges += [(3 * i + j, 3 * i + j + 3, []) for i in range(2) for j in range(3)]
    streets = bent(*edges, (9, 10, []), nodes=[*nodes, (9000, 0), (9300, 0)])
    found, _ = check(streets, (9000, 0), budget_m=2000, min_gap_m=0.0)
    assert [m for _, m in found] == pytest.approx([2400])
    result = analyze(streets, at((9000, 0)), walk=Walk(min_gap=0))
    assert (result.gaps["street_km"] > 0).all()


def grid_study(**given):
    """A grid with a station in one corner."""
    nodes = [(j * 150.0, i * 150.0) for i in range(9) for j in range(9)]
    edges = [(9 * i + j, 9 * i + j + 1, []) for i in range(9) for j in range(8)]
    edges += [(9 * i + j, 9 * i + j + 9, []) for i in range(8) for j in range(9)]
    streets = bent(*edges, nodes=nodes)
    return analyze(streets, at((10, 20)), walk=Walk(cutoffs=(5,)), **given)


def test_covered_and_gaps_and_slivers_are_all_street():
    result = grid_study()
    s = result.summary
    parts = s["coverage"][-1]["street_km"] + s["gaps"]["street_km"] + s["gaps"]["sliver_km"]
    assert parts == pytest.approx(s["streets"]["street_km"], abs=1e-6)
    assert s["gaps"]["street_km"] == pytest.approx(result.gaps["street_km"].sum())
    rows = result.streets
    by_gap = rows.groupby("gap_id")["length_m"].sum() / 1000
    assert by_gap[1:].tolist() == pytest.approx(result.gaps["street_km"].tolist(), abs=1e-6)
    assert not rows.loc[rows["gap_id"] > 0, "covered"].any()


def test_without_people_gaps_are_ranked_by_street():
    gaps = grid_study().gaps
    assert gaps["gap_id"].tolist() == [*range(1, len(gaps) + 1)]
    assert len(gaps) > 2
    assert (gaps["street_km"].diff().dropna() <= 1e-9).all()
    assert gaps["people"].isna().all()


def test_with_people_gaps_are_ranked_by_people_then_street():
    """Ten people far in the north-east, none elsewhere: their gap comes first though others are longer."""
    people = at((1200, 1190), (5, 5), population=[10.0, 5.0])
    result = grid_study(people=people)
    gaps = result.gaps
    assert gaps["people"].tolist() == [10.0, *[0.0] * (len(gaps) - 1)]
    assert (gaps["street_km"][1:].diff().dropna() <= 1e-9).all()
    rows = result.streets
    corner = rows[rows.distance(shapely.Point(ORIGIN + np.array([1200, 1190]))) < 1]
    assert set(corner["gap_id"]) == {1}
    assert result.people["gap_id"].tolist() == [1, 0]


def test_the_drawn_gap_contains_its_street_and_leaves_the_covered_area():
    """The street with 15 m to each side; beyond that nothing of the covered area."""
    result = grid_study()
    covered = result.covered.geometry.iloc[-1]
    for row in result.gaps.itertuples():
        own = result.streets.loc[result.streets["gap_id"] == row.gap_id].geometry.union_all()
        assert row.geometry.is_valid
        assert row.geometry.buffer(1.0).contains(own.buffer(14.0))
        assert own.buffer(105.0).contains(row.geometry)  # half a cell of the grid, in corners
        assert row.geometry.difference(own.buffer(18.0)).intersection(covered).area < 0.01 * row.geometry.area
        assert row.area_km2 == pytest.approx(row.geometry.area / 1e6)


def test_a_gap_is_told_with_its_nearest_station_and_its_minutes():
    """
    A---B---C   A station at A with 400 m (5 min). B-C is the gap: 400 to 800 m away, so 5 to 10 min, half of it
    beyond 7.5. Its centre: B is covered to the metre, so C, 800 m from the station.
    """
    line = toy("A---B---C\n|\nD")
    result = analyze(
        line.streets,
        line.stations(("A", 0, 0)),
        walk=Walk(cutoffs=(5,)),
        zones=line.zones(("z", "D", "C", 0), margin_m=9),
    )
    (gap,) = result.gaps.itertuples()
    assert gap.street_km == pytest.approx(0.4)
    assert gap.walk_min_median == pytest.approx(7.5)
    assert gap.walk_min_max == pytest.approx(10.0)
    assert (gap.station_id, gap.station_name, gap.zone) == ("s1", "s1", "z")


def test_a_gap_from_which_no_station_can_be_reached_has_no_minutes():
    apart = toy("A--B  C--D\n   |\n   E")
    result = analyze(apart.streets, apart.stations(("A", 0, 0)))
    (gap,) = result.gaps.itertuples()
    assert np.isnan(gap.walk_min_median)
    assert np.isnan(gap.walk_min_max)
    assert (gap.station_id, gap.station_name) == (None, None)
    assert [n.values["km"] for n in result.notes if n.code == "streets_unreached"] == pytest.approx([0.3])


def test_all_covered_is_no_gap():
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("B", 0, 0), ("C", 0, 0)))
    assert len(result.gaps) == 0
    assert result.summary["gaps"]["count"] == 0
    assert result.summary["gaps"]["street_km"] == 0
    assert edge_of(ladder.streets, 0, 1) in set(result.streets["edge"])


def test_what_rounding_leaves_between_two_walks_belongs_to_no_gap():
    """Two walks that meet on a street may leave a millionth of a millimetre there: a disc on the map, if it were drawn."""
    streets = scattered(150, 4000, seed=3)
    reach = walk_out(streets, Snapper(streets).snap(streets.node_xy[[0]], 250.0), 300.0)
    found = plan_gaps(streets, reach.field, uncovered_street(reach.field, 300.0, None), 300.0, 50.0)
    assert len(found.center) > 20
    assert found.taken.length_m.min() > 1e-6
    covered = covered_by(reach.pieces, 200.0, np.zeros(1, dtype=np.int32))
    shapes = gap_areas(streets, found, covered, [], 100.0)
    own = lines_of(streets, found.taken)
    for gap, shape in enumerate(shapes):
        wide = shapely.union_all(
            shapely.buffer(own[(found.taken.of == gap) & (found.taken.length_m > 1e-3)], 108.0)
        )  # a cell of the grid to spare
        assert shape.difference(wide).area < 1e-6
