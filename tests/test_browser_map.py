"""The map in a real browser: from disk, with no network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from fake_result import fake_result
from test_webmap import HOSTILE, hostile_result
from walkshed.output.webmap import explore, write_map

pytestmark = pytest.mark.browser

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
LAYERS = ("stations", "gaps", "streets", "depth", "covered", "area", "base")


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, through Playwright's own API: its pytest plugin warns, and warnings are errors."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(offline=True, viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


class Watched:
    """A page and what went wrong on it."""

    def __init__(self, page):
        self.page, self.trouble, self.requests = page, [], []
        page.on("console", lambda message: self.trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("dialog", lambda dialog: (self.trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))
        page.route("**", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())

    def open(self, result, folder: Path, **settings):
        path = write_map(result, folder / "map.html", **settings)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".station")
        return self.page

    def assert_calm(self):
        assert self.trouble == []
        assert all(url.startswith("file:") for url in self.requests)


@pytest.fixture
def watched(page):
    watched = Watched(page)
    yield watched
    watched.assert_calm()


def ink(page, pane: str) -> int:
    """Count the pixels drawn in one of the map's canvases."""
    return page.evaluate(
        """(pane) => {
          const canvas = document.querySelector(`.leaflet-walkshed-${pane}-pane canvas`);
          if (!canvas || !canvas.width) return 0;
          const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
          let count = 0;
          for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) count++;
          return count;
        }""",
        pane,
    )


def settle(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_opens_from_disk_and_asks_for_nothing(watched, tmp_path, lang):
    page = watched.open(fake_result(), tmp_path, lang=lang)
    assert len(watched.requests) == 1
    assert page.locator("h1").inner_text() == {"en": "Who can walk to a station", "zh": "站点步行覆盖图"}[lang]
    settle(page)
    for pane in ("ground", "covered", "streets", "gaps", "labels"):
        assert ink(page, pane) > 0, pane


def test_a_script_put_in_later_does_not_run(page, tmp_path):
    watched = Watched(page)
    watched.open(fake_result(), tmp_path)
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.broken = true";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.broken") is None
    assert any("Content Security Policy" in trouble for trouble in watched.trouble)


def test_every_layer_toggles(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    panes = {"gaps": "gaps", "streets": "streets", "covered": "covered"}
    for key in LAYERS:
        box = page.locator(f'[data-layer="{key}"]')
        before = box.is_checked()
        box.click()
        settle(page)
        assert box.is_checked() != before
        if key in panes:
            assert ink(page, panes[key]) == 0
        if key == "stations":
            assert page.locator(".station").count() == 0
        box.click()
        settle(page)
        assert box.is_checked() == before
    page.locator('[data-layer="streets"]').check()
    settle(page)
    assert ink(page, "streets") > 0


def test_streets_are_coloured_one_way_at_a_time(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator('[data-layer="depth"]').check()
    assert not page.locator('[data-layer="streets"]').is_checked()


def test_a_stations_popup_and_its_own_area(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator('.station[title="First"]').click()
    card = page.locator(".card").inner_text()
    for text in ("First", "爱心驿站", "710 people", "1.5 km", "4 m", "within 15 min"):
        assert text in card
    settle(page)
    assert ink(page, "marked") > 0
    page.locator(".leaflet-popup-close-button").click()
    settle(page)
    assert ink(page, "marked") == 0


def test_an_unused_station_says_why(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator('.station-unused[title="2"]').click()
    assert "no street near enough" in page.locator(".card").inner_text()


def test_a_click_on_a_street_tells_its_minutes(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    at = page.evaluate(
        """() => {
          const data = JSON.parse(document.getElementById("walkshed-data").textContent);
          const line = walkshed.codec.lines(data.streets.lines);
          const middle = walkshed.codec.latLng((line.x[0] + line.x[1]) / 2, (line.y[0] + line.y[1]) / 2);
          const point = map_walkshed.latLngToContainerPoint(middle);
          const box = map_walkshed.getContainer().getBoundingClientRect();
          return [point.x + box.x, point.y + box.y];
        }"""
    )
    page.mouse.click(at[0], at[1] + 3)
    card = page.locator(".card").inner_text()
    assert "1.9 min" in card
    assert "First" in card


def test_the_headline_follows_the_cutoff(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    settle(page)
    wide = ink(page, "covered")
    assert "15 minutes" in page.locator(".sentence").inner_text()
    page.get_by_label("5 min", exact=True).check(force=True)
    settle(page)
    assert "within 5 minutes" in page.locator(".sentence").inner_text()
    assert 0 < ink(page, "covered") < wide


def test_the_ranked_list_zooms_to_a_gap(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    before = page.evaluate("map_walkshed.getZoom()")
    page.locator(".gaps button").first.focus()
    page.keyboard.press("Enter")
    assert "Gap 1" in page.locator(".card").inner_text()
    assert page.evaluate("map_walkshed.getZoom()") != before


def test_search_by_keyboard(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.get_by_role("combobox").fill("fIR")
    assert page.get_by_role("option").first.inner_text().startswith("First")
    page.keyboard.press("Enter")
    assert page.locator(".card h3").inner_text() == "First"
    page.get_by_role("combobox").fill("nowhere at all")
    assert "Nothing found" in page.locator(".found").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".found").is_hidden()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_run_nothing(watched, tmp_path, text):
    page = watched.open(hostile_result(text), tmp_path, title=text)
    for i in range(page.locator(".station").count()):
        page.locator(".station").nth(i).dispatch_event("click")
        shown = " ".join(text.replace("\x00", "").replace("\u202e", "").split())
        assert page.locator(".card h3").last.text_content() == shown
    page.locator(".gaps button").first.click()
    page.get_by_role("combobox").fill(text[:4].replace("\x00", ""))
    page.keyboard.press("Enter")
    settle(page)
    assert page.locator(".panel img, .panel script, .leaflet-container script, .card img").count() == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_phone_width(watched, tmp_path, lang):
    watched.page.set_viewport_size({"width": 390, "height": 844})
    page = watched.open(fake_result(name="A station with a very long name " * 4 + "x" * 90), tmp_path, lang=lang)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert page.locator(".map-frame").bounding_box()["height"] > 380
    fold = page.locator(".fold")
    fold.click()
    assert fold.get_attribute("aria-expanded") == "true"
    assert page.locator(".layers").is_visible()
    assert page.evaluate(overflow) == 0
    cut = "[...document.querySelectorAll('.panel *')].filter((e) => e.getBoundingClientRect().right > 391).length"
    assert page.evaluate(cut) == 0
    page.locator(".gaps button").first.click()
    assert fold.get_attribute("aria-expanded") == "false"


def test_in_a_notebooks_frame(watched, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><body>{explore(fake_result())._repr_html_()}</body>", encoding="utf-8")
    watched.page.goto(path.as_uri())
    frame = watched.page.frame_locator("iframe")
    frame.locator(".station").first.wait_for()
    assert frame.locator("h1").inner_text() == "Who can walk to a station"


def test_a_study_with_nothing_to_show(watched, tmp_path):
    result = fake_result(people=False)
    result.streets, result.gaps = result.streets.iloc[:0], result.gaps.iloc[:0]
    object.__setattr__(result.network, "surroundings", None)
    page = watched.open(result, tmp_path)
    assert page.locator(".gaps").count() == 0
