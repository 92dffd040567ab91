"""Many studies: by table and by layer, failures that stay where they are, restarts that do only what is left."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
import shapely.affinity

import walkshed.batch.crew as crew_module
from made_from import told_by
from osm_files import NORTH, STEP, WEST, write_osm
from toy_province import AREAS, TOWN, WAYS, box, write_layer, write_province
from walkshed import __version__
from walkshed.batch import Ended, run_batch
from walkshed.batch.crew import Crew
from walkshed.batch.jobs import Province, folder_names
from walkshed.batch.manifest import MOST_TRIES, Manifest
from walkshed.cli.commands import report
from walkshed.cli.provincefile import read_province
from walkshed.errors import CrewError, InputError, OutputError
from walkshed.inputs.datum import from_wgs84
from walkshed.network import osm_scan
from walkshed.output.stamp import EPOCH
from walkshed.output.words import Words

HERE = Crew(workers=1)


def files(out: Path) -> dict[str, bytes]:
    """All outputs, but the manifest, the lock and the store of streets."""
    return {
        p.relative_to(out).as_posix(): p.read_bytes()
        for p in sorted(out.rglob("*"))
        if p.is_file()
        and p.suffix not in (".sqlite", ".sqlite-wal", ".sqlite-shm")
        and p.parts[len(out.parts)] != "streets"
    }


def facts(out: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out / "manifest.sqlite")) as book:
        return book.execute("SELECT * FROM studies ORDER BY position").fetchall()


def province_of(folder: Path, **more: Any) -> Province:
    return read_province(write_province(folder, **more), report)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    run_batch(province_of(folder), crew=HERE)
    return folder / "out"


def test_each_area_has_its_report_and_the_sums_add_up(whole: Path) -> None:
    parts = [json.loads((whole / name / "summary.json").read_text(encoding="utf-8")) for name in AREAS]
    told = json.loads((whole / "summary.json").read_text(encoding="utf-8"))
    totals = told["totals"]
    assert totals["street_km"] == pytest.approx(sum(p["streets"]["street_km"] for p in parts))
    covered = [p["coverage"][-1] for p in parts]
    assert totals["covered_km"] == pytest.approx(sum(c["street_km"] for c in covered))
    assert totals["people_covered"] == pytest.approx(sum(c["people"] for c in covered))
    assert totals["people"] == pytest.approx(sum(10 + x for x in range(0, 120, 3)))
    known = totals["people"] - totals["people_unknown"]
    assert totals["people_share"] == pytest.approx(totals["people_covered"] / known)
    assert [a["rank"] for a in told["areas"]] == [1, 2, 3, 4]
    shares = [a["people_share"] for a in told["areas"]]
    assert shares == sorted(shares, reverse=True)
    for name in AREAS:
        assert {p.name for p in (whole / name).iterdir()} == {
            *("report.html", "map.html", "coverage.gpkg", "tables.xlsx", "summary.json", "outline.geojson")
        }


def test_all_gaps_stand_in_one_layer(whole: Path) -> None:
    gaps = pyogrio.read_dataframe(whole / "areas.gpkg", layer="gaps")
    own = sum(len(pyogrio.read_dataframe(whole / name / "coverage.gpkg", layer="gaps")) for name in AREAS)
    assert len(gaps) == own > 0
    assert gaps["rank"].tolist() == list(range(1, own + 1))
    assert gaps["people"].is_monotonic_decreasing
    areas = pyogrio.read_dataframe(whole / "areas.gpkg", layer="areas")
    assert set(areas["area"]) == set(AREAS)
    assert areas.geometry.notna().all()


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.targets += [value or "" for name, value in attrs if tag == "a" and name == "href"]


def test_the_report_over_all_leads_to_each(whole: Path) -> None:
    from urllib.parse import unquote

    page = (whole / "report.html").read_text(encoding="utf-8")
    places = {unquote(t) for t in Links(page).targets}
    targets = {place.partition("#")[0] or place for place in places}
    for page_of, _, mark in (place.partition("#") for place in places if not place.startswith("#")):
        assert not mark or f'id="{mark}"' in (whole / page_of).read_text(encoding="utf-8")
    assert any("#gap-1" in place for place in places)
    assert {f"{name}/report.html" for name in AREAS} <= targets
    assert all((whole / t).is_file() for t in targets if not t.startswith("#"))
    assert page.count('<path class="area ') == len(AREAS)
    assert "<h1>省</h1>" in page
    assert 'class="banner"' not in page
    book = openpyxl.load_workbook(whole / "tables.xlsx", read_only=True)
    assert book.sheetnames == ["区域", "盲区", "站点"]
    assert len(list(book["区域"].iter_rows())) == 1 + len(AREAS)


def test_the_report_of_each_leads_back(whole: Path) -> None:
    for name in AREAS:
        page = (whole / name / "report.html").read_text(encoding="utf-8")
        assert '<a href="../report.html">← 省</a>' in page
    assert (whole / "甲县" / ".." / "report.html").is_file()


def test_what_stands_over_all_says_what_made_it(whole: Path) -> None:
    told = [told_by(whole / name) for name in ("report.html", "areas.gpkg", "tables.xlsx")]
    told.append(json.loads((whole / "summary.json").read_text(encoding="utf-8")))
    files = {"areas": "areas.geojson", "people": "people.csv", "stations": "stations.csv", "streets": "streets.osm"}
    for one in told:
        assert one["walkshed"] == __version__
        assert [setting["cutoffs_min"] for setting in one["settings"]] == [[5.0, 10.0]]
        assert {row["role"]: row["file"] for row in one["inputs"]} == files
        for row in one["inputs"]:
            assert row["sha256"] == hashlib.sha256((whole.parent / row["file"]).read_bytes()).hexdigest()
        assert "date" in one["streets"]


def zones_as(path: Path, name: str) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    frame = gpd.GeoDataFrame({"name": [name]}, geometry=[box(0, 60)], crs=4326)
    frame.to_file(path, driver="OpenFileGDB" if path.suffix == ".gdb" else None, layer="z", encoding="utf-8")
    return path


@pytest.mark.parametrize("file", ["z.gdb", "z.shp"])
def test_sources_of_several_files_count_with_all_of_them(tmp_path: Path, file: str) -> None:
    path = write_province(tmp_path, areas={"甲县": AREAS["甲县"]})
    path.write_text(
        path.read_text(encoding="utf-8").replace("[defaults]", f'[defaults]\nzones = "{file}"'), encoding="utf-8"
    )
    told = []
    for name in ("first", "other"):  # the .shp itself stays the same: names stand in the .dbf
        zones = zones_as(tmp_path / file, name)
        ended: list[Ended] = []
        _, totals, rows = run_batch(read_province(path, report), crew=HERE, watch=ended.append)
        assert (totals["done"], len(ended)) == (1, 1), rows[0]["why"]
        inputs = json.loads(rows[0]["summary"])["inputs"]
        told.append(next(row["sha256"] for row in inputs if row["role"] == "zones"))
    assert told[0] != told[1]
    kept = [p for p in (zones.rglob("*") if zones.is_dir() else tmp_path.glob("z.*")) if p.is_file()]
    lines = [hashlib.sha256(p.read_bytes()).hexdigest() + "\n" for p in sorted(kept)]
    assert told[1] == hashlib.sha256("".join(lines).encode()).hexdigest()
    (tmp_path / "z.gdb").mkdir(exist_ok=True)
    (tmp_path / "z.gdb" / "_gdb.HOST.1.sr.lock").write_bytes(b"")  # somebody has it open
    again: list[Ended] = []
    run_batch(read_province(path, report), crew=HERE, watch=again.append)
    assert again == []


def test_an_invented_place_is_said_to_be_one(tmp_path: Path) -> None:
    province = province_of(tmp_path)
    write_osm(tmp_path / "streets.osm", TOWN, WAYS, generator="synthetic county")
    run_batch(province, crew=HERE)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count('class="banner"') == 1
    assert Words("zh")("report.synthetic") in page


def test_a_list_for_all_areas_is_each_area_s_own_part(whole: Path) -> None:
    used = [json.loads((whole / n / "summary.json").read_text(encoding="utf-8"))["stations"] for n in AREAS]
    assert all(s["outside"] == [] for s in used)
    assert sum(s["used"] for s in used) >= 4


def test_the_second_run_does_nothing(whole: Path) -> None:
    before, noted = files(whole), facts(whole)
    ended: list[Ended] = []
    run_batch(read_province(whole.parent / "province.toml", report), crew=HERE, watch=ended.append)
    assert ended == []
    assert files(whole) == before
    assert facts(whole) == noted


@pytest.mark.parametrize("profiles", ["", 'profiles = ["fast=6.5"]', 'profiles = ["older"]'])
def test_streets_are_cut_in_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profiles: str) -> None:
    passes = []
    real = osm_scan._Scan.run

    def counted(self: Any, new_table: Any) -> Any:
        passes.append(len(self._found))
        return real(self, new_table)

    monkeypatch.setattr(osm_scan._Scan, "run", counted)
    path = write_province(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("[defaults]", f"[defaults]\n{profiles}"), encoding="utf-8")
    run_batch(read_province(path, report), crew=HERE)
    assert passes == [len(AREAS)]


def test_a_restart_does_what_is_left_and_ends_as_if_undisturbed(tmp_path: Path, whole: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(ended: Ended) -> None:
        if ended.done == 2:
            raise StoppedError

    province = province_of(tmp_path)
    with pytest.raises(StoppedError):
        run_batch(province, crew=HERE, watch=stop)
    assert [row[4] for row in facts(tmp_path / "out")] == ["done", "done", "waiting", "waiting"]
    ended: list[Ended] = []
    run_batch(province, crew=HERE, watch=ended.append)
    assert [e.name for e in ended] == ["丙县", "丁县"]
    assert files(tmp_path / "out") == files(whole)
    assert facts(tmp_path / "out") == facts(whole)


@pytest.mark.parametrize("harm", ["removed", "changed", "input", "setting", "date"])
def test_what_no_longer_stands_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    province = province_of(tmp_path, areas={n: AREAS[n] for n in ("甲县", "乙县")})
    run_batch(province, crew=HERE)
    before = files(tmp_path / "out")
    victim = tmp_path / "out" / "甲县" / "report.html"
    if harm == "removed":
        victim.unlink()
    elif harm == "changed":
        victim.write_text("x", encoding="utf-8")
    elif harm == "input":
        stations = tmp_path / "stations.csv"
        stations.write_text(stations.read_text(encoding="utf-8").replace("东站", "西站"), encoding="utf-8")
    elif harm == "date":
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    else:
        text = (tmp_path / "province.toml").read_text(encoding="utf-8").replace("[5, 10]", "[5, 8]")
        (tmp_path / "province.toml").write_text(text, encoding="utf-8")
        province = read_province(tmp_path / "province.toml", report)
    ended: list[Ended] = []
    run_batch(province, crew=HERE, watch=ended.append)
    everything = ["甲县", "乙县"]
    assert [e.name for e in ended] == (["甲县"] if harm in ("removed", "changed") else everything)
    assert (files(tmp_path / "out") == before) == (harm in ("removed", "changed"))


def test_a_study_s_fault_is_its_own(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path)
    far, empty = box(5000, 5030), box(100, 103)
    shapes = {n: box(*c) for n, c in AREAS.items() if n != "丁县"} | {"远县": far}
    write_layer(tmp_path / "areas.geojson", shapes)
    write_layer(tmp_path / "lonely.geojson", {"空": empty})
    rows = (tmp_path / "stations.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "stations.csv").write_text("\n".join(rows[:-1]), encoding="utf-8")
    more = '[[study]]\nname = "坏"\nstations = "nowhere.csv"\n[[study]]\nname = "<i>坏</i>"\nstations = "bad.csv"\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    (tmp_path / "bad.csv").write_text("name,lon,lat\nx,north,32\n", encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--json")
    assert code == 2
    assert err.splitlines()[-1] == "错误：6 项中有 3 项未能完成；请按上述原因修正后重新运行同一命令"
    told = {s["name"]: (s["state"], s["why"]) for s in json.loads(out)["studies"]}
    assert {n: s for n, (s, _) in told.items()} == {
        "坏": "failed", "<i>坏</i>": "failed", "甲县": "done", "乙县": "done", "丙县": "done", "远县": "failed",
    }  # fmt: skip
    assert "nowhere.csv" in told["坏"][1]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "&lt;i&gt;坏&lt;/i&gt;" in page
    assert "<i>坏" not in page
    assert (tmp_path / "out" / "i-坏-i").is_dir() is False  # a study that failed leaves no folder
    # Mended, only it is done again.
    (tmp_path / "nowhere.csv").write_text((tmp_path / "stations.csv").read_text(encoding="utf-8"), encoding="utf-8")
    _, _, err = run("batch", path, "--workers", "1")
    assert len(re.findall(r"^\[\d", err, flags=re.MULTILINE)) == 3


def test_an_area_without_a_station_is_not_covered_and_counts(tmp_path: Path) -> None:
    province = province_of(tmp_path, areas={"甲县": (0, 30), "空县": (110, 119)})
    rows = (tmp_path / "stations.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "stations.csv").write_text("\n".join(rows[:3]), encoding="utf-8")
    _, totals, noted = run_batch(province, crew=HERE)
    assert [row["state"] for row in noted] == ["done", "empty"]
    empty = json.loads(noted[1]["summary"])
    assert empty["streets"]["street_km"] > 0.5
    assert empty["people"]["total"] == sum(10 + x for x in range(111, 120, 3))
    assert empty["coverage"][-1] == {"cutoff_min": 10.0, "street_km": 0.0, "street_share": 0.0,
                                     "cross_covered_share": 0.0, "people": 0.0, "people_share": 0.0}  # fmt: skip
    done = json.loads(noted[0]["summary"])
    assert totals["street_km"] == pytest.approx(empty["streets"]["street_km"] + done["streets"]["street_km"])
    assert totals["covered_km"] == pytest.approx(done["coverage"][-1]["street_km"])
    assert (totals["done"], totals["empty"], totals["failed"]) == (1, 1, 0)


def test_the_gaps_of_an_area_without_a_station_are_in_the_one_layer_and_in_the_sums(tmp_path: Path) -> None:
    """空县 is columns 98 to 118: E is its one junction with 800 m of street around it, and that is its gap."""
    path = write_province(tmp_path, areas={"甲县": (0, 30), "空县": (98, 119)})
    rows = (tmp_path / "stations.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "stations.csv").write_text("\n".join(rows[:3]), encoding="utf-8")
    paths, totals, noted = run_batch(read_province(path, report), crew=HERE)
    parts = [json.loads(row["summary"]) for row in noted]
    empty = parts[1]
    assert (noted[1]["state"], empty["stations"]["used"], empty["coverage"][-1]["street_km"]) == ("empty", 0, 0.0)
    assert "没有列出任何站点" in noted[1]["why"]
    assert empty["gaps"]["count"] > 0
    assert empty["gaps"]["street_km"] + empty["gaps"]["sliver_km"] == pytest.approx(empty["streets"]["street_km"])
    people = empty["people"]
    assert people["in_gaps"] + people["scattered"] + people["unknown"] == pytest.approx(people["total"])
    for total, key in (("gaps", "count"), ("gap_km", "street_km"), ("gap_people", "people")):
        assert totals[total] == pytest.approx(sum(part["gaps"][key] for part in parts))
    gaps = pyogrio.read_dataframe(paths["areas.gpkg"], layer="gaps")
    there = gaps[gaps["area"] == "空县"]
    assert len(there) == empty["gaps"]["count"]
    assert there["street_km"].sum() == pytest.approx(empty["gaps"]["street_km"])
    assert set(there["cause"]) == {"no_station"}
    assert there.geometry.is_valid.all()
    book = openpyxl.load_workbook(paths["tables.xlsx"])
    assert "没有站点" in {row[2].value for row in book.worksheets[0].iter_rows()}
    page = paths["report.html"].read_text(encoding="utf-8")
    assert f"{quote('空县')}/report.html#gap-1" in page
    assert "没有可用站点的区域（1 个）：空县。" in page
    assert {p.name for p in (tmp_path / "out" / "空县").iterdir()} == {
        *("report.html", "map.html", "coverage.gpkg", "tables.xlsx", "summary.json", "outline.geojson")
    }
    # What is there is not done again, and not otherwise than in another run.
    before = files(tmp_path / "out")
    run_batch(read_province(path, report), crew=HERE, watch=lambda ended: pytest.fail(f"{ended.name} was done again"))
    shutil.rmtree(tmp_path / "out")
    run_batch(read_province(path, report), crew=HERE)
    assert files(tmp_path / "out") == before


def test_areas_with_and_without_a_station_tell_the_same_settings(tmp_path: Path) -> None:
    path = write_province(tmp_path, areas={"甲县": (0, 30), "空县": (98, 119)})
    ((lon, lat),) = from_wgs84(np.array([[WEST + 8 * STEP, NORTH]]), "gcj02")
    (tmp_path / "stations.csv").write_text(f"名称,经度,纬度\n东站,{lon:.6f},{lat:.6f}\n", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("[split]", 'datum = "gcj02"\n[split]'), encoding="utf-8")
    _, _, noted = run_batch(read_province(path, report), crew=HERE)
    assert [row["state"] for row in noted] == ["done", "empty"]
    settings = [json.loads(row["summary"])["settings"] for row in noted]
    assert settings[0] == settings[1]
    assert settings[0]["datum"] == "gcj02"


def test_street_that_leads_nowhere_reaches_the_page_over_all(tmp_path: Path) -> None:
    """A street of 1,400 m by itself, in 乙县, 330 m north of its other street: from it no station is reached."""
    path = write_province(tmp_path)
    nodes = TOWN | {"Y": (WEST + 45 * STEP, NORTH + 0.003), "Z": (WEST + 59 * STEP, NORTH + 0.003)}
    write_osm(tmp_path / "streets.osm", nodes, [*WAYS, ("YZ", {"highway": "path"})])
    paths, _, noted = run_batch(read_province(path, report), crew=HERE)
    own = {row["name"]: json.loads(row["summary"])["streets"]["unreached_km"] for row in noted}
    assert own["乙县"] == pytest.approx(1.34, abs=0.1)
    areas = pyogrio.read_dataframe(paths["areas.gpkg"], layer="areas").set_index("area")
    assert areas["unreached_km"].to_dict() == pytest.approx(own)
    page = paths["report.html"].read_text(encoding="utf-8")
    assert re.search(
        r"走不到任何站点的道路：\S*1\.\d\S* 公里，其中乙县最多", page.replace("&nbsp;", " ").replace("\xa0", " ")
    )


def test_lists_of_which_no_area_can_use_a_station_are_told(tmp_path: Path, run: Any) -> None:
    """A list in another datum or of another place: the figures are 0, and the first line is why."""
    path = write_province(tmp_path)
    (tmp_path / "stations.csv").write_text("名称,经度,纬度\n远站,100.5,20.5\n更远,100.6,20.5\n", encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--json")
    assert code == 0
    assert {study["state"] for study in json.loads(out)["studies"]} == {"empty"}
    assert "列出的 2 个站点对任何区域均不可用" in err
    assert json.loads(out)["totals"]["gaps"] > 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert "列出的 2 个站点对任何区域均不可用" in summary["notes"][-1]
    assert "列出的 2 个站点对任何区域均不可用" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "told"),
    [("zh", "能够读取的站点表中没有任何站点"), ("en", "no list that could be read holds a single one")],
)
def test_a_list_that_holds_headings_alone_is_told(tmp_path: Path, run: Any, lang: str, told: str) -> None:
    path = write_province(tmp_path)
    (tmp_path / "stations.csv").write_text("名称,经度,纬度\n", encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--lang", lang, "--json")
    assert code == 0
    assert {study["state"] for study in json.loads(out)["studies"]} == {"empty"}
    assert err.count(told) == 1
    assert told in json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["notes"][-1]
    assert told in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "counts", "names", "cell"),
    [
        ("zh", "所选时刻未确定开放 2 个", "所选时刻未确定开放：二、三。", "未参与计算：所选时刻未确定开放"),
        ("en", ", 2 not open for certain at the", "Not open for certain at the moment asked for: 二, 三.",
         "not used: not open for certain at the moment asked for"),
    ],
)  # fmt: skip
def test_stations_that_are_closed_then_are_told_as_such(
    tmp_path: Path, run: Any, lang: str, counts: str, names: str, cell: str
) -> None:
    """Of two in 甲县 the hours of one are unknown, the one in 乙县 is closed at 22:00, the fourth is near no area."""
    path = write_province(tmp_path, areas={"甲县": (0, 30), "乙县": (50, 60)})
    places = [("一", 5, "00:00-24:00"), ("二", 20, ""), ("三", 55, "08:00-18:00"), ("四", 110, "08:00-18:00")]
    rows = [f"{name},{WEST + x * STEP:.6f},{NORTH:.6f},{hours}" for name, x, hours in places]
    (tmp_path / "stations.csv").write_text("\n".join(["名称,经度,纬度,开放时间", *rows]), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("[split]", 'at = "Mon 22:00"\n[split]'), encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--lang", lang, "--json")
    assert code == 0, err
    totals = json.loads(out)["totals"]
    states = ("", "_listed", "_unknown", "_closed", "_unsnapped", "_outside")
    assert [totals[f"stations{state}"] for state in states] == [1, 4, 0, 2, 0, 1]
    assert counts in err
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert names in page
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["stations"]["closed"] == [
        "2",
        "3",
    ]
    told = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx").worksheets[-1].iter_rows(values_only=True)
    assert [(row[1], row[3]) for row in told if cell in row] == [("二", "甲县"), ("三", "乙县")]


@pytest.mark.parametrize(
    ("line", "state", "reason"),
    [('people = "gone.csv"', "failed", "unknown"), ('at = "Mon 22:00"', "empty", "closed")],
    ids=["failed", "closed"],
)
def test_lists_are_not_doubted_where_another_reason_is_known(
    tmp_path: Path, run: Any, line: str, state: str, reason: str
) -> None:
    """All areas failed, or all stations are closed at the moment: that is why none is used, and the list may be right."""
    path = write_province(tmp_path, areas={"甲县": (0, 30)})
    (tmp_path / "stations.csv").write_text(
        f"名称,经度,纬度,开放时间\n一,{WEST + 8 * STEP:.6f},{NORTH:.6f},08:00-18:00\n", encoding="utf-8"
    )
    text = path.read_text(encoding="utf-8").replace('people = "people.csv"', line)
    path.write_text(text, encoding="utf-8")
    _, out, err = run("batch", path, "--workers", "1", "--json")
    told = json.loads(out)
    assert [study["state"] for study in told["studies"]] == [state]
    assert (told["totals"]["stations"], told["totals"][f"stations_{reason}"]) == (0, 1)
    assert "对任何区域均不可用" not in err
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["notes"] == []


def test_a_batch_may_ask_for_a_station_in_every_area(tmp_path: Path, run: Any) -> None:
    """With ``allow-no-stations = false`` 空县 fails, and the stations elsewhere are still near no area."""
    path = write_province(tmp_path, areas={"甲县": (0, 30), "空县": (114, 119)})
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[split]", "allow-no-stations = false\n[split]"), encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--json")
    told = json.loads(out)
    assert (code, [study["state"] for study in told["studies"]]) == (2, ["done", "failed"])
    assert "空县：未完成" in err
    assert (told["totals"]["stations_listed"], told["totals"]["stations_unknown"]) == (4, 0)
    (tmp_path / "one.toml").write_text("allow-no-stations = false", encoding="utf-8")
    tables = '[[study]]\nname = "a"\nfile = "one.toml"\n[[study]]\nname = "b"\n'
    path.write_text(text.partition("[split]")[0] + tables, encoding="utf-8")
    assert [job.study.allow_no_stations for job in read_province(path, report).jobs] == [False, True]


def test_studies_by_table_take_what_they_do_not_say_from_the_defaults(tmp_path: Path) -> None:
    write_province(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "walkshed.toml").write_text(
        'stations = "../stations.csv"\nstreets = "../streets.osm"\nspeed = 3\nout = "elsewhere"', encoding="utf-8"
    )
    text = (
        '[defaults]\nstreets = "streets.osm"\nstations = "stations.csv"\nspeed = 4\n'
        '[[study]]\nname = "one"\ncutoff = [7]\n[[study]]\nname = "One"\nfile = "own/walkshed.toml"\ncutoff = 9\n'
    )
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    province = read_province(tmp_path / "p.toml", report)
    one, two = province.jobs
    assert (one.slug, two.slug) == ("one", "One-2")
    assert (one.study.walk.speed, one.study.walk.cutoffs) == (4.0, (7.0,))
    assert (two.study.walk.speed, two.study.walk.cutoffs) == (3.0, (9.0,))
    assert two.study.stations.resolve() == (tmp_path / "stations.csv").resolve()
    assert province.out == tmp_path / "maps" / "p"


def named_layer(path: Path, rows: list[tuple[str, str, shapely.Geometry]]) -> None:
    """Write polygons with a city and a name each."""
    properties = [{"市": city, "名称": name} for city, name, _ in rows]
    gpd.GeoDataFrame(properties, geometry=[shape for *_, shape in rows], crs=4326).to_file(path, driver="GeoJSON")


def test_what_is_odd_about_the_layer_is_said_and_stands_in_the_roll_up(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path)
    rows = [
        *(("南京市", "鼓楼区", box(0, 20)), ("徐州市", "鼓楼区", box(90, 110))),
        *(("南京市", "", box(40, 60)), ("南京市", "玄武区", box(10, 30))),
    ]
    named_layer(tmp_path / "areas.geojson", rows)
    code, out, err = run("batch", path, "--workers", "1", "--json")
    assert code == 0
    assert [s["name"] for s in json.loads(out)["studies"]] == ["鼓楼区", "3", "玄武区"]
    notes = [line for line in err.splitlines() if "areas.geojson" in line]
    assert any("鼓楼区 × 2" in line and 'name = ["市", "区"]' in line for line in notes)
    assert any("第 3 行" in line and "没有名称" in line for line in notes)
    assert any("鼓楼区 × 玄武区 (50%)" in line for line in notes)  # 10 of its 20 columns
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["notes"]
    page = html.unescape((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert len(told) == len(notes) == 3
    assert all(note in page for note in told)


def test_two_columns_keep_areas_of_one_name_apart(tmp_path: Path) -> None:
    path = write_province(tmp_path)
    rows = [("南京市", "鼓楼区", box(0, 20)), ("徐州市", "鼓楼区", box(90, 110))]
    named_layer(tmp_path / "areas.geojson", rows)
    path.write_text(path.read_text(encoding="utf-8") + 'name = ["市", "名称"]\n', encoding="utf-8")
    province = read_province(path, report)
    assert [job.name for job in province.jobs] == ["南京市 鼓楼区", "徐州市 鼓楼区"]
    assert [job.slug for job in province.jobs] == ["南京市-鼓楼区", "徐州市-鼓楼区"]
    assert province.notes == ()


def test_an_area_that_crosses_itself_is_said(tmp_path: Path) -> None:
    path = write_province(tmp_path)
    west, south, east, north = box(0, 20).bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    named_layer(tmp_path / "areas.geojson", [("南京市", "鼓楼区", bow_tie)])
    (note,) = read_province(path, report).notes
    assert "row 1: invalid outlines" in note


def add_stations(folder: Path, places: dict[str, tuple[float, float]]) -> None:
    path = folder / "stations.csv"
    rows = [f"{name},{lon:.6f},{lat:.6f}" for name, (lon, lat) in places.items()]
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *rows]), encoding="utf-8")


def test_each_station_of_the_list_is_counted_once_and_those_not_used_are_named(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path, areas={"甲县": (0, 30), "乙县": (30, 60)})
    add_stations(
        tmp_path,
        {"界站": (WEST + 29 * STEP, NORTH), "野站": (WEST + 20 * STEP, NORTH + 0.0038), "倒站": (NORTH, 10.0)},
    )
    code, _, err = run("batch", path, "--workers", "1")
    assert code == 0
    # Of seven 东站, 北站 and 界站 are used, 界站 in both counties; the stations at columns 70 and 100 are elsewhere.
    assert "表中 7 个；参与计算 3 个，附近没有道路 1 个，不在任何区域附近 3 个，在未能完成的区域附近 0 个" in err
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert [area["stations"] for area in sorted(told["areas"], key=lambda area: area["area"])] == [2, 2]  # 乙县, 甲县
    assert told["totals"]["stations"] == told["stations"]["used"] == 3
    unused = {"unknown": [], "closed": [], "unsnapped": ["6"], "outside": ["3", "4", "7"]}
    assert told["stations"] == {"read": 7, "used": 3} | unused
    page = html.unescape((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "附近没有道路：野站。" in page
    assert "不在任何区域附近：=SUM(A1)、南站、倒站。" in page
    book = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx", read_only=True)
    rows = {row[1]: row[2:] for row in book["站点"].iter_rows(min_row=2, values_only=True)}
    assert len(rows) == 7
    assert rows["界站"] == ("参与计算", "乙县, 甲县", "stations.csv") or rows["界站"][1] == "甲县, 乙县"
    assert rows["野站"][:2] == ("未参与计算：附近没有道路", "甲县")


def test_stations_near_areas_without_a_result_are_told_apart(tmp_path: Path) -> None:
    path = write_province(tmp_path, areas={"甲县": (0, 30), "空县": (108, 119)})
    rows = (tmp_path / "stations.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "stations.csv").write_text("\n".join(rows[:3]), encoding="utf-8")
    add_stations(tmp_path, {"野站": (WEST + 112 * STEP, NORTH + 0.0038)})  # all that 空县 has stands off the street
    write_layer(tmp_path / "far.geojson", {"远": box(45, 47)})  # 北站 is near it
    far = '[[study]]\nname = "坏"\narea = "far.geojson"\npeople = "nowhere.csv"\n'
    path.write_text(path.read_text(encoding="utf-8") + far, encoding="utf-8")
    _, totals, noted = run_batch(read_province(path, report), crew=HERE)
    assert {row["name"]: row["state"] for row in noted} == {"坏": "failed", "甲县": "done", "空县": "empty"}
    counts = {k: totals[f"stations{k}"] for k in ("", "_listed", "_unsnapped", "_unknown", "_outside")}
    assert counts == {"": 1, "_listed": 3, "_unsnapped": 1, "_unknown": 1, "_outside": 0}


def test_an_area_without_a_street_is_an_outcome_and_not_tried_again(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path)
    lake = shapely.affinity.translate(box(20, 22), yoff=0.03)  # 3.3 km north of the street
    write_layer(tmp_path / "areas.geojson", {"甲县": box(0, 30), "湖区": lake, "远县": box(5000, 5030)})
    people = (tmp_path / "people.csv").read_text(encoding="utf-8")
    x, y = lake.centroid.x, lake.centroid.y
    (tmp_path / "people.csv").write_text(f"{people}\n{x:.6f},{y:.6f},7", encoding="utf-8")
    # A bound in the header, as extracts have it: the lake lies within, the far county does not.
    bound = f'<bounds minlat="{NORTH - 0.1}" minlon="{WEST - 0.1}" maxlat="{NORTH + 0.1}" maxlon="{WEST + 0.3}"/>'
    text = (tmp_path / "streets.osm").read_text(encoding="utf-8")
    (tmp_path / "streets.osm").write_text(text.replace("<node", f"{bound}<node", 1), encoding="utf-8")
    code, out, err = run("batch", path, "--workers", "1", "--json")
    assert code == 2
    told = {s["name"]: (s["state"], s["why"]) for s in json.loads(out)["studies"]}
    assert {name: state for name, (state, _) in told.items()} == {
        "甲县": "done",
        "湖区": "streetless",
        "远县": "failed",
    }
    extent = f"{WEST - 0.1:.4f}, {NORTH - 0.1:.4f}, {WEST + 0.3:.4f}, {NORTH + 0.1:.4f}"
    assert extent in told["湖区"][1]
    assert extent in told["远县"][1]
    assert "湖区：没有道路" in err
    totals = json.loads(out)["totals"]
    assert (totals["done"], totals["streetless"], totals["failed"]) == (1, 1, 1)
    assert totals["people_unknown"] == 7
    write_layer(tmp_path / "areas.geojson", {"甲县": box(0, 30), "湖区": lake})
    code, _, err = run("batch", path, "--workers", "1")
    assert code == 0
    assert not re.search(r"^\[", err, flags=re.MULTILINE)


MISTAKES = {
    "no study": ("", "names no study"),
    "unknown key": ("[default]\nspeed = 3", "did you mean defaults?"),
    "unknown option": ("[defaults]\nspeeed = 3", "did you mean speed?"),
    "option of a study at the head": ('speed = 3\n[defaults]\nstations = "s"', "below [defaults]"),
    "folder of the defaults": ('[defaults]\nout = "x"', "at the head of the file"),
    "JSON of the defaults": ("[defaults]\njson = true", "--json"),
    "folder of a study": ('[[study]]\nout = "x"', "no key 'out'"),
    "no stations": ('[[study]]\nname = "a"\nstreets = "s.pbf"', "'a': has no stations"),
    "study is a table": ('[study]\nname = "a"', "[[study]]"),
    "defaults is text": ('defaults = "x"', "defaults must be a table"),
    "no layer": ("[split]\nname = 'n'", "areas is missing"),
    "layer is not there": ('[defaults]\nstations = "s"\n[split]\nareas = "no.gpkg"', "no.gpkg"),
    "title is a number": ("title = 3", "title must be text"),
    "language": ('lang = "fr"', "zh"),
    "speed and profile": ('[[study]]\nstations="s"\nspeed=3\nprofile="adult"', "give one"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_batch_file_is_one_line_and_leaves_nothing(tmp_path: Path, run: Any, mistake: str) -> None:
    text, found = MISTAKES[mistake]
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run("batch", "p.toml")
    assert (code, out) == (2, "")
    assert found in err.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_all_that_is_wrong_with_the_files_is_named_at_once(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path)
    (tmp_path / "bad.toml").write_text('stationz = "s.csv"\nspeed = "slow"\ncutoff = [5]', encoding="utf-8")
    more = '[[study]]\nfile = "none.toml"\n[[study]]\nname = "好"\n[[study]]\nname = "b"\nfile = "bad.toml"\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    code, _, err = run("batch", path)
    assert code == 2
    line = err.splitlines()[-1]
    places = [
        line.index(told) for told in ("none.toml: no such file", "did you mean stations?", "speed must be a number")
    ]
    assert places == sorted(places)
    assert not (tmp_path / "out").exists()


def test_values_that_cannot_be_are_named_at_once_with_their_study_and_leave_nothing(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path)
    more = '[[study]]\nname = "a"\ncutoff = "abc"\n[[study]]\nname = "b"\nspeed = 3\nprofile = "adult"\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    code, _, err = run("batch", path)
    assert code == 2
    assert re.search(r"2 faults: \(1\) .*'a': .*abc.*; \(2\) .*'b': .*give one", err.splitlines()[-1])
    text = path.read_text(encoding="utf-8").partition("[[study]]")[0].replace("cutoff = [5, 10]", 'cutoff = "abc"')
    path.write_text(text, encoding="utf-8")
    code, _, err = run("batch", path)
    assert (code, "abc" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_chinese_batch_speaks_chinese(tmp_path: Path, run: Any) -> None:
    write_province(tmp_path, areas={"甲县": AREAS["甲县"], "乙县": AREAS["乙县"]})
    (tmp_path / "out" / "乙县" / "report.html").mkdir(parents=True)
    code, _, said = run("batch", "province.toml", "--workers", "1")
    assert code == 2
    lines = said.splitlines()
    (first,) = [line for line in lines if line.startswith("[1/2")]
    (second,) = [line for line in lines if line.startswith("[2/2")]
    assert re.fullmatch(r"\[1/2 \d\d:\d\d，约剩 \d+ 秒\] 甲县：完成，用时 \d+ 秒", first), said
    assert "乙县：未完成，用时" in second
    assert "此处需要文件，却是文件夹" in second
    assert any(re.fullmatch(r"\d\d:\d\d：2 项中已完成 1 项，共用时 \d+ 秒", line) for line in lines), said
    assert not re.search("[A-Za-z]{4,}", re.sub(r"\S*/\S*", "", said)), said


def test_a_restart_says_what_was_done_before_and_what_it_has_come_to(tmp_path: Path, run: Any) -> None:
    path = write_province(tmp_path, areas={"甲县": AREAS["甲县"], "乙县": AREAS["乙县"]})
    path.write_text(path.read_text(encoding="utf-8").replace('lang = "zh"', ""), encoding="utf-8")
    _, out, said = run("batch", "province.toml", "--workers", "1")
    assert "done before" not in said
    assert re.search(r"^\d\d:\d\d: 2 of 2 studies done, in \d+ s$", said, flags=re.MULTILINE)
    totals = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["totals"]
    assert out.splitlines()[0].startswith(f"In 10 minutes on foot, {100 * totals['street_share']:.1f} % of street and ")
    (tmp_path / "out" / "乙县" / "report.html").unlink()
    _, _, said = run("batch", "province.toml", "--workers", "1")
    assert "1 of 2 studies were done before and are kept; left to do: 1" in said.splitlines()
    _, _, said = run("batch", "province.toml", "--workers", "1")
    assert any(line.startswith("all 2 studies were done before") for line in said.splitlines())
    assert "no longer in the batch" not in said
    write_layer(tmp_path / "areas.geojson", {"甲县": box(*AREAS["甲县"])})
    _, _, said = run("batch", "province.toml", "--workers", "1")
    assert "still there: 乙县;" in said


def test_a_study_is_tried_when_its_turn_comes(tmp_path: Path) -> None:
    """A run that is ended from outside is no try of the studies that it had not come to."""

    class StoppedError(Exception):
        pass

    def stop(_: Ended) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        run_batch(province_of(tmp_path), crew=HERE, watch=stop)
    with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as book:
        assert book.execute("SELECT slug FROM attempts").fetchall() == [("甲县",)]


def test_names_of_folders_lead_nowhere_else() -> None:
    names = ["../../etc/passwd", "/abs", "C:\\x", "..", ".", "a\x00b", "nul", "Nul", "x" * 500, "é", "e\u0301", "‮evil"]
    slugs = folder_names(names, ["streets"])
    assert len({s.casefold() for s in slugs}) == len(names)
    for slug in slugs:
        assert re.fullmatch(r"[\w-]+", slug)
        assert len(slug.encode()) < 250
    assert folder_names(["streets"], ["streets"]) == ["streets-2"]


def test_a_second_run_is_kept_out(tmp_path: Path) -> None:
    province = province_of(tmp_path)
    with Manifest.open(tmp_path / "out"), pytest.raises(OutputError, match="another batch"):
        run_batch(province, crew=HERE)


def test_a_study_that_brings_its_process_down_is_given_up(tmp_path: Path) -> None:
    province = province_of(tmp_path, areas={"甲县": AREAS["甲县"]})
    with Manifest.open(tmp_path / "out"):
        pass
    bring_down(tmp_path / "out", "甲县", MOST_TRIES)
    _, _, rows = run_batch(province, crew=HERE)
    assert rows[0]["state"] == "failed"
    assert "已中断 4 次" in rows[0]["why"]
    _, _, rows = run_batch(province, crew=HERE)  # with more memory, say
    assert rows[0]["state"] == "done"


def test_a_run_that_is_kept_out_leaves_the_outlines_alone(tmp_path: Path) -> None:
    province = province_of(tmp_path, areas={"甲县": AREAS["甲县"]})
    run_batch(province, crew=HERE)
    before = files(tmp_path / "out")
    write_layer(tmp_path / "areas.geojson", {"甲县": box(0, 15), "新县": box(15, 30)})
    with Manifest.open(tmp_path / "out"), pytest.raises(OutputError, match="another batch"):
        run_batch(read_province(tmp_path / "province.toml", report), crew=HERE)
    assert files(tmp_path / "out") == before
    assert not (tmp_path / "out" / "新县").exists()


def test_two_batch_files_in_one_folder_leave_each_other_s_studies(tmp_path: Path) -> None:
    first = write_province(tmp_path, areas={n: AREAS[n] for n in ("甲县", "乙县")})
    second = tmp_path / "second.toml"
    head = first.read_text(encoding="utf-8").partition("[split]")[0]
    second.write_text(f'{head}[[study]]\nname = "单"\narea = "areas.geojson"\n', encoding="utf-8")
    ended: list[Ended] = []
    for path in (first, second, first, second):
        _, totals, rows = run_batch(read_province(path, report), crew=HERE, watch=ended.append)
        assert [row["name"] for row in rows] == (["甲县", "乙县"] if path == first else ["单"])
        assert totals["done"] == len(rows)
    assert [e.name for e in ended] == ["甲县", "乙县", "单"]
    assert {row[0]: row[1] for row in facts(tmp_path / "out")} == {"甲县": -1, "乙县": -1, "单": 0}


def bring_down(out: Path, slug: str, times: int) -> None:
    """Leave what a study leaves that brings its process down."""
    with closing(sqlite3.connect(out / "manifest.sqlite")) as book, book:
        book.executemany("INSERT INTO attempts (slug, began) VALUES (?, 'then')", [[slug]] * times)


def test_a_study_with_other_settings_is_tried_anew(tmp_path: Path) -> None:
    province = province_of(tmp_path, areas={"甲县": AREAS["甲县"]})
    run_batch(province, crew=HERE)
    bring_down(tmp_path / "out", "甲县", MOST_TRIES)
    text = (tmp_path / "province.toml").read_text(encoding="utf-8").replace("[5, 10]", "[5, 8]")
    (tmp_path / "province.toml").write_text(text, encoding="utf-8")
    _, _, rows = run_batch(read_province(tmp_path / "province.toml", report), crew=HERE)
    assert rows[0]["state"] == "done"


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), CrewError("lost")])
def test_what_stops_a_run_is_no_fault_of_its_studies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    province = province_of(tmp_path, areas={n: AREAS[n] for n in ("甲县", "乙县")})

    def stopped(*_: Any) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(crew_module, "do_job", stopped)
        for _ in range(MOST_TRIES):
            with pytest.raises(type(fault)):
                run_batch(province, crew=HERE)
    with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as book:
        tried = book.execute("SELECT slug, state FROM attempts").fetchall()
    assert tried == [("甲县", "stopped")] * MOST_TRIES  # the other one was never begun
    _, totals, _ = run_batch(province, crew=HERE)
    assert totals["failed"] == 0


def test_a_study_is_begun_when_it_is_handed_over(tmp_path: Path) -> None:
    begun: list[int] = []

    def count(_: Ended) -> None:
        with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as book:
            begun.append(book.execute("SELECT count(*) FROM attempts").fetchone()[0])

    run_batch(province_of(tmp_path, areas={n: AREAS[n] for n in ("甲县", "乙县")}), crew=HERE, watch=count)
    assert begun == [1, 2]


def test_our_own_errors_are_kept_with_where_they_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: Any, **__: Any) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("walkshed.batch.work.run_study", bug)
    _, totals, rows = run_batch(province_of(tmp_path, areas={"甲县": AREAS["甲县"]}), crew=HERE)
    assert totals["failed"] == 1
    assert rows[0]["why"] == "KeyError: 'oops'（程序自身的错误，请反馈；详情见清单文件）"
    with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as book:
        (details,) = book.execute("SELECT details FROM attempts").fetchone()
    assert "Traceback" in details


def test_workers_that_were_started_elsewhere_date_files_as_this_process_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    monkeypatch.delenv(EPOCH, raising=False)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        monkeypatch.setenv(EPOCH, "1700000000")
        elsewhere = Crew(scheduler=cluster.scheduler_address)
        one = {"甲县": AREAS["甲县"]}
        for place in ("there", "here"):
            (tmp_path / place).mkdir()
        run_batch(province_of(tmp_path / "there", areas=one), crew=elsewhere)
        with Client(cluster) as client:
            assert client.submit(os.environ.get, EPOCH, pure=False).result() == "1700000000"
    run_batch(province_of(tmp_path / "here", areas=one), crew=HERE)
    assert files(tmp_path / "there" / "out") == files(tmp_path / "here" / "out")


def test_who_does_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "cpu_count", lambda: 4)
    assert Crew().is_here(1)
    assert not Crew().is_here(2)
    assert Crew(workers=1).is_here(9)
    assert not Crew(workers=2).is_here(9)
    assert not Crew(scheduler="tcp://x:1").is_here(1)
    assert (Crew().size(2), Crew().size(9), Crew(workers=3).size(9)) == (2, 4, 3)
    monkeypatch.setattr(crew_module, "_has_dask", lambda: False)
    assert Crew().is_here(9)
    with pytest.raises(InputError, match="1 or more"):
        Crew(workers=0)
    with pytest.raises(InputError, match="one of the two"):
        Crew(workers=2, scheduler="tcp://x:1")
