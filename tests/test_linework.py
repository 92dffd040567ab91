"""Lines that follow each other are drawn as one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import walkshed as ws
from walkshed.output.linework import joined


def lines(*texts: str) -> np.ndarray:
    return shapely.from_wkt([f"LINESTRING ({text})" for text in texts])


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
    assert texts(joined(lines(*given))) == expected


def test_a_county_is_joined_as_geos_joins_it():
    streets = ws.read_streets(ws.demo_county().streets).lines
    ours = joined(streets)
    theirs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(streets)))
    assert len(ours) < len(streets)
    assert texts(shapely.normalize(ours)) == texts(shapely.normalize(theirs))
