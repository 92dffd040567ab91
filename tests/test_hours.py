"""Opening hours: what is read, what is not, and what is never said to be open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from chinese_calendar import workdays as worked
from hypothesis import given, settings
from hypothesis import strategies as st

from walkshed.errors import InputError, InputWarning
from walkshed.inputs import read_stations
from walkshed.inputs.holidays import WORKED_NEAR, fixed_days, is_holiday, is_noticed, may_be_worked, tomb_sweeping
from walkshed.inputs.hours import MAX_CHARACTERS, Hours, opening_hours, read_hours
from walkshed.inputs.wording import ALL_DAY, DAYS, FILLERS, OFF, translate

READ = {
    "全天": "24/7",
    "24小时": "24/7",
    "２４小时开放": "24/7",
    "全天24小时营业": "24/7",
    "7×24小时": "24/7",
    "8:00-18:00": "08:00-18:00",
    "８：００～１８：００": "08:00-18:00",
    "8:00至20:00": "08:00-20:00",
    "08:00—18:00": "08:00-18:00",
    "8.30-17.30": "08:30-17:30",
    "8时至22时": "08:00-22:00",
    "8时30分到22时": "08:30-22:00",
    "8点半-17点半": "08:30-17:30",
    "8-18点": "08:00-18:00",
    "早8点到晚10点": "08:00-22:00",
    "早八点至晚十点": "08:00-22:00",
    "早9晚5": "09:00-17:00",
    "早上6点至晚上12点": "06:00-24:00",
    "9am-5pm": "09:00-17:00",
    "上午8:00—12:00 下午14:00-18:00": "08:00-12:00,14:00-18:00",
    "上午8:30至11:30，下午2:00至5:30": "08:30-11:30,14:00-17:30",
    "中午11:30-下午1:00": "11:30-13:00",
    "晚10点至次日6点": "22:00-30:00",
    "20:00-次日2:00": "20:00-26:00",
    "22:00-6:00": "22:00-30:00",
    "6:00-凌晨1:00": "06:00-25:00",
    "每天 06:00-24:00": "06:00-24:00",
    "6:00-0:00": "06:00-24:00",
    "开放时间：每日8:00至20:00": "08:00-20:00",
    "全年无休 8:00-22:00": "08:00-22:00",
    "周一至周五 8:00-18:00": "Mo-Fr 08:00-18:00",
    "星期一到五8:00-18:00": "Mo-Fr 08:00-18:00",
    "礼拜一至礼拜六 8:00-18:00": "Mo-Sa 08:00-18:00",
    "周1-周5 8:00-18:00": "Mo-Fr 08:00-18:00",
    "周六、周日 9:00-17:00": "Sa,Su 09:00-17:00",
    "周六日 9:00-17:00": "Sa,Su 09:00-17:00",
    "周一、三、五 8:00-12:00": "Mo,We,Fr 08:00-12:00",
    "周一,周三 8:00-12:00": "Mo,We 08:00-12:00",
    "8:00-18:00（周一至周五）": "Mo-Fr 08:00-18:00",
    "周一至周五8:00-18:00；周六9:00-12:00": "Mo-Fr 08:00-18:00; Sa 09:00-12:00",
    "工作日 8:00-18:00": "Mo-Fr 08:00-18:00; PH closed",
    "工作日8:30-17:30，周末9:00-16:00": "Mo-Fr 08:30-17:30; Sa,Su 09:00-16:00; PH closed",
    "工作日8:00-18:00，节假日9:00-17:00": "Mo-Fr 08:00-18:00; PH 09:00-17:00",
    "8:00-18:00，节假日除外": "08:00-18:00; PH closed",
    "除法定节假日外 8:00-18:00": "08:00-18:00; PH closed",
    "周一至周五 8:00-18:00（法定节假日休息）": "Mo-Fr 08:00-18:00; PH closed",
    "周一至周五（节假日除外）8:00-12:00，14:00-18:00": "Mo-Fr 08:00-12:00,14:00-18:00; PH closed",
    "周末及节假日休息，工作日8:00-18:00": "Mo-Fr 08:00-18:00; Sa,Su,PH closed",
    "周一闭馆，周二至周日9:00-17:00": "Tu-Su 09:00-17:00; Mo closed",
    "8:00-18:00，节假日照常开放": "08:00-18:00; PH 08:00-18:00",
    "夏季（6月-9月）8:00-19:00；冬季（10月-次年5月）8:30-18:00": "Jun-Sep 08:00-19:00; Oct-May 08:30-18:00",
    "8:00-19:00（6月-9月）；8:30-18:00（10月-5月）": "Jun-Sep 08:00-19:00; Oct-May 08:30-18:00",
    "5月1日至10月7日 6:00-22:00": "May 1-Oct 7 06:00-22:00",
    "Mo-Fr 8:00-18:00; PH off": "Mo-Fr 08:00-18:00; PH closed",
    "Jun-Sep 08:00-19:00": "Jun-Sep 08:00-19:00",
    "24/7": "24/7",
}

UNREAD = [
    *("", "  ", "-", "电话预约", "8:00-18:00 电话预约", "视情况", "待定", "open", "Mo-Fr", "PH", "unknown", "开放", "正常开放"),
    *("8-18", "2025-2026", "8:00-5:00", "9:00-2:00", "8:00-8:00", "25:00-26:00", "8:70-9:00", "上午13:00-18:00"),
    *("夏季8:00-19:00 冬季8:30-18:00", "13月-15月 8:00-18:00", "2月30日-3月1日 8:00-18:00", "周五至周一 8:00-18:00"),
    *("周一至周五", "节假日除外", "除节假日 8:00-18:00", "周一至周五 节假日休息 8:00-18:00", "8:00-18:00 周一至周五 9:00"),
    *("周末不休 8:00-18:00", "约8:00-18:00", "8:00-18:00左右", "8:00-18:00(", "8:00-18:00)", "8:00", "((8:00-18:00))"),
    *("8:00-18:00" + "，9:00-10:00" * 40, "x" * 10_000_000),
]  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_wordings_that_are_read(text: str) -> None:
    hours = read_hours(text)
    assert hours is not None
    assert hours.text == READ[text]


@pytest.mark.parametrize("text", UNREAD, ids=lambda t: t[:20])
def test_wordings_that_are_not_read(text: str) -> None:
    assert read_hours(text) is None


def test_a_limit_in_characters() -> None:
    assert read_hours("8:00-18:00" + " " * MAX_CHARACTERS + "周一休息") == Hours("08:00-18:00; Mo closed")
    assert read_hours("8:00-18:00" + " " * 5 * MAX_CHARACTERS + "周一休息") is None


WEEK = [datetime(2025, 7, 7) + timedelta(minutes=30 * i) for i in range(7 * 48)]  # no holiday is near


def minutes(at: datetime) -> int:
    return 60 * at.hour + at.minute


@given(st.integers(0, 47), st.integers(1, 48), st.sampled_from(["{}:{:02d}", "{}时{:02d}分", "{}点{:02d}"]))
def test_a_span_is_open_within_and_closed_without(first: int, last: int, form: str) -> None:
    if first >= last:
        return
    text = "-".join(form.format(*divmod(30 * i, 60)) for i in (first, last))
    hours = read_hours(text)
    assert hours is not None
    assert [hours.is_open(at) for at in WEEK] == [30 * first <= minutes(at) < 30 * last for at in WEEK]


@given(st.integers(0, 6), st.integers(0, 6))
def test_weekdays(first: int, last: int) -> None:
    names = "一二三四五六日"
    hours = read_hours(f"周{names[first]}至周{names[last]} 8:00-18:00")
    if first >= last:
        assert hours is None
    else:
        assert hours is not None
        assert {at.weekday() for at in WEEK if hours.is_open(at)} == set(range(first, last + 1))


WORDS = [w for words in DAYS.values() for w in words]
PARTS = st.sampled_from(
    [
        *WORDS,
        *ALL_DAY,
        *OFF,
        *FILLERS,
        "8:00-18:00",
        "下午2点-6点",
        "6月-9月",
        "（",
        "）",
        "，",
        "；",
        "、",
        " ",
        "除",
        "外",
        "周一",
        "x",
    ]
)


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=8).map("".join))
def test_any_wording_is_read_or_not_without_harm(text: str) -> None:
    hours = read_hours(text)
    if hours is not None:
        assert all(hours.is_open(at) in {True, False, None} for at in WEEK[::37])
        assert read_hours(hours.text) == hours


@settings(max_examples=300)
@given(
    st.one_of(
        st.text(max_size=40), st.text(st.sampled_from('MoTuWeFrSaPH 0123456789:-,;+/[]"offunknow|&'), max_size=40)
    )
)
def test_any_text_is_read_or_not_without_harm(text: str) -> None:
    hours = read_hours(text)
    assert hours is None or hours.is_open(datetime(2025, 7, 7, 9)) in {True, False, None}


@given(st.sampled_from(sorted(READ)), st.sampled_from(["电话预约", "待定", "（视天气）", "左右", "试运行"]))
def test_a_remark_that_is_not_understood_leaves_nothing_open(text: str, remark: str) -> None:
    assert read_hours(text + remark) is None or translate(text + remark) is None


# --- what cannot be told -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mo-Fr 08:00-18:00; SH off", None),
        ('08:00-18:00 "by appointment"', None),
        ("Mo-Su 08:00+", None),
        ("sunrise-sunset", None),
        ("Mo-Fr 08:00-18:00 unknown", None),
        ("Mo-Fr 08:00-18:00; SH 08:00-18:00", True),
        ("closed", False),
    ],
)
def test_what_hangs_on_something_else_is_unknown(text: str, told: bool | None) -> None:
    hours = read_hours(text)
    assert hours is not None
    assert hours.is_open(datetime(2025, 7, 7, 10)) is told


def test_the_sun_over_a_place() -> None:
    hours = Hours("sunrise-sunset")
    assert hours.is_open(datetime(2025, 6, 21, 5, 30), place=(121.5, 31.2)) is True
    assert hours.is_open(datetime(2025, 12, 21, 5, 30), place=(121.5, 31.2)) is False


def test_holidays_fixed_near_and_far() -> None:
    hours = Hours("Mo-Su 08:00-18:00; PH off")
    told = {day: hours.is_open(datetime(2040, 10, day, 10)) for day in (1, 3, 8, 17)}
    assert told == {1: False, 3: False, 8: None, 17: True}
    assert hours.is_open(datetime(2040, 10, 8, 20)) is False  # closed either way


def test_what_a_notice_has_told_is_certain() -> None:
    hours = Hours("Mo-Su 08:00-18:00; PH off")
    told = {day: hours.is_open(datetime(2025, 10, day, 10)) for day in (1, 3, 7, 8, 9)}
    assert told == {1: False, 3: False, 7: False, 8: False, 9: True}
    # The notice for 2027 may reach back into the last days of 2026, as that for 2019 did.
    assert is_holiday(date(2018, 12, 31)) is True
    assert is_noticed(date(2026, 12, 10))
    assert not is_noticed(date(2026, 12, 28))
    assert is_holiday(date(2026, 12, 28)) is None


@pytest.mark.parametrize(
    ("text", "hour", "told"),
    [
        ("Mo-Fr 08:00-18:00; PH off", 9, None),  # open if it keeps to the workday, closed if to the Saturday
        ("Mo-Fr 08:00-18:00; PH off", 20, False),
        ("Mo-Su 08:00-18:00", 9, True),
        ("Mo-Fr 08:00-18:00; Sa,Su 09:00-16:00", 8, None),
        ("Mo-Fr 08:00-18:00; Sa,Su 09:00-16:00", 10, True),
        ("24/7", 3, True),
    ],
)
def test_a_weekend_that_is_worked_may_keep_either_hours(text: str, hour: int, told: bool | None) -> None:
    assert Hours(text).is_open(datetime(2025, 10, 11, hour)) is told  # a Saturday worked for the National Day
    assert Hours(text).is_open(datetime(2025, 10, 11, hour), country="DE") is not None
    assert Hours(text).is_open(datetime(2040, 10, 13, hour)) is told  # that of 2040 is not known yet


def test_the_days_that_the_law_fixes_are_in_the_notices() -> None:
    for year in (2025, 2026):  # since the Measures of 2025
        assert all(is_holiday(day) for day in fixed_days(year))


def test_every_worked_weekend_lies_near_a_fixed_day() -> None:
    apart = [
        day
        for day in worked
        if day.year >= 2008 and day.year not in {2015, 2020}  # the parade of 2015, the epidemic of 2020
        and min(abs(day - fixed) for year in (day.year, day.year + 1) for fixed in fixed_days(year)) > WORKED_NEAR
    ]  # fmt: skip
    assert not apart


def test_a_night_that_began_on_a_holiday() -> None:
    hours = Hours("22:00-02:00; PH off")
    assert hours.is_open(datetime(2025, 5, 3, 1)) is not True  # of May 2, a holiday
    assert Hours("22:00-02:00; Fr off").is_open(datetime(2025, 7, 12, 1)) is not True
    assert Hours("24/7; Fr off").is_open(datetime(2025, 7, 12, 1)) is True
    assert Hours("22:00-02:00").is_open(datetime(2025, 5, 3, 1)) is True


def test_holidays_of_another_country() -> None:
    hours = Hours("Mo-Su 08:00-18:00; PH off")
    assert hours.is_open(datetime(2025, 12, 25, 10), country="DE") is False
    assert hours.is_open(datetime(2040, 12, 25, 10)) is None  # a week before New Year's Day
    with pytest.raises(InputError, match="country: found 'XX'"):
        hours.is_open(datetime(2025, 1, 1), country="XX")


# The notices of the State Council's office for 2024 to 2026: first and last days off.
NOTICES = [
    ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"), ("2024-05-01", "2024-05-05"), ("2024-06-08", "2024-06-10"),
    ("2024-09-15", "2024-09-17"), ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), NOTICES)
def test_each_day_of_a_notice_is_one(first: str, last: str) -> None:
    adjoining = {date(2024, 6, 8), date(2024, 6, 9)}  # 6月10日放假，与周末连休
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        assert is_holiday(day) is (None if day in adjoining else True), day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2040, 2043])
def test_thirteen_days_a_year(year: int) -> None:
    # One less for each that falls on another: the Mid-Autumn Festival may lie in the National Day days.
    assert 12 <= len(fixed_days(year)) <= 13
    assert tomb_sweeping(year) in fixed_days(year)


def test_years_whose_moon_is_not_known() -> None:
    assert is_holiday(date(2000, 7, 1)) is None
    assert is_holiday(date(2044, 7, 1)) is None
    assert may_be_worked(date(2044, 7, 2))
    assert Hours("08:00-18:00; PH off").is_open(datetime(1990, 7, 1, 9)) is None


# --- in a list ---------------------------------------------------------------------------------


def test_a_list_keeps_the_text_and_adds_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "名称,经度,纬度,营业时间\na,119.3,33.2,全天\nb,119.4,33.3,电话联系\nc,119.5,33.4,\n", encoding="utf-8"
    )
    with pytest.warns(InputWarning, match=r"a\.csv: row 3: opening hours that cannot be read \(such as 电话联系\)"):
        stations = read_stations(path)
    assert stations["hours"].tolist() == ["全天", "电话联系", ""]
    assert stations["opening_hours"].tolist() == ["24/7", "", ""]


def test_many_cells_cost_little() -> None:
    assert opening_hours(["8:00-18:00", "x"] * 50_000)[:2] == ["08:00-18:00", ""]
