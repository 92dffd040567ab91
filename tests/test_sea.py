"""The sea: what lies right of coastlines, as far as a file tells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from walkshed.network.sea import sea_within

BOX = (0.0, 0.0, 4.0, 4.0)


def sea_of(*lines: list[tuple[float, float]] | None) -> tuple[list[shapely.Polygon], list[bool]]:
    coasts = np.array([line and shapely.LineString(line) for line in lines], dtype=object)
    sea, tells = sea_within(BOX, coasts)
    return [shapely.normalize(shape.simplify(0.0)) for shape in sea], tells.tolist()


def box(*bounds: float) -> shapely.Polygon:
    return shapely.normalize(shapely.box(*bounds))


EAST = [(-1.0, 2.0), (5.0, 2.0)]
ISLAND = [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0)]
"""Drawn with the land to its left: against the clock."""


def test_the_sea_lies_to_the_right_of_a_coastline() -> None:
    assert sea_of(EAST) == ([box(0, 0, 4, 2)], [True])
    assert sea_of(EAST[::-1]) == ([box(0, 2, 4, 4)], [True])


def test_a_coastline_may_come_in_several_ways() -> None:
    assert sea_of([(-1, 2), (1, 2)], None, [(2, 2), (5, 2)], [(1, 2), (2, 2)]) == (
        [box(0, 0, 4, 2)],
        [True, False, True, True],
    )


def test_an_island_lies_in_the_sea_and_an_inland_sea_on_land() -> None:
    assert sea_of(ISLAND) == ([shapely.normalize(box(*BOX) - box(1, 1, 3, 3))], [True])
    assert sea_of(ISLAND[::-1]) == ([box(1, 1, 3, 3)], [True])


def test_where_a_coastline_ends_the_sea_does() -> None:
    assert sea_of([(-1, 2), (2, 2)]) == ([box(0, 0, 2, 2)], [True])
    assert sea_of([(1, 2), (2, 2)]) == ([box(1, 0, 2, 2)], [True])
    assert sea_of([(2, 2), (1, 2)]) == ([box(1, 2, 2, 4)], [True])
    # an island beside it lies where nobody knows
    assert sea_of([(-1, 2), (0.5, 2)], ISLAND) == ([box(0, 0, 0.5, 2)], [True, False])
    # beyond the strait lies land
    sea, tells = sea_of([(-1, 3), (2, 3)], [(5, 1), (-1, 1)])
    assert (sea, tells) == ([box(0, 1, 2, 3)], [True, True])


def test_the_sea_ends_square_to_a_coastline() -> None:
    (sea,), _ = sea_within((10.0, 59.99, 10.02, 60.01), np.array([shapely.LineString([(9, 59), (10.01, 60)])]))
    corner, limit = (10.01, 60.0), max(sea.exterior.coords, key=lambda xy: xy)
    along, out = (np.subtract(xy, corner) * (np.cos(np.radians(60)), 1) for xy in ((9, 59), limit))
    assert np.dot(along, out) / np.hypot(*along) / np.hypot(*out) == pytest.approx(0.0, abs=0.001)


def test_coastlines_that_contradict_each_other_tell_nothing_of_what_lies_between() -> None:
    assert sea_of([(-1, 1), (5, 1)], [(-1, 3), (5, 3)]) == ([box(0, 0, 4, 1)], [True, False])
    assert sea_of([(-1, 3), (2, 3)], [(-1, 1), (5, 1)])[1] == [False, True]


def test_coastlines_elsewhere_tell_nothing() -> None:
    assert sea_of([(5, 0), (5, 4)]) == ([], [False])
    assert sea_of() == ([], [])
    assert sea_of(None) == ([], [False])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1, 5), st.floats(-1, 5), st.floats(0.1, 2), st.integers(3, 9)), min_size=1, max_size=6
    ),
    st.integers(1, 7),
)
def test_the_sea_is_what_the_land_leaves_of_the_box(discs, points_a_way):
    land = shapely.union_all(
        [
            shapely.Polygon([(x + r * np.cos(a), y + r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, n + 1)[:-1]])
            for x, y, r, n in discs
        ]
    )
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(land)))
    ways = [
        ring.coords[i : i + points_a_way + 1] for ring in rings for i in range(0, len(ring.coords) - 1, points_a_way)
    ]
    coasts = np.array([shapely.LineString(way) for way in ways], dtype=object)
    sea, tells = sea_within(BOX, coasts)
    left = shapely.box(*BOX) - land
    if not shapely.intersects(land.boundary, shapely.box(*BOX)):
        assert not len(sea)
        return
    assert shapely.union_all(sea).symmetric_difference(left).area == pytest.approx(0.0, abs=1e-9)
    assert tells.any() == bool(len(sea))
