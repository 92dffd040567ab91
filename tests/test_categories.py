"""Categories and groups: which stations count, and what each category covers on its own."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toys import LADDER, at, boxes, toy
from walkshed.analysis import categories
from walkshed.analysis.categories import by_category
from walkshed.analysis.study import Coverage, analyze
from walkshed.errors import InputError, InputWarning
from walkshed.inputs.selection import EVERYONE, GROUPS, group_of, groups_served, select_stations
from walkshed.output.report import render_report
from walkshed.output.words import Words
from walkshed.output.workbook import write_tables
from walkshed.reach.walk import Walk

LINE = "A---------B"
"""1,000 m of street. Rest stops at A and B, a reading room at 500 m."""


def line(**given: object) -> Coverage:
    town = toy(LINE)
    stations = at((0, 0), (1000, 0), (500, 0), category=["rest", "rest", "reading"])
    return analyze(town.streets, stations, **({"walk": Walk(cutoffs=(2.5, 5))} | given))


def test_street_by_category():
    """2.5 min are 200 m: 200 + 200 m of rest stops, 400 m of the reading room. 5 min: 800 and 800 m."""
    frame = line().categories
    assert frame["category"].tolist() == ["rest", "rest", "reading", "reading"]
    assert frame["stations"].tolist() == [2, 2, 1, 1]
    assert frame["cutoff_min"].tolist() == [2.5, 5, 2.5, 5]
    assert frame["street_km"].tolist() == pytest.approx([0.4, 0.8, 0.4, 0.8])
    assert frame["street_share"].tolist() == pytest.approx([0.4, 0.8, 0.4, 0.8])
    assert frame["people"].isna().all()
    assert frame["people_share"].isna().all()


def test_people_at_points_by_category():
    """3 live 50 m along and 20 m off, 5 at 450 m, 7 at 850 m, 11 where no street is near: unknown."""
    people = at((50, 20), (450, 0), (850, 0), (500, 400), population=[3.0, 5.0, 7.0, 11.0])
    frame = line(people=people).categories
    assert frame["people"].tolist() == [10, 10, 5, 12]
    assert frame["people_share"].tolist() == pytest.approx([10 / 15, 10 / 15, 5 / 15, 12 / 15])


def test_people_of_polygons_by_category():
    """100 people along the first 500 m, one every 5 m."""
    zones = boxes((-10, -10, 500, 10), zone=["west"], population=[100.0])
    assert line(zones=zones).categories["people"].tolist() == pytest.approx([40, 80, 40, 80])


def test_only_street_inside_the_area_counts():
    frame = line(area=boxes((-10, -10, 500, 10))).categories
    assert frame["street_km"].tolist() == pytest.approx([0.2, 0.4, 0.2, 0.4])


def test_one_category_alone_is_the_whole():
    ladder = toy(LADDER)
    result = analyze(ladder.streets, ladder.stations(("A", 0, 0), ("G", 30, 20)))
    whole = pd.DataFrame(result.summary["coverage"])
    assert result.categories["street_km"].tolist() == pytest.approx(whole["street_km"].tolist())


def test_unused_stations_have_no_category():
    town = toy(LINE)
    stations = at((0, 0), (500, 900), category=["rest", "far away"])
    assert set(analyze(town.streets, stations).categories["category"]) == {"rest"}


def test_only_the_categories_with_the_most_stations_are_told_apart(monkeypatch):
    assert by_category(line(), most=1)["category"].unique().tolist() == ["rest"]
    assert categories.MOST >= 10


spot = st.tuples(st.floats(-20, 1200), st.floats(-220, 20))


@settings(max_examples=25, deadline=None)
@given(
    places=st.lists(st.tuples(spot, st.sampled_from("abc")), min_size=2, max_size=7),
    homes=st.lists(spot, min_size=1, max_size=6),
)
def test_a_category_covers_what_it_covers_when_read_alone(places, homes):
    ladder = toy(LADDER)
    stations = at(*(p for p, _ in places), category=[c for _, c in places])
    people = at(*homes, population=np.arange(1.0, len(homes) + 1))
    study = {"people": people, "walk": Walk(cutoffs=(2, 5)), "area": boxes((-50, -250, 900, 50))}
    frame = analyze(ladder.streets, stations, **study).categories
    for name, own in frame.groupby("category"):
        alone = analyze(ladder.streets, stations[stations["category"] == name], **study)
        expected = pd.DataFrame(alone.summary["coverage"])
        for column in ("street_km", "street_share", "people", "people_share"):
            np.testing.assert_allclose(
                own[column].to_numpy(float), expected[column].to_numpy(float), atol=1e-9, err_msg=column
            )


# Shown


def sheet(key: str) -> str:
    return Words("en")(f"sheet.{key}")


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Each category of stations on its own"), ("zh", "各类站点单独的覆盖")]
)
def test_the_report_sets_categories_side_by_side(lang, said):
    people = at((50, 20), (450, 0), (850, 0), population=[3.0, 5.0, 7.0])
    page = text_of(render_report(line(people=people), lang=lang))
    assert said in page
    percent = "%" if lang == "zh" else " %"
    shares = f"40.0{percent} 80.0{percent} 66.7{percent} 66.7{percent}"
    assert f"rest 2 {shares}" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_one_category_is_not_set_beside_itself(tmp_path):
    town = toy(LINE)
    result = analyze(town.streets, at((0, 0), (500, 0), category=["rest", "rest"]))
    assert "Each category of stations on its own" not in render_report(result)
    write_tables(result, tmp_path / "a.xlsx")
    assert sheet("categories") not in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames


def test_categories_of_any_wording_are_shown_as_text(tmp_path):
    town = toy(LINE)
    names = ["<script>alert(1)</script>", "=1+1", ""]
    result = analyze(town.streets, at((0, 0), (500, 0), (900, 0), category=names))
    page = render_report(result)
    assert "<script>" not in page
    assert "(none stated)" in page
    write_tables(result, tmp_path / "a.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")[sheet("categories")].values)
    assert rows[0] == ("Category", "Stations", "Minutes", "Street, km", "Share of street")
    assert [row[0] for row in rows[1:]] == [n for n in sorted(names) for _ in range(3)]


def test_many_categories_are_cut_short_and_said():
    town = toy(LINE)
    many = categories.MOST + 5
    names = [f"kind {i}" for i in range(many)]
    result = analyze(town.streets, at(*((20.0 * i, 0) for i in range(many)), category=names))
    assert "5 more categories, with fewer stations, are not listed" in text_of(render_report(result))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "1 of 2 zones (50.0 %) have at least one station in use."),
        ("zh", "2 个片区中有 1 个设有在用站点，建成率 50.0%。"),
    ],
)
def test_the_report_tells_the_share_of_zones_with_a_station(lang, said, tmp_path):
    result = line(zones=boxes((-10, -10, 700, 10), (700, -10, 900, 10), zone=["west", "east"]))
    assert said in text_of(render_report(result, lang=lang)).replace("\N{NO-BREAK SPACE}", " ")
    write_tables(result, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert ("Zones with a station in use", 0.5, "") in list(book[sheet("summary")].values)
    assert list(book[sheet("zone_stations")].values)[1:] == [
        ("west", "reading", 1),
        ("west", "rest", 1),
        ("east", "reading", 0),
        ("east", "rest", 0),
    ]
    assert "Stations per 10,000 people" not in [c.value for c in book[sheet("zones")][1]]  # no people were given


# Selection


def stations_of(*groups: str | None, category: str = "rest") -> gpd.GeoDataFrame:
    return at(*((10.0 * i, 0.0) for i in range(len(groups))), groups=list(groups), category=category)


@pytest.mark.parametrize(
    ("text", "served"),
    [
        ("环卫工人、快递员，外卖骑手；司机/交警", {"sanitation", "couriers", "drivers", "police"}),
        ("环卫工人 、快递员", {"sanitation", "couriers"}),
        ("Sanitation workers, Taxi drivers; POLICE", {"sanitation", "drivers", "police"}),
        ("couriers and drivers", {"couriers", "drivers"}),
        ("环卫工人和快递员", {"sanitation", "couriers"}),
        ("快递员等户外劳动者", {"couriers", EVERYONE}),
        ("户外劳动者", {EVERYONE}),
        ("全部", {EVERYONE}),
        ("仅限环卫工人使用", {"sanitation"}),
        ("和平街学生", {"和平街学生"}),
        ("ｃｏｕｒｉｅｒｓ", {"couriers"}),
        ("", set()),
        ("、, ", set()),
    ],
)
def test_whom_a_station_serves(text, served):
    assert groups_served(text) == served


@pytest.mark.parametrize(("group", "words"), GROUPS.items())
def test_every_word_of_a_group_names_it_however_it_is_written(group, words):
    assert {group_of(w) for w in (group, *words, *(w.upper() for w in words), *(f" {w}。" for w in words))} == {group}


def test_no_word_names_two_groups():
    words = [w for own in GROUPS.values() for w in own]
    assert len(words) == len(set(words))


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    assert all(groups_served(text))


def test_a_group_keeps_whoever_serves_it_or_everyone():
    stations = stations_of("环卫工人", "快递员、司机", "所有人", "学生")
    assert select_stations(stations, groups=["couriers"])["station_id"].tolist() == ["s2", "s3"]
    assert select_stations(stations, groups=["外卖骑手"])["station_id"].tolist() == ["s2", "s3"]
    assert select_stations(stations, groups=["学生"])["station_id"].tolist() == ["s3", "s4"]
    assert select_stations(stations, groups=["环卫", "drivers"])["station_id"].tolist() == ["s1", "s2", "s3"]
    assert select_stations(stations, groups=["everyone"])["station_id"].tolist() == ["s3"]
    assert len(select_stations(stations)) == 4


def test_who_does_not_say_is_taken_as_not_serving_and_said():
    stations = stations_of("快递员", "", None, "司机")
    with pytest.warns(InputWarning, match=r"list\.csv: rows 3, 4: 2 of 4 stations do not say whom they serve: taken"):
        kept = select_stations(stations, groups=["couriers"], source="list.csv")
    assert kept["station_id"].tolist() == ["s1"]
    assert len(select_stations(stations)) == 4  # without --group all count


def test_groups_and_categories_that_there_are_not():
    stations = stations_of("快递员", "学生")
    with pytest.raises(InputError, match="stations: no station serves 'police'; found 'couriers', '学生'"):
        select_stations(stations, groups=["police"])
    with pytest.raises(InputError, match="no column says whom a station serves; name it groups"):
        select_stations(stations.drop(columns="groups"), groups=["police"])
    with pytest.raises(InputError, match="no station is of category 'x'; found 'rest'"):
        select_stations(stations, categories=["rest", "x"])


def test_category_and_group_together():
    stations = pd.concat([stations_of("快递员", "司机"), stations_of("快递员", category="reading")])
    kept = select_stations(stations, categories=["rest"], groups=["couriers"])
    assert kept[["category", "groups"]].to_numpy().tolist() == [["rest", "快递员"]]
    assert kept.index.tolist() == [0]
    with pytest.raises(InputError, match="no station serves 'drivers'; found 'couriers'"):
        select_stations(stations, categories=["reading"], groups=["drivers"])


def test_a_list_of_hostile_groups_is_shown_short():
    stations = stations_of(*(f"{i}" + "x" * 1000 for i in range(50)))
    with pytest.raises(InputError) as refused:
        select_stations(stations, groups=["police"])
    assert len(str(refused.value)) < 1200
    assert str(refused.value).endswith(" ...")


@pytest.mark.parametrize("walk", [Walk(cutoffs=(2.5, 5)), Walk(cutoffs=(1, 6, 9), speed=4.0)])
def test_costs_at_the_ends_of_lines_give_the_same_street(walk):
    """Of a line with ends at c0 and c1 the budget B covers min(L, B - c0 + B - c1), each at least 0."""
    town = toy(LADDER)
    stations = town.stations(("A", 30, 8), ("H", 0, 0), ("F", 10, 0), ("G", 0, -40))
    stations["category"] = ["rest", "rest", "reading", "reading"]
    result = analyze(town.streets, stations, walk=walk)
    length_m = result.streets["length_m"].to_numpy()
    for row in result.categories.to_dict("records"):
        start, end = result.line_costs(row["category"]).T
        left = [np.maximum(walk.budget_m(row["cutoff_min"]) - cost, 0) for cost in (start, end)]
        assert np.minimum(length_m, sum(left)).sum() / 1000 == pytest.approx(row["street_km"])
