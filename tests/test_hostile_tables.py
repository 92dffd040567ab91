"""Broken and hostile files that look like lists: refused in one line or read, in bounded memory, never a traceback."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from test_stations import HEADINGS, ROWS, compound_file, frame, refusal, write_csv, write_xls, write_xlsx
from walkshed.errors import CRSError, FormatError, InputError, InputWarning
from walkshed.inputs import read_stations
from walkshed.inputs.biff import widest_span
from walkshed.inputs.compound import stream_of

MAX_MEMORY_MB = 1000

# The peak that the system keeps may be the parent's: so the child looks at its own memory, every few milliseconds.
READ = """
import sys, threading, time, warnings
warnings.simplefilter("ignore")
most = 0
def watch():
    global most
    while True:
        status = open("/proc/self/status", encoding="utf-8").read()
        most = max(most, int(status.split("VmRSS:")[1].split()[0]) // 1024)
        time.sleep(0.005)
threading.Thread(target=watch, daemon=True).start()
from walkshed.errors import InputError
from walkshed.inputs import read_stations
try:
    print(len(read_stations(sys.argv[1])), "read")
except InputError as error:
    print("refused:", error)
print(most)
"""


def read_apart(path: Path) -> tuple[str, int]:
    """Read in a process of its own: what it said in one line, and the most memory it took, MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the most memory a process took is read from /proc, which this system lacks")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said, memory = done.stdout.splitlines()
    return said, int(memory)


def rezip(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Copy a zip file with its parts changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def sheet_xml(path: Path, rows: str) -> Path:
    """Write a workbook whose sheet is this XML."""
    whole = write_xlsx(path.with_name("whole.xlsx"), [HEADINGS])
    head = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    text = f"{head}{rows}</sheetData></worksheet>".encode()
    return rezip(whole, path, lambda name, part: text if name.endswith("sheet1.xml") else part)


def declared_xlsx(folder: Path) -> Path:
    whole = write_xlsx(folder / "whole.xlsx", [HEADINGS, *ROWS])
    sheet = (b'ref="A1:E4"', b'ref="A1:XFD1048576"')
    return rezip(whole, folder / "a.xlsx", lambda name, part: part.replace(*sheet) if "sheet1" in name else part)


def stray_xlsx(folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_string("XFD1048576", "x")
    return folder / "a.xlsx"


def unplaced_xlsx(folder: Path) -> Path:
    """Cells that say no place stand next to the one before: in the last row of a wide sheet."""
    wide = "<c><v>1</v></c>" * 16_000
    return sheet_xml(folder / "a.xlsx", f'<row r="1">{wide}</row><row r="1048576"><c><v>1</v></c></row>')


def small_letters_xlsx(folder: Path) -> Path:
    return sheet_xml(folder / "a.xlsx", '<row r="1"><c r="xfd1048576"><v>1</v></c><c r="a1"><v>1</v></c></row>')


def dense_xlsx(folder: Path) -> Path:
    row = "<row>" + "<c><v>1</v></c>" * 1000 + "</row>"
    return sheet_xml(folder / "a.xlsx", row * 9000)


def bomb_xlsx(folder: Path) -> Path:
    whole = write_xlsx(folder / "whole.xlsx", [HEADINGS, *ROWS])
    zeros = bytes(350_000_000)
    return rezip(whole, folder / "a.xlsx", lambda name, part: zeros if name.endswith("sharedStrings.xml") else part)


def lying_bomb_xlsx(folder: Path) -> Path:
    """A bomb whose part says in the archive's directory that it is small."""
    path = bomb_xlsx(folder)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/sharedStrings.xml").file_size
    for at in range(len(raw) - 4):
        if raw[at : at + 4] == struct.pack("<I", size):
            raw[at : at + 4] = struct.pack("<I", 1000)
    path.write_bytes(raw)
    return path


def corner_xls(folder: Path) -> Path:
    """One damaged record places a cell in row 65,535 and column 65,535."""
    path = write_xls(folder / "a.xls", [HEADINGS, *ROWS])
    raw = bytearray(path.read_bytes())
    struct.pack_into("<HH", raw, raw.rfind(struct.pack("<HH", 0x203, 14)) + 4, 65535, 65535)
    path.write_bytes(raw)
    return path


def declared_xls(folder: Path) -> Path:
    """The sheet's own record of its dimensions says 4,294,967,295 rows."""
    sheet = struct.pack("<HH4HII", 0x809, 16, 0x600, 16, 0xDBB, 0x7CC, 0x41, 6)
    sheet += struct.pack("<HHIIHHH", 0x200, 14, 0, 0xFFFFFFFF, 0, 65535, 0) + struct.pack("<HH", 0x0A, 0)
    start = struct.pack("<HH4HII", 0x809, 16, 0x600, 5, 0xDBB, 0x7CC, 0x41, 6)
    label = struct.pack("<HHIBBBB", 0x85, 9, len(start) + 17, 0, 0, 1, 0) + b"a"
    (folder / "a.xls").write_bytes(compound_file("Workbook", start + label + struct.pack("<HH", 0x0A, 0) + sheet))
    return folder / "a.xls"


def bomb_kmz(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b" " * 400_000_000)
    return folder / "a.kmz"


def long_parquet(folder: Path) -> Path:
    part = pa.Table.from_pandas(pd.DataFrame({"name": "a", "lon": np.ones(1_000_000)}))
    with pq.ParquetWriter(folder / "a.parquet", part.schema) as file:
        for _ in range(20):
            file.write_table(part)
    return folder / "a.parquet"


def big_geojson(folder: Path) -> Path:
    with (folder / "a.geojson").open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [' + " " * 101_000_000 + "]}")
    return folder / "a.geojson"


def long_cell_csv(folder: Path) -> Path:
    return write_csv(folder / "a.csv", [["name", "lon", "lat"], ["驿" * 10_000_000, 1, 2]])


def long_cell_xlsx(folder: Path) -> Path:
    return sheet_xml(
        folder / "a.xlsx",
        '<row r="1"><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>lon</t></is></c>'
        '<c t="inlineStr"><is><t>lat</t></is></c></row>'
        f'<row r="2"><c t="inlineStr"><is><t>{"x" * 10_000_000}</t></is></c><c><v>1</v></c><c><v>2</v></c></row>',
    )


def long_cell_geojson(folder: Path) -> Path:
    feature = {"type": "Feature", "properties": {"name": "x" * 10_000_000}}
    feature |= {"geometry": {"type": "Point", "coordinates": [1, 2]}}
    path = folder / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def long_heading_csv(folder: Path) -> Path:
    return write_csv(folder / "a.csv", [["x" * 130_000] * 50, ["1"] * 50])


def many_rows_xlsx(folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "a.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADINGS, "开放时间"])
        for i in range(100_000):
            sheet.write_row(i + 1, 0, [i, f"驿站{i}", 119 + i / 1e6, 33 + i / 1e6, "驿站", "8:00-18:00"])
    return folder / "a.xlsx"


def many_points(count: int) -> gpd.GeoDataFrame:
    x = np.arange(count) / count
    return gpd.GeoDataFrame(
        {"name": "驿站"}, index=range(count), geometry=gpd.points_from_xy(119 + x, 33 + x, crs=4326)
    )


def too_many_rows_gpkg(folder: Path) -> Path:
    many_points(500_001).to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


def many_rows_fgb(folder: Path) -> Path:
    many_points(500_000).to_file(folder / "a.fgb", driver="FlatGeobuf")
    return folder / "a.fgb"


def too_many_rows_csv(folder: Path) -> Path:
    (folder / "a.csv").write_text("name,lon,lat\n" + "a,119.3,33.2\n" * 600_000, encoding="utf-8")
    return folder / "a.csv"


def outlines(megabytes: int) -> gpd.GeoDataFrame:
    """Ten outlines of so many vertices that they take this much."""
    turn = np.linspace(0, 2 * np.pi, megabytes * 6250)
    rings = [shapely.Polygon(np.column_stack((np.cos(turn), np.sin(turn)))) for _ in range(10)]
    return gpd.GeoDataFrame({"name": "a"}, index=range(10), geometry=rings, crs=4326)


def fine_outlines_gpkg(folder: Path) -> Path:
    outlines(95).to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


def too_fine_outlines_gpkg(folder: Path) -> Path:
    outlines(105).to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


def repeated_outlines_parquet(folder: Path) -> Path:
    """Equal outlines, stored once and read ten times."""
    outlines(300).to_parquet(folder / "a.parquet")
    assert (folder / "a.parquet").stat().st_size < 50_000_000
    return folder / "a.parquet"


def dense_kml(folder: Path) -> Path:
    place = "<Placemark><name>a</name><Point><coordinates>119.3,33.2</coordinates></Point></Placemark>"
    whole = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{place * 500_000}</Document></kml>'
    (folder / "a.kml").write_text(whole, encoding="utf-8")
    return folder / "a.kml"


HEAVY: dict[Callable[[Path], Path], str] = {
    declared_xlsx: "3 read",
    stray_xlsx: "spans 16,384 columns and 1,048,576 rows; delete what stands far off",
    unplaced_xlsx: "spans 16,000 columns and 1,048,576 rows",
    small_letters_xlsx: "spans 16,384 columns and 1,048,576 rows",
    dense_xlsx: "spans 1,000 columns and 9,000 rows",
    bomb_xlsx: "unpacks to 350 MB or more, too much for a list",
    lying_bomb_xlsx: "refused: a.xlsx: ",
    corner_xls: "spans 65,536 columns and 65,536 rows",
    declared_xls: "spans 65,535 columns and 4,294,967,295 rows",
    bomb_kmz: "unpacks to 400 MB or more",
    long_parquet: "2 columns of 20,000,000 rows, more than memory bears",
    big_geojson: "101 MB of text, more than 100; convert it to GeoPackage",
    long_cell_csv: "row 2 cannot be read (field larger than field limit (131072)); shorten the cell",
    long_cell_xlsx: "row 2: 'name' holds 10,000,000 characters, and 32,767 are the most; shorten it",
    long_cell_geojson: "refused: a.geojson: cannot be read (Failed to read GeoJSON data",
    long_heading_csv: "no coordinate columns",
    many_rows_xlsx: "100000 read",
    too_many_rows_gpkg: "2 columns of 500,001 rows, more than memory bears; cut out the area's rows",
    many_rows_fgb: "500000 read",
    too_many_rows_csv: "more than 500,000 rows",
    fine_outlines_gpkg: "10 read",
    too_fine_outlines_gpkg: "105 MB of shapes and text, more than 100",
    repeated_outlines_parquet: "300 MB of shapes and text, more than 100",
    dense_kml: "45 MB of shapes and text, more than 40",
}


@pytest.mark.slow
@pytest.mark.parametrize("make", HEAVY, ids=lambda make: make.__name__)
def test_memory_is_bounded(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    said, memory_mb = read_apart(make(tmp_path))
    assert HEAVY[make] in said
    assert len(said) < 1200
    assert memory_mb < MAX_MEMORY_MB


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "1#INF", "#DIV/0!", "#N/A"])
def test_coordinates_that_are_no_numbers_name_their_row(tmp_path: Path, value: str) -> None:
    for rows in (
        [["name", "lon", "lat"], ["a", 1, 2], ["b", value, 2]],
        [["name", "坐标"], ["a", "119,2"], ["b", f"{value},33"]],
    ):
        assert "row 3" in refusal(write_csv(tmp_path / "a.csv", rows))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["a.gpkg", "a.parquet"])
def test_layers_with_points_off_all_numbers(tmp_path: Path, value: float, name: str) -> None:
    points = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.Point(1, 2), shapely.Point(value, 2)], crs=4326)
    if name.endswith("parquet"):
        points.to_parquet(tmp_path / name)
    else:
        points.to_file(tmp_path / name)
    assert "row 2" in refusal(tmp_path / name)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "null", '"119"'])
def test_json_with_what_is_no_number(tmp_path: Path, number: str) -> None:
    point = '{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Point", "coordinates": [{}, 2]}}}}'
    text = f'{{"type": "FeatureCollection", "features": [{point.format(1)}, {point.format(number)}]}}'
    (tmp_path / "a.geojson").write_text(text, encoding="utf-8")
    message = refusal(tmp_path / "a.geojson")
    assert "row 2" in message or "cannot be read" in message


def test_formulas_without_a_saved_value_lie_nowhere(tmp_path: Path) -> None:
    cells = '<c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c>'
    head = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>' for c, t in zip("ABC", ("name", "lon", "lat"), strict=True)
    )
    second = cells.format(2, "a") + '<c r="B2"><f>100+19.5</f></c><c r="C2"><v>33</v></c>'
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{head}</row><row r="2">{second}</row>')
    assert "row 2: no coordinates" in refusal(path)


def test_formula_errors_lie_nowhere(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "lon", "lat"])
        sheet.write_row(1, 0, ["a", 119.5])
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
    assert "row 2: no coordinates" in refusal(tmp_path / "a.xlsx")


@pytest.mark.parametrize("at", [3, 20_000])
def test_a_null_byte_is_named(tmp_path: Path, at: int) -> None:
    raw = ("name,lon,lat\n" + "驿站,1,2\n" * 3000).encode()
    (tmp_path / "a.csv").write_bytes(raw[:at] + b"\0" + raw[at:])
    message = refusal(tmp_path / "a.csv", FormatError)
    assert "binary data" in message
    assert at < 8192 or f"line {raw[:at].count(10) + 1}" in message


def test_a_null_character_in_a_workbook_or_geojson(tmp_path: Path) -> None:
    rows = '<row r="1"><c t="str"><v>name</v></c><c t="str"><v>lon</v></c><c t="str"><v>lat</v></c></row>'
    rows += '<row r="2"><c t="str"><v>a&#0;b</v></c><c><v>1</v></c><c><v>2</v></c></row>'
    read_or_refuse(sheet_xml(tmp_path / "a.xlsx", rows))
    path = tmp_path / "a.geojson"
    text = json.dumps(
        {"type": "Feature", "properties": {"name": "a\0b"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    )
    path.write_text(text, encoding="utf-8")
    read_or_refuse(path)


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\udc00b"', '"\\ud83d\\ude00"'])
def test_lone_surrogates_in_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        f'{{"type": "Feature", "properties": {{"name": {text}}}, "geometry": {{"type": "Point", "coordinates": [1, 2]}}}}',
        encoding="utf-8",
    )
    read_or_refuse(path)


def test_lone_surrogates_in_text_and_frames(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name,lon,lat\n" + "驿\ud800站".encode("utf-8", "surrogatepass") + b",1,2\n")
    read_or_refuse(tmp_path / "a.csv")
    utf16 = "name,lon,lat\na\ud800b,1,2\n".encode("utf-16", "surrogatepass")
    (tmp_path / "b.csv").write_bytes(utf16)
    read_or_refuse(tmp_path / "b.csv")


def read_or_refuse(path: Path) -> None:
    try:
        stations = read_stations(path)
    except InputError as error:
        assert path.name in str(error)
        assert "\n" not in str(error)
        str(error).encode("utf-8")
    else:
        "".join(stations["name"]).encode("utf-8")


# --- files that are something else -------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html>\n<html>", "\ufeff<html><table>", "<!-- x --><html>", "<TABLE border=1>"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsx", "a.geojson"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_web_page_by_any_name(tmp_path: Path, page: str, name: str, encoding: str) -> None:
    (tmp_path / name).write_text(page + "<tr><td>名称</td><td>经度</td></tr>", encoding=encoding)
    assert "a web page, not a table; open it in a spreadsheet program" in refusal(tmp_path / name, FormatError)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/workbook.bin", "an XLSB workbook"),
        ("content.xml", "an OpenDocument file"),
        ("word/document.xml", "a Word document"),
    ],
)
def test_other_office_files(tmp_path: Path, part: str, kind: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(part, "x")
    assert f"{kind}; save the list as XLSX or CSV" in refusal(tmp_path / "a.xlsx", FormatError)


def test_damaged_deflate(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, *ROWS])
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    raw[start + 60 : start + 90] = bytes(range(200, 230))
    path.write_bytes(raw)
    assert "damaged" in refusal(path, FormatError)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_old_workbook_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = write_xls(tmp_path_factory.mktemp("xls") / "a.xls", [HEADINGS, *ROWS])
    raw = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    columns, rows = widest_span(bytes(raw))
    assert columns >= 0
    assert rows >= 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_any_compound_file_is_walked_to_its_end(content: bytes) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
    for raw in (head + content, head + bytes(38) + content):
        found = stream_of(raw, ("Workbook",))
        assert found is None or len(found) <= len(raw)


def test_the_stream_is_what_was_put_in() -> None:
    content = bytes(range(256)) * 40
    found = stream_of(compound_file("Workbook", content), ("workbook", "Book"))
    assert found is not None
    assert found[: len(content)] == content
    assert stream_of(compound_file("Other", content), ("Workbook",)) is None


# --- well-known text ---------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["wkt", "WKT", "the_geom", "几何", "geometry"])
def test_places_as_well_known_text(tmp_path: Path, heading: str) -> None:
    path = write_csv(
        tmp_path / "a.csv", [["name", heading], ["a", "POINT (119.3 33.2)"], ["b", "SRID=4326;POINT Z (1 2 3)"]]
    )
    stations = read_stations(path)
    assert [p.coords[0] for p in stations.geometry] == [(119.3, 33.2), (1.0, 2.0)]


def test_well_known_text_in_another_system(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["wkt"], ["SRID=32650;POINT (500000 3680000)"]])
    assert read_stations(path).geometry.x[0] == pytest.approx(117.0, abs=1e-9)


def test_numbers_go_before_well_known_text(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["wkt", "lon", "lat"], ["POINT (1 2)", 3, 4]])
    assert read_stations(path).geometry[0].coords[0] == (3.0, 4.0)
    only = write_csv(tmp_path / "b.csv", [["wkt", "lon"], ["POINT (1 2)", 3]])
    assert read_stations(only).geometry[0].coords[0] == (1.0, 2.0)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("POINT (x)", "row 2: wkt is no well-known text (found 'POINT (x)'); write it as POINT"),
        ("POINT EMPTY", "row 2: no geometry"),
        ("", "no geometry"),
        ("POINT (inf 2)", "row 2: off the globe"),
        ("POINT (nan nan)", "row 2"),
        ("POINT (33.2 119.3)", "look swapped"),
        ("GEOMETRYCOLLECTION EMPTY", "row 2: no geometry"),
        ("POINT (" * 10_000, "row 2"),
    ],
)
def test_well_known_text_that_cannot_be_used(tmp_path: Path, cell: str, said: str) -> None:
    assert said in refusal(write_csv(tmp_path / "a.csv", [["name", "wkt"], ["a", cell]]))


def test_systems_that_there_are_not(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["wkt"], ["SRID=999999;POINT (1 2)"]])
    assert "there is no coordinate system EPSG:999999" in refusal(path, CRSError)
    path = write_csv(tmp_path / "a.csv", [["wkt"], ["SRID=4490;POINT (1 2)"], ["SRID=4326;POINT (1 2)"]])
    assert "several coordinate systems (SRID 4326, 4490)" in refusal(path, CRSError)


def test_a_shapefile_zipped_without_its_encoding_says_so(tmp_path: Path) -> None:
    short = frame().rename(columns={"站点编号": "ID", "站点名称": "NAME", "类别": "TYPE"})
    short.to_file(tmp_path / "a.shp", encoding="gb18030")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(tmp_path.glob("a.*")):
            if part.suffix not in {".cpg", ".zip"}:
                archive.write(part, f"导出/{part.name}")
    with pytest.warns(InputWarning, match="no .cpg file.*read as gb18030"):
        assert read_stations(path)["name"].tolist() == [r[1] for r in ROWS]


def test_zlib_is_what_unpacks() -> None:
    """The guard counts with zlib what the reader's own library unpacks: both must mean raw deflate."""
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(bytes(1000)) + packer.flush()
    assert len(zlib.decompressobj(-15).decompress(raw)) == 1000
