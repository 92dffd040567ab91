"""Proposed sites on the map and in the report: a frame made by hand."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
import shapely

from fake_result import CRS, SOUTH, WEST, fake_result
from test_webmap import HOSTILE, data_of
from walkshed.errors import CRSError, InputError
from walkshed.output.picture import draw
from walkshed.output.report import render_report
from walkshed.output.sites import listed_sites
from walkshed.output.webmap import render_map
from walkshed.output.words import Words
from walkshed.siting.after import coverage_after


def proposed(name: str = "Post office", crs: str | None = CRS) -> gpd.GeoDataFrame:
    """Two sites in the toy's gap, the second one first."""
    return gpd.GeoDataFrame(
        {
            "order": [2, 1],
            "name": ["", name],
            "kind": ["street", "post_office"],
            "gain_street_km": [0.6, 1.2],
            "gain_people": [40.0, 120.0],
        },
        geometry=[shapely.Point(WEST + 900, SOUTH + 900), shapely.Point(WEST + 700, SOUTH + 300)],
        crs=crs,
    )


def test_shares_grow_by_what_each_adds():
    result = fake_result()
    last, total = result.summary["coverage"][-1], result.summary["streets"]["street_km"]
    after = coverage_after(result, proposed())
    assert after["order"].tolist() == [0, 1, 2]
    assert after["street_km"].tolist() == pytest.approx([last["street_km"] + x for x in (0, 1.2, 1.8)])
    assert after["street_share"].tolist() == pytest.approx([(last["street_km"] + x) / total for x in (0, 1.2, 1.8)])
    assert after["people"].tolist() == pytest.approx([last["people"] + x for x in (0, 120, 160)])
    assert after["people_share"].iloc[-1] == pytest.approx((last["people"] + 160) / 960)


def test_without_people_no_share_of_them():
    after = coverage_after(fake_result(people=False), proposed())
    assert after["people_share"].tolist() == [None] * 3


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_map_lists_them_in_order(lang):
    sites = data_of(render_map(fake_result(), lang=lang, sites=proposed()))["sites"]
    assert [site["order"] for site in sites] == [1, 2]
    assert "Post office" in sites[0]["title"]
    rows = dict(sites[0]["rows"])
    assert ("Kind of host", "post office") in rows.items() or ("承载点类型", "邮局") in rows.items()
    assert any("1.2" in value for value in rows.values())
    expected = proposed().to_crs("EPSG:4326").geometry.iloc[1]
    assert sites[0]["at"] == pytest.approx([expected.y, expected.x], abs=1e-5)


def test_without_sites_nothing_speaks_of_them():
    assert data_of(render_map(fake_result()))["sites"] == []
    assert 'id="sites"' not in render_report(fake_result())
    assert "#sites" not in render_report(fake_result())
    assert draw(fake_result())["sites"] == []


def test_the_report_tells_before_and_after():
    page = render_report(fake_result(), sites=proposed())
    section = re.search(r'<section id="sites">(.*?)</section>', page, re.DOTALL)[1]
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section))
    words, result = Words("en"), fake_result()
    after = coverage_after(result, proposed())
    for share in [*after["street_share"], *after["people_share"]]:
        assert words.share(share) in table
    assert table.index("Today") < table.index("Post office") < table.index("place on the street")
    assert page.count('class="site-number"') == 3  # two on the map, one in the legend


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text):
    calm, wild = render_report(fake_result(), sites=proposed()), render_report(fake_result(), sites=proposed(text))
    for tag in ("<script", "<img", "<svg"):
        assert wild.lower().count(tag) == calm.lower().count(tag)


def test_what_is_no_site_is_refused():
    result, words = fake_result(), Words("en")
    with pytest.raises(InputError, match="no column gain_people; found order"):
        listed_sites(result, proposed().drop(columns="gain_people"), words)
    areas = proposed()
    areas.loc[0, "geometry"] = shapely.box(0, 0, 1, 1)
    with pytest.raises(InputError, match="each must be a point, found Point, Polygon"):
        listed_sites(result, areas, words)
    with pytest.raises(CRSError, match="sites: no coordinate system"):
        listed_sites(result, proposed(crs=None), words)


def test_an_empty_frame_is_none():
    assert listed_sites(fake_result(), proposed().iloc[:0], Words("en")) == []
