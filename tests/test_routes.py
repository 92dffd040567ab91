"""Walking routes: from any street point, line by line, to the station that the figures name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toys import toy
from walkshed.analysis.routes import ARRIVED
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk

LADDER = toy("""
    A---B---C---D
    |   |   |   |
    E---F---G---H
    |       |   |
    I-------J---K
""")


def walk_from(result, line: int) -> tuple[list[int], float]:
    """Follow the pointers from the middle of a line: the lines walked, and the metres."""
    routes = result.routes
    length_m = np.concatenate((result.streets.geometry.length, routes.around.geometry.length))
    peak = routes.peak_share
    back = peak[line] >= 0.5
    walked, lines = length_m[line] / 2, [line]
    while (line := int((routes.next_start if back else routes.next_end)[line])) != ARRIVED:
        assert peak[line] in (pytest.approx(0.0, abs=1e-6), pytest.approx(1.0, abs=1e-6))
        assert line not in lines, "went in a circle"
        lines.append(line)
        walked += length_m[line]
        back = peak[line] >= 0.5
    return lines, walked


@settings(max_examples=25, deadline=None)
@example([("F", 2, -4), ("F", 2, -4)])  # two stations at one place, which a third is nearer to
@example([("F", 2, -4), ("F", 2, -4), ("F", 2, -4)])
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEFGHIJK"), st.integers(-90, 90), st.integers(-40, 40)), min_size=1, max_size=4
    )
)
def test_every_route_is_as_long_as_the_minutes_say(places):
    stations = LADDER.stations(("F", 0, 0), *places)  # one at least near enough to serve
    result = analyze(LADDER.streets, stations, area=LADDER.box("A", "A", 0).assign(
        geometry=[LADDER.box("E", "C", 30).geometry.iloc[0]]), walk=Walk(cutoffs=(2, 5)))  # fmt: skip
    legs = stations.set_index("station_id").join(result.stations.set_index("station_id")["snap_m"])["snap_m"]
    for line, row in enumerate(result.streets.itertuples()):
        _, walked = walk_from(result, line)
        # Of two stations at equal cost the route may end at either.
        assert np.abs(walked + legs - row.walk_min * 80).min() <= 1.5
        assert row.station_id in legs.index


def test_streets_around_the_area_are_there_once():
    result = analyze(LADDER.streets, LADDER.stations(("A", 0, 0)), area=LADDER.box("E", "C", 30))
    shown = result.streets["length_m"].sum() + result.routes.around.geometry.length.sum()
    assert shown == pytest.approx(LADDER.streets.edge_length_m.sum(), rel=1e-3)


def test_a_route_leaves_the_area_and_comes_back():
    result = analyze(LADDER.streets, LADDER.stations(("K", 0, 0)), area=LADDER.box("E", "B", 30))
    lines, _ = walk_from(result, 0)
    assert max(lines) >= len(result.streets)
