"""The study area."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from walkshed.errors import CRSError, InputError, InputWarning
from walkshed.inputs import check_area, read_area

LEFT, RIGHT = shapely.box(119, 33, 120, 34), shapely.box(120, 33, 121, 34)
BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_several_polygons_are_one_area(tmp_path: Path, name: str) -> None:
    given = gpd.GeoDataFrame({"name": ["安宜镇", "曹甸镇"]}, geometry=[LEFT, RIGHT], crs=4326)
    given.to_file(tmp_path / name)
    area = read_area(tmp_path / name)
    assert area.columns.tolist() == ["name", "geometry"]
    assert area["name"].tolist() == [""]
    assert area.geometry[0].equals(shapely.box(119, 33, 121, 34))
    given[:1].to_file(tmp_path / name)
    assert read_area(tmp_path / name)["name"].tolist() == ["安宜镇"]


def test_shapely_series_and_frames_are_taken() -> None:
    series = gpd.GeoSeries([LEFT], crs=4326)
    for given in (LEFT, shapely.MultiPolygon([LEFT]), series, series.to_frame("geometry"), series.to_crs(4490)):
        area = check_area(given)
        assert area.crs == "EPSG:4326"
        assert len(area) == 1
        assert shapely.hausdorff_distance(area.geometry[0], LEFT) < 1e-9


def test_projected_areas_are_turned_to_degrees() -> None:
    given = gpd.GeoDataFrame(geometry=[LEFT], crs=4326).to_crs(32650)
    before = given.copy()
    assert shapely.hausdorff_distance(check_area(given).geometry[0], LEFT) < 1e-6
    pd.testing.assert_frame_equal(given, before)


def test_a_bow_tie_is_mended_and_said() -> None:
    with pytest.warns(InputWarning, match="area: row 1: invalid"):
        area = check_area(BOW_TIE)
    assert area.geometry[0].is_valid
    assert area.geometry[0].area == 2.0


def test_lines_left_by_mending_are_dropped() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (-1, -1), (0, 0)])
    with pytest.warns(InputWarning, match="invalid"):
        assert check_area(spike).geom_type.tolist() == ["Polygon"]


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (shapely.Point(1, 2), "not a polygon but Point"),
        (shapely.LineString([(0, 0), (1, 1)]), "not a polygon but LineString"),
        (shapely.Polygon(), "no geometry"),
        (shapely.GeometryCollection([shapely.Point(1, 2)]), "no area"),
        (shapely.box(500_000, 3_600_000, 500_100, 3_600_100), "no degrees but metres"),
    ],
)
def test_areas_that_cannot_be_used(shape: shapely.Geometry, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_area(shape)


def test_frames_and_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(CRSError, match="area: no coordinate system"):
        check_area(gpd.GeoSeries([LEFT]))
    with pytest.raises(InputError, match="area: found str; give a GeoDataFrame or a shapely polygon"):
        check_area("宝应县")
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.geojson: nothing is listed"):
        read_area(tmp_path / "a.geojson")
    with pytest.raises(InputError, match="there is no such file"):
        read_area(tmp_path / "b.geojson")
