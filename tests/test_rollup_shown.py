"""What the report over many areas says of people who are counted in some areas only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely

from walkshed.analysis.rollup import Part, Rollup, roll_up
from walkshed.output.rollup import render_rollup, write_rollup


def part(name: str, covered_km: float, people: float | None, covered: float | None = None) -> Part:
    """An area of 10 km of street, with one gap that holds what is not covered."""
    share = None if people is None or covered is None else covered / people
    last = {"cutoff_min": 15.0, "street_km": covered_km, "street_share": covered_km / 10, "people": covered,
            "people_share": share}  # fmt: skip
    gap: dict[str, Any] = {"gap_id": 1, "street_km": 10 - covered_km, "people": people, "walk_min_median": 20.0}
    gap |= {"cause": "distance", "streets": "", "station_id": "7", "station_name": ""}
    summary = {
        "settings": {"speed_kmh": 4.8},
        "streets": {"street_km": 10.0, "date": None, "origin": "other"},
        "stations": {"used": 1},
        "people": {"total": people, "unknown": None if people is None else 0.0},
        "coverage": [last],
        "gaps": {"count": 1, "street_km": 10 - covered_km, "people": people},
    }
    shape = shapely.box(len(name), 40, len(name) + 1, 41)
    return Part(
        name=name,
        slug=name,
        state="done",
        summary=summary,
        area=gpd.GeoDataFrame(geometry=[shape], crs=4326),
        gaps=gpd.GeoDataFrame([gap], geometry=[shape.buffer(-0.2)], crs=4326),
    )


SOME = roll_up([part("a", 9.0, None), part("aa", 6.0, 1000.0, 180.0), part("aaa", 3.0, None)])
ALL = roll_up([part("a", 9.0, 500.0, 450.0), part("aa", 6.0, 1000.0, 180.0)])


def text_of(rolled: Rollup, lang: str, start: str, end: str) -> str:
    page = render_rollup(rolled, lang=lang).partition(start)[2].partition(end)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "in the 1 of 3 areas where they are counted"), ("zh", "3 个区域中有人口数据的 1 个")]
)
def test_people_of_some_areas_do_not_speak_for_all(lang: str, said: str) -> None:
    headline = text_of(SOME, lang, '<p class="headline">', "</p>").replace(" ", "")
    assert said.replace(" ", "") in headline
    assert "18.0%" in headline
    assert "60.0%" in headline  # 18 of 30 km
    assert said.replace(" ", "") in text_of(SOME, lang, '<dl class="figures', "</dl>").replace(" ", "")
    total = text_of(SOME, lang, '<tr class="total">', "</tr>")
    assert total.count("*") == 3  # share of people, people, people without: not of street
    assert text_of(SOME, lang, '<p class="note"><sup>', "</p>")


def test_people_of_all_areas_need_no_mark() -> None:
    assert "where they are counted" not in render_rollup(ALL)
    assert "*" not in text_of(ALL, "en", '<tr class="total">', "</tr>")


@pytest.mark.parametrize(("rolled", "strong"), [(SOME, ["7.0", "4.0", "1.0"]), (ALL, ["1,000", "500"])])
def test_the_figure_that_gaps_are_ordered_by_is_the_bold_one(rolled: Rollup, strong: list[str]) -> None:
    section = render_rollup(rolled).partition('<section id="gaps">')[2].partition("</section>")[0]
    assert re.findall(r'<td class="n strong">([^<]*)', section) == strong


def test_a_station_without_a_name_is_told_by_its_id(tmp_path: Path) -> None:
    paths = write_rollup(ALL, tmp_path)
    heading, *rows = openpyxl.load_workbook(paths["tables.xlsx"], read_only=True)["Gaps"].iter_rows(values_only=True)
    assert {dict(zip(heading, row, strict=True))["Nearest station"] for row in rows} == {"7"}
