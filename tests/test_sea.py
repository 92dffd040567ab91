"""The sea: what lies right of coastlines, as far as a file tells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from walkshed.network.sea import sea_within

BOX = (0.0, 0.0, 4.0, 4.0)


def sea_of(*lines: list[tuple[float, float]] | None) -> tuple[list[shapely.Polygon], list[list[tuple[float, float]]]]:
    """The sea, and the points of what is left over of each coastline."""
    coasts = np.array([line and shapely.LineString(line) for line in lines], dtype=object)
    sea, drawn, coast, is_shore = sea_within(BOX, coasts)
    assert shapely.is_valid(sea).all()
    left_over, coast = drawn[~is_shore], coast[~is_shore]
    rest = [shapely.line_merge(shapely.union_all(left_over[coast == i])).simplify(0.0) for i in range(len(lines))]
    whole = [shapely.normalize(shape.simplify(0.0)) for shape in sea]
    return whole, [sorted(map(tuple, shapely.get_coordinates(line).tolist())) for line in rest]


def box(*bounds: float) -> shapely.Polygon:
    return shapely.normalize(shapely.box(*bounds))


EAST = [(-1.0, 2.0), (5.0, 2.0)]
ISLAND = [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0)]
"""Drawn with the land to its left: against the clock."""


def test_the_sea_lies_to_the_right_of_a_coastline() -> None:
    assert sea_of(EAST) == ([box(0, 0, 4, 2)], [[]])
    assert sea_of(EAST[::-1]) == ([box(0, 2, 4, 4)], [[]])


def test_a_coastline_may_come_in_several_ways_and_twice() -> None:
    ways = [(-1, 2), (1, 2)], None, [(2, 2), (5, 2)], [(1, 2), (2, 2)], [(2, 2), (5, 2)]
    assert sea_of(*ways) == ([box(0, 0, 4, 2)], [[]] * 5)


def test_an_island_lies_in_the_sea_and_an_inland_sea_on_land() -> None:
    assert sea_of(ISLAND) == ([shapely.normalize(box(*BOX) - box(1, 1, 3, 3))], [[]])
    assert sea_of(ISLAND[::-1]) == ([box(1, 1, 3, 3)], [[]])


def test_where_a_coastline_ends_the_sea_does() -> None:
    assert sea_of([(-1, 2), (2, 2)]) == ([box(0, 0, 2, 2)], [[]])
    assert sea_of([(1, 2), (2, 2)]) == ([box(1, 0, 2, 2)], [[]])
    assert sea_of([(2, 2), (1, 2)]) == ([box(1, 2, 2, 4)], [[]])
    assert sea_of([(1, 2), (2, 2)], [(1, 2), (2, 2)]) == ([box(1, 0, 2, 2)], [[], []])
    # an island beside it lies where nobody knows
    assert sea_of([(-1, 2), (0.5, 2)], ISLAND) == ([box(0, 0, 0.5, 2)], [[], sorted(ISLAND)])


def test_a_coastline_that_bounds_sea_for_a_part_is_left_over_for_the_rest() -> None:
    strait = box(0, 1, 2, 3)
    assert sea_of([(-1, 3), (2, 3)], [(5, 1), (-1, 1)]) == ([strait], [[], [(2, 1), (4, 1)]])
    assert sea_of([(-1, 3), (2, 3)], [(5, 1), (3, 1), (-1, 1)]) == ([strait], [[], [(2, 1), (4, 1)]])


def test_the_sea_ends_square_to_a_coastline() -> None:
    coasts = np.array([shapely.LineString([(9, 59), (10.01, 60)])])
    (sea,), *_ = sea_within((10.0, 59.99, 10.02, 60.01), coasts)
    corner, limit = (10.01, 60.0), max(sea.exterior.coords, key=lambda xy: xy)
    along, out = (np.subtract(xy, corner) * (np.cos(np.radians(60)), 1) for xy in ((9, 59), limit))
    assert np.dot(along, out) / np.hypot(*along) / np.hypot(*out) == pytest.approx(0.0, abs=0.001)


def test_several_that_end_leave_no_seams_in_the_sea() -> None:
    (sea,), _ = sea_of([(0.5, 2), (2, 2)], [(1, 2), (3, 2)])
    assert sea == box(0.5, 0, 3, 2)


def test_coastlines_that_contradict_each_other_tell_nothing_of_what_lies_between() -> None:
    assert sea_of([(-1, 1), (5, 1)], [(-1, 3), (5, 3)]) == ([box(0, 0, 4, 1)], [[], [(0, 3), (4, 3)]])


def test_what_is_too_short_tells_nothing() -> None:
    # a bay leaves the box by a hair: the piece of the box's edge across it lies on both its shores, and is neither
    (sea,), rest = sea_of([(0.1, 0), (-1e-9, 2), (0.2, 0)])
    assert (sea.area, rest) == (pytest.approx(0.1), [[]])


def test_a_bay_may_touch_the_edge_of_the_box_at_a_point() -> None:
    (sea,), _ = sea_of([(4, -1), (4, 0), (2, 1), (0, 0), (0, -1), (4, -1)])
    assert sea.area == pytest.approx(14)


def test_coastlines_elsewhere_tell_nothing() -> None:
    assert sea_of([(5, 0), (5, 4)]) == ([], [[]])
    assert sea_of() == ([], [])
    assert sea_of(None) == ([], [[]])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1, 5), st.floats(-1, 5), st.floats(0.1, 2), st.integers(3, 9)), min_size=1, max_size=6
    ),
    st.integers(1, 7),
)
def test_the_sea_is_what_the_land_leaves_of_the_box(discs, points_a_way):
    turns = [np.linspace(0, 2 * np.pi, corners, endpoint=False) for *_, corners in discs]
    corners = [
        np.column_stack((x + r * np.cos(a), y + r * np.sin(a))) for (x, y, r, _), a in zip(discs, turns, strict=True)
    ]
    land = shapely.union_all([shapely.Polygon(xy.round(7)) for xy in corners])  # as exact as OpenStreetMap is
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(land)))
    ways = [
        ring.coords[i : i + points_a_way + 1] for ring in rings for i in range(0, len(ring.coords) - 1, points_a_way)
    ]
    coasts = np.array([shapely.LineString(way) for way in ways], dtype=object)
    sea, lines, _, is_shore = sea_within(BOX, coasts)
    all_sea, coast = shapely.union_all(sea), land.boundary & shapely.box(*BOX).buffer(-1e-6)
    assert all_sea.intersection(land).area == pytest.approx(0.0, abs=1e-9)
    for part in shapely.get_parts(shapely.box(*BOX) - land):
        if part.buffer(1e-9).intersection(coast).length > 1e-6:  # else nothing tells what it is
            assert part.difference(all_sea).area == pytest.approx(0.0, abs=1e-9)
    edge = shapely.box(*BOX).exterior.buffer(1e-9)  # along which the sea lies on the other side
    assert shapely.length(lines[~is_shore] - edge).sum() == pytest.approx(0.0, abs=1e-7)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-1, 4), st.integers(-1, 4), st.integers(1, 3), st.booleans()), min_size=1, max_size=5
    )
)
def test_no_land_is_taken_for_sea_where_coasts_meet_the_edge_of_the_box(pieces):
    """Corners lie on the edge, and coasts run along it."""
    land = shapely.union_all(
        [shapely.Polygon([(x, y), (x + r, y), (x + r, y + r), (x, y + r)][slanted:]) for x, y, r, slanted in pieces]
    )
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(land)))
    sea, *_ = sea_within(BOX, np.array([shapely.LineString(ring.coords) for ring in rings], dtype=object))
    assert shapely.is_valid(sea).all()
    assert shapely.union_all(sea).intersection(land).area == pytest.approx(0.0, abs=1e-9)
