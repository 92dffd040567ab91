"""What each station is worth, and what closing one would lose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import walkshed as ws
from toys import at, bent, boxes, toy

#  A to B is 2,000 m. A walk of 10 min at 4.8 km/h is 800 m.
ROAD = toy("A" + "-" * 19 + "B")
TEN = ws.Walk(cutoffs=(5, 10))
PEOPLE = ROAD.people(("A", 100, 0, 3), ("A", 1000, 0, 8), ("A", 1900, 0, 5))


def result(people=PEOPLE, **columns):
    # s1 covers 0 to 1,300, s2 700 to 2,000.
    stations = ROAD.stations(("A", 500, 0), ("A", 1500, 0)).assign(**columns)
    return ws.analyze(ROAD.streets, stations, people=people, walk=TEN)


def test_worth_is_what_only_it_serves():
    worth = ws.station_worth(result(capacity=[2, 20]))
    assert worth["station_id"].tolist() == ["s2", "s1"]  # 5 people to 3
    assert worth["rank"].tolist() == [1, 2]
    assert worth["street_km_only"].tolist() == pytest.approx([0.7, 0.7])
    assert worth["overlap_share"].tolist() == pytest.approx([6 / 13, 6 / 13])
    assert worth["people_only"].tolist() == [5.0, 3.0]
    by_id = worth.set_index("station_id")
    assert (by_id["load"] == by_id["people"] / by_id["capacity"]).all()
    assert by_id["people"].sum() == 16.0


def test_without_people_or_capacity_there_is_no_load():
    worth = ws.station_worth(result(people=None))
    assert worth["load"].isna().all()
    assert worth["people_only"].isna().all()
    assert worth["station_id"].tolist() == ["s1", "s2"]  # equal: by id


def test_closing_loses_what_only_it_serves():
    closing = ws.close_stations(result(), ["s2"])
    assert closing.lost_street_km == pytest.approx(0.7)
    assert closing.lost_people == 5.0
    assert closing.stations["station_id"].tolist() == ["s1"]
    assert closing.summary["after"]["street_share"] == pytest.approx(1.3 / 2)
    assert ws.close_stations(result(people=None), "s1").lost_people is None


def test_unknown_and_too_many_are_refused():
    with pytest.raises(ws.InputError, match=r"no station has the id 's3'; the nearest are 's[12]', 's[12]'"):
        ws.close_stations(result(), ["s3"])
    with pytest.raises(ws.InputError, match="all 2 stations that are used would be closed"):
        ws.close_stations(result(), ["s1", "s2"])
    with pytest.raises(ws.InputError, match="no station is named"):
        ws.close_stations(result(), [])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_closing_is_a_fresh_analysis_without_them(seed, spread):
    rng = np.random.default_rng(seed)
    streets = bent((0, 1, [(300, 200)]), (0, 2, []), (2, 3, []), (1, 3, [(900, 500)]), (3, 4, []),
                   nodes=[(0, 0), (600, 0), (0, 500), (600, 600), (1500, 700)])  # fmt: skip
    walk = ws.Walk(cutoffs=(2, 4), off_street=20.0)
    near = rng.uniform((0, 0), (600, 600), (4, 2))
    near[3] = near[2] + 5  # as one in the depth
    stations = at(*near)
    zones = boxes((-50, -50, 700, 300), (-50, 300, 1600, 800), zone=["a", "b"], population=[60.0, 40.0])
    people = None if spread else at(*rng.uniform((0, 0), (1500, 700), (9, 2)), population=np.arange(1.0, 10.0))
    settings_ = {"people": people, "zones": zones, "walk": walk, "area": boxes((-20, -20, 1200, 750))}
    before = ws.analyze(streets, stations, **settings_)
    closed = [f"s{i + 1}" for i in range(4) if rng.random() < 0.4]
    used = before.stations.loc[before.stations["status"] == "used", "station_id"]
    if not closed or used.isin(closed).all():
        return
    closing = ws.close_stations(before, closed)
    fresh = ws.analyze(streets, stations[~stations["station_id"].isin(closed)], **settings_)
    again = ws.analyze_again(before, closing.stations)
    for told, anew, found in zip(closing.after, again.summary["coverage"], fresh.summary["coverage"], strict=True):
        near = {key: pytest.approx(value, abs=1e-6) for key, value in found.items()}
        assert told == near
        assert anew == near


def test_closing_one_of_porto_alegre_loses_what_the_table_says(real_data):
    streets = ws.read_streets(real_data("porto_alegre/poa_osm.pbf"))
    people = ws.read_people(real_data("porto_alegre/poa_hexgrid.csv"))
    before = ws.analyze(streets, ws.read_stations(real_data("porto_alegre/poa_points_of_interest.csv")), people=people)
    best = ws.station_worth(before).iloc[0]
    closing = ws.close_stations(before, [best["station_id"]])
    assert closing.lost_street_km == pytest.approx(best["street_km_only"], abs=1e-6)
    assert closing.lost_people == pytest.approx(best["people_only"])
