"""Square zones over the study area, and the study that asks for them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import walkshed as ws
from toys import CRS, LADDER, boxes, toy
from walkshed.analysis.study import analyze
from walkshed.cli import main
from walkshed.errors import CRSError, InputError
from walkshed.inputs import grid, make_grid
from walkshed.project import analyze_study, demo_study


def area(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(west, south, east, north)], crs=CRS)


def test_cells_lie_on_multiples_of_their_size_and_are_named_from_the_north_west():
    """An area of 900 x 400 m that begins 100 m east and 200 m north of a corner: two rows of two cells."""
    cells = make_grid(area(500_100, 3_600_200, 501_000, 3_600_600), 500, CRS)
    assert cells["zone"].tolist() == ["R1C1", "R1C2", "R2C1", "R2C2"]
    assert cells.crs == CRS
    assert cells.geometry[0].bounds == (500_000, 3_600_500, 500_500, 3_601_000)
    assert cells.geometry[3].bounds == (500_500, 3_600_000, 501_000, 3_600_500)
    assert (cells.area == 250_000).all()


def test_only_cells_that_share_ground_with_the_area():
    """An L, and an area that ends on a line of the grid: what only touches it is left out."""
    whole = area(500_000, 3_600_000, 501_500, 3_601_500)
    ell = whole.difference(shapely.box(500_500, 3_600_500, 501_500, 3_601_500)).to_frame("geometry")
    assert make_grid(ell, 500, CRS)["zone"].tolist() == ["R1C1", "R2C1", "R3C1", "R3C2", "R3C3"]
    assert len(make_grid(whole, 500, CRS)) == 9


def test_names_sort_as_the_cells_lie():
    names = make_grid(area(500_000, 3_600_000, 506_000, 3_601_000), 500, CRS)["zone"].tolist()
    assert names[:2] == ["R1C01", "R1C02"]
    assert names == sorted(names)
    assert len(set(names)) == 24


def test_grids_over_neighbours_and_parts_fit_together():
    whole = make_grid(area(500_000, 3_600_000, 502_000, 3_601_000), 500, CRS)
    part = make_grid(area(500_700, 3_600_100, 501_300, 3_600_900), 500, CRS)
    assert {shapely.to_wkt(c) for c in part.geometry} < {shapely.to_wkt(c) for c in whole.geometry}


@given(
    st.tuples(st.floats(-5e3, 5e3), st.floats(-5e3, 5e3), st.floats(10, 4e3), st.floats(10, 4e3)),
    st.floats(100, 3000),
)
def test_cells_cover_the_area_once(place, size):
    west, south, wide, high = place
    outline = area(5e5 + west, 3.6e6 + south, 5e5 + west + wide, 3.6e6 + south + high)
    cells = make_grid(outline, size, CRS)
    shared = cells.intersection(outline.geometry[0]).area
    assert (shared > 0).all()  # but for a float's slack along the borders
    assert shared.sum() == pytest.approx(wide * high, abs=2 * grid.SAME_PLACE_M * (wide + high + size))


@pytest.mark.parametrize("size", [0, -500, np.nan, np.inf, "500", None, True])
def test_sizes_that_are_none(size):
    with pytest.raises(InputError, match=r"grid: found .*; give the side of a cell in metres, e\.g\. 500"):
        make_grid(area(500_000, 3_600_000, 501_000, 3_601_000), size, CRS)


def test_too_many_cells_are_refused_before_they_are_made():
    with pytest.raises(InputError, match=r"grid: 0\.001 m makes [0-9,]+ cells .* give a larger size"):
        make_grid(area(500_000, 3_600_000, 501_000, 3_601_000), 0.001, CRS)
    assert grid.MAX_CELLS < 1_000_000


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
def test_a_crs_that_does_not_count_metres(crs):
    with pytest.raises(CRSError, match=f"grid: {crs} does not count metres; give the streets' own CRS"):
        make_grid(shapely.box(-74, 40.6, -73.9, 40.7), 500, crs)


def test_figures_by_cell_add_up():
    ladder = toy(LADDER)
    outline = boxes((-50, -250, 1550, 50))
    zones = make_grid(outline, 300, ladder.streets.crs)
    result = analyze(ladder.streets, ladder.stations(("A", 7, 0)), area=outline, zones=zones)
    assert result.zones["zone"].tolist() == zones["zone"].tolist()
    assert result.zones["street_km"].sum() == pytest.approx(result.summary["streets"]["street_km"])
    assert result.zones["stations"].sum() == 1
    assert result.zones_served_share == pytest.approx(1 / len(zones))


# A whole study


def test_a_study_with_a_grid():
    study = replace(demo_study(), zones=None, grid_m=1000)
    zones = analyze_study(study).zones
    assert 10 < len(zones) < 100
    assert all(re.fullmatch(r"R\d+C\d+", z) for z in zones["zone"])
    assert zones["stations"].sum() == 15


def test_a_grid_and_zones_are_not_both_given():
    with pytest.raises(InputError, match=r"zones: found both --zones \S+ and --grid 500; give one of the two"):
        analyze_study(replace(demo_study(), grid_m=500))


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    try:
        main([str(a) for a in arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, *capsys.readouterr()


def test_grid_and_group_on_the_command_line(capsys, tmp_path: Path):
    county = ws.demo_county()
    shared = ["gaps", county.stations, "--streets", county.streets, "--area", county.town, "--no-store"]
    code, _, err = run(capsys, *shared, "--grid", 500, "--zones", county.zones)
    assert code == 2
    assert "found both --zones" in err
    code, _, err = run(capsys, *shared, "--grid", 0)
    assert code == 2
    assert "grid: found 0.0; give the side of a cell" in err
    code, _, err = run(capsys, *shared, "--group", "astronauts")
    assert code == 2
    assert "no station serves 'astronauts'; found" in err
    assert "Traceback" not in err


def test_a_raster_without_an_area_is_read_round_the_streets(tmp_path: Path):
    rasterio = pytest.importorskip("rasterio")
    study = replace(demo_study(), area=None, zones=None, people=tmp_path / "people.tif")
    bounds = gpd.read_file(ws.demo_county().town).to_crs(4326).total_bounds
    west, north = bounds[0] - 1, bounds[3] + 1
    with rasterio.open(
        study.people, "w", driver="GTiff", count=1, height=2500, width=2500, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.001, 0, west, 0, -0.001, north), tiled=True, blockxsize=256, blockysize=256,
    ) as raster:  # fmt: skip
        raster.write(np.ones((1, 2500, 2500), np.float32))
    town = analyze_study(replace(study, area=ws.demo_county().town))
    every = analyze_study(study)
    assert town.summary["people"]["total"] < every.summary["people"]["total"] < 2500 * 2500 / 10
    in_area = town.area.area.sum() / 1e6
    assert town.summary["people"]["total"] / in_area == pytest.approx(1 / (0.1112 * 0.0935), rel=0.05)
