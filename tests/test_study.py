"""The whole study: statuses, borders, orders, notes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from toys import CRS, LADDER, at, bent, boxes, toy
from walkshed.analysis.study import analyze
from walkshed.errors import CRSError, InputError, NoStreetsError
from walkshed.network import read_streets
from walkshed.reach.walk import Walk

LINE = "A---------B---------C---------D\n|\nE"
"""3,000 m and an end of 200 m."""


def last(result):
    return result.summary["coverage"][-1]


def codes(result):
    return {note.code: note.values for note in result.notes}


def test_summary_has_the_keys_of_the_contract():
    ladder = toy(LADDER)
    s = analyze(ladder.streets, ladder.stations(("A", 0, 0))).summary
    keys = {
        "settings": "datum cutoffs_min speed_kmh off_street_m max_snap_m min_island_m min_gap_m barriers",
        "streets": "street_km islands_left_out_km unreached_km nodes edges km_per_km2 date origin",
        "stations": "read used unsnapped outside",
        "people": "total unknown in_gaps scattered",
        "gaps": "cutoff_min count street_km sliver_km people",
        "seconds": "streets reach areas gaps outputs",
    }
    assert set(s) == {"walkshed", "coverage", *keys}
    assert {key: set(s[key]) for key in keys} == {key: set(names.split()) for key, names in keys.items()}
    names = "cutoff_min street_km street_share cross_covered_share people people_share"
    assert [set(row) for row in s["coverage"]] == [set(names.split())] * 3


def test_coverage_of_the_ladder():
    """A station at A with 15 min, 1,200 m, reaches D (1,500) 1,200 m along and G (1,200): of 3,800 m all but C-D
    beyond 200 m, H's end and D-H: 300 + 500 + 200."""
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)))
    assert result.summary["streets"]["street_km"] == pytest.approx(3.8)
    assert last(result)["street_km"] == pytest.approx(2.8)
    assert last(result)["street_share"] == pytest.approx(28 / 38)
    assert result.stations["street_km_15"].tolist() == pytest.approx([2.8])
    assert result.headline["gap_street_km"] == pytest.approx(1.0)


def test_streets_are_cut_where_anything_changes():
    """
    A---------B---------C---------D   Stations at A and C, 5 and 10 min: cut at 400 and 800 m from each, where the
    |                                 nearest changes (1,000 m), where the second reach begins.
    E
    """
    line = toy(LINE)
    result = analyze(line.streets, line.stations(("A", 0, 0), ("C", 0, 0)), walk=Walk(cutoffs=(5, 10, 15)))
    rows = result.streets
    assert rows["length_m"].sum() == pytest.approx(3200)
    assert rows.geometry.length.to_numpy() == pytest.approx(rows["length_m"].to_numpy())
    first = rows[rows["edge"] == rows["edge"].min()]
    assert first["length_m"].sum() in (pytest.approx(200), pytest.approx(1000))
    assert set(rows["cutoff_min"]) == {5.0, 10.0, 15.0}
    along = rows[rows.geometry.bounds["miny"] > -1 + rows.geometry.bounds["maxy"].max()]
    x = sorted({round(v - 500_000) for v in along.geometry.bounds["minx"]})
    assert x == [0, 400, 800, 1000, 1200, 1600, 2000, 2400, 2800]
    assert (rows["covered"] == (rows["walk_min"] <= 15)).all()


def test_a_station_beyond_the_area_serves_it():
    """The area is B to D; a station 600 m west of it covers 600 m of it."""
    line = toy(LINE)
    result = analyze(line.streets, line.stations(("A", 400, 0)), area=boxes((1000, -50, 3050, 50)))
    assert result.stations["status"].tolist() == ["used"]
    assert last(result)["street_km"] == pytest.approx(0.6)
    assert result.summary["streets"]["street_km"] == pytest.approx(2.0)
    assert result.stations["street_km_15"].tolist() == pytest.approx([0.6])


def test_statuses():
    """1,200 m are one budget: a station 1,190 m from the area is used, one at 1,210 m outside; one 260 m from any
    street unsnapped, also near the area."""
    line = toy(LINE)
    places = [("B", 10, 0), ("A", -190, 0), ("A", -210, 0), ("C", 0, 260), ("D", 4000, 0)]
    result = analyze(line.streets, line.stations(*places), area=boxes((1000, -50, 3050, 50)))
    frame = result.stations
    assert frame["status"].tolist() == ["used", "used", "outside", "unsnapped", "outside"]
    assert frame["snapped"].tolist() == [True, True, False, False, False]
    assert frame["snap_m"].tolist() == pytest.approx([0, 190, np.nan, np.nan, np.nan], nan_ok=True, abs=1e-6)
    assert frame["street_km_15"].isna().tolist() == [False, False, True, True, True]
    assert result.summary["stations"] == {"read": 5, "used": 2, "unsnapped": ["s4"], "outside": ["s3", "s5"]}
    assert set(result.service_areas["station_id"]) == {"s1", "s2"}
    assert codes(result)["stations_unsnapped"] == {"count": 1}
    assert codes(result)["stations_outside"] == {"count": 2}


def test_no_station_at_all_can_be_used():
    line = toy(LINE)
    with pytest.raises(InputError, match=r"none of 2 can be used: 1 lie farther .* 1 farther than 250 m"):
        analyze(line.streets, line.stations(("C", 0, 260), ("D", 9000, 0)))


def test_an_area_with_a_hole():
    """A hole over B-C takes its 500 m out; people and gaps in it do not count."""
    ladder = toy(LADDER)
    hole = boxes((490, -20, 1010, 20)).geometry.iloc[0]
    area = gpd.GeoDataFrame(
        {"name": ["ring"]}, geometry=[ladder.box("E", "D", 50).geometry.iloc[0].difference(hole)], crs=CRS
    )
    people = ladder.people(("B", 200, 0, 9), ("E", 200, 0, 4))
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=area, people=people)
    assert result.summary["streets"]["street_km"] == pytest.approx(3.8 - 0.52 - 0.04)
    assert result.summary["people"]["total"] == 4
    assert not result.streets.geometry.interpolate(0.5, normalized=True).within(hole).any()


def test_an_area_in_parts():
    ladder = toy(LADDER)
    parts = boxes((-50, -50, 100, 50), (1400, -50, 1550, 50), name=["w", "e"])
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=parts)
    assert result.summary["streets"]["street_km"] == pytest.approx(0.1 + 0.05 + 0.1 + 0.05)
    assert len(result.area) == 1


def test_an_area_may_be_a_polygon_in_degrees():
    ladder = toy(LADDER)
    box = boxes((250, -50, 2000, 50))
    frame = analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=box)
    shape = analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=box.to_crs(4326).geometry.iloc[0])
    assert shape.summary["streets"]["street_km"] == pytest.approx(frame.summary["streets"]["street_km"])


def test_an_area_without_street_or_frames_without_a_crs_are_refused():
    ladder = toy(LADDER)
    stations = ladder.stations(("A", 0, 0))
    with pytest.raises(NoStreetsError, match="no walkable street"):
        analyze(ladder.streets, stations, area=boxes((100, -150, 150, -50)))
    for given in (
        {"area": boxes((0, -50, 2000, 50))},
        {"zones": boxes((0, 0, 9, 9), zone=["z"])},
        {"people": at((0, 0), population=[1.0])},
    ):
        (name, frame), *_ = given.items()
        with pytest.raises(CRSError, match=name):
            analyze(
                ladder.streets,
                stations,
                **{name: gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))},
            )


def test_one_straight_street_and_no_area():
    """The hull of all street has no area of its own: there is no density to tell, and all else stands."""
    straight = toy("A---------B")
    result = analyze(straight.streets, straight.stations(("A", 0, 0)))
    assert last(result)["street_km"] == pytest.approx(1.0)


def test_the_order_of_the_stations_is_irrelevant():
    ladder = toy(LADDER)
    stations = ladder.stations(
        ("A", 0, 0), ("A", 0, 0), ("F", 60, 20), ("G", 0, 0), ("D", 0, 240), ("D", 0, 260), ("H", 9000, 0)
    )
    people = ladder.people(("B", 30, 30, 3), ("D", 10, 0, 4), ("C", 0, 600, 5))
    given = {"people": people, "zones": ladder.zones(("z", "E", "B", 1), margin_m=9), "walk": Walk(cutoffs=(2, 4))}
    one = analyze(ladder.streets, stations, **given)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(stations))
        two = analyze(ladder.streets, stations.iloc[order], **given)
        for key in ("coverage", "gaps", "people", "streets"):
            assert two.summary[key] == one.summary[key]
        assert sorted(two.summary["stations"]["outside"]) == sorted(one.summary["stations"]["outside"])
        assert two.streets.drop(columns="geometry").equals(one.streets.drop(columns="geometry"))
        assert two.gaps.drop(columns="geometry").equals(one.gaps.drop(columns="geometry"))
        assert two.stations["station_id"].tolist() == stations["station_id"].iloc[order].tolist()
        by_id = two.stations.set_index("station_id").loc[stations["station_id"], ["street_km_4", "people", "status"]]
        assert by_id.equals(one.stations.set_index("station_id")[["street_km_4", "people", "status"]])
        assert two.service_areas.geometry.geom_equals(one.service_areas.geometry).all()


def test_the_inputs_stay_as_they_were():
    ladder = toy(LADDER)
    frames = {
        "stations": ladder.stations(("B", 0, 0), ("A", 0, 0)).set_index(np.array([7, 7])),
        "people": ladder.people(("B", 30, 30, 3)),
        "zones": ladder.zones(("z", "E", "B", 1)),
        "area": ladder.box("E", "D", 10),
    }
    copies = {name: frame.copy(deep=True) for name, frame in frames.items()}
    arrays = {name: getattr(ladder.streets, name).copy() for name in ("coords", "edge_length_m", "edge_u", "node_xy")}
    analyze(ladder.streets, **frames)
    for name, frame in frames.items():
        assert_geodataframe_equal(frame, copies[name])
    for name, array in arrays.items():
        assert (getattr(ladder.streets, name) == array).all()


def test_frames_in_degrees_give_the_same():
    ladder = toy(LADDER)
    stations, people = ladder.stations(("A", 33, 10)), ladder.people(("B", 30, 30, 3))
    metres = analyze(ladder.streets, stations, people=people)
    degrees = analyze(ladder.streets, stations.to_crs(4326), people=people.to_crs(4326))
    assert degrees.summary["coverage"][0]["street_km"] == pytest.approx(metres.summary["coverage"][0]["street_km"])
    assert degrees.crs == metres.crs == CRS


def test_streets_that_cannot_be_written_to_are_read_all_the_same():
    """As they come from a memory map."""
    ladder = toy(LADDER)
    for name in ("coords", "edge_length_m", "edge_u", "edge_v", "node_xy", "cost_uv", "cost_vu", "offsets"):
        getattr(ladder.streets, name).flags.writeable = False
    result = analyze(
        ladder.streets,
        ladder.stations(("A", 0, 0)),
        area=ladder.box("E", "C", 9),
        people=ladder.people(("B", 30, 30, 3)),
    )
    assert last(result)["street_km"] > 0


def test_one_station_and_many_cutoffs():
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)), walk=Walk(cutoffs=(0.25, 2.5, 60)))
    assert [row["street_km"] for row in result.summary["coverage"]] == pytest.approx([0.04, 0.2 + 0.2, 3.8])
    assert {"street_km_0.25", "street_km_2.5", "street_km_60"} <= set(result.stations.columns)
    assert result.streets["cutoff_min"].isna().sum() == 0


def test_minutes_are_counted_beyond_the_cutoffs():
    """With 5 min, 400 m, the centres are B, C and D: D's gap begins at 2,600 m. The last stretch is told at its
    middle, the gap at its far end, 3,000 m or 37.5 min away."""
    line = toy(LINE)
    result = analyze(line.streets, line.stations(("A", 0, 0)), walk=Walk(cutoffs=(5,)))
    rows = result.streets
    assert rows["walk_min"].max() == pytest.approx(2800 / 80)
    assert rows.loc[~rows["covered"], "cutoff_min"].isna().all()
    assert (rows["station_id"] == "s1").all()
    assert result.gaps["walk_min_max"].max() == pytest.approx(37.5)


def test_notes_say_where_the_area_ends():
    """Streets from x = 0 to 3,000: an area up to 2,500 leaves 500 m; none is noted as such."""
    streets = bent((0, 1, []), (1, 2, []), nodes=[(-3000, -3000), (3000, -3000), (3000, 3000)])
    assert "no_area" in codes(analyze(streets, at((0, -3000))))
    near = codes(analyze(streets, at((0, -3000)), area=boxes((-1000, -3100, 2500, 1000)), walk=Walk(max_snap=10)))
    assert near["edge_uncertain"]["km"] == 0  # the area reaches beyond the streets in the south
    inner = boxes((-1500, -1500, 2500, 1500)).geometry.iloc[0].union(boxes((2490, 0, 2500, 9)).geometry.iloc[0])
    cross = bent((0, 1, []), (2, 3, []), nodes=[(-3000, 0), (3000, 0), (0, -3000), (0, 3000)])
    area = gpd.GeoDataFrame({"name": ["a"]}, geometry=[inner], crs=CRS)
    assert codes(analyze(cross, at((0, 0)), area=area))["edge_uncertain"]["km"] == pytest.approx(0.5, rel=1e-3)
    assert "edge_uncertain" not in codes(analyze(cross, at((0, 0)), area=boxes((-1700, -1700, 1700, 1700))))


def test_notes_on_thin_streets():
    ladder = toy(LADDER)
    assert "thin_streets" not in codes(
        analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=ladder.box("E", "D", 10))
    )
    thin = analyze(ladder.streets, ladder.stations(("A", 0, 0)), area=ladder.box("E", "D", 900))
    assert codes(thin)["thin_streets"]["km_per_km2"] == pytest.approx(3.8 / (3.3 * 2.0))


def test_notes_on_people():
    ladder = toy(LADDER)
    people = ladder.people(("A", 0, 700, 2), ("A", 390, 30, 5))
    found = codes(analyze(ladder.streets, ladder.stations(("A", 0, 0)), people=people, walk=Walk(cutoffs=(5,))))
    assert found["people_unknown"] == {"people": 2}
    assert found["people_scattered"] == {"people": 5}


def test_it_says_its_headline():
    ladder = toy(LADDER)
    text = repr(
        analyze(ladder.streets, ladder.stations(("A", 0, 0)), people=ladder.people(("A", 0, 0, 1), ("D", 0, 0, 1)))
    )
    for figure in ("15 min", "73.7%", "3.8 km", "50.0%", "1.0 km"):
        assert figure in text


def test_progress_goes_from_nothing_to_all_and_never_back():
    ladder = toy(LADDER)
    seen = {}
    result = analyze(
        ladder.streets,
        ladder.stations(("A", 0, 0)),
        progress=lambda step, share: seen.setdefault(step, []).append(share),
    )
    assert {"reach", "gaps"} <= set(seen)
    assert len(result.covered)
    assert len(result.gaps)
    assert {"areas", "gap areas"} <= set(seen)
    for shares in seen.values():
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] <= 1 + 1e-9


def test_result_frames_are_in_the_streets_crs_and_valid():
    ladder = toy(LADDER)
    given = {
        "people": ladder.people(("B", 30, 30, 3)),
        "zones": ladder.zones(("z", "E", "B", 1)),
        "area": ladder.box("E", "D", 20),
    }
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0)), **given)
    for name in ("area", "stations", "service_areas", "covered", "streets", "gaps", "zones", "people"):
        frame = getattr(result, name)
        assert frame.crs == CRS, name
        assert frame.geometry.is_valid.all(), name
        assert frame.index.tolist() == [*range(len(frame))], name
    assert set(shapely.get_type_id(result.service_areas.geometry)) == {6}


def test_streets_read_for_an_area_are_held_to_it(helsinki_pbf):
    """What was not read must not look uncovered: another area, or a longer walk, is refused with the remedy."""
    center = shapely.Point(24.941, 60.171)
    town, county = center.buffer(0.004), center.buffer(0.02)
    streets = read_streets(helsinki_pbf, area=town, budget_m=1200)
    stations = gpd.GeoDataFrame({"station_id": ["a"]}, geometry=[center], crs=4326)
    result = analyze(streets, stations)
    assert result.summary["streets"]["street_km"] < streets.street_km
    assert (
        result.summary["streets"]["street_km"] == analyze(streets, stations, area=town).summary["streets"]["street_km"]
    )
    with pytest.raises(InputError, match="budget_m=2400"):
        analyze(streets, stations, area=town, walk=Walk(cutoffs=(30,)))
    with pytest.raises(InputError, match="reaches beyond"):
        analyze(streets, stations, area=county)
