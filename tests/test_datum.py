"""Datums: GCJ-02 and BD-09 there and back, where they apply, and lists that hold projected metres."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyproj import Geod, Transformer

from walkshed.errors import CRSError, InputError, InputWarning
from walkshed.inputs import check_stations, read_people, read_stations
from walkshed.inputs.datum import DATUMS, from_wgs84, to_wgs84
from walkshed.inputs.gcj_area import is_shifted, shifted_area

GEOD = Geod(ellps="WGS84")

INSIDE = {
    "Beijing": (116.40, 39.90), "Shanghai": (121.47, 31.23), "Harbin": (126.63, 45.75), "Urumqi": (87.60, 43.80),
    "Kashgar": (75.99, 39.47), "Lhasa": (91.10, 29.65), "Rutog": (79.70, 33.40), "Taxkorgan": (75.23, 37.77),
    "Jinghong": (100.80, 22.00), "Sanya": (109.51, 18.25), "Haikou": (110.33, 20.03), "Dalian": (121.60, 38.90),
    "Weihai": (122.10, 37.50), "Zhoushan": (122.20, 30.00), "Shengshan": (122.82, 30.72), "Pingtan": (119.79, 25.50),
    "Changhai": (122.58, 39.27), "Weizhou": (109.12, 21.04), "Nan'ao": (117.03, 23.43), "Mohe": (122.35, 53.485),
    # At the border, with the town across it below.
    "Dandong": (124.385, 40.125), "Ji'an": (126.186, 41.126), "Changbai": (128.20, 41.422), "Tumen": (129.842, 42.966),
    "Fangchuan": (130.60, 42.44), "Suifenhe": (131.153, 44.397), "Fuyuan": (134.30, 48.365), "Heihe": (127.50, 50.243),
    "Manzhouli": (117.43, 49.595), "Erenhot": (111.975, 43.652), "Tacheng": (82.98, 46.745),
    "Alashankou": (82.57, 45.17), "Khorgos": (80.415, 44.21), "Zhangmu": (85.98, 27.99), "Yadong": (88.907, 27.487),
    "Ruili": (97.855, 24.012), "Jiegao": (97.882, 23.98), "Wanding": (98.07, 24.085), "Hekou": (103.961, 22.507),
    "Pingxiang": (106.75, 22.10), "Dongxing": (107.971, 21.545),
    # Across the rivers and bays from Hong Kong, Macau, Kinmen and Matsu.
    "Luohu": (114.117, 22.545), "Luohu port": (114.1135, 22.533), "Futian port": (114.0667, 22.519),
    "Shekou": (113.92, 22.485), "Yantian": (114.24, 22.558), "Dapeng": (114.48, 22.59), "Dangan": (114.27, 22.04),
    "Wailingding": (114.03, 22.105), "Zhuhai": (113.575, 22.27), "Gongbei": (113.549, 22.219),
    "Hengqin": (113.53, 22.13), "Xiamen": (118.08, 24.46), "Xiamen, Guanyinshan": (118.19, 24.49),
    "Gulangyu": (118.065, 24.446), "Dadeng": (118.33, 24.56), "Huangqi": (119.88, 26.335),
}  # fmt: skip
OUTSIDE = {
    "Seoul": (126.98, 37.57), "Pyongyang": (125.75, 39.03), "Hanoi": (105.85, 21.03), "Ulaanbaatar": (106.90, 47.90),
    "Vladivostok": (131.90, 43.10), "Almaty": (76.90, 43.25), "Bishkek": (74.60, 42.87), "Kathmandu": (85.30, 27.70),
    "Thimphu": (89.64, 27.47), "Gangtok": (88.61, 27.33), "Leh": (77.58, 34.15), "Gilgit": (74.30, 35.90),
    "Vientiane": (102.60, 17.97), "Fukuoka": (130.40, 33.60), "Jeju": (126.50, 33.40), "Okinawa": (127.70, 26.20),
    "Manila": (121.00, 14.60), "Porto": (-8.61, 41.15), "Porto Alegre": (-51.23, -30.03), "Null Island": (0.0, 0.0),
    "Sinuiju": (124.398, 40.10), "Manpo": (126.29, 41.155), "Hyesan": (128.178, 41.397), "Namyang": (129.866, 42.952),
    "Khasan": (130.645, 42.43), "Pogranichny": (131.38, 44.40), "Khabarovsk": (135.07, 48.48),
    "Blagoveshchensk": (127.53, 50.28), "Zabaykalsk": (117.32, 49.655), "Zamyn-Uud": (111.903, 43.729),
    "Khorgos, Kazakhstan": (80.385, 44.22), "Kodari": (85.95, 27.93), "Muse": (97.902, 23.993),
    "Laukkai": (98.765, 23.69), "Lao Cai": (103.972, 22.487), "Dong Dang": (106.70, 21.945),
    "Mong Cai": (107.967, 21.527),
    "Hong Kong, Central": (114.158, 22.282), "Sheung Shui": (114.128, 22.502), "Lo Wu": (114.1133, 22.528),
    "Lok Ma Chau": (114.0655, 22.5135), "Sha Tau Kok": (114.221, 22.544), "Tuen Mun": (113.97, 22.39),
    "Hong Kong airport": (113.92, 22.31), "Tai O": (113.862, 22.255), "Tung Ping Chau": (114.435, 22.543),
    "Macau": (113.543, 22.197), "Macau, Portas do Cerco": (113.549, 22.2135), "Taipa": (113.56, 22.155),
    "Cotai": (113.557, 22.145), "Coloane": (113.556, 22.117),
    "Taipei": (121.56, 25.04), "Kaohsiung": (120.30, 22.63), "Penghu": (119.57, 23.57), "Kinmen": (118.32, 24.44),
    "Lieyu": (118.235, 24.43), "Nangan": (119.93, 26.155), "Dongyin": (120.49, 26.37), "Wuqiu": (119.453, 24.988),
    "Dongsha": (116.72, 20.70),
}  # fmt: skip


def at(places: dict[str, tuple[float, float]]) -> np.ndarray:
    return np.array(list(places.values()))


def metres(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(GEOD.inv(*a.T, *b.T)[2])


# --- Where the shift applies -----------------------------------------------------------------------


def test_the_outlines_are_sound():
    area = shifted_area()
    assert area.is_valid
    assert len(area.interiors) == 2
    # Land without Taiwan is 9.56 million km2; the outline takes in the sea off the coast, and no continent more.
    assert 9.6e6 < abs(GEOD.geometry_area_perimeter(area)[0]) / 1e6 < 11e6


def test_places_in_mainland_china_are_shifted():
    wrong = [name for name, inside in zip(INSIDE, is_shifted(at(INSIDE)), strict=True) if not inside]
    assert wrong == []


def test_places_elsewhere_are_not():
    wrong = [name for name, inside in zip(OUTSIDE, is_shifted(at(OUTSIDE)), strict=True) if inside]
    assert wrong == []


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_elsewhere_nothing_moves(datum: str):
    far = {k: v for k, v in OUTSIDE.items() if shapely.distance(shifted_area(), shapely.Point(v)) > 0.02}
    assert len(far) > 25
    np.testing.assert_array_equal(from_wgs84(at(far), datum), at(far))
    np.testing.assert_array_equal(to_wgs84(at(far), datum), at(far))
    np.testing.assert_array_equal(from_wgs84(at(OUTSIDE), datum), at(OUTSIDE))


# --- There and back ------------------------------------------------------------------------------


def plain_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The public formula, one point at a time, as most programs have it."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    both = (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    north += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * pi) + 320.0 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    east += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    magic = 1 - 0.00669342162296594323 * math.sin(math.radians(lat)) ** 2
    north = north * 180.0 / (6378245.0 * (1 - 0.00669342162296594323) / (magic * math.sqrt(magic)) * pi)
    east = east * 180.0 / (6378245.0 / math.sqrt(magic) * math.cos(math.radians(lat)) * pi)
    return lon + east, lat + north


def plain_bd09(lon: float, lat: float) -> tuple[float, float]:
    x, y = plain_gcj02(lon, lat)
    pi = math.pi * 3000.0 / 180.0
    z = math.hypot(x, y) + 0.00002 * math.sin(y * pi)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * pi)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


@pytest.mark.parametrize(("datum", "plain"), [("gcj02", plain_gcj02), ("bd09", plain_bd09)])
def test_the_forward_formula(datum: str, plain: Any):
    expected = np.array([plain(*place) for place in INSIDE.values()])
    np.testing.assert_allclose(from_wgs84(at(INSIDE), datum), expected, rtol=0, atol=1e-11)


def test_a_known_place():
    """Tiananmen, as eviltransform's and coordtransform's users have it: 39.907333, 116.391083 by GPS."""
    gps = np.array([[116.391083, 39.907333]])
    amap, baidu = from_wgs84(gps, "gcj02"), from_wgs84(gps, "bd09")
    np.testing.assert_allclose(amap, [[116.397324, 39.908735]], atol=2e-6)
    assert metres(gps, amap)[0] == pytest.approx(555, abs=10)
    assert metres(gps, baidu)[0] == pytest.approx(1500, abs=300)


CHINA = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(0, 1, allow_nan=False)
).map(lambda u: np.array([73.0, 18.0]) + u * np.array([62.0, 35.5]))


@settings(max_examples=200, deadline=None)
@given(CHINA, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_under_a_millimetre(lonlat: np.ndarray, datum: str):
    lonlat = lonlat[is_shifted(lonlat)]
    there = from_wgs84(lonlat, datum)
    away = metres(lonlat, there) if len(lonlat) else np.zeros(0)
    assert ((away > (10 if datum == "gcj02" else 600)) & (away < (710 if datum == "gcj02" else 1600))).all()
    assert (metres(to_wgs84(there, datum), lonlat) < 1e-3).all()


@settings(max_examples=100, deadline=None)
@given(CHINA, st.sampled_from(["gcj02", "bd09"]))
def test_back_and_there_gives_the_list_again(lonlat: np.ndarray, datum: str):
    back = to_wgs84(lonlat, datum)
    again = from_wgs84(back, datum)
    kept = (back == lonlat).all(axis=1)
    assert is_shifted(back[~kept]).all()
    assert (metres(again, lonlat)[~kept] < 1e-3).all()
    # What is kept though it lies inside are coordinates that no place inside has: the border is nearer than the shift.
    steps = 0.02 * np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])
    assert all(not is_shifted(place + steps).all() for place in lonlat[kept & is_shifted(lonlat)])


def test_coordinates_at_the_border_that_no_place_has_are_kept():
    """GCJ-02 at the Argun: the place they would stand for lies outside, and as they stand they lie inside."""
    lonlat = np.array([[119.27763131, 50.10253906]])
    assert is_shifted(lonlat).all()
    np.testing.assert_array_equal(to_wgs84(lonlat, "gcj02"), lonlat)


@pytest.mark.parametrize("datum", DATUMS)
def test_input_is_not_touched_and_odd_input_gets_through(datum: str):
    lonlat = np.array([[121.0, 31.0], [np.nan, 31.0], [121.0, np.inf]])
    kept = lonlat.copy()
    with np.errstate(invalid="ignore"):
        for turn in (from_wgs84, to_wgs84):
            moved = turn(lonlat, datum)
            assert moved is not lonlat
            assert np.isfinite(moved).tolist() == np.isfinite(lonlat).tolist()
    np.testing.assert_array_equal(lonlat, kept)
    assert from_wgs84(np.empty((0, 2)), datum).shape == (0, 2)


def test_cgcs2000_is_wgs84():
    np.testing.assert_array_equal(to_wgs84(at(INSIDE), "cgcs2000"), at(INSIDE))


def test_unknown_datum():
    with pytest.raises(InputError, match="found 'mars'; choose one of wgs84, gcj02, bd09, cgcs2000"):
        to_wgs84(at(INSIDE), "mars")


# --- Lists in a datum ------------------------------------------------------------------------------

BAOYING = np.array([[119.3589, 33.2366], [119.3712, 33.2401], [119.3466, 33.2298]])


def csv_of(path: Path, lonlat: np.ndarray, headings: str = "名称,经度,纬度") -> Path:
    rows = [f"驿站{i},{float(x)!r},{float(y)!r}" for i, (x, y) in enumerate(lonlat)]
    path.write_text("\n".join([headings, *rows]), encoding="utf-8")
    return path


def layer_of(path: Path, lonlat: np.ndarray, crs: Any = 4326) -> Path:
    frame = gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=gpd.points_from_xy(*lonlat.T), crs=4326).to_crs(crs)
    frame.to_file(path)
    return path


def places_of(stations: gpd.GeoDataFrame) -> np.ndarray:
    assert stations.crs == "EPSG:4326"
    return shapely.get_coordinates(stations.geometry.array)


@pytest.mark.parametrize("datum", DATUMS)
def test_a_table_in_a_datum(tmp_path: Path, datum: str):
    stations = read_stations(csv_of(tmp_path / "a.csv", from_wgs84(BAOYING, datum)), datum=datum)
    np.testing.assert_allclose(places_of(stations), BAOYING, rtol=0, atol=1e-9)
    assert "datum" not in stations


@pytest.mark.parametrize("crs", [4326, 4490, 4528, 4549, 32650])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_layers_that_say_wgs84_or_cgcs2000_but_are_shifted(tmp_path: Path, datum: str, crs: int):
    """Points taken from Amap's pages, given the CRS that GIS programs offer first, and at times projected."""
    path = layer_of(tmp_path / "a.gpkg", from_wgs84(BAOYING, datum), crs)
    assert (metres(places_of(read_stations(path)), BAOYING) > 300).all()
    assert (metres(places_of(read_stations(path, datum=datum)), BAOYING) < 1e-3).all()


def test_a_layer_on_another_datum_is_no_shifted_one(tmp_path: Path):
    path = layer_of(tmp_path / "a.gpkg", BAOYING, "EPSG:4214")  # Beijing 1954
    with pytest.raises(CRSError, match=r"a\.gpkg: states 'Beijing 1954', in which there is no GCJ-02"):
        read_stations(path, datum="gcj02")
    assert "datum" not in read_stations(path, datum="auto")


def test_auto_stays_as_it_is_until_it_meets_the_streets(tmp_path: Path):
    stations = read_stations(csv_of(tmp_path / "a.csv", BAOYING), datum="auto")
    assert stations["datum"].tolist() == ["auto"] * 3
    np.testing.assert_array_equal(places_of(stations), BAOYING)
    assert check_stations(stations)["datum"].tolist() == ["auto"] * 3
    assert check_stations(stations.to_crs(32650))["datum"].tolist() == ["auto"] * 3
    assert "datum" not in check_stations(stations.assign(datum="WGS84"))


def test_half_a_list_on_auto_is_refused(tmp_path: Path):
    stations = read_stations(csv_of(tmp_path / "a.csv", BAOYING), datum="auto")
    stations.loc[0, "datum"] = "gcj02"
    with pytest.raises(InputError, match="auto and of some is not"):
        check_stations(stations)


@pytest.mark.parametrize("datum", ["mars", "WGS84", ""])
def test_a_datum_that_there_is_not(tmp_path: Path, datum: str):
    with pytest.raises(InputError, match="choose one of wgs84, gcj02, bd09, cgcs2000, auto"):
        read_stations(csv_of(tmp_path / "a.csv", BAOYING), datum=datum)


@pytest.mark.parametrize(
    ("headings", "datum"),
    [("名称,百度经度,百度纬度", "bd09"), ("名称,高德经度,高德纬度", "gcj02"), ("name,gcj02_lng,gcj02_lat", "gcj02")],
)
def test_headings_that_name_a_datum(tmp_path: Path, headings: str, datum: str):
    path = csv_of(tmp_path / "a.csv", from_wgs84(BAOYING, datum), headings)
    with pytest.warns(InputWarning, match=f"and the list was read as WGS 84; say --datum {datum} if it is"):
        read_stations(path)
    np.testing.assert_allclose(places_of(read_stations(path, datum=datum)), BAOYING, rtol=0, atol=1e-9)
    assert "datum" in read_stations(path, datum="auto")


def test_people_in_a_datum(tmp_path: Path):
    path = tmp_path / "people.csv"
    rows = [f"{x!r},{y!r},100" for x, y in from_wgs84(BAOYING, "bd09").tolist()]
    path.write_text("\n".join(["lon,lat,population", *rows]), encoding="utf-8")
    people = read_people(path, datum="bd09")
    np.testing.assert_allclose(shapely.get_coordinates(people.geometry.array), BAOYING, rtol=0, atol=1e-9)
    with pytest.raises(InputError, match="found 'auto'; choose one of wgs84"):
        read_people(path, datum="auto")


# --- Projected metres ------------------------------------------------------------------------------


def grid_of(code: int) -> np.ndarray:
    """Easting and northing of the three places."""
    return np.column_stack(Transformer.from_crs(4326, code, always_xy=True).transform(*BAOYING.T))


@pytest.mark.parametrize("code", [4490, 4527, 4528, 4548, 4549, 4498, 4509, 32650, 3857])
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb"])
def test_files_that_state_a_projected_crs_pass_the_gate(tmp_path: Path, code: int, name: str):
    stations = read_stations(layer_of(tmp_path / name, BAOYING, code)).sort_values("name")
    assert (metres(places_of(stations), BAOYING) < 0.01).all()


@pytest.mark.parametrize("code", range(4513, 4555))
def test_every_chinese_grid_of_three_degrees_passes_the_gate(code: int):
    middle = 75 + 3 * ((code - 4513) % 21)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([middle + 0.4], [36.0]), crs=4326).to_crs(code)
    stations = check_stations(frame)
    assert (metres(places_of(stations), np.array([[middle + 0.4, 36.0]])) < 0.01).all()


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("code", "question"),
    [
        (4528, "3-degree Gauss-Kruger zone 40 (EPSG:4528): if so, say --crs EPSG:4528"),
        (4527, "3-degree Gauss-Kruger zone 39 (EPSG:4527): if so, say --crs EPSG:4527"),
        (4498, "6-degree Gauss-Kruger zone 20 (EPSG:4498): if so, say --crs EPSG:4498"),
        (4549, "without zone (3-degree: EPSG:4534 for 75E to EPSG:4554 for 135E;"),
        (4509, "or UTM (EPSG:32643 to EPSG:32653): say which, e.g. --crs EPSG:4549"),
    ],
)
def test_a_table_of_metres_is_asked_about_and_read_by_the_answer(
    tmp_path: Path, code: int, question: str, swapped: bool
):
    grid = grid_of(code).round(3)
    path = csv_of(tmp_path / "点位.csv", grid[:, ::-1] if swapped else grid, "名称,X坐标,Y坐标")
    with pytest.raises(CRSError) as refused:
        read_stations(path)
    message = str(refused.value)
    assert message.startswith("点位.csv: no degrees but metres (found ")
    assert question in message
    assert "\n" not in message
    if swapped:
        with pytest.warns(InputWarning, match="the first coordinate is the northing"):
            stations = read_stations(path, crs=f"EPSG:{code}")
    else:
        stations = read_stations(path, crs=f"EPSG:{code}")
    assert (metres(places_of(stations), BAOYING) < 0.01).all()


def test_metres_of_several_zones(tmp_path: Path):
    grid = np.vstack((grid_of(4528)[:1], grid_of(4527)[1:]))
    with pytest.raises(CRSError, match=r"zone 39, 40 \(EPSG:4527, EPSG:4528\): part the list by zone"):
        read_stations(csv_of(tmp_path / "a.csv", grid))


def test_metres_in_one_cell(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["坐标", *(f'"{x:.2f}, {y:.2f}"' for x, y in grid_of(4528))]), encoding="utf-8")
    with pytest.raises(CRSError, match="say --crs EPSG:4528"):
        read_stations(path)
    with pytest.warns(InputWarning, match="northing"):
        stations = read_stations(path, crs="EPSG:4528")
    assert (metres(places_of(stations), BAOYING) < 0.02).all()


def test_web_mercator_is_named_beside_the_zones_that_it_may_be_taken_for(tmp_path: Path):
    path = csv_of(tmp_path / "a.csv", grid_of(3857))
    with pytest.raises(CRSError, match=r"zone 13 \(EPSG:4491\): .*; or they look like Web Mercator \(EPSG:3857\)"):
        read_stations(path)
    assert (metres(places_of(read_stations(path, crs="EPSG:3857")), BAOYING) < 0.01).all()


def test_metres_of_no_chinese_grid(tmp_path: Path):
    with pytest.raises(InputError, match=r"off the globe: .*projected metres\?"):
        read_stations(csv_of(tmp_path / "a.csv", np.array([[2_500_000.0, 1_200_000.0]] * 3)))


def test_a_wrong_answer_is_told_from_a_right_one(tmp_path: Path):
    path = csv_of(tmp_path / "a.csv", grid_of(4528))
    with pytest.raises(
        CRSError, match="do not lie where CGCS2000 / 3-degree Gauss-Kruger zone 38 is used; check --crs"
    ):
        read_stations(path, crs="EPSG:4526")
    with pytest.raises(CRSError, match="no coordinate system 'EPSG:99'; write it as EPSG:4528"):
        read_stations(path, crs="EPSG:99")
    with pytest.raises(CRSError, match="no place on the globe"):
        read_stations(path, crs='LOCAL_CS["site"]')


def test_a_crs_for_a_file_that_states_its_own(tmp_path: Path):
    with pytest.raises(CRSError, match=r"states its own coordinate system, .*; leave out --crs"):
        read_stations(layer_of(tmp_path / "a.gpkg", BAOYING), crs="EPSG:4528")


def test_metres_in_a_shifted_datum(tmp_path: Path):
    """Amap's coordinates that someone projected onto CGCS2000: the grid is undone first, then the shift."""
    degrees = from_wgs84(BAOYING, "gcj02")
    grid = np.column_stack(Transformer.from_crs(4490, 4528, always_xy=True).transform(*degrees.T))
    path = csv_of(tmp_path / "a.csv", grid.round(4))
    stations = read_stations(path, crs="EPSG:4528", datum="gcj02")
    assert (metres(places_of(stations), BAOYING) < 0.001).all()
    assert read_stations(path, crs="EPSG:4528", datum="auto")["datum"].tolist() == ["auto"] * 3
