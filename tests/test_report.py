"""The report: what it says of a result, and that nobody's data can break it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from fake_result import fake_result
from walkshed.analysis.verify import Verification
from walkshed.output.colours import ramp
from walkshed.output.heading import unbroken
from walkshed.output.picture import MAX_CHARACTERS, draw, frame_of, scale_bar
from walkshed.output.report import render_report, steps


class Page(HTMLParser):
    """Text of a page, the tags in it, and what they would load."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def page(result=None, **settings) -> Page:
    return Page(render_report(result or fake_result(), **settings))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("people", [True, False])
@pytest.mark.parametrize("zones", [True, False])
@pytest.mark.parametrize("covered", ["some", "none", "all"])
def test_every_kind_of_result_is_said_in_whole_sentences(lang, people, zones, covered):
    read = page(fake_result(people=people, zones=zones, covered=covered), lang=lang)
    assert not read.open, "every tag is closed"
    assert not re.search(r"\b(nan|None|NaN|inf|undefined)\b|\{\w*\}", read.text)


def three_alike(share: float):
    """Three zones with one share, of 1, 3 and 2 km and as many thousand people."""
    result = fake_result()
    first = result.zones.iloc[[0, 0, 0]].reset_index(drop=True)
    alike = {f"{kind}_share_{c:g}": share for kind in ("street", "people") for c in result.walk.cutoffs}
    result.zones = first.assign(
        zone=["small", "large", "middle"], street_km=[1.0, 3.0, 2.0], people=[1e3, 3e3, 2e3], **alike
    )
    return result


def test_of_zones_alike_the_larger_stand_first():
    text = page(three_alike(0.25)).text
    table = text[text.index("Coverage of each zone") :]
    assert table.index("large") < table.index("middle") < table.index("small")


def test_no_chart_is_drawn_where_no_zone_listed_has_any_share():
    label = 'aria-label="Coverage of each zone'
    assert label in render_report(three_alike(0.25))
    html = render_report(three_alike(0.0))
    assert label not in html
    assert "The bar shows" not in html


def test_the_headline_says_street_people_and_gaps():
    assert (
        "In 15 minutes on foot, 58.3 % of street and 58.3 % of people reach a station; "
        "1 gap holds 2.4 km of street and 240 people."
    ) in page().text
    # Each phrase stands in an element of its own there.
    assert "步行15分钟内，58.3%的道路、58.3%的人口可以走到站点；1处盲区，涉及道路2.4公里、人口240人。" in page(
        lang="zh"
    ).text.replace(" ", "")


def test_people_vanish_where_none_were_given():
    text = page(fake_result(people=False)).text
    assert "of people" not in text
    assert "Share of people" not in text
    assert "人口" not in page(fake_result(people=False), lang="zh").text.replace("居民", "")


def test_the_streets_date_and_density_stand_beside_the_headline():
    text = page().text
    assert "toy.osm.pbf as of 2025-08-09" in text
    assert "7.2 km of walkable street per km²" in text
    assert "no date stated" in page(fake_result_without_date()).text


def fake_result_without_date():
    result = fake_result()
    object.__setattr__(result.network.source, "date", None)
    return result


def test_shares_name_their_denominators():
    text = page().text
    assert "shares of the 7.2 km of walkable street inside the area" in text
    assert "shares of 960 people, that is all 1,000 less 40 (4.0 %) unknown" in text


def test_people_uncovered_inside_the_drawn_area_are_counted():
    assert "12 people count as not covered although" in page().text
    result = fake_result()
    result.people_inside_drawn_area_uncovered = None
    assert "although they stand" not in page(result).text


def test_an_invented_place_is_labelled_and_osm_is_credited():
    assert "Invented place" in page(fake_result(origin="synthetic")).text
    assert "虚构地点" in page(fake_result(origin="synthetic"), lang="zh").text
    assert "© OpenStreetMap contributors, ODbL 1.0" in page().text
    assert "OpenStreetMap contributors" not in page(fake_result(origin="other")).text


HOSTILE = [
    "<script>alert(1)</script>",
    "${alert(1)}",
    "`x`",
    "{{ 7 * 7 }}",
    "'\"><img src=x onerror=alert(1)>",
    "a\x00b",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name):
    result = fake_result(name=name)
    result.area["name"] = name
    result.zones["zone"] = name
    result.gaps["station_name"] = name
    result.streets["name"] = name
    result.network.surroundings.places["name"] = name
    object.__setattr__(result.network.source, "name", name)
    read = page(result, title=name, warnings=[name])
    assert "script" not in read.tags
    assert "img" not in read.tags
    shown = name.replace("\x00", "")
    assert read.text.count(shown) >= 6


def test_the_page_loads_nothing():
    loading = {"src", "srcset", "data", "action", "poster"}
    assert not [a for a in page().attributes if a[1] in loading or (a[1] == "href" and a[0] != "a")]
    assert "link" not in page().tags


def test_the_map_is_linked_by_its_name():
    assert ("a", "href", "the%20map.html") in page(map_name="the map.html").attributes


def test_the_table_of_stations_has_the_ids_that_close_takes():
    result = fake_result()
    rows = re.search(r'<section id="stations">.*?</table>', render_report(result), re.DOTALL)[0]
    shown = re.findall(r"<th scope=\"row\">[^<]* <small>([^<]*)</small></th>", rows)
    used = result.stations[result.stations["status"] == "used"]
    assert sorted(shown) == sorted(used["station_id"].astype(str))


def test_stations_that_were_not_used_are_listed_with_the_reason():
    text = page().text
    assert "no street within 250 m" in text.replace("\xa0", " ")
    assert "Far <b>away</b>" in text
    assert "farther from the area than one walk (1,200 m)" in text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("lang", "why"),
    [("en", "no street within 250 m that is not behind water"), ("zh", "250 米内的道路都被水域、铁路或围墙隔开")],
)
def test_where_barriers_stop_legs_the_reason_names_them(lang, why):
    result = fake_result()
    result.summary["settings"]["barriers"] = True
    assert why in Page(render_report(result, lang=lang)).text.replace("\xa0", " ")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_self_check_says_what_agrees_and_how_far_off_the_worst_is(lang):
    fine = Verification(inside=200, outside=200, agreeing=400, compared=288, worst_m=0.0)
    text = page(lang=lang, check=fine).text
    for said in ("400", "288", "<0.001", "112", "1,500", {"en": "(100.0 %)", "zh": "（100.0%）"}[lang]):
        assert said in text.replace("\xa0", " "), said
    poor = Verification(inside=200, outside=200, agreeing=390, compared=288, worst_m=12.34567)
    text = page(lang=lang, check=poor).text.replace("\xa0", " ")
    assert "12.346" in text
    assert {"en": "390 of 400 agree (97.5 %)", "zh": "400 处中有 390 处一致（97.5%）"}[lang] in text
    assert "1,500" not in text


def test_warnings_and_notes_are_listed():
    result = fake_result()
    result.notes = (SimpleNamespace(code="thin_streets", values={"km_per_km2": 3.21}),)
    text = page(result, warnings=["rows 3, 4: no coordinates & skipped"]).text
    assert "3.2 km of walkable street per km²" in text
    assert "rows 3, 4: no coordinates & skipped" in text


def test_only_the_first_gaps_are_listed_and_the_rest_counted():
    result = fake_result()
    many = gpd.GeoDataFrame(pd.concat([result.gaps] * 23, ignore_index=True), crs=result.crs)
    many["gap_id"] = np.arange(1, 24)
    result.gaps = many
    text = page(result).text
    assert "3 more gaps, with 7.2 km of street, stand in tables.xlsx." in text.replace("\xa0", " ")


def test_a_gap_is_named_after_its_longest_streets():
    assert "Station Road" in page(fake_result()).text


def test_the_same_result_gives_the_same_page():
    assert render_report(fake_result()) == render_report(fake_result())


def test_bands_of_a_bar_add_up():
    assert steps([0.1, 0.5, 0.8]) == [(0.0, 10.0), (10.0, 40.0), (50.0, 30.0)]
    assert steps([None, 0.5]) == [(0.0, 0.0), (0.0, 50.0)]


def test_units_stay_with_their_numbers():
    assert unbroken("78.4 % of 12 km, 5 min, 3 处盲区") == "78.4\xa0% of 12\xa0km, 5\xa0min, 3\xa0处盲区"
    assert unbroken("1 more") == "1 more"


@pytest.mark.parametrize("metres_per_unit", [0.01, 0.3, 2.5, 40.0, 900.0])
def test_the_scale_bar_is_round_and_fits(metres_per_unit):
    bar = scale_bar(metres_per_unit)
    assert f"{bar['km']:e}"[0] in "125"
    assert 3600 / 16 < bar["units"] <= 600


@pytest.mark.parametrize("bounds", [(0, 0, 1, 1), (0, 0, 10, 9000), (0, 0, 9000, 10), (5, 5, 5, 5)])
def test_any_area_fits_the_picture(bounds):
    frame = frame_of(bounds)
    x, y = frame.units(np.array([bounds[:2], bounds[2:]])).T
    assert x.min() >= 0
    assert x.max() <= 3600
    assert y.min() >= 0
    assert y.max() <= frame.height


def test_where_two_areas_overlap_the_picture_has_no_hole():
    one, other = shapely.box(0, 0, 60, 60), shapely.box(40, 40, 100, 100, ccw=False)
    holed = other - shapely.box(70, 70, 90, 90)
    turns = [
        turn_of(outline) for outline in frame_of((0, 0, 100, 100)).path(np.array([one, holed]), 0.0).split("M")[1:]
    ]
    assert turns[0] == turns[1] == -turns[2]
    css = (files("walkshed") / "output/assets/picture.css").read_text("utf-8")
    assert "fill-rule" not in css  # what is gone round once or twice is filled


def turn_of(outline: str) -> int:
    """Which way a closed outline goes: its first point, then steps."""
    x, y = np.array(re.findall(r"-?[0-9]+", outline), dtype=int).reshape(-1, 2).cumsum(axis=0).T
    return int(np.sign((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()))


def test_the_picture_draws_every_state():
    drawn = draw(fake_result())
    kinds = {line["kind"] for line in drawn["lines"]}
    assert {"c0", "c1", "c2", "gap", "sliver"} == kinds
    assert {fill["kind"] for fill in drawn["fills"] if fill["d"]} == {"water", "covered", "gap"}
    assert [place["name"] for place in drawn["places"]] == ["小村 <Village>"]
    assert len(drawn["stations"]) == 1
    assert not drawn["thinned"]


def test_a_picture_without_surroundings_or_gaps_is_drawn():
    result = fake_result(covered="all")
    object.__setattr__(result.network, "surroundings", None)
    drawn = draw(result)
    assert drawn["gaps"] == []
    assert "gap" not in {line["kind"] for line in drawn["lines"]}


def test_a_dense_picture_is_thinned(monkeypatch):
    monkeypatch.setattr("walkshed.output.picture.MAX_CHARACTERS", 150)
    drawn = draw(fake_result())
    assert drawn["thinned"]
    assert "paths and service lanes are left out" in page().text
    assert MAX_CHARACTERS > 150


def test_colours_run_from_near_to_far():
    assert ramp(3)[0] == ramp(2)[0]
    assert len(set(ramp(6))) == 6
    assert len(ramp(1)) == 1
