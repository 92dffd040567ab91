"""Graphs to streets and back."""

import gzip
import os
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
import shapely

from walkshed.errors import CRSError, FormatError, InputError, MissingFileError, NoStreetsError
from walkshed.network import graph
from walkshed.network.graph import read_graphml, streets_from_graph, to_graph
from walkshed.network.streets import BRIDGE, STEPS, TUNNEL, Streets

STEP = 0.01  # degrees of longitude on the equator
STEP_M = 1113.1949079


def grid(kind: type[nx.Graph] = nx.MultiDiGraph, crs: object = "epsg:4326") -> nx.Graph:
    """1 - 2 - 3, one step each, and 3 - 4 one step on.

    1---2---3---4
    """
    G = kind(crs=crs)
    for node in (1, 2, 3, 4):
        G.add_node(node, x=node * STEP, y=0.0)
    G.add_edge(1, 2, osmid=10, highway="residential", name="A")
    G.add_edge(2, 3, osmid=11, highway="steps", name="B")
    G.add_edge(3, 4, osmid=12, highway="residential", name="C", bridge="yes")
    return G


def same_streets(a: Streets, b: Streets) -> bool:
    """Tell whether two networks are the same but for the order of edges."""
    keys = ["u", "v", "osm_id", "name", "highway", "length_m"]
    frames = []
    for streets in (a, b):
        frame = streets.to_frame()
        frame["length_m"] = frame["length_m"].round(4)
        low, high = frame[["u", "v"]].min(axis=1), frame[["u", "v"]].max(axis=1)
        frame["u"], frame["v"], frame["flags"] = low, high, streets.edge_flags
        frames.append(pd.DataFrame(frame[[*keys, "flags"]]).sort_values([*keys, "flags"]).reset_index(drop=True))
    return frames[0].equals(frames[1])


@pytest.fixture(scope="module")
def monaco(tmp_path_factory: pytest.TempPathFactory) -> nx.MultiDiGraph:
    folder = os.environ.get("WALKSHED_DATA")
    if not folder:
        pytest.skip("set WALKSHED_DATA to the folder with monaco/monaco.osm.gz")
    plain = tmp_path_factory.mktemp("monaco") / "monaco.osm"
    plain.write_bytes(gzip.decompress((Path(folder) / "monaco" / "monaco.osm.gz").read_bytes()))
    return ox.graph_from_xml(plain, bidirectional=True, simplify=False, retain_all=True)


def test_both_directions_count_once() -> None:
    G = grid()
    one_way = streets_from_graph(G)
    G.add_edge(2, 1, osmid=10, highway="residential", name="A", reversed=True)
    both = streets_from_graph(G)
    assert one_way.street_km == pytest.approx(3 * STEP_M / 1000)
    assert same_streets(one_way, both)
    assert both.node_id.tolist() == [1, 2, 3, 4]
    assert both.crs == "EPSG:32631"


def test_what_edges_carry() -> None:
    streets = streets_from_graph(grid())
    frame = streets.to_frame().set_index("u")
    assert frame["name"].to_dict() == {1: "A", 2: "B", 3: "C"}
    assert frame["osm_id"].to_dict() == {1: 10, 2: 11, 3: 12}
    assert dict(zip(frame.index, streets.edge_flags, strict=True)) == {1: 0, 2: STEPS, 3: BRIDGE}


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_every_kind_of_graph(kind: type[nx.Graph]) -> None:
    assert streets_from_graph(grid(kind)).street_km == pytest.approx(3 * STEP_M / 1000)


def test_parallel_streets_and_loops_stay() -> None:
    """A bow beside the straight street 1-2, drawn in both directions, and a loop at 4."""
    G = grid()
    bow = shapely.LineString([(STEP, 0), (1.5 * STEP, STEP), (2 * STEP, 0)])
    loop = shapely.LineString([(4 * STEP, 0), (5 * STEP, 0), (5 * STEP, STEP), (4 * STEP, 0)])
    plain = streets_from_graph(G)
    G.add_edge(1, 2, osmid=20, highway="footway", geometry=bow)
    G.add_edge(2, 1, osmid=20, highway="footway", geometry=shapely.reverse(bow).wkt)
    G.add_edge(4, 4, osmid=21, highway="footway", geometry=loop)
    G.add_edge(4, 4, osmid=21, highway="footway", geometry=shapely.reverse(loop))
    streets = streets_from_graph(G)
    assert len(streets) == len(plain) + 2
    added = 2 * np.hypot(0.5, 1.0) * STEP_M + (2 + np.sqrt(2)) * STEP_M
    assert streets.street_km * 1000 == pytest.approx(plain.street_km * 1000 + added, rel=0.005)
    assert (streets.edge_u == streets.edge_v).sum() == 1


def test_an_undirected_geometry_may_run_either_way() -> None:
    G = grid(nx.Graph)
    line = shapely.LineString([(2 * STEP, 0), (1.5 * STEP, STEP), (STEP, 0)])
    G.add_edge(1, 2, geometry=line)
    streets = streets_from_graph(G)
    assert streets.street_km * 1000 == pytest.approx(2 * STEP_M + 2 * np.hypot(0.5, 1) * STEP_M, rel=0.005)


def test_length_is_not_believed() -> None:
    G = grid()
    nx.set_edge_attributes(G, 1.0, "length")
    assert streets_from_graph(G).street_km == pytest.approx(3 * STEP_M / 1000)


def test_lists_of_values() -> None:
    G = grid()
    G.add_edge(4, 1, osmid=[31, 32], highway=["motorway", "track"], name=["X", "Y"], tunnel=["yes", "no"])
    frame = streets_from_graph(G).to_frame()
    assert frame.set_index("osm_id").loc[31, ["name", "highway"]].tolist() == ["X", "track"]
    assert TUNNEL in streets_from_graph(G).edge_flags


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "path", "foot": "no"},
        {"highway": ["cycleway", "motorway_link"]},
        {"highway": "service", "access": ["private"]},
        {"highway": "service", "area": "yes"},
        {"highway": None},
    ],
)
def test_what_nobody_walks_is_left_out(tags: dict[str, object]) -> None:
    G = grid()
    G.add_edge(4, 1, osmid=40, **tags)
    assert streets_from_graph(G).street_km == pytest.approx(3 * STEP_M / 1000)


def test_without_highway_every_edge_counts() -> None:
    G = nx.Graph(crs="epsg:4326")
    G.add_node("a", x=0.0, y=0.0)
    G.add_node("b", x=STEP, y=0.0)
    G.add_edge("a", "b")
    streets = streets_from_graph(G)
    assert streets.street_km == pytest.approx(STEP_M / 1000)
    assert streets.node_id.tolist() == [1, 2]


def test_a_projected_graph() -> None:
    G = grid()
    for *_, data in G.edges(data=True):
        data["length"] = 1.0
    projected = ox.project_graph(G)
    assert streets_from_graph(projected).street_km == pytest.approx(3 * STEP_M / 1000, rel=1e-6)


def test_the_input_is_not_changed() -> None:
    G = grid()
    before = nx.node_link_data(G)
    streets_from_graph(G)
    assert nx.node_link_data(G) == before


@pytest.mark.parametrize(("crs", "found"), [(None, "is not there"), ("nonsense", "nonsense")])
def test_no_crs(crs: object, found: str) -> None:
    with pytest.raises(CRSError, match=found):
        streets_from_graph(grid(crs=crs))


def test_hostile_graphs() -> None:
    G = grid()
    del G.nodes[2]["x"]
    with pytest.raises(FormatError, match="x and y"):
        streets_from_graph(G)
    G = grid()
    G.nodes[2]["x"] = 999.0
    with pytest.raises(InputError, match="999"):
        streets_from_graph(G)
    G = grid()
    G.nodes[2]["x"] = float("nan")
    with pytest.raises(InputError, match="nan"):
        streets_from_graph(G)
    for shape in (shapely.Point(0, 0), "LINESTRING (0 0", 7):
        G = grid()
        G.add_edge(1, 3, geometry=shape, highway="path")
        with pytest.raises(FormatError, match="LineString"):
            streets_from_graph(G)
    with pytest.raises(NoStreetsError):
        streets_from_graph(nx.MultiDiGraph(crs="epsg:4326"))


def test_round_trip(monaco: nx.MultiDiGraph) -> None:
    streets = streets_from_graph(monaco)
    assert same_streets(streets, streets_from_graph(to_graph(streets)))


def test_known_totals(monaco: nx.MultiDiGraph) -> None:
    """Monaco of 2012 (monaco.osm.gz), of which OSMnx keeps no ``foot`` tags: 81.2 km, and as much simplified."""
    streets = streets_from_graph(monaco)
    assert (len(streets), streets.node_count) == (1453, 1062)
    assert streets.street_km == pytest.approx(81.164, abs=0.001)
    walked = monaco.edge_subgraph(
        (u, v, k) for u, v, k, highway in monaco.edges(keys=True, data="highway") if highway != "motorway"
    ).copy()
    assert streets_from_graph(ox.simplify_graph(walked)).street_km == pytest.approx(streets.street_km, rel=0.005)


def test_osmnx_takes_the_graph(monaco: nx.MultiDiGraph) -> None:
    streets = streets_from_graph(monaco)
    G = to_graph(streets)
    assert all(ox.stats.count_streets_per_node(G)[n] == d["street_count"] for n, d in G.nodes(data=True))
    nodes, edges = ox.graph_to_gdfs(G)
    assert edges["length"].sum() == pytest.approx(2 * streets.street_km * 1000)
    assert edges.crs == nodes.crs == "EPSG:4326"
    u, v, key = ox.nearest_edges(ox.project_graph(G), *streets.coords[5])
    assert key in G[u][v]
    first, last = streets.node_id[0], streets.node_id[streets.edge_v[0]]
    assert ox.routing.shortest_path(G, first, last)


def test_graphml(monaco: nx.MultiDiGraph, tmp_path: Path) -> None:
    streets = streets_from_graph(monaco)
    ox.save_graphml(to_graph(streets), tmp_path / "a.graphml")
    again = read_graphml(tmp_path / "a.graphml")
    assert same_streets(streets, again)
    assert (again.source.name, again.source.origin, again.source.date) == ("a.graphml", "osm", streets.source.date)
    assert len(again.source.sha256 or "") == 64
    part = read_graphml(tmp_path / "a.graphml", area=shapely.box(7.42, 43.735, 7.425, 43.74), budget_m=200)
    assert 0 < part.street_km < streets.street_km / 2


def test_a_synthetic_place_stays_synthetic() -> None:
    G = to_graph(streets_from_graph(grid()))
    G.graph["streets_origin"] = "synthetic"
    assert streets_from_graph(G).source.origin == "synthetic"


BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph>&lol2;</graph></graphml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("padding", ["", "<!--" + " " * 200_000 + "-->"])
def test_an_entity_bomb_is_refused(tmp_path: Path, encoding: str, padding: str) -> None:
    path = tmp_path / "bomb.graphml"
    path.write_text(BOMB.replace("<!DOCTYPE", padding + "<!DOCTYPE"), encoding=encoding)
    with pytest.raises(FormatError, match="document type"):
        read_graphml(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<graphml",
        "<graphml></graphml>",
        "<html></html>",
        "\x80\x04\x95pickle",
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph><node id="a"/></graph></graphml>',
    ],
)
def test_not_graphml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.graphml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="save"):
        read_graphml(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_graphml(tmp_path / "none.graphml")


def test_without_osmnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.graphml"
    path.write_text("<graphml/>", encoding="utf-8")
    monkeypatch.setitem(__import__("sys").modules, "osmnx", None)
    with pytest.raises(InputError, match=r"walkshed\[osmnx\]"):
        read_graphml(path)
    assert graph.extra("networkx") is nx


def test_the_day_a_graph_was_made_is_no_date_of_its_streets() -> None:
    G = nx.MultiDiGraph(crs="EPSG:4326", created_with="OSMnx 2.0.0", created_date="2026-11-27 10:00:00")
    G.add_node(1, x=119.3, y=33.2)
    G.add_node(2, x=119.4, y=33.2)
    G.add_edge(1, 2, highway="residential")
    source = streets_from_graph(G).source
    assert (source.origin, source.date) == ("osm", None)
    G.graph |= {"streets_date": "2025-08-09"}
    assert streets_from_graph(G).source.date == "2025-08-09"
