"""Headings by meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkshed.errors import InputError
from walkshed.inputs.headings import MEANINGS, assign, listing, normalise, recognise

PLACE = ("station_id", "name", "lon", "lat", "category", "township")


@pytest.mark.parametrize(("meaning", "heading"), [(m, h) for m, hs in MEANINGS.items() for h in hs])
def test_every_listed_heading_is_known(meaning: str, heading: str) -> None:
    assert recognise([heading], [meaning]) == {meaning: 0}


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("ＬＯＮ", "lon"),
        (" 经 度 ", "lon"),
        ("经度（°）", "lon"),
        ("经度(WGS84)", "lon"),
        ("*纬度", "lat"),
        ("\ufeffLatitude", "lat"),
        ("百度经度", "lon"),
        ("depot_lat", "lat"),
        ("Station ID", "station_id"),
        ("station-id", "station_id"),
        ("点位名称", "name"),
        ("休息点名称", "name"),
        ("(lat)", "lat"),
    ],
)
def test_case_width_spaces_and_brackets_do_not_matter(heading: str, meaning: str) -> None:
    assert recognise([heading], [meaning]) == {meaning: 0}


@pytest.mark.parametrize("heading", ["balloon", "salon", "flat", "platform", "", "   ", "()", "x" * 10_000])
def test_what_only_ends_alike_is_not_known(heading: str) -> None:
    assert recognise([heading], ["lon", "lat"]) == {}


def test_the_surest_column_is_taken() -> None:
    assert recognise(["序号", "x", "y", "lng", "lat", "站点编号"], PLACE) == {
        "station_id": 5,
        "lon": 3,
        "lat": 4,
    }


def test_one_column_has_one_meaning() -> None:
    found = recognise(["name", "乡镇名称", "镇"], ["zone", "name"])
    assert found == {"zone": 0, "name": 1}


def test_the_deepest_level_of_gadm_is_the_zone() -> None:
    assert recognise(["NAME_0", "NAME_1", "NAME_3", "NAME_2"], ["zone"]) == {"zone": 2}


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_headings_are_looked_at_without_harm(headings: list[str]) -> None:
    found = recognise(headings, list(MEANINGS))
    assert len(set(found.values())) == len(found)
    assert all(normalise(headings[i]) for i in found.values())


def test_the_user_has_the_first_word() -> None:
    found = assign(["name", "店", "lon", "lat"], PLACE, {"name": "店"}, "a.csv")
    assert found == {"name": 1, "lon": 2, "lat": 3}


def test_a_column_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.csv: no column 'shop'; the headings are name, lon"):
        assign(["name", "lon"], PLACE, {"name": "shop"}, "a.csv")
    with pytest.raises(InputError, match="found 'colour'; choose from station_id"):
        assign(["name"], PLACE, {"colour": "name"}, "a.csv")


def test_long_lists_of_headings_are_cut() -> None:
    assert listing(["a", "", "b"]) == "a, b"
    assert listing(map(str, range(30))).endswith("19, ... (30)")
    assert len(listing(["x" * 1000])) == 40
