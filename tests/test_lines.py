"""Files of road lines to streets."""

import json
import os
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
import shapely

from walkshed.errors import CRSError, FormatError, InputError, InputWarning, MissingFileError, NoStreetsError
from walkshed.network.joined import clusters
from walkshed.network.lines import read_lines
from walkshed.network.streets import BRIDGE, Streets

CRS = "EPSG:32650"
X, Y = 500_000.0, 3_600_000.0


def roads(*lines: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """Draw lines in metres east and north of a corner."""
    shapes = [shapely.LineString(np.add(line, (X, Y))) for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def read(frame: gpd.GeoDataFrame, folder: Path, name: str = "roads.gpkg", **options: object) -> Streets:
    path = folder / name
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    return read_lines(path, **{"min_island_m": 0.0, **options})


TEE = roads([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(1000, 0), (1000, 500)])
CROSS = roads([(0, 0), (1000, 0)], [(500, -500), (500, 500)])


@pytest.mark.parametrize("name", ["r.gpkg", "r.shp", "r.geojson", "r.fgb", "r.parquet"])
def test_every_format(tmp_path: Path, name: str) -> None:
    frame = TEE.to_crs("EPSG:4326") if name.endswith("json") else TEE
    frame = frame.assign(name=["中山路", "中山路", None])
    streets = read(frame, tmp_path, name)
    assert streets.crs == CRS
    assert streets.street_km == pytest.approx(2.5, rel=0.001)
    assert (len(streets), streets.node_count) == (3, 4)
    assert sorted(streets.to_frame()["name"]) == ["", "中山路", "中山路"]
    assert len(streets.source.sha256 or "") == 64


def test_a_zipped_shapefile(tmp_path: Path) -> None:
    TEE.to_file(tmp_path / "r.shp")
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        for part in tmp_path.glob("r.[!z]*"):
            archive.write(part, part.name)
    assert read_lines(tmp_path / "r.zip").street_km == pytest.approx(2.5, rel=0.001)


@pytest.mark.parametrize(("gap_m", "nodes"), [(0.0, 3), (0.4, 3), (0.6, 4)])
def test_ends_join_within_the_tolerance(tmp_path: Path, gap_m: float, nodes: int) -> None:
    frame = roads([(0, 0), (1000, 0)], [(1000 + gap_m, 0), (2000, 0)], name=["A", "B"])
    assert read(frame, tmp_path).node_count == nodes


def test_ends_join_in_chains_but_not_for_ever() -> None:
    def row(count: int) -> np.ndarray:
        return np.column_stack([114.0 + np.arange(count) * 0.4 / 111_320, np.zeros(count)])

    assert clusters(row(4), 0.5).tolist() == [0, 0, 0, 0]
    root = clusters(row(40), 0.5)
    assert len(set(root)) > 10
    assert (np.abs(np.arange(40) - root) <= 1).all()


def test_the_order_and_direction_of_rows_are_irrelevant(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frame = roads(*([tuple(xy) for xy in rng.integers(0, 30, (3, 2)) * 50.0] for _ in range(60)))
    one = read(frame, tmp_path, "a.gpkg")
    other = frame.iloc[rng.permutation(60)].reset_index(drop=True)
    other.geometry = np.where(rng.random(60) < 0.5, other.geometry, other.geometry.reverse())
    two = read(other, tmp_path, "b.gpkg")
    assert one.node_xy == pytest.approx(two.node_xy)
    assert one.edge_length_m == pytest.approx(two.edge_length_m)


def test_both_directions_count_once(tmp_path: Path) -> None:
    frame = roads([(0, 0), (500, 100), (1000, 0)], [(1000, 0), (500, 100), (0, 0)])
    assert len(read(frame, tmp_path)) == 1


def test_lines_that_share_a_point_meet(tmp_path: Path) -> None:
    """As whole ways do in Geofabrik's shapefiles."""
    frame = roads([(0, 0), (500, 0), (1000, 0)], [(500, -500), (500, 0), (500, 500)])
    assert (len(read(frame, tmp_path)), read(frame, tmp_path).node_count) == (4, 5)
    bridge = frame.assign(bridge=["F", "T"])
    assert (len(read(bridge, tmp_path)), read(bridge, tmp_path).node_count) == (2, 4)
    assert sorted(read(bridge, tmp_path).edge_flags) == [0, BRIDGE]


def test_crossings_are_split_only_when_asked_for(tmp_path: Path) -> None:
    assert (len(read(CROSS, tmp_path)), read(CROSS, tmp_path).node_count) == (2, 4)
    split = read(CROSS, tmp_path, split_crossings=True)
    assert (len(split), split.node_count) == (4, 5)
    assert split.street_km == pytest.approx(2.0, rel=0.001)


@pytest.mark.parametrize("column", [{"bridge": [None, "yes"]}, {"tunnel": ["no", "yes"]}, {"layer": [0, 1]}])
def test_bridges_are_not_split(tmp_path: Path, column: dict[str, list[object]]) -> None:
    split = read(CROSS.assign(**column), tmp_path, split_crossings=True)
    assert (len(split), split.node_count) == (2, 4)


@pytest.mark.parametrize("short_m", [0.0, 0.3, -0.3])
def test_a_line_that_ends_on_another(tmp_path: Path, short_m: float) -> None:
    frame = roads([(0, 0), (1000, 0)], [(500, short_m), (500, 500)])
    assert len(read(frame, tmp_path)) == 2
    streets = read(frame, tmp_path, split_crossings=True)
    assert sum(streets.edge_length_m > 1) == 3
    assert np.bincount(np.r_[streets.edge_u, streets.edge_v]).max() >= 3


def test_two_crossings_of_one_segment_and_an_overlap(tmp_path: Path) -> None:
    frame = roads([(0, 0), (900, 0)], [(600, -1), (600, 300)], [(300, -300), (300, 300)], [(700, 0), (900, 0)])
    streets = read(frame, tmp_path, split_crossings=True)
    assert streets.street_km == pytest.approx(0.9 + 0.301 + 0.6, rel=0.001)


def test_names_of_nodes_join(tmp_path: Path) -> None:
    """A road over another at one point: u and v say that they do not meet."""
    frame = roads([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(1000, -500), (1000, 0)], u=[1, 2, 4], v=[2, 3, 5])
    streets = read(frame.assign(name=["A", "B", "C"]), tmp_path)
    assert streets.node_id.tolist() == [1, 2, 3, 4, 5]


def test_names_of_nodes_against_the_direction(tmp_path: Path) -> None:
    frame = TEE.assign(u=[2, 2, 2], v=[1, 3, 4])
    assert read(frame, tmp_path).node_id.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("u", [[1, 7, 1], [1.5, 2, 3], ["a", "b", "c"], [1, None, 2]])
def test_names_that_do_not_fit(tmp_path: Path, u: list[object]) -> None:
    with pytest.warns(InputWarning, match="u, v"):
        streets = read(TEE.assign(u=u, v=[2, 7, 2]), tmp_path)
    assert streets.node_count == 4


def test_parallel_streets_stay(tmp_path: Path) -> None:
    frame = roads([(0, 0), (1000, 0)], [(0, 0), (500, 300), (1000, 0)], u=[1, 1], v=[2, 2], key=[0, 1])
    frame["name"] = ["A", "B"]
    assert len(read(frame, tmp_path)) == 2


def test_highway_is_filtered(tmp_path: Path) -> None:
    frame = TEE.assign(highway=["residential", "motorway", "['steps', 'motorway_link']"])
    streets = read(frame, tmp_path)
    assert sorted(streets.to_frame()["highway"]) == ["residential", "steps"]
    assert streets.street_km == pytest.approx(1.5, rel=0.001)
    with pytest.raises(NoStreetsError, match="motorway"):
        read(TEE.assign(highway="motorway"), tmp_path, "m.gpkg")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_shapefile_that_does_not_tell_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "r.shp"
    TEE.assign(name="中山路").to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    assert read_lines(path).names == ("", "中山路")


def test_capitals_and_geofabriks_columns(tmp_path: Path) -> None:
    frame = TEE.assign(FCLASS=["residential", "motorway", "path"], OSM_ID=["7", "8", "9"], NAME="街")
    streets = read(frame, tmp_path, "r.shp")
    assert sorted(streets.edge_osm_id) == [7, 9]
    assert streets.names == ("", "街")


def test_what_is_no_line_is_passed_over(tmp_path: Path) -> None:
    shapes = [
        shapely.MultiLineString([[(X, Y), (X + 900, Y)], [(X, Y + 9), (X + 900, Y + 9)]]),
        shapely.LineString([(X, Y, 5), (X, Y + 9, 7)]),
        None,
        shapely.LineString(),
        shapely.Point(X, Y),
    ]
    frame = gpd.GeoDataFrame({"id": range(5)}, geometry=shapes, crs=CRS)
    with pytest.warns(InputWarning, match="3 of 5 rows"):
        streets = read(frame, tmp_path, "r.parquet")
    assert streets.street_km == pytest.approx(1.809, rel=0.001)


def test_an_area_cuts_out(tmp_path: Path) -> None:
    frame = roads(*([(i * 100.0, 0), (i * 100.0 + 100, 0)] for i in range(200)))
    whole = read(frame, tmp_path)
    area = gpd.GeoDataFrame(geometry=[shapely.box(X + 9000, Y - 50, X + 9400, Y + 50)], crs=CRS).to_crs(4326)
    part = read(frame, tmp_path, area=area, budget_m=500.0)
    assert whole.street_km == pytest.approx(20, rel=0.001)
    assert part.street_km == pytest.approx(1.4, abs=0.25)
    assert part.source.islands_left_out_m == 0
    far = gpd.GeoDataFrame(geometry=[shapely.box(X + 90_000, Y, X + 90_400, Y + 50)], crs=CRS).to_crs(4326)
    for name in ("f.gpkg", "f.parquet"):
        with pytest.raises(NoStreetsError, match="area"):
            read(frame, tmp_path, name, area=far)


def test_osmnx_geopackages(tmp_path: Path) -> None:
    from test_graph import grid
    from walkshed.network.graph import streets_from_graph, to_graph

    streets = streets_from_graph(grid())
    for directed in (False, True):
        ox.save_graph_geopackage(to_graph(streets), tmp_path / "g.gpkg", directed=directed)
        again = read_lines(tmp_path / "g.gpkg")
        assert again.street_km == pytest.approx(streets.street_km)
        assert again.node_id.tolist() == streets.node_id.tolist()


def test_several_layers(tmp_path: Path) -> None:
    path = tmp_path / "r.gpkg"
    TEE.to_file(path, layer="roads")
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=CRS).to_file(path, layer="poles")
    assert read_lines(path).street_km == pytest.approx(2.5, rel=0.001)
    CROSS.to_file(path, layer="paths")
    with pytest.raises(FormatError, match="roads, paths"):
        read_lines(path)
    assert read_lines(path, layer="paths", min_island_m=0).street_km == pytest.approx(2.0, rel=0.001)
    with pytest.raises(FormatError, match="rivers"):
        read_lines(path, layer="rivers")


def test_no_crs(tmp_path: Path) -> None:
    TEE.to_file(tmp_path / "r.shp")
    (tmp_path / "r.prj").unlink()
    with pytest.raises(CRSError, match="prj"):
        read_lines(tmp_path / "r.shp")
    TEE.set_crs(None, allow_override=True).to_parquet(tmp_path / "r.parquet")
    with pytest.raises(CRSError):
        read_lines(tmp_path / "r.parquet")


def test_no_lines(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(geometry=[shapely.Point(X, Y)], crs=CRS)
    for name in ("p.gpkg", "p.parquet", "p.shp"):
        with pytest.raises(FormatError, match=r"lines"):
            read(points, tmp_path, name)
    (tmp_path / "e.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(FormatError, match="lines"):
        read_lines(tmp_path / "e.geojson")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(FormatError):
        read_lines(tmp_path / "t.parquet")


@pytest.mark.parametrize("name", ["d.gpkg", "d.shp", "d.geojson", "d.fgb", "d.parquet", "d.zip", "d.xyz"])
@pytest.mark.parametrize("data", [b"", b"not a file of lines \x00\xff" * 99])
def test_damaged(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FormatError, match="d\\."):
        read_lines(tmp_path / name)


@pytest.mark.parametrize("name", ["r.gpkg", "r.fgb", "r.parquet", "r.shp"])
def test_truncated(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(1)
    frame = roads(*([tuple(xy) for xy in rng.random((30, 2)) * 5000] for _ in range(400)))
    read(frame, tmp_path, name)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    if name == "r.shp":  # each row stands for itself
        with pytest.warns(InputWarning, match="of 400 rows"):
            read_lines(path)
        return
    with pytest.raises(FormatError, match="r\\."):
        read_lines(path)


def test_bad_arguments_and_coordinates(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_lines(tmp_path / "none.gpkg")
    with pytest.raises(InputError, match="join_m"):
        read(TEE, tmp_path, join_m=-1.0)
    line = {"type": "LineString", "coordinates": [[500_000, 3_600_000], [500_100, 3_600_000]]}
    feature = {"type": "Feature", "properties": {}, "geometry": line}
    collection = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "m.geojson").write_text(json.dumps(collection), encoding="utf-8")
    with pytest.raises(InputError, match="coordinate"):
        read_lines(tmp_path / "m.geojson")


@pytest.fixture(scope="module")
def wuhan() -> Path:
    folder = os.environ.get("WALKSHED_DATA")
    if not folder:
        pytest.skip("set WALKSHED_DATA to the folder with wuhan/wuhan_edges.parquet")
    return Path(folder) / "wuhan" / "wuhan_edges.parquet"


def test_wuhan(wuhan: Path) -> None:
    """wuhan_edges.parquet: 92,667 drive-like edges, 7,185 km, of which 480 km are motorways and their links."""
    streets = read_lines(wuhan)
    rows = gpd.read_parquet(wuhan)
    walked = rows[~rows["highway"].isin(["motorway", "motorway_link"])]
    twice = shapely.normalize(walked.geometry.to_numpy())
    once_km = walked.length[~pd.Series(shapely.to_wkb(twice), index=walked.index).duplicated()].sum() / 1000
    assert streets.street_km == pytest.approx(once_km, rel=0.001)
    assert streets.street_km == pytest.approx(6701.9, abs=0.1)
    assert (len(streets), streets.node_count) == (28_850, 19_286)
    assert "motorway" not in streets.highways


def test_wuhan_without_names_of_nodes(wuhan: Path, tmp_path: Path) -> None:
    gpd.read_parquet(wuhan).drop(columns=["u", "v", "key"]).to_parquet(tmp_path / "w.parquet")
    assert read_lines(tmp_path / "w.parquet").street_km == pytest.approx(6701.9, rel=0.0001)
