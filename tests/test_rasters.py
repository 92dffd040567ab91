"""Head counts on rasters: what WorldPop and GHS-POP look like, and what goes wrong with them."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Transformer

rasterio = pytest.importorskip("rasterio")

from walkshed.errors import CRSError, FormatError, InputError, InputWarning  # noqa: E402
from walkshed.inputs import is_raster, raster_people, rasters, read_people  # noqa: E402

ARCSECONDS_3 = 1 / 1200
"""WorldPop's cells: 3 arc seconds, about 93 m at the equator."""


def geotiff(
    path: Path,
    values: np.ndarray,
    *,
    crs: str | None = "EPSG:4326",
    at: tuple[float, float] = (119.0, 33.5),
    cell: float = ARCSECONDS_3,
    high: float | None = None,
    **profile: object,
) -> Path:
    """Write a raster of which `at` is the north-west corner."""
    values = values if values.ndim == 3 else values[None]
    transform = profile.pop("transform", rasterio.Affine(cell, 0, at[0], 0, -cell if high is None else high, at[1]))
    with (
        warnings.catch_warnings(),
        rasterio.open(
            path, "w", driver="GTiff", count=values.shape[0], height=values.shape[1], width=values.shape[2],
            dtype=values.dtype, crs=crs, transform=transform, **profile,
        ) as raster,
    ):  # fmt: skip
        raster.write(values)
    return path


def counts(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_each_cell_with_people_is_a_point_at_its_middle(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", counts([1.5, 0, 2], [0, 0, 4]), nodata=-99999)
    people = read_people(path)
    assert people["population"].tolist() == [1.5, 2.0, 4.0]
    assert people["population"].dtype == np.float64
    assert people.crs == "EPSG:4326"
    expected = [(0.5, 0.5), (2.5, 0.5), (2.5, 1.5)]
    found = [((x - 119) / ARCSECONDS_3, (33.5 - y) / ARCSECONDS_3) for x, y in shapely.get_coordinates(people.geometry)]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("nodata", [-99999.0, -200.0, np.nan, -3.4028234663852886e38, 0.0, 255.0])
def test_no_data_holds_nobody(tmp_path: Path, nodata: float) -> None:
    path = geotiff(tmp_path / "a.tif", counts([nodata, 3], [4, nodata]), nodata=nodata)
    assert read_people(path)["population"].tolist() == [3.0, 4.0]


def test_nan_that_is_not_called_no_data_holds_nobody(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", counts([np.nan, 3]), nodata=-99999)
    assert read_people(path)["population"].tolist() == [3.0]


def test_a_negative_value_not_called_no_data_is_taken_for_it_and_said(tmp_path: Path) -> None:
    """GHS-POP marks the sea with -200; some copies lose that mark."""
    path = geotiff(tmp_path / "a.tif", counts([-200, 3], [-200, 4]))
    with pytest.warns(
        InputWarning, match=r"a\.tif: cells hold -200, which the file does not call no data: taken for no data"
    ):
        assert read_people(path)["population"].sum() == 7


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (counts([-1, -2.5, 3]), r"negative head counts, such as -2\.5 and -1; give a raster of people"),
        (counts([np.inf, 3]), "a cell holds an infinite head count"),
        (counts([0, 0]), "no cell has people"),
        (counts([-1, -1]), "no cell has people"),
        (np.array([[1 + 2j, 3]], dtype=np.complex64), "its cells hold complex64, not head counts"),
    ],
)
@pytest.mark.filterwarnings("ignore:a.tif. cells hold -1")
def test_what_is_no_head_count_is_refused(tmp_path: Path, values: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=rf"a\.tif: .*{said}"):
        read_people(geotiff(tmp_path / "a.tif", values))


def test_whole_numbers_scales_and_offsets(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", np.array([[3, 0, 7]], dtype=np.uint16))
    assert read_people(path)["population"].tolist() == [3.0, 7.0]
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.5,), (1.0,)
    assert read_people(path)["population"].tolist() == [2.5, 1.0, 4.5]


@pytest.mark.filterwarnings("ignore:a.tif. cells are 1,000 m wide")
def test_mollweide_as_ghs_pop_has_it(tmp_path: Path) -> None:
    to_mollweide = Transformer.from_crs("EPSG:4326", "ESRI:54009", always_xy=True)
    x, y = (1000 * np.floor(v / 1000) for v in to_mollweide.transform(119.3, 33.2))
    path = geotiff(tmp_path / "a.tif", counts([5, 0], [0, 6]), crs="ESRI:54009", at=(x, y), cell=1000, nodata=-200)
    people = read_people(path)
    found = np.column_stack(to_mollweide.transform(people.geometry.x, people.geometry.y))
    np.testing.assert_allclose(found, [(x + 500, y - 500), (x + 1500, y - 1500)], atol=0.01)


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:4549", "EPSG:3857"])
def test_any_crs_and_a_window_of_it(tmp_path: Path, crs: str) -> None:
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(119.3, 33.2)
    values = np.ones((60, 60), dtype=np.float32)
    path = geotiff(tmp_path / "a.tif", values, crs=crs, at=(x - 3000, y + 3000), cell=100)
    area = gpd.GeoDataFrame(geometry=[shapely.box(x - 400, y - 300, x + 400, y + 300)], crs=crs)
    people = read_people(path, area=area).to_crs(crs)
    inside = people[people.within(area.geometry[0])]
    assert len(inside) == 8 * 6
    assert len(inside) < len(people) <= 12 * 10  # and no more than a cell round it


def test_cells_from_the_south_up_lie_where_they_should(tmp_path: Path) -> None:
    up = geotiff(tmp_path / "a.tif", counts([1, 2], [3, 4]), at=(119.0, 33.0), cell=0.001, high=0.001)
    people = read_people(up)
    assert dict(zip(people["population"], people.geometry.y.round(4), strict=True))[3.0] == 33.0015
    south = gpd.GeoDataFrame(geometry=[shapely.box(119, 33, 119.002, 33.0001)], crs=4326)
    assert read_people(up, area=south)["population"].sum() == 10  # both rows lie within a cell of it


def test_a_raster_that_counts_to_360_degrees(tmp_path: Path) -> None:
    people = read_people(geotiff(tmp_path / "a.tif", counts([1, 2]), at=(308.8, -30.0)))
    np.testing.assert_allclose(people.geometry.x, -51.2 + ARCSECONDS_3 * np.array([0.5, 1.5]))


@pytest.mark.parametrize("layout", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 32}, {"compress": "deflate"}])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=hnp.arrays(
        np.float32, st.tuples(st.integers(1, 70), st.integers(1, 70)), elements=st.floats(0, 1e6, width=32)
    ).filter(lambda a: a.any()),
    chunk=st.integers(1, 2000),
)
def test_no_one_is_lost_however_it_is_cut(
    tmp_path: Path, layout: dict[str, object], values: np.ndarray, chunk: int
) -> None:
    path = geotiff(tmp_path / "a.tif", values, **layout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rasters, "CHUNK_CELLS", chunk)
        people = read_people(path)
    assert np.sort(people["population"]).tolist() == np.sort(values[values > 0].astype(float)).tolist()


def test_people_of_neighbouring_areas_add_up(tmp_path: Path) -> None:
    """A county cut in two: each cell's middle lies in one half, so that nobody counts twice."""
    values = np.random.default_rng(1).random((50, 50), dtype=np.float32)
    path = geotiff(tmp_path / "a.tif", values)
    whole = shapely.box(119.004, 33.47, 119.03, 33.49)
    halves = shapely.ops.split(whole, shapely.LineString([(119.01, 33.4), (119.02, 33.6)])).geoms
    sums = [
        people.loc[people.within(part), "population"].sum()
        for part in (whole, *halves)
        if len(people := read_people(path, area=part))
    ]
    assert sums[0] == pytest.approx(sums[1] + sums[2])


def test_a_rotated_grid_is_refused(tmp_path: Path) -> None:
    turned = (
        rasterio.Affine.translation(500_000, 3_600_000)
        @ rasterio.Affine.rotation(20)
        @ rasterio.Affine.scale(100, -100)
    )
    path = geotiff(tmp_path / "a.tif", counts([1, 2]), crs="EPSG:32650", transform=turned)
    with pytest.raises(InputError, match=r"a\.tif: its grid is rotated, .*north up \(in QGIS: Warp\)"):
        read_people(path)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_lies_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CRSError, match=r"a\.tif: no coordinate system or no place is stated"):
        read_people(geotiff(tmp_path / "a.tif", counts([1, 2]), crs=None))
    with pytest.raises(CRSError, match="no coordinate system or no place is stated"):
        read_people(geotiff(tmp_path / "a.tif", counts([1, 2]), transform=rasterio.Affine.identity()))


def test_cells_off_the_globe_are_refused(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", counts([1, 2]), at=(119.0, 95.0))
    with pytest.raises(InputError, match="2 cells with people lie off the globe"):
        read_people(path)


@pytest.mark.parametrize("at", [(-18e6, 8e6), (3e7, 0.0)])
def test_cells_beyond_the_ellipse_of_mollweide_are_refused(tmp_path: Path, at: tuple[float, float]) -> None:
    path = geotiff(tmp_path / "a.tif", counts([1, 2]), crs="ESRI:54009", at=at, cell=100)
    with pytest.raises(InputError, match="2 cells with people lie off the globe"):
        read_people(path)


def test_the_area_must_lie_on_it(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", np.ones((24, 24), np.float32))
    with pytest.raises(InputError, match=r"a\.tif: does not reach the study area \(it spans 119 to 119\.02, 33\.48 to"):
        read_people(path, area=shapely.box(-51, -30, -50, -29))
    with pytest.warns(InputWarning, match="ends within the study area: whoever lives beyond is not counted"):
        read_people(path, area=shapely.box(119.01, 33.49, 119.03, 33.495))
    empty = geotiff(tmp_path / "b.tif", np.zeros((24, 24), np.float32))
    with pytest.raises(InputError, match="no cell in the area has people"):
        read_people(empty, area=shapely.box(119.005, 33.485, 119.01, 33.495))


def test_bands_are_chosen_and_not_guessed(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", np.stack([counts([1, 2]), counts([3, 4])]))
    with rasterio.open(path, "r+") as raster:
        raster.descriptions = ("women", "men")
    with pytest.raises(InputError, match=r"has the bands 1 \(women\), 2 \(men\); say which .*--people-column 1"):
        read_people(path)
    assert read_people(path, column="2")["population"].tolist() == [3.0, 4.0]
    assert read_people(path, column="women")["population"].tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="no band '3'; it has 2"):
        read_people(path, column="3")


@pytest.mark.parametrize(("crs", "cell"), [("EPSG:4326", 1 / 120), ("EPSG:32650", 1000.0), ("EPSG:2263", 3280.84)])
def test_coarse_cells_are_said(tmp_path: Path, crs: str, cell: float) -> None:
    at = {"EPSG:4326": (119.0, 33.5), "EPSG:32650": (500_000.0, 3_600_000.0), "EPSG:2263": (980_000.0, 200_000.0)}
    path = geotiff(tmp_path / "a.tif", counts([1, 2]), crs=crs, at=at[crs], cell=cell)
    with pytest.warns(
        InputWarning, match=r"cells are (774|1,000) m wide, and all people of a cell stand at its middle"
    ):
        read_people(path)


def test_damaged_files(tmp_path: Path) -> None:
    path = geotiff(
        tmp_path / "a.tif", np.random.default_rng(0).random((300, 300), dtype=np.float32), compress="deflate"
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"a\.tif: cannot be read \(.*\); save or download it again"):
        read_people(path)
    path.write_bytes(b"II*\x00" + b"\xff" * 100)
    with pytest.raises(FormatError, match=r"a\.tif: cannot be read"):
        read_people(path)


def test_too_much_at_once_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = geotiff(tmp_path / "a.tif", np.ones((40, 40), np.float32))
    monkeypatch.setattr(raster_people, "MAX_POINTS", 1000)
    with pytest.raises(InputError, match=r"more than 1,000 cells .*give a study area \(--area\)"):
        read_people(path)
    assert len(read_people(path, area=shapely.box(119.01, 33.48, 119.02, 33.49))) < 1000
    monkeypatch.setattr(raster_people, "MAX_CELLS", 500)
    with pytest.raises(InputError, match="more than 500 cells are too many at once"):
        read_people(path)


def test_one_huge_block_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "MAX_BLOCK_CELLS", 1000)
    path = geotiff(tmp_path / "a.tif", np.ones((40, 40), np.float32), compress="deflate", blockysize=40)
    with pytest.raises(FormatError, match=r"stored in blocks of 40 x 40 cells.*gdal_translate"):
        read_people(path)


def test_without_rasterio_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = geotiff(tmp_path / "a.tif", counts([1, 2]))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(InputError, match=r'needs rasterio; install it with: pip install "walkshed\[raster\]"'):
        read_people(path)


def test_a_raster_is_known_by_its_content(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "people.dat", counts([1, 2]), BIGTIFF="YES")
    assert is_raster(path)
    assert len(read_people(path)) == 2
    (tmp_path / "a.tif").write_text("lon,lat,pop\n1,2,3\n", encoding="utf-8")
    assert not is_raster(tmp_path / "a.tif")
    assert len(read_people(tmp_path / "a.tif")) == 1
    assert not is_raster(tmp_path)
    assert not is_raster(tmp_path / "none.tif")


NATION = r"""
import json, re, sys
from pathlib import Path
import rasterio, shapely
from walkshed.inputs import read_people
path, area = sys.argv[1], sys.argv[2]
peak = lambda: int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))[1]) / 1024
before = peak()
people = read_people(path, area=shapely.box(*json.loads(area)) if area else None)
print(json.dumps({"people": people["population"].sum(), "cells": len(people), "mb": peak() - before}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak of memory")
def test_a_county_of_a_national_raster_costs_its_window(tmp_path: Path) -> None:
    """20,000 x 20,000 cells are 1.6 GB; the county's tiles 30 MB. A whole nation goes through in chunks, too."""
    path, transform = tmp_path / "nation.tif", rasterio.Affine(ARCSECONDS_3, 0, 110.0, 0, -ARCSECONDS_3, 40.0)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=20_000, width=20_000, dtype="float32", crs="EPSG:4326",
        nodata=-99999, transform=transform, tiled=True, blockxsize=256, blockysize=256,
        compress="deflate", SPARSE_OK=True,
    ) as raster:  # fmt: skip
        for row, column in ((0, 0), (8192, 11_008), (8448, 11_008), (19_712, 19_712)):
            raster.write(np.full((256, 256), 0.5, np.float32), 1, window=rasterio.windows.Window(column, row, 256, 256))
    west, north = 110 + 11_008 * ARCSECONDS_3, 40 - 8192 * ARCSECONDS_3
    east, south = 110 + 11_264 * ARCSECONDS_3, 40 - 8704 * ARCSECONDS_3
    county = json.dumps([west - 0.5, south - 0.5, east + 0.5, north + 0.5])

    def read(area: str) -> dict[str, float]:
        call = [sys.executable, "-c", NATION, str(path), area]
        return json.loads(subprocess.run(call, capture_output=True, check=True, encoding="utf-8").stdout)

    one = read(county)
    assert (one["cells"], one["people"]) == (2 * 256 * 256, 256 * 256)
    assert one["mb"] < 200
    every = read("")
    assert (every["cells"], every["people"]) == (4 * 256 * 256, 2 * 256 * 256)
    assert every["mb"] < 300
    print(one, every)


# --- as they are handed out ----------------------------------------------------------------------


def zipped(path: Path, *names: str) -> Path:
    """A zip file as GHS-POP's: the raster beside its overviews, a manual and a workbook of metadata."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, name in enumerate(names):
            tif = geotiff(path.with_name(f"{i}.tif"), counts([1.5, -200], [2, 4]), nodata=-200)
            archive.write(tif, name)
        archive.writestr("GHSL_Data_Package_2023.pdf", b"%PDF")
        archive.writestr("GHS_POP_metadata.xlsx", b"PK")
    return path


def test_a_zip_file_with_a_raster_is_read_as_it_comes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", "GHS_POP_E2025_GLOBE_R2023A_4326_3ss_V1_0_R6_C30.tif")
    assert is_raster(path)
    assert read_people(path)["population"].tolist() == [1.5, 2.0, 4.0]
    assert is_raster(zipped(tmp_path / "b.zip", "folder/a.TIF"))
    assert len(read_people(tmp_path / "b.zip")) == 3


def test_a_zip_file_with_several_rasters_asks_which(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", "2020.tif", "2025.tif")
    with pytest.raises(InputError, match=r"a\.zip: holds 2 rasters \(2020\.tif, 2025\.tif\); unpack it, and give"):
        read_people(path)


def test_a_zipped_shapefile_is_no_raster(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", "picture.tif")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("people.shp", b"")
    assert not is_raster(path)


def test_a_raster_cut_short_in_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.tif", b"II*\x00" + b"x" * 20)
    with pytest.raises(FormatError, match=r"a\.zip: cannot be read"):
        read_people(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("chn_pd_2020_1km.tif", r"chn_pd_2020_1km\.tif: its name \(pd\) speaks of a density"),
        ("CHN_F_20_2020_CONSTRAINED.tif", r"its name \(F_20\) speaks of one age and sex"),
    ],
)
def test_names_that_speak_of_something_else(tmp_path: Path, name: str, said: str) -> None:
    path = geotiff(tmp_path / name, counts([1.5, 3]))
    with pytest.warns(InputWarning, match=said):
        read_people(path)


@pytest.mark.parametrize("name", ["chn_ppp_2020_UNadj.tif", "GHS_POP_E2025_GLOBE_R2023A_54009_100_V1_0.tif", "pd.tif"])
def test_names_of_head_counts(tmp_path: Path, name: str) -> None:
    assert len(read_people(geotiff(tmp_path / name, counts([1.5, 3])))) == 2


def test_mollweide_cells(tmp_path: Path) -> None:
    """GHS-POP's own CRS, with its area: only the cells about it are kept."""
    x, y = Transformer.from_crs(4326, "ESRI:54009", always_xy=True).transform(119.3, 33.2)
    values = np.ones((40, 40), dtype=np.float64)
    path = geotiff(tmp_path / "a.tif", values, crs="ESRI:54009", at=(x - 2000, y + 2000), cell=100.0, nodata=-200)
    area = shapely.Point(119.3, 33.2).buffer(0.005)
    people = read_people(path, area=area)
    assert 50 < len(people) < 200
    assert area.buffer(0.003).covers(shapely.union_all(people.geometry.to_numpy()))
