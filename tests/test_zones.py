"""Named polygons."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from walkshed.errors import CRSError, InputError, InputWarning
from walkshed.inputs import check_zones, read_zones

BOXES = [shapely.box(119 + i, 33, 120 + i, 34) for i in range(3)]


def frame(crs: str | None = "EPSG:4326", **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=BOXES[: len(next(iter(columns.values())))], crs=crs)


@pytest.mark.parametrize("heading", ["name", "名称", "镇", "街道", "Zone", "NAME_3", "乡镇名称", "township"])
def test_headings_of_names(heading: str) -> None:
    zones = check_zones(frame(code=["320", "321"], **{heading: ["安宜镇", "曹甸镇"]}))
    assert zones["zone"].tolist() == ["安宜镇", "曹甸镇"]
    assert zones.columns.tolist() == ["zone", "population", "geometry"]
    assert zones["population"].isna().all()


def test_the_column_may_be_named(tmp_path: Path) -> None:
    frame(name=["a", "b"], 片=["甲", "乙"]).to_file(tmp_path / "a.geojson")
    assert read_zones(tmp_path / "a.geojson", name="片")["zone"].tolist() == ["甲", "乙"]
    with pytest.raises(InputError, match=r"a\.geojson: no column 'x'; the headings are name, 片"):
        read_zones(tmp_path / "a.geojson", name="x")


def test_several_columns_tell_zones_of_one_name_apart(tmp_path: Path) -> None:
    frame(区=["鼓楼区", "鼓楼区"], 市=["南京市", "徐州市"]).to_file(tmp_path / "a.geojson")
    told = read_zones(tmp_path / "a.geojson", name=["市", "区"])["zone"].tolist()
    assert told == ["南京市 鼓楼区", "徐州市 鼓楼区"]
    with pytest.raises(InputError, match="no column '省'"):
        read_zones(tmp_path / "a.geojson", name=["区", "省"])


def test_without_a_name_the_first_text_is_taken() -> None:
    assert check_zones(frame(area=[1.5, 2.5], label_text=["甲", "乙"]))["zone"].tolist() == ["甲", "乙"]
    with pytest.warns(InputWarning, match="rows 1, 2: without a name: called by the number of their row"):
        assert check_zones(frame(area=[1.5, 2.5]))["zone"].tolist() == ["1", "2"]
    with pytest.warns(InputWarning, match="row 2: without a name"):
        assert check_zones(frame(name=["甲", None]))["zone"].tolist() == ["甲", "2"]
    assert check_zones(frame(name=[3201.0, 3202.0]))["zone"].tolist() == ["3201", "3202"]


@pytest.mark.parametrize(
    ("counts", "whole"),
    [([10, 20], 30.0), ([10, 10], 10.0), ([10, None], np.nan), ([None, None], np.nan)],
)
def test_rows_of_one_name_are_one_zone(counts: list[float | None], whole: float) -> None:
    given = frame(name=["安宜镇", "曹甸镇", "安宜镇"], 人口=[counts[0], 7, counts[1]])
    with pytest.warns(InputWarning, match="one name in several rows: joined to one zone each .1: 安宜镇 × 2"):
        zones = check_zones(given)
    assert zones["zone"].tolist() == ["安宜镇", "曹甸镇"]
    assert zones.geom_type.tolist() == ["MultiPolygon", "Polygon"]
    np.testing.assert_array_equal(zones["population"], [whole, 7.0])


@pytest.mark.parametrize(
    ("name", "driver"), [("a.geojson", "GeoJSON"), ("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile")]
)
def test_map_layers(tmp_path: Path, name: str, driver: str) -> None:
    frame(name=["安宜镇", "曹甸镇"], people=[5, 6]).to_crs(32650).to_file(tmp_path / name, driver=driver)
    zones = read_zones(tmp_path / name)
    assert zones.crs == "EPSG:4326"
    assert zones["zone"].tolist() == ["安宜镇", "曹甸镇"]
    assert zones["population"].tolist() == [5.0, 6.0]
    assert shapely.hausdorff_distance(zones.geometry[0], BOXES[0]) < 1e-6


def test_invalid_polygons_are_mended_and_said() -> None:
    given = frame(name=["a", "b"])
    given.loc[1, "geometry"] = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.warns(InputWarning, match="zones: row 2: invalid"):
        zones = check_zones(given)
    assert zones.is_valid.all()
    assert set(zones.geom_type) <= {"Polygon", "MultiPolygon"}


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (None, "row 2: no geometry"),
        (shapely.Polygon(), "row 2: no geometry"),
        (shapely.Point(1, 2), "row 2: not a polygon but Point"),
        (shapely.LineString([(0, 0), (1, 1)]), "row 2: not a polygon but LineString"),
        (shapely.box(500_000, 3_600_000, 500_100, 3_600_100), "row 2: off the globe"),
        (shapely.box(33, 119, 34, 120), "look swapped"),
    ],
)
def test_zones_that_cannot_be_used(shape: shapely.Geometry, said: str) -> None:
    given = frame(name=["a", "b"])
    given.loc[[1], "geometry"] = gpd.GeoSeries([shape], index=[1], crs=4326)
    with pytest.raises(InputError, match=said):
        check_zones(given)


@pytest.mark.filterwarnings("ignore:zones. row 2. invalid")
def test_a_polygon_without_area_is_refused() -> None:
    given = frame(name=["a", "b"])
    given.loc[1, "geometry"] = shapely.Polygon([(0, 0), (1, 1), (0, 0)])
    with pytest.raises(InputError, match="row 2: no area"):
        check_zones(given)


def test_frames_and_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(CRSError, match="zones: no coordinate system"):
        check_zones(frame(None, name=["a"]))
    with pytest.raises(InputError, match="nothing is listed"):
        check_zones(frame(name=["a"])[:0])
    with pytest.raises(InputError, match="row 2: found '-6' for a head count"):
        check_zones(frame(name=["a", "b"], people=[5, -6]))
    with pytest.raises(InputError, match="zones: found DataFrame"):
        check_zones(pd.DataFrame())
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\na,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv: a table, not polygons; give GeoJSON"):
        read_zones(path)


def test_a_frame_is_left_as_it_was() -> None:
    given = frame(name=["a", "b"]).to_crs(32650)
    before = given.copy()
    zones = check_zones(given)
    pd.testing.assert_frame_equal(given, before)
    pd.testing.assert_frame_equal(check_zones(zones), zones)
