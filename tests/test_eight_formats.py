"""One list of stations in eight formats and three datums: with the datum left to the streets all give one coverage.

300 made-up stations beside the streets of the centre of Shanghai. © OpenStreetMap contributors, ODbL.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xlsxwriter

from test_datum_fit import beside_streets
from test_stations import write_xls
from walkshed import Coverage, Streets, Walk, analyze, read_stations, read_streets
from walkshed.errors import InputWarning
from walkshed.inputs.datum import from_wgs84

COUNT = 300
DATUMS = ("wgs84", "gcj02", "bd09")
HEADINGS = ["编号", "站点名称", "类别", "经度", "纬度", "地址"]
ROADS = ("南京东路", "四川北路", "陆家嘴环路", "淮海中路", "西藏中路", "人民大道", "延安东路", "方浜中路")
KINDS = ("爱心驿站", "爱心母婴室")

Row = list[str | float]


def rows_in(places: np.ndarray, datum: str) -> list[Row]:
    """The list as a planner holds it, with six decimals."""
    rows: list[Row] = []
    for i, (lon, lat) in enumerate(from_wgs84(places, datum).round(6).tolist(), start=1):
        road, kind = ROADS[i % len(ROADS)], KINDS[i % 5 == 0]
        rows.append([f"SH{i:03d}", f"{road}{kind}（第{i}站）", kind, lon, lat, f"上海市{road}{i}号"])
    return rows


def write_csv(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def write_gbk(path: Path, rows: list[Row]) -> Path:
    return write_csv(path, rows, "gbk")


def write_xlsx(path: Path, rows: list[Row]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("站点")
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "户外劳动者服务站点一览表")
        for i, row in enumerate([HEADINGS, *rows], start=1):
            sheet.write_row(i, 0, row)
    return path


def write_old(path: Path, rows: list[Row]) -> Path:
    return write_xls(path, [HEADINGS, *rows])


def frame_of(rows: list[Row]) -> gpd.GeoDataFrame:
    """The same as features, whose file will say WGS 84 in whatever datum they are."""
    columns = {h: [row[i] for row in rows] for i, h in enumerate(HEADINGS) if h not in {"经度", "纬度"}}
    points = gpd.points_from_xy([row[3] for row in rows], [row[4] for row in rows])
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")


def write_layer(path: Path, rows: list[Row]) -> Path:
    frame_of(rows).to_file(path)
    return path


def write_shapefile(path: Path, rows: list[Row]) -> Path:
    """As older desktop programs do: GBK text, and no .cpg to say so."""
    frame_of(rows).to_file(path, encoding="gbk")
    path.with_suffix(".cpg").unlink()
    return path


def write_kml(path: Path, rows: list[Row]) -> Path:
    """As map programs export it: a folder for each category."""
    folders = []
    for kind in KINDS:
        marks = "".join(
            f"<Placemark><name>{escape(str(name))}</name><description>{escape(str(address))}</description>"
            f"<Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
            for _, name, category, lon, lat, address in rows
            if category == kind
        )
        folders.append(f"<Folder><name>{kind}</name>{marks}</Folder>")
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(folders)}</Document></kml>'
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', encoding="utf-8")
    return path


FORMATS: dict[str, Callable[[Path, list[Row]], Path]] = {
    "utf8.csv": write_csv,
    "gbk.csv": write_gbk,
    "list.xlsx": write_xlsx,
    "list.xls": write_old,
    "list.geojson": write_layer,
    "list.shp": write_shapefile,
    "list.kml": write_kml,
    "list.gpkg": write_layer,
}


@cache
def city(path: Path) -> tuple[Streets, np.ndarray, Coverage]:
    """The streets, the places, and the coverage of the places as they are."""
    streets = read_streets(path)
    places = beside_streets(streets, COUNT, seed=20250809)
    stations = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs="EPSG:4326")
    return streets, places, covered(streets, stations)


def covered(streets: Streets, stations: gpd.GeoDataFrame) -> Coverage:
    """At 5 minutes, where 300 stations cover three fifths of the streets; at 15 they cover all."""
    return analyze(streets, stations, walk=Walk(cutoffs=(5,)))


def shares(result: Coverage) -> list[float]:
    return [row["street_share"] for row in result.summary["coverage"]]


@pytest.fixture
def shanghai(real_data: Callable[[str], Path]) -> tuple[Streets, np.ndarray, Coverage]:
    return city(real_data("shanghai_center/shanghai_center.osm.gz"))


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_coverage(shanghai: tuple[Streets, np.ndarray, Coverage], tmp_path: Path, name: str, datum: str):
    streets, places, truth = shanghai
    rows = rows_in(places, datum)
    path = FORMATS[name](tmp_path / name, rows)
    with warnings.catch_warnings():
        if name == "list.shp":
            warnings.filterwarnings("ignore", "list.shp: it does not say its encoding", InputWarning)
        stations = read_stations(path, datum="auto")
    assert sorted(stations["name"]) == sorted(str(row[1]) for row in rows)
    result = covered(streets, stations)
    assert result.datum is not None
    assert (result.datum.chosen, result.datum.why) == (datum, "fit")
    assert shares(result) == pytest.approx(shares(truth), abs=0.002)
    by_name = result.stations.set_index("name").geometry
    there = truth.stations.geometry.set_axis([str(row[1]) for row in rows])
    assert result.stations.set_index("name")["category"][str(rows[0][1])] == rows[0][2]  # of KML: its folder
    assert shapely.distance(by_name.to_numpy(), there[by_name.index].to_numpy()).max() < 0.2


def test_read_in_a_wrong_datum_the_coverage_is_another(shanghai: tuple[Streets, np.ndarray, Coverage], tmp_path: Path):
    """So that the test above can fail: the shift is not lost in the tolerance."""
    streets, places, truth = shanghai
    path = write_csv(tmp_path / "a.csv", rows_in(places, "gcj02"))
    assert abs(shares(covered(streets, read_stations(path)))[0] - shares(truth)[0]) > 0.01
