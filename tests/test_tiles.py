"""Online tiles, asked of a server on this machine: the right ones, and none where none were asked for."""

from __future__ import annotations

import math
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from pyproj import Geod

from fake_result import fake_result
from test_browser_map import Watched, settle
from test_browser_map import chromium as chromium  # the fixture
from test_webmap import data_of, unpack_lines
from tile_server import TileServer
from walkshed.inputs.datum import from_wgs84
from walkshed.output.webmap import write_map

pytestmark = pytest.mark.browser


@pytest.fixture
def server(monkeypatch):
    with TileServer() as running:
        for service in ("_OSM", "_GAODE", "_TIANDITU"):
            monkeypatch.setattr(f"walkshed.output.tiles.{service}", running.address)
        yield running


@pytest.fixture
def open_map(chromium, tmp_path, server):
    """Open a map in a browser that may ask the server, and nobody else."""
    context = chromium.new_context(viewport={"width": 900, "height": 700})
    page = context.new_page()
    watched = Watched(page)
    page.unroute("**")
    allowed = ("file:", server.address)
    page.route("**", lambda route: route.continue_() if route.request.url.startswith(allowed) else route.abort())

    def open_one(tiles):
        page.goto(write_map(fake_result(), tmp_path / "map.html", tiles=tiles).as_uri())
        page.wait_for_selector(".station")
        if tiles:
            page.wait_for_function("document.querySelectorAll('.leaflet-tile').length > 0 && "
                                   "!document.querySelector('.leaflet-tile:not(.leaflet-tile-loaded)')")  # fmt: skip
        settle(page)
        return page

    yield open_one
    assert watched.trouble == []
    assert all(url.startswith(allowed) for url in watched.requests)
    context.close()


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """Slippy map numbers, as https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames defines them."""
    across = (lon + 180) / 360 * 2**zoom
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return zoom, int(across), int(down)


def seen(page) -> set[tuple[int, int, int]]:
    """The tiles that cover what the map shows, in whatever datum it is drawn."""
    west, south, east, north = map(float, page.evaluate("map_walkshed.getBounds().toBBoxString()").split(","))
    zoom = round(page.evaluate("map_walkshed.getZoom()"))
    (_, left, bottom), (_, right, top) = tile_of(west, south, zoom), tile_of(east, north, zoom)
    return {(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}


def queries(server: TileServer) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in server.asked]


def test_without_tiles_nothing_is_asked_for(open_map, server):
    page = open_map(None)
    page.wait_for_timeout(200)
    assert server.asked == []
    assert page.locator('[data-layer="tiles"]').count() == 0


def test_osm_tiles_are_those_in_view(open_map, server):
    page = open_map("osm")
    found = [re.fullmatch(r"/(\d+)/(\d+)/(\d+)\.png", path) for path in server.asked]
    assert all(found)
    asked = {tuple(int(n) for n in match.groups()) for match in found}
    in_view = seen(page)
    assert in_view <= asked
    first = page.evaluate("[...document.querySelectorAll('.leaflet-tile')].map((tile) => tile.src)")
    assert in_view <= {tuple(int(n) for n in re.findall(r"\d+", url.partition("127.0.0.1:")[2])[1:]) for url in first}
    middle = fake_result().area.to_crs("EPSG:4326").geometry.iloc[0].centroid
    assert tile_of(middle.x, middle.y, round(page.evaluate("map_walkshed.getZoom()"))) in asked


def test_gaode_tiles_lie_under_places_that_are_shifted_in_the_drawing_alone(open_map, server, tmp_path):
    page = open_map("gaode")
    asked = {(int(q["z"]), int(q["x"]), int(q["y"])) for q in queries(server)}
    assert seen(page) <= asked
    true = fake_result().stations.to_crs("EPSG:4326").geometry.get_coordinates().to_numpy()[:2]
    right = from_wgs84(true, "gcj02")
    zoom = round(page.evaluate("map_walkshed.getZoom()"))
    assert tile_of(*right[0], zoom) in asked
    drawn = np.array(
        page.evaluate(
            """() => {
              const data = JSON.parse(document.getElementById("walkshed-data").textContent);
              const places = walkshed.codec.places(data.stations.points).slice(0, 2);
              const lines = walkshed.codec.lines(data.streets.lines);
              const corner = walkshed.codec.latLng(lines.x[0], lines.y[0]);
              return [...places, corner].map((place) => [place.lng, place.lat]);
            }"""
        )
    )
    _, _, metres_off = Geod(ellps="WGS84").inv(*drawn[:2].T, *right.T)
    assert metres_off.max() < 1.0  # packed to 1e-5 degrees
    _, _, metres_shifted = Geod(ellps="WGS84").inv(*drawn[:2].T, *true.T)
    assert metres_shifted.min() > 100
    corner = fake_result().streets.to_crs("EPSG:4326").geometry.iloc[0].coords[0]
    assert drawn[2] == pytest.approx(from_wgs84(np.array([corner]), "gcj02")[0], abs=1e-5)
    # The page's data stay in WGS 84: whoever reads them does not meet the shift.
    kept = unpack_lines(data_of((tmp_path / "map.html").read_text(encoding="utf-8"))["stations"]["points"])[0]
    assert kept[:2] == pytest.approx(true, abs=1e-5)


def test_tianditu_is_asked_for_streets_and_names_with_the_key(open_map, server):
    page = open_map("tianditu:abc123")
    for layer in ("vec", "cva"):
        of_layer = [q for q in queries(server) if q["LAYER"] == layer]
        assert seen(page) <= {(int(q["TILEMATRIX"]), int(q["TILECOL"]), int(q["TILEROW"])) for q in of_layer}
        assert {q["tk"] for q in of_layer} == {"abc123"}
    drawn = page.evaluate("(() => { const c = map_walkshed.getCenter(); return [c.lng, c.lat]; })()")
    true = fake_result().area.to_crs("EPSG:4326").geometry.iloc[0].centroid
    assert drawn == pytest.approx([true.x, true.y], abs=2e-4)  # CGCS2000: as WGS 84, nothing is shifted


def test_tiles_can_be_switched_off_and_are_thanked(open_map, server):
    page = open_map("osm")
    assert "Tiles © OpenStreetMap" in page.locator(".credit").inner_text()
    page.locator('[data-layer="tiles"]').uncheck()
    before = len(server.asked)
    page.evaluate("() => { map_walkshed.setZoom(map_walkshed.getZoom() - 2, { animate: false }); }")
    page.wait_for_timeout(200)
    assert len(server.asked) == before
