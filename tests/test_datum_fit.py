"""Which datum fits the streets: settled, or asked."""

from __future__ import annotations

import contextlib
import re
from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import Transformer

from walkshed import analyze, demo_county, read_area, read_stations, read_streets
from walkshed.analysis.notes import Note
from walkshed.cli import main
from walkshed.errors import InputError
from walkshed.inputs.datum import from_wgs84
from walkshed.network.plane import to_plane
from walkshed.network.streets import Streets
from walkshed.output.words import Words
from walkshed.phrases import told
from walkshed.reach.datum_fit import FEWEST, HYPOTHESES, NEEDED, _rank, datum_lines, settle_datum
from walkshed.reach.snap import Snapper


@cache
def county() -> Streets:
    return read_streets(demo_county().streets)


@cache
def listed() -> np.ndarray:
    """The demo county's 41 stations, degrees."""
    return shapely.get_coordinates(read_stations(demo_county().stations).geometry.array)


def beside_streets(streets: Streets, count: int, seed: int, leg_m: tuple[float, float] = (5.0, 40.0)) -> np.ndarray:
    """Places beside random streets, degrees: by length, at a random distance on a random side."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(len(streets), count, p=streets.edge_length_m / streets.edge_length_m.sum())
    lines = shapely.linestrings(streets.coords, indices=np.repeat(np.arange(len(streets)), np.diff(streets.offsets)))
    along = rng.uniform(0.0, 0.98, count)
    foot, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[edge], share, normalized=True))
        for share in (along, along + 0.02)
    )
    way = ahead - foot
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    leg = rng.uniform(*leg_m, count) * rng.choice([-1.0, 1.0], count)
    return to_degrees(streets, foot + np.column_stack((-way[:, 1], way[:, 0])) * leg[:, None])


def to_degrees(streets: Streets, xy: np.ndarray) -> np.ndarray:
    return np.column_stack(Transformer.from_crs(streets.crs, 4326, always_xy=True).transform(*xy.T))


def in_town(count: int, seed: int) -> np.ndarray:
    """Random places of the town."""
    west, south, east, north = read_area(demo_county().town).total_bounds
    return np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2))


# --- What is settled -------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", HYPOTHESES)
def test_the_datum_of_the_demo_county(datum: str):
    verdict = settle_datum(county(), from_wgs84(listed(), datum))
    assert verdict.chosen == verdict.fits[0].datum == datum
    assert verdict.why == "fit"
    assert verdict.margin > 2 * NEEDED
    assert {fit.datum for fit in verdict.fits} == set(HYPOTHESES)
    best, *others = verdict.fits
    assert best.median_m == pytest.approx(9.0, abs=0.1)
    assert best.streetside_share == 1.0
    assert all(fit.median_m > 20 and fit.rank < best.rank for fit in others)
    assert len(datum_lines(verdict)) == 3


@pytest.mark.parametrize("count", [10, 20, 40])
@pytest.mark.parametrize("leg_m", [(5.0, 40.0), (5.0, 80.0)])
def test_no_list_is_settled_wrongly(count: int, leg_m: tuple[float, float]):
    settled = 0
    for seed in range(8):
        places = beside_streets(county(), count, seed, leg_m)
        for datum in HYPOTHESES:
            with contextlib.suppress(InputError):
                assert settle_datum(county(), from_wgs84(places, datum)).chosen == datum
                settled += 1
    assert settled > {10: 0, 20: 6, 40: 15}[count]


def test_ranks_of_random_places_are_uniform():
    """The ground of it all: in a wrong datum the mean rank is 0.5 and the variance 1/12, but for the town's edge."""
    snapper = Snapper(county())
    leg_m, rank = _rank(snapper, to_plane(in_town(4000, 1), county().crs))
    assert np.isfinite(leg_m).mean() > 0.5
    assert rank.mean() == pytest.approx(0.5, abs=0.03)
    assert rank[np.isfinite(leg_m)].var() == pytest.approx(1 / 12, rel=0.15)
    _, near = _rank(snapper, to_plane(beside_streets(county(), 1000, 1, (1.0, 5.0)), county().crs))
    assert near.mean() > 0.75


def test_beyond_the_streets_nothing_is_told():
    leg_m, rank = _rank(Snapper(county()), county().coords.max(axis=0, keepdims=True) + 5e4)
    assert np.isinf(leg_m).all()
    assert rank.tolist() == [0.5]


def test_stations_beyond_the_streets_do_not_count():
    """A list of the province over the streets of one county: what lies elsewhere changes nothing."""
    far = listed() + 0.5
    alone = settle_datum(county(), from_wgs84(listed(), "gcj02"))
    among = settle_datum(county(), from_wgs84(np.vstack((far, listed(), far + 0.3)), "gcj02"))
    assert (among.chosen, among.stations) == ("gcj02", alone.stations)
    assert among.margin == pytest.approx(alone.margin)


def test_the_order_of_the_list_does_not_matter():
    raw = from_wgs84(listed(), "bd09")
    order = np.random.default_rng(3).permutation(len(raw))
    one, other = settle_datum(county(), raw), settle_datum(county(), raw[order])
    assert other.chosen == one.chosen
    assert other.margin == pytest.approx(one.margin, rel=0.1)  # of stations at one place the first counts


def test_a_long_list_is_looked_at_in_part():
    places = beside_streets(county(), 20_000, 5)
    verdict = settle_datum(county(), from_wgs84(places, "gcj02"))
    assert verdict.chosen == "gcj02"
    assert verdict.stations <= 2000


@pytest.mark.parametrize("middle", [(24.94, 60.17), (-8.61, 41.15), (114.16, 22.28), (121.56, 25.04), (113.58, 22.12)])
def test_outside_mainland_china_auto_is_wgs84_at_once(middle: tuple[float, float]):
    """Also of a single station, and whatever the streets are: there is no other datum there."""
    verdict = settle_datum(county(), np.array([middle]))
    assert (verdict.chosen, verdict.why, verdict.fits) == ("wgs84", "outside", ())
    assert datum_lines(verdict) == []


def test_cafes_of_shanghai(real_data):
    """Real places, many of them deep in malls: clear enough as they are, and not clear when shifted."""
    streets = read_streets(real_data("shanghai_center/shanghai_center.osm.gz"))
    cafes = shapely.get_coordinates(read_stations(real_data("shanghai_center/cafes.geojson")).geometry.array)
    verdict = settle_datum(streets, cafes)
    medians = {fit.datum: fit.median_m for fit in verdict.fits}
    assert verdict.chosen == "wgs84"
    assert medians["wgs84"] == pytest.approx(34.3, abs=0.1)
    assert medians["gcj02"] == pytest.approx(66.8, abs=0.1)
    with pytest.raises(InputError, match=r"GCJ-02 fits better than BD-09 by 1\.1 standard errors, and 2 are needed"):
        settle_datum(streets, from_wgs84(cafes, "gcj02"))


# --- What is asked ---------------------------------------------------------------------------------


def refusal(lonlat: np.ndarray) -> str:
    with pytest.raises(InputError) as refused:
        settle_datum(county(), lonlat)
    message = str(refused.value)
    assert "\n" not in message
    assert message.endswith("say it with --datum wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)")
    return message


def test_the_question_is_asked_in_chinese_too():
    with pytest.raises(InputError) as refused:
        settle_datum(county(), in_town(60, 0))
    message = told(refused.value, "zh")
    assert re.fullmatch(r"站点：无法根据与道路的吻合程度判断坐标系：.+；请用 --datum 指明：wgs84.+", message)
    assert message.count("到道路距离中位数") == 3


def test_too_few_stations():
    assert f"{FEWEST - 1} of {FEWEST - 1} lie within 250 m" in refusal(listed()[: FEWEST - 1])


def test_stations_at_one_place_are_one():
    assert "are needed" in refusal(np.repeat(listed()[:4], 25, axis=0))


def test_stations_of_another_county():
    assert "0 of 41 lie within 250 m" in refusal(listed() + 0.7)


@pytest.mark.parametrize("seed", range(4))
def test_places_that_stand_at_no_street_fit_no_datum(seed: int):
    message = refusal(in_town(60, seed))
    assert "standard errors, and 2 are needed" in message
    for title in ("WGS 84: median", "GCJ-02: median", "BD-09: median"):
        assert title in message


def test_half_in_one_datum_and_half_in_another():
    raw = np.vstack((from_wgs84(listed()[::2], "gcj02"), from_wgs84(listed()[1::2], "bd09")))
    assert "cannot be told" in refusal(raw)


# --- In a study ------------------------------------------------------------------------------------


def shares(result) -> list[float]:
    return [row["street_share"] for row in result.summary["coverage"]]


@cache
def as_it_is():
    return analyze(county(), read_stations(demo_county().stations), area=read_area(demo_county().town))


@pytest.mark.parametrize("datum", ["gcj02", "auto"])
def test_the_twin_of_the_demo_gives_the_same_coverage(datum: str):
    stations = read_stations(demo_county().stations_gcj02, datum=datum)
    result = analyze(county(), stations, area=read_area(demo_county().town))
    assert shares(result) == pytest.approx(shares(as_it_is()), abs=0.002)
    assert result.summary["stations"] == as_it_is().summary["stations"]
    assert "datum" not in result.stations
    assert (result.stations.distance(as_it_is().stations) < 0.2).all()  # both round to 1e-6 degrees


def test_without_the_shift_the_twin_is_wrong():
    result = analyze(county(), read_stations(demo_county().stations_gcj02), area=read_area(demo_county().town))
    assert abs(shares(result)[0] - shares(as_it_is())[0]) > 0.002


def test_the_verdict_stands_in_the_result():
    stations = read_stations(demo_county().stations_gcj02, datum="auto")
    given = stations.copy()
    result = analyze(county(), stations, area=read_area(demo_county().town))
    assert result.datum is not None
    assert (result.datum.chosen, result.datum.why) == ("gcj02", "fit")
    note = next(n for n in result.notes if n.code == "datum_settled")
    assert note.values["best"] == "GCJ-02"
    assert note.values["best_m"] < note.values["next_m"]
    assert set(result.summary) == set(as_it_is().summary)
    assert_geodataframe_equal(stations, given)
    for lang, phrase in (("en", "Read as GCJ-02"), ("zh", "按 GCJ-02 读取")):
        assert phrase in Words(lang)("note.datum_settled", **note.values)


def test_a_stated_datum_that_fits_needs_no_note():
    assert as_it_is().datum is not None
    assert (as_it_is().datum.chosen, as_it_is().datum.stated) == ("wgs84", "wgs84")
    assert not [n for n in as_it_is().notes if n.code.startswith("datum")]


def test_abroad_there_is_no_note(helsinki_pbf):
    streets = read_streets(helsinki_pbf)
    places = beside_streets(streets, 5, 1)
    frame = gpd.GeoDataFrame({"datum": "auto"}, index=range(5), geometry=gpd.points_from_xy(*places.T), crs=4326)
    result = analyze(streets, frame)
    assert result.datum is not None
    assert result.datum.why == "outside"
    assert not any(isinstance(n, Note) and n.code == "datum_settled" for n in result.notes)


# --- On the command line ---------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    demo = demo_county()
    streets = ["--streets", str(demo.streets), "--area", str(demo.town), "--no-store"]
    try:
        main([*options, *streets])
    except SystemExit as left:
        code = int(left.code or 0)
    else:
        code = 0
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("datum", ["gcj02", "auto"])
def test_gaps_of_the_twin(capsys: pytest.CaptureFixture[str], datum: str):
    plain = run(capsys, "gaps", str(demo_county().stations), "--json")
    twin = run(capsys, "gaps", str(demo_county().stations_gcj02), "--json", "--datum", datum)
    assert plain[0] == twin[0] == 0
    assert plain[1].count("gap_id") == twin[1].count("gap_id")


def test_check_tells_the_datum(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "check", str(demo_county().stations_gcj02), "--datum", "auto")
    assert code == 0
    assert "Datum: GCJ-02 fits best" in out
    for title in ("WGS 84", "GCJ-02", "BD-09"):
        assert f"If the list is in {title} · Median metres to a street" in out
    assert "read the list with" not in out


def test_a_datum_that_cannot_be_told_is_asked_for_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path):
    path = tmp_path / "few.csv"
    rows = [f"{x},{y}" for x, y in from_wgs84(listed()[:5], "gcj02").tolist()]
    path.write_text("\n".join(["lon,lat", *rows]), encoding="utf-8")
    code, _, err = run(capsys, "report", str(path), "--datum", "auto")
    assert code == 2
    error = [line for line in err.splitlines() if line.startswith("error:")]
    assert len(error) == 1
    assert "say it with --datum" in error[0]


@pytest.mark.parametrize("options", [("--datum", "mars"), ("--crs", "EPSG:99")])
def test_options_that_cannot_be(capsys: pytest.CaptureFixture[str], options: tuple[str, str]):
    code, _, err = run(capsys, "gaps", str(demo_county().stations), *options)
    assert code == 2
    assert options[1] in err
