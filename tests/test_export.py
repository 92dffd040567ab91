"""The files: layers, tables, the summary, and that they appear whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pypdfium2
import pytest
from PIL import Image
from pyogrio.errors import DataLayerError, DataSourceError

from fake_result import CUTOFFS, fake_result
from walkshed.errors import InputError, InputWarning, OutputError
from walkshed.output import export, workbook
from walkshed.output.colours import GAP
from walkshed.output.export import OUTPUTS, Extras, write_geopackage, write_report, write_summary, write_tables
from walkshed.output.layers import FORMATS
from walkshed.output.png import PIXELS, render_png
from walkshed.output.stage import staged

LAYERS = {
    "stations": ["station_id", "name", "category", "snap_m", "snapped"],
    "service_areas": ["station_id", "cutoff_min"],
    "covered": ["cutoff_min"],
    "streets": ["length_m", "walk_min", "covered", "station_id", "depth"],
    "gaps": ["gap_id", "street_km", "area_km2", "people", "walk_min_median", "walk_min_max", "station_id",
             "station_name", "zone"],
    "area": ["name"],
}  # fmt: skip


@pytest.fixture
def plain_map(monkeypatch):
    """Put a stub in the map's place: it has tests of its own."""
    monkeypatch.setattr(export, "render_map", lambda result, *, lang, **more: f"<!DOCTYPE html>{lang}")


# ------------------------------------------------------------------ whole or not at all


def test_all_outputs_appear_and_nothing_else(tmp_path, plain_map):
    paths = write_report(fake_result(), tmp_path / "out", lang="zh")
    assert set(paths) == set(OUTPUTS)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(OUTPUTS)
    assert paths["map.html"].read_text(encoding="utf-8") == "<!DOCTYPE html>zh"


def test_the_real_map_and_report_stand_side_by_side(tmp_path):
    paths = write_report(fake_result(name="</script>`${1}"), tmp_path, title="一 & two")
    for name in ("map.html", "report.html"):
        assert "一 &amp; two" in paths[name].read_text(encoding="utf-8")
    assert 'href="map.html"' in paths["report.html"].read_text(encoding="utf-8")


def test_progress_ends_at_one(tmp_path, plain_map):
    said = []
    write_report(fake_result(), tmp_path, progress=lambda step, share: said.append(share))
    assert said == sorted(said)
    assert said[-1] == 1.0


@pytest.mark.parametrize("broken", ["render_map", "render_report", "write_geopackage", "write_tables", "write_summary"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("a bug"), KeyboardInterrupt()])
def test_a_failure_leaves_older_outputs_untouched(tmp_path, plain_map, monkeypatch, broken, error):
    write_report(fake_result(), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def fail(*args, **settings):
        raise error

    monkeypatch.setattr(export, broken, fail)
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_report(fake_result(covered="all"), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_failure_leaves_no_folder_behind(tmp_path, plain_map, monkeypatch):
    monkeypatch.setattr(export, "write_tables", lambda *a, **k: (_ for _ in ()).throw(ValueError("bug")))
    with pytest.raises(ValueError, match="bug"):
        write_report(fake_result(), tmp_path / "new" / "deep")
    assert not (tmp_path / "new").exists()


def test_a_workbook_open_in_excel_is_named_and_everything_put_back(tmp_path, plain_map, monkeypatch):
    write_report(fake_result(), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    replace = Path.replace

    def locked(self, target):
        if self.name == "tables.xlsx" and self.parent == tmp_path:
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(OutputError, match=r"tables\.xlsx.*Excel") as caught:
        write_report(fake_result(covered="all"), tmp_path)
    assert "\n" not in str(caught.value)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_failure_while_files_are_placed_puts_the_old_ones_back(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    replace = Path.replace

    def fails_late(self, target):
        if self.name == "b" and Path(target).parent == tmp_path and self.read_text(encoding="utf-8") == "new":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails_late)
    with pytest.raises(OutputError, match="the disk is full"):
        write_new(tmp_path, ["a", "b"])
    assert [(tmp_path / n).read_text(encoding="utf-8") for n in ("a", "b")] == ["old", "old"]
    assert len(list(tmp_path.iterdir())) == 2


def write_new(out, names):
    with staged(out, names) as folder:
        for name in names:
            (folder / name).write_text("new", encoding="utf-8")


@pytest.mark.parametrize("out", ["file", "file/below", "file/far/below"])
def test_a_folder_that_cannot_be_is_refused_in_one_line(tmp_path, out):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file where a folder is needed") as caught:
        write_report(fake_result(), tmp_path / out)
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_unwritable_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="could not be"):
        write_report(fake_result(), tmp_path)


def test_a_folder_in_a_files_place_is_not_lost(tmp_path, plain_map):
    (tmp_path / "map.html").mkdir()
    (tmp_path / "map.html" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="is a folder where a file is needed"):
        write_report(fake_result(), tmp_path)
    assert (tmp_path / "map.html" / "mine").exists()


# ------------------------------------------------------------------ coverage.gpkg


@pytest.mark.parametrize("settings", [{}, {"people": False}, {"covered": "all"}, {"covered": "none"}])
def test_layers_and_columns_are_as_promised(tmp_path, settings):
    path = tmp_path / "coverage.gpkg"
    write_geopackage(fake_result(**settings), path)
    assert [name for name, _ in pyogrio.list_layers(path)] == [*list(LAYERS)[:5], "zones", "area", "layer_styles"]
    for layer, columns in LAYERS.items():
        frame = gpd.read_file(path, layer=layer)
        assert [c for c in frame.columns if c in columns] == list(columns)
        assert frame.columns[-1] == "geometry"
        assert frame.crs == "EPSG:4326"
        assert frame.total_bounds[0] > 116 or frame.empty
    assert set(gpd.read_file(path, layer="covered").geom_type) == {"MultiPolygon"}


def test_zones_are_a_layer_only_where_given(tmp_path):
    write_geopackage(fake_result(zones=False), tmp_path / "a.gpkg")
    assert "zones" not in [name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")]


def test_missing_values_are_null_and_text_is_utf8(tmp_path):
    write_geopackage(fake_result(name="驿站\x00一"), tmp_path / "a.gpkg")
    stations = gpd.read_file(tmp_path / "a.gpkg", layer="stations")
    assert stations["name"].tolist()[0] == "驿站一"
    assert stations["snap_m"].isna().tolist() == [False, True, True]
    assert stations["snapped"].tolist() == [True, False, False]
    streets = gpd.read_file(tmp_path / "a.gpkg", layer="streets")
    assert streets["walk_min"].isna().any()
    assert streets["station_id"].isna().sum() == (~streets["covered"].astype(bool)).sum()


# ------------------------------------------------------------------ tables.xlsx


def book(tmp_path, lang="en", **settings):
    write_tables(fake_result(**settings), tmp_path / "tables.xlsx", lang=lang)
    return openpyxl.load_workbook(tmp_path / "tables.xlsx")


def column(page, heading):
    index = [c.value for c in page[1]].index(heading)
    return [row[index].value for row in page.iter_rows(min_row=2)]


def test_one_sheet_a_table_with_frozen_filtered_headings(tmp_path):
    read = book(tmp_path)
    assert read.sheetnames == ["Summary", "Coverage", "Gaps", "Stations", "Zones", "Stations by zone", "Settings"]
    for page in read:
        assert page.freeze_panes == "A2"
        assert page.auto_filter.ref.startswith("A1:")
        assert all(isinstance(c.value, str) and c.value for c in page[1])
        assert all(8 <= page.column_dimensions[c.column_letter].width <= 62 for c in page[1])


def test_headings_and_sheets_follow_the_language(tmp_path):
    read = book(tmp_path, lang="zh")
    assert read.sheetnames == ["概要", "覆盖", "盲区", "站点", "片区", "片区站点", "参数"]
    assert "15 分钟内人口覆盖率" in [c.value for c in read["片区"][1]]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "https://example.org", "12", "\t=1", "{=1}"]
)
def test_user_text_is_never_a_formula(tmp_path, name):
    read = book(tmp_path, name=name)
    cell = next(row[1] for row in read["Stations"].iter_rows(min_row=2))
    assert cell.value == name.strip()
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def test_text_that_excel_cannot_hold_is_made_fit(tmp_path):
    read = book(tmp_path, name="a\x00\x01\ufffe_x0041_" + "长" * 40_000)
    value = next(row[1].value for row in read["Stations"].iter_rows(min_row=2))
    assert value.startswith("a_x0041_长")
    assert len(value) == 32_767


def test_numbers_are_numbers_and_missing_ones_blank(tmp_path):
    read = book(tmp_path)
    assert column(read["Stations"], "To the street, m") == [3.5, None, None]
    assert column(read["Gaps"], "Minutes, longest") == [None]
    share = read["Coverage"]["C4"]
    assert share.value == pytest.approx(0.583, abs=1e-3)
    assert share.number_format == "0.0%"


def test_people_columns_vanish_where_none_were_given(tmp_path):
    read = book(tmp_path, people=False)
    assert not [c.value for page in read for c in page[1] if "eople" in str(c.value)]
    assert not [row[0].value for row in read["Summary"].iter_rows() if "eople" in str(row[0].value)]


def test_no_zones_no_sheet_and_no_gaps_an_empty_one(tmp_path):
    read = book(tmp_path, zones=False, covered="all")
    assert "Zones" not in read.sheetnames
    assert read["Gaps"].max_row == 1


def test_a_sheet_that_is_full_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 25)
    result = fake_result()
    result.gaps = gpd.GeoDataFrame(pd.concat([result.gaps] * 30, ignore_index=True), crs=result.crs)
    with pytest.warns(InputWarning, match="sheet Gaps: 30 rows, of which Excel holds 24"):
        write_tables(result, tmp_path / "tables.xlsx")
    assert openpyxl.load_workbook(tmp_path / "tables.xlsx")["Gaps"].max_row == 25


# ------------------------------------------------------------------ summary.json


def test_the_summary_keeps_its_contract(tmp_path):
    result = fake_result()
    write_summary(result, tmp_path / "summary.json", seconds=1.25)
    read = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert list(read) == ["walkshed", "settings", "streets", "stations", "people", "coverage", "gaps", "seconds"]
    assert set(read["settings"]) == {
        "cutoffs_min",
        "speed_kmh",
        "off_street_m",
        "max_snap_m",
        "min_island_m",
        "min_gap_m",
        "barriers",
        "datum",
    }
    assert set(read["streets"]) == {"street_km", "islands_left_out_km", "nodes", "edges", "km_per_km2", "date"}
    assert set(read["stations"]) == {"read", "used", "unsnapped", "outside"}
    assert set(read["people"]) == {"total", "unknown", "in_gaps", "scattered"}
    assert set(read["coverage"][0]) == {
        "cutoff_min",
        "street_km",
        "street_share",
        "cross_covered_share",
        "people",
        "people_share",
    }
    assert set(read["gaps"]) == {"cutoff_min", "count", "street_km", "sliver_km", "people"}
    assert set(read["seconds"]) == {"streets", "reach", "areas", "gaps", "outputs"}
    assert read["seconds"]["outputs"] == 1.25
    assert result.summary["seconds"]["outputs"] == 0.0, "the result itself is not changed"


def test_what_is_not_finite_is_null(tmp_path):
    result = fake_result(people=False)
    result.summary["streets"]["km_per_km2"] = float("nan")
    result.summary["gaps"]["street_km"] = np.float64("inf")
    result.summary["streets"]["nodes"] = np.int64(16)
    write_summary(result, tmp_path / "summary.json", seconds=0.0)
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    read = json.loads(text)
    assert read["streets"]["km_per_km2"] is None
    assert read["gaps"]["street_km"] is None
    assert read["people"]["total"] is None
    assert read["streets"]["nodes"] == 16
    assert "NaN" not in text


# ------------------------------------------------------------------ beside the usual outputs


def test_qgis_finds_a_style_for_every_layer(tmp_path):
    path = tmp_path / "coverage.gpkg"
    write_geopackage(fake_result(), path)
    with closing(sqlite3.connect(path)) as book:
        said = "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        rows = book.execute(said).fetchall()
        columns = dict(book.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
    assert {row[0] for row in rows} == set(columns)
    for layer, geometry, default, qml in rows:
        assert geometry == columns[layer]
        assert default
        root = ElementTree.fromstring(qml)
        values = {e.get("value") for e in root.iter("category") if e.get("type") == "double"}
        assert values <= {f"{c:g}" for c in CUTOFFS}  # QGIS compares texts: 5 is found, 5.0 is not
        used = {e.get("symbol") for e in root.iter() if e.get("symbol") is not None}
        assert used <= {e.get("name") for e in root.iter("symbol")}


@pytest.mark.parametrize("name", ["geojson", "parquet", "shp"])
def test_layers_come_as_files_too(tmp_path, plain_map, name):
    paths = write_report(fake_result(name="驿站" * 90), tmp_path, extras=Extras(formats=(name,)))
    made = tmp_path / f"stations{FORMATS[name]}"
    assert made in paths.values()
    stations = gpd.read_parquet(made) if name == "parquet" else gpd.read_file(made)
    assert len(stations) == 3
    assert stations["name"].iloc[0].startswith("驿站驿站")
    assert stations.crs == "EPSG:4326"
    assert len([p for p in tmp_path.iterdir() if p.name.endswith(FORMATS[name])]) == 7


def test_a_format_that_is_none_is_refused():
    with pytest.raises(InputError, match="found 'dwg'; choose from geojson, parquet, shp"):
        Extras(formats=("dwg",))


def test_the_report_prints_and_the_map_is_a_picture(tmp_path, plain_map):
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError), reason="WeasyPrint or Pango is not installed")
    paths = write_report(
        fake_result(name="</svg><script>x</script>"), tmp_path, lang="zh", extras=Extras(pdf=True, png=True)
    )
    pdf = pypdfium2.PdfDocument(paths["report.pdf"].read_bytes())
    assert len(pdf) >= 3
    assert "步行 15 分钟内" in "".join(page.get_textpage().get_text_range() for page in pdf)
    with Image.open(paths["map.png"]) as picture:
        assert picture.width == PIXELS
        colours = {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1 << 24)}
    assert tuple(bytes.fromhex(GAP[1:])) in colours
    assert 'href="report.pdf"' in paths["report.html"].read_text(encoding="utf-8")


def test_what_is_not_installed_is_named(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("walkshed.output.pdf.import_module", missing)
    with pytest.raises(InputError, match=r'pip install "walkshed\[pdf\]"'):
        Extras(pdf=True)


def test_a_missing_font_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("walkshed.output.png.has_chinese_font", lambda: False)
    monkeypatch.setattr("walkshed.output.png.render_pdf", lambda page: b"")
    monkeypatch.setattr("walkshed.output.png._png", lambda pdf, about: b"")
    with pytest.warns(InputWarning, match="no font with Chinese characters"):
        render_png(fake_result(), lang="zh")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (DataLayerError("Error while writing batch: sqlite3_exec(COMMIT) failed: database or disk is full"), "full"),
        (
            DataLayerError(
                "sqlite3_exec(INSERT INTO gpkg_contents (table_name) VALUES ('a')) failed: no such table: gpkg_contents"
            ),
            "full, or took a part only",
        ),
        (DataSourceError("Permission denied"), "Permission denied"),
        (sqlite3.OperationalError("database or disk is full"), "full"),
    ],
)
def test_what_a_library_says_of_a_disk_is_one_line(tmp_path, monkeypatch, fault, why):
    def fails(*_, **__):
        raise fault

    monkeypatch.setattr("walkshed.output.geopackage.date_layers", fails)
    with pytest.raises(OutputError, match=why) as told:
        write_report(fake_result(), tmp_path / "out")
    assert "sqlite3_" not in str(told.value)
    assert not (tmp_path / "out").exists()
