"""One catalogue, both languages, nothing missing and nothing left over."""

from __future__ import annotations

import ast
import json
import pickle
import re
import string
from pathlib import Path

import pytest

import walkshed
from walkshed.analysis.dossier import CAUSES
from walkshed.errors import InputError
from walkshed.network.surroundings import HOSTS
from walkshed.output.words import LANGUAGES, Words, catalogue, plain
from walkshed.phrases import Phrase, as_plain, from_plain, said, told

PACKAGE = Path(walkshed.__file__).parent
SOURCES = [p for ending in ("py", "html", "js") for p in PACKAGE.rglob(f"*.{ending}") if "vendor" not in p.parts]
TABLES = {name.partition(".")[0] for name in catalogue()}


UNTRANSLATED = (
    *(
        "OpenStreetMap",
        "ODbL",
        "NetworkX",
        "QGIS",
        "EPSG",
        "Excel",
        "walkshed",
        "batch",
        r"\[defaults\]",
        r"\[\[study\]\]",
        "init",
        "json",
        "WorldPop",
        "rasterio",
        "gdal_translate",
        "areas.gpkg",
        "SQLite",
    ),
    *("GeoJSON", "JSON", "GeoPackage", "Shapefile", "OpenDocument", "PowerPoint", "Word", "XLSB", "XLSX", "SHA-256"),
    *(
        "GraphML",
        "graphml",
        "osmnx.save_graphml",
        "OSMnx",
        "osmnx",
        "G.graph",
        "epsg:4326",
        "highway",
        "network_type='walk'",
    ),
    *("LineString", "HTML", "HTTP", "engine", "lonboard", "WeasyPrint", "pypdfium2", "https://download.geofabrik.de"),
    *("osmium renumber", "Overpass", "out body; >; out skel qt;", "Windows", "TMPDIR", "TEMP"),
    *("tables.xlsx", "raster", ".cpg", "CGCS2000", "POINT", "SRID", "TILED", "Polygon"),
    # what one types
    *(
        "datum",
        "grid",
        "columns",
        "groups",
        "population",
        "people=",
        "lonlat",
        "latlon",
        "wgs84",
        "gcj02",
        "bd09",
        "auto",
        "tianditu",
        ".html",
        "name=",
    ),
)
"""Names of programs, formats and options, the same in Chinese."""


def spoken() -> set[str]:
    """Every quoted ``table.key`` in code, templates and scripts."""
    pattern = re.compile(rf"""["'`]((?:{"|".join(TABLES)})\.[a-z0-9_]+)["'`]""")
    found = {name for path in SOURCES for name in pattern.findall(path.read_text(encoding="utf-8"))}
    return {name for name in found if not name.endswith((".html", ".css", ".js", ".pdf", ".png", "_"))}


def note_codes() -> set[str]:
    """The codes that the analysis gives its notes: first in a tuple or a `Note`, before the values."""
    text = (PACKAGE / "analysis" / "notes.py").read_text(encoding="utf-8")
    return {f"note.{code}" for code in re.findall(r"""\(\s*"([a-z0-9_]+)",\s*\{""", text)}


@pytest.mark.parametrize("name", catalogue())
def test_each_phrase_stands_in_both_languages(name):
    assert set(catalogue()[name]) == set(LANGUAGES)
    assert all(text.strip() or name == "map.dot" for text in catalogue()[name].values())


@pytest.mark.parametrize("name", catalogue())
def test_both_languages_take_the_same_values(name):
    fields = [
        {field for _, field, _, _ in string.Formatter().parse(text) if field} for text in catalogue()[name].values()
    ]
    assert fields[0] == fields[1]


def test_chinese_phrases_are_chinese():
    latin = re.compile(r"[A-Za-z]{4,}")
    allowed = re.compile(
        rf"openstreetmap\.org/copyright|--[a-z-]+|\[\[?[a-z]+\]\]?|[a-z]+ = |\{{[^}}]*\}}|pip install|{'|'.join(UNTRANSLATED)}"
    )
    foreign = {name: t["zh"] for name, t in catalogue().items() if latin.search(allowed.sub("", t["zh"]))}
    assert not foreign


def test_every_phrase_that_is_said_exists():
    assert spoken() | note_codes() <= set(catalogue())


def test_every_phrase_is_said():
    mine = {name for name in catalogue() if name.partition(".")[0] in
            {"report", "note", "unit", "state", "sheet", "column", "fact", "moment", "clock", "norm"}}  # fmt: skip
    # Said by code: of a cause, a depth, a curve.
    made = (*(f"report.{start}_" for start in ("cause", "depth", "chart")), "clock.day_", "clock.of_", "norm.m_")
    # Said by code, too: values of the clock's frames.
    own = ["day", "night", "workday", "weekend", "holiday", "low", "high", "closed", "unknown"]
    mine -= {f"clock.{name}" for name in own}
    assert {name for name in mine if not name.startswith(made)} <= spoken() | note_codes()


def test_readers_refuse_in_both_languages():
    """What a planner's file is refused for is a phrase; what a programmer's frame is refused for may be English."""
    plain = []
    for path in sorted((PACKAGE / "inputs").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            error = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")
            if error and node.args and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                plain.append(ast.unparse(node.args[0]))
    programmers = re.compile("give a GeoDataFrame|streets.crs|analyze the two lists apart")
    assert not [text for text in plain if not programmers.search(text)]


def test_streets_and_settings_are_refused_in_both_languages():
    """As far as the command line can come there; what a programmer's frame or number is refused for may be English."""
    programmers = re.compile(
        r"^f?['\"](\{(path\.)?name\}: |graph|area: must be a GeoDataFrame|budget_m|min_island_m|join_m|spacing_m|timeout_s|"
        r"barriers|steps|\{base\}|module )|G.graph|no way in the answer|Error\("
    )
    plain = []
    for folder in ("network", "reach"):
        for path in sorted((PACKAGE / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                error = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error") and node.args
                if error and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                    plain.append(ast.unparse(node.args[0]))
    assert [text for text in plain if not programmers.search(text)] == []


def test_phrases_of_readers_are_used():
    code = "".join(p.read_text(encoding="utf-8") for p in (PACKAGE / "inputs").glob("*.py"))
    code += "".join((PACKAGE / "analysis" / f"{name}.py").read_text(encoding="utf-8") for name in ("check", "notes"))
    readers = ("refused", "question", "filekind", "row", "finding", "remedy")
    keys = {name.partition(".")[2] for name in catalogue() if name.partition(".")[0] in readers} - {"said"}
    assert {key for key in keys if not re.search(rf"\b{key}\b", code)} == set()


def test_a_phrase_travels_to_another_process():
    row = Phrase("check.row", rows=3)
    line = Phrase("said.file", source="a.csv", found=row, remedy="-")
    again = pickle.loads(pickle.dumps(line))
    assert again == line == "a.csv: row 3; -"
    assert said(again, "zh") == "a.csv：第 3 行；-"
    assert told(InputError(line), "zh") == "a.csv：第 3 行；-"
    assert told(InputError("plain"), "zh") == "plain"


def test_a_phrase_is_stored_as_plain_values():
    line = Phrase("network.unopened", source=Path("a.pbf"), reason=Phrase("check.row", rows=3))
    stored = json.loads(json.dumps(as_plain(line)))
    assert from_plain(stored) == line == "a.pbf: cannot be read (row 3); check its name and permissions"
    assert said(from_plain(stored), "zh") == "a.pbf：无法读取（第 3 行）；请核对名称和权限"
    assert from_plain(as_plain("as it is")) == "as it is"


def test_every_cause_and_host_has_words():
    hosts = {kind for kinds in HOSTS.values() for kind in kinds}
    assert {f"host.{kind}" for kind in hosts} == {name for name in catalogue() if name.startswith("host.")}
    assert {f"cause.{cause}" for cause in CAUSES} == {name for name in catalogue() if name.startswith("cause.")}


def test_notes_are_found():
    assert "note.thin_streets" in note_codes()


def test_an_unknown_language_is_refused_with_the_choice():
    with pytest.raises(InputError, match="found 'fr'; choose one of en, zh"):
        Words("fr")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.99999, ">99.9 %"),
        (0.00001, "<0.1 %"),
        (0.784, "78.4 %"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(value, said):
    assert Words("en").share(value) == said


def test_numbers_follow_the_language():
    assert Words("zh").people(123_456) == "123,456"
    assert Words("en").people(123_456) == "123,456"
    assert Words("zh").date("2025-08-09T01:02:03Z") == "2025年8月9日"
    assert Words("en").date("summer") == "summer"


def test_a_value_may_be_called_name():
    assert "Street" in Words("en")("column.within", name="Street", cutoff="5")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\x00b\x1bc", "abc"),
        ("two\nlines", "two lines"),
        ("\ud800x\ufffe\uffff", "x"),
        (None, ""),
        (float("nan"), ""),
        ("站点", "站点"),
    ],
)
def test_plain_text_can_be_stored(given, kept):
    assert plain(given) == kept
