"""Depth: how many stations cover a street point; near ones of one category count once."""

from __future__ import annotations

import numpy as np
import pytest

from toys import at, bent, toy
from walkshed.analysis.depth import depth_groups
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk

LINE = "A---------B"


def depth_km(result):
    """Street by depth at the largest cutoff, in km."""
    return (result.streets.groupby("depth")["length_m"].sum() / 1000).round(6).to_dict()


def cross_share(result):
    return result.summary["coverage"][-1]["cross_covered_share"]


def test_where_two_reaches_overlap_is_cross_covered():
    """
    A---------B   1,000 m and a spur; stations at 300 and 600 m, 200 m each: 100-500 and 400-800, twice 400-500.
    """
    streets = bent((0, 1, []), (1, 2, []), nodes=[(0, 0), (1000, 0), (1000, 100)])
    result = analyze(streets, at((300, 0), (600, 0)), walk=Walk(cutoffs=(2.5,)))
    assert depth_km(result) == {0: 0.4, 1: 0.6, 2: 0.1}
    assert cross_share(result) == pytest.approx(100 / 1100)


def test_one_station_covering_a_street_from_both_ends_counts_once():
    ring = bent((0, 0, [(300, 0), (300, 300), (0, 300)]), nodes=[(0, 0)])
    result = analyze(ring, at((0, 0)), walk=Walk(cutoffs=(15,)))
    assert depth_km(result) == {1: 1.2}


@pytest.mark.parametrize(
    ("apart_m", "categories", "depth"), [(24.9, "aa", 1), (25.1, "aa", 2), (0, "ab", 2), (0, "aa", 1)]
)
def test_stations_within_25_m_of_one_category_count_once(apart_m, categories, depth):
    streets = bent((0, 1, []), (1, 2, []), nodes=[(0, 0), (1000, 0), (1000, 100)])
    stations = at((300, 0), (300 + apart_m, 0), category=list(categories))
    result = analyze(streets, stations, walk=Walk(cutoffs=(15,)))
    assert depth_km(result) == {depth: 1.1}
    assert [n.values["count"] for n in result.notes if n.code == "stations_near"] == ([2] if depth == 1 else [])


def test_the_others_reach_of_a_group_is_united_not_added():
    """Two of one category 20 m apart and a third of another category in the same place: twice, not three times."""
    streets = bent((0, 1, []), (1, 2, []), nodes=[(0, 0), (1000, 0), (1000, 100)])
    stations = at((300, 0), (320, 0), (300, 0), category=["a", "a", "b"])
    result = analyze(streets, stations, walk=Walk(cutoffs=(2.5,)))
    # a: 100-520, b: 100-500
    assert depth_km(result) == {0: 0.68, 1: 0.02, 2: 0.4}


def test_groups_chain_and_keep_to_their_category():
    xy = np.array([[0, 0], [20, 0], [40, 0], [40, 1], [100, 0]], dtype=float)
    group = depth_groups(xy, np.array(["a", "a", "a", "b", "a"], dtype=object))
    assert group[0] == group[1] == group[2]
    assert len(set(group.tolist())) == 3


def test_one_station_alone_is_a_group():
    assert depth_groups(np.zeros((1, 2)), np.array([""], dtype=object)).tolist() == [0]


def test_depth_agrees_with_cover():
    """Depth 0 is uncovered, and nothing else is."""
    line = toy("A-------B\n|\nC")
    result = analyze(line.streets, line.stations(("A", 300, 0), ("A", 0, 0)), walk=Walk(cutoffs=(1, 3)))
    rows = result.streets
    assert ((rows["depth"] > 0) == rows["covered"]).all()
