"""Distances to lines on a grid: what is left out because no outline comes by changes no outline."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from toys import grid
from walkshed.analysis import canvas as canvases
from walkshed.analysis.areas import gap_area
from walkshed.analysis.canvas import Canvas, between
from walkshed.analysis.drawing import BLOCK, draw_parts
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.outline import ROOM

LEVEL_M, CELL_M = 100.0, 8.0


def scattered(count: int, seed: int, side_m: float = 1500.0) -> np.ndarray:
    """(count, 2, 2) ends of short segments; each tenth is one point, each seventh runs right across."""
    draw = np.random.default_rng(seed)
    ends = draw.uniform(0, side_m, (count, 1, 2)) + draw.normal(0, 40, (count, 2, 2))
    ends[::10, 1] = ends[::10, 0]
    ends[::7, 1] = side_m / 2
    return ends


def town(streets: int, side_m: float) -> np.ndarray:
    """(2 · streets, 2, 2) ends of the streets of a chequerboard."""
    at = np.linspace(0, side_m, streets)
    low, high = np.zeros(streets), np.full(streets, side_m)
    across = np.stack((np.stack((low, at), 1), np.stack((high, at), 1)), 1)
    return np.concatenate((across, across[:, :, ::-1]))


def exact(canvas: Canvas, ends: np.ndarray) -> shapely.MultiPolygon:
    grid = canvas.blank()
    canvas.draw(grid, between(ends))
    return canvas.contour(canvas.metres(grid), LEVEL_M)


def same(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    """Whether two shapes are made of the same polygons, point by point; the sum of a place and its grid may round."""
    return shapely.equals_exact(shapely.normalize(a), shapely.normalize(b), tolerance=1e-9)


@settings(deadline=None)  # the first run compiles
@given(st.integers(1, 60), st.integers(0, 2**32 - 1), st.lists(st.integers(0, 60), max_size=3))
def test_outlines_are_those_of_exact_distances(count, seed, cuts):
    ends = scattered(count, seed)
    xy, starts = between(ends)
    parts = np.array([0, *sorted({max(1, min(cut, count)) for cut in cuts} | {count})])
    canvas = Canvas(xy, LEVEL_M, CELL_M)
    outlines = canvas.outlines((xy, starts), parts, LEVEL_M)
    assert len(outlines) == len(parts) - 1
    for outline, after in zip(outlines, parts[1:], strict=True):
        assert outline.is_valid
        assert same(outline, exact(canvas, ends[:after]))


def test_a_part_that_adds_nothing_is_outlined_as_the_one_before():
    lines = between(scattered(5, 1))
    one, other = Canvas(lines[0], LEVEL_M, CELL_M).outlines(lines, np.array([0, 5, 5]), LEVEL_M)
    assert one.equals(other)


def test_a_grid_that_is_contoured_at_one_level_is_exact_from_a_cell_before_it_on():
    ends = scattered(80, 5)
    canvas = Canvas(ends.reshape(-1, 2), LEVEL_M, CELL_M)
    drawn, whole = canvas.blank(), canvas.blank()
    canvas.draw(drawn, between(ends), LEVEL_M)
    canvas.draw(whole, between(ends))
    matters = canvas.metres(whole) >= LEVEL_M - CELL_M
    assert (drawn[matters] == whole[matters]).all()
    assert (canvas.metres(drawn)[~matters] < LEVEL_M).all()
    assert ((drawn == whole) | (drawn == 0)).all()


def test_lines_beyond_the_grid_are_drawn_as_far_as_it_goes():
    """A gap is drawn with all covered street near it."""
    ends = scattered(200, 3)
    canvas = Canvas(np.array([[600.0, 600.0], [900.0, 900.0]]), LEVEL_M, CELL_M)
    drawn, whole = canvas.blank(), canvas.blank()
    canvas.draw(drawn, between(ends), LEVEL_M)
    canvas.draw(whole, between(ends))
    (x0, y0), (x1, y1) = canvas.bounds
    assert (x1 - x0) * (y1 - y0) < 600**2
    rows, columns = np.indices(drawn.shape)
    points = shapely.points(canvas.xy_of(rows.ravel(), columns.ravel()))
    lines = shapely.multilinestrings(shapely.linestrings(ends))
    distance_m = np.minimum(shapely.distance(points, lines), LEVEL_M + canvases.BEYOND * CELL_M)
    assert canvas.metres(whole).ravel() == pytest.approx(distance_m, abs=1e-6)
    assert ((canvas.metres(drawn) < LEVEL_M) == (canvas.metres(whole) < LEVEL_M)).all()


def test_outlines_with_many_points_have_room():
    """A thousand islands have more points than the rows and columns of their grid let expect."""
    spots = np.stack(np.meshgrid(np.arange(32.0), np.arange(32.0)), axis=-1).reshape(-1, 2) * 60
    lines = between(np.stack((spots, spots), axis=1))
    canvas = Canvas(spots, 20.0, 1.6)
    (shape,) = canvas.outlines(lines, np.array([0, len(spots)]), 20.0)
    assert len(shape.geoms) == len(spots)
    assert shapely.get_num_coordinates(shape) > ROOM * sum(canvas.blank().shape)
    assert shape.area == pytest.approx(len(spots) * np.pi * 20**2, rel=0.01)


def test_within_a_town_hardly_anything_is_left_to_be_drawn():
    """The work: of the grid's blocks only those are left that lie about the outline, however many streets there are."""
    for streets in (15, 60):
        ends = town(streets, 1400.0)
        canvas = Canvas(ends.reshape(-1, 2), LEVEL_M, CELL_M)
        grid = canvas.blank()
        canvas.draw(grid, between(ends), LEVEL_M)
        rows, columns = (side // BLOCK for side in grid.shape)
        blocks = grid[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
        is_left = (blocks > 0).any(axis=(1, 3))
        assert not is_left[3:-3, 3:-3].any()
        assert is_left.mean() < 0.25


@pytest.mark.parametrize(
    ("level_m", "place"), [(33.3, (-946106.2799999999, 2552128.65)), (87.7, (302463.04, -9.4)), (100.0, (0.0, 0.0))]
)
def test_places_on_the_very_edge_of_a_cell_keep_within_the_grid(level_m, place):
    """Where a line lies on the grid may be a rounding beyond it: Python, other than a kernel, would say so."""
    cell_m, xy = level_m / 12.5, np.array([place, place])
    for shift in np.arange(64) / 4:
        moved = xy + shift * cell_m
        canvas = Canvas(moved, level_m, cell_m)
        rows, columns = shape = canvas.blank().shape
        grid, level, ring = canvas.blank(), np.full(shape, -1.0), np.full(shape, -1, np.int32)
        points, ends, shell = np.empty((999, 2)), np.zeros(99, np.int64), np.empty(99, np.int64)
        count = np.zeros(2, np.int64)
        into = grid, level, ring, points, ends, shell, count
        settings_ = canvas._settings(level_m)
        lines = canvas._cells(moved), np.array([0, 2]), np.array([0, 1])
        assert draw_parts.py_func(*lines, level_m / cell_m, *into, *settings_) == 1
        assert count[1] == 1
        assert (rows, columns) == grid.shape


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([10.0, 15.0, 20.0, 60.0, 100.0, 150.0]))
def test_what_is_told_as_nothing_within_the_covered_area_moves_no_gap(seed, off_street_m):
    streets, draw = grid(5, 5), np.random.default_rng(seed)
    edges = len(streets.edge_u)
    whose = draw.integers(0, 3, edges)
    from_m, to_m = np.sort(draw.uniform(0, 1, (2, edges)), axis=0) * streets.edge_length_m
    own, covered = (
        Intervals(edge, from_m[edge], to_m[edge], np.zeros(len(edge), np.int32))
        for edge in (np.flatnonzero(whose == 0).astype(np.int32), np.flatnonzero(whose == 1).astype(np.int32))
    )
    if not len(own):
        return
    shape = gap_area(streets, own, covered, off_street_m)
    plain = Canvas.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Canvas, "draw", lambda canvas, drawn, lines, _=0.0: plain(canvas, drawn, lines))
        assert same(shape, gap_area(streets, own, covered, off_street_m))
    assert shape.is_valid
