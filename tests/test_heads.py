"""People: covered, in a gap, scattered, unknown; and nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest

from toys import LADDER, at, bent, boxes, toy
from walkshed.analysis.study import analyze
from walkshed.reach.walk import Walk

STATES = ["covered", "gap", "scattered", "unknown"]


def study(town, *people, station=("A", 0, 0), cutoffs=(5,), **settings):
    return analyze(
        town.streets, town.stations(station), people=town.people(*people), walk=Walk(cutoffs=cutoffs, **settings)
    )


def sums(result):
    """People by state, as the summary tells them."""
    s, last = result.summary["people"], result.summary["coverage"][-1]
    told = dict(zip(STATES, [last["people"], s["in_gaps"], s["scattered"], s["unknown"]], strict=True))
    assert sum(told.values()) == pytest.approx(s["total"], abs=1e-9)
    if result.people is not None:
        by_state = result.people.groupby("state")["population"].sum()
        assert by_state.reindex(STATES, fill_value=0.0).to_dict() == pytest.approx(told)
        assert s["total"] == pytest.approx(result.people["population"].sum())
    return told


TOWN = """
    A---B---C---D
    |
    E
"""
"""A-D 1,200 m, A-E 200 m. A station at A with 5 min, 400 m: covered are A-B and A-E; B-D is the gap."""


def test_people_walk_to_their_nearest_street_and_on():
    """300 m along and 50 m off: 350 m, 4.375 min. 380 m along and 50 off: 430 m, on a covered stretch: scattered.
    500 m along and 10 off: in the gap. 300 m off: unknown."""
    result = study(toy(TOWN), ("A", 300, 50, 7), ("A", 380, -50, 5), ("A", 500, 10, 3), ("C", 0, 300, 2))
    assert result.people["state"].tolist() == ["covered", "scattered", "gap", "unknown"]
    assert result.people["walk_min"].tolist()[:3] == pytest.approx([350 / 80, 430 / 80, 510 / 80])
    assert np.isnan(result.people["walk_min"][3])
    assert result.people["gap_id"].tolist() == [0, 0, 1, 0]
    assert sums(result) == {"covered": 7, "gap": 3, "scattered": 5, "unknown": 2}


def test_shares_are_of_those_that_are_not_unknown():
    result = study(toy(TOWN), ("A", 300, 50, 7), ("A", 500, 10, 3), ("C", 0, 300, 90))
    assert result.summary["coverage"][-1]["people_share"] == pytest.approx(0.7)


def test_people_on_a_sliver_are_scattered():
    """With a least gap of 900 m the 800 m of B-D are a sliver."""
    result = study(toy(TOWN), ("A", 500, 10, 3), min_gap=900)
    assert sums(result)["scattered"] == 3
    assert result.people["gap_id"].tolist() == [0]


def test_the_budget_itself_is_within():
    """350 m along and 50 m off is 400 m."""
    result = study(toy(TOWN), ("A", 350, 50, 1), ("A", 350, 50.01, 1))
    assert result.people["state"].tolist() == ["covered", "scattered"]


def test_everybody_may_be_unknown_and_then_there_is_no_share():
    result = study(toy(TOWN), ("A", 0, 800, 4))
    assert sums(result) == {"covered": 0, "gap": 0, "scattered": 0, "unknown": 4}
    assert result.summary["coverage"][-1]["people_share"] is None
    assert [n.values["people"] for n in result.notes if n.code == "people_unknown"] == [4]


def test_people_behind_a_break_can_reach_no_station():
    """
    A--B  C--D
       |
       E        On C-D, which is a gap; and minutes are not a number.
    """
    result = study(toy("A--B  C--D\n   |\n   E"), ("C", 100, 20, 6))
    assert result.people["state"].tolist() == ["gap"]
    assert np.isnan(result.people["walk_min"][0])


def test_people_outside_the_area_do_not_count():
    town = toy(TOWN)
    result = analyze(
        town.streets,
        town.stations(("A", 0, 0)),
        people=town.people(("A", 300, 10, 7), ("C", 100, 0, 5)),
        area=town.box("E", "B", 20),
        walk=Walk(cutoffs=(5,)),
    )
    assert sums(result)["covered"] == result.summary["people"]["total"] == 7
    assert len(result.people) == 1


def test_nobody_in_the_area_at_all():
    town = toy(TOWN)
    result = analyze(
        town.streets, town.stations(("A", 0, 0)), people=town.people(("D", 0, 0, 5)), area=town.box("E", "B", 20)
    )
    assert result.summary["people"]["total"] == 0
    assert result.summary["coverage"][-1]["people_share"] is None
    assert len(result.people) == 0


def test_without_people_their_figures_are_none():
    town = toy(TOWN)
    result = analyze(town.streets, town.stations(("A", 0, 0)))
    assert set(result.summary["people"].values()) == {None}
    assert result.summary["coverage"][-1]["people"] is None
    assert result.summary["gaps"]["people"] is None
    assert result.people is None
    assert result.people_inside_drawn_area_uncovered is None
    assert result.stations["people"].isna().all()


def test_a_person_uncovered_inside_the_drawn_area_is_counted():
    """A canal: the station's street and another one 60 m north, which joins it 3 km away. Ten people live 20 m from
    the northern street: it is their nearest, and from there it is too far; but they are drawn in."""
    streets = bent((0, 1, []), (1, 2, []), (2, 3, []), nodes=[(0, 0), (3000, 0), (3000, 60), (0, 60)])
    people = at((100, 45), (100, 500), population=[10.0, 1.0])
    result = analyze(streets, at((0, 0)), people=people)
    assert result.people_inside_drawn_area_uncovered == 10


def test_each_person_counts_for_the_nearest_station_alone():
    """
    A---------B   stations at A and B with 15 min; 1 at 300 m, 2 at 800 m; both stations reach both.
    |
    C
    """
    town = toy("A---------B\n|\nC")
    stations = town.stations(("A", 0, 0), ("B", 0, 0))
    result = analyze(town.streets, stations, people=town.people(("A", 300, 0, 1), ("A", 800, 0, 2)))
    assert result.stations["people"].tolist() == [1, 2]


def test_people_of_a_zone_are_spread_over_its_street_by_length():
    """
    A---B---C---D   One zone with 1,400 people on 1,400 m of street: one a metre. Covered within 200 m: 400; within
    |               400 m: 600; 800 in the gap.
    E
    """
    town = toy(TOWN)
    people = town.zones(("z", "E", "D", 1400), margin_m=30)
    result = analyze(town.streets, town.stations(("A", 0, 0)), people=people, walk=Walk(cutoffs=(2.5, 5)))
    assert result.summary["coverage"][0]["people"] == pytest.approx(400)
    assert sums(result) == pytest.approx({"covered": 600, "gap": 800, "scattered": 0, "unknown": 0})
    assert result.people is None
    assert result.gaps["people"].tolist() == pytest.approx([800])


def test_people_are_spread_inside_and_outside_the_area_alike():
    """The area ends at x = 850: 1,050 of the 1,400 m, so 1,050 of the people: 600 covered, 450 in the gap round C."""
    town = toy(TOWN)
    people, area = town.zones(("z", "E", "D", 1400), margin_m=30), boxes((-50, -250, 850, 50))
    result = analyze(town.streets, town.stations(("A", 0, 0)), people=people, area=area, walk=Walk(cutoffs=(5,)))
    assert sums(result) == pytest.approx({"covered": 600, "gap": 450, "scattered": 0, "unknown": 0})
    assert result.summary["coverage"][-1]["people_share"] == pytest.approx(600 / 1050)


def test_people_of_a_zone_without_street_are_unknown():
    """By where its middle lies: 40 in the area and 8 beyond it."""
    town = toy(TOWN)
    zones = boxes(
        (-10, -210, 10, 10), (700, 50, 750, 99), (900, 50, 950, 99), zone=["z", "n", "o"], population=[100, 40, 8]
    )
    stations, walk = town.stations(("A", 0, 0)), Walk(cutoffs=(5,))
    result = analyze(town.streets, stations, zones=zones, area=boxes((-100, -300, 800, 300)), walk=walk)
    assert sums(result) == pytest.approx({"covered": 100, "gap": 0, "scattered": 0, "unknown": 40})
    assert [n.values["count"] for n in result.notes if n.code == "zones_without_street"] == [1]
    assert result.zones["people_unknown"].tolist() == [0, 40]


def test_zones_with_people_are_people_unless_others_are_given():
    """And where one zone has no number, the report says so."""
    town = toy(TOWN)
    zones = town.zones(("w", "E", "B", 100), ("e", "B", "D", 60), margin_m=15)
    stations = town.stations(("A", 0, 0))
    assert analyze(town.streets, stations, zones=zones).summary["people"]["total"] == pytest.approx(160)
    given = analyze(town.streets, stations, zones=zones, people=town.people(("A", 0, 0, 3)))
    assert given.summary["people"]["total"] == 3
    zones["population"] = [100.0, np.nan]
    result = analyze(town.streets, stations, zones=zones)
    assert result.summary["people"]["total"] == pytest.approx(100)
    assert [n.values for n in result.notes if n.code == "zones_uncounted"] == [{"count": 1}]
    zones["population"] = np.nan
    assert analyze(town.streets, stations, zones=zones).summary["people"]["total"] is None


@pytest.mark.parametrize("seed", range(3))
def test_states_add_up_to_everybody(seed):
    """Random people on and off the ladder: the four states are the total, at every cutoff the share is told."""
    rng = np.random.default_rng(seed)
    ladder = toy(LADDER)
    x, y = rng.uniform(-400, 1900, 200), rng.uniform(-600, 400, 200)
    people = at(*zip(x, y, strict=True), population=rng.integers(0, 50, 200).astype(float))
    result = analyze(
        ladder.streets, ladder.stations(("A", 0, 0)), people=people, walk=Walk(cutoffs=(3, 6), min_gap=300)
    )
    told = sums(result)
    assert min(told.values()) > 0
    assert result.summary["people"]["total"] == people["population"].sum()
    assert result.gaps["people"].sum() == pytest.approx(told["gap"])
    assert result.stations["people"].sum() == pytest.approx(told["covered"])
    covered = [row["people"] for row in result.summary["coverage"]]
    assert covered == sorted(covered)
