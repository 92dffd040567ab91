"""Service areas: everything within the straight leg of street that is reached with that much to spare."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from toys import LADDER, ORIGIN, at, bent, toy
from walkshed.analysis.areas import EASED_M, _eased
from walkshed.analysis.canvas import lines_of
from walkshed.analysis.intervals import Intervals, whole_edges
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk


def study(streets, *places, **settings):
    return analyze(streets, at(*places), walk=Walk(**settings))


def shapes(result, cutoff=None):
    """Areas in metres off the origin, of one cutoff."""
    frame = result.service_areas
    frame = frame if cutoff is None else frame[frame["cutoff_min"] == cutoff]
    return [translate(g, *-ORIGIN) for g in frame.geometry]


def exact(result, station, cutoff):
    """The exact union of buffers, and of the disc that a long leg leaves."""
    walk = result.walk
    budget_m = walk.budget_m(cutoff)
    p = result.reach.pieces.within(budget_m - walk.off_street)
    own = p.station == station
    lines = lines_of(result.network, Intervals(p.edge[own], p.from_m[own], p.to_m[own], p.station[own]))
    left_m = min(budget_m - result.reach.leg_m[station], walk.off_street)
    place = shapely.Point(result.reach.xy[station])
    disc = place.buffer(left_m, 64) if left_m > 0 else shapely.Point()
    return shapely.union_all([*shapely.buffer(lines, walk.off_street, quad_segs=64), disc])


def off_by(a, b):
    return a.symmetric_difference(b).area / b.area


def test_a_straight_street():
    """On one street, in the middle: 15 min reach 1,200 m, of which 1,100 with 100 m to spare, either way: a band of
    2,200 x 200 m with round ends."""
    streets = bent((0, 1, []), (1, 2, []), nodes=[(-2000, 0), (2000, 0), (2000, 500)])
    (area,) = shapes(study(streets, (0, 0)), 15.0)
    band = shapely.LineString([(-1100, 0), (1100, 0)]).buffer(100, 64)
    assert off_by(area, band) < 0.001
    assert area.bounds == pytest.approx((-1200, -100, 1200, 100), abs=1.0)


def test_a_street_out_of_reach_is_no_part_of_it_however_near():
    """A canal: two streets 60 m apart that join only 3 km away. The area is drawn round the near one alone."""
    streets = bent((0, 1, []), (1, 2, []), (2, 3, []), nodes=[(0, 0), (3000, 0), (3000, 60), (0, 60)])
    result = study(streets, (0, 0))
    rows = result.streets
    assert not rows.loc[rows["edge"] == 2, "covered"].any()
    (area,) = shapes(result, 15.0)
    band = shapely.LineString([(0, 0), (1100, 0)]).buffer(100, 64)
    assert off_by(area, band) < 0.002


@pytest.mark.parametrize(("leg_m", "radius_m"), [(150, 90), (139, 100), (239, 1)])
def test_a_long_leg_leaves_a_disc(leg_m, radius_m):
    """3 min are 240 m. A leg of 150 m leaves 90: less than 100 m, so only a disc round the place on the street. One
    of 139 m leaves 1 m of street with 100 m to spare."""
    streets = bent((0, 1, []), (1, 2, []), nodes=[(-2000, 0), (2000, 0), (2000, 900)])
    (area,) = shapes(study(streets, (0, leg_m), cutoffs=(3,)))
    left = shapely.LineString([(-1, 0), (1, 0)]) if leg_m == 139 else shapely.Point(0, 0)
    disc = left.buffer(radius_m, 64)
    assert off_by(area, disc) < 0.004


def test_a_leg_that_leaves_the_straight_leg_exactly_and_one_that_leaves_nothing():
    streets = bent((0, 1, []), (1, 2, []), nodes=[(-2000, 0), (2000, 0), (2000, 900)])
    result = study(streets, (0, 140), (0, 240), (0, 249), cutoffs=(3,))
    exactly, nothing, less = shapes(result)
    assert off_by(exactly, shapely.Point(0, 0).buffer(100, 64)) < 0.004
    assert nothing.is_empty
    assert less.is_empty
    assert len(result.service_areas) == 3  # a station that serves nobody has its rows all the same


def test_blocks_have_holes():
    """A ring of 800 x 800 m: nobody is promised its middle."""
    ring = bent((0, 0, [(800, 0), (800, 800), (0, 800)]), nodes=[(0, 0)])
    (area,) = shapes(study(ring, (0, 0), cutoffs=(30,)))
    assert len(area.geoms) == 1
    assert [len(g.interiors) for g in area.geoms] == [1]
    assert shapely.Polygon(area.geoms[0].interiors[0]).area == pytest.approx(600 * 600, rel=0.002)


def test_a_crossing_that_costs_less_than_it_measures():
    """A ferry of 2,000 m that costs as much as 200 m of walking: of 600 m, 100 are left on the far bank."""
    streets = bent(
        (0, 1, []), (1, 2, []), (2, 3, []), (0, 4, []), nodes=[(0, 0), (300, 0), (2300, 0), (2600, 0), (0, 50)]
    )
    streets.cost_uv[1] = streets.cost_vu[1] = 200.0
    result = study(streets, (0, 0), cutoffs=(7.5,))
    (area,) = shapes(result)
    assert off_by(area, translate(exact(result, 0, 7.5), *-ORIGIN)) < 0.003


@pytest.mark.parametrize("off_street", [100.0, 50.0, 20.0, 19.9, 5.0])
def test_agrees_with_the_exact_union_of_buffers(off_street):
    ladder = toy(LADDER)
    result = analyze(
        ladder.streets,
        ladder.stations(("A", 130, 40), ("F", 0, 0), ("H", 33, -57)),
        walk=Walk(off_street=off_street, cutoffs=(4, 8, 15)),
    )
    for i, row in result.service_areas.iterrows():
        reference = exact(result, i // 3, row["cutoff_min"])
        assert row.geometry.is_valid
        assert off_by(row.geometry, reference) < 0.003


def test_areas_nest_by_cutoff():
    ladder = toy(LADDER)
    stations = ladder.stations(("A", 130, 40), ("F", 0, 0), ("H", 33, -150), ("D", 0, 90))
    result = analyze(ladder.streets, stations, walk=Walk(cutoffs=(0.5, 1, 1.5, 2, 2.5, 3, 5, 8, 13)))
    for _, own in result.service_areas.groupby("station_id"):
        for small, large in zip(own.geometry, own.geometry[1:], strict=False):
            assert small.difference(large.buffer(0.25)).area == 0
        assert (np.diff(own.geometry.area) >= -1e-6).all()


def test_two_stations_on_one_point_both_have_their_area():
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("B", 100, 0), ("B", 100, 0)))
    one, two = (g for g in result.service_areas[result.service_areas["cutoff_min"] == 15].geometry)
    assert one.equals(two)
    assert one.area > 0


def test_no_straight_leg_means_no_area_but_all_the_figures():
    ladder = toy(LADDER)
    flat, wide = (analyze(ladder.streets, ladder.stations(("A", 0, 0)), walk=Walk(off_street=off)) for off in (0, 100))
    assert flat.service_areas.geometry.area.sum() == 0
    assert flat.summary["coverage"] == wide.summary["coverage"]
    assert flat.service_areas.geometry.is_valid.all()


def test_the_covered_area_is_the_union_of_the_stations():
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0), ("H", 0, 0)), walk=Walk(cutoffs=(2, 4)))
    for _, row in result.covered.iterrows():
        own = result.service_areas[result.service_areas["cutoff_min"] == row["cutoff_min"]].geometry
        assert off_by(row.geometry, own.union_all()) < 1e-9
    assert result.covered["cutoff_min"].tolist() == [2.0, 4.0]


def test_a_place_is_covered_as_the_definition_says():
    """Random places: in the area exactly if a straight leg leads to a street point with budget left for it."""
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("A", 250, 60), ("G", 0, -20)), walk=Walk(cutoffs=(6,)))
    walk, field = result.walk, result.reach.field
    streets = ladder.streets
    along = [np.arange(0, length, 1.0) for length in streets.edge_length_m]
    edge = np.repeat(np.arange(len(streets), dtype=np.int32), [len(a) for a in along])
    at_m = np.concatenate(along)
    cost_m = field.at(field.part_of(edge, at_m), at_m)[0]
    xy = np.array([g.interpolate(m) for g, m in _lines(streets, edge, at_m)])
    rng = np.random.default_rng(3)
    low, high = streets.coords.min(axis=0) - 120, streets.coords.max(axis=0) + 120
    drawn = result.covered.geometry.iloc[0]
    off_m, budget_m, grid_m = walk.off_street, walk.budget_m(6), 2.0
    for place in shapely.points(rng.uniform(low, high, (600, 2))):
        leg_m = shapely.distance(xy, place)
        tolerance_m = grid_m if drawn.contains(place) else -grid_m
        spare = (leg_m <= off_m + tolerance_m) & (cost_m + leg_m <= budget_m + tolerance_m)
        assert spare.any() == drawn.contains(place)


def _lines(streets, edge, at_m):
    lines = streets.to_frame().geometry.to_numpy()
    return ((lines[e], m) for e, m in zip(edge, at_m, strict=True))


def test_lines_of_intervals_are_cut_to_the_metre():
    """An edge that bends, cut before, at and behind its bend; and whole."""
    streets = bent((0, 1, [(300, 0)]), nodes=[(0, 0), (300, 400)])
    cut = Intervals(*(np.array(c) for c in ([0, 0, 0, 0], [0.0, 100, 300, 250], [100.0, 300, 700, 350], [0] * 4)))
    lines = lines_of(streets, cut)
    assert [line.length for line in lines] == pytest.approx([100, 200, 400, 100])
    assert [len(line.coords) for line in lines] == [2, 2, 2, 3]
    assert lines_of(streets, whole_edges(streets))[0].equals(streets.to_frame().geometry[0])


def test_a_gap_leaves_out_the_disc_of_a_station_far_from_its_street():
    """A leg of 70 m and a budget of 160 m leave a disc of 90 m: of it a gap may show its own street's band alone."""
    streets = bent((0, 1, []), (1, 2, []), nodes=[(0, 0), (1000, 0), (2000, 0)])
    result = study(streets, (1000, 70), cutoffs=(2,))
    disc = shapely.Point(ORIGIN + np.array([1000, 0])).buffer(89)
    for shape in result.gaps.geometry:
        band = streets.to_frame().union_all().buffer(16)
        assert shape.intersection(disc).difference(band).area < 100


def test_a_gap_keeps_its_street_in_sight_under_a_wide_leg():
    """Parallel streets 200 m apart and a leg of 500 m: the covered area hides nearly all but the street's own band."""
    rows = [(0, 200.0 * i) for i in range(8)]
    nodes = [p for x, y in rows for p in ((x, y), (x + 3000.0, y))]
    edges = [(2 * i, 2 * i + 1, []) for i in range(8)] + [(2 * i, 2 * i + 2, []) for i in range(7)]
    streets = bent(*edges, nodes=nodes)
    result = study(streets, (0, 0), cutoffs=(15,), off_street=500)
    own = result.streets[result.streets["gap_id"] > 0]
    for gap in result.gaps.itertuples():
        street = own[own["gap_id"] == gap.gap_id].union_all()
        assert street.intersection(gap.geometry).length > 0.98 * street.length


def test_one_long_diagonal_street_does_not_take_memory():
    """100 km of desert road: the drawing follows the 2.4 km that are reached."""
    streets = bent((0, 1, []), nodes=[(0, 0), (70_000, 70_000)])
    result = study(streets, (35_000, 35_000), cutoffs=(15,))
    assert result.service_areas.area.iloc[0] == pytest.approx(2 * 1100 * 200 + np.pi * 100**2, rel=0.01)


def test_a_gap_has_far_fewer_points_than_its_outline_on_the_grid_and_lies_where_it_did():
    """A jagged ring of 400 points around a disc of 200 m, 0.3 m in and out: within 0.5 m few of them are needed."""
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 200 + 0.3 * np.resize([1.0, -1.0], 400)
    jagged = shapely.Polygon(np.stack((radius * np.cos(turn), radius * np.sin(turn)), axis=1))
    eased = _eased(jagged)
    assert eased.geom_type == "MultiPolygon"
    assert shapely.get_num_coordinates(eased) < 100
    assert eased.hausdorff_distance(jagged) <= EASED_M
    assert eased.symmetric_difference(jagged).area < 0.005 * jagged.area
