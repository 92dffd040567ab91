"""OpenStreetMap files: drawn ones, damaged ones, and large ones in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

from osm_files import lines_of, metres, nodes_of, osm_xml, same, write_osm
from walkshed.errors import CRSError, FormatError, InputError, InputWarning, MissingFileError, NoStreetsError
from walkshed.network import Streets, read_streets
from walkshed.network.streets import BRIDGE, STEPS

ROAD = {"highway": "residential"}

TOWN = nodes_of("""
A------B------C
       |
       D------E
""")
WAYS = [
    ("ABC", {"highway": "residential", "name": "解放路"}),
    ("BD", {"highway": "steps", "name:zh": "石阶", "bridge": "yes"}),
    ("DE", {"highway": "motorway"}),
]


def read(path: Path, **settings: object) -> Streets:
    return read_streets(path, **{"min_island_m": 0.0, **settings})  # type: ignore[arg-type]


def test_ways_become_edges_with_what_they_carry(tmp_path: Path) -> None:
    streets = read(write_osm(tmp_path / "town.osm", TOWN, WAYS))
    expected = [
        (1, 2, round(metres(TOWN, "AB"), 1), "解放路"),
        (2, 3, round(metres(TOWN, "BC"), 1), "解放路"),
        (2, 4, round(metres(TOWN, "BD"), 1), "石阶"),
    ]
    assert lines_of(streets) == expected
    assert streets.edge_osm_id.tolist() == [1, 1, 2]
    assert streets.edge_flags.tolist() == [0, 0, STEPS | BRIDGE]
    assert streets.crs == "EPSG:32650"
    assert streets.surroundings is None


def _pbf(xml: Path, to: Path) -> Path:
    with osmium.SimpleWriter(str(to)) as writer:
        for item in osmium.FileProcessor(str(xml)):
            writer.add(item)
    return to


def test_every_format_gives_the_same_streets(tmp_path: Path) -> None:
    plain = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    (tmp_path / "town.osm.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "town.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    (tmp_path / "TOWN.OSM.XML").write_bytes(plain.read_bytes())
    _pbf(plain, tmp_path / "town.osm.pbf")
    first = read(plain)
    for name in ("town.osm.gz", "town.osm.bz2", "TOWN.OSM.XML", "town.osm.pbf"):
        assert same(first, read(tmp_path / name), source=False), name


def test_what_a_file_holds_counts_not_its_name(tmp_path: Path) -> None:
    xml = osm_xml(TOWN, WAYS).encode("utf-8")
    (tmp_path / "a.osm").write_bytes(gzip.compress(xml))
    (tmp_path / "b.osm.pbf").write_bytes(b"\xef\xbb\xbf" + xml)
    assert same(read(tmp_path / "a.osm"), read(tmp_path / "b.osm.pbf"), source=False)


def test_a_path_in_chinese(tmp_path: Path) -> None:
    folder = tmp_path / "宝应县 街道"
    folder.mkdir()
    plain = write_osm(folder / "宝应.osm", TOWN, WAYS)
    area = shapely.box(114.0, 30.59, 114.02, 30.6)
    for path in (plain, _pbf(plain, folder / "宝应.osm.pbf")):
        assert read(path).source.name == path.name
        assert len(read(path, area=area)) == 3


def test_ways_may_come_before_their_nodes(tmp_path: Path) -> None:
    sorted_file = write_osm(tmp_path / "a.osm", TOWN, WAYS, points=[("E", {"place": "town", "name": "镇"})])
    loose_file = write_osm(
        tmp_path / "b.osm", TOWN, WAYS, points=[("E", {"place": "town", "name": "镇"})], ways_first=True
    )
    for area in (None, shapely.box(114.0, 30.59, 114.02, 30.6)):
        loose = read(loose_file, area=area)
        assert same(read(sorted_file, area=area), loose, source=False)
        assert loose.surroundings is not None
        assert len(loose.surroundings.places) == 1


def test_a_way_is_broken_where_a_node_is_missing(tmp_path: Path) -> None:
    row = nodes_of("A--B--C--D--E")
    streets = read(write_osm(tmp_path / "cut.osm", row, [("ABCDE", ROAD)], without="C"))
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 2), (4, 5)]


def test_a_node_out_of_range_is_missing_too(tmp_path: Path) -> None:
    row = nodes_of("A--B--C--D--E") | {"C": (214.0, 95.0)}
    streets = read(write_osm(tmp_path / "cut.osm", row, [("ABCDE", ROAD)]))
    assert [edge[:2] for edge in lines_of(streets)] == [(1, 2), (4, 5)]


def test_odd_ways_do_no_harm(tmp_path: Path) -> None:
    text = osm_xml(TOWN, [("ABC", ROAD), ("A", ROAD), ("", ROAD), ("BB", ROAD)])
    twice = text.replace('<way id="2">', '<way id="1">').replace('<way id="3">', '<way id="1">')
    double = twice.replace("<way", '<node id="1" lon="114.0" lat="30.599"/><way', 1)  # A again, in its place
    path = tmp_path / "odd.osm"
    path.write_text(double, encoding="utf-8")
    assert [edge[:2] for edge in lines_of(read(path))] == [(1, 3)]


@pytest.mark.parametrize("area", [None, shapely.box(114.0, 30.59, 114.02, 30.6)])
def test_a_file_without_nodes_says_so(tmp_path: Path, area: shapely.Polygon | None) -> None:
    path = write_osm(tmp_path / "ways.osm", TOWN, WAYS, without="ABCDE")
    with pytest.raises(FormatError, match=r"ways\.osm: the nodes of its streets are not in it; export"):
        read(path, area=area)


def test_negative_ids_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "josm.osm"
    text = osm_xml(TOWN, WAYS).replace('ref="', 'ref="-').replace('<node id="', '<node id="-')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=r"negative ids.*osmium renumber"):
        read(path)


@pytest.mark.parametrize(
    ("generator", "head", "origin", "date"),
    [
        ("Overpass API", '<meta osm_base="2025-08-09T07:00:26Z"/>', "osm", "2025-08-09"),
        ("walkshed synthetic county", "", "synthetic", None),
        ("x", '<bounds minlon="113" minlat="30" maxlon="115" maxlat="31"/>', "osm", None),
    ],
)
def test_the_source_is_told(tmp_path: Path, generator: str, head: str, origin: str, date: str | None) -> None:
    source = read(write_osm(tmp_path / "town.osm", TOWN, WAYS, generator=generator, head=head)).source
    assert (source.origin, source.date) == (origin, date)
    assert source.sha256 is not None
    box = (113.0, 30.0, 115.0, 31.0) if head.startswith("<bounds") else (*TOWN["A"], *TOWN["C"])
    assert source.extent == pytest.approx((box[0], min(box[1], TOWN["D"][1]), box[2], box[3]))


def test_the_date_is_that_of_the_newest_street_where_none_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    text = osm_xml(TOWN, WAYS).replace('<way id="2"', '<way id="2" version="1" timestamp="2012-06-29T10:00:00Z"')
    path.write_text(text, encoding="utf-8")
    assert read(path).source.date == "2012-06-29"


# --- bad input


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.osm: no such file; found its folder"):
        read(tmp_path / "none.osm")
    with pytest.raises(MissingFileError, match="nor is there a folder"):
        read(tmp_path / "no" / "none.osm")
    with pytest.raises(FormatError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nul\0.osm")


@pytest.mark.parametrize("name", ["town.txt", "town", "town.osm.zip.txt", "town.docx"])
def test_an_unknown_kind_of_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(FormatError, match=r"give one of \.osm\.pbf, .*\.graphml, \.gpkg"):
        read(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; download"),
        (b"<!DOCTYPE html><html>Too many requests</html>", "is a web page"),
        (b"station_id,lon,lat\n1,2,3\n", "is not an OpenStreetMap file"),
        (b"\x00\x00\x00\x0d junk", "is not an OpenStreetMap file"),
        (b"\x1f\x8bjunk", "damaged or cut short"),
        (gzip.compress(b"lon,lat\n", mtime=0), "is not an OpenStreetMap file"),
        (b"<gpx></gpx>", "damaged or cut short"),
        (b"<osm version='0.6'><node id='1' lat='30'", "damaged or cut short"),
    ],
)
@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.osm.gz"])
def test_not_an_osm_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=says) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_truncated_files(tmp_path: Path, helsinki_pbf: Path) -> None:
    xml = osm_xml(TOWN, [WAYS[0]] * 2000).encode("utf-8")
    noise = np.random.default_rng(1).bytes(4000).hex().encode("ascii")  # so that it does not pack to nothing
    zipped = gzip.compress(xml.replace(b"<osm", b"<!-- " + noise + b" --><osm"))
    pbf = helsinki_pbf.read_bytes()
    files = {
        "a.osm": xml[: len(xml) // 2],
        "b.osm.gz": zipped[: len(zipped) - 100],
        "c.osm.bz2": bz2.compress(xml)[:-20],
        "d.osm.pbf": pbf[: len(pbf) // 2],
        "e.osm.pbf": pbf[:200_000] + b"x" * 50 + pbf[200_050:],
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError, match=r"damaged or cut short.*download or export it again"):
            read(tmp_path / name)


def test_no_walkable_street(tmp_path: Path) -> None:
    roads = write_osm(tmp_path / "roads.osm", TOWN, [WAYS[2], ("AB", {"highway": "cycleway"})])
    with pytest.raises(NoStreetsError, match=r"found 2 ways: highway=motorway \(1\), highway=cycleway \(1\)"):
        read(roads)
    houses = write_osm(tmp_path / "houses.osm", TOWN, [("ABDA", {"building": "yes"})] * 3)
    with pytest.raises(NoStreetsError, match=r"found 3 ways: building \(3\); give"):
        read(houses)
    with pytest.raises(NoStreetsError, match="found 0 ways: no tags"):
        read(write_osm(tmp_path / "nothing.osm", TOWN))


# --- with an area


def square(lon: float, lat: float, half: float = 0.001) -> shapely.Polygon:
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


def test_an_area_elsewhere_is_told_with_both_boxes(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    with pytest.raises(NoStreetsError, match=r"the area is 9\.9990, .* the streets 114\.0000, 30\.5980") as caught:
        read(path, area=square(10, 50))
    assert "\n" not in str(caught.value)
    with pytest.raises(NoStreetsError, match=r"no street within 300 m of the area"):
        read(path, area=square(114.0, 30.605), budget_m=300.0)  # near enough to be read, not to be kept


def test_an_area_in_any_crs(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    frame = gpd.GeoDataFrame(geometry=[square(114.0, 30.6), square(114.001, 30.6)], crs="EPSG:4326")
    a = read(path, area=frame, budget_m=100.0)
    b = read(path, area=shapely.box(113.999, 30.599, 114.002, 30.601), budget_m=100.0)
    assert same(a, b, source=False)
    assert same(a, read(path, area=frame.to_crs("EPSG:32650"), budget_m=100.0), source=False)
    assert a.source.clip_budget_m == 100.0
    with pytest.raises(CRSError, match="no coordinate system"):
        read(path, area=gpd.GeoDataFrame(geometry=[square(114.0, 30.6)]))


@pytest.mark.parametrize(
    ("area", "says"),
    [
        (shapely.Point(114, 30), "must be a polygon, found Point"),
        (shapely.LineString([(114, 30), (115, 31)]), "must be a polygon, found LineString"),
        (shapely.Polygon(), "must be a polygon, found nothing"),
        (gpd.GeoDataFrame(geometry=[], crs=4326), "must be a polygon, found nothing"),
        (shapely.box(500_000, 3_000_000, 501_000, 3_001_000), "must be in degrees"),
        ((114, 30, 115, 31), "found tuple"),
        (shapely.Polygon([(114, 30), (114, 31), (114, 30.5)]), "has no surface"),
    ],
)
@pytest.mark.filterwarnings("ignore:area. an outline that crosses")
def test_not_an_area(tmp_path: Path, area: object, says: str) -> None:
    path = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    with pytest.raises(InputError, match=says):
        read(path, area=area)


@pytest.mark.parametrize("budget_m", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_must_be_metres(tmp_path: Path, budget_m: float) -> None:
    path = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    with pytest.raises(InputError, match="budget_m: must be a positive number"):
        read(path, area=square(114.0, 30.6), budget_m=budget_m)
    with pytest.raises(InputError, match="min_island_m: must be a number"):
        read(path, min_island_m=float("nan"))


def test_an_area_that_crosses_itself_is_mended_and_told(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "town.osm", TOWN, WAYS)
    bow_tie = shapely.Polygon([(114, 30.599), (114.004, 30.601), (114.004, 30.599), (114, 30.601)])
    with pytest.warns(InputWarning, match="crosses itself was mended"):
        assert len(read(path, area=bow_tie))


@pytest.mark.parametrize("budget_m", [60.0, 400.0])
@pytest.mark.parametrize("centre", [(7.4246, 43.7384), (7.4121, 43.7300), (7.4350, 43.7490)])
def test_reading_an_area_is_reading_all_and_clipping(
    centre: tuple[float, float], budget_m: float, real_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from walkshed.network import osm

    path = real_data("monaco/monaco.osm.gz")
    part = read_streets(path, area=square(*centre), budget_m=budget_m)
    seen = len(part)
    scan = osm.scan
    monkeypatch.setattr(osm, "scan", lambda file, _: scan(file, None))
    whole = read_streets(path, area=square(*centre), budget_m=budget_m)
    assert same(part, whole)
    assert seen < 1450 / 2


def test_a_piece_is_judged_as_on_the_whole_source(tmp_path: Path) -> None:
    # B-C crosses the area; the piece A-D has 1.1 km in all, E-F has 0.3 km
    nodes = nodes_of("A---B---C---D\n\nE--F")
    path = write_osm(tmp_path / "town.osm", nodes, [("AB", ROAD), ("BC", ROAD), ("CD", ROAD), ("EF", ROAD)])
    area = square(114.006, 30.6, 0.0001)
    streets = read_streets(path, area=area, budget_m=100.0, min_island_m=1000.0)
    assert lines_of(streets) == [(2, 3, round(metres(nodes, "BC"), 1), "")]
    assert streets.source.islands_left_out_m == 0.0  # E-F is beyond the budget
    with pytest.raises(NoStreetsError, match="pieces shorter than 1,200 m"):
        read_streets(path, area=area, budget_m=100.0, min_island_m=1200.0)


def test_temporary_files_are_removed_also_after_an_error(
    tmp_path: Path, helsinki_pbf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    area = square(24.945, 60.170)
    read(helsinki_pbf, area=area)
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(helsinki_pbf.read_bytes()[:500_000])
    with pytest.raises(FormatError):
        read(cut, area=area)
    assert list(spool.iterdir()) == []


PEAK = """
import json, re, sys
from pathlib import Path
import shapely
from walkshed.network import osm_scan, read_streets
osm_scan.LARGE_BYTES = 0
path, *box = json.loads(sys.argv[1])
area = shapely.box(*box) if box else None
streets = read_streets(path, area=area, budget_m=500.0)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
print(json.dumps([len(streets), int(peak[1]) / 1024]))
"""
"""Not resource.getrusage: on Linux the peak that it tells of a child includes that of its parent."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_memory_grows_with_the_area_not_with_the_file(tmp_path: Path, helsinki_pbf: Path) -> None:
    many = _tiled(helsinki_pbf, tmp_path / "many.osm.pbf", 60)
    box = (24.943, 60.168, 24.947, 60.172)
    one_edges, one_mib = _peak(helsinki_pbf, *box)
    many_edges, many_mib = _peak(many, *box)
    _, whole_mib = _peak(many)
    assert many_edges == one_edges  # the other tiles lie farther off
    assert many_mib - one_mib < 40  # 2.4 million nodes in the temporary file, whose pages may be cached
    assert many_mib - one_mib < (whole_mib - one_mib) / 2


def _peak(path: Path, *box: float) -> tuple[int, float]:
    root = Path(__file__).parents[1] / "coverage"
    done = subprocess.run(
        [sys.executable, "-c", PEAK, json.dumps([str(path), *box])],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    edges, mib = json.loads(done.stdout)
    return edges, mib


def _tiled(source: Path, to: Path, tiles: int) -> Path:
    """Lay copies of a file side by side, 0.05 degrees apart, with ids of their own."""
    shift = 10**8
    nodes = [(n.id, n.lon, n.lat) for n in osmium.FileProcessor(str(source), osmium.osm.NODE)]
    number = {node: i for i, (node, _, _) in enumerate(nodes, start=1)}
    ways = [
        (dict(w.tags), [number[n.ref] for n in w.nodes if n.ref in number])
        for w in osmium.FileProcessor(str(source), osmium.osm.WAY)
        if "highway" in w.tags
    ]
    with osmium.SimpleWriter(str(to)) as writer:
        for tile in range(tiles):
            for node, lon, lat in nodes:
                place = (lon, lat + 0.05 * tile)
                writer.add_node(osmium.osm.mutable.Node(id=number[node] + tile * shift, location=place))
        for tile in range(tiles):
            for i, (tags, refs) in enumerate(ways, start=1):
                moved = [r + tile * shift for r in refs]
                writer.add_way(osmium.osm.mutable.Way(id=i + tile * shift, nodes=moved, tags=tags))
    return to
