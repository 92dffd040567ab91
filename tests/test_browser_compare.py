"""The map of a comparison in a real browser: from disk, with no network."""

from __future__ import annotations

import pytest

from test_browser_map import Watched, chromium, page, settle
from test_compare import PEOPLE, TOWN, WALK
from walkshed.analysis.study import analyze
from walkshed.comparing.compare import compare
from walkshed.output.compare_map import render_comparison_map

pytestmark = pytest.mark.browser

__all__ = ["chromium", "page"]

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`${alert(3)}`"


@pytest.fixture
def shown(page, tmp_path):
    before = analyze(TOWN.streets, TOWN.stations(("F", 0, 0), ("K", 0, 0)), people=PEOPLE, walk=WALK)
    stations = TOWN.stations(("F", 90, 0), ("D", 0, 0)).assign(name=HOSTILE, station_id=["s1", "new"])
    after = analyze(TOWN.streets, stations, people=PEOPLE, walk=WALK)
    path = tmp_path / "map.html"
    path.write_text(render_comparison_map(compare(before, after), report_name="compare.html"), encoding="utf-8")
    watched = Watched(page)
    page.goto(path.as_uri())
    page.wait_for_selector(".station")
    settle(page)
    return watched


def colours(page):
    """The colours on the canvas of the streets, each with how often it is met."""
    return page.evaluate(
        """() => {
          const found = {};
          for (const canvas of document.querySelectorAll(".leaflet-walkshed-streets-pane canvas")) {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) {
              const key = [data[i], data[i + 1], data[i + 2]].map((v) => v.toString(16).padStart(2, "0")).join("");
              found[key] = (found[key] ?? 0) + 1;
            }
          }
          return found;
        }"""
    )


def test_the_difference_then_either_side(shown):
    page = shown.page
    assert {"7bb2d0", "08406a", "c4410c", "b9b2a3"} <= set(colours(page))
    assert page.locator(".station").count() == 3
    shown.assert_calm()  # from here on Chromium minds that the canvas is read twice
    page.locator("input[name=view]").nth(1).check()
    settle(page)
    assert "7bb2d0" not in colours(page)
    assert page.locator(".legend").inner_text().split("\n")[0] == "covered within 10 min"
    assert page.locator(".spot-added").count() == 0
    page.locator("input[name=view]").nth(2).check()
    assert page.locator(".spot-added").count() == 1
    assert page.locator(".spot-removed").count() == 0
    assert all("Canvas2D" in line for line in shown.trouble)


def test_a_moved_station_stands_where_it_stood_in_the_view_before(shown):
    page = shown.page
    after = page.locator(".spot-moved").bounding_box()["x"]
    page.locator("input[name=view]").nth(1).check()
    before = page.locator(".spot-moved").bounding_box()["x"]
    assert after - before > 5  # 90 m to the east
    shown.assert_calm()


def test_another_cutoff_is_another_sentence_and_another_legend(shown):
    page = shown.page
    first = page.locator(".sentence").inner_text(), page.locator(".legend").inner_text()
    page.locator("input[name=cutoff]").first.check()
    assert page.locator(".sentence").inner_text() != first[0]
    assert page.locator(".legend").inner_text() != first[1]
    shown.assert_calm()


def test_a_changed_station_is_found_from_the_list(shown):
    page = shown.page
    page.locator(".changes button").first.click()
    assert "added" in page.locator(".leaflet-popup .card").inner_text()
    assert HOSTILE.strip() in page.locator(".leaflet-popup h3").inner_text()
    assert page.locator(".panel a").get_attribute("href") == "compare.html"
    shown.assert_calm()


def test_a_narrow_screen_folds_the_details(shown):
    page = shown.page
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert not page.locator(".details").is_visible()
    page.locator(".fold").click()
    assert page.locator(".details").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    shown.assert_calm()
