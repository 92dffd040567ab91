"""The same input gives the same bytes, whatever the clock and the order of hashing; and each file says what made it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

import walkshed as ws
from made_from import told_by
from walkshed.errors import InputError
from walkshed.output.stamp import EARLIEST, stamp

MAKE = """
import sys
from dataclasses import replace
from pathlib import Path
from walkshed.output.export import Extras
from walkshed.project import demo_study, run_study
from walkshed.reach.walk import Walk
study = demo_study(walk=Walk(cutoffs=(5,)))
run_study(study, Path(sys.argv[1]), extras=Extras(png=True, formats=("geojson", "parquet", "shp")))
"""


def make(out: Path, **environment: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", MAKE, str(out)], env=os.environ | environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], dict[str, str]]:
    folder = tmp_path_factory.mktemp("twice")
    fixed = {"SOURCE_DATE_EPOCH": "1767225600"}
    first = make(folder / "first", **fixed, PYTHONHASHSEED="1", TZ="Asia/Shanghai")
    second = make(folder / "second", **fixed, PYTHONHASHSEED="2", TZ="America/Bogota")
    return folder / "first", first, second


def test_two_runs_give_the_same_bytes(twice: tuple[Path, dict[str, str], dict[str, str]]) -> None:
    _, first, second = twice
    assert len(first) > 20
    assert first == second


def test_every_output_says_what_made_it(twice: tuple[Path, dict[str, str], dict[str, str]]) -> None:
    out = twice[0]
    county = ws.demo_county()
    sha256 = hashlib.sha256(county.stations.read_bytes()).hexdigest()
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    stations = {"role": "stations", "file": "stations.xlsx", "sha256": sha256}
    assert stations in summary["inputs"]
    assert {row["role"] for row in summary["inputs"]} == {"stations", "streets", "area", "zones"}
    assert summary["seconds"] is None
    told = [json.loads(pyogrio.read_info(out / "coverage.gpkg", layer="area")["layer_metadata"]["walkshed"])]
    told += [told_by(out / page) for page in ("map.html", "report.html", "tables.xlsx", "map.png")]
    told += [told_by(out / f"gaps{ending}") for ending in (".geojson", ".parquet", ".shp.zip")]
    for one in told:
        assert one["walkshed"] == ws.__version__
        assert one["settings"]["cutoffs_min"] == [5.0]
        assert stations in one["inputs"]
        assert set(one["streets"]) == {"file", "sha256", "date"}
    book = openpyxl.load_workbook(out / "tables.xlsx", read_only=True)
    cells = [str(cell) for row in book["Settings"].iter_rows(values_only=True) for cell in row if cell]
    assert any(sha256 in cell for cell in cells)
    assert book.properties.created.isoformat() == "2026-01-01T00:00:00"


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet"])
def test_a_single_layer_says_what_made_it_and_is_the_same_twice(tmp_path: Path, run: Any, ending: str) -> None:
    county = ws.demo_county()
    files = []
    for name in ("first", "second"):
        out = tmp_path / name / f"gaps{ending}"
        asked = ("--streets", county.streets, "--area", county.town, "--no-store")
        code, _, said = run("gaps", county.stations, *asked, "--out", out)
        assert code == 0, said
        files.append(out.read_bytes())
    assert files[0] == files[1]
    told = told_by(out)
    assert [row["role"] for row in told["inputs"]] == ["stations", "streets", "area"]
    assert told["inputs"][0]["sha256"] == hashlib.sha256(county.stations.read_bytes()).hexdigest()
    assert told["walkshed"] == ws.__version__
    assert told["settings"]["speed_kmh"] == 4.8
    assert told["streets"]["file"] == county.streets.name
    read = gpd.read_parquet(out) if ending == ".parquet" else gpd.read_file(out)
    assert len(read) > 0
    assert read.crs == "EPSG:4326"


def test_streets_written_as_lines_say_what_made_them(tmp_path: Path, run: Any) -> None:
    county = ws.demo_county()
    out = tmp_path / "streets.geojson"
    assert run("streets", county.streets, "--no-store", "--out", out)[0] == 0
    told = told_by(out)
    sha256 = hashlib.sha256(county.streets.read_bytes()).hexdigest()
    assert told["inputs"] == [{"role": "streets", "file": county.streets.name, "sha256": sha256}]
    assert told["streets"] == {"file": county.streets.name, "sha256": sha256, "date": told["streets"]["date"]}


def test_a_comparison_says_what_made_both(tmp_path: Path, run: Any) -> None:
    county = ws.demo_county()
    asked = ("--streets", county.streets, "--area", county.town, "--no-store", "--out", tmp_path)
    assert run("compare", county.stations, county.stations, *asked)[0] == 0
    told = [told_by(tmp_path / name) for name in ("compare.html", "map.html", "tables.xlsx")]
    told.append(json.loads((tmp_path / "summary.json").read_text(encoding="utf-8")))
    for one in told:
        for side in ("before", "after"):
            assert [row["role"] for row in one[side]["inputs"]] == ["stations", "streets", "area"]
            assert all(len(row["sha256"]) == 64 for row in one[side]["inputs"])


def test_dates_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert stamp("2025-08-09").isoformat() == "2025-08-09T00:00:00+00:00"
    assert stamp("1970-01-01") == stamp(None) == stamp("some day") == EARLIEST
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert stamp("2025-08-09") == EARLIEST
    for wrong in ("soon", "9" * 40):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(InputError, match="whole seconds"):
            stamp(None)
