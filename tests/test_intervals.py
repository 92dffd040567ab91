"""Intervals of street: joined, cut to one another, cut at polygons."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from toys import LADDER, ORIGIN, bent, edge_of, toy
from walkshed.analysis.canvas import lines_of
from walkshed.analysis.intervals import FEW, Intervals, inside_polygons, overlap, whole_edges


def intervals(*rows):
    """Rows of edge, from, to, of."""
    edge, start, end, of = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Intervals(
        np.array(edge, dtype=np.int32), np.array(start, float), np.array(end, float), np.array(of, dtype=np.int32)
    )


def rows_of(found):
    return sorted(zip(found.edge.tolist(), found.from_m.tolist(), found.to_m.tolist(), found.of.tolist(), strict=True))


def polygon(*points):
    return shapely.Polygon(np.array(points, dtype=float) + ORIGIN)


def test_rows_that_overlap_or_touch_are_one():
    found = intervals((0, 5, 9, 0), (0, 0, 3, 0), (0, 3, 4, 0), (0, 6, 7, 0), (1, 0, 2, 0), (0, 3.5, 8, 1)).merged()
    assert rows_of(found) == [(0, 0, 4, 0), (0, 3.5, 8, 1), (0, 5, 9, 0), (1, 0, 2, 0)]


def test_a_long_row_swallows_what_comes_after():
    assert rows_of(intervals((0, 0, 100, 0), (0, 1, 2, 0), (0, 50, 60, 0), (0, 99, 101, 0)).merged()) == [
        (0, 0, 101, 0)
    ]


@pytest.mark.parametrize("count", [FEW - 1, FEW, FEW + 1, 5 * FEW])
def test_any_number_of_rows_on_one_edge_comes_in_any_order(count):
    rng = np.random.default_rng(count)
    rows = [(0, m, m + 1, int(rng.integers(-1, 1))) for m in rng.integers(0, 2 * count, count).tolist()]
    found = intervals(*rows).merged()
    pieces = zip(found.of.tolist(), found.from_m.tolist(), found.to_m.tolist(), strict=True)
    told = [(owner, m) for owner, start, end in pieces for m in range(int(start), int(end))]
    assert told == sorted({(owner, m) for _, m, _, owner in rows})


def test_nothing_stays_nothing():
    assert len(intervals().merged()) == 0
    assert len(overlap(intervals(), intervals((0, 0, 1, 0)))) == 0
    assert len(overlap(intervals((0, 0, 1, 0)), intervals())) == 0


def test_overlap_keeps_the_owner_and_drops_what_only_touches():
    a = intervals((0, 0, 10, 7), (1, 0, 10, 8), (2, 0, 5, 9))
    b = intervals((0, 2, 3, 0), (0, 5, 20, 0), (2, 5, 9, 0))
    assert rows_of(overlap(a, b)) == [(0, 2, 3, 7), (0, 5, 10, 7)]


ROW = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 12), st.integers(0, 2))


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, max_size=14), st.lists(ROW, max_size=14))
def test_joining_and_cutting_agree_with_sets_of_metres(first, second):
    """Whole metres as sets of numbers."""

    def metres(found, owner=True):
        return {(e, m, *((o,) if owner else ())) for e, x, y, o in rows_of(found) for m in range(round(x), round(y))}

    a = intervals(*((e, x, x + run, o) for e, x, run, o in first))
    b = intervals(*((e, x, x + run, 0) for e, x, run, _ in second)).merged()
    assert metres(a.merged()) == metres(a)
    assert a.merged().length_m.sum() == pytest.approx(len(metres(a)))
    there = metres(b, owner=False)
    assert metres(overlap(a, b)) == {(e, m, o) for e, m, o in metres(a) if (e, m) in there}


def test_a_box_cuts_a_street_mid_way():
    """
    A----B----C----D   A box from x = 250 to 1200 and y = -100 to 50: 250 m of A-B, B-C, 200 m of C-D, and
    |    |    |    |   100 m each of B-F and C-G.
    E----F----G----H
    """
    ladder = toy(LADDER).streets
    found = inside_polygons(ladder, np.array([polygon((250, -100), (1200, -100), (1200, 50), (250, 50))]))
    assert found.length_m.sum() == pytest.approx(250 + 500 + 200 + 200)
    row = found.edge == edge_of(ladder, 0, 1)
    assert found.from_m[row] == pytest.approx([250])


def test_a_hole_is_outside():
    ladder = toy(LADDER).streets
    whole = polygon((-50, -250), (1550, -250), (1550, 50), (-50, 50))
    area = whole.difference(polygon((600, -50), (900, -50), (900, 50), (600, 50)))
    found = inside_polygons(ladder, np.array([area]))
    assert found.length_m.sum() == pytest.approx(3800 - 300)
    assert (found.edge == edge_of(ladder, 1, 2)).sum() == 2


def test_polygons_may_overlap_and_have_parts():
    ladder = toy(LADDER).streets
    left, right = polygon((-9, -9), (300, -9), (300, 9), (-9, 9)), polygon((200, -9), (900, -9), (900, 9), (200, 9))
    both = shapely.MultiPolygon([left, polygon((1400, -9), (1600, -9), (1600, 9), (1400, 9))])
    found = inside_polygons(ladder, np.array([both, right]))
    assert np.bincount(found.of, weights=found.length_m) == pytest.approx([309 + 109, 700 + 9])


def test_a_street_that_runs_in_and_out():
    """A zigzag over the border y = 0: half of each stroke is inside."""
    points = [(x, 100 if i % 2 else -100) for i, x in enumerate(range(0, 1100, 100))]
    zigzag = bent((0, 1, points[1:-1]), nodes=[points[0], points[-1]])
    found = inside_polygons(zigzag, np.array([polygon((-10, 0), (1010, 0), (1010, 500), (-10, 500))]))
    assert found.length_m.sum() == pytest.approx(zigzag.edge_length_m[0] / 2)
    assert len(found) == 5


def test_a_street_that_crosses_itself_or_turns_back():
    """Every metre of the way counts, also where two lie on each other. To and fro: 50-150 m on the way out,
    150-100 m on the way back, and 70.7 m up the slope to 50 m. Crossed: the diagonals of a square, in its middle."""
    box = polygon((50, -10), (150, -10), (150, 210), (50, 210))
    back = bent((0, 1, [(300, 0), (100, 0)]), nodes=[(0, 0), (0, 100)])
    assert inside_polygons(back, np.array([box])).length_m.sum() == pytest.approx(100 + 50 + 50 * 2**0.5)
    crossed = bent((0, 1, [(200, 200), (200, 0)]), nodes=[(0, 0), (0, 200)])
    found = inside_polygons(crossed, np.array([box]))
    assert found.length_m.sum() == pytest.approx(2 * 100 * 2**0.5)
    assert len(found) == 2


def test_repeated_points_and_segments_outside_are_no_obstacle():
    streets = bent((0, 1, [(100, 0), (100, 0), (300, 0), (300, 50), (700, 50)]), nodes=[(0, 0), (700, 0)])
    found = inside_polygons(streets, np.array([polygon((50, -100), (250, -100), (250, 100), (50, 100))]))
    assert found.length_m.tolist() == pytest.approx([200])


def test_an_edge_of_no_length_on_the_border():
    streets = bent((0, 1, []), (1, 1, [(100, 0)]), nodes=[(0, 0), (100, 0)])
    found = inside_polygons(streets, np.array([polygon((-50, -50), (100, -50), (100, 50), (-50, 50))]))
    assert found.length_m.sum() == pytest.approx(100)


def test_a_street_along_the_border_is_inside():
    ladder = toy(LADDER).streets
    found = inside_polygons(ladder, np.array([polygon((0, -200), (500, -200), (500, 0), (0, 0))]))
    assert found.length_m.sum() == pytest.approx(1400)


def test_a_polygon_that_only_touches_a_street_or_misses_all():
    ladder = toy(LADDER).streets
    touching, missing = polygon((0, 0), (100, 100), (-100, 100)), polygon((9e3, 9e3), (9.1e3, 9e3), (9e3, 9.1e3))
    assert len(inside_polygons(ladder, np.array([touching, missing]))) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_agrees_with_shapely_on_random_streets(seed):
    rng = np.random.default_rng(seed)
    nodes = [tuple(p) for p in rng.uniform(0, 1000, (6, 2)).tolist()]
    edges = [
        (int(u), int(v), [tuple(p) for p in rng.uniform(0, 1000, (2, 2)).tolist()])
        for u, v in rng.integers(0, 6, (6, 2))
    ]
    streets = bent(*edges, nodes=nodes)
    shapes = np.array([polygon(*rng.uniform(0, 1000, (5, 2)).tolist()).buffer(0) for _ in range(3)])
    shapes = shapes[shapely.area(shapes) > 1]
    lines = streets.to_frame().geometry
    for shape in shapes:
        own = inside_polygons(streets, np.array([shape]))
        segments = [
            shapely.LineString(pair) for line in lines for pair in np.stack((line.coords[:-1], line.coords[1:]), axis=1)
        ]
        expected = sum(segment.intersection(shape).length for segment in segments)
        assert own.length_m.sum() == pytest.approx(expected, abs=1e-5)
        middles = shapely.line_interpolate_point(lines_of(streets, own), 0.5, normalized=True)
        assert shapely.intersects(shape.buffer(1e-6), middles).all()


def test_all_street_is_one_interval_an_edge():
    ladder = toy(LADDER).streets
    assert whole_edges(ladder).length_m.sum() == pytest.approx(3800)
    assert rows_of(overlap(whole_edges(ladder), whole_edges(ladder).merged())) == rows_of(whole_edges(ladder))


def test_street_on_a_common_border_belongs_to_the_first():
    """
    A----B----C----D   Two zones meet along B-F: its 200 m count once. A third that covers both counts all of its own.
    |    |    |    |
    E----F----G----H
    """
    ladder = toy(LADDER).streets
    west, east = (
        polygon((-9, 9), (500, 9), (500, -209), (-9, -209)),
        polygon((500, 9), (999, 9), (999, -209), (500, -209)),
    )
    length_m = np.bincount((found := inside_polygons(ladder, np.array([west, east]))).of, weights=found.length_m)
    assert length_m == pytest.approx([200 + 500 + 500 + 200, 2 * 499])
    both = inside_polygons(ladder, np.array([west, east, west.union(east)]))
    assert np.bincount(both.of, weights=both.length_m)[2] == pytest.approx(length_m.sum())


def test_many_rows_stay_apart_and_together():
    """A long edge among a million short ones must not blur where rows touch."""
    n = 1_000_000
    edge = np.repeat(np.arange(n, dtype=np.int32), 2)
    start = np.tile([0.0, 10.0], n)
    end = np.tile([10.0, 20.0], n)
    end[1] = 20_000.0
    rows = Intervals(edge, start, end, np.zeros(2 * n, np.int32)).merged()
    assert len(rows) == n
    assert rows.length_m.sum() == pytest.approx(20_000 + 20 * (n - 1))
