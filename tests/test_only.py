"""What only one station serves."""

from __future__ import annotations

import pytest

from toys import toy
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk

#  A to B is 2,000 m. A walk of 10 min at 4.8 km/h is 800 m.
ROAD = toy("A" + "-" * 19 + "B")
TEN = Walk(cutoffs=(5, 10))


def figures(*places, people=None):
    result = analyze(ROAD.streets, ROAD.stations(*places), people=people, walk=TEN)
    return result.stations.set_index("station_id")


def test_overlapping_stations_share_what_both_cover():
    # s1 at 500 m covers 0 to 1,300; s2 at 1,500 m covers 700 to 2,000: 700 to 1,300 is common.
    table = figures(("A", 500, 0), ("A", 1500, 0))
    assert table["street_km_only"].tolist() == pytest.approx([0.7, 0.7], abs=2e-3)


def test_two_stations_at_one_place_serve_nothing_alone():
    table = figures(("A", 500, 0), ("A", 500, 0))
    assert table["street_km_only"].tolist() == [0.0, 0.0]


def test_one_station_serves_all_alone():
    table = figures(("A", 1000, 0))
    assert table["street_km_only"]["s1"] == pytest.approx(table["street_km_10"]["s1"])
    assert table["people_only"].isna().all()


def test_people_pay_their_leg_to_either_station():
    # At 1,250 m both cover the street; with a leg of 100 m only s2 (250 + 100) does, s1 (750 + 100) does not.
    people = ROAD.people(("A", 1250, 0, 7), ("A", 1250, 100, 5), ("A", 100, 0, 3), ("A", 1000, 400, 11))
    table = figures(("A", 500, 0), ("A", 1500, 0), people=people)
    assert table["people_only"].tolist() == pytest.approx([3.0, 5.0])
