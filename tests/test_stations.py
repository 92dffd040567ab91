"""Lists of stations as planners hold them, each written here as a file."""

from __future__ import annotations

import csv
import io
import json
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from walkshed.errors import CRSError, FormatError, InputError, InputWarning, MissingFileError
from walkshed.inputs import check_stations, read_stations

HEADINGS = ["站点编号", "站点名称", "经度", "纬度", "类别"]
ROWS = [
    ["A1", "城南驿站", 119.31, 33.23, "驿站"],
    ["A2", "银行，网点", 119.32, 33.24, "驿站"],
    ["A3", '"母婴"室', 119.33, 33.25, "母婴室"],
]


def write_csv(
    path: Path, rows: list[list[Any]], encoding: str = "utf-8", delimiter: str = ",", newline: str = "\r\n"
) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[list[Any]], **more: list[list[Any]]) -> Path:
    """Write one sheet, and one more for each further keyword."""
    with xlsxwriter.Workbook(path) as book:
        for name, listed in {"Sheet1": rows, **more}.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(listed):
                for j, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(i, j, value)
                    elif value is not None:
                        sheet.write_number(i, j, value)
    return path


def frame(rows: list[list[Any]] = ROWS, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=HEADINGS)
    points = gpd.points_from_xy(table.pop("经度"), table.pop("纬度"))
    return gpd.GeoDataFrame(table, geometry=points, crs=crs)


def assert_the_three(stations: gpd.GeoDataFrame) -> None:
    assert stations.crs == "EPSG:4326"
    assert stations["station_id"].tolist() == ["A1", "A2", "A3"]
    assert stations["name"].tolist() == ["城南驿站", "银行，网点", '"母婴"室']
    assert stations["category"].tolist() == ["驿站", "驿站", "母婴室"]
    np.testing.assert_array_equal(stations.geometry.x, [119.31, 119.32, 119.33])
    np.testing.assert_array_equal(stations.geometry.y, [33.23, 33.24, 33.25])


def test_all_kinds_of_unreadable_rows_are_told_at_once(tmp_path):
    path = tmp_path / "list.csv"
    rows = ["a,119.43,33.30", "b,,33.30", "c,east,33.30", "d,119.43,?north", "e,443000,3690000", "f,,"]
    path.write_text("name,lon,lat\n" + "\n".join(rows) + "\n", encoding="utf-8")
    message = refusal(path, InputError)
    assert message.startswith("list.csv: row 4: lon is not a number (found 'east')")
    assert "; row 5: lat is not a number (found '?north')" in message
    assert "; rows 3, 7: no coordinates" in message
    assert "; row 6: off the globe: lon 443000, lat 3.69e+06 (projected metres?)" in message


def refusal(path: Path, error: type[InputError] = InputError, **options: Any) -> str:
    """Read `path`, and hand out the one line that refuses it."""
    with pytest.raises(error) as caught:
        read_stations(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    assert len(message) < 400
    return message


# --- every format ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = write_csv(tmp_path / "a.txt", [HEADINGS, *ROWS], encoding, delimiter)
    stations = read_stations(path)
    assert_the_three(stations)
    assert stations["row"].tolist() == [2, 3, 4]


def test_big5(tmp_path: Path) -> None:
    rows = [["編號", "名稱", "經度", "緯度"], ["1", "臺北車站遊客服務中心", 121.517, 25.047]]
    stations = read_stations(write_csv(tmp_path / "a.csv", rows, "big5"))
    assert stations["name"].tolist() == ["臺北車站遊客服務中心"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines(tmp_path: Path, newline: str) -> None:
    assert_the_three(read_stations(write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS], newline=newline)))


def test_workbook(tmp_path: Path) -> None:
    assert_the_three(read_stations(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, *ROWS])))


@pytest.mark.parametrize(
    ("name", "driver"),
    [("a.geojson", "GeoJSON"), ("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf")],
)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32650", "EPSG:4490"])
def test_map_layers(tmp_path: Path, name: str, driver: str, crs: str) -> None:
    # FlatGeobuf sorts its features in space, so the order there is compared by id.
    frame().to_crs(crs).to_file(tmp_path / name, driver=driver)
    stations = read_stations(tmp_path / name).sort_values("station_id", ignore_index=True)
    assert stations["name"].tolist() == [r[1] for r in ROWS]
    np.testing.assert_allclose(stations.geometry.x, [r[2] for r in ROWS], atol=1e-7)
    assert sorted(stations["row"]) == [1, 2, 3]


def test_geoparquet(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "a.parquet")
    assert_the_three(read_stations(tmp_path / "a.parquet"))


@pytest.mark.parametrize("zipped", [False, True])
def test_shapefile(tmp_path: Path, zipped: bool) -> None:
    short = frame().rename(columns={"站点编号": "ID", "站点名称": "NAME", "类别": "TYPE"})
    short.to_file(tmp_path / "a.shp", encoding="utf-8")
    path = tmp_path / "a.shp"
    if zipped:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("a.*"):
                if part != path:
                    archive.write(part, part.name)
    assert_the_three(read_stations(path))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_shapefile_that_does_not_tell_its_encoding(tmp_path: Path, encoding: str) -> None:
    short = frame().rename(columns={"站点编号": "ID", "站点名称": "NAME", "类别": "TYPE"})
    short.to_file(tmp_path / "a.shp", encoding=encoding)
    (tmp_path / "a.cpg").unlink()
    with pytest.warns(InputWarning, match=f"no .cpg file.*read as {encoding}"):
        assert_the_three(read_stations(tmp_path / "a.shp"))


def test_a_file_is_what_its_content_says(tmp_path: Path) -> None:
    assert_the_three(read_stations(write_csv(tmp_path / "a.xls", [HEADINGS, *ROWS], "gbk", "\t")))
    write_xlsx(tmp_path / "b.xlsx", [HEADINGS, *ROWS]).rename(tmp_path / "b.csv")
    assert_the_three(read_stations(tmp_path / "b.csv"))


def test_keys_of_a_real_chinese_geojson(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"名称": "星巴克（控江旭辉商城店）", "下载速度": "32.84 Mbps"},
        "geometry": {"type": "Point", "coordinates": [121.505229, 31.275028]},
    }
    path = tmp_path / "cafes.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature] * 2}, ensure_ascii=False),
        encoding="utf-8",
    )
    stations = read_stations(path)
    assert stations["name"].tolist() == ["星巴克（控江旭辉商城店）"] * 2
    assert stations["station_id"].tolist() == ["1", "2"]
    assert stations["row"].tolist() == [1, 2]


LISTS = st.lists(
    st.tuples(
        st.text(st.sampled_from("驿站银行点服务abcXYZ019，,;\"'“\t\n （）"), max_size=12),
        st.integers(-180_000_000, 180_000_000).map(lambda i: i / 1e6),
        st.integers(-72_000_000, 72_000_000).map(lambda i: i / 1e6),
    ).filter(lambda row: row[1:] != (0.0, 0.0)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LISTS)
def test_a_list_reads_back_the_same_from_every_format(listed: list[tuple[str, float, float]]) -> None:
    # An empty GeoDataFrame index would tell nothing: the lists hold at least one row. One fixed row of
    # plain text keeps the encoding of each list well-defined.
    rows = [[f"S{i}", *row, "驿站"] for i, row in enumerate([("城南驿站服务点", 119.3, 33.2), *listed])]
    wanted = check_stations(frame(rows)).drop(columns="row")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = [
            write_csv(root / "u.csv", [HEADINGS, *rows]),
            write_csv(root / "g.csv", [HEADINGS, *rows], "gb18030"),
            write_csv(root / "s.csv", [HEADINGS, *rows], "utf-8-sig", ";"),
            write_xlsx(root / "x.xlsx", [["一览表"], [], HEADINGS, *rows]),
            root / "j.geojson",
            root / "p.gpkg",
        ]
        frame(rows).to_file(paths[4], driver="GeoJSON", COORDINATE_PRECISION=15)
        frame(rows).to_file(paths[5], driver="GPKG")
        for path in paths:
            pd.testing.assert_frame_equal(read_stations(path).drop(columns="row"), wanted)


def compound_file(stream: str, content: bytes) -> bytes:
    """Wrap `content` as the one stream of an OLE compound file: what XLS and locked XLSX files are."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    content = content.ljust(4096, b"\0")
    content += bytes(-len(content) % 512)
    sectors = len(content) // 512
    chain = [0xFFFFFFFD, end, *range(3, 2 + sectors), end]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        label = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBB3I", len(label), kind, 1, free, free, child)
        return label.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry(stream, 2, free, 2, len(content))
    return head + struct.pack("<128I", *chain, *[free] * (128 - len(chain))) + folder.ljust(512, b"\0") + content


def write_xls(path: Path, rows: list[list[Any]], *, locked: bool = False) -> Path:
    """Write one sheet as Excel 97 does."""

    def record(kind: int, content: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def cell(row: int, column: int, value: object) -> bytes:
        at = struct.pack("<3H", row, column, 0)
        if isinstance(value, str):
            return record(0x204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        return record(0x203, at + struct.pack("<d", value))

    name = "站点"
    start = record(0x809, struct.pack("<4HII", 0x600, 5, 0xDBB, 0x7CC, 0x41, 6))
    start += record(0x2F, struct.pack("<3H", 1, 1, 2)) if locked else b""
    start += record(0x42, struct.pack("<H", 1200))
    label = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    offset = len(start) + 4 + 6 + len(label) + 4
    book = start + record(0x85, struct.pack("<IBB", offset, 0, 0) + label) + record(0x0A)
    book += record(0x809, struct.pack("<4HII", 0x600, 16, 0xDBB, 0x7CC, 0x41, 6))
    book += b"".join(cell(i, j, v) for i, row in enumerate(rows) for j, v in enumerate(row)) + record(0x0A)
    path.write_bytes(compound_file("Workbook", book))
    return path


def test_old_workbook(tmp_path: Path) -> None:
    stations = read_stations(write_xls(tmp_path / "a.xls", [["一览表"], HEADINGS, *ROWS]))
    assert_the_three(stations)
    assert stations["row"].tolist() == [3, 4, 5]


def test_locked_workbooks(tmp_path: Path) -> None:
    locked = write_xls(tmp_path / "a.xls", [HEADINGS, *ROWS], locked=True)
    assert "locked by a password" in refusal(locked, FormatError)
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound_file("EncryptedPackage", b"secret"))
    assert "locked by a password" in refusal(path, FormatError)


def test_kml_with_all_its_folders(tmp_path: Path) -> None:
    mark = "<Placemark><name>{}</name><Point><coordinates>{},33.2,0</coordinates></Point></Placemark>"
    folders = [f"<Folder><name>{n}</name>{mark.format(n, x)}</Folder>" for n, x in (("城区", 119.3), ("乡镇", 119.4))]
    text = f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(folders)}</Document></kml>'
    path = tmp_path / "a.kml"
    path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.write(path, "doc.kml")
    for name in ("a.kml", "a.kmz"):
        stations = read_stations(tmp_path / name)
        assert stations["name"].tolist() == ["城区", "乡镇"]
        assert stations.geometry.x.tolist() == [119.3, 119.4]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Estação Rodoviária", "latin-1"), ("Caféstraße Zürich", "cp1252"), ("驿站", "gbk"), ("臺北車站", "big5")],
)
def test_short_lists_are_read_in_their_own_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    rows = [["name", "lon", "lat"], [name, 1.5, 2.5], ["São João" if encoding in {"latin-1", "cp1252"} else name, 3, 4]]
    assert read_stations(write_csv(tmp_path / "a.csv", rows, encoding))["name"][0] == name


# --- headings, rows, ids -----------------------------------------------------------------------


def test_title_rows_stand_above_the_headings(tmp_path: Path) -> None:
    rows = [["宝应县爱心驿站一览表"], ["2025年8月", "单位：个"], [], HEADINGS, *ROWS]
    for path in (write_csv(tmp_path / "a.csv", rows), write_xlsx(tmp_path / "a.xlsx", rows)):
        stations = read_stations(path)
        assert_the_three(stations)
        assert stations["row"].tolist() == [5, 6, 7]


def test_merged_title_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 4, "一览表")
        for i, row in enumerate([HEADINGS, *ROWS], start=2):
            sheet.write_row(i, 0, row)
    assert_the_three(read_stations(path))


@pytest.mark.parametrize("upper", [["编号", "名称", "坐标", "", "类别"], ["编号", "点位", "位置信息", "", "类别"]])
def test_headings_in_two_rows(tmp_path: Path, upper: list[str]) -> None:
    lower = ["", "", "经度", "纬度", ""]
    path = write_xlsx(tmp_path / "a.xlsx", [["一览表"], upper, lower, *ROWS])
    stations = read_stations(path)
    assert stations["station_id"].tolist() == ["A1", "A2", "A3"]
    assert stations["category"].tolist() == ["驿站", "驿站", "母婴室"]
    assert stations["row"].tolist() == [4, 5, 6]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name,lon,lat\n"two\nlines",1,2\n\n , ,\nb,3,4\n\n', encoding="utf-8")
    stations = read_stations(path)
    assert stations["name"].tolist() == ["two lines", "b"]
    assert stations["row"].tolist() == [2, 5]


def test_optional_columns_are_handed_on_as_text(tmp_path: Path) -> None:
    headings = ["名称", "x", "y", "营业时间", "服务对象", "座位数", "地址", "所属镇"]
    path = write_xlsx(tmp_path / "a.xlsx", [headings, ["a", 1.5, 2.5, "8:00-18:00", None, 12, "x路", "安宜镇"]])
    station = read_stations(path).iloc[0]
    assert station[["hours", "groups", "capacity", "address", "township"]].tolist() == [
        "8:00-18:00",
        "",
        "12",
        "x路",
        "安宜镇",
    ]


@pytest.mark.parametrize(
    ("given_ids", "wanted"),
    [
        ([1, 2, 3], ["1", "2", "3"]),
        ([1.0, 2.0, None], ["1", "2", "3"]),
        ([None, 1, "A"], ["1+", "1", "A"]),
        ([None, None, None], ["1", "2", "3"]),
        (["1.0", "1.1", "2.0"], ["1.0", "1.1", "2.0"]),
        (["007", "7", "08"], ["007", "7", "08"]),
        ([3, None, 2], ["3", "2+", "2"]),
    ],
)
def test_ids(tmp_path: Path, given_ids: list[Any], wanted: list[str]) -> None:
    rows = [["id", "lon", "lat"], *([i, 1 + n, 2] for n, i in enumerate(given_ids))]
    path = tmp_path / "a.csv"
    assert read_stations(write_csv(path, rows))["station_id"].tolist() == wanted


def test_ids_are_numbers_without_a_point_in_every_format(tmp_path: Path) -> None:
    given = gpd.GeoDataFrame({"id": [7.0, 8.0]}, geometry=gpd.points_from_xy([1, 2], [3, 4]), crs=4326)
    given.to_file(tmp_path / "a.gpkg")
    for stations in (
        check_stations(given),
        read_stations(tmp_path / "a.gpkg"),
        read_stations(write_xlsx(tmp_path / "a.xlsx", [["id", "lon", "lat"], [7.0, 1, 3], [8.0, 2, 4]])),
    ):
        assert stations["station_id"].tolist() == ["7", "8"]


def test_ids_that_stand_twice_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS, ROWS[0]])
    assert "in the rows in brackets: 'A1' (2, 5); make" in refusal(path)


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["店", "东", "北"], ["甲", 119.3, 33.2]])
    assert "no coordinate columns; the headings are 店, 东, 北: name them lon and lat" in refusal(path)
    stations = read_stations(path, columns={"lon": "东", "lat": "北", "name": "店"})
    assert stations["name"].tolist() == ["甲"]
    assert stations.geometry.x.tolist() == [119.3]
    assert "no column '西'; the headings are 店, 东, 北" in refusal(path, columns={"lon": "西"})


# --- sheets ------------------------------------------------------------------------------------


def test_the_first_sheet_with_places_is_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["本表由各镇填报"]], 名单=[HEADINGS, *ROWS])
    assert_the_three(read_stations(path))
    assert "no sheet '乡镇'; choose one of Sheet1, 名单" in refusal(path, sheet="乡镇")
    assert "no coordinate columns; the headings are 本表由各镇填报" in refusal(path, sheet="Sheet1")


def test_several_lists_in_one_workbook_are_said(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, *ROWS[:1]], 乡镇=[HEADINGS, *ROWS[1:]])
    with pytest.warns(InputWarning, match="Sheet1, 乡镇 all hold a list; Sheet1 was read"):
        assert len(read_stations(path)) == 1
    assert len(read_stations(path, sheet="乡镇")) == 2


def test_several_layers_in_one_geopackage_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame(ROWS[:1]).to_file(path, layer="town")
    frame(ROWS[1:]).to_file(path, layer="villages")
    with pytest.warns(InputWarning, match="layers town, villages; town was read"):
        assert len(read_stations(path)) == 1
    assert len(read_stations(path, sheet="villages")) == 2
    assert "no layer 'x'; choose one of town, villages" in refusal(path, sheet="x")


# --- coordinates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("119.3125", "33.25"),
        ("１１９．３１２５", "３３．２５"),
        ("119,3125", "33,25"),
        (" 119.3125°", "33.25° "),
        ("119°18'45\"E", "33°15'0\"N"),
        ("119°18′45″", "33°15′"),
        ("东经119度18分45秒", "北纬33度15分"),
        ("东经119.3125", "33.25N"),
        ("\u200e119.3125", "33.25\u200b"),
        ("1.193125e2", "+33.25"),
    ],
)
def test_numbers_however_they_are_written(tmp_path: Path, lon: str, lat: str) -> None:
    rows = [["lon", "lat"], [lon, lat]]
    for path in (write_csv(tmp_path / "a.csv", rows), write_xlsx(tmp_path / "a.xlsx", rows)):
        point = read_stations(path).geometry[0]
        assert point.coords[0] == pytest.approx((119.3125, 33.25), abs=1e-12)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("坐标", "119.3,33.2"),
        ("坐标", "33.2，119.3"),
        ("location", "[119.3, 33.2]"),
        ("经纬度", "119.3 33.2"),
        ("latlng", "(33.2; 119.3)"),
    ],
)
def test_both_coordinates_in_one_cell(tmp_path: Path, heading: str, cell: str) -> None:
    point = read_stations(write_csv(tmp_path / "a.csv", [["name", heading], ["a", cell]])).geometry[0]
    assert point.coords[0] == (119.3, 33.2)


def test_a_pair_that_could_be_either_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "坐标"], ["a", "8.6,41.1"]])
    assert "name it lonlat or latlon" in refusal(path)
    path = write_csv(tmp_path / "a.csv", [["name", "坐标"], ["a", "宝应县"]])
    assert "row 2: 坐标 is not a number (found '宝应县')" in refusal(path)


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ("", "", "row 3: no coordinates"),
        ("119.3", "", "row 3: no coordinates"),
        ("无", "-", "row 3: no coordinates"),
        ("0", "0", "row 3: no coordinates"),
        ("宝应县", "33.2", "row 3: lon is not a number (found '宝应县')"),
        ("119.3", "abc", "row 3: lat is not a number (found 'abc')"),
        ("nan", "33", "row 3: lon is not a number"),
        ("inf", "33", "row 3: lon is not a number"),
        ("119.3", "-Infinity", "row 3: lat is not a number"),
        ("1e400", "33", "row 3: lon is not a number"),
        ("119°75'", "33", "row 3: lon is not a number"),
        ("1.2.3", "33", "row 3: lon is not a number"),
        ("190", "91", "row 3: off the globe: lon 190, lat 91"),
        ("500123.5", "3679123.2", "projected metres"),
        ("33.2", "119.3", "row 3: latitude and longitude look swapped (found lon 33.2, lat 119.3)"),
    ],
)
def test_coordinates_that_cannot_be_used(tmp_path: Path, lon: str, lat: str, said: str) -> None:
    rows = [["name", "lon", "lat"], ["a", "119.1", "33.1"], ["b", lon, lat], ["c", "119.2", "33.2"]]
    assert said in refusal(write_csv(tmp_path / "a.csv", rows))
    assert said in refusal(write_xlsx(tmp_path / "a.xlsx", rows))


def test_swapped_columns_in_western_china_are_seen(tmp_path: Path) -> None:
    rows = [["name", "lon", "lat"], ["喀什", 39.47, 75.98], ["乌鲁木齐", 43.8, 87.6]]
    assert "look swapped" in refusal(write_csv(tmp_path / "a.csv", rows))
    swapped = gpd.GeoDataFrame(geometry=[shapely.Point(33.2, 119.3)], crs=4326)
    with pytest.raises(InputError, match="look swapped"):
        check_stations(swapped)


def test_many_rows_are_named_briefly(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "lon", "lat"], *([str(i), "", ""] for i in range(5000))])
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9 and 4,992 more: no coordinates" in refusal(path)


def test_totals_and_notes_are_left_out_and_said(tmp_path: Path) -> None:
    foot = [["合计", "3个", "", "", ""], ["注：数据截至2025年8月", "", "", "", ""]]
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS[:2], HEADINGS, ROWS[2], *foot])
    with pytest.warns(InputWarning, match="rows 4, 6, 7: left out: totals"):
        assert_the_three(read_stations(path))
    with pytest.warns(InputWarning, match="row 3: left out"):
        read_stations(write_csv(tmp_path / "b.csv", [["name", "lon", "lat"], ["a", 1, 2], ["Total:", "", ""]]))


def test_a_station_with_a_note_for_a_name_is_no_footnote(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "lon", "lat"], ["a", 1, 2], ["TotalEnergies", "", ""]])
    assert "row 3: no coordinates" in refusal(path)


# --- geometry ----------------------------------------------------------------------------------


def test_polygons_give_a_point_inside(tmp_path: Path) -> None:
    shape = shapely.Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)])
    given = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.Point(9, 9), shape], crs=4326)
    given.to_file(tmp_path / "a.geojson")
    with pytest.warns(InputWarning, match=r"row 2: not points \(1 Polygon\)"):
        stations = read_stations(tmp_path / "a.geojson")
    assert stations.geom_type.tolist() == ["Point", "Point"]
    assert shape.contains(stations.geometry[1])


def test_a_multipoint_of_one_is_a_point() -> None:
    given = gpd.GeoDataFrame(geometry=[shapely.MultiPoint([(1, 2)])], crs=4326)
    assert check_stations(given).geometry[0] == shapely.Point(1, 2)


def test_heights_are_left_off() -> None:
    given = gpd.GeoDataFrame(geometry=[shapely.Point(1, 2, 3)], crs=4326)
    assert not check_stations(given).geometry.has_z.any()


@pytest.mark.parametrize("shape", [None, shapely.Point()])
def test_a_station_that_lies_nowhere_is_refused(tmp_path: Path, shape: shapely.Point | None) -> None:
    given = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.Point(1, 2), shape], crs=4326)
    with pytest.raises(InputError, match="stations: row 2: no geometry"):
        check_stations(given)
    given.to_file(tmp_path / "a.gpkg")
    assert "row 2: no geometry" in refusal(tmp_path / "a.gpkg")


def test_a_file_without_crs_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="crs"):
        frame(crs=None).to_file(tmp_path / "a.gpkg")
    message = refusal(tmp_path / "a.gpkg", CRSError)
    assert "EPSG:4326" in message or "Assign Projection" in message


def test_a_shapefile_without_prj_is_refused(tmp_path: Path) -> None:
    frame().rename(columns={"站点编号": "ID", "站点名称": "NAME", "类别": "TYPE"}).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    assert "the .prj file is missing" in refusal(tmp_path / "a.shp", CRSError)


def test_a_geopackage_of_attributes_is_a_table(tmp_path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame(ROWS, columns=HEADINGS), tmp_path / "a.gpkg", driver="GPKG")
    assert_the_three(read_stations(tmp_path / "a.gpkg"))


# --- files that are no lists -------------------------------------------------------------------


def test_no_such_file(tmp_path: Path) -> None:
    message = refusal(tmp_path / "none.csv", MissingFileError)
    assert "there is no such file" in message
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b" \r\n\r\n", "empty"),
        ("a.csv", b"\xef\xbb\xbf", ""),
        ("a.csv", b",,,\n,,\n", "nothing stands"),
        ("a.csv", b"\xef\xbb\xbf ", "nothing stands"),
        ("a.csv", b"name,lon,lat\n", "nothing is listed"),
        ("a.csv", b"<!DOCTYPE html><html><body>404</body></html>", "a web page, not a table"),
        ("a.xls", b"\n<table><tr><td>lon</td></tr></table>", "a web page, not a table"),
        ("a.xml", b"<?xml version='1.0'?><root/>", "XML, not a table"),
        ("a.csv", b"name,lon,lat\na\x00b,1,2\n", "binary data"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "binary data"),
        ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x01\x02", "binary data"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not a workbook that can be read"),
        ("a.gpkg", b"SQLite format 3\x00" + bytes(200), "cannot be read"),
        ("a.parquet", b"PAR1" + bytes(100), "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', ""),
        ("a.json", b'{"rows": [1, 2]}', ""),
        ("a.json", b"[]", ""),
        ("a.shp", b"nothing of a Shapefile", "cannot be read"),
        ("a.csv", b"name,lon,lat\n\"a,1,2\nb,1,2\nc,1,2\n", "row 2 is never closed"),
        ("a.csv", b"name,lon,lat\n\"" + b"a" * 200_000 + b"\",1,2\n", "row 2 cannot be read"),
        ("a.csv", b"name,lon,lat\n\xff\xff\x81,1,2\n", "in none of utf-8, gb18030, big5"),
        ("a.csv", b"\xff\xfen\x00a\x00m", "in none of"),
        ("a.csv", b"hello world, this is a letter", "no coordinate columns"),
    ],
)  # fmt: skip
def test_files_that_are_no_lists(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert said in refusal(path)


def test_zip_files(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", "lon,lat\n1,2\n")
    assert "a zip file with list.csv in it; unpack it" in refusal(path, FormatError)


def test_a_damaged_workbook(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", [HEADINGS, *ROWS * 50]).read_bytes()
    path = tmp_path / "a.xlsx"
    for share in (0.1, 0.5, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert "damaged" in refusal(path, FormatError)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>")
    assert "not a workbook that can be read" in refusal(path, FormatError)


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    assert "nothing stands in the workbook" in refusal(write_xlsx(tmp_path / "a.xlsx", []), FormatError)


def test_a_stray_cell_in_the_last_corner_asks_for_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_string("XFD1048576", "x")
    assert "spans 16,384 columns and 1,048,576 rows" in refusal(path, FormatError)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(bytes(1_000_000))
    assert "unpacks to 400 MB" in refusal(path, FormatError)


def test_formula_cells_give_their_saved_value(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "lon", "lat"])
        sheet.write_string(1, 0, "a")
        sheet.write_formula(1, 1, "=100+19.5", value=119.5)
        sheet.write_formula(1, 2, "=1+32.25", value=33.25)
    assert read_stations(path).geometry[0] == shapely.Point(119.5, 33.25)


def test_text_stays_text_and_on_one_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "lon", "lat"], ["=cmd|' /C calc'!A0", 1, 2], ["a\r\n\tb", 3, 4]])
    assert read_stations(path)["name"].tolist() == ["=cmd|' /C calc'!A0", "a b"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx", ".xls", ".geojson", ".gpkg", ".shp"]))
def test_any_bytes_are_read_or_refused_in_one_line(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        refusal(path)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=4), max_size=6))
def test_any_cells_are_read_or_refused_in_one_line(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        text = io.StringIO(newline="")
        csv.writer(text).writerows([["lon", "lat"], *rows])
        path.write_bytes(text.getvalue().encode("utf-8", "replace"))
        message, stations = "", None
        try:
            stations = read_stations(path)
        except InputError as error:
            message = str(error)
    assert "\n" not in message
    assert stations is None or stations["station_id"].is_unique


# --- frames that someone made ------------------------------------------------------------------


def test_a_frame_is_filled_in_and_left_as_it_was() -> None:
    given = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500_000, 501_000], [3_680_000] * 2), crs=32650)
    before = given.copy()
    stations = check_stations(given)
    assert stations.columns.tolist() == ["station_id", "name", "category", "row", "geometry"]
    assert stations["station_id"].tolist() == ["1", "2"]
    assert stations["name"].tolist() == ["", ""]
    assert stations.crs == "EPSG:4326"
    pd.testing.assert_frame_equal(given, before)
    assert given.crs == before.crs


def test_a_frame_from_the_reader_passes_unchanged(tmp_path: Path) -> None:
    stations = read_stations(write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS]))
    pd.testing.assert_frame_equal(check_stations(stations), stations)
    assert check_stations(stations[1:])["row"].tolist() == [3, 4]


def test_frames_that_cannot_be_used() -> None:
    with pytest.raises(CRSError, match="stations: no coordinate system"):
        check_stations(frame(crs=None))
    with pytest.raises(InputError, match="nothing is listed"):
        check_stations(frame()[:0])
    with pytest.raises(InputError, match=r"ids stand twice, .*: 'A1' \(1, 2\)"):
        check_stations(frame([ROWS[0], ROWS[0]]))
    with pytest.raises(InputError, match="found DataFrame; give a GeoDataFrame"):
        check_stations(pd.DataFrame({"lon": [1]}))
    with pytest.raises(CRSError, match="no place on the globe"):
        check_stations(frame().set_crs('LOCAL_CS["site",UNIT["metre",1]]', allow_override=True))


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    rows = [[i, f"驿站{i}", 119 + i / 1e6, 33 + i / 1e6, "驿站"] for i in range(100_000)]
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *rows], "gb18030")
    stations = read_stations(path)
    assert len(stations) == 100_000
    assert stations["row"].iloc[-1] == 100_001


def test_own_columns_of_a_frame_go_and_come_back_by_id() -> None:
    """As the docstring of `analyze` says."""
    own = gpd.GeoDataFrame(
        {"id": ["a", "b"], "capacity": [12, 5], "budget": [1.5, 2.5]},
        index=["first", "second"],
        geometry=gpd.points_from_xy([119.3, 119.4], [33.2, 33.3]),
        crs=4326,
    )
    checked = check_stations(own)
    assert "budget" not in checked
    assert checked.index.tolist() == [0, 1]
    assert checked["capacity"].tolist() == ["12", "5"]
    merged = checked.merge(own[["id", "budget"]], left_on="station_id", right_on="id")
    assert merged["budget"].tolist() == [1.5, 2.5]
    assert check_stations(own.drop(columns="id"))["station_id"].tolist() == ["1", "2"]


def test_a_swapped_row_beside_another_fault_is_called_swapped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,119.3,33.2\n乙,33.2,119.3\n丙,,\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"row 3: off the globe: lon 33\.2, lat 119\.3 \(swapped\?\); exchange the two"
    ):
        read_stations(path, datum="gcj02")
