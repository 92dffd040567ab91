"""Suggested sites: exact gains on toys, every choice tried, rules, and the promise held by a fresh analysis."""

from __future__ import annotations

import json
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import walkshed as ws
from test_dossier import around
from toys import CRS, at, bent, boxes, toy

FIVE = ws.Walk(cutoffs=(5,), off_street=20.0, min_gap=100.0)  # 400 m
#  A to B is 4,000 m.
ROAD = toy("A" + "-" * 39 + "B")


def counters(town, *places: tuple[str, float, float], **columns):
    """Put candidates at letters, each moved by metres east and north."""
    points = [shapely.Point(town.at[p][0] + east, town.at[p][1] + north) for p, east, north in places]
    names = [f"c{i}" for i in range(1, len(points) + 1)]
    frame = {"station_id": names, "name": names, "category": "bank"} | columns
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS)


def road(*places, people=None, zones=None):
    """Analyze the road with stations at metres from A."""
    return ws.analyze(
        ROAD.streets, ROAD.stations(*(("A", x, 0) for x in places)), people=people, zones=zones, walk=FIVE
    )


def near(row):
    """The same row, but for rounding."""
    return {key: value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9) for key, value in row.items()}


def promised(result, proposal, people=None, zones=None):
    """Hold a promise against a fresh analysis with the sites as stations."""
    fresh = ws.analyze(result.network, proposal.stations, people=people, zones=zones, walk=result.walk)
    for told, found in zip(proposal.after, fresh.summary["coverage"], strict=True):
        assert told == near(found)
    last, before = fresh.summary["coverage"][-1], proposal.before[-1]
    assert before["street_km"] + proposal.sites["gain_street_km"].sum() == pytest.approx(last["street_km"], abs=1e-9)
    if last["people"] is not None:
        assert before["people"] + proposal.sites["gain_people"].sum() == pytest.approx(last["people"], abs=1e-6)


def test_gains_are_exact_where_walks_end_mid_street():
    # s1 covers 100-900. c1 at 1,000 adds 900-1,400; c2 at 1,500 covers 1,100-1,900, of which 1,400-1,900 is new.
    result = road(500)
    found = ws.suggest_sites(result, 2, candidates=counters(ROAD, ("A", 1000, 0), ("A", 1500, 0)))
    sites = found.sites.set_index("site_id")
    assert sites["gain_alone_street_km"].to_dict() == pytest.approx({"c1": 0.5, "c2": 0.8})
    assert found.sites["site_id"].tolist() == ["c2", "c1"]  # the higher gain first
    assert found.sites["gain_street_km"].tolist() == pytest.approx([0.8, 0.2])
    assert found.gain == pytest.approx(1.0)
    assert found.after[-1]["street_km"] == pytest.approx(1.8)
    promised(result, found)


def test_a_site_pays_its_leg():
    result = road(500)
    found = ws.suggest_sites(result, 1, candidates=counters(ROAD, ("A", 2000, 150)))
    assert found.sites["snap_m"].tolist() == pytest.approx([150.0])
    assert found.gain == pytest.approx(2 * 0.25)
    promised(result, found)


def test_people_pay_theirs_and_count_before_street():
    # c1 gains more street; c2 the people: 5 at 399 m of it, 7 with a leg of 100 m at 299, 9 at 301.
    people = ROAD.people(("A", 2999, 0, 5), ("A", 2899, 100, 7), ("A", 2901, 100, 9), ("A", 500, 0, 50))
    result = road(500, people=people)
    found = ws.suggest_sites(result, 1, candidates=counters(ROAD, ("A", 1400, 0), ("A", 2600, 0)))
    assert found.objective == "people"
    assert found.sites["site_id"].tolist() == ["c2"]
    assert found.sites["gain_people"].tolist() == [12.0]
    promised(result, found, people=people)
    by_street = ws.suggest_sites(
        result, 1, candidates=counters(ROAD, ("A", 1400, 0), ("A", 3700, 0)), objective="street"
    )
    assert by_street.sites["site_id"].tolist() == ["c1"]


def test_people_of_zones_are_spread_along_the_street():
    zones = boxes((0, -50, 2000, 50), (2000, -50, 4000, 50), zone=["west", "east"], population=[200.0, 1000.0])
    result = road(500, zones=zones)
    found = ws.suggest_sites(result, 1, candidates=counters(ROAD, ("A", 1900, 0), ("A", 3000, 0)))
    assert found.sites["gain_people"].tolist() == pytest.approx([400.0])  # 800 m of 0.5 people each
    assert found.sites["zone"].tolist() == ["east"]
    assert found.serves.to_dict("records") == [
        {"order": 1, "zone": "east", "street_km": pytest.approx(0.8), "people": pytest.approx(400.0)}
    ]
    promised(result, found, zones=zones)


def test_cross_coverage_takes_two_or_a_station_that_is_there():
    # c1 on the station doubles 800 m; c2 and c3, 100 m apart, double 700 m that nobody covers now, c4 nothing.
    result = road(500)
    places = (("A", 530, 0), ("A", 2000, 0), ("A", 2100, 0), ("A", 3500, 0))
    one = ws.suggest_sites(result, 1, candidates=counters(ROAD, *places), objective="cross")
    assert one.sites["site_id"].tolist() == ["c1"]
    assert one.gain == pytest.approx(0.77)
    three = ws.suggest_sites(result, 3, candidates=counters(ROAD, *places), objective="cross", prove=True)
    assert sorted(three.sites["site_id"]) == ["c1", "c2", "c3"]
    assert three.proven
    assert three.gain == pytest.approx(0.77 + 0.7)
    for found in (one, three):
        promised(result, found)
        cross = found.after[-1]["cross_covered_share"] - found.before[-1]["cross_covered_share"]
        assert found.gain == pytest.approx(cross * 4.0)


def test_sites_that_add_nothing_are_left_out():
    result = road(500)
    found = ws.suggest_sites(result, 3, candidates=counters(ROAD, ("A", 500, 0), ("A", 1400, 0), ("A", 510, 0)))
    assert found.sites["site_id"].tolist() == ["c2", "c3"]
    assert found.summary["asked"] == 3
    assert found.summary["added"] == 2


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.sampled_from(["street", "people", "cross"]))
def test_the_proven_choice_is_the_best_of_all_recounts(seed, n, objective):
    """Streets with a loop, candidates anywhere: every choice is analyzed anew."""
    rng = np.random.default_rng(seed)
    streets = bent((0, 1, [(300, 200)]), (0, 2, []), (2, 3, []), (1, 3, [(900, 500)]), (3, 4, []),
                   nodes=[(0, 0), (600, 0), (0, 500), (600, 600), (1500, 700)])  # fmt: skip
    walk = ws.Walk(cutoffs=(3, 5), off_street=20.0)
    people = at(*rng.uniform((0, 0), (1500, 700), (12, 2)), population=rng.integers(1, 9, 12).astype(float))
    spots = at(*rng.uniform((0, 0), (1500, 700), (5, 2)), station_id=[f"c{i}" for i in range(5)], category="x")
    station = at((100, 20))
    result = ws.analyze(streets, station, people=people, walk=walk)
    try:
        found = ws.suggest_sites(result, n, candidates=spots, objective=objective, prove=True)
    except ws.InputError:
        return  # too few of them lie near the streets
    key = {"street": "street_km", "people": "people", "cross": "cross_covered_share"}[objective]
    assert found.proven
    promised(result, found, people=people)
    worth = []
    for some in combinations(range(5), n):
        more = gpd.GeoDataFrame(
            {"station_id": [*station["station_id"], *spots["station_id"].iloc[list(some)]]},
            geometry=[*station.geometry, *spots.geometry.iloc[list(some)]],
            crs=CRS,
        )
        worth.append(ws.analyze(streets, more, people=people, walk=walk).summary["coverage"][-1][key])
    assert found.after[-1][key] == pytest.approx(max(worth), abs=1e-9)


# --- candidates ------------------------------------------------------------------------------------


def test_hosts_come_from_the_streets_file():
    town = around(ROAD, hosts={"A": "bank", "B": "post_office"})
    result = ws.analyze(town.streets, town.stations(("A", 500, 0)), walk=FIVE)
    found = ws.suggest_sites(result, 1)
    assert found.sites[["name", "kind"]].values.tolist() == [["counter B", "post_office"]]
    assert found.candidates == 2


def test_no_hosts_says_what_to_do():
    with pytest.raises(ws.InputError, match=r"no public counter .*--anywhere"):
        ws.suggest_sites(road(500), 1)


def test_anywhere_is_spaced_on_foot():
    # Ends first, then every 200 m.
    result = road(500)
    found = ws.suggest_sites(result, 4, candidates="anywhere")
    assert found.gain >= 3.0  # of 3,100 m beside 100 m before the station; ends of walks fall between places
    assert set(found.sites["kind"]) == {"street"}
    promised(result, found)
    for spacing, count in ((200, 21), (300, 14), (1000, 5), (9999, 1)):
        assert ws.suggest_sites(result, 1, candidates="anywhere", spacing_m=spacing).candidates == count


def test_candidates_far_from_streets_are_counted_not_used():
    result = road(500)
    spots = counters(ROAD, ("A", 2000, 0), ("A", 2500, 300), ("A", 2500, 5000))
    found = ws.suggest_sites(result, 1, candidates=spots)
    assert (found.candidates, found.unsnapped, found.outside) == (1, 1, 1)
    with pytest.raises(ws.InputError, match="none of 2 can be used: 1 lie farther from the area"):
        ws.suggest_sites(result, 1, candidates=spots.iloc[1:])


def test_ids_that_are_taken_do_not_clash():
    result = road(500)
    found = ws.suggest_sites(result, 1, candidates=counters(ROAD, ("A", 2000, 0), station_id=["s1"]))
    assert found.stations["station_id"].tolist() == ["s1", "s1*"]
    promised(result, found)


# --- rules -----------------------------------------------------------------------------------------

TWO = boxes((0, -50, 2000, 50), (2000, -50, 4000, 50), zone=["west", "east"])
SPOTS = counters(ROAD, ("A", 1300, 0), ("A", 2400, 0), ("A", 3200, 0), ("A", 1900, 0))


def ids(found):
    return sorted(found.sites["site_id"])


@pytest.mark.parametrize("prove", [False, True])
def test_rules_for_sites_and_zones(prove):
    result = road(500, zones=TWO)
    assert ids(ws.suggest_sites(result, 2, candidates=SPOTS, prove=prove, fixed=("c1",))) in (
        ["c1", "c2"],
        ["c1", "c3"],
    )
    assert "c2" not in ids(ws.suggest_sites(result, 3, candidates=SPOTS, prove=prove, forbidden=("c2",)))
    one_each = ids(ws.suggest_sites(result, 2, candidates=SPOTS, prove=prove, at_most_one_per_zone=True))
    assert len({"c1", "c4"} & set(one_each)) == len({"c2", "c3"} & set(one_each)) == 1
    # The west has a station already, so only the east is owed one.
    forced = ws.suggest_sites(result, 1, candidates=SPOTS, prove=prove, at_least_one_per_zone=True, forbidden=("c3",))
    assert ids(forced) == ["c2"]
    promised(result, forced, zones=TWO)


@pytest.mark.parametrize(
    ("n", "rules", "says"),
    [
        (5, {}, "sites: 5 are asked for, and there are 4 candidates"),
        (4, {"forbidden": ("c1",)}, "there are 3 candidates that are not forbidden"),
        (0, {}, "whole number of sites"),
        (2, {"fixed": ("c9",)}, "fixed: no candidate has the id 'c9'; the nearest are 'c4'"),
        (1, {"fixed": ("c1", "c2")}, "2 sites are fixed, and 1 are asked for"),
        (2, {"fixed": ("c1",), "forbidden": ("c1",)}, "'c1' is fixed too"),
        (3, {"at_most_one_per_zone": True}, "candidates lie in 2 zones, and 3 sites are asked for"),
        (2, {"at_most_one_per_zone": True, "fixed": ("c1", "c4")}, "more than one fixed site lies in west"),
        (1, {"at_least_one_per_zone": True, "forbidden": ("c2", "c3")}, "no candidate lies in east"),
        (1, {"at_least_one_per_zone": True, "fixed": ("c1",)}, r"neither a station nor a fixed site \(east\)"),
        (1, {"objective": "people"}, "none were given"),
        (1, {"objective": "shops"}, "found 'shops'"),
        (1, {"candidates": "nowhere"}, "found 'nowhere'"),
        (1, {"candidates": "anywhere", "spacing_m": 0}, "spacing: must be a positive number"),
    ],
)
def test_what_cannot_be_kept_is_refused(n, rules, says):
    with pytest.raises(ws.InputError, match=says):
        ws.suggest_sites(road(500, zones=TWO), n, **({"candidates": SPOTS} | rules))


def test_a_rule_for_zones_needs_zones():
    with pytest.raises(ws.InputError, match="no zones were given"):
        ws.suggest_sites(road(500), 1, candidates=SPOTS, at_most_one_per_zone=True)


# --- the fewest, and the curve ---------------------------------------------------------------------


def test_the_fewest_sites_for_a_share():
    # 800 m of 4,000 m today. c2 and c3 make 2,400 m, which is 60 %.
    result = road(500)
    found = ws.fewest_sites(result, 0.6, candidates=SPOTS, prove=True)
    assert len(found.sites) == found.at_least == 2
    assert found.proven
    assert found.after[-1]["street_share"] >= 0.6 - 1e-9
    promised(result, found)
    assert len(ws.fewest_sites(result, 0.2, candidates=SPOTS).sites) == 0
    assert ids(ws.fewest_sites(result, 0.6, candidates=SPOTS, fixed=("c4",)))[-1] == "c4"


def test_a_share_that_cannot_be_reached_says_how_far_it_comes():
    # All four reach 900-3,600: 3,500 m with the station's 800; 0-100 and 3,600-4,000 stay out.
    result = road(500)
    with pytest.raises(ws.InputError, match=r"all 4 candidates together come to 0\.8750 of street; 0\.5 km of street"):
        ws.fewest_sites(result, 0.95, candidates=SPOTS)
    with pytest.raises(ws.InputError, match="more than 0 and at most 1"):
        ws.fewest_sites(result, 95, candidates=SPOTS)


def test_the_curve_ends_where_nothing_is_gained():
    result = road(500)
    found = ws.suggest_sites(result, 1, candidates=SPOTS)
    assert found.curve["sites"].tolist() == [0, 1, 2, 3, 4]
    assert found.curve["street_share"].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.875])
    assert (found.curve["bound_share"] >= found.curve["share"] - 1e-9).all()
    assert found.bend == 3


def test_the_summary_is_json():
    result = road(500, zones=TWO)
    told = json.loads(json.dumps(ws.suggest_sites(result, 2, candidates=SPOTS).summary, allow_nan=False))
    assert told["before"]["street_share"] == pytest.approx(0.2)
    assert told["after"]["street_share"] == pytest.approx(0.6)
    assert [site["order"] for site in told["sites"]] == [1, 2]
    assert told["sites"][0]["gain_people"] is None


# --- real places -----------------------------------------------------------------------------------


def test_five_sites_for_porto_alegre_keep_their_promise(real_data):
    """And HiGHS proves the choice among all places 200 m apart."""
    streets = ws.read_streets(real_data("porto_alegre/poa_osm.pbf"))
    people = ws.read_people(real_data("porto_alegre/poa_hexgrid.csv"))
    result = ws.analyze(streets, ws.read_stations(real_data("porto_alegre/poa_points_of_interest.csv")), people=people)
    found = ws.suggest_sites(result, 5, candidates="anywhere", prove=True)
    assert found.proven
    assert found.gain > 170_000
    promised(result, found, people=people)


def test_the_demo_county_keeps_its_promise():
    county = ws.demo_county()
    streets, hosts = ws.read_streets(county.streets), ws.read_stations(county.hosts)
    given = {"area": ws.read_area(county.county), "zones": ws.read_zones(county.zones)}
    result = ws.analyze(streets, ws.read_stations(county.stations), **given)
    for rules in ({}, {"objective": "street", "at_most_one_per_zone": True}, {"objective": "cross"}):
        found = ws.suggest_sites(result, 4, candidates=hosts, **rules)
        fresh = ws.analyze(streets, found.stations, **given).summary["coverage"][-1]
        assert found.after[-1] == near(fresh)
        gained = fresh["people"] - result.summary["coverage"][-1]["people"]
        assert found.sites["gain_people"].sum() == pytest.approx(gained, abs=1e-6)
        served = found.serves.groupby("order")["people"].sum().reindex(found.sites["order"], fill_value=0.0)
        assert served.to_numpy() == pytest.approx(found.sites["gain_people"].to_numpy(), rel=1e-6)
