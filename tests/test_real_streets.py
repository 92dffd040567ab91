"""Totals of real places, frozen.

Read on 2026-11-22 with the filter "walk-1", pyosmium 4.3 and PROJ through pyproj 3.7; all data
© OpenStreetMap contributors, ODbL. Where a total changes, so does the meaning of every share: change the number
here only together with DESIGN 1.1 or with the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from walkshed.network import Streets, read_streets


class Place(NamedTuple):
    file: str
    km: float
    islands_km: float
    edges: int
    nodes: int
    crs: str
    date: str


PLACES = [
    Place("monaco/monaco.osm.gz", 80.054, 0.933, 1450, 1060, "EPSG:32632", "2012-06-29"),
    Place("porto_alegre/poa_osm.pbf", 1874.106, 12.559, 25768, 18259, "EPSG:32722", "2020-08-12"),
    Place("shanghai_center/shanghai_center.osm.gz", 912.353, 1.649, 6443, 4042, "EPSG:32651", "2025-08-09"),
    Place("greater_porto/porto.osm.pbf", 9691.652, 34.911, 90575, 67100, "EPSG:32629", "2015-06-06"),
    Place("Helsinki.osm.pbf", 80.800, 3.119, 3434, 2565, "EPSG:32635", "2019-04-17"),
]


def check(streets: Streets, place: Place) -> None:
    assert streets.street_km == pytest.approx(place.km, abs=0.001)
    assert streets.source.islands_left_out_m / 1000 == pytest.approx(place.islands_km, abs=0.001)
    assert (len(streets), streets.node_count) == (place.edges, place.nodes)
    assert (streets.crs, streets.source.date, streets.source.origin) == (place.crs, place.date, "osm")
    # what every later step relies on
    assert np.array_equal(streets.coords[streets.offsets[:-1]], streets.node_xy[streets.edge_u])
    assert np.array_equal(streets.coords[streets.offsets[1:] - 1], streets.node_xy[streets.edge_v])
    assert np.all(np.diff(streets.node_id) > 0)
    assert np.all(streets.edge_u <= streets.edge_v)
    assert streets.along_m[streets.offsets[1:] - 1] == pytest.approx(streets.edge_length_m)
    planar = streets.to_frame().geometry.length.to_numpy()
    assert planar == pytest.approx(streets.edge_length_m, rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("place", PLACES[:-1], ids=lambda place: place.file.partition("/")[0])
def test_real_place(place: Place, real_data: Callable[[str], Path]) -> None:
    check(read_streets(real_data(place.file)), place)


def test_helsinki(helsinki_pbf: Path) -> None:
    check(read_streets(helsinki_pbf), PLACES[-1])


def test_the_names_of_shanghai_are_chinese(real_data: Callable[[str], Path]) -> None:
    streets = read_streets(real_data("shanghai_center/shanghai_center.osm.gz"))
    assert {"延安东路", "世纪大道"} <= set(streets.names)
