"""What a notebook shows: streets and results as text, pictures of Matplotlib, progress."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace

import geopandas as gpd
import matplotlib
import pytest
import shapely

import walkshed as ws
from fake_result import CRS, fake_result, toy_streets
from test_webmap import HOSTILE
from toys import toy
from walkshed.output import axes as axes_module
from walkshed.output.colours import SITE, ramp
from walkshed.output.webmap import MAP_LAYERS, explore

matplotlib.use("agg")
plt = importlib.import_module("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def legend_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


class TestStreets:
    def test_say_what_they_are(self):
        html = toy_streets()._repr_html_()
        assert "toy.osm.pbf, 2025-08-09, osm" in html
        assert "7.2 km: residential 2.4, primary 2.4, footway 2.4" in html
        assert "1.2 km in pieces of less than 1,000 m" in html
        assert "water, rail, walls, buildings, places, hosts" in html

    @pytest.mark.parametrize("text", HOSTILE)
    def test_names_are_text(self, text):
        streets = toy_streets(name=text)
        html = replace(streets, highways=("", text, "primary", "footway"))._repr_html_()
        assert "<script" not in html
        assert "<img" not in html
        assert "<svg" not in html


class TestPictures:
    @pytest.mark.parametrize("layer", sorted(axes_module.LAYERS))
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_every_layer_is_drawn_with_its_legend(self, layer, lang):
        axes = ws.plot(fake_result(), layer=layer, lang=lang)
        assert len(legend_of(axes)) >= 2
        assert {"en": "Stations", "zh": "站点"}[lang] in legend_of(axes)
        axes.figure.canvas.draw()  # warnings are errors: every character has a font where one is installed

    @pytest.mark.parametrize("stretch", [0.8, 0.9, 1.0, 1.1, 1.2, 1.4])
    def test_the_legend_lies_within_the_picture_as_it_is_first_drawn(self, stretch):
        result = fake_result()
        result.area = result.area.set_geometry(result.area.scale(xfact=2 * stretch, yfact=2))
        axes = ws.plot(result, layer="zones", lang="zh")
        axes.figure.canvas.draw()
        edges = axes.get_legend().get_window_extent()
        assert 0 < edges.x0 < edges.x1 <= axes.figure.bbox.x1

    def test_streets_are_coloured_by_their_minutes(self):
        result = fake_result()
        axes = ws.plot(result)
        near = next(c for c in axes.collections if c.get_label() == "within 5 min")
        assert matplotlib.colors.to_hex(near.get_colors()[0]) == ramp(3)[0]
        assert len(near.get_paths()) == (result.streets["cutoff_min"] == 5).sum()

    def test_the_source_is_named(self):
        texts = [text.get_text() for text in ws.plot(fake_result()).texts]
        assert any("OpenStreetMap" in text for text in texts)

    def test_it_draws_on_given_axes_in_metres_of_the_result(self):
        own = plt.subplots()[1]
        sites = gpd.GeoDataFrame(geometry=[shapely.Point(117, 39.75)], crs="EPSG:4326")
        axes = ws.plot(fake_result(), ax=own, sites=sites)
        assert axes is own
        pin = next(c for c in axes.collections if c.get_label() == "Proposed sites")
        assert tuple(pin.get_offsets()[0]) == pytest.approx(sites.to_crs(CRS).geometry.iloc[0].coords[0])
        assert matplotlib.colors.to_hex(pin.get_facecolor()[0]) == SITE

    @pytest.mark.parametrize(
        ("layer", "says"), [("roads", "choose one of streets"), ("zones", "needs zones"), ("people", "at points")]
    )
    def test_what_cannot_be_drawn_is_refused(self, layer, says):
        bare = fake_result(zones=False, people=False)
        for draw in (ws.plot, explore):
            with pytest.raises(ws.InputError, match=says):
                draw(bare, layer=layer)

    def test_circles_are_for_the_map_alone(self):
        assert set(axes_module.LAYERS) == set(MAP_LAYERS) - {"straight"}
        with pytest.raises(ws.InputError, match="'straight'"):
            ws.plot(fake_result(), layer="straight")

    def test_without_matplotlib_it_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
        with pytest.raises(ws.InputError, match=r"walkshed\[notebook\]"):
            ws.plot(fake_result())


class TestLonboard:
    @pytest.mark.parametrize("layer", sorted(axes_module.LAYERS))
    def test_every_layer_is_handed_over_in_its_colours(self, layer):
        lonboard = pytest.importorskip("lonboard")
        drawn = explore(fake_result(), layer=layer, engine="lonboard")
        assert isinstance(drawn, lonboard.Map)
        assert drawn.basemap is None  # base maps come from the internet
        colours = [getattr(own, "get_color", None) or own.get_fill_color for own in drawn.layers]
        assert list(colours[-1])[:3] == [255, 211, 77]  # stations on top
        if layer == "streets":
            near, result = drawn.layers[1], fake_result()
            assert list(near.get_color)[:3] == [6, 48, 84]
            assert near.table.num_rows == (result.streets["cutoff_min"] == 5).sum()
            assert {"name", "walk_min"} <= set(near.table.schema.names)

    def test_proposed_sites_are_marked(self):
        pytest.importorskip("lonboard")
        sites = gpd.GeoDataFrame(geometry=[shapely.Point(117, 39.75)], crs="EPSG:4326")
        mark = explore(fake_result(), engine="lonboard", sites=sites).layers[-1]
        assert (mark.table.num_rows, list(mark.get_fill_color)[:3]) == (1, [0, 102, 94])

    def test_without_it_and_of_others_it_says_what_to_do(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "lonboard", None)
        with pytest.raises(ws.InputError, match=r"walkshed\[lonboard\]"):
            explore(fake_result(), engine="lonboard")
        with pytest.raises(ws.InputError, match="choose page or lonboard"):
            explore(fake_result(), engine="deck")
        with pytest.raises(ws.InputError, match="'straight'"):
            explore(fake_result(), layer="straight", engine="lonboard")


def test_the_map_opens_with_the_layer_asked_for():
    assert '"first":"depth"' in explore(fake_result(), layer="depth").html


def test_a_closing_shows_before_and_after():
    road = toy("A" + "-" * 19 + "B")
    stations = road.stations(("A", 500, 0), ("A", 1500, 0))
    html = ws.close_stations(ws.analyze(road.streets, stations, walk=ws.Walk(cutoffs=10)), "s2")._repr_html_()
    assert "loses 0.7 km of street" in html
    assert "<td>1</td>" in html  # all street is within a walk of 800 m of s1 or s2 ...
    assert "<td>0.65</td>" in html  # ... and 1.3 of 2 km without s2


def test_a_proposal_shows_its_sites_as_text():
    road = toy("A" + "-" * 19 + "B")
    result = ws.analyze(road.streets, road.stations(("A", 0, 0)), walk=ws.Walk(cutoffs=10))
    hosts = road.stations(("A", 1200, 0)).assign(name="<b>Post</b>", kind="post_office")
    html = ws.suggest_sites(result, n=1, candidates=hosts)._repr_html_()
    assert "&lt;b&gt;Post" in html
    assert "gain_street_km" in html


class TestProgress:
    def test_elsewhere_each_step_is_a_line(self, capsys):
        with ws.progress_shown() as progress:
            for step, share in (("reach", 0.0), ("reach", 1.0), ("gaps", 0.0)):
                progress(step, share)
        assert capsys.readouterr().err == "reach ...\ngaps ...\n"

    def test_in_a_notebook_there_are_bars(self, monkeypatch):
        from types import SimpleNamespace

        from walkshed import progress as module

        shell = type("ZMQInteractiveShell", (), {})()
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        assert module._has_widgets()
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
        assert not module._has_widgets()
