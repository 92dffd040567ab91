"""Coverage zone by zone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toys import LADDER, at, bent, boxes, toy
from walkshed.analysis.quantiles import quantile_m
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk

TOWN = """
    A---B---C---D
    |           |
    E           F
"""
"""1,200 m and two ends of 200 m. A station at A with 5 min, 400 m: A-B and A-E."""


def study(**options):
    town = toy(TOWN)
    zones = boxes((-20, -220, 620, 20), (620, -220, 1220, 20), zone=["west", "east"], population=[820.0, 0.0])
    return analyze(
        town.streets, town.stations(("A", 0, 0)), **({"zones": zones, "walk": Walk(cutoffs=(2.5, 5))} | options)
    )


def test_street_and_shares_by_zone():
    """West: 620 + 200 m, of which 200 + 200 and 400 + 200 are covered. East: 580 + 200 m, none."""
    frame = study().zones
    assert frame["zone"].tolist() == ["west", "east"]
    assert frame["street_km"].tolist() == pytest.approx([0.82, 0.78])
    assert frame["covered_km_5"].tolist() == pytest.approx([0.6, 0])
    assert frame["covered_km_2.5"].tolist() == pytest.approx([0.4, 0])
    assert frame["street_share_2.5"].tolist() == pytest.approx([0.4 / 0.82, 0])


def test_stations_and_gaps_are_counted_where_they_stand():
    """The uncovered 1,000 m run from B to F. C takes in 400 m either way; the last 200 m go with F."""
    result = study()
    assert result.zones["stations"].tolist() == [1, 0]
    assert result.gaps["zone"].tolist() == ["east", "east"]
    assert result.gaps["street_km"].tolist() == pytest.approx([0.8, 0.2])
    assert result.zones["gaps"].tolist() == [0, 2]


def test_people_by_zone():
    """820 in the west on 820 m of street, nobody in the east."""
    frame = study().zones
    assert frame["people"].tolist() == pytest.approx([820, 0])
    assert frame["people_5"].tolist() == pytest.approx([600, 0])
    assert frame["people_share_5"].tolist() == pytest.approx([600 / 820, np.nan], nan_ok=True)
    assert frame["people_unknown"].tolist() == [0, 0]


def test_zones_that_share_the_whole_add_up_to_it():
    result = study()
    assert result.zones["street_km"].sum() == pytest.approx(result.summary["streets"]["street_km"])
    assert result.zones["covered_km_5"].sum() == pytest.approx(result.summary["coverage"][-1]["street_km"])
    assert result.zones["people"].sum() == pytest.approx(result.summary["people"]["total"])


def test_people_at_points_are_counted_where_they_live():
    people = at((100, 10), (1000, 10), (1000, 900), population=[3.0, 4.0, 5.0])
    frame = study(people=people).zones
    assert frame["people"].tolist() == [3, 4]
    assert frame["people_5"].tolist() == [3, 0]


def test_only_what_lies_in_the_area_counts():
    """The area ends at x = 300: 500 m of the west; the east, beyond it, is not listed."""
    frame = study(area=boxes((-30, -230, 300, 30))).zones
    assert frame["zone"].tolist() == ["west"]
    assert frame["street_km"].tolist() == pytest.approx([0.5])
    assert frame["street_share_5"].tolist() == pytest.approx([1])
    assert frame["people"].tolist() == pytest.approx([500])


def test_a_zone_with_its_middle_outside_is_listed_for_its_street():
    """The area ends at x = 720: 100 m of the east lie in it."""
    frame = study(area=boxes((-30, -230, 720, 30))).zones
    assert frame["zone"].tolist() == ["west", "east"]
    assert frame["street_km"].tolist() == pytest.approx([0.82, 0.1])


def test_mean_minutes_are_by_length():
    """West: 0 to 620 m along and 0 to 200 m down, 310 and 100 in the mean. East: 620 to 1,200 and on to 1,400 m."""
    mean = study().zones["walk_min_mean"]
    assert mean.tolist() == pytest.approx(
        [(310 * 620 + 100 * 200) / 820 / 80, (910 * 580 + 1300 * 200) / 780 / 80], rel=1e-6
    )


def test_mean_minutes_where_a_street_peaks():
    """A ring of 1,200 m, all of it nearest one station: 0 to 600 m both ways round, 300 m in the mean."""
    ring = bent((0, 0, [(300, 0), (300, 300), (0, 300)]), nodes=[(0, 0)])
    result = analyze(ring, at((0, 0)), zones=boxes((-50, -50, 350, 350), zone=["all"]))
    assert result.zones["walk_min_mean"].tolist() == pytest.approx([300 / 80])


def test_minutes_are_of_what_is_reached():
    """
    A--B  C--D   C-D is reached from nowhere: its zone has no minutes.
       |
       E
    """
    town = toy("A--B  C--D\n   |\n   E")
    zones = town.zones(("w", "A", "B", 0), ("e", "C", "D", 0), margin_m=10)
    frame = analyze(town.streets, town.stations(("A", 0, 0)), zones=zones).zones
    assert frame["walk_min_mean"].tolist() == pytest.approx([(150 * 300 + 305 * 10) / 310 / 80, np.nan], nan_ok=True)
    assert frame["people"].tolist() == [0, 0]


def test_without_people_the_columns_are_there_and_empty():
    ladder = toy(LADDER)
    zones = ladder.zones(("z", "E", "D", np.nan), margin_m=10)
    frame = analyze(ladder.streets, ladder.stations(("A", 0, 0)), zones=zones).zones
    for column in ("people", "people_unknown", "people_15", "people_share_15"):
        assert frame[column].isna().all()


def test_zones_along_streets_share_their_people_out_once():
    """Two zones that meet on B-F: what each has in people stays what it was given."""
    ladder = toy(LADDER)
    zones = ladder.zones(("w", "E", "B", 100), ("m", "F", "C", 50), ("e", "G", "D", 70))
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)), zones=zones)
    assert result.zones["people"].tolist() == pytest.approx([100, 50, 70])
    assert result.summary["people"]["total"] == pytest.approx(220)


def test_late_minutes_are_exact_by_length():
    """West: A-B goes on to 620 m; A-E ends at 200 m. 5 % of 820 m, 41 m, lie beyond 579 m. East: 400 to 1,400 m
    from A: 95 % of 780 m lie within 1,400 - 39 m.
    """
    late = study().zones["walk_min_p95"]
    assert late.tolist() == pytest.approx([579 / 80, 1361 / 80])


def test_late_minutes_count_what_reaches_no_station():
    """
    A--B  C--D   C-D, 300 m, is reached from nowhere: far more than 5 % of both together, all of it alone.
       |
       E
    """
    town = toy("A--B  C--D\n   |\n   E")
    zones = boxes((-10, -210, 1000, 10), (590, -10, 910, 10), (-10, -10, 10, 10), zone=["all", "lost", "home"])
    frame = analyze(town.streets, town.stations(("A", 0, 0)), zones=zones).zones
    assert frame["walk_min_p95"].tolist() == pytest.approx([np.nan, np.nan, 9.5 / 80], nan_ok=True)


def test_late_minutes_of_a_zone_without_street():
    zones = boxes((-10, -210, 620, 10), (5000, 0, 5100, 100), zone=["west", "bare"])
    frame = study(zones=zones).zones
    assert frame["walk_min_p95"].isna().tolist() == [False, True]
    assert frame["cross_covered_share"].isna().tolist() == [False, True]


@given(
    st.lists(
        st.tuples(st.floats(0, 5000), st.floats(0, 5000), st.floats(0.1, 500), st.integers(0, 2)),
        min_size=1,
        max_size=8,
    ),
    st.floats(0.01, 0.99),
)
def test_a_quantile_parts_the_street_as_it_says(slopes, share):
    """Seen from a fine sample of every slope."""
    low, high, length, of = (np.array(column) for column in zip(*slopes, strict=True))
    low, high = np.minimum(low, high), np.maximum(low, high) + 0.5
    found = quantile_m(low[None], high[None], length[None], of.astype(np.int32), 3, share)
    for owner in range(3):
        mine = of == owner
        if not mine.any():
            assert np.isnan(found[owner])
            continue
        below = np.clip((found[owner] - low[mine]) / (high - low)[mine], 0, 1) * length[mine]
        assert below.sum() == pytest.approx(share * length[mine].sum(), rel=1e-6)


def test_cross_covered_street_by_zone():
    """5 min are 400 m. From B, 400 m in, 400 m either way: A-B is crossed with A's 400 m. East: B's 180 m only."""
    town = toy(TOWN)
    zones = boxes((-20, -220, 620, 20), (620, -220, 1220, 20), zone=["west", "east"])
    stations = town.stations(("A", 0, 0), ("B", 0, 0))
    frame = analyze(town.streets, stations, zones=zones, walk=Walk(cutoffs=(2.5, 5))).zones
    assert frame["cross_covered_share"].tolist() == pytest.approx([0.4 / 0.82, 0])
    assert frame["street_share_5"].tolist() == pytest.approx([1, 0.18 / 0.78])


def test_stations_per_10_000_people():
    """One station among 820 people; none among nobody."""
    frame = study().zones
    assert frame["stations_per_10k"].tolist() == pytest.approx([10_000 / 820, np.nan], nan_ok=True)
    people = at((100, 10), (1000, 10), (1000, 900), population=[4000.0, 2000.0, 1.0])
    assert study(people=people).zones["stations_per_10k"].tolist() == pytest.approx([2.5, 0])


def test_stations_by_category_and_zone():
    """A station where zones overlap counts in the first; so the dot over A has none."""
    town = toy(TOWN)
    zones = boxes((-20, -220, 620, 20), (620, -220, 1220, 20), (0, 0, 1, 1), zone=["west", "east", "dot"])
    stations = at((0, 0), (100, 0), (900, 0), (100, 900), category=["rest", "reading", "rest", "unsnapped"])
    result = analyze(town.streets, stations, zones=zones)
    assert result.zone_stations.columns.tolist() == ["zone", "category", "stations"]
    assert result.zone_stations.to_numpy().tolist() == [
        ["west", "reading", 1],
        ["west", "rest", 1],
        ["east", "reading", 0],
        ["east", "rest", 1],
        ["dot", "reading", 0],
        ["dot", "rest", 0],
    ]
    assert (
        result.zone_stations.groupby("zone", sort=False)["stations"].sum().tolist() == result.zones["stations"].tolist()
    )


def test_the_share_of_zones_with_a_station():
    assert study().zones_served_share == 0.5
    assert study(zones=boxes((-20, -220, 620, 20), zone=["west"])).zones_served_share == 1.0
    assert study(zones=None).zones_served_share is None
    assert study(zones=None).zone_stations is None
