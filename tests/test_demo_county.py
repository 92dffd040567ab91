"""The demo county: found where it should be, made again by its script, and drawn as it says."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import pyogrio
import pytest
import shapely
from pyproj import Geod, Transformer

import walkshed
import walkshed.demo
from walkshed import InputError, demo_county

ROOT = Path(__file__).resolve().parents[1]
COUNTY = ROOT / "data" / "county"
NOTE = "合成数据，并非真实地点"
MADE_WITH_GEOS = (3, 14, 1)
GEOD = Geod(ellps="WGS84")

needs_checkout = pytest.mark.skipif(not COUNTY.is_dir(), reason="the county's script is in a checkout only")


# --- The files, read plainly ----------------------------------------------------------------------


@cache
def streets() -> tuple[tuple[dict[str, str], tuple[int, ...], np.ndarray], ...]:
    """Tags, node ids and (k, 2) degrees of every way with a highway."""
    ways = osmium.FileProcessor(str(demo_county().streets)).with_locations()
    return tuple(
        (dict(w.tags), tuple(n.ref for n in w.nodes), np.array([(n.lon, n.lat) for n in w.nodes]))
        for w in ways
        if w.is_way() and "highway" in w.tags
    )


@cache
def barriers() -> dict[str, np.ndarray]:
    """Middle lines of water and rail by name, in degrees."""
    ways = osmium.FileProcessor(str(demo_county().streets)).with_locations()
    return {
        w.tags["name"]: np.array([(n.lon, n.lat) for n in w.nodes])
        for w in ways
        if w.is_way() and ("waterway" in w.tags or "railway" in w.tags)
    }


@cache
def station_rows() -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(demo_county().stations)["站点"].values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def graph(leave_out: tuple[str, ...] = ()) -> nx.Graph:
    net = nx.Graph()
    for tags, refs, _ in streets():
        if not any(key in tags for key in leave_out):
            nx.add_path(net, refs)
    return net


def town_street_km() -> float:
    town = gpd.read_file(demo_county().town).geometry[0]
    lines = shapely.intersection([shapely.LineString(xy) for _, _, xy in streets()], town)
    return sum(GEOD.geometry_length(line) for line in lines) / 1000


# --- Where it lies --------------------------------------------------------------------------------


def test_every_path_is_a_file():
    assert all(path.is_file() for path in vars(demo_county()).values())


def _found_from(source_root: Path) -> str:
    code = "from walkshed.demo import demo_county; print(demo_county().streets)"
    env = {**os.environ, "PYTHONPATH": str(source_root), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=source_root, capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def _copy_package(source_root: Path) -> Path:
    package = source_root / "walkshed"
    package.mkdir(parents=True)
    for name in ("__init__.py", "demo.py", "errors.py"):
        shutil.copy(Path(walkshed.demo.__file__).with_name(name), package / name)
    return package


def test_found_in_an_installed_package(tmp_path):
    package = _copy_package(tmp_path / "site-packages")
    shutil.copytree(demo_county().streets.parent, package / "county")
    assert Path(_found_from(package.parent)) == package / "county" / "county.osm.pbf"


def test_found_in_a_checkout(tmp_path):
    package = _copy_package(tmp_path / "coverage")
    shutil.copytree(demo_county().streets.parent, tmp_path / "data" / "county")
    assert Path(_found_from(package.parent)) == tmp_path / "data" / "county" / "county.osm.pbf"


def test_the_package_wins_over_the_checkout(tmp_path):
    package = _copy_package(tmp_path / "coverage")
    shutil.copytree(demo_county().streets.parent, tmp_path / "data" / "county")
    shutil.copytree(demo_county().streets.parent, package / "county")
    assert Path(_found_from(package.parent)).parent == package / "county"


def test_a_folder_with_a_file_missing_does_not_count(tmp_path):
    package = _copy_package(tmp_path / "coverage")
    shutil.copytree(demo_county().streets.parent, tmp_path / "data" / "county")
    shutil.copytree(demo_county().streets.parent, package / "county")
    (package / "county" / "hosts.csv").unlink()
    assert Path(_found_from(package.parent)).parent == tmp_path / "data" / "county"


def test_nowhere_is_an_input_error(tmp_path, monkeypatch):
    monkeypatch.setattr(walkshed.demo, "_folders", lambda: (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(InputError, match=r"not there: .*a and .*b; install walkshed again"):
        demo_county()


def test_the_wheel_is_told_to_carry_it():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"data/county" = "walkshed/county"' in pyproject


# --- The files ------------------------------------------------------------------------------------


def test_small_enough_for_the_wheel():
    assert sum(f.stat().st_size for f in demo_county().streets.parent.iterdir()) < 1_800_000


def test_every_file_says_that_it_is_synthetic():
    county = demo_county()
    with osmium.io.Reader(str(county.streets)) as reader:
        assert "walkshed demo county, synthetic" in reader.header().get("generator")
    assert openpyxl.load_workbook(county.stations)["说明"]["A1"].value == NOTE
    assert (county.streets.parent / "README.txt").read_text(encoding="utf-8").startswith(NOTE)
    with county.hosts.open(encoding="utf-8-sig", newline="") as file:
        assert {row["备注"] for row in csv.DictReader(file)} == {NOTE}
    for path in (county.zones, county.town, county.county):
        assert NOTE in pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"]


def test_header_has_date_and_a_box_around_everything():
    with osmium.io.Reader(str(demo_county().streets)) as reader:
        header = reader.header()
        box = header.box()
    assert header.get("osmosis_replication_timestamp") == "2026-01-01T00:00:00Z"
    county = gpd.read_file(demo_county().county).total_bounds
    assert box.bottom_left.lon < county[0] < county[2] < box.top_right.lon
    assert box.bottom_left.lat < county[1] < county[3] < box.top_right.lat


def test_as_many_stations_as_the_account_has():
    rows = station_rows()
    assert list(rows[0]) == ["编号", "站点名称", "类别", "经度", "纬度", "开放时间", "服务对象", "所属镇"]
    rest = [r for r in rows if r["类别"] == "爱心驿站"]
    in_town = [r for r in rest if r["所属镇"] == "安禾镇"]
    assert (len(in_town), len(rest) - len(in_town)) == (15, 14)
    assert len({r["所属镇"] for r in rest}) == 15  # every township has its station
    assert len([r for r in rows if r["类别"] == "爱心母婴室"]) == 12
    assert len({r["编号"] for r in rows}) == len(rows) == len({r["站点名称"] for r in rows})


def test_stations_in_town_lie_in_town_and_others_do_not():
    town = gpd.read_file(demo_county().town).geometry[0]
    for row in station_rows():
        inside = town.contains(shapely.Point(row["经度"], row["纬度"]))
        assert inside == (row["所属镇"] == "安禾镇"), row["站点名称"]


def test_stations_stand_beside_streets():
    to_metres = Transformer.from_crs(4326, 32650, always_xy=True)
    lines = [shapely.LineString(np.column_stack(to_metres.transform(*xy.T))) for _, _, xy in streets()]
    rows = station_rows()
    points = shapely.points(*to_metres.transform([r["经度"] for r in rows], [r["纬度"] for r in rows]))
    _, distance = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
    assert distance.max() < 15


def test_hosts_are_of_three_kinds():
    with demo_county().hosts.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["类别"] for r in rows} == {"银行", "供电营业厅", "邮政网点"}
    assert len({r["名称"] for r in rows}) == len(rows) > 40


def test_zones_tile_the_county_and_hold_its_people():
    zones = gpd.read_file(demo_county().zones)
    county = gpd.read_file(demo_county().county)
    assert len(zones) == 30
    assert zones["名称"].is_unique
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    assert shapely.symmetric_difference(zones.union_all(), county.geometry[0]).area < 1e-9
    assert (zones["人口"] > 0).all()
    assert zones["人口"].sum() == pytest.approx(430_000, rel=0.01)
    in_town = zones[zones["名称"].str.endswith("社区")]
    assert len(in_town) == 16
    assert in_town["人口"].sum() == pytest.approx(161_000, rel=0.01)


def test_the_town_is_the_neighbourhoods_together():
    zones = gpd.read_file(demo_county().zones)
    town = gpd.read_file(demo_county().town)
    together = zones[zones["名称"].str.endswith("社区")].union_all()
    assert shapely.symmetric_difference(together, town.geometry[0]).area < 1e-4 * together.area


# --- The streets ----------------------------------------------------------------------------------


def test_street_km_in_town():
    assert 500 < town_street_km() < 700


def test_streets_hang_together():
    assert nx.is_connected(graph())


def test_canal_and_brooks_are_crossed_by_bridges_only():
    """Without bridges no walk leads from one bank of the canal, which runs through the county, to the other."""
    canal = shapely.LineString(barriers()["安运河"])
    middle = {ref: xy for _, refs, at in streets() for ref, xy in zip(refs, at, strict=True)}
    pieces = list(nx.connected_components(graph(leave_out=("bridge",))))
    assert len(pieces) > 3
    for piece in pieces:
        assert len({_side(canal, middle[ref]) for ref in piece}) == 1


def test_every_crossing_of_water_is_a_bridge():
    for name, line in barriers().items():
        if name != "禾淮铁路":
            crossing = _crossings(line)
            assert crossing
            assert all(tags.get("bridge") == "yes" and tags.get("layer") == "1" for tags in crossing)


def test_few_bridges_and_two_railway_crossings_in_town():
    town = gpd.read_file(demo_county().town).geometry[0]
    assert len(_crossings(barriers()["安运河"], town)) == 3
    assert len(_crossings(barriers()["禾水"], town)) == 2
    rail = _crossings(barriers()["禾淮铁路"], town)
    assert {tags["name"] for tags in rail} == {"人民路", "解放路"}
    assert sum("tunnel" in tags for tags in rail) == 1


def test_streets_have_the_kinds_of_a_real_town():
    kinds = {tags["highway"] for tags, _, _ in streets()}
    assert kinds >= {
        *("primary", "secondary", "tertiary", "residential", "living_street", "service"),
        *("footway", "pedestrian", "steps", "unclassified", "track"),
    }
    names = {tags["name"] for tags, _, _ in streets() if "name" in tags}
    assert len(names) > 400


# --- What walkshed makes of it ---------------------------------------------------------------------


@cache
def result() -> walkshed.Coverage:
    county = demo_county()
    area = walkshed.read_area(county.town)
    return walkshed.analyze(
        walkshed.read_streets(county.streets, area=area),
        walkshed.read_stations(county.stations),
        area=area,
        zones=walkshed.read_zones(county.zones),
    )


def test_the_reader_sees_the_streets_that_are_in_the_file():
    found = result()
    assert found.summary["streets"]["street_km"] == pytest.approx(town_street_km(), rel=1e-3)
    assert found.network.source.origin == "synthetic"
    assert found.network.source.date == "2026-01-01"


def test_most_of_the_town_is_covered_and_no_station_is_lost():
    summary = result().summary
    assert 0.75 < summary["coverage"][-1]["street_share"] < 0.85
    assert summary["stations"]["unsnapped"] == []


def test_the_first_gaps_are_where_the_eye_looks_for_them():
    """Across the canal south of its last station, behind the railway, and in the works beyond it."""
    assert set(result().gaps["zone"].head(3)) == {"丰收社区", "站北社区", "开发区社区"}


def _side(canal: shapely.LineString, at: np.ndarray) -> bool:
    # The canal runs north to south: east of it is where its own longitude at that latitude is less.
    xy = np.asarray(canal.coords)
    order = np.argsort(xy[:, 1])
    return bool(at[0] > np.interp(at[1], xy[order, 1], xy[order, 0]))


def _crossings(line: np.ndarray, inside: shapely.Geometry | None = None) -> list[dict[str, str]]:
    barrier = shapely.LineString(line)
    if inside is not None:
        barrier = barrier.intersection(inside)
    met = [(tags, xy) for tags, _, xy in streets() if barrier.intersects(shapely.LineString(xy))]
    # A way that ends on the railway and the one that goes on from there are one crossing.
    seen = {(tags.get("name"), tuple(np.round(xy.mean(axis=0), 2))): tags for tags, xy in met}
    return list(seen.values())


# --- Made by its script ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    script = ROOT / "data" / "make_county.py"
    subprocess.run([sys.executable, "-W", "error", str(script), str(folder)], check=True, capture_output=True)
    return folder


def _content(path: Path) -> object:
    """What a file says, apart from how a library packs it: degrees to 1e-6."""
    if path.name.endswith(".pbf"):
        objects = osmium.FileProcessor(str(path))
        return [
            (dict(o.tags), [n.ref for n in o.nodes]) if o.is_way() else (dict(o.tags), round(o.lon, 6), round(o.lat, 6))
            for o in objects
        ]
    if path.suffix == ".gpkg":
        frame = gpd.read_file(path)
        rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, 6))
        return frame.drop(columns="geometry").to_csv(), [g.wkt for g in rounded]
    if path.suffix == ".xlsx":
        return [[list(row) for row in sheet.values] for sheet in openpyxl.load_workbook(path)]
    return path.read_text(encoding="utf-8")


@needs_checkout
@pytest.mark.slow
def test_the_script_makes_the_same_county_again(made):
    names = sorted(p.name for p in COUNTY.iterdir())
    assert sorted(p.name for p in made.iterdir()) == names
    different = [name for name in names if _hash(made / name) != _hash(COUNTY / name)]
    if different and shapely.geos_version != MADE_WITH_GEOS:
        pytest.skip(f"made with GEOS {MADE_WITH_GEOS}, here is {shapely.geos_version}: cuts may fall otherwise")
    for name in different:  # the same content, packed by other versions of the libraries
        assert _content(made / name) == _content(COUNTY / name), name


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
