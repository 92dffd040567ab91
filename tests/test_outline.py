"""Polygons from what stands on a grid, beside contourpy's."""

from __future__ import annotations

from itertools import pairwise

import contourpy
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from walkshed.analysis import outline as outlines
from walkshed.analysis.outline import go_round, outline


def polygons(level: np.ndarray, below: float) -> list[shapely.Polygon]:
    points, rings, starts = outline(level, below)
    return list(shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (rings, starts)))


def drawn(picture: str) -> np.ndarray:
    """0 where a letter stands, 1 elsewhere; the first line is the northernmost."""
    rows = [line.strip() for line in picture.split("\n") if line.strip()]
    return np.array([[0.0 if c != "." else 1.0 for c in row] for row in rows[::-1]])


def theirs(level: np.ndarray, below: float) -> list[shapely.Polygon]:
    generator = contourpy.contour_generator(z=level, name="serial", fill_type=contourpy.FillType.OuterOffset)
    pieces = zip(*generator.filled(-np.inf, below), strict=True)
    return [shapely.Polygon(xy[at[0] : at[1]], [xy[a:b] for a, b in pairwise(at[1:])]) for xy, at in pieces]


def test_a_point_is_a_diamond():
    (diamond,) = polygons(drawn("... \n .x. \n ..."), 0.5)
    assert diamond.equals(shapely.from_wkt("POLYGON ((0.5 1, 1 0.5, 1.5 1, 1 1.5, 0.5 1))"))
    assert diamond.exterior.is_ccw


def test_nothing_inside_is_no_polygon():
    points, rings, starts = outline(np.ones((4, 4)), 0.5)
    assert not len(points)
    assert rings.tolist() == starts.tolist() == [0]


def test_an_island_in_a_lake_is_a_polygon_of_its_own():
    found = polygons(
        drawn("""
        .........
        .xxxxxxx.
        .x.....x.
        .x..x..x.
        .x.....x.
        .xxxxxxx.
        .........
        """),
        0.5,
    )
    assert sorted(len(polygon.interiors) for polygon in found) == [0, 1]
    # Half a step beyond its points: 7 x 5 less four corners of 1/8; the lake 5 x 3 less four.
    assert sorted(polygon.area for polygon in found) == [0.5, 34.5 - 14.5]


def test_two_lakes_lie_in_the_shell_around_them():
    found = polygons(
        drawn("""
        ..............
        .xxxxx..xxxxx.
        .x.x.x..x...x.
        .xxxxx..xxxxx.
        ..............
        """),
        0.5,
    )
    assert [len(polygon.interiors) for polygon in found] == [2, 1]


@pytest.mark.parametrize(("middle", "pieces"), [(0.4, 1), (0.6, 2)])
def test_where_corners_take_turns_their_mean_decides(middle, pieces):
    level = np.ones((4, 4))
    level[1, 1] = level[2, 2] = 0.0
    level[1, 2] = level[2, 1] = 2 * middle
    assert len(polygons(level, 0.5)) == pieces


def test_what_reaches_the_border_ends_there():
    (square,) = polygons(np.zeros((3, 3)), 0.5)
    assert square.equals(shapely.box(0, 0, 2, 2))


@given(
    level=arrays(np.float64, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.floats(0, 1, width=16)),
    below=st.sampled_from([0.25, 0.5, 0.7]),
)
def test_the_same_as_contourpy(level, below):
    level[[0, -1]] = level[:, [0, -1]] = 2.0
    level[level == below] = below + 0.01  # there a ring of theirs may shrink to a point
    ours, peers = polygons(level, below), theirs(level, below)
    assert len(ours) == len(peers)
    assert sum(len(polygon.interiors) for polygon in ours) == sum(len(polygon.interiors) for polygon in peers)
    whole, other = shapely.MultiPolygon(ours), shapely.MultiPolygon(peers)
    assert whole.is_valid
    assert whole.symmetric_difference(other).area == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_rings_keep_within_the_room_that_they_have(seed):
    """Too little is told, whatever it is that there is too little of, and nothing beyond it is written to."""
    level = np.pad(np.random.default_rng(seed).random((6, 7)), 1, constant_values=1.0)
    rows, columns = level.shape
    points, rings, _ = outline(level, 0.5)
    most = len(points) + 3
    rooms = [(room, most) for room in range(most)] + [(most, room) for room in range(1, len(rings) + 2)]
    for for_points, for_rings in rooms:
        xy, ends, shell = np.full((most + 9, 2), -7.0), np.full(most + 9, -7), np.full(most + 9, -7)
        ends[0] = 0
        ring = np.zeros(level.shape, np.int32)
        count = go_round(
            level, 0.5, ring, 0, rows - 1, 0, columns - 1, xy[:for_points], ends[:for_rings], shell[:for_rings], 0
        )
        assert (xy[for_points:] == -7).all()
        assert (ends[for_rings:] == -7).all()
        assert (shell[for_rings:] == -7).all()
        assert count == (len(rings) - 1 if for_points >= len(points) and for_rings >= len(rings) else -1)


def test_outlines_grow_into_the_room_that_they_need(monkeypatch):
    level = np.random.default_rng(1).random((40, 40))
    whole = outline(level, 0.5)
    monkeypatch.setattr(outlines, "ROOM", 2)
    assert len(whole[0]) > 2 * (40 + 40 + 4)
    assert all((a == b).all() for a, b in zip(whole, outline(level, 0.5), strict=True))
