"""Study files: every option of ``report`` as a key, whatever options there are."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import walkshed as ws
from toy_province import AREAS, write_province
from walkshed.cli import app
from walkshed.cli.commands import report
from walkshed.cli.provincefile import read_province
from walkshed.cli.studyfile import options_of, read_study_options, settings_of
from walkshed.cli.templates import province_template, study_template
from walkshed.errors import FormatError, InputError, MissingFileError

SETTINGS = settings_of(report)


def test_every_option_of_report_has_its_key_and_every_key_its_option() -> None:
    shown = get_command(app).commands["report"].params
    flags = {opt.removeprefix("--") for p in shown for opt in p.opts if p.param_type_name == "option"}
    arguments = {p.name for p in shown if p.param_type_name == "argument"}
    assert set(SETTINGS) == (flags | arguments) - {"help"}
    assert all(setting.says for setting in SETTINGS.values())


def test_the_template_names_every_key_and_is_toml_throughout() -> None:
    text = study_template(report)
    assert set(tomllib.loads(text)) == {"stations", "streets"}
    keys = [*SETTINGS]
    opened = re.sub(rf"^# (?=(?:{'|'.join(keys)}) = )", "", text, flags=re.MULTILINE)
    filled = tomllib.loads(opened)
    assert list(filled) == keys
    assert set(options_of(filled, SETTINGS, Path(), "x")) == {s.name for s in SETTINGS.values()}


def study(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> dict[str, object]:
    return read_study_options(study(folder, text), report)


def test_paths_are_relative_to_the_file_and_the_rest_keeps_its_defaults(tmp_path: Path) -> None:
    read_as = read(tmp_path, 'stations = "a/站点.xlsx"\nstreets = "/data/s.pbf"\nspeed = 4\ncutoff = [5, 7.5]')
    assert read_as["stations"] == tmp_path / "a" / "站点.xlsx"
    assert read_as["streets"] == Path("/data/s.pbf")
    assert read_as["speed"] == 4.0
    assert read_as["cutoff"] == ["5", "7.5"]
    assert read_as["off_street"] == 100.0
    assert read_as["area"] is None


def test_what_is_stated_of_columns_and_files_can_be_a_table(tmp_path: Path) -> None:
    text = 'stations = "s.csv"\ncolumns = {name = "店"}\ndatum = {zones = "gcj02"}\ncutoff = "5,10"\ncategory = "驿站"'
    read_as = read(tmp_path, text)
    assert read_as["columns"] == ["name=店"]
    assert read_as["datum"] == ["zones=gcj02"]
    assert read_as["cutoff"] == ["5,10"]
    assert read_as["category"] == ["驿站"]


MISTAKES = {
    "unknown": ('stations = "s"\nof-street = 3', "did you mean off-street?"),
    "underscore": ('stations = "s"\npeople_column = "n"', "did you mean people-column?"),
    "far off": ('stations = "s"\nqqqqqqqq = 1', "choose from stations"),
    "no stations": ("speed = 4", "stations is missing"),
    "text for a number": ('stations = "s"\nspeed = "fast"', "speed must be a number; found 'fast'"),
    "truth for a number": ('stations = "s"\nspeed = true', "speed must be a number"),
    "number for truth": ('stations = "s"\npdf = 1', "pdf must be true or false"),
    "number for a file": ("stations = 3", "stations must be the name of a file"),
    "no name": ('stations = " "', "stations must be the name of a file"),
    "table for text": ('stations = "s"\n[title]\na = 1', "title must be text"),
    "table in a list": ('stations = "s"\ncutoff = [[5]]', "cutoff must be text"),
    "no TOML": ("stations = ", "is not TOML"),
    "nested without end": (f"stations = {'[' * 20_000}", "is not TOML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_in_one_line(tmp_path: Path, mistake: str) -> None:
    text, found = MISTAKES[mistake]
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    assert found in str(refused.value)
    assert "study.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(b"stations = '\xff'")
    with pytest.raises(FormatError, match="UTF-8"):
        read_study_options(tmp_path / "study.toml", report)
    with pytest.raises(MissingFileError, match="walkshed init"):
        read_study_options(tmp_path / "none.toml", report)
    with pytest.raises(InputError):
        read_study_options(tmp_path, report)
    (tmp_path / "study.toml").write_bytes(b"#" * 5_000_000)
    with pytest.raises(FormatError, match="bytes"):
        read_study_options(tmp_path / "study.toml", report)


def test_init_and_run(run, tmp_path: Path) -> None:
    county = ws.demo_county()
    assert run("init")[:2] == (0, "walkshed.toml\n")
    assert run("init")[0] == 2  # a study is never overwritten
    text = Path("walkshed.toml").read_text(encoding="utf-8")
    text = text.replace("stations.xlsx", str(county.stations)).replace("county.osm.pbf", str(county.streets))
    text = text.replace('# area = "area"', f'area = "{county.town}"').replace("# no-store", "no-store")
    text = text.replace("# cutoff = [5, 10, 15]", "cutoff = [10]").replace('# out = "out"', 'out = "made"')
    Path("walkshed.toml").write_text(text, encoding="utf-8")
    code, out, err = run("run", "--json")
    assert code == 0, err
    assert json.loads(out)["coverage"][0]["cutoff_min"] == 10
    assert Path("made/report.html").is_file()


def test_run_refuses_in_one_line(run) -> None:
    Path("walkshed.toml").write_text('stations = "s.csv"\nstreet = "s.pbf"\n', encoding="utf-8")
    code, out, err = run("run")
    assert (code, out) == (2, "")
    assert err == "error: walkshed.toml: there is no key 'street'; did you mean streets?\n"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_of_the_other_kind_is_named_with_its_command(run, lang: str) -> None:
    Path("many.toml").write_text('[defaults]\nstations = "s.csv"\n', encoding="utf-8")
    Path("one.toml").write_text('stations = "s.csv"\nstreets = "s.pbf"\n', encoding="utf-8")
    code, out, err = run("run", "many.toml")
    assert (code, out) == (2, "")
    assert "walkshed batch many.toml" in err
    code, out, err = run("batch", "one.toml", "--lang", lang)
    assert (code, out) == (2, "")
    assert "walkshed run one.toml" in err
    assert ("单项研究" in err) == (lang == "zh")
    code, _, err = run("batch", "none.toml", "--lang", lang)
    assert code == 2
    assert "walkshed init --batch" in err
    assert run("batch", "many.toml", "--lang", "fr")[0] == 2


def test_init_writes_a_batch_that_can_be_run_once_its_files_are_named(run, tmp_path: Path) -> None:
    write_province(tmp_path)
    (tmp_path / "province.toml").unlink()
    assert run("init", "--batch")[:2] == (0, "province.toml\n")
    assert run("init", "--batch")[0] == 2  # a batch is never overwritten
    text = Path("province.toml").read_text(encoding="utf-8")
    assert text == province_template(report)
    for there, ours in (
        ("stations.xlsx", "stations.csv"),
        ("county.osm.pbf", "streets.osm"),
        ("counties.gpkg", "areas.geojson"),
    ):
        text = text.replace(f'= "{there}"', f'= "{ours}"')
    Path("province.toml").write_text(text, encoding="utf-8")
    province = read_province(Path("province.toml"), report, lang="zh")
    assert [job.name for job in province.jobs] == list(AREAS)
    assert (province.lang, province.jobs[0].study.lang) == ("zh", "zh")
    assert province.out == Path("maps/province")


def test_every_key_of_a_batch_that_init_writes_is_one(tmp_path: Path) -> None:
    """All that is commented out is read, too: what stays off is only what contradicts something else."""
    lines = province_template(report).splitlines()
    given = [line.removeprefix("# ") for line in lines if re.match(r"(# )?([a-z-]+ = |\[)", line)]
    table = tomllib.loads("\n".join(given))
    assert set(table) <= {"title", "lang", "out", "split", "defaults", "study"}
    assert set(table["defaults"]) == set(settings_of(report)) - {"out", "json", "lang", "title", "area"}
    assert set(table["split"]) == {"areas", "name", "datum", "crs"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('cutoff = "abc"', "cutoff: found abc"),
        ('lang = "fr"', "found 'fr'"),
        ('speed = 3\nprofile = "older"', "--profile"),
    ],
)
def test_a_refused_value_names_its_file(run, line: str, said: str) -> None:
    Path("walkshed.toml").write_text(f'stations = "s.csv"\nstreets = "s.pbf"\n{line}\n', encoding="utf-8")
    code, out, err = run("run")
    assert (code, out) == (2, "")
    assert err.startswith("error: walkshed.toml: ")
    assert said in err
    Path("many.toml").write_text(f'[[study]]\nname = "a"\nstations = "s.csv"\n{line}\n', encoding="utf-8")
    code, _, err = run("batch", "many.toml")
    assert code == 2
    assert err.startswith("error: many.toml, 'a': ")
    assert said in err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that takes no files")
def test_a_folder_that_takes_nothing_is_told_before_any_work(run, tmp_path: Path) -> None:
    write_province(tmp_path)
    for command in (("report", "stations.csv", "--streets", "nowhere.osm"), ("batch", "province.toml")):
        code, out, err = run(*command, "--out", "/proc/x")
        assert (code, out) == (2, "")
        assert "/proc/x" in err.replace("/proc/x/", "")  # the folder, and no file in it
        assert "nowhere.osm" not in err
