"""What a release promises: its papers agree with the code, its pages lead somewhere, its help has examples that parse."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import walkshed as ws
from benchmarks import readme
from walkshed.cli import app
from walkshed.cli.examples import EXAMPLES

ROOT = Path(__file__).parents[1]
COMMANDS = get_command(app).commands
README, CHINESE = (path.read_text(encoding="utf-8") for path in readme.READMES)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_examples_that_parse(name):
    """Each option and argument of an example is one of the command's."""
    command = COMMANDS[name]
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        program, called, *arguments = shlex.split(example)
        assert (program, called) == ("walkshed", name)
        context = type(command).make_context(command, name, [*arguments], resilient_parsing=False)
        assert f"  {example}\n" in command.get_help(context) + "\n"


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
class TestReadme:
    def test_every_link_leads_to_a_file(self, text):
        links = re.findall(r"\]\(([^)#]+)", text)
        assert len(links) >= 5
        for link in links:
            assert link.startswith("https://") or (ROOT / link).exists(), link

    def test_every_command_is_told(self, text):
        assert [name for name in COMMANDS if f"walkshed {name}" not in text] == []

    def test_the_benchmark_is_that_of_the_results(self, text):
        assert readme.shown(text) == readme.block(), "run: python -m benchmarks.readme, from tests"
        assert readme.written(text) == text


def test_the_block_takes_rows_with_figures_and_the_machine(tmp_path, monkeypatch):
    results = tmp_path / "RESULTS.md"
    results.write_text(
        "# Results\n\nWhat `make bench` printed. 2 cores.\n\n"
        "| row | what | against | walkshed | peer | ratio | aim |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        "| a | search | SciPy | 1 s | 3 s | 3 | 2 |\n| b | search | pandana |  |  |  |  |\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(readme, "RESULTS", results)
    assert readme.block() == (
        "What `make bench` printed. 2 cores.\n\n| what | against | walkshed | peer | ratio |\n"
        "| --- | --- | --- | --- | --- |\n| search | SciPy | 1 s | 3 s | 3 |"
    )
    assert readme.shown(readme.written(README)) == readme.block()


def test_the_citation_is_of_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == ws.__version__
    assert cited["license"] == PROJECT["project"]["license"]


def test_all_that_the_source_archive_names_is_there():
    for name in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert (ROOT / name).exists(), name


def test_every_script_that_the_makefile_runs_is_there():
    scripts = re.findall(r"\$\(BIN\)/python ([a-z]\S+\.py)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_every_vendored_folder_has_its_licence_named_and_shipped():
    vendor = Path(str(files("walkshed.output") / "vendor"))
    told = (vendor / "README.md").read_text(encoding="utf-8")
    folders = [path for path in vendor.iterdir() if path.is_dir() and path.name not in ("LICENSES", "__pycache__")]
    assert folders
    for folder in folders:
        row = next(line for line in told.splitlines() if line.startswith(f"| `{folder.name}/`"))
        licence = re.search(r"`(LICENSES/[^`]+)`", row)
        assert licence is not None
        assert len((vendor / licence[1]).read_text(encoding="utf-8")) > 500
    ours = ROOT / "docs" / "vendor"
    for folder in (path for path in ours.iterdir() if path.is_dir()):
        assert folder.name in (ours / "README.txt").read_text(encoding="utf-8")
        assert (folder / "LICENSE.txt").is_file()
    assert "coverage/walkshed/output/vendor/LICENSES/*" in PROJECT["project"]["license-files"]
