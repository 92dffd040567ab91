"""Head counts at points and in polygons."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from walkshed.errors import CRSError, InputError, InputWarning, MissingFileError
from walkshed.inputs import check_people, read_people


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def points(population: list[object], crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    shapes = gpd.points_from_xy(119 + np.arange(len(population)) / 100, np.full(len(population), 33.2))
    return gpd.GeoDataFrame({"population": population}, geometry=shapes, crs=crs)


@pytest.mark.parametrize("heading", ["population", "People", "POP", "人口", "人口数", "常住人口（人）", "total_pop"])
def test_headings_of_head_counts(tmp_path: Path, heading: str) -> None:
    people = read_people(write(tmp_path / "a.csv", f"id,经度,纬度,{heading}\n1,119.3,33.2,12\n2,119.4,33.3,0.5\n"))
    assert people["population"].tolist() == [12.0, 0.5]
    assert people["population"].dtype == np.float64
    assert people.crs == "EPSG:4326"
    assert people.geometry[0] == shapely.Point(119.3, 33.2)


@pytest.mark.parametrize(
    ("cell", "count"), [("1,234", 1234), ('"1,234,567.5"', 1234567.5), ("１２", 12), ("1e3", 1000), (" 7 ", 7)]
)
def test_numbers_however_they_are_written(tmp_path: Path, cell: str, count: float) -> None:
    people = read_people(write(tmp_path / "a.csv", f"lon\tlat\tpop\n1\t2\t{cell}\n"))
    assert people["population"].tolist() == [count]


def test_the_column_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "lon,lat,POP2000,jobs\n1,2,3,4\n")
    with pytest.raises(InputError, match=r"headings are lon, lat, POP2000, jobs.*--people-column"):
        read_people(path)
    assert read_people(path, column="jobs")["population"].tolist() == [4.0]
    with pytest.raises(InputError, match="no column 'x'"):
        read_people(path, column="x")


@pytest.mark.parametrize("bad", ["-1", "many", "inf", "-inf", "1.2.3", "12,34", "about 5"])
def test_counts_that_cannot_be_used(tmp_path: Path, bad: str) -> None:
    path = write(tmp_path / "a.csv", f'lon,lat,pop\n1,2,3\n1,2,"{bad}"\n')
    with pytest.raises(InputError, match=r"a\.csv: row 3: found .* for a head count; give numbers of 0 or more"):
        read_people(path)


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "无", "-"])
def test_rows_without_a_count_have_none_and_are_said(tmp_path: Path, missing: str) -> None:
    path = write(tmp_path / "a.csv", f"lon,lat,pop\n1,2,3\n1,2,{missing}\n")
    with pytest.warns(InputWarning, match="row 3: without a head count: taken as 0"):
        assert read_people(path)["population"].tolist() == [3.0, 0.0]
    with pytest.raises(InputError, match="no row has a head count"):
        read_people(write(tmp_path / "b.csv", f"lon,lat,pop\n1,2,{missing}\n"))


def test_the_total_at_the_foot_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [["人口统计表"], ["名称", "经度", "纬度", "人口"], ["甲", 119, 33, 5], ["乙", 119, 34, 6]]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([*rows, ["合计", "", "", 11]]):
            sheet.write_row(i, 0, row)
    with pytest.warns(InputWarning, match="row 5: left out"):
        assert read_people(path)["population"].sum() == 11.0


@pytest.mark.parametrize(
    ("name", "driver"), [("a.geojson", "GeoJSON"), ("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile")]
)
def test_map_layers_of_points_and_polygons(tmp_path: Path, name: str, driver: str) -> None:
    given = points([1, 2, 3]).to_crs(32650).rename(columns={"population": "pop"})
    given.to_file(tmp_path / name, driver=driver)
    people = read_people(tmp_path / name)
    assert people["population"].tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_allclose(people.geometry.x, [119.0, 119.01, 119.02], atol=1e-6)
    given.set_geometry(given.buffer(50)).to_file(tmp_path / name, driver=driver)
    assert set(read_people(tmp_path / name).geom_type) == {"Polygon"}


def test_points_and_polygons_are_not_mixed() -> None:
    mixed = points([1, 2])
    mixed.loc[1, "geometry"] = shapely.box(119, 33, 120, 34)
    with pytest.raises(InputError, match="polygons and other shapes are mixed"):
        check_people(mixed)


def test_invalid_polygons_are_mended_and_said() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    given = gpd.GeoDataFrame({"people": [5]}, geometry=[bow_tie], crs=4326)
    with pytest.warns(InputWarning, match="row 1: invalid"):
        assert check_people(given).is_valid.all()


def test_a_frame_is_checked_and_left_as_it_was() -> None:
    given = points([1.5, 2.5]).to_crs(32650)
    before = given.copy()
    people = check_people(given)
    assert people.columns.tolist() == ["population", "geometry"]
    assert people.crs == "EPSG:4326"
    pd.testing.assert_frame_equal(given, before)
    pd.testing.assert_frame_equal(check_people(people), people)


def test_frames_that_cannot_be_used() -> None:
    with pytest.raises(CRSError, match="people: no coordinate system"):
        check_people(points([1], crs=None))
    with pytest.raises(InputError, match="nothing is listed"):
        check_people(points([1])[:0])
    with pytest.raises(InputError, match="row 2: found '-1' for a head count"):
        check_people(points([1, -1]))
    with pytest.raises(InputError, match="found 'inf'"):
        check_people(points([1.0, np.inf]))
    with pytest.warns(InputWarning, match="row 2: without a head count"):
        check_people(points([1.0, np.nan]))
    with pytest.raises(InputError, match="people: found list"):
        check_people([1])


def test_places_are_checked_as_those_of_stations(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 2: no coordinates"):
        read_people(write(tmp_path / "a.csv", "lon,lat,pop\n,,3\n"))
    with pytest.raises(InputError, match="no coordinate columns; the headings are a, pop"):
        read_people(write(tmp_path / "a.csv", "a,pop\n1,3\n"))
    with pytest.raises(MissingFileError):
        read_people(tmp_path / "none.csv")


@given(st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=20))
def test_no_one_is_lost(population: list[float]) -> None:
    assert check_people(points(population))["population"].tolist() == population


HEXAGONS = ["8a3180d8cc47fff", "8a3180d8cc57fff", "8A3180D8CC4FFFF"]


@pytest.mark.parametrize("heading", ["h3", "hex_id", "GEOID", "H3 index"])
def test_rows_of_h3_cells_lie_at_their_centres(tmp_path: Path, heading: str) -> None:
    h3 = pytest.importorskip("h3")
    rows = "".join(f"{h},{i}\n" for i, h in enumerate(HEXAGONS, start=1))
    people = read_people(write(tmp_path / "a.csv", f"{heading},pop\n{rows}"))
    assert people["population"].tolist() == [1.0, 2.0, 3.0]
    assert people.crs == "EPSG:4326"
    found = [(y, x) for x, y in shapely.get_coordinates(people.geometry)]
    np.testing.assert_allclose(found, [h3.cell_to_latlng(h.lower()) for h in HEXAGONS])


def test_coordinates_go_before_h3_cells(tmp_path: Path) -> None:
    people = read_people(write(tmp_path / "a.csv", f"h3,lon,lat,pop\n{HEXAGONS[0]},119.3,33.2,5\n"))
    assert people.geometry[0] == shapely.Point(119.3, 33.2)


@pytest.mark.parametrize("bad", ["", "合计", "8fffffffffffffff", "8a3180d8cc47ff", "8a3180d8cc47fff0", "=1+1"])
def test_rows_that_name_no_h3_cell(tmp_path: Path, bad: str) -> None:
    pytest.importorskip("h3")
    path = write(tmp_path / "a.csv", f"h3,pop\n{HEXAGONS[0]},5\n{bad},7\n")
    with pytest.raises(InputError, match=r"a\.csv: row 3: found '.*' for an H3 cell; give the 15 letters and digits"):
        read_people(path)


def test_what_merely_looks_like_an_h3_cell_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("h3")
    path = write(tmp_path / "a.csv", "h3,pop\n8a3180d8cc47fff,5\n8ffffffffffffff,7\n")
    with pytest.raises(InputError, match="row 3: found '8ffffffffffffff' for an H3 cell"):
        read_people(path)


def test_without_h3_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h3", None)
    path = write(tmp_path / "a.csv", f"h3,pop\n{HEXAGONS[0]},5\n")
    with pytest.raises(
        InputError, match=r'H3 cells \(column h3\), which needs h3: .*pip install "walkshed\[h3\]", or add'
    ):
        read_people(path)


def test_porto_alegre() -> None:
    folder = os.environ.get("WALKSHED_DATA")
    if not folder:
        pytest.skip("WALKSHED_DATA is not set: porto_alegre/poa_hexgrid.csv")
    people = read_people(Path(folder) / "porto_alegre" / "poa_hexgrid.csv")
    assert len(people) == 1227
    assert people["population"].sum() == 812_935.0


def test_porto_alegre_by_its_h3_cells_alone(tmp_path: Path) -> None:
    """The file's own lon and lat are the cells' centres: without them the people stand at the same places."""
    pytest.importorskip("h3")
    folder = os.environ.get("WALKSHED_DATA")
    if not folder:
        pytest.skip("WALKSHED_DATA is not set: porto_alegre/poa_hexgrid.csv")
    path = Path(folder) / "porto_alegre" / "poa_hexgrid.csv"
    pd.read_csv(path)[["id", "population"]].to_csv(tmp_path / "cells.csv", index=False)
    people, whole = read_people(tmp_path / "cells.csv"), read_people(path)
    assert people["population"].sum() == 812_935.0
    assert people.to_crs(31982).distance(whole.to_crs(31982)).max() < 1.0
