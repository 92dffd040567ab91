"""The map as text: what is packed, what is in the page, and that nothing in it loads or runs."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from branca.element import Figure, JavascriptLink
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fake_result import CRS, fake_result
from walkshed.errors import InputError, OutputError
from walkshed.output.basemap import BUILDINGS_LIMIT, MAJOR, MINOR, PATH, _largest, street_width
from walkshed.output.colours import (
    DEPTHS,
    GAP,
    PEOPLE,
    SHARES,
    SITE,
    STATION,
    STATION_EDGE,
    STRAIGHT,
    UNKNOWN,
    UNREACHED,
    palette,
    ramp,
)
from walkshed.output.mapdata import FIRST_PEAK, TO_END, TO_START, map_data, pack_routes
from walkshed.output.mapground import DOTS_LIMIT, people_layer, share_class
from walkshed.output.mapstations import CATEGORIES_SHOWN
from walkshed.output.offline import (
    asset,
    inline_links,
    json_for_script,
    offline_html,
    refuse_links,
)
from walkshed.output.packing import ALPHABET, pack_integers, pack_lines, pack_polygons
from walkshed.output.tiles import tile_service
from walkshed.output.webmap import explore, render_map, write_map
from walkshed.output.words import Words, catalogue

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}{#",
    "${alert(1)}`${alert(1)}`\\",
    "a\x00b\u2028c\u2029d\u202eevil",
    "'\"><svg onload=alert(1)>",
    "<!--<script>",
    "script-hashes-stand-here",
)

LEAFLET = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
}


def unpack(text: str) -> list[int]:
    """The plain twin of `pack_integers`' reader in map_codec.js."""
    numbers, folded, shift = [], 0, 0
    for character in text.encode("ascii"):
        five = ALPHABET.tobytes().index(character)
        folded += (five & 31) << shift
        shift += 5
        if five < 32:
            numbers.append(-(folded + 1) // 2 if folded % 2 else folded // 2)
            folded, shift = 0, 0
    return numbers


def unpack_lines(packed: dict[str, str]) -> list[np.ndarray]:
    degrees = np.cumsum(np.array(unpack(packed["xy"])).reshape(-1, 2), axis=0) / 1e5
    return np.split(degrees, np.cumsum(unpack(packed["n"]))[:-1])


def data_of(html: str) -> dict:
    found = re.findall(r'<script type="application/json" id="walkshed-data">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def hostile_result(text: str):
    result = fake_result(name=text)
    result.stations["name"] = result.stations["category"] = result.stations["station_id"] = text
    result.stations["station_id"] = [f"{text}{i}" for i in range(3)]
    result.streets["name"] = text
    result.gaps["zone"] = result.gaps["station_name"] = text
    result.network.surroundings.places["name"] = text
    object.__setattr__(result.network.source, "name", text)
    return result


class TestPacking:
    @settings(deadline=None)  # the first call compiles
    @given(hnp.arrays(np.int64, st.integers(0, 60), elements=st.integers(-(2**31), 2**31 - 1)))
    def test_integers_come_back(self, numbers):
        assert unpack(pack_integers(numbers)) == numbers.tolist()

    def test_nothing_is_an_empty_text(self):
        assert pack_integers([]) == ""

    def test_lines_come_back_within_half_a_step(self):
        rng = np.random.default_rng(3)
        corner = np.array([5e5, 4.4e6])
        lines = [shapely.LineString(corner + rng.uniform(-3000, 3000, (n, 2))) for n in (2, 5, 3)]
        frame = gpd.GeoSeries(lines, crs=CRS)
        degrees = [np.array(line.coords) for line in frame.to_crs("EPSG:4326")]
        for packed, true in zip(unpack_lines(pack_lines(frame)), degrees, strict=True):
            assert np.abs(packed - true).max() <= 0.5e-5 + 1e-12

    def test_a_hole_runs_the_other_way_round(self):
        square = shapely.box(5e5, 4.4e6, 5e5 + 900, 4.4e6 + 900)
        ring = shapely.Polygon(square.exterior.coords[::-1], [shapely.box(500300, 4400300, 500600, 4400600).exterior])
        shell, hole = unpack_lines(pack_polygons(gpd.GeoSeries([ring], crs=CRS)))
        assert shapely.LinearRing(shell).is_ccw
        assert not shapely.LinearRing(hole).is_ccw

    def test_empty_and_missing_shapes_are_left_out(self):
        frame = gpd.GeoSeries([shapely.MultiPolygon(), None, shapely.Point(0, 0).buffer(9)], crs=CRS)
        assert len(unpack(pack_polygons(frame)["n"])) == 1

    def test_only_the_largest_buildings_are_drawn(self, monkeypatch):
        monkeypatch.setattr("walkshed.output.basemap.BUILDINGS_LIMIT", 2)
        sizes = (3, 9, 1, 5)
        frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, size, size) for size in sizes], crs=CRS)
        assert _largest(frame).area.tolist() == [81.0, 25.0]
        assert BUILDINGS_LIMIT > 2

    def test_street_widths(self):
        import pandas as pd

        kinds = pd.Series(["primary_link", "residential", "steps", None, ""])
        assert street_width(kinds).tolist() == [MAJOR, MINOR, PATH, MINOR, MINOR]


class TestOffline:
    def test_an_unknown_link_is_refused(self):
        page = Figure()
        page.header.add_child(JavascriptLink("https://cdn.example/plugin.js"), name="plugin")
        with pytest.raises(OutputError, match=r"plugin.*https://cdn\.example/plugin\.js.*vendor"):
            inline_links(page.header)

    def test_a_plugin_that_loads_is_refused(self):
        from folium.plugins import MarkerCluster

        chart = folium.Map(tiles=None)
        MarkerCluster().add_to(chart)
        with pytest.raises(OutputError, match="would load"):
            offline_html(chart.get_root())

    def test_tiles_are_refused(self):
        html = '<img src="https://tile.example/1/2/3.png">'
        with pytest.raises(OutputError, match=r"tile\.example"):
            refuse_links(html)

    @pytest.mark.parametrize(
        "html",
        [
            "<link rel=stylesheet href=//cdn.example/a.css>",
            "<style>@import 'a.css';</style>",
            "<style>a { background: url(https://x.example/a.png) }</style>",
            "<iframe srcdoc='<p>'></iframe>",
            "<script src='a.js'></script>",
        ],
    )
    def test_whatever_loads_is_refused(self, html):
        with pytest.raises(OutputError, match="would load"):
            refuse_links(html)

    def test_links_to_click_and_inline_images_pass(self):
        refuse_links('<a href="https://a.example">a</a><img src="data:image/png;base64,AA==">')

    def test_vendored_files_are_the_published_ones(self):
        folder = files("walkshed.output") / "vendor"
        for name, digest in LEAFLET.items():
            assert hashlib.sha256((folder / "leaflet" / name).read_bytes()).hexdigest() == digest
        assert "1.9.4" in (folder / "README.md").read_text(encoding="utf-8")
        assert "Redistribution" in (folder / "LICENSES" / "leaflet.txt").read_text(encoding="utf-8")

    def test_json_cannot_end_its_script(self):
        text = json_for_script({"a": "</script><!--&\u2028"})
        assert not set(text) & set("<>&\u2028")
        assert json.loads(text) == {"a": "</script><!--&\u2028"}


class TestPage:
    def test_every_script_is_named_in_the_policy(self):
        html = render_map(fake_result())
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
        scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        assert "default-src 'none'" in policy
        assert policy.count("sha256-") == len(scripts) >= 8

    def test_nothing_is_linked(self):
        html = render_map(fake_result())
        assert not re.search(r"<(script|img|iframe)[^>]+src=", html)
        assert "<link" not in html

    def test_the_same_result_gives_the_same_file(self):
        assert render_map(fake_result()) == render_map(fake_result())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_stays_data(self, text):
        calm, wild = render_map(fake_result()), render_map(hostile_result(text), title=text)
        assert wild.lower().count("<script") == calm.lower().count("<script")
        assert wild.count("<img") == calm.count("<img") == 0
        assert wild.count("<svg") == calm.count("<svg")
        wild.encode("utf-8")
        shown = data_of(wild)["stations"]["title"][0]
        assert shown == " ".join(text.replace("\x00", "").replace("\u202e", "").split())

    def test_a_title_that_utf8_cannot_hold(self):
        assert "<title>a &amp; b</title>" in render_map(fake_result(), title="a & b\ud800")

    def test_the_language_is_stated_and_whole(self):
        html = render_map(fake_result(), lang="zh")
        assert '<html lang="zh-CN">' in html
        data = data_of(html)
        assert data["cutoffs"] == ["5 分钟", "10 分钟", "15 分钟"]
        assert data["words"].keys() == {k.removeprefix("page.") for k in catalogue() if k.startswith("page.")}

    def test_both_languages_fill_the_same_braces(self):
        ours = {k: v for k, v in catalogue().items() if k.startswith(("map.", "page."))}
        assert len(ours) > 80
        for name, texts in ours.items():
            braces = [sorted(re.findall(r"\{(\w+)", texts[lang])) for lang in ("en", "zh")]
            assert braces[0] == braces[1], name

    def test_an_unknown_language_is_refused(self):
        with pytest.raises(InputError, match="language"):
            render_map(fake_result(), lang="fr")

    @pytest.mark.parametrize(("origin", "said"), [("osm", "© OpenStreetMap contributors, ODbL"), ("other", "")])
    def test_the_users_own_credit_stands_beside_osms(self, origin, said):
        result = fake_result(origin=origin)
        object.__setattr__(result.network.source, "attribution", "Survey <b>office</b>\u202e")
        source = data_of(render_map(result))["source"]
        assert (source["own"], source["credit"]) == ("Survey <b>office</b>", said)

    def test_osm_is_thanked_and_an_invented_place_labelled(self):
        assert "OpenStreetMap" in data_of(render_map(fake_result()))["source"]["credit"]
        invented = data_of(render_map(fake_result(origin="synthetic"), lang="zh"))
        assert invented["invented"]
        assert invented["source"]["credit"] == "合成数据，并非真实地点"


class TestData:
    def test_classes_of_streets(self):
        result = fake_result()
        data = map_data(result, Words("en"), "t")["streets"]
        kinds = np.array(unpack(data["kind"]))
        streets = result.streets
        assert len(unpack(data["lines"]["n"])) == len(streets)
        assert (kinds[streets["walk_min"].isna()] == 4).all()
        assert (kinds[streets["walk_min"].notna() & ~streets["covered"]] == 3).all()
        assert (kinds[streets["cutoff_min"] == 5.0] == 0).all()
        tenths = np.array(unpack(data["tenths"]))
        reached = streets["walk_min"].notna().to_numpy()
        assert np.allclose(tenths[reached] / 10, streets["walk_min"][reached], atol=0.05)
        assert (tenths[~reached] == -1).all()

    def test_headlines_follow_the_cutoff(self):
        heads = map_data(fake_result(), Words("en"), "t")["headlines"]
        assert len(heads) == 3
        assert "within 5 minutes" in heads[0]["sentence"]
        assert [bar["name"] for bar in heads[2]["bars"]] == ["People", "Streets"]
        assert "40 more" in heads[2]["bars"][0]["text"]

    def test_without_people_nothing_speaks_of_them(self):
        data = map_data(fake_result(people=False), Words("en"), "t")
        assert [bar["name"] for bar in data["headlines"][0]["bars"]] == ["Streets"]
        assert "people" not in data["gaps"][0]["brief"]

    def test_without_a_gap_it_says_so(self):
        data = map_data(fake_result(covered="all"), Words("en"), "t")
        assert data["gaps"] == []
        assert data["gaps_line"] == "There is no gap."

    def test_one_gap_holds_and_two_hold(self):
        result = fake_result()
        assert map_data(result, Words("en"), "t")["gaps_line"].startswith("1 gap holds ")
        result.summary["gaps"]["count"] = 2
        assert map_data(result, Words("en"), "t")["gaps_line"].startswith("2 gaps hold ")

    def test_a_station_that_is_not_used_says_why(self):
        stations = map_data(fake_result(), Words("en"), "t")["stations"]
        assert stations["status"] == [0, 1, 2]
        assert ("Not used", "no street near enough to start from") in stations["rows"][1]
        assert stations["title"] == ["First", "2", "Far <b>away</b>"]

    def test_circles_stand_beside_their_station(self):
        circles = map_data(fake_result(), Words("en"), "t")["stations"]["circles"]
        assert [own[0] is not None for own in circles] == [True] * 3
        assert circles[2][1:] == [None, None]

    def test_circles_that_would_swell_the_file_are_left_out(self, monkeypatch):
        monkeypatch.setattr("walkshed.output.mapstations.CIRCLES_LIMIT", 60)
        circles = map_data(fake_result(), Words("en"), "t")["stations"]["circles"]
        assert circles[0] is None
        assert circles[2] is not None

    def test_many_categories_share_the_last_mark(self):
        result = fake_result()
        result.stations = result.stations.iloc[[0] * 20].assign(
            category=[f"c{i % 9}" for i in range(20)], station_id=[str(i) for i in range(20)]
        )
        data = map_data(result, Words("en"), "t")
        assert len(data["categories"]) == CATEGORIES_SHOWN
        assert data["categories"][-1]["name"] == "Other"
        assert sum(int(c["count"]) for c in data["categories"]) == 20
        assert max(data["stations"]["category"]) == CATEGORIES_SHOWN - 1

    def test_only_stations_that_are_used_are_counted(self):
        listed = map_data(fake_result(), Words("en"), "t")["categories"]
        assert {c["name"]: c["count"] for c in listed} == {"爱心驿站": "1", "No category stated": "0", "cafe": "0"}
        assert [c["is_used"] for c in listed].count(True) == 1

    def test_what_only_a_station_serves(self):
        result = fake_result()
        result.stations["street_km_only"], result.stations["people_only"] = 0.4, 12.0
        result.stations["hours"] = "8:00-18:00"
        rows = dict(map_data(result, Words("en"), "t")["stations"]["rows"][0])
        assert rows["Street only it covers"] == "0.4 km"
        assert rows["People only it covers"] == "12 people"
        assert rows["Hours"] == "8:00-18:00"

    @pytest.mark.parametrize(
        ("cause", "said"),
        [
            ("distance", "plain distance to the nearest station"),
            ("barrier", "a barrier: the walk is 2.4 times the straight line · Canal"),
            ("missing_streets", "streets are missing in the data"),
            (None, None),
        ],
    )
    def test_a_gap_says_why(self, cause, said):
        result = fake_result()
        result.gaps = result.gaps.assign(cause=cause, detour=2.4, crosses_name="Canal")
        assert dict(map_data(result, Words("en"), "t")["gaps"][0]["rows"]).get("Cause") == said

    def test_a_gap_names_its_host(self):
        result = fake_result()
        result.gaps = result.gaps.assign(host="Post office", host_km=1.25, host_people=300.0)
        rows = dict(map_data(result, Words("en"), "t")["gaps"][0]["rows"])
        assert rows["Best host nearby"] == "Post office: would reach 1.2 km and 300 people of it"

    def test_gaps_weigh_what_they_hold(self):
        assert [gap["weight"] for gap in map_data(fake_result(), Words("en"), "t")["gaps"]] == [1.0]

    def test_zones_say_their_figures_at_every_cutoff(self):
        zones = map_data(fake_result(), Words("en"), "t")["zones"]
        assert zones["by"] == "people"
        assert zones["title"] == ["西片区", "<i>East</i>"]
        assert zones["classes"] == [[1, -1], [2, -1], [3, -1]]
        assert ("People covered", "75.0 % (525 of 700)") in zones["rows"][2][0]
        assert ("Street covered", "no street in it") in zones["rows"][2][1]
        assert map_data(fake_result(people=False), Words("en"), "t")["zones"]["by"] == "streets"
        assert map_data(fake_result(zones=False), Words("en"), "t")["zones"] is None

    @given(st.floats(0, 1))
    def test_shares_fall_into_fifths(self, share):
        assert share_class(share) / 5 - 1e-9 <= share <= (share_class(share) + 1) / 5 + 1e-9

    def test_people_keep_their_number_and_state(self):
        result = fake_result()
        layer = map_data(result, Words("en"), "t")["people"]
        assert len(layer["state"]) == unpack(layer["points"]["n"])[0] == len(result.people)
        assert [entry["state"] for entry in layer["legend"]] == ["covered", "gap"]
        assert map_data(fake_result(people=False), Words("en"), "t")["people"] is None

    def test_many_people_are_added_up_in_squares(self):
        result = fake_result()
        many = result.people.iloc[np.arange(DOTS_LIMIT + 1) % len(result.people)].assign(population=0.5)
        result.people = many.reset_index(drop=True)
        layer = people_layer(result, Words("en"))
        assert len(layer["state"]) <= 24
        assert (DOTS_LIMIT + 1) / 2 <= sum(unpack(layer["count"])) <= (DOTS_LIMIT + 1) / 2 + 24
        assert "squares of 150 m" in layer["note"]

    def test_routes_are_written_as_steps_between_lines(self):
        routes = fake_result().routes
        few = replace(
            routes,
            peak_share=np.array([1.0, 0.0, 0.25]),
            next_start=np.array([-1, -1, 0]),
            next_end=np.array([-1, 2, 1]),
        )
        packed = pack_routes(few)
        assert unpack(packed["turn"]) == [TO_START, TO_END, 25 + FIRST_PEAK]
        assert unpack(packed["next"]) == [0, 1, -2, -1]

    def test_streets_around_the_area_are_carried(self):
        result = fake_result()
        assert unpack(map_data(result, Words("en"), "t")["base"]["streets"]["n"]) == []
        result.routes = replace(result.routes, around=result.streets.iloc[:4][["highway", "geometry"]])
        assert len(unpack(map_data(result, Words("en"), "t")["base"]["streets"]["n"])) == 4

    def test_a_layer_that_has_nothing_is_not_offered(self):
        data = map_data(fake_result(), Words("en"), "t")
        assert "buildings" not in data["base"]
        assert data["base_name"] == "Water, rail, place names"
        result = fake_result()
        object.__setattr__(result.network, "surroundings", None)
        assert map_data(result, Words("en"), "t")["base_name"] == ""

    def test_no_surroundings_no_layer(self):
        result = fake_result()
        object.__setattr__(result.network, "surroundings", None)
        assert set(map_data(result, Words("en"), "t")["base"]) == {"streets", "width"}

    def test_an_empty_study_still_draws(self):
        result = fake_result()
        result.streets, result.gaps = result.streets.iloc[:0], result.gaps.iloc[:0]
        result.service_areas, result.covered = result.service_areas.iloc[:0], result.covered.iloc[:0]
        assert data_of(render_map(result))["streets"]["lines"] == {"n": "", "xy": ""}


class TestTiles:
    def test_without_tiles_no_host_is_allowed(self):
        html = render_map(fake_result())
        assert "img-src data:;" in html
        assert data_of(html)["tiles"] is None

    @pytest.mark.parametrize(
        ("choice", "host", "is_shifted"),
        [
            ("osm", "https://tile.openstreetmap.org", False),
            ("gaode", "https://webrd01.is.autonavi.com", True),
            ("tianditu:ab12", "https://t0.tianditu.gov.cn", False),
        ],
    )
    def test_one_host_is_allowed(self, choice, host, is_shifted):
        html = render_map(fake_result(), tiles=choice)
        assert f"img-src data: {host};" in html
        tiles = data_of(html)["tiles"]
        assert tiles["shifted"] is is_shifted
        assert all(url.startswith(host) for url in tiles["layers"])

    @pytest.mark.parametrize(
        "choice", ["bing", "osm:key", "tianditu", "tianditu:a b", "tianditu:';x", "https://x.example"]
    )
    def test_other_tiles_are_refused(self, choice):
        with pytest.raises(InputError, match="tiles"):
            tile_service(choice)

    def test_none_is_none(self):
        assert tile_service(None) is tile_service("none") is None


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SEEN = {
    "all": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ rgb.clip(0, 1) / to_xyz.sum(axis=1)
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


class TestColours:
    def test_the_report_uses_the_same(self):
        css = asset("report.css")
        for name, colour in {"gap": GAP, "station": STATION_EDGE}.items():
            assert f"--{name}: {colour};" in css
        assert STATION in css + asset("picture.css")

    @pytest.mark.parametrize(
        "colours", [[*ramp(3), GAP, UNREACHED], DEPTHS, tuple(PEOPLE.values()), (*SHARES, UNKNOWN)]
    )
    @pytest.mark.parametrize("vision", SEEN)
    def test_colour_blind_readers_tell_them_apart(self, colours, vision):
        """9 in CIELAB is four times what is just noticed."""
        seen = [lab(SEEN[vision] @ linear(colour)) for colour in colours]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 9

    def test_lines_and_numbers_stand_out(self):
        for colour in [*ramp(3), GAP, UNREACHED, *(STRAIGHT,)]:
            assert contrast(colour, "#ffffff") >= 3
        for text, ground in [("#ffffff", GAP), ("#ffffff", SITE), ("#17232b", DEPTHS[1]), ("#ffffff", DEPTHS[2])]:
            assert contrast(text, ground) >= 4.5

    def test_the_map_is_told_them(self):
        assert data_of(render_map(fake_result()))["colors"] == palette(3)


class TestFiles:
    def test_written_whole(self, tmp_path):
        path = write_map(fake_result(), tmp_path / "地图.html", lang="zh", title="扬州")
        assert path.read_bytes() == render_map(fake_result(), lang="zh", title="扬州").encode("utf-8")
        assert [p.name for p in tmp_path.iterdir()] == ["地图.html"]

    def test_what_stood_there_is_replaced(self, tmp_path):
        (tmp_path / "map.html").write_text("old", encoding="utf-8")
        write_map(fake_result(), tmp_path / "map.html")
        assert (tmp_path / "map.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    def test_no_folder_no_file(self, tmp_path):
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(OutputError):
            write_map(fake_result(), tmp_path / "file" / "map.html")

    def test_notebook_view(self):
        view = explore(fake_result(), height=432)
        frame = view._repr_html_()
        assert frame.startswith("<iframe srcdoc=")
        assert "height:432px" in frame
        assert 'sandbox="allow-scripts' in frame
        assert frame.count("<script") == 0
        assert "MB" in repr(view)
        with pytest.raises(InputError, match="height"):
            explore(fake_result(), height=0)


def test_scripts_never_write_html():
    assets = Path(str(files("walkshed.output") / "assets"))
    for script in assets.glob("map_*.js"):
        code = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code), script.name
