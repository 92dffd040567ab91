"""Fuzz: damaged copies of good files, given to each reader. It reads them or refuses them in one line: no other error,
and within a bound on memory and time (`bounds.bounded`).

Deeper: WALKSHED_FUZZ=2000 pytest -n 2 tests/test_fuzz.py. What once broke a reader is kept in `tests/corpus`.
"""

from __future__ import annotations

import gzip
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bounds import bounded
from osm_files import nodes_of, osm_xml
from toy_province import TOWN, WAYS
from walkshed.cli.commands import report
from walkshed.cli.provincefile import read_province
from walkshed.cli.studyfile import read_study_options
from walkshed.cli.templates import study_template
from walkshed.errors import WalkshedError
from walkshed.inputs import read_area, read_closures, read_people, read_stations, read_zones
from walkshed.inputs.hours import opening_hours, read_hours
from walkshed.network import read_streets, streets_from_graph

CORPUS = Path(__file__).parent / "corpus"
DEEP = int(os.environ.get("WALKSHED_FUZZ", "0"))
GENTLE = settings(
    max_examples=DEEP or 25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

Reader = Callable[[Path], Any]


def osm_text() -> bytes:
    return osm_xml(TOWN, WAYS, points=[("B", {"place": "town", "name": "镇"})]).encode()


def pbf(folder: Path) -> bytes:
    (folder / "seed.osm").write_bytes(osm_text())
    path = folder / "seed.osm.pbf"
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for item in osmium.FileProcessor(str(folder / "seed.osm")):
            writer.add(item)
    return path.read_bytes()


def graphml(folder: Path) -> bytes:
    import osmnx

    (folder / "seed.osm").write_bytes(osm_text())
    path = folder / "seed.graphml"
    osmnx.save_graphml(read_streets(folder / "seed.osm").to_graph(), path)
    return path.read_bytes()


def layer(folder: Path, ending: str) -> bytes:
    frame = gpd.GeoDataFrame(
        {"name": ["甲", "=1+1"], "population": [3.0, 4.0]},
        geometry=[shapely.box(114, 30, 114.1, 30.1), shapely.box(114.1, 30, 114.2, 30.1)],
        crs=4326,
    )
    path = folder / f"layer{ending}"
    if ending == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path.read_bytes()


def table(_: Path) -> bytes:
    return "名称,经度,纬度,类别,开放时间\n甲,114.01,30.6,驿站,周一至周五 8:00-18:00\n乙,114.02,30.6,,24h\n".encode()


def workbook(folder: Path) -> bytes:
    import xlsxwriter

    with xlsxwriter.Workbook(str(folder / "seed.xlsx")) as book:
        page = book.add_worksheet("驿站")
        for i, line in enumerate(table(folder).decode().splitlines()):
            page.write_row(i, 0, line.split(","))
    return (folder / "seed.xlsx").read_bytes()


def raster(folder: Path) -> bytes:
    import rasterio

    path, turn = folder / "seed.tif", rasterio.Affine(0.01, 0.0, 114.0, 0.0, -0.01, 30.1)
    shape = {"height": 10, "width": 10, "count": 1, "dtype": "float32", "nodata": -1.0}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4326", transform=turn, **shape) as file:
        file.write(np.arange(100, dtype=np.float32).reshape(1, 10, 10))
    return path.read_bytes()


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><Placemark><name>甲</name>
<Point><coordinates>114.01,30.6</coordinates></Point></Placemark></Folder></Document></kml>"""
SQUARE = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(114, 30, 114.1, 30.1)], crs=4326)

SEEDS: dict[str, tuple[str, Callable[[Path], bytes], Reader]] = {
    "OSM XML": (".osm", lambda _: osm_text(), read_streets),
    "OSM XML, gzip": (".osm.gz", lambda _: gzip.compress(osm_text(), mtime=0), read_streets),
    "OSM pbf": (".osm.pbf", pbf, read_streets),
    "GraphML": (".graphml", graphml, read_streets),
    "road lines": (".geojson", lambda folder: layer(folder, ".geojson"), read_streets),
    "area, GeoJSON": (".geojson", lambda folder: layer(folder, ".geojson"), read_area),
    "zones, GeoPackage": (".gpkg", lambda folder: layer(folder, ".gpkg"), read_zones),
    "zones, GeoParquet": (".parquet", lambda folder: layer(folder, ".parquet"), read_zones),
    "people, GeoJSON": (".geojson", lambda folder: layer(folder, ".geojson"), read_people),
    "stations, CSV": (".csv", table, read_stations),
    "stations, datum to be found": (".csv", table, partial(read_stations, datum="auto")),
    "stations, BD-09": (".csv", table, partial(read_stations, datum="bd09")),
    "stations, XLSX": (".xlsx", workbook, read_stations),
    "stations, KML": (".kml", lambda _: KML.encode(), read_stations),
    "closures, GeoJSON": (".geojson", lambda folder: layer(folder, ".geojson"), read_closures),
    "people, GeoTIFF": (".tif", raster, partial(read_people, area=SQUARE)),
    "study": (".toml", lambda _: study_template(report).encode(), lambda path: read_study_options(path, report)),
    "batch": (
        ".toml",
        lambda _: b'title = "a"\n[defaults]\nstations = "s.csv"\n[[study]]\nname = "x"\ncutoff = [5, 10]\n',
        lambda path: read_province(path, report),
    ),
}

edit = st.tuples(st.sampled_from(["flip", "cut", "drop", "twice", "put"]), st.integers(0, 2**31), st.binary(max_size=8))


def damaged(content: bytes, edits: list[tuple[str, int, bytes]]) -> bytes:
    data = bytearray(content)
    for kind, where, some in edits:
        at = where % max(len(data), 1)
        if kind == "flip" and data:
            data[at] ^= 1 << (where >> 20) % 8
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + 1 + len(some)]
        elif kind == "twice":
            data[at:at] = data[at : at + 64]
        else:
            data[at:at] = some
    return bytes(data)


def read_or_refuse(read: Reader, path: Path) -> None:
    with warnings.catch_warnings(), bounded():
        warnings.simplefilter("ignore")
        try:
            read(path)
        except WalkshedError as error:
            assert "\n" not in str(error).strip(), error


@pytest.mark.parametrize("kind", SEEDS)
def test_damaged_files(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    ending, seed, read = SEEDS[kind]
    folder = tmp_path_factory.mktemp("fuzz")
    good = seed(folder)

    @GENTLE
    @given(st.lists(edit, min_size=1, max_size=6))
    def run(edits: list[tuple[str, int, bytes]]) -> None:
        path = folder / f"broken{ending}"
        path.write_bytes(damaged(good, edits))
        read_or_refuse(read, path)

    run()


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_the_kept_corpus(file: Path, tmp_path: Path) -> None:
    kind, _, _ = file.name.partition("--")
    ending, _, read = next(v for k, v in SEEDS.items() if k.replace(" ", "_").replace(",", "") == kind)
    path = tmp_path / f"broken{ending}"
    path.write_bytes(file.read_bytes())
    read_or_refuse(read, path)


words = st.text(
    st.sampled_from("周一二三四五六日至到和除节假日全天上下午晚00:1230-～–,，;；()（）24hMoTuFrSaSuPHoff \n\x00😀"),
    max_size=30,
)


@settings(max_examples=max(200, DEEP))
@given(st.one_of(st.text(max_size=30), words))
def test_opening_hours_are_read_or_not(text: str) -> None:
    read = read_hours(text)
    assert read is None or read.text
    assert len(opening_hours([text])) == 1


def test_a_graph_of_anything() -> None:
    import networkx as nx

    for attributes in ({}, {"x": "a", "y": None}, {"x": float("nan"), "y": 1e308}, {"x": [1], "y": {}}):
        graph = nx.MultiDiGraph(crs="epsg:4326")
        graph.add_node(1, **attributes)
        graph.add_node(2, x=114.0, y=30.0)
        graph.add_edge(1, 2, length=float("nan"), highway=["a", "b"], osmid="z")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(WalkshedError):
                streets_from_graph(graph)


def test_seeds_are_good(tmp_path: Path) -> None:
    assert nodes_of("A") is not None
    for kind, (ending, seed, read) in SEEDS.items():
        if kind in ("road lines", "batch"):
            continue  # polygons are no roads; the batch names files that are not there
        path = tmp_path / f"good{ending}"
        path.write_bytes(seed(tmp_path))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert read(path) is not None
