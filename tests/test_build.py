"""Segments become edges: hand-drawn networks, and the same network given in another order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from osm_files import Nodes, build, lines_of, metres, nodes_of, same
from walkshed.errors import InputError, InputWarning, NoStreetsError
from walkshed.network.build import Ways, build_streets
from walkshed.network.clip import Clip
from walkshed.network.plane import utm_of
from walkshed.network.streets import STEPS, Source

CROSS = nodes_of("""
     A
     |
D-B--C--E
     |
     F
""")


def test_an_edge_runs_from_junction_to_end() -> None:
    streets = build(CROSS, [("ACF", {}), ("DBCE", {})])
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 3), (3, 4), (3, 5), (3, 6)]
    assert streets.node_id.tolist() == [1, 3, 4, 5, 6]  # B is only a bend
    assert streets.edge_length_m[1] == pytest.approx(metres(CROSS, "CBD"), abs=1e-6)
    assert np.diff(streets.offsets).tolist() == [2, 3, 2, 2]
    assert np.array_equal(streets.coords[streets.offsets[:-1]], streets.node_xy[streets.edge_u])
    assert np.array_equal(streets.coords[streets.offsets[1:] - 1], streets.node_xy[streets.edge_v])


@pytest.mark.parametrize("other", [{"name": "长江路"}, {"highway": "footway"}, {"flags": str(STEPS)}])
def test_an_edge_ends_where_what_it_carries_changes(other: dict[str, str]) -> None:
    row = nodes_of("A-B-C-D")
    assert len(build(row, [("AB", {}), ("BCD", {})])) == 1
    streets = build(row, [("AB", {}), ("BCD", other)])
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 2), (2, 4)]
    assert streets.names[0] == ""
    assert streets.highways[0] == ""


def test_an_edge_of_several_ways_has_the_id_of_the_longest() -> None:
    row = nodes_of("A-B---C-D")
    assert build(row, [("AB", {}), ("BC", {}), ("CD", {})], osm_id=[7, 8, 9]).edge_osm_id.tolist() == [8]
    assert build(row, [("AB", {}), ("CD", {})], osm_id=[7, 7]).edge_osm_id.tolist() == [7, 7]
    # two stretches of one way outweigh one that is longer than each
    row = nodes_of("A--B---C--D")
    assert build(row, [("AB", {}), ("BC", {}), ("CD", {})], osm_id=[7, 8, 7]).edge_osm_id.tolist() == [7]


def test_a_ring_without_a_junction_is_one_loop() -> None:
    ring = nodes_of("""
A--B
|  |
D--C
""")
    streets = build(ring, [("CDABC", {})])
    assert lines_of(streets) == [(1, 1, round(metres(ring, "ABCDA"), 1), "")]
    assert streets.coords[1].tolist() == pytest.approx(_xy(ring, "B", streets.crs), abs=1e-6)


def test_a_loop_at_a_junction_starts_and_ends_there() -> None:
    lollipop = nodes_of("""
A---B--C
    |  |
    E--D
""")
    streets = build(lollipop, [("AB", {}), ("BCDEB", {})])
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 2), (2, 2)]


def test_parallel_edges_stay() -> None:
    eye = nodes_of("""
   B
A     D
   C
""")
    streets = build(eye, [("ABD", {}), ("ACD", {}), ("AD", {})])
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 4)] * 3


def test_the_same_stretch_mapped_twice_counts_once() -> None:
    row = nodes_of("A--B--C")
    streets = build(row, [("CBA", {"name": "new"}), ("AB", {"name": "old"})], osm_id=[20, 10])
    assert lines_of(streets) == [(1, 2, round(metres(row, "AB"), 1), "old"), (2, 3, round(metres(row, "BC"), 1), "new")]
    assert len(build(row, [("ABCBA", {})])) == 1


def test_a_way_that_stays_in_one_place_is_no_street() -> None:
    assert len(build(nodes_of("A-B"), [("AABB", {}), ("A", {}), ("", {})])) == 1
    with pytest.raises(NoStreetsError, match="no street was found"):
        build(nodes_of("A-B"), [("AA", {})])


def test_small_pieces_are_left_out_and_told() -> None:
    nodes = nodes_of("A----B   C--D   E-F")
    streets = build(nodes, [("AB", {}), ("CD", {}), ("EF", {})], min_island_m=400)
    assert streets.node_id.tolist() == [1, 2]
    assert streets.source.islands_left_out_m == pytest.approx(metres(nodes, "CD") + metres(nodes, "EF"))
    assert streets.source.min_island_m == 400
    with pytest.raises(NoStreetsError, match="pieces shorter than 9,000 m"):
        build(nodes, [("AB", {})], min_island_m=9000)


def test_lengths_are_geodesic_and_positions_are_not_far_off() -> None:
    nodes = nodes_of("A" + "-" * 400 + "B")
    streets = build(nodes, [("AB", {})])
    assert streets.edge_length_m.tolist() == pytest.approx([metres(nodes, "AB")], rel=1e-12)
    assert shapely.length(streets.to_frame().geometry.to_numpy())[0] == pytest.approx(metres(nodes, "AB"), rel=2e-3)


def test_the_arrays_cannot_be_written() -> None:
    streets = build(CROSS, [("ACF", {})])
    with pytest.raises(ValueError, match="read-only"):
        streets.cost_uv[0] = 1


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        ((114.2, 30.5, 114.4, 30.7), "EPSG:32650"),
        ((-51.3, -30.2, -51.1, -29.9), "EPSG:32722"),
        ((179.9, -17, 180, -16), "EPSG:32760"),
        ((-179.9, -17, 179.9, -16), "EPSG:32701"),  # Fiji, on both sides of the date line
        ((-0.1, 51, 0.0, 52), "EPSG:32630"),
    ],
)
def test_utm_zone(box: tuple[float, float, float, float], crs: str) -> None:
    assert utm_of(box, "file") == crs


@pytest.mark.parametrize("lat", [85.0, -81.0])
def test_polar_streets_are_refused(lat: float) -> None:
    with pytest.raises(InputError, match=r"toy: lies at latitude .* no UTM zone"):
        build({"A": (10.0, lat), "B": (10.1, lat)}, [("AB", {})])


@pytest.mark.parametrize("point", [(30.6, 114.0), (float("nan"), 3.0), (500_000.0, 3_380_000.0)])
def test_coordinates_out_of_range_are_refused(point: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="must be degrees"):
        build({"A": point, "B": (114.0, 30.6)}, [("AB", {})])


def test_streets_too_far_apart_for_one_zone_are_told() -> None:
    nodes = {"A": (0.0, 0.0), "B": (0.01, 0.0), "C": (20.0, 0.0), "D": (20.01, 0.0)}
    with pytest.warns(InputWarning, match="reaches over 20 degrees of longitude.* err by up to 2%"):
        assert len(build(nodes, [("AB", {}), ("CD", {})])) == 2


GRID: Nodes = {chr(65 + i): (114 + i % 4 * 0.001, 30 + i // 4 * 0.001) for i in range(16)}
LETTERS = st.text(alphabet="".join(GRID), min_size=2, max_size=7)
TAGS = st.fixed_dictionaries({"name": st.sampled_from(["", "x"]), "highway": st.sampled_from(["path", "steps"])})
WAYS = st.lists(st.tuples(LETTERS, TAGS), min_size=1, max_size=8)


@settings(deadline=None)  # the first call compiles
@given(ways=WAYS, draw=st.data())
def test_neither_the_order_nor_the_direction_of_ways_matters(
    ways: list[tuple[str, dict[str, str]]], draw: st.DataObject
) -> None:
    ids = draw.draw(st.lists(st.integers(1, 5), min_size=len(ways), max_size=len(ways)))
    order = draw.draw(st.permutations(range(len(ways))))
    turned = draw.draw(st.lists(st.booleans(), min_size=len(ways), max_size=len(ways)))
    again = [(ways[i][0][:: -1 if turned[i] else 1], ways[i][1]) for i in order]
    shuffled = {c: GRID[c] for c in draw.draw(st.permutations(list(GRID)))}
    try:
        streets = build(GRID, ways, osm_id=ids)
    except NoStreetsError:
        return
    assert same(streets, build(shuffled, again, osm_id=[ids[i] for i in order]))


@settings(deadline=None)  # the first call compiles
@given(ways=WAYS)
def test_every_segment_is_on_one_edge(ways: list[tuple[str, dict[str, str]]]) -> None:
    pairs = {frozenset(p) for way, _ in ways for p in pairwise(way) if p[0] != p[1]}
    if pairs:
        streets = build(GRID, ways)
        assert streets.edge_length_m.sum() == pytest.approx(sum(metres(GRID, "".join(p)) for p in pairs))
        assert len(streets.coords) - len(streets) == len(pairs)
        degree = np.bincount(np.r_[streets.edge_u, streets.edge_v], minlength=streets.node_count)
        assert degree.min() >= 1


def test_the_clip_keeps_what_comes_within_one_budget() -> None:
    nodes = nodes_of("A--B--C--D--E")  # about 287 m a step of three
    area = shapely.Point(nodes["B"]).buffer(0.0001)
    streets = build(nodes, [("ABCDE", {})], keep=Clip.of(area, 320.0))
    assert lines_of(streets) == [(1, 4, round(metres(nodes, "ABCD"), 1), "")]
    long = nodes_of("A" + "-" * 100 + "B")  # neither end is near, the middle is
    middle = shapely.Point(114.05, 30.601).buffer(0.0001)
    assert len(build(long, [("AB", {})], keep=Clip.of(middle, 200.0))) == 1
    with pytest.raises(NoStreetsError, match="within 50 m of the area"):
        build(long, [("AB", {})], keep=Clip.of(middle, 50.0))


def test_no_segments_at_all() -> None:
    none = np.array([], dtype=np.int64)
    with pytest.raises(NoStreetsError):
        build_streets(
            node_id=none,
            lonlat=np.empty((0, 2)),
            seg_a=none,
            seg_b=none,
            seg_way=none,
            ways=Ways(osm_id=none, name=[], highway=[], flags=none.astype(np.uint8)),
            source=Source(name="empty", extent=(0, 0, 1, 1)),
        )


def _xy(nodes: Nodes, letter: str, crs: str) -> list[float]:
    from pyproj import Transformer

    return list(Transformer.from_crs(4326, crs, always_xy=True).transform(*nodes[letter]))
