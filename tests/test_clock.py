"""The clock: coverage at a moment is what a fresh analysis of the open stations finds; unknown hours make two figures."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import walkshed as ws
from toys import LADDER, at, boxes, toy
from walkshed.analysis import clock
from walkshed.analysis.clock import NIGHT
from walkshed.analysis.study import Coverage, analyze
from walkshed.errors import InputError
from walkshed.inputs.holidays import is_holiday, may_be_worked
from walkshed.inputs.moment import ORDINARY_HOLIDAY, ORDINARY_WEEK, read_moment, read_week
from walkshed.output.report import render_report
from walkshed.phrases import told
from walkshed.reach.walk import Walk

LINE = "A---------B"
"""1,000 m of street."""

OFFICE, LATE, ALWAYS, UNKNOWN = "Mo-Fr 08:00-18:00; PH off", "08:00-23:00", "24/7", "ask at the counter"


def line(*hours: str, **more: object) -> Coverage:
    """Stations at both ends, and in the middle; 2.5 min are 200 m."""
    stations = at((0, 0), (1000, 0), (500, 0), opening_hours=list(hours))
    return analyze(toy(LINE).streets, stations, **({"walk": Walk(cutoffs=(2.5,))} | more))


@pytest.fixture(scope="module")
def county() -> Coverage:
    from walkshed.project import analyze_study, demo_study

    return analyze_study(demo_study())


# Moments


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Mon 22:00", "Mon 22:00"),
        ("  monday,  22:00 ", "Mon 22:00"),
        ("Su 7:30", "Sun 07:30"),
        ("thurs 10pm", "Thu 22:00"),
        ("周一 22:00", "Mon 22:00"),
        ("周一２２：００", "Mon 22:00"),
        ("星期天晚上10点半", "Sun 22:30"),
        ("礼拜三 22点", "Wed 22:00"),
        ("节假日 10:00", "holiday 10:00"),
        ("法定节假日10:00", "holiday 10:00"),
        ("2026-10-02 22:00", "2026-10-02 22:00"),
        ("2026-10-02T22:00:00+08:00", "2026-10-02 22:00"),
        (datetime(2026, 10, 2, 22), "2026-10-02 22:00"),
    ],
)
def test_moments_are_read(said, meant):
    assert str(read_moment(said)) == meant
    assert read_moment(str(read_moment(said))) == read_moment(said)


@pytest.mark.parametrize(
    "said",
    ["", "22:00", "Mon", "周一", "Mon 25:00", "Mon 22:61", "Mon 24:00", "2026-10-02", "2026-13-02 22:00", "Mon 22", "x" * 5000,
     "someday 22:00", "\x00", "2026-10-02 22:00 or so"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_in_both_languages(said):
    with pytest.raises(InputError, match="--at: found") as refused:
        read_moment(said)
    assert len(str(refused.value)) < 400
    assert "周一 22:00" in told(refused.value, "zh")


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_refused(said):
    with contextlib.suppress(InputError):
        assert isinstance(read_moment(said).when, datetime)


def test_weeks_are_named_by_any_of_their_days():
    assert read_week("2026-10-04") == read_week(date(2026, 9, 28)) == date(2026, 9, 28)
    for said in ("soon", "0001-01-00", "2026-W40-x"):
        with pytest.raises(InputError, match="--week: found"):
            read_week(said)


def test_the_ordinary_week_is_one_and_the_holiday_is_one():
    days = [ORDINARY_WEEK + timedelta(days=n) for n in range(-1, 8)]
    assert [is_holiday(day) for day in days] == [False] * 9
    assert not any(may_be_worked(day) for day in days)
    assert ORDINARY_WEEK.weekday() == 0
    assert is_holiday(ORDINARY_HOLIDAY) is is_holiday(ORDINARY_HOLIDAY - timedelta(days=1)) is True
    assert ORDINARY_HOLIDAY.weekday() < 5


# At a moment


def test_at_ten_in_the_morning_and_at_ten_at_night():
    """An office at A covers 200 m, a late door at B 200 m, and one of unknown hours between them 400 m."""
    result = line(OFFICE, LATE, UNKNOWN)
    morning, evening, night = (ws.at_moment(result, m).iloc[0] for m in ("Mon 10:00", "周一 22:00", "Mon 23:00"))
    assert morning[["open", "unknown"]].tolist() == [2, 1]
    assert [morning["street_km_low"], morning["street_km_high"]] == pytest.approx([0.4, 0.8])
    assert [evening["street_km_low"], evening["street_km_high"]] == pytest.approx([0.2, 0.6])
    assert [night["street_share_low"], night["street_share_high"]] == pytest.approx([0.0, 0.4])
    assert night["people_low"] is None


def test_public_holidays_and_weekends():
    result = line(OFFICE, LATE, ALWAYS)
    shares = [ws.at_moment(result, m)["street_share_low"].iloc[0] for m in ("Mon 10:00", "Sat 10:00", "holiday 10:00")]
    assert shares == pytest.approx([0.8, 0.6, 0.6])
    frame = ws.day_and_night(result)
    assert frame[["days", "part", "hours"]].to_numpy().tolist() == [
        ["workday", "day", 80], ["workday", "night", 40], ["weekend", "day", 32], ["weekend", "night", 16],
        ["holiday", "day", 16], ["holiday", "night", 8],
    ]  # fmt: skip
    # Of the day's 16 full hours the office has 10, the late door 14; of the night's 8 the late door one.
    workday = (0.4 * 16 + 0.2 * 10 + 0.2 * 14) / 16
    assert frame["street_share_low"].tolist()[:2] == pytest.approx([workday, (0.4 * 8 + 0.2) / 8])
    assert frame["street_share_low"].tolist()[2::2] == pytest.approx([(0.4 * 16 + 0.2 * 14) / 16] * 2)


def test_a_holiday_of_china_is_none_elsewhere():
    result = line(OFFICE, LATE, ALWAYS, country="PT")
    assert set(ws.day_and_night(result)["days"]) == {"workday", "weekend"}
    assert ws.at_moment(result, "2026-10-02 10:00")["street_share_low"].iloc[0] == pytest.approx(0.8)
    assert ws.at_moment(result, "2026-10-05 10:00")["street_share_low"].iloc[0] == pytest.approx(0.6)  # theirs


HOURS = st.sampled_from([OFFICE, LATE, ALWAYS, UNKNOWN, "Sa-Su 22:00-30:00"])
spot = st.tuples(st.floats(-20, 1200), st.floats(-220, 20))


@settings(max_examples=25, deadline=None)
@given(
    doors=st.lists(st.tuples(spot, HOURS), min_size=2, max_size=6),
    near=HOURS,
    homes=st.lists(spot, min_size=1, max_size=6),
    moment=st.sampled_from(["Mon 10:00", "Mon 22:00", "Sun 02:00", "holiday 10:00"]),
    as_zones=st.booleans(),
)
def test_coverage_at_a_moment_is_that_of_the_open_stations_alone(doors, near, homes, moment, as_zones):
    """Also where two stations of one category are neighbours, and only one of them is open."""
    doors = [*doors, ((doors[0][0][0] + 15, doors[0][0][1]), near)]
    stations = at(*(place for place, _ in doors), opening_hours=[hours for _, hours in doors])
    homes = [(100.0, 0.0), *homes]  # one at least lives in the area: a share of nobody is none
    people = at(*homes, population=np.arange(1.0, len(homes) + 1))
    zones = boxes((-50, -250, 430, 50), (430, -250, 900, 50), zone=["west", "east"], population=[70.0, 110.0])
    study = {"walk": Walk(cutoffs=(2, 5)), "area": boxes((-50, -250, 900, 50))} | (
        {"zones": zones} if as_zones else {"people": people}
    )
    streets = toy(LADDER).streets
    result = analyze(streets, stations, **study)
    if not result.has_hours:
        with pytest.raises(InputError, match="none states opening hours"):
            ws.at_moment(result, moment)
        return
    found = ws.at_moment(result, moment)
    sure, possible = result.timetable.doors.at(read_moment(moment).when)
    ids = result.timetable.stations["station_id"].to_numpy()
    for which, mask in (("low", sure), ("high", possible)):
        assert_is_fresh(found, which, analyze_some(streets, stations, ids[mask], study))
    if sure.any():
        then = analyze(streets, stations, at=moment, **study)
        pd.testing.assert_frame_equal(pd.DataFrame(then.moment.rows), found, atol=1e-9, check_dtype=False)


def analyze_some(streets, stations, ids, study):
    kept = stations[stations["station_id"].isin(ids)]
    return None if kept.empty else analyze(streets, kept, **study)


def assert_is_fresh(found, which, fresh):
    for name in ("street_km", "street_share", "people", "people_share"):
        expected = 0.0 if fresh is None else [row[name] for row in fresh.summary["coverage"]]
        np.testing.assert_allclose(found[f"{name}_{which}"].to_numpy(float), expected, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("moment", ["Mon 10:00", "周一 22:00"])
def test_the_demo_county_at_a_moment_is_a_fresh_analysis(county, moment):
    found = ws.at_moment(county, moment)
    ids = county.timetable.stations["station_id"].to_numpy()
    for which, mask in zip(("low", "high"), county.timetable.doors.at(read_moment(moment).when), strict=True):
        stations = county.stations[county.stations["station_id"].isin(ids[mask])]
        fresh = analyze(county.network, stations[["station_id", "name", "category", "geometry"]], **demo_frames())
        assert_is_fresh(found, which, fresh)


def demo_frames() -> dict[str, object]:
    files = ws.demo_county()
    return {"area": ws.read_area(files.town), "zones": ws.read_zones(files.zones)}


def test_the_demo_county_at_ten_in_the_morning_and_at_night(county):
    """15 stations in town: two never close, one is open until half past ten, one does not say."""
    morning, night = (ws.at_moment(county, m).iloc[-1] for m in ("Mon 10:00", "Mon 22:00"))
    assert morning[["open", "unknown"]].tolist() == [14, 1]
    assert night[["open", "unknown"]].tolist() == [3, 1]
    assert 0.6 < morning["people_share_low"] < morning["people_share_high"] < 0.75
    assert 0.2 < night["people_share_low"] < night["people_share_high"] < 0.35


# The week


@pytest.fixture
def searches(monkeypatch):
    """Count the searches, and the sets of stations that they were for."""
    asked: list[tuple[int, ...]] = []
    coverage_of = clock.coverage_of

    def counted(result, station):
        asked.append(tuple(station))
        return coverage_of(result, station)

    monkeypatch.setattr(clock, "coverage_of", counted)
    return asked


def test_a_week_is_searched_once_for_each_set_of_open_stations(searches):
    """Two sets a day, office hours or not, with and without the one that does not say: 168 hours, four searches."""
    result = line("Mo-Fr 08:00-18:00", ALWAYS, UNKNOWN)
    frame = ws.week(result)
    assert len(frame) == 168
    assert sorted(searches) == [(0, 1), (0, 1, 2), (1,), (1, 2)]
    assert result.timetable.sets_searched == 4
    ws.day_and_night(result)
    ws.at_moment(result, "Mon 10:00")
    assert len(searches) == 4


def test_each_hour_of_the_week():
    frame = ws.week(line("Mo-Fr 08:00-18:00", ALWAYS, UNKNOWN)).pivot_table(
        index="hour", columns="weekday", values="street_share_low"
    )
    assert frame.shape == (24, 7)
    open_hours = (frame > 0.3).to_numpy()
    assert open_hours.sum() == 50
    assert open_hours[8:18, :5].all()
    assert frame.to_numpy()[open_hours] == pytest.approx(0.4)
    assert frame.to_numpy()[~open_hours] == pytest.approx(0.2)


def test_another_week_has_its_holidays():
    result = line(OFFICE, "Mo-Fr 08:00-18:00", ALWAYS)
    frame = ws.week(result, "2026-10-01")
    assert frame["date"].iloc[0] == "2026-09-28"
    at_ten = frame[frame["hour"] == 10]["street_share_low"].tolist()
    assert at_ten == pytest.approx([0.8] * 3 + [0.6] * 2 + [0.4] * 2)


def test_hours_past_midnight_belong_to_the_night_before():
    result = line("Fr 20:00-26:00", ALWAYS, ALWAYS)
    open_at = ws.week(result).query("open == 3")[["weekday", "hour"]].to_numpy().tolist()
    assert open_at == [[4, hour] for hour in range(20, 24)] + [[5, 0], [5, 1]]


# The night


def test_the_darkest_hour_is_at_night():
    """On Sundays all is closed but the one that never is, by day too; Monday 23:00 is the first such night hour."""
    result = line(OFFICE, LATE, ALWAYS)
    assert str(result.timetable.darkest) == "Mon 23:00"
    assert result.timetable.darkest.when.hour in NIGHT


def test_gaps_that_exist_only_at_night():
    """At 23:00 only the middle is open. B's last 200 m and A's first 200 m are dark; the street between is never lit."""
    people = at((50, 0), (300, 0), (950, 0), (500, 0), population=[3.0, 90.0, 5.0, 7.0])
    frame = ws.night_gaps(line(OFFICE, LATE, ALWAYS, people=people))
    assert frame["street_km_low"].tolist() == frame["street_km_high"].tolist() == pytest.approx([0.2, 0.2])
    assert frame["people_high"].tolist() == [5, 3]
    assert frame["station_id"].tolist() == ["s2", "s1"]
    assert frame["walk_min"].tolist() == pytest.approx([500 / 80] * 2)
    assert frame.crs is not None


def test_a_night_gap_is_smaller_where_unknown_hours_may_be_open():
    """B's late door covers 400 m, of which A, that does not say, covers half."""
    town = toy("A-B-C----D")
    stations = town.stations(("A", 0, 0), ("B", 0, 0), ("D", 0, 0)).assign(opening_hours=[UNKNOWN, LATE, ALWAYS])
    zones = boxes((-10, -10, 910, 10), zone=["all"], population=[900.0])
    (gap,) = ws.night_gaps(analyze(town.streets, stations, zones=zones, walk=Walk(cutoffs=(2.5,)))).to_dict("records")
    assert [gap["street_km_low"], gap["street_km_high"]] == pytest.approx([0.2, 0.4])
    assert [gap["people_low"], gap["people_high"]] == pytest.approx([200, 400])
    assert gap["station_id"] == "s2"
    assert gap["walk_min"] == pytest.approx(700 / 80)


def test_no_night_gap_where_doors_never_close():
    result = line(ALWAYS, ALWAYS, ALWAYS)
    assert ws.night_gaps(result).empty
    assert ws.longer_hours(result).empty


@settings(max_examples=15, deadline=None)
@given(
    doors=st.lists(st.tuples(spot, HOURS), min_size=2, max_size=6),
    homes=st.lists(spot, min_size=1, max_size=6),
    as_zones=st.booleans(),
)
def test_longer_hours_gain_what_a_fresh_analysis_finds(doors, homes, as_zones):
    stations = at(*(place for place, _ in doors), opening_hours=[hours for _, hours in doors])
    homes = [(100.0, 0.0), *homes]  # one at least lives in the area: a share of nobody is none
    people = at(*homes, population=np.arange(1.0, len(homes) + 1))
    zones = boxes((-50, -250, 430, 50), (430, -250, 900, 50), zone=["west", "east"], population=[70.0, 110.0])
    study = {"walk": Walk(cutoffs=(5,))} | ({"zones": zones} if as_zones else {"people": people})
    streets = toy(LADDER).streets
    result = analyze(streets, stations, **study)
    if not result.has_hours:
        return
    frame = ws.longer_hours(result, "Mon 23:00")
    sure, possible = result.timetable.doors.at(read_moment("Mon 23:00").when)
    ids = result.timetable.stations["station_id"].to_numpy()
    assert set(frame["station_id"]) == set(ids[~sure])
    for base, which in ((ids[possible], "low"), (ids[sure], "high")):
        before = figures(analyze_some(streets, stations, base, study))
        for row in frame.to_dict("records"):
            after = figures(analyze_some(streets, stations, [*base, row["station_id"]], study))
            gained = [row[f"gain_street_km_{which}"], row[f"gain_people_{which}"]]
            np.testing.assert_allclose(gained, np.subtract(after, before), atol=1e-6)


def figures(result):
    if result is None:
        return 0.0, 0.0
    last = result.summary["coverage"][-1]
    return last["street_km"], last["people"]


def test_night_gaps_are_covered_by_day_and_dark_at_night(county):
    """They add up to what all stations cover and the open ones do not, less slivers; and the first is the largest."""
    gaps = ws.night_gaps(county, "Mon 22:00")
    open_then = ws.at_moment(county, "Mon 22:00").iloc[-1]
    lost_km = county.summary["coverage"][-1]["street_km"] - open_then["street_km_low"]
    assert gaps["street_km_high"].sum() == pytest.approx(lost_km, rel=0.02)
    assert gaps["street_km_high"].sum() <= lost_km + 1e-9
    lost = county.summary["coverage"][-1]["people"] - open_then["people_low"]
    assert gaps["people_high"].sum() == pytest.approx(lost, rel=0.02)
    assert gaps["people_high"].is_monotonic_decreasing
    assert (gaps["people_low"] <= gaps["people_high"] + 1e-9).all()


# A study of one moment


def test_a_study_of_one_moment_has_the_open_stations_alone():
    result = line(OFFICE, LATE, UNKNOWN, at="Mon 22:00")
    assert result.stations["station_id"].tolist() == ["s2"]
    assert (result.moment.open, result.moment.closed, result.moment.unknown) == (("s2",), ("s1",), ("s3",))
    told_of = result.summary["clock"]
    assert (told_of["at"], told_of["open"], told_of["closed"], told_of["unknown"]) == ("Mon 22:00", 1, 1, 1)
    assert told_of["coverage"][0]["street_share_low"] == pytest.approx(result.summary["coverage"][0]["street_share"])
    assert told_of["coverage"][0]["street_share_high"] == pytest.approx(0.6)
    with pytest.raises(InputError, match="it holds only the stations open at Mon 22:00"):
        ws.week(result)
    assert not result.has_hours


def test_a_moment_when_nothing_is_open():
    with pytest.raises(
        InputError, match="no station is open for certain \\(2 closed, 1 of unknown hours\\)"
    ) as refused:
        line(OFFICE, LATE, UNKNOWN, at="Mon 23:00")
    assert "没有确定开放的站点（2 个关闭，1 个开放时间未知）" in told(refused.value, "zh")


def test_lists_without_hours():
    bare = analyze(toy(LINE).streets, at((0, 0)))
    assert not bare.has_hours
    with pytest.raises(InputError, match="no column states opening hours"):
        ws.week(bare)
    unread = line(UNKNOWN, "", UNKNOWN)
    assert not unread.has_hours
    with pytest.raises(InputError, match="of 3 that are used none states opening hours that can be read"):
        ws.at_moment(unread, "Mon 22:00")
    with pytest.raises(InputError, match="none states opening hours that can be read"):
        line(UNKNOWN, "", UNKNOWN, at="Mon 22:00")


def test_a_gap_that_a_closed_station_would_serve_says_so():
    """At night the station at the far end is closed: the gap there is its."""
    stations = at((0, 0), (1000, 0), opening_hours=[ALWAYS, OFFICE])
    stations["name"] = ["west", "<b>east</b>"]
    night = analyze(toy(LINE).streets, stations, walk=Walk(cutoffs=(2.5,)), at="Mon 22:00")
    causes = night.gaps.set_index("closed_station")["cause"]
    assert causes["<b>east</b>"] == "closed_station"
    served = night.gaps[night.gaps["cause"] == "closed_station"]
    assert (served["closed_km"] <= 0.2).all()
    assert set(night.gaps.loc[night.gaps["closed_station"].isna(), "cause"]) <= {"distance"}
    page = render_report(night)
    assert "A closed station: &lt;b&gt;east&lt;/b&gt; is" in page
    assert "<b>east</b>" not in page
    day = analyze(toy(LINE).streets, stations, walk=Walk(cutoffs=(2.5,)), at="Mon 10:00")
    assert "closed_station" not in set(day.gaps["cause"])
