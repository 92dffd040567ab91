"""Porto Alegre, streets with people: every share held against an independent computation.

© OpenStreetMap contributors, ODbL; people: the sample data of r5r.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

import oracle
from walkshed.analysis.study import analyze
from walkshed.inputs import read_people, read_stations
from walkshed.network.osm import read_osm

CUTOFFS = (5.0, 10.0, 15.0)


@cache
def _both(streets_path, stations_path, people_path):
    """The product's result and the oracle's answers for one town."""
    result = analyze(read_osm(streets_path), read_stations(stations_path), people=read_people(people_path))
    truth = oracle.read(streets_path, result.crs)
    project = Transformer.from_crs("EPSG:4326", result.crs, always_xy=True)
    listed = pd.read_csv(stations_path, encoding="utf-8")
    points = shapely.points(*project.transform(listed["lon"], listed["lat"]))
    stands = truth.splice(points)
    people = pd.read_csv(people_path, encoding="utf-8")
    homes = shapely.points(*project.transform(people["lon"], people["lat"]))
    cost = truth.costs([s for s in stands if s])
    return result, truth, dict(zip(listed["id"], stands, strict=True)), cost, people["population"].to_numpy(), homes


@pytest.fixture
def town(real_data):
    files = ("poa_osm.pbf", "poa_points_of_interest.csv", "poa_hexgrid.csv")
    return _both(*(real_data(f"porto_alegre/{name}") for name in files))


def test_street_in_all(town):
    result, truth, *_ = town
    assert result.summary["streets"]["street_km"] == pytest.approx(truth.street_m / 1000, rel=1e-4)


def test_street_covered_at_every_cutoff(town):
    """Within 0.1 %, and the shares within 0.3 percentage points (by far)."""
    result, truth, _, cost, _, _ = town
    for row in result.summary["coverage"]:
        covered_m = truth.covered_m(cost, row["cutoff_min"] * 80.0)
        assert row["street_km"] == pytest.approx(covered_m / 1000, rel=1e-3)
        assert row["street_share"] == pytest.approx(covered_m / truth.street_m, abs=0.0003)


def test_people_covered_at_every_cutoff(town):
    result, truth, _, cost, population, homes = town
    cost_m = truth.cost_at(homes, cost)
    known = population[~np.isnan(cost_m)].sum()
    assert result.summary["people"]["total"] == population.sum() == 812_935
    assert result.summary["people"]["unknown"] == pytest.approx(population[np.isnan(cost_m)].sum())
    for row in result.summary["coverage"]:
        covered = population[cost_m <= row["cutoff_min"] * 80.0].sum()
        assert row["people"] == pytest.approx(covered, rel=0.003)
        assert row["people_share"] == pytest.approx(covered / known, abs=0.003)


def test_minutes_of_every_person(town):
    result, truth, _, cost, _, homes = town
    expected = truth.cost_at(homes, cost) / 80.0
    found = result.people["walk_min"].to_numpy()
    assert (np.isnan(found) == ~np.isfinite(expected)).all()
    reached = np.isfinite(expected)
    # Two streets at nearly one distance may be told apart differently: one in a hundred may.
    off = np.abs(found[reached] - expected[reached])
    assert (off < 0.02).mean() > 0.99


def test_street_of_every_station(town):
    result, truth, stands, *_ = town
    rows = result.stations.set_index("station_id")
    assert rows["status"].eq("used").tolist() == [s is not None for s in stands.values()]
    for name, stand in stands.items():
        if stand is None:
            continue
        cost = truth.costs([stand], limit_m=1200.0)
        for cutoff in CUTOFFS:
            own_m = truth.covered_m(cost, cutoff * 80.0)
            assert rows.loc[name, f"street_km_{cutoff:g}"] == pytest.approx(own_m / 1000, rel=1e-3, abs=0.002)


def test_everything_adds_up(town):
    result, *_ = town
    s = result.summary
    parts = s["coverage"][-1]["street_km"] + s["gaps"]["street_km"] + s["gaps"]["sliver_km"]
    assert parts == pytest.approx(s["streets"]["street_km"], abs=1e-3)
    states = result.people.groupby("state")["population"].sum()
    assert states.sum() == s["people"]["total"]
    assert s["coverage"][-1]["people"] == states["covered"]
    people = s["coverage"][-1]["people"] + sum(s["people"][k] for k in ("in_gaps", "scattered", "unknown"))
    assert people == pytest.approx(s["people"]["total"], abs=1e-6)
    assert result.gaps["people"].sum() == pytest.approx(s["people"]["in_gaps"])
    assert (result.gaps["people"].diff().dropna() <= 0).all()


def test_the_gaps_are_a_plan(town):
    """A station at the centre of the first gap gains the street that the gap is said to have."""
    result, *_ = town
    gap = result.gaps.iloc[result.gaps["street_km"].argmax()]
    center = {"station_id": "new", "name": "", "category": "", "row": 99}
    place = shapely.Point(gap["center_lon"], gap["center_lat"])
    stations = result.stations[["station_id", "name", "category", "row", "geometry"]].to_crs(4326)
    more = pd.concat([stations, type(stations)([center | {"geometry": place}], crs=4326)], ignore_index=True)
    after = analyze(result.network, more)
    gain_km = after.summary["coverage"][-1]["street_km"] - result.summary["coverage"][-1]["street_km"]
    assert gain_km == pytest.approx(gap["street_km"], abs=0.005)


def test_frozen_totals(town):
    """The extract of 2020-08-12 and its 15 places, as of the first release: a change of these is a change of method."""
    result, *_ = town
    s = result.summary
    assert s["streets"]["street_km"] == pytest.approx(FROZEN["street_km"], rel=2e-3)
    assert [r["street_share"] for r in s["coverage"]] == pytest.approx(FROZEN["street_share"], abs=1e-3)
    assert [r["people_share"] for r in s["coverage"]] == pytest.approx(FROZEN["people_share"], abs=1e-3)


FROZEN = {
    "street_km": 1874.1,
    "street_share": [0.0387, 0.1078, 0.1782],
    "people_share": [0.0183, 0.0915, 0.1802],
}
