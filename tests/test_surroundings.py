"""Water, rail, buildings, places and hosts, read with the streets."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from osm_files import Nodes, Tags, nodes_of, write_osm
from walkshed.network import Surroundings, read_streets
from walkshed.network.streets import FRAMES, SurroundingsLater
from walkshed.network.surroundings import banks, drawn_water

STREET = {"highway": "residential"}
NODES = nodes_of("""
A----B  I--J
|    |  |  |
D----C  L--K
  E--F
  H--G  M--------N
""")


def frames(found):
    return {name: getattr(found, name) for name in FRAMES}


def test_a_frame_is_made_when_it_is_asked_for():
    made = []
    around = SurroundingsLater(lambda name: made.append(name) or name)
    assert made == []
    assert (around.water, around.water) == ("water", "water")
    assert made == ["water"]
    assert not hasattr(around, "mountains")


def around(
    path: Path,
    ways: list[tuple[str, Tags]],
    *,
    nodes: Nodes = NODES,
    area: shapely.Polygon | None = None,
    **more: object,
) -> Surroundings:
    write_osm(path / "town.osm", nodes, [("MN", STREET), *ways], **more)
    found = read_streets(path / "town.osm", min_island_m=0.0, area=area, budget_m=600.0).surroundings
    assert found is not None
    return found


def test_each_thing_lands_in_its_frame(tmp_path: Path) -> None:
    found = around(
        tmp_path,
        [
            ("ABCDA", {"natural": "water", "name": "莲花湖"}),
            ("ABC", {"waterway": "canal", "name": "大运河", "tunnel": "no"}),
            ("BCD", {"waterway": "stream", "tunnel": "culvert"}),
            ("CD", {"natural": "coastline"}),
            ("AD", {"railway": "rail", "name:en": "Line 1"}),
            ("BC", {"railway": "subway", "tunnel": "yes"}),
            ("BD", {"railway": "abandoned"}),
            ("CD", {"barrier": "city_wall", "name": "城墙"}),
            ("EFGHE", {"barrier": "hedge"}),
            ("IJKLI", {"barrier": "fence", "amenity": "school"}),
            ("IJKLI", {"building": "yes", "amenity": "library", "name": "图书馆"}),
            ("EFGHE", {"amenity": "townhall"}),
        ],
        points=[
            ("A", {"place": "village", "name": "张庄"}),
            ("B", {"place": "village"}),
            ("C", {"place": "island", "name": "x"}),
            ("D", {"amenity": "bank", "name": "中国银行, 'A' & \"B\""}),
            ("M", {"amenity": "bench"}),
            ("N", {"shop": "convenience"}),
            ("J", {"office": "government", "name": "办公"}),
        ],
    )
    assert found.water[["name"]].assign(kind=found.water.geom_type).values.tolist() == [
        ["莲花湖", "Polygon"],
        ["大运河", "LineString"],
        ["", "LineString"],
        ["", "Polygon"],
    ]
    assert found.rail[["name", "tunnel"]].values.tolist() == [["Line 1", False], ["", True]]
    assert found.rail["tunnel"].dtype == bool
    assert found.walls[["name"]].assign(kind=found.walls.geom_type).values.tolist() == [
        ["城墙", "LineString"],
        ["", "LineString"],
    ]
    assert found.buildings["name"].tolist() == ["图书馆"]
    assert found.places[["name", "place"]].values.tolist() == [["张庄", "village"]]
    assert found.hosts[["name", "kind"]].values.tolist() == [
        ["中国银行, 'A' & \"B\"", "bank"],
        ["办公", "government"],
        ["", "convenience"],
        ["图书馆", "library"],
        ["", "townhall"],
    ]
    middle = found.hosts.geometry[3].distance(found.buildings.geometry[0].centroid)
    assert middle < 0.1
    assert {str(frame.crs) for frame in frames(found).values()} == {"EPSG:32650"}


@pytest.mark.parametrize(
    ("tags", "crossable"),
    [
        ({"railway": "rail"}, False),
        ({"railway": "subway", "tunnel": "no", "bridge": "no"}, False),
        ({"railway": "light_rail", "bridge": "viaduct"}, True),
        ({"railway": "subway", "tunnel": "yes"}, True),
        ({"railway": "tram"}, True),
        ({"railway": "monorail"}, True),
    ],
)
def test_where_rail_can_be_crossed(tmp_path: Path, tags: Tags, crossable: bool) -> None:
    assert around(tmp_path, [("AB", tags)]).rail["crossable"].tolist() == [crossable]


def test_a_building_and_a_pond_may_be_walled(tmp_path: Path) -> None:
    found = around(
        tmp_path,
        [("ABCDA", {"natural": "water", "barrier": "fence"}), ("IJKLI", {"building": "yes", "barrier": "wall"})],
    )
    assert (len(found.water), len(found.buildings), len(found.walls)) == (1, 1, 2)


def test_water_of_several_outlines_has_its_island(tmp_path: Path) -> None:
    nodes = nodes_of("""
A--------B
|  E--F  |
|  H--G  |
D--------C    M--N
""")
    ways = [("ABC", {}), ("CDA", {}), ("EFGHE", {})]
    areas = [
        ([2, 3, 4], {"natural": "water", "name": "湖"}),
        ([2, 99], {"building": "yes"}),
        ([], {"natural": "water"}),
    ]
    found = around(tmp_path, ways, nodes=nodes, areas=areas)
    assert found.water["name"].tolist() == ["湖"]
    lake = found.water.geometry[0]
    assert len(lake.interiors) == 1
    assert shapely.Polygon(lake.interiors[0]).area == pytest.approx(3 * 95.9 * 110.9, rel=0.01)
    assert len(found.buildings) == 0  # its other half is not in the file
    # the same with an area, near the lake and far from it
    near = around(tmp_path, ways, nodes=nodes, areas=areas, area=shapely.box(114.009, 30.597, 114.012, 30.599))
    assert len(near.water) == 1


def test_the_sea_is_water_as_far_as_coastlines_tell_it(tmp_path: Path) -> None:
    gap = " " * 40
    nodes = nodes_of(f"""
{" " * 40}  A--B
{" " * 40}  D--C
{" " * 40}  M--N{gap}
S{gap}T{gap}U
""")
    coast = {"natural": "coastline"}
    found = around(tmp_path, [("ST", coast), ("TU", coast | {"barrier": "wall"}), ("ABCDA", coast)], nodes=nodes)
    assert len(found.walls) == 1
    assert sorted(found.water["part"]) == ["sea", "sea", "shore", "shore", "shore"]
    shores, seas = (found.water[found.water["part"] == part] for part in ("shore", "sea"))
    assert (len(drawn_water(found)), len(banks(found))) == (2, 3)  # drawn are the polygons, in the way the lines
    assert shapely.union_all(seas.boundary).buffer(0.01).contains(shapely.union_all(shores.geometry))
    pond, sea = sorted(seas.to_crs(4326).geometry, key=shapely.area)
    west, south, east, north = sea.bounds
    assert north == pytest.approx(nodes["S"][1], abs=1e-7)
    assert sea.area == pytest.approx((east - west) * (north - south))
    assert pond.normalize().equals_exact(
        shapely.Polygon([nodes[name] for name in "ABCDA"]).normalize(), 1e-7
    )  # drawn with the clock
    # half of the coastline is not in the file: there the sea ends
    found = around(tmp_path, [("ST", coast)], nodes=nodes)
    (half,) = drawn_water(found).to_crs(4326).geometry
    assert half.bounds == pytest.approx((west, south, nodes["T"][0], north))
    (shore,) = banks(found)  # and nothing is in the way there
    bounds = gpd.GeoSeries([shore], crs=found.water.crs).to_crs(4326).total_bounds
    assert bounds == pytest.approx((west, north, nodes["T"][0], north))


def test_bad_outlines_are_mended_or_passed_over(tmp_path: Path) -> None:
    found = around(
        tmp_path,
        [
            ("ACBDA", {"natural": "water", "name": "crossed"}),
            ("ABCD", {"natural": "water", "name": "open"}),
            ("ABA", {"natural": "water", "name": "flat"}),
            ("A", {"building": "yes", "name": "point"}),
            ("", {"building": "yes", "name": "empty"}),
            ("AAAA", {"building": "yes", "name": "one place"}),
            ("EFGHE", {"building": "yes", "name": "half gone"}),
            ("ABGCD", {"waterway": "river", "name": "in parts"}),
        ],
        without="G",
    )
    assert found.water["name"].tolist() == ["crossed", "in parts"]
    assert found.water.is_valid.all()
    assert found.water.geom_type.tolist()[1] == "MultiLineString"
    assert len(found.buildings) == 0


def test_the_frames_end_where_the_streets_do(tmp_path: Path) -> None:
    nodes = nodes_of("M--N  A--B\nP--Q" + " " * 60 + "C--D\n    F--E" + " " * 52 + "H--G")
    long = [
        ("PQCD", {"waterway": "river"}),
        ("ABEFA", {"building": "yes"}),
        ("CDGHC", {"building": "yes"}),
        ("AB", {"railway": "rail"}),
    ]
    points = [("D", {"place": "town", "name": "far"}), ("N", {"place": "town", "name": "near"})]
    everything = around(tmp_path, long, nodes=nodes, points=points)
    some = around(tmp_path, long, nodes=nodes, points=points, area=shapely.box(114.0, 30.599, 114.003, 30.6))
    for found, reach_m in ((everything, 1400.0), (some, 700.0)):
        assert len(found.buildings) == 1
        assert found.places["name"].tolist() == ["near"]
        east = found.buildings.total_bounds[2]
        assert found.water.total_bounds[2] < east + reach_m
    assert len(some.rail) == 1


def test_frames_without_rows_still_have_their_columns(tmp_path: Path) -> None:
    found = around(tmp_path, [("AB", {"railway": "rail"})])
    columns = {key: sorted(frame.columns) for key, frame in frames(found).items()}
    assert columns == {
        "water": ["geometry", "name", "part"],
        "rail": ["crossable", "geometry", "name", "tunnel"],
        "walls": ["geometry", "name"],
        "buildings": ["geometry", "name"],
        "places": ["geometry", "name", "place"],
        "hosts": ["geometry", "kind", "name"],
    }


def test_helsinki(helsinki_pbf: Path) -> None:
    found = read_streets(helsinki_pbf).surroundings
    assert found is not None
    assert {key: len(frame) for key, frame in frames(found).items()} == {
        "water": 19,
        "rail": 318,
        "walls": 206,
        "buildings": 447,
        "places": 7,
        "hosts": 65,
    }
    assert all(frame.is_valid.all() for frame in frames(found).values())
