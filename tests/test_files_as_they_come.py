"""Lists as planners hand them over: odd delimiters, coordinates, headings and containers, on the real command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import xlsxwriter

from walkshed.cli import main
from walkshed.errors import CRSError, InputError, InputWarning
from walkshed.inputs import read_area, read_people, read_stations, read_zones
from walkshed.inputs.datum import from_wgs84

PLACES = [("安宜驿站", 119.4310, 33.3093), ("城北驿站", 119.4192, 33.3031)]


def listing(between: str = ",", number: str = "{}") -> str:
    rows = [(name, number.format(lon), number.format(lat)) for name, lon, lat in PLACES]
    return "".join(between.join(row) + "\n" for row in [("名称", "经度", "纬度"), *rows])


def points() -> gpd.GeoDataFrame:
    name, lon, lat = zip(*PLACES, strict=True)
    return gpd.GeoDataFrame({"名称": name}, geometry=gpd.points_from_xy(lon, lat), crs=4326)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        try:
            main([str(a) for a in arguments])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return call


READ = {
    "bars": listing("|"),
    "full-width commas": listing("，"),
    "semicolons, decimal commas, trailing": listing(";").replace(".", ",").replace("\n", ";;;\n"),
    "E and N after": "名称,经度,纬度\n" + "".join(f"{n},{x}E,{y}N\n" for n, x, y in PLACES),
    "E and N before": "名称,经度,纬度\n" + "".join(f"{n},东经{x}°,北纬{y}°\n" for n, x, y in PLACES),
    "degrees, minutes, seconds": "名称,经度,纬度\n安宜驿站,119 25 51.6,33 18 33.48\n城北驿站,119:25:9.12,33°18'11.16\"\n",
    "comments above": f"# exported\n# by us\n{listing()}",
    "blank rows": listing().replace("\n", "\n\n"),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_text_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    stations = read_stations(path)
    assert stations["name"].tolist() == [name for name, _, _ in PLACES]
    assert stations.geometry.geom_equals_exact(points().geometry, 1e-6).all()


REFUSED = {
    "swapped": ("名称,经度,纬度\na,33.3,119.4\n", "row 2: latitude and longitude look swapped"),
    "millionths": ("名称,经度,纬度\na,119431000,33309300\n", "(millionths of degrees?); divide both by 1,000,000"),
    "no headings": ("a,119.4,33.3\nb,119.5,33.3\n", "put a row of headings above the first, and name them lon and lat"),
    "headings alone": ("名称,经度,纬度\n", "nothing is listed in it; give at least one row"),
    "both orders": ('名称,坐标\na,"33.3,119.4"\nb,"119.4,33.3"\n', "row 2: latitude and longitude look swapped"),
    "two points": ("名称,经度,纬度\na,119.43.10,33.3\n", "row 2: 经度 is not a number (found '119.43.10')"),
    "metres": (
        "名称,X,Y\na,3687000,40447000\n",
        "CGCS2000 / 3-degree Gauss-Kruger zone 40 (EPSG:4528): if so, say --crs",
    ),
    "json": ('[{"name": "a", "lng": 119.4}]', "JSON, but not GeoJSON; save the list as XLSX, CSV or GeoJSON"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_text_is_refused_in_one_line(run: Any, text: str, said: str) -> None:
    Path("a.csv").write_text(text, encoding="utf-8")
    code, out, err = run("check", "a.csv")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["a.dbf", "a.shx", "a.prj"])
def test_a_part_of_a_shapefile_alone(run: Any, name: str) -> None:
    points().to_file("a.shp", encoding="utf-8")
    assert "only a part of a Shapefile; give the .shp beside it" in run("check", name)[2]


def test_a_zip_file_with_a_list_in_it(run: Any) -> None:
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("list.csv", listing())
    assert "a zip file with list.csv in it; unpack it, and give that file" in run("check", "a.zip")[2]


def test_a_workbook_with_a_chart_alone(run: Any) -> None:
    with xlsxwriter.Workbook("a.xlsx") as book:
        sheet, chart = book.add_worksheet("d"), book.add_chart({"type": "line"})
        chart.add_series({"values": "=d!$A$1:$A$3"})
        shown = book.add_chartsheet()
        shown.set_chart(chart)
        sheet.hide()
        shown.activate()
        shown.set_first_sheet()
    assert "nothing stands in the workbook" in run("check", "a.xlsx")[2]


def test_merged_headings_in_a_sheet_with_blanks_about_its_name(run: Any) -> None:
    with xlsxwriter.Workbook("a.xlsx") as book:
        book.add_worksheet("说 明").write(0, 0, "填表说明")
        sheet = book.add_worksheet(" 驿站 列表 ")
        sheet.merge_range("A1:D1", "爱心驿站一览表")
        sheet.merge_range("A2:A3", "名称")
        sheet.merge_range("B2:C2", "坐标")
        sheet.write_row("B3", ["经度", "纬度"])
        for i, row in enumerate(PLACES):
            sheet.write_row(3 + i, 0, row)
        sheet.merge_range("A6:D6", "合计：2个")
    code, out, _ = run("check", "a.xlsx", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["status"] == {"read": 2}
    assert told["reading"]["heading_row"] == 3
    assert [(f["code"], f["rows"]) for f in told["findings"]] == [("left_out", [6])]
    assert run("check", "a.xlsx", "--sheet", " 驿站 列表 ")[0] == 0


def test_a_heading_that_stands_twice_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,经度,纬度,经度\na,119.4,33.3,0\n", encoding="utf-8")
    with pytest.warns(InputWarning, match="the heading 经度 stands over 2 columns; the first was read; rename the one"):
        assert read_stations(tmp_path / "a.csv").geometry.x.tolist() == [119.4]


def test_rows_in_several_datums_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "名称,经度,纬度,坐标系\na,119.4,33.3,WGS84\nb,119.4,33.4,GCJ-02\nc,119.4,33.5,百度\nd,119.4,33.6,\n",
        encoding="utf-8",
    )
    with pytest.warns(InputWarning, match="rows 3, 4: the column 坐标系 speaks of BD-09, GCJ-02, WGS 84"):
        read_stations(tmp_path / "a.csv")


@pytest.mark.parametrize("over", ["位置坐标（高德）", "坐标(GCJ-02)"])
def test_a_datum_named_over_the_headings_is_seen(tmp_path: Path, over: str) -> None:
    (tmp_path / "a.csv").write_text(
        f"驿站台账,,,\n序号,站点名称,{over},\n,,经度,纬度\n1,a,119.4,33.3\n", encoding="utf-8"
    )
    with pytest.warns(InputWarning, match="speaks of GCJ-02, and the list was read as WGS 84; say --datum gcj02"):
        assert read_stations(tmp_path / "a.csv")["name"].tolist() == ["a"]


def test_a_datum_named_over_another_column_is_not_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("高德电话,坐标,\n名称,经度,纬度\na,119.4,33.3\n", encoding="utf-8")
    assert len(read_stations(tmp_path / "a.csv")) == 1  # a warning would be an error here


NAMES = ("长" * 5000, "☕驿站👨‍👩‍👧‍👦", "\u202egnp.exe\u202c", "\u200fعربي", "=cmd()", "a\tb")


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_all_kinds_are_told_and_written_back(run: Any, name: str) -> None:
    rows = f'名称,经度,纬度\n"{name}",119.43,33.30\n"{name}",119.43,33.30\n'
    Path("a.csv").write_text(rows, encoding="utf-8")
    code, out, _ = run("check", "a.csv", "--fix", "b.xlsx", "--out", "c.html")
    assert code == 0
    assert "\u202e" not in out + Path("c.html").read_text(encoding="utf-8")
    assert max(map(len, out.splitlines())) < 500
    read = read_stations("b.xlsx")["name"].tolist()
    assert read[0] == read[1]
    assert len(read[0]) > 3 or read[0] == "a b"


# --- map layers --------------------------------------------------------------------------------

KML = """<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>A</name><Folder><name>B</name><Placemark><name>安宜驿站</name><ExtendedData>
<Data name="类别"><value>爱心驿站</value></Data><Data name='开放时间'><value>8:00-18:00</value></Data></ExtendedData>
<Point><coordinates>119.4310,33.3093,0</coordinates></Point></Placemark></Folder></Folder>
<Folder><name>C</name><Placemark><name>城北驿站</name><Point><coordinates>119.4192,33.3031</coordinates></Point>
</Placemark></Folder></Document></kml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
@pytest.mark.parametrize("ending", [".kml", ".kmz"])
def test_kml_with_nested_folders_and_chinese_data(tmp_path: Path, encoding: str, ending: str) -> None:
    content = KML.format(encoding=encoding).encode(encoding)
    path = tmp_path / f"a{ending}"
    if ending == ".kml":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", content)
    stations = read_stations(path)
    assert stations["name"].tolist() == ["安宜驿站", "城北驿站"]
    assert stations["category"].tolist() == ["爱心驿站", ""]
    assert stations["opening_hours"].tolist() == ["08:00-18:00", ""]


def test_geojson_with_null_and_other_geometry(run: Any) -> None:
    def feature(geometry: object) -> dict[str, object]:
        return {"type": "Feature", "properties": {}, "geometry": geometry}

    point = {"type": "Point", "coordinates": [119.43, 33.30]}
    several = {"type": "MultiPoint", "coordinates": [[119.43, 33.30], [119.44, 33.31]]}
    path = Path("a.geojson")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(None), feature(point)]}), "utf-8")
    assert "row 1: no geometry; draw it, or delete the row" in run("check", path)[2]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(several), feature(point)]}), "utf-8")
    code, out, _ = run("check", path, "--lang", "zh")
    assert code == 0
    assert "警告：第 1 行：不是点要素（1 MultiPoint）：取其内部一点；" in out


# --- datum and coordinate system of every file ----------------------------------------------------

SQUARE = shapely.box(119.40, 33.29, 119.45, 33.33)


def layer(path: Path, crs: str | None, datum: str = "wgs84") -> Path:
    shape = shapely.transform(SQUARE, lambda lonlat: from_wgs84(lonlat, datum))
    frame = gpd.GeoDataFrame({"name": ["a"], "population": [10]}, geometry=[shape], crs=4326)
    frame.to_crs(crs or 4326).to_file(path)
    if crs is None:
        path.with_suffix(".prj").unlink()
    return path


@pytest.mark.parametrize("read", [read_area, read_zones, read_people])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_every_layer_in_a_shifted_datum(tmp_path: Path, read: Any, datum: str) -> None:
    path = layer(tmp_path / "a.shp", "EPSG:4326", datum)
    assert read(path, datum=datum).geometry.iloc[0].hausdorff_distance(SQUARE) < 1e-8
    assert read(path).geometry.iloc[0].distance(shapely.Point(119.40, 33.29)) > 0
    with pytest.raises(InputError, match="datum: found 'auto'"):
        read(path, datum="auto")


@pytest.mark.parametrize(("read", "option"), [(read_area, "area="), (read_zones, "zones="), (read_people, "people=")])
def test_layers_without_prj_ask_and_take_an_answer(tmp_path: Path, read: Any, option: str) -> None:
    path = layer(tmp_path / "a.shp", None)
    with pytest.raises(
        CRSError, match=rf"the \.prj file is missing\).*look like degrees: if so, say --crs {option}EPSG:4326"
    ):
        read(path)
    assert read(path, crs="EPSG:4326").geometry.iloc[0].hausdorff_distance(SQUARE) < 1e-8
    with pytest.raises(CRSError, match="do not lie where CGCS2000 / 3-degree Gauss-Kruger zone 40 is used"):
        read(path, crs="EPSG:4528")


def test_metres_without_prj(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    points().to_crs("EPSG:4528").to_file(path, encoding="utf-8")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CRSError, match=r"zone 40 \(EPSG:4528\): if so, say --crs EPSG:4528"):
        read_stations(path)
    assert read_stations(path, crs="EPSG:4528").geometry.geom_equals_exact(points().geometry, 1e-8).all()


def test_well_known_text_in_metres(tmp_path: Path) -> None:
    where = points().to_crs("EPSG:4528").geometry.to_wkt()
    (tmp_path / "a.csv").write_text("wkt\n" + "".join(f'"{w}"\n' for w in where), encoding="utf-8")
    assert read_stations(tmp_path / "a.csv", crs="EPSG:4528").geometry.geom_equals_exact(points().geometry, 1e-7).all()
    (tmp_path / "b.csv").write_text("wkt\nSRID=4490;POINT (119.4 33.3)\n", encoding="utf-8")
    with pytest.raises(CRSError, match="wkt states SRID 4490; leave out --crs EPSG:4528"):
        read_stations(tmp_path / "b.csv", crs="EPSG:4528")


def test_the_command_line_says_it_of_each_file(run: Any, tmp_path: Path) -> None:
    from walkshed.cli.options import _of_files

    assert _of_files("datum", ["gcj02", "zones=bd09"]) == {"datum": "gcj02", "zones_datum": "bd09"}
    assert _of_files("crs", ["+proj=utm +zone=50", "area=EPSG:4528"]) == {
        "crs": "+proj=utm +zone=50",
        "area_crs": "EPSG:4528",
    }
    Path("a.csv").write_text(listing(), encoding="utf-8")
    path = layer(tmp_path / "z.shp", None)
    assert "say --crs zones=EPSG:4326" in run("check", "a.csv", "--zones", path)[2]
    code, out, _ = run("check", "a.csv", "--zones", path, "--crs", "zones=EPSG:4326", "--datum", "zones=gcj02")
    assert code == 0
    assert "Zones: 1" in out
    assert (
        "found two values for the zones" in run("check", "a.csv", "--datum", "zones=gcj02", "--datum", "zones=bd09")[2]
    )
    assert (
        "datum: found 'auto'; choose one of wgs84" in run("check", "a.csv", "--zones", path, "--datum", "zones=auto")[2]
    )


# --- both languages ----------------------------------------------------------------------------


def test_what_readers_say_is_said_in_chinese(run: Any) -> None:
    Path("a.csv").write_text("名称,百度经度,百度纬度,开放时间\na,119.4,33.3,看情况\n合计,,,\n", encoding="utf-8")
    code, out, err = run("check", "a.csv", "--lang", "zh")
    assert (code, err) == (0, "")
    assert "提示：第 3 行：作为合计、备注或重复表头略去" in out
    assert "表头“百度经度”表明坐标为 BD-09" in out
    assert "第 2 行：开放时间无法识别（如“看情况”）" in out


def test_findings_of_another_file_name_it(run: Any) -> None:
    Path("a.csv").write_text(listing(), encoding="utf-8")
    Path("p.csv").write_text("经度,纬度,人口\n119.4,33.3,5\n119.5,33.3,\n", encoding="utf-8")
    assert "warning: p.csv, row 3: without a head count: taken as 0" in run("check", "a.csv", "--people", "p.csv")[1]
