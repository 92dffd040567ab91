"""Lines that follow each other are drawn as one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import walkshed as ws
from walkshed.output.linework import Lines, joined, lines_of, simplified


def shapes_of(lines: Lines) -> np.ndarray:
    return shapely.from_ragged_array(shapely.GeometryType.LINESTRING, lines.xy, (lines.offsets,))


def texts(shapes: np.ndarray) -> list[str]:
    return sorted(shape.wkt.removeprefix("LINESTRING (").removesuffix(")") for shape in shapes)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["0 0, 1 1, 2 0"], ["0 0, 1 1, 2 0"], id="one alone"),
        pytest.param(["1 0, 2 0", "1 0, 0 0", "2 0, 3 5"], ["0 0, 1 0, 2 0, 3 5"], id="three in a row"),
        pytest.param(["0 0, 1 0", "1 0, 2 0", "1 0, 1 1"], ["0 0, 1 0", "1 0, 1 1", "1 0, 2 0"], id="a fork"),
        pytest.param(["0 0, 1 1", "1 1, 2 0", "0 0, 2 0"], ["0 0, 1 1, 2 0, 0 0"], id="a ring"),
        pytest.param(["0 0, 1 1, 2 0", "2 0, 1 -1, 0 0"], ["0 0, 1 -1, 2 0, 1 1, 0 0"], id="two of the same ends"),
        pytest.param(["0 0, 1 1, 1 -1, 0 0"], ["0 0, 1 1, 1 -1, 0 0"], id="a loop alone"),
        pytest.param(
            ["0 0, 1 1, 1 -1, 0 0", "-1 0, 0 0"], ["-1 0, 0 0", "0 0, 1 1, 1 -1, 0 0"], id="a loop on a street"
        ),
    ],
)
def test_lines_are_joined_where_two_meet_and_no_third(given, expected):
    shapes = shapely.from_wkt([f"LINESTRING ({text})" for text in given])
    assert texts(shapes_of(joined(lines_of(shapes)))) == expected


@pytest.fixture(scope="module")
def streets() -> np.ndarray:
    return ws.read_streets(ws.demo_county().streets).lines


def test_a_county_is_joined_as_geos_joins_it(streets):
    ours = shapes_of(joined(lines_of(streets)))
    theirs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(streets)))
    assert len(ours) < len(streets)
    assert texts(shapely.normalize(ours)) == texts(shapely.normalize(theirs))


@pytest.mark.parametrize("tolerance_m", [0.0, 1.0, 20.0, 500.0])
def test_a_county_is_simplified_as_geos_simplifies_it(streets, tolerance_m):
    ours = simplified(lines_of(streets), tolerance_m)
    theirs = lines_of(shapely.simplify(streets, tolerance_m, preserve_topology=False))
    assert np.array_equal(ours.offsets, theirs.offsets)
    assert np.array_equal(ours.xy, theirs.xy)


@pytest.mark.parametrize(("tolerance_m", "points"), [(0.5, 5), (1.5, 4), (2.5, 3), (4.5, 2)])
def test_a_point_goes_once_it_lies_within_the_tolerance(tolerance_m, points):
    # (10, 4) lies 4 m off the whole, (15, 1) then 1.96 m off the second half, (20, 0) at last 0.67 m off the rest.
    zigzag = shapely.from_wkt(["LINESTRING (0 0, 10 4, 15 1, 20 0, 30 0)"])
    assert len(simplified(lines_of(zigzag), tolerance_m).xy) == points
