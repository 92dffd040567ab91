"""The documentation's site: it builds without a warning, loads nothing from the network, and leaves nothing out."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml

import walkshed as ws
from test_browser_map import chromium  # noqa: F401 - a fixture
from walkshed.cli import app

ROOT = Path(__file__).parents[1]
PAGES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))}
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONWARNDEFAULTENCODING": ""}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.mark.browser
def test_the_search_works_from_disk_without_network(site, chromium):  # noqa: F811
    context = chromium.new_context(offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "explanation" / "peers.html").as_uri())
    page.locator(".md-search__input").fill("station_worth")
    page.wait_for_selector(".md-search-result__item")
    context.close()
    assert [url for url in asked if url.startswith(("http:", "https:", "//"))] == []


class Loads(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("canonical", "prev", "next", "alternate"):
            return
        if given.get(LOADS.get(tag, "")):
            self.found.append(given[LOADS[tag]])


def test_nothing_is_loaded_from_the_network(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        reader = Loads()
        reader.feed(page.read_text(encoding="utf-8"))
        assert reader.found
        assert not [url for url in reader.found if re.match(r"(https?:)?//", url)], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_every_public_name_and_command_has_its_place(site):
    reference = "".join(text for path, text in PAGES.items() if path.parent.name == "reference")
    named = re.findall(r"^::: walkshed\.(\w+)$", reference, flags=re.MULTILINE)
    assert sorted(named) == sorted(set(ws.__all__) - {"__version__"})
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f'<h2 id="{name}">' in commands


def test_every_notebook_is_a_tutorial(site):
    for notebook in (ROOT / "notebooks").glob("*.py"):
        assert f"{notebook.stem}.ipynb" in PAGES[ROOT / "docs" / "tutorials" / "index.md"]
        assert (site / "tutorials" / f"{notebook.stem}.html").is_file()


@pytest.mark.parametrize(
    "path", [*PAGES, *sorted(ROOT.glob("*.md"))], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_links_hold_where_pages_are_read_in_a_clone(path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", path.read_text(encoding="utf-8"))
    own = [link for link in links if not re.match(r"\w+:", link)]
    assert [link for link in own if not (path.parent / link).exists()] == []


def test_outputs_of_notebooks_are_plain_tables_without_bars(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    shown = importlib.import_module("site_pages")._shown
    table = pd.DataFrame({"cutoff_min": [5, 10]})._repr_html_()
    text, files = shown({"data": {"text/html": table}}, "01_1")
    assert (text.count("<table>"), "<style" in text, files) == (1, False, {})
    bar = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Output()"}
    assert shown({"data": bar}, "01_2") == ("", {})


def test_signatures_name_their_defaults():
    assert str(inspect.signature(ws.analyze)).endswith("progress: 'Progress' = quiet) -> 'Coverage'")


def test_every_page_can_be_found():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for path in PAGES:
        assert path.relative_to(ROOT / "docs").as_posix() in nav


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT / "docs").as_posix())
def test_commands_in_pages_have_these_options(path):
    """Every option of a walkshed command in a page is one of that command."""
    own = options()
    fenced = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", PAGES[path], flags=re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^\s*(walkshed [a-z].*)$", fenced, flags=re.MULTILINE)
    for line in lines + re.findall(r"`(walkshed [a-z][^`\n]*)`", PAGES[path]):
        name = line.split()[1]
        assert name in own, line
        for option in re.findall(r"(?<= )--[a-z-]+", line):
            assert option in own[name], line


def options() -> dict[str, set[str]]:
    """The options of each command."""
    import typer

    group = typer.main.get_command(app)
    return {name: {o for p in command.params for o in p.opts} for name, command in group.commands.items()}


@pytest.fixture(scope="module")
def analyzed() -> dict[str, object]:
    county = ws.demo_county()
    streets = ws.read_streets(county.streets)
    result = ws.analyze(streets, ws.read_stations(county.stations), area=ws.read_area(county.town))
    return {"ws": ws, "streets": streets, "result": result}


BLOCKS = re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```", PAGES[ROOT / "docs/howto/other_libraries.md"], re.M | re.S)


@pytest.mark.parametrize(("library", "block"), BLOCKS, ids=[library for library, _ in BLOCKS])
def test_conversions_run_where_the_library_is_installed(library, block, analyzed, tmp_path, monkeypatch):
    for module in re.findall(r"^(?:import|from) (\w+)", block, re.M):
        pytest.importorskip(module)
    if library == "lonboard":
        pytest.importorskip("lonboard")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # others' code may warn of others'
        exec(compile(block, library, "exec"), dict(analyzed))


def test_the_configuration_keeps_fonts_at_home():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["theme"]["font"] is False
