"""Two results set against each other: exact, and adding up."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from toys import CRS, ORIGIN, bent, toy
from walkshed.analysis.study import analyze
from walkshed.comparing.compare import compare
from walkshed.comparing.matching import MATCH_M, Matching
from walkshed.comparing.moves import PLACE_M, STILL_M, station_changes
from walkshed.errors import InputError
from walkshed.network.left_out import without_closed
from walkshed.reach.walk import Walk

LINE = toy("A---------B---------C")
"""2 km of street: A-B and B-C are 1,000 m each."""

TOWN = toy("""
A---B---C-------D-----------K
|   |   |       |
E---F---G       |
|               |
H---------------J
""")
WALK = Walk(cutoffs=(5, 10))
PEOPLE = TOWN.people(("A", 10, 20, 3), ("C", 0, 80, 5), ("D", 0, -150, 7), ("H", 100, -10, 11), ("K", 0, 0, 13))
ZONES = TOWN.zones(("west", "H", "B", 40), ("east", "J", "K", 60), margin_m=20)


def last(comparison):
    return comparison.coverage.iloc[-1]


def test_a_station_that_moves_gains_on_one_side_and_loses_on_the_other():
    """5 min are 400 m. From A it covers 0-400, from 600 m on 200-1,000: kept 200-400, gained 400-1,000, lost 0-200."""
    walk = Walk(cutoffs=(5,))
    before = analyze(LINE.streets, LINE.stations(("A", 0, 0)), walk=walk)
    after = analyze(LINE.streets, LINE.stations(("A", 600, 0)), walk=walk)
    found = last(compare(before, after))
    assert found[["kept_km", "gained_km", "lost_km", "never_km"]].tolist() == pytest.approx([0.2, 0.6, 0.2, 1.0])
    assert found[["street_km_before", "street_km_after"]].tolist() == pytest.approx([0.4, 0.8])
    assert found[["new_km", "gone_km"]].tolist() == [0, 0]


def test_the_stretches_say_where():
    walk = Walk(cutoffs=(5,))
    before = analyze(LINE.streets, LINE.stations(("A", 0, 0)), walk=walk)
    streets = compare(before, analyze(LINE.streets, LINE.stations(("A", 600, 0)), walk=walk)).streets
    west = streets.geometry.bounds["minx"] - ORIGIN[0]
    assert dict(zip(west.round(), streets["change_5"], strict=True)) == {
        0: "lost", 200: "kept", 400: "gained", 1000: "never",
    }  # fmt: skip
    assert streets["length_m"].tolist() == pytest.approx([200, 200, 600, 1000])
    assert streets["walk_min_before"].iloc[0] == pytest.approx(100 / 80)
    assert streets["walk_min_after"].iloc[0] == pytest.approx(500 / 80)


def test_nothing_changes_between_a_result_and_itself():
    result = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), people=PEOPLE, zones=ZONES, walk=WALK)
    found = compare(result, result)
    assert found.summary["same_streets"]
    assert (found.coverage[["gained_km", "lost_km", "new_km", "gone_km", "people_gained", "people_lost"]] == 0).all(
        axis=None
    )
    assert found.notes == ()
    assert found.summary["stations"] == {"added": 0, "removed": 0, "moved": 0, "kept": 1}
    assert set(found.streets["change_5"]) <= {"kept", "never"}


places = st.lists(
    st.tuples(st.sampled_from("ABCDEFGHJ"), st.integers(-60, 60), st.integers(-60, 60)), min_size=1, max_size=4
)


@settings(max_examples=10, deadline=None)
@given(places, places, st.sampled_from([4.8, 3.0]), st.booleans())
def test_figures_add_up_whatever_the_stations(had, has, speed, area):
    """Kept and lost make what was, kept and gained what is; all four make the street; the same of people and zones."""
    given_ = {"people": PEOPLE, "zones": ZONES, "area": TOWN.box("H", "D", 30) if area else None}
    before = analyze(TOWN.streets, TOWN.stations(*had), walk=WALK, **given_)
    after = analyze(TOWN.streets, TOWN.stations(*has), walk=replace(WALK, speed=speed), **given_)
    found = compare(before, after)
    total = after.summary["streets"]["street_km"]
    for _, row in found.coverage.iterrows():
        assert row["kept_km"] + row["lost_km"] == pytest.approx(row["street_km_before"], abs=1e-6)
        assert row["kept_km"] + row["gained_km"] == pytest.approx(row["street_km_after"], abs=1e-6)
        assert row["kept_km"] + row["gained_km"] + row["lost_km"] + row["never_km"] == pytest.approx(total, abs=1e-6)
        assert row["people_kept"] + row["people_lost"] == pytest.approx(row["people_before"])
        assert row["people_kept"] + row["people_gained"] == pytest.approx(row["people_after"])
        drawn = found.streets.groupby(f"change_{row['cutoff_min']:g}")["length_m"].sum() / 1000
        assert drawn.get("gained", 0.0) == pytest.approx(row["gained_km"], abs=1e-6)
        zone = found.zones[found.zones["cutoff_min"] == row["cutoff_min"]]
        change = zone["covered_km_after"] - zone["covered_km_before"]
        np.testing.assert_allclose(zone["gained_km"] - zone["lost_km"], change, atol=1e-6)
        heads = zone["people_after"] - zone["people_before"]
        np.testing.assert_allclose(zone["people_gained"] - zone["people_lost"], heads, atol=1e-6)


@pytest.mark.parametrize("area", [None, TOWN.box("H", "D", 30)])
def test_people_spread_over_zones_add_up_too(area):
    before = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), zones=ZONES, area=area, walk=WALK)
    after = analyze(TOWN.streets, TOWN.stations(("D", 35, 0), ("H", 0, 9)), zones=ZONES, area=area, walk=WALK)
    found = compare(before, after)
    assert found.people is None
    for _, row in found.coverage.iterrows():
        assert row["people_kept"] + row["people_lost"] == pytest.approx(row["people_before"])
        assert row["people_kept"] + row["people_gained"] == pytest.approx(row["people_after"])
        zone = found.zones[found.zones["cutoff_min"] == row["cutoff_min"]]
        heads = zone["people_after"] - zone["people_before"]
        np.testing.assert_allclose(zone["people_gained"] - zone["people_lost"], heads, atol=1e-6)


def test_each_person_is_told_apart():
    before = analyze(TOWN.streets, TOWN.stations(("A", 0, 0)), people=PEOPLE, walk=Walk(cutoffs=(5,)))
    after = analyze(TOWN.streets, TOWN.stations(("K", 0, 0)), people=PEOPLE, walk=Walk(cutoffs=(5,)))
    assert compare(before, after).people["change_5"].tolist() == ["lost", "never", "never", "never", "gained"]


def test_who_is_unknown_in_one_is_neither_gained_nor_lost():
    """Within 30 m of a street nobody knows the man 80 m away."""
    people = TOWN.people(("K", 0, 80, 9.0))
    before = analyze(TOWN.streets, TOWN.stations(("K", 0, 0)), people=people, walk=Walk(cutoffs=(5,), max_snap=30))
    after = analyze(TOWN.streets, TOWN.stations(("K", 0, 0)), people=people, walk=Walk(cutoffs=(5,)))
    row = last(compare(before, after))
    assert row["people_unknown"] == 9
    assert row["people_gained"] == 0


def test_other_people_are_set_side_by_side_only():
    before = analyze(TOWN.streets, TOWN.stations(("A", 0, 0)), people=PEOPLE, walk=WALK)
    after = analyze(TOWN.streets, TOWN.stations(("A", 0, 0)), people=PEOPLE.head(3), walk=WALK)
    found = compare(before, after)
    assert last(found)["people_gained"] is None
    assert last(found)["people_before"] > 0
    assert [note.code for note in found.notes] == ["people"]


# Two networks


def test_a_new_street_is_new_and_not_gained():
    """D-K is missing before: all its 1,200 m are new, 400 of them within 5 min of the station at D."""
    cut = without_closed(TOWN.streets, [*_rows_of(TOWN, "D", "K")])
    before = analyze(cut, TOWN.stations(("D", 0, 0)), walk=Walk(cutoffs=(5,)))
    after = analyze(TOWN.streets, TOWN.stations(("D", 0, 0)), walk=Walk(cutoffs=(5,)))
    found = compare(before, after)
    row = last(found)
    assert not found.summary["same_streets"]
    assert row[["new_km", "new_covered_km", "gained_km", "lost_km", "gone_km"]].tolist() == pytest.approx(
        [1.2, 0.4, 0, 0, 0]
    )
    back = last(compare(after, before))
    assert back[["gone_km", "gone_covered_km", "new_km", "lost_km"]].tolist() == pytest.approx([1.2, 0.4, 0, 0])
    gone = compare(after, before).streets.query("change_5 == 'gone'")
    assert gone.groupby("covered_before_5")["length_m"].sum().to_dict() == pytest.approx({True: 400, False: 800})
    assert not gone["covered_after_5"].any()


def _rows_of(town, a, b):
    letters = sorted(town.at)
    streets = town.streets
    ids = np.arange(1, len(streets) + 1)
    object.__setattr__(streets, "edge_osm_id", ids)
    u, v = letters.index(a), letters.index(b)
    return ids[(streets.edge_u == u) & (streets.edge_v == v)]


def test_a_closed_street_costs_others_their_way():
    """F-G-C-B is the way round when B-F is closed; what is closed is gone, what is farther then is lost."""
    closed = without_closed(TOWN.streets, gpd.GeoDataFrame(geometry=[_line("F", "G")], crs=CRS))
    walk = Walk(cutoffs=(5,))
    before, after = (analyze(s, TOWN.stations(("F", 0, 0)), walk=walk) for s in (TOWN.streets, closed))
    row = last(compare(before, after))
    assert row["gone_km"] == pytest.approx(0.4)
    assert row["gone_covered_km"] == pytest.approx(0.4)
    assert row["kept_km"] + row["lost_km"] + row["gone_covered_km"] == pytest.approx(row["street_km_before"], abs=1e-6)
    assert row["kept_km"] + row["gained_km"] == pytest.approx(row["street_km_after"], abs=1e-6)


def _line(a, b):
    return shapely.LineString([TOWN.at[a], TOWN.at[b]])


def test_a_street_that_is_split_or_turned_is_the_same_street():
    whole = bent((0, 1, []), nodes=[(0, 0), (1000, 0)])
    split = bent((1, 0, []), (2, 1, []), nodes=[(0, 0), (437, 0), (1000, 0)])
    matching = Matching(split, whole)
    assert (matching.same == -1).all()
    found = matching.to_there(np.array([0, 1], np.int32), np.array([100.0, 200.0]))
    assert found.edge.tolist() == [0, 0]
    assert found.at_m.tolist() == pytest.approx([337, 800])
    turned = bent((1, 0, []), nodes=[(0, 0), (1000, 0)])
    matching = Matching(turned, whole)
    assert matching.is_whole
    assert matching.to_there(np.array([0], np.int32), np.array([100.0])).at_m[0] == pytest.approx(900)


def test_a_street_moved_by_less_than_the_tolerance_is_matched_and_a_crossing_is_not():
    here = bent((0, 1, []), nodes=[(0, 0), (1000, 0)])
    near = bent((0, 1, []), nodes=[(0, MATCH_M - 1), (1000, MATCH_M - 1)])
    far = bent((0, 1, []), nodes=[(0, MATCH_M + 1), (1000, MATCH_M + 1)])
    across = bent((0, 1, []), nodes=[(500, -500), (500, 500)])
    place = np.array([0], np.int32), np.array([500.0])
    assert [Matching(here, other).to_there(*place).edge[0] for other in (near, far, across)] == [0, -1, -1]


def test_a_street_that_is_the_same_as_another_is_no_counterpart():
    """Of two lanes 8 m apart one is gone: its twin, which stays, does not stand for it."""
    twins = bent((0, 1, []), (2, 3, []), (0, 2, []), nodes=[(0, 0), (1000, 0), (0, 8), (1000, 8)])
    one = bent((0, 1, []), nodes=[(0, 0), (1000, 0)])
    found = Matching(twins, one).to_there(np.array([0, 1], np.int32), np.array([500.0, 500.0]))
    assert found.edge.tolist() == [0, -1]


def test_networks_of_two_datums_of_the_plane_are_matched():
    """The same town in the next UTM zone: centimetres off, and matched by course or place."""
    other = _in_zone(TOWN.streets, "EPSG:32651")
    walk = Walk(cutoffs=(5,))
    before = analyze(other, TOWN.stations(("F", 0, 0)).to_crs("EPSG:32651"), walk=walk)
    after = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), walk=walk)
    row = last(compare(before, after))
    assert row[["gained_km", "lost_km", "new_km", "gone_km"]].abs().max() < 0.02
    assert row["kept_km"] == pytest.approx(row["street_km_after"], abs=0.02)


def _in_zone(streets, crs):
    def turned(xy):
        return np.column_stack(
            gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs=CRS).to_crs(crs).get_coordinates().T.to_numpy()
        )

    return replace(streets, crs=crs, coords=turned(streets.coords), node_xy=turned(streets.node_xy))


# Stations


def station_list(*rows):
    ids, names, x = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"station_id": ids, "name": names, "category": "", "status": "used"},
        geometry=[shapely.Point(ORIGIN[0] + e, ORIGIN[1]) for e in x],
        crs=CRS,
    )


def changes(before, after):
    table = station_changes(station_list(*before), station_list(*after))
    return {row.station_id: (row.change, row.matched_by) for row in table.itertuples()}


def test_stations_are_matched_by_id_then_by_place():
    before = [("a", "A", 0), ("b", "B", 500), ("c", "C", 900), ("d", "D", 2000)]
    after = [("a", "A", STILL_M - 1), ("b", "B", 800), ("x", "C", 900 + PLACE_M - 1), ("y", "Y", 3000)]
    assert changes(before, after) == {
        "a": ("kept", "id"), "b": ("moved", "id"), "x": ("moved", "place"), "y": ("added", ""), "d": ("removed", ""),
    }  # fmt: skip


def test_numbers_of_rows_are_no_ids():
    """The second row is deleted, so that all numbers shift: one station is removed, none moved."""
    before = [("1", "A", 0), ("2", "B", 500), ("3", "C", 1000)]
    after = [("1", "A", 0), ("2", "C", 1000)]
    table = station_changes(station_list(*before), station_list(*after))
    assert table["change"].tolist() == ["removed", "kept", "kept"]
    assert table["name"].tolist() == ["B", "A", "C"]


def test_of_two_near_ones_the_name_decides():
    before = [("p", "North", 0), ("q", "South", 20)]
    after = [("r", "South", 5), ("s", "North", 25)]
    table = station_changes(station_list(*before), station_list(*after)).set_index("station_id")
    assert table["station_id_before"].to_dict() == {"r": "q", "s": "p"}


# Bad input


def test_what_cannot_be_compared():
    result = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), walk=Walk(cutoffs=(5,)))
    other = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), walk=Walk(cutoffs=(15,)))
    with pytest.raises(InputError, match="no cutoff in common: found 5 and 15 min"):
        compare(result, other)
    part = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), area=TOWN.box("H", "C", 20), walk=Walk(cutoffs=(5,)))
    rest = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), area=TOWN.box("H", "D", 20), walk=Walk(cutoffs=(5,)))
    with pytest.raises(InputError, match="one of the two has a study area"):
        compare(result, part)
    with pytest.raises(InputError, match="their areas differ"):
        compare(part, rest)
    with pytest.raises(InputError, match="found str; give two results"):
        compare("a", result)


def test_settings_that_differ_are_noted():
    before = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), zones=ZONES, walk=Walk(cutoffs=(5, 10)))
    after = analyze(TOWN.streets, TOWN.stations(("F", 0, 0)), walk=Walk(cutoffs=(5, 15), speed=4.0))
    found = compare(before, after, names=("a.csv", "b.csv"))
    assert [note.code for note in found.notes] == ["speeds", "cutoffs", "people", "zones"]
    assert found.cutoffs == (5,)
    assert found.summary["before"]["name"] == "a.csv"
    assert "5 min:" in repr(found)
