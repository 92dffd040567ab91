"""The cleaned list: the user's own columns, in WGS 84, never a formula, whole or not at all."""

from __future__ import annotations

import csv
import tempfile
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import walkshed as ws
from walkshed.cli import main
from walkshed.errors import InputError, OutputError
from walkshed.inputs.datum import from_wgs84
from walkshed.output.checkfix import ADDED, cleaned, write_cleaned
from walkshed.project import Study, check_study

ENDINGS = ("xlsx", "csv", "geojson", "gpkg")

LIST = """驿站一览表,,,,,
编号,名称,经度,纬度,备注,电话
A1,城南驿站,"119°18'45""E",33°15'0"N,=1+1,0514-88
A2,城北驿站,１１９．４,33.3,@SUM(A1),-5
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("gbk"))
    return path


def fixed(path: Path, ending: str) -> Path:
    out = path.parent / f"cleaned.{ending}"
    write_cleaned(check_study(Study(stations=path)), out)
    return out


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_reads_back_as_it_was_understood(listed: Path, ending: str) -> None:
    again = ws.read_stations(fixed(listed, ending))
    assert again["station_id"].tolist() == ["A1", "A2"]
    assert again["name"].tolist() == ["城南驿站", "城北驿站"]
    np.testing.assert_allclose(again.geometry.x, [119.3125, 119.4], atol=1e-7)
    np.testing.assert_allclose(again.geometry.y, [33.25, 33.3], atol=1e-7)
    # Degrees in words are no warning's worth the second time.
    assert check_study(Study(stations=fixed(listed, ending))).warnings == 0


def test_own_columns_keep_their_order_and_content(listed: Path) -> None:
    rows = list(csv.reader(fixed(listed, "csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["编号", "名称", "经度", "纬度", "备注", "电话", *ADDED]
    assert rows[1][:4] == ["A1", "城南驿站", "119°18'45\"E", "33°15'0\"N"]
    assert rows[1][6:] == ["A1", "119.3125", "33.25", "WGS 84", "read"]
    assert len(rows) == 3


def test_csv_has_the_mark_and_no_formula(listed: Path) -> None:
    raw = fixed(listed, "csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert [r[4:6] for r in rows[1:]] == [["'=1+1", "0514-88"], ["'@SUM(A1)", "-5"]]


def test_a_workbook_has_text_and_no_formula(listed: Path) -> None:
    sheet = openpyxl.load_workbook(fixed(listed, "xlsx")).active
    assert [c.data_type for row in sheet.iter_rows(min_row=2, min_col=5, max_col=6) for c in row] == ["s"] * 4
    assert sheet.cell(2, 5).value == "=1+1"
    assert sheet.cell(2, 8).value == 119.3125


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["名称", "经度", "纬度", "面积", "电话"])
        book.worksheets()[0].write_row(1, 0, ["a", 119.3, 33.2, 12.5])
        book.worksheets()[0].write_string(1, 4, "0012")
    sheet = openpyxl.load_workbook(fixed(tmp_path / "a.xlsx", "xlsx")).active
    assert [c.value for c in sheet[2]][3:5] == [12.5, "0012"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_headings_that_clash(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'station_id,LON,lat,status,fid,geom,geometry,,名称,名称\n7,"119,5",33.25,open,1,g,h,x,甲,乙\n', encoding="utf-8"
    )
    out = fixed(path, ending)
    again = ws.read_stations(out)
    assert again["station_id"].tolist() == ["7"]
    assert again["name"].tolist() == ["甲"]
    assert again.geometry[0].coords[0] == (119.5, 33.25)
    table = cleaned(check_study(Study(stations=path)))
    assert list(table)[:5] == ["station_id", "LON_original", "lat", "status_original", "fid"]
    assert len({c.casefold() for c in table}) == table.shape[1]
    assert table["LON_original"].tolist() == ["119,5"]
    assert table["column_8"].tolist() == ["x"]


def test_own_columns_that_are_what_would_be_added_stay_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lon,lat,备注,station_id\n119.5,33.25,x,7\n", encoding="utf-8")
    assert fixed(path, "csv").read_text(encoding="utf-8-sig").splitlines() == [
        "lon,lat,备注,station_id,datum,status",
        "119.5,33.25,x,7,WGS 84,read",
    ]


def test_a_datum_that_nobody_told_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lon,lat\n119.5,33.25\n", encoding="utf-8")
    with pytest.raises(InputError, match="its datum is auto and no streets are given"):
        write_cleaned(check_study(Study(stations=path, datum="auto")), tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.parametrize("datum", ["auto", "gcj02"])
def test_a_shifted_list_is_written_in_wgs84(tmp_path: Path, datum: str) -> None:
    county = ws.demo_county()
    stations = ws.read_stations(county.stations)
    x, y = from_wgs84(np.c_[stations.geometry.x, stations.geometry.y], "gcj02").T
    listed = pd.DataFrame({"编号": stations["station_id"], "经度": x, "纬度": y})
    listed.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    write_cleaned(
        check_study(Study(stations=tmp_path / "a.csv", streets=county.streets, datum=datum)), tmp_path / "b.xlsx"
    )
    again = ws.read_stations(tmp_path / "b.xlsx")
    np.testing.assert_allclose(again.geometry.x, stations.geometry.x, atol=1e-7)
    np.testing.assert_allclose(again.geometry.y, stations.geometry.y, atol=1e-7)


def test_the_projected_list_is_written_in_degrees(tmp_path: Path) -> None:
    points = gpd.points_from_xy([500_000, 501_000], [3_680_000] * 2)
    gpd.GeoDataFrame({"名称": ["a", "b"]}, geometry=points, crs=32650).to_file(tmp_path / "a.gpkg")
    again = ws.read_stations(fixed(tmp_path / "a.gpkg", "geojson"))
    assert again.crs == "EPSG:4326"
    assert again.geometry.x[0] == pytest.approx(117.0, abs=1e-6)


def test_status_says_who_was_used(tmp_path: Path) -> None:
    county = ws.demo_county()
    checked = check_study(
        Study(stations=county.stations, streets=county.streets, area=county.town, categories=("爱心驿站",))
    )
    write_cleaned(checked, tmp_path / "a.csv")
    table = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig")
    assert table["status"].value_counts().to_dict() == checked.status
    assert set(table["类别"]) == {"爱心驿站"}
    assert (table["编号"] == table["station_id"]).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20),
            st.text("=+-@'\"，,;<1", max_size=8),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_is_text(cells: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["备注", "别的", "lon", "lat"], *([a, b, 1.5, 2.5] for a, b in cells)])
        checked = check_study(Study(stations=path))
        for ending in ENDINGS:
            write_cleaned(checked, path.with_name(f"b.{ending}"))
        sheet = openpyxl.load_workbook(path.with_name("b.xlsx")).active
        assert not any(c.data_type == "f" for row in sheet.iter_rows() for c in row)
        rows = list(csv.reader(path.with_name("b.csv").read_text(encoding="utf-8-sig").splitlines()))
        own = [cell for row in rows for cell in row[:-4]]
        assert not any(cell.startswith(("=", "@")) for cell in own)
        assert len(ws.read_stations(path.with_name("b.gpkg"))) == len(cells)


# --- whole or not at all -----------------------------------------------------------------------


def test_another_ending_is_refused(listed: Path) -> None:
    with pytest.raises(OutputError, match=r"found the ending '\.doc'; choose one of \.xlsx, \.csv"):
        fixed(listed, "doc")


def test_a_failure_leaves_the_old_file(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = fixed(listed, "csv")
    before = out.read_bytes()

    def fail(self: object, rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("walkshed.output.checkfix._harmless", fail)
    monkeypatch.setattr("walkshed.output.checkfix.csv.writer", lambda *a, **k: type("W", (), {"writerow": fail})())
    with pytest.raises(OutputError, match="the disk is full"):
        fixed(listed, "csv")
    assert out.read_bytes() == before
    assert sorted(p.name for p in listed.parent.iterdir()) == ["cleaned.csv", "list.csv"]


def test_more_rows_than_a_sheet_holds(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walkshed.output.checkfix.MAX_ROWS", 2)
    with pytest.raises(OutputError, match=r"2 rows, of which Excel holds 1; write \.csv"):
        fixed(listed, "xlsx")
    assert not (listed.parent / "cleaned.xlsx").exists()


def test_the_command(listed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = listed.parent / "c" / "cleaned.gpkg"
    with pytest.raises(SystemExit) as stop:
        main(["check", str(listed), "--fix", str(out), "--json"])
    assert stop.value.code == 0
    assert str(out) in capsys.readouterr().err
    assert len(gpd.read_file(out)) == 2


def test_a_cleaned_list_names_its_datum_and_a_second_conversion_is_warned_of(tmp_path: Path) -> None:
    for ending in ENDINGS:
        write_cleaned(
            check_study(Study(stations=ws.demo_county().stations_gcj02, datum="gcj02")), tmp_path / f"b.{ending}"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ws.read_stations(tmp_path / f"b.{ending}")
        with pytest.warns(ws.InputWarning, match="the column datum speaks of WGS 84"):
            ws.read_stations(tmp_path / f"b.{ending}", datum="gcj02")
