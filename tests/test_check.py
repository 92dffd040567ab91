"""``walkshed check``: what was understood, told with row numbers and what to do, and when it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import walkshed as ws
from walkshed.analysis.check import Checked, StudyFrames, check
from walkshed.cli import main
from walkshed.errors import InputError
from walkshed.inputs import understand_stations
from walkshed.inputs.duplicates import same_name, same_place
from walkshed.output.check import check_json, check_lines, render_check
from walkshed.output.words import catalogue
from walkshed.project import Study, check_study
from walkshed.reach.walk import Walk

LIST = """驿站一览表
编号,名称,经度,纬度,营业时间,备注
1,城南驿站,119.4310,33.3093,8:00-18:00,
2,城北驿站,119.4192,33.3031,看情况,=1+1
3,城南驿站,119.4310,33.3093,全天,
4,<b>银行</b>,119.4315,33.3285,待定,
合计,4个,,,,
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "驿站.csv"
    path.write_bytes(LIST.encode("gb18030"))
    return path


@pytest.fixture(scope="module")
def county() -> ws.DemoCounty:
    return ws.demo_county()


def found(checked: Checked) -> dict[str, tuple[int, ...]]:
    return {f.code: f.rows for f in checked.findings}


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


def test_how_a_file_was_read(listed: Path) -> None:
    checked = check_study(Study(stations=listed))
    reading = checked.understood.reading
    assert (reading.kind, reading.encoding, reading.delimiter) == ("text", "gb18030", ",")
    assert (reading.heading_row, reading.left_out) == (2, (7,))
    assert {c.heading: c.meaning for c in checked.understood.columns} == {
        "编号": "station_id",
        "名称": "name",
        "经度": "lon",
        "纬度": "lat",
        "营业时间": "hours",
        "备注": None,
    }
    assert checked.status == {"read": 4}
    assert found(checked)["left_out"] == (7,)


def test_odd_rows_are_named_as_the_file_counts_them(listed: Path) -> None:
    checked = check_study(Study(stations=listed))
    assert found(checked) == {"hours_unread": (4, 6), "same_place": (3, 5), "same_name": (3, 5), "left_out": (7,)}


def test_stations_on_the_streets(listed: Path, county: ws.DemoCounty) -> None:
    with listed.open("a", encoding="gb18030") as file:
        file.write("5,野外,119.70,33.40,,\n6,外地,116.4,39.9,,\n")
    checked = check_study(Study(stations=listed, streets=county.streets, area=county.town))
    assert found(checked)["outside"] == (8, 9)
    assert checked.status == {"used": 4, "outside": 2}
    legs = checked.farthest["snap_m"].to_numpy()
    assert (np.diff(legs) <= 0).all()
    assert len(legs) == 4
    assert checked.streets is not None
    assert checked.stations.crs == "EPSG:4326"


def test_unsnapped_stations_are_warned_of(tmp_path: Path, county: ws.DemoCounty) -> None:
    streets = ws.read_streets(county.streets)
    town = gpd.read_file(county.town)
    frame = streets.to_frame().to_crs(4326)
    west, south, east, north = town.to_crs(4326).total_bounds
    # A corner of the county, without street near.
    corners = gpd.GeoSeries.from_xy([west - 0.3], [south - 0.3], crs=4326).to_crs(streets.crs)
    assert frame.to_crs(streets.crs).distance(corners[0]).min() > 250
    path = tmp_path / "a.csv"
    x, y = (west + east) / 2, (south + north) / 2
    path.write_text(f"name,lon,lat\nhere,{x},{y}\nthere,{west - 0.3},{south - 0.3}\n", encoding="utf-8")
    stations, understood = understand_stations(path)
    checked = check(stations, understood, streets, walk=Walk(max_snap=300.0))
    assert found(checked).keys() & {"unsnapped", "outside"}
    assert (3,) in found(checked).values()


def test_people_outside_and_unknown_are_counted_by_row(tmp_path: Path, listed: Path, county: ws.DemoCounty) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "人口表\n名称,lon,lat,人口\na,119.431,33.3093,100\nb,116.4,39.9,7\nc,119.43,33.31,\n", encoding="utf-8"
    )
    checked = check_study(Study(stations=listed, streets=county.streets, area=county.town, people=people))
    assert found(checked)["people_outside"] == (4,)
    assert (checked.people_rows, checked.people) == (3, 107.0)
    outside = next(f for f in checked.findings if f.code == "people_outside")
    assert outside.values["people"] == "7"


def test_no_street_within_reach_of_people(county: ws.DemoCounty) -> None:
    stations, understood = understand_stations(county.stations)
    streets = ws.read_streets(county.streets)
    x, y = streets.coords[0]
    people = gpd.GeoDataFrame(
        {"population": [5.0, 3.0]}, geometry=gpd.points_from_xy([x, x + 9e4], [y, y]), crs=streets.crs
    )
    checked = check(stations, understood, streets, StudyFrames(people=people, people_rows=lambda: [2, 3]), walk=Walk())
    assert found(checked)["people_unknown"] == (3,)


def test_the_datum_is_held_against_the_streets(tmp_path: Path, county: ws.DemoCounty) -> None:
    from walkshed.inputs.datum import from_wgs84

    given = ws.read_stations(county.stations)
    lonlat = np.c_[given.geometry.x, given.geometry.y]
    for datum, said in (("wgs84", None), ("gcj02", "gcj02")):
        x, y = from_wgs84(lonlat, datum).T
        path = tmp_path / f"{datum}.csv"
        given.assign(lon=x, lat=y)[["station_id", "name", "lon", "lat"]].to_csv(path, index=False, encoding="utf-8")
        checked = check_study(Study(stations=path, streets=county.streets))
        differs = [f for f in checked.findings if f.code == "datum_differs"]
        assert [f.values["datum"] for f in differs] == ([said] if said else [])
        assert checked.datum is not None
        assert len(checked.datum.fits) == 3
        assert all(name in render_check(checked) for name in ("WGS 84", "GCJ-02", "BD-09"))


@pytest.mark.parametrize(("stated", "differs"), [("gcj02", []), ("bd09", ["gcj02"]), ("wgs84", ["gcj02"])])
def test_the_fits_speak_of_the_file_and_not_of_what_was_made_of_it(
    county: ws.DemoCounty, stated: str, differs: list[str]
) -> None:
    listed = county.stations.with_name("stations_gcj02.xlsx")
    checked = check_study(Study(stations=listed, streets=county.streets, datum=stated))
    assert checked.datum is not None
    assert checked.datum.chosen == "gcj02"
    assert "Datum: GCJ-02 fits best" in check_lines(checked)
    assert [f.values["datum"] for f in checked.findings if f.code == "datum_differs"] == differs


# --- duplicates --------------------------------------------------------------------------------


def test_one_place_is_a_metre_wide() -> None:
    step = 1.0 / 111_195  # a metre of latitude
    points = gpd.GeoSeries.from_xy(
        [119.3] * 5, [33.2, 33.2 + 0.5 * step, 33.2 + 5 * step, 33.2, 33.2 + 20 * step], crs=4326
    )
    assert same_place(points) == [[0, 1, 3]]


def test_one_place_across_the_date_line() -> None:
    assert same_place(gpd.GeoSeries.from_xy([180.0, -180.0, 0.0], [10.0, 10.0, 10.0], crs=4326)) == [[0, 1]]


def test_a_hundred_thousand_stations_at_one_place() -> None:
    rng = np.random.default_rng(1)
    points = gpd.GeoSeries.from_xy(119.3 + rng.random(100_000) * 1e-7, np.full(100_000, 33.2), crs=4326)
    assert sum(map(len, same_place(points))) == 100_000


def test_two_stations_within_a_metre_are_seen_wherever_they_are() -> None:
    rng = np.random.default_rng(5)
    for lon, lat, turn in zip(
        rng.uniform(-180, 180, 200), rng.uniform(-80, 80, 200), rng.uniform(0, 360, 200), strict=True
    ):
        near = Geod(ellps="WGS84").fwd(lon, lat, turn, 0.98)[:2]
        far = Geod(ellps="WGS84").fwd(lon, lat, turn, 5.0)[:2]
        points = gpd.GeoSeries.from_xy(*zip((lon, lat), far, near, strict=True), crs=4326)
        assert same_place(points) == [[0, 2]]


def test_one_name_however_it_is_written() -> None:
    assert same_name(["城南 驿站", "城南驿站", "", "", "A-b", "ａｂ", "银行（东店）", "银行（西店）"]) == [
        [0, 1],
        [4, 5],
    ]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-179, 179), st.integers(-80, 80)), max_size=12))
def test_places_are_grouped_exactly_where_they_are_equal(grid: list[tuple[int, int]]) -> None:
    points = gpd.GeoSeries.from_xy([x for x, _ in grid], [y for _, y in grid], crs=4326)
    wanted = [[i for i, p in enumerate(grid) if p == place] for place in dict.fromkeys(grid)]
    assert same_place(points) == [group for group in wanted if len(group) > 1]


# --- told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_whole_escaped_and_loads_nothing(listed: Path, lang: str) -> None:
    page = render_check(check_study(Study(stations=listed)), lang=lang)
    assert "&lt;b&gt;银行&lt;/b&gt;" not in page  # it is not odd, so it is not told
    assert "<b>" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|<script""", page)
    assert "4, 6" in page
    assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in page


def test_hostile_names_reach_neither_page_nor_terminal(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>{{7*7}}\x1b[31m"
    path = tmp_path / "a.csv"
    path.write_text(f'name,lon,lat\n"{name}",1,2\n"{name}",1,2\n', encoding="utf-8")
    checked = check_study(Study(stations=path))
    page = render_check(checked)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "{{7*7}}" in page
    assert "\x1b" not in page + "".join(check_lines(checked))


def test_a_page_with_notes_does_not_say_that_nothing_was_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\na,1,2\na,3,4\n", encoding="utf-8")
    page = render_check(check_study(Study(stations=path)))
    assert "one name: a" in page
    assert "Nothing odd" not in page
    path.write_text("name,lon,lat\na,1,2\nb,3,4\n", encoding="utf-8")
    assert "Nothing odd" in render_check(check_study(Study(stations=path)))


def test_many_findings_of_a_kind_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "\n".join(f"s{i // 2},{i // 2 % 170},{i // 340}" for i in range(2, 2000))
    path.write_text(f"name,lon,lat\n{rows}\n", encoding="utf-8")
    lines = check_lines(check_study(Study(stations=path)))
    assert len(lines) < 60
    assert sum(line.endswith("979 more like these") for line in lines) == 2


def test_every_finding_has_its_remedy() -> None:
    codes = {name.partition(".")[2] for name in catalogue() if name.startswith("finding.")}
    assert codes == {name.partition(".")[2] for name in catalogue() if name.startswith("remedy.")} - {"said"}


def test_every_meaning_has_its_name() -> None:
    from walkshed.inputs.headings import MEANINGS

    assert set(MEANINGS) <= {name.partition(".")[2] for name in catalogue() if name.startswith("means.")}


def test_machines_get_plain_values(listed: Path, county: ws.DemoCounty) -> None:
    checked = check_study(Study(stations=listed, streets=county.streets, zones=county.zones))
    told = json.loads(json.dumps(check_json(checked), allow_nan=False))
    assert told["status"] == {"used": 4}
    assert told["reading"]["encoding"] == "gb18030"
    assert {"heading": "备注", "meaning": None} in told["columns"]
    assert [f["rows"] for f in told["findings"] if f["code"] == "hours_unread"] == [[4, 6]]


# --- the command -------------------------------------------------------------------------------


def test_fine_is_0_and_strict_takes_no_warning(run: Any, listed: Path) -> None:
    code, out, err = run("check", listed, "--out", "sub/c.html")
    assert (code, err) == (0, "")
    assert out.startswith("4 stations: 4 read")
    assert "备注 -> not used" in out
    assert "warning: rows 4, 6: opening hours" in out
    assert Path("sub/c.html").read_text(encoding="utf-8").endswith("</html>")
    code, out, err = run("check", listed, "--strict")
    assert code == 2
    assert out.startswith("4 stations")
    assert err.startswith("error: 驿站.csv: 2 warnings")
    Path("fine.csv").write_text("name,lon,lat\na,1,2\nb,3,4\n", encoding="utf-8")
    assert run("check", "fine.csv", "--strict")[0] == 0


def test_in_chinese_nothing_is_said_in_english(run: Any, listed: Path, county: ws.DemoCounty) -> None:
    code, out, _ = run("check", listed, "--streets", county.streets, "--lang", "zh")
    assert code == 0
    assert "道路：county.osm.pbf · " in out
    assert "警告：第 4, 6 行：开放时间无法识别（如“看情况”）：按未知处理，不会当作开放；改写为" in out
    assert "离道路最远的站点\n行  站点" in out
    left = out.replace("county.osm.pbf", "").replace("EPSG:", "").replace("GCJ-02", "").replace("BD-09", "")
    assert set(re.findall("[A-Za-z]{2,}", left)) <= {"csv", "gb", "WGS", "datum"}
    assert not re.search("[;:](?! ?[0-9])", left)  # Chinese has marks of its own


def test_names_that_cannot_be_written_are_refused_before_any_work(run: Any, listed: Path) -> None:
    before = listed.read_bytes()
    code, out, err = run("check", listed, "--out", "page.html", "--fix", listed)
    assert (code, out) == (2, "")
    assert "is the list itself" in err
    assert listed.read_bytes() == before
    assert not Path("page.html").exists()
    code, out, err = run("check", listed, "--out", "page.pdf")
    assert (code, out) == (2, "")
    assert "page.pdf: the page is one HTML file" in err


def test_unusable_is_2_in_one_line(run: Any) -> None:
    Path("a.csv").write_text("name,lon,lat\na,x,2\n", encoding="utf-8")
    code, out, err = run("check", "a.csv", "--out", "c.html", "--fix", "f.xlsx")
    assert (code, out) == (2, "")
    assert "a.csv: row 2: lon is not a number" in err
    assert [p.name for p in Path().iterdir()] == ["a.csv"]


def test_columns_are_named_on_the_command_line(run: Any) -> None:
    Path("a.csv").write_text("店,东,北\n甲,119.3,33.2\n", encoding="utf-8")
    assert "--columns lon=HEADING" in run("check", "a.csv")[2]
    named = ["--columns", "lon=东", "--columns", "lat=北", "--columns", "name=店"]
    code, out, _ = run("check", "a.csv", *named, "--json")
    assert code == 0
    assert json.loads(out)["stations"][0]["name"] == "甲"
    assert "give MEANING=HEADING" in run("check", "a.csv", "--columns", "lon")[2]
    assert "no column '西'" in run("check", "a.csv", "--columns", "lon=西")[2]
    assert "found 'colour'" in run("check", "a.csv", "--columns", "colour=店")[2]


def test_a_category_narrows_the_stations_and_not_the_findings(county: ws.DemoCounty) -> None:
    checked = check_study(Study(stations=county.stations, categories=("爱心母婴室",)))
    assert set(checked.stations["category"]) == {"爱心母婴室"}
    with pytest.raises(InputError, match="no station"):
        check_study(Study(stations=county.stations, categories=("驿站",)))
