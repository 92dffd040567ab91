"""The map in a real browser: from disk, with no network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import sync_playwright

from fake_result import fake_result
from test_sites_shown import proposed
from test_webmap import HOSTILE, hostile_result
from toys import toy
from walkshed.analysis.study import analyze
from walkshed.inputs.datum import from_wgs84
from walkshed.output.colours import ramp
from walkshed.output.report import render_report
from walkshed.output.webmap import explore, render_map, write_map
from walkshed.reach.walk import Walk

pytestmark = pytest.mark.browser

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
LAYERS = ("stations", "gaps", "streets", "depth", "covered", "zones", "people", "straight", "area", "base")


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
        settle(self.page)  # the map fits the area when its size is known
        return self.page

    def assert_calm(self):
        assert self.trouble == []
        assert all(url.startswith("file:") for url in self.requests)


@pytest.fixture
def watched(page):
    watched = Watched(page)
    yield watched
    watched.assert_calm()


@pytest.mark.parametrize(
    ("layer", "off"), [("depth", "streets"), ("zones", "covered"), ("people", None), ("straight", None)]
)
def test_the_map_opens_with_the_layer_asked_for(watched, tmp_path, layer, off):
    path = tmp_path / "map.html"
    path.write_text(explore(fake_result(), layer=layer).html, encoding="utf-8")
    watched.page.goto(path.as_uri())
    watched.page.wait_for_selector(".station")
    assert watched.page.locator(f'[data-layer="{layer}"]').is_checked()
    if off:
        assert not watched.page.locator(f'[data-layer="{off}"]').is_checked()
    rest = {"stations", "gaps", "area"}
    assert all(watched.page.locator(f'[data-layer="{key}"]').is_checked() for key in rest)


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


def shades(page, pane: str) -> set[str]:
    """The opaque colours drawn in one of the map's canvases."""
    return set(
        page.evaluate(
            """(pane) => {
              const canvas = document.querySelector(`.leaflet-walkshed-${pane}-pane canvas`);
              const copy = document.createElement("canvas");
              Object.assign(copy, { width: canvas.width, height: canvas.height });
              const context = copy.getContext("2d", { willReadFrequently: true });
              context.drawImage(canvas, 0, 0);
              const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
              const found = new Set();
              for (let i = 0; i < pixels.length; i += 4) {
                if (pixels[i + 3] < 255) continue;
                found.add("#" + [0, 1, 2].map((k) => pixels[i + k].toString(16).padStart(2, "0")).join(""));
              }
              return [...found];
            }""",
            pane,
        )
    )


LADDER = toy("""
    A---B---C---D
    |   |   |   |
    E---F---G---H
    |       |   |
    I-------J---K
""")


def screen(page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the toy network stands on the screen."""
    lon, lat = gpd.GeoSeries([shapely.Point(x, y)], crs=LADDER.streets.crs).to_crs("EPSG:4326").iloc[0].coords[0]
    at = page.evaluate(
        """([lon, lat]) => {
          const point = map_walkshed.latLngToContainerPoint([lat, lon]);
          const box = map_walkshed.getContainer().getBoundingClientRect();
          return [point.x + box.x, point.y + box.y];
        }""",
        [lon, lat],
    )
    return at[0], at[1]


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


@pytest.mark.parametrize(("lang", "unit"), [("en", "m"), ("zh", "米")])
def test_the_scale_bar_speaks_the_pages_language(watched, tmp_path, lang, unit):
    page = watched.open(fake_result(), tmp_path, lang=lang)
    assert page.locator(".leaflet-control-scale-line").inner_text().split()[1] == unit


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
    assert shades(page, "streets") >= set(ramp(3))
    page.get_by_label("5 min", exact=True).check(force=True)
    settle(page)
    assert "within 5 minutes" in page.locator(".sentence").inner_text()
    assert 0 < ink(page, "covered") < wide
    left = shades(page, "streets")
    assert ramp(3)[0] in left
    assert not left & set(ramp(3)[1:]), "streets beyond 5 minutes are still coloured as covered"
    legend = page.locator("li:has([data-layer=streets])").inner_text()
    assert "beyond 5 min" in legend
    assert "within 10 min" not in legend
    assert "Gaps at 15 min" in page.locator("li:has([data-layer=gaps])").inner_text()


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


def test_a_station_shows_its_area_and_the_straight_circle(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator(".station").first.dispatch_event("click")
    settle(page)
    own = ink(page, "marked")
    assert own > 0
    button = page.get_by_role("button", name="Compare with the straight circle of 1,200 m")
    button.click()
    settle(page)
    assert ink(page, "marked") > own
    page.get_by_role("button", name="Hide the straight circle").click()
    settle(page)
    assert ink(page, "marked") == own


def test_the_straight_circle_is_as_wide_as_the_budget(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    metres = page.evaluate(
        """() => {
          const at = L.latLng(39.75, 117);
          return walkshed.codec.ring(at, 1200).map(([x, y]) => {
            const place = walkshed.codec.latLng(x, y);
            return [place.lng, place.lat];
          });
        }"""
    )
    ring = gpd.GeoSeries(gpd.points_from_xy(*np.array(metres).T), crs="EPSG:4326").to_crs("EPSG:32650")
    middle = gpd.GeoSeries([shapely.Point(117, 39.75)], crs="EPSG:4326").to_crs("EPSG:32650").iloc[0]
    assert ring.distance(middle).to_numpy() / 0.9996 == pytest.approx(1200, abs=1)


def test_stations_at_one_place_are_listed(watched, tmp_path):
    result = fake_result()
    result.stations = result.stations.iloc[[0, 0, 2]].reset_index(drop=True)
    result.stations["station_id"], result.stations["name"] = ["1", "2", "3"], ["First", "Second", "Far"]
    page = watched.open(result, tmp_path)
    assert page.locator(".station .many").inner_text() == "2"
    page.locator(".station:has(.many)").dispatch_event("click")
    assert page.locator(".card h3").inner_text() == "2 stations in one place"
    page.get_by_role("button", name="Second").click()
    assert page.locator(".card h3").last.inner_text() == "Second"
    page.get_by_role("button", name="2 stations stand here:").click()
    page.get_by_role("button", name="First").last.wait_for()


def test_a_click_on_a_street_draws_the_walk(watched, tmp_path):
    result = analyze(LADDER.streets, LADDER.stations(("A", 0, 0)), walk=Walk(cutoffs=(5, 15)))
    page = watched.open(result, tmp_path)
    x, y = LADDER.at["G"]  # noqa: PD008 (not pandas)
    page.mouse.click(*screen(page, x + 100, y))
    assert "s1" in page.locator(".card").inner_text()
    assert "The dashed line is the walk to it." in page.locator(".card").inner_text()
    ends = page.evaluate(
        """() => {
          const data = JSON.parse(document.getElementById("walkshed-data").textContent);
          const lines = walkshed.codec.lines(data.streets.lines);
          const around = walkshed.codec.lines(data.base.streets);
          const { route } = walkshed.routes.finder(data.routes, lines, around);
          const at = walkshed.codec.places(data.stations.points)[0];
          const walks = [];
          for (let line = 0; line < lines.size; line++) {
            const i = lines.start[line];
            const [x, y] = [(lines.x[i] + lines.x[i + 1]) / 2, (lines.y[i] + lines.y[i + 1]) / 2];
            const walk = route({ line, segment: i, share: 0.5, x, y }, at);
            const points = Array.from(walk.x, (x, k) => walkshed.codec.latLng(x, walk.y[k]));
            let metres = 0;
            for (let k = 1; k < points.length; k++) metres += points[k - 1].distanceTo(points[k]);
            walks.push(metres);
          }
          return walks;
        }"""
    )
    # Leaflet measures on a sphere, at most 0.5 % off; places are packed to 1 m.
    assert np.array(ends) == pytest.approx(result.streets["walk_min"].to_numpy() * 80, rel=6e-3, abs=8)


def test_a_street_by_keyboard(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    assert page.locator(".card").inner_text()
    page.keyboard.press("Escape")
    page.locator(".card").wait_for(state="detached")


def test_a_zone_says_its_share(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.locator('[data-layer="streets"]').click()
    page.locator('[data-layer="zones"]').click()
    assert not page.locator('[data-layer="covered"]').is_checked()
    settle(page)
    assert ink(page, "covered") > 0
    x, y = 500_000 + 150, 4_400_000 + 450
    page.mouse.click(*screen(page, x, y))
    card = page.locator(".card").inner_text()
    assert "西片区" in card
    assert "75.0 %" in card


def two_kinds():
    """Stations of two categories on the ladder; 5 min are 400 m."""
    stations = LADDER.stations(("A", 0, 0), ("K", 0, 0))
    stations["category"] = ["rest", "library"]
    return analyze(LADDER.streets, stations, walk=Walk(cutoffs=(2.5, 5)))


def test_one_category_alone(watched, tmp_path):
    result = two_kinds()
    page = watched.open(result, tmp_path)
    everything = page.locator(".sentence").inner_text()
    page.get_by_label("Category").select_option(label="rest (1)")
    settle(page)
    own = result.categories.query("category == 'rest' and cutoff_min == 5").iloc[0]
    assert f"{100 * own['street_share']:.1f} %" in page.locator(".sentence").inner_text()
    assert '"rest"' in page.locator(".sentence").inner_text()
    assert page.locator(".station").count() == 1
    for key in ("gaps", "depth"):
        assert page.locator(f'[data-layer="{key}"]').is_disabled()
        assert "only for all stations together" in page.locator(f"li:has([data-layer={key}])").inner_text()
    page.get_by_label("2.5 min", exact=True).check(force=True)
    assert "within 2.5 minutes" in page.locator(".sentence").inner_text()
    x, y = LADDER.at["K"]  # noqa: PD008 (not pandas)
    page.mouse.click(*screen(page, x, y + 100))
    card = page.locator(".card").inner_text()
    assert 'Walk to "rest"\nbeyond 5 min' in card.replace("\t", "\n")
    page.get_by_label("Category").select_option(label="All stations")
    page.get_by_label("5 min", exact=True).check(force=True)
    settle(page)
    assert page.locator(".sentence").inner_text() == everything
    assert page.locator('[data-layer="gaps"]').is_enabled()
    assert page.locator(".station").count() == 2


def test_streets_are_cut_where_a_categorys_budget_ends(watched, tmp_path):
    """The metres drawn in each colour are those of the result's own table."""
    result = two_kinds()
    page = watched.open(result, tmp_path)
    drawn = page.evaluate(
        """() => {
          const data = JSON.parse(document.getElementById("walkshed-data").textContent);
          const lines = walkshed.codec.lines(data.streets.lines);
          return data.views.map((view) => {
            const pieces = walkshed.categories.cut(view, data, lines);
            const metres = [0, 0, 0];
            pieces.kind.forEach((kind, i) => { metres[kind] += walkshed.categories.metresOf(pieces.lines, i); });
            return { name: data.categories[view.category].name, metres };
          });
        }"""
    )
    assert {own["name"] for own in drawn} == {"rest", "library"}
    total_m = result.streets["length_m"].sum()
    for own in drawn:
        covered = result.categories[result.categories["category"] == own["name"]]["street_km"].to_numpy() * 1000
        wanted = [covered[0], covered[1] - covered[0], total_m - covered[1]]
        assert own["metres"] == pytest.approx(wanted, rel=0.01, abs=8)  # packed to 1 m, costs to a 500th


def test_proposed_sites_are_marked_and_listed(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path, sites=proposed("<b>Post</b>"))
    assert page.locator(".site-marker").all_inner_texts() == ["1", "2"]
    page.locator(".site-marker").first.dispatch_event("click")
    card = page.locator(".card").inner_text()
    assert "Proposed site 1 · <b>Post</b>" in card
    assert "post office" in card
    page.get_by_role("button", name="Show site 2").click()
    assert "Proposed site 2" in page.locator(".card h3").last.inner_text()
    page.locator('[data-layer="sites"]').uncheck()
    assert page.locator(".site-marker").count() == 0


def test_by_keyboard_alone(watched, tmp_path):
    """From the top of the page through everything that can be used, each with a mark of where one is."""
    page = watched.open(two_kinds(), tmp_path, lang="zh")
    met = []
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const at = document.activeElement;
              if (at === document.body) return null;
              const box = at.matches(".choice input") ? at.nextElementSibling : at;
              const name = at.getAttribute("aria-label") || at.title || at.labels?.[0]?.innerText || at.innerText || at.alt;
              const kind = at.dataset.layer ? "layer" : at.className.split(" ")[0] || at.type || at.tagName;
              return { kind, name, ring: getComputedStyle(box).outlineStyle };
            }"""
        )
        if found is None:
            break
        met.append(found)
    assert all(one["name"] and one["ring"] != "none" for one in met), met
    kinds = [one["kind"] for one in met]
    for kind in (
        "radio",
        "select-one",
        "link",
        "search",
        "layer",
        "folium-map",
        "leaflet-marker-icon",
        "leaflet-control-zoom-in",
    ):
        assert kind in kinds, (kind, kinds)
    page.locator(".gaps button").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "card"
    page.keyboard.press("Escape")
    page.locator(".card").wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest('.gaps') !== null")
    page.locator('[data-layer="covered"]').focus()
    page.keyboard.press("Space")
    assert not page.locator('[data-layer="covered"]').is_checked()
    page.locator(".folium-map").focus()
    before = page.evaluate("map_walkshed.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => map_walkshed.getCenter().lng > before", arg=before)


CONTRAST = """() => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 200) return color;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  let looked = 0;
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => node.data).join("");
    const style = getComputedStyle(element);
    if (!text || !element.getClientRects().length || style.visibility === "hidden" || element.closest("svg, script, option")) continue;
    const [a, b] = [light(rgba(style.color)), light(ground(element))].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    looked++;
    if (ratio < (isLarge ? 3 : 4.5)) poor.push([text.slice(0, 30), ratio.toFixed(2)]);
  }
  return { poor, looked };
}"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_stands_out_as_wcag_asks(watched, tmp_path, lang):
    """Level AA: 4.5 to 1, large text 3 to 1, on the map's page with a pop-up open and on the report."""
    page = watched.open(fake_result(), tmp_path, lang=lang, sites=proposed())
    page.locator(".gaps button").first.click()
    found = page.evaluate(CONTRAST)
    assert found["poor"] == []
    assert found["looked"] > 40
    path = tmp_path / "report.html"
    path.write_text(render_report(fake_result(), lang=lang, sites=proposed()), encoding="utf-8")
    page.goto(path.as_uri())
    found = page.evaluate(CONTRAST)
    assert found["poor"] == []
    assert found["looked"] > 150


def test_small_gaps_number_themselves_when_one_zooms_in(watched, tmp_path):
    result = fake_result()
    result.gaps["center_lat"] = 39.754
    # The first ten are always numbered; here they lie on each other, so that one number shows.
    first = [result.gaps.assign(gap_id=rank) for rank in range(1, 11)]
    far = result.gaps.assign(gap_id=11, people=2.0, center_lat=39.752, center_lon=117.002)
    result.gaps = gpd.GeoDataFrame(pd.concat([*first, far], ignore_index=True), crs=result.gaps.crs)
    page = watched.open(result, tmp_path)
    assert page.locator(".gap-marker").all_inner_texts() == ["1"]
    page.evaluate("map_walkshed.setZoom(map_walkshed.getZoom() + 2, { animate: false })")
    page.evaluate("map_walkshed.panTo([39.752, 117.002], { animate: false })")
    assert "11" in page.locator(".gap-marker").all_inner_texts()


def test_the_report_is_linked_where_it_stands_beside(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    assert page.get_by_role("link", name="Open the report").count() == 0
    (tmp_path / "b.html").write_text(render_map(fake_result(), report_name="report.html"), encoding="utf-8")
    page.goto((tmp_path / "b.html").as_uri())
    assert page.get_by_role("link", name="Open the report").get_attribute("href") == "report.html"


def test_on_paper(watched, tmp_path):
    page = watched.open(fake_result(), tmp_path)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".map-frame").bounding_box()["width"] == pytest.approx(1050, abs=4)
    assert page.locator(".search").is_hidden()
    assert page.locator(".sentence").is_visible()
    assert ink(page, "streets") > 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".search").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_first_view_holds_the_area(watched, tmp_path, width):
    watched.page.set_viewport_size({"width": width, "height": 844})
    page = watched.open(fake_result(), tmp_path)
    settle(page)
    seen = [float(x) for x in page.evaluate("map_walkshed.getBounds().toBBoxString()").split(",")]
    west, south, east, north = fake_result().area.to_crs("EPSG:4326").total_bounds
    assert seen[0] < west
    assert seen[1] < south
    assert seen[2] > east
    assert seen[3] > north
    assert (east - west) / (seen[2] - seen[0]) > 0.5 or (north - south) / (seen[3] - seen[1]) > 0.5


def test_tiles_ask_their_host_alone(page, tmp_path):
    watched = Watched(page)
    watched.open(fake_result(), tmp_path, tiles="gaode")
    page.wait_for_timeout(200)
    hosts = {url.split("/")[2] for url in watched.requests if not url.startswith("file:")}
    assert hosts == {"webrd01.is.autonavi.com"}
    assert "AutoNavi" in page.locator(".credit").inner_text()
    drawn = page.evaluate("walkshed.codec.gcj02(117.0, 39.745)")
    assert drawn == pytest.approx(from_wgs84(np.array([[117.0, 39.745]]), "gcj02")[0].tolist(), abs=1e-9)
    shown = page.evaluate("(() => { const c = map_walkshed.getCenter(); return [c.lng, c.lat]; })()")
    true = fake_result().area.to_crs("EPSG:4326").geometry.iloc[0].centroid
    assert shown[0] - true.x == pytest.approx(drawn[0] - 117.0, abs=2e-4)


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


def test_in_the_column_of_a_page_the_map_is_as_high_as_the_frame(watched, tmp_path):
    watched.page.set_viewport_size({"width": 688, "height": 500})
    page = watched.open(fake_result(), tmp_path)
    box = page.locator(".map-frame").bounding_box()
    assert (box["width"], box["height"]) == (688 - 348, 500)


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
