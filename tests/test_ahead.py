"""The first run's helper: what it compiles is what a report calls, and it ends with who called it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import walkshed as ws
from walkshed import compiled, sorting
from walkshed.compiled import HELPING
from walkshed.errors import MissingFileError

FIRST_RUN = """
import sys, time
from pathlib import Path
import numpy as np
from walkshed import compiled
from walkshed.network.chains import components
components(np.zeros(0, np.int32), np.zeros(0, np.int32), 1)
assert compiled._helper.cache_info().currsize == 1
helper = compiled._helper()
print(helper and helper.pid, flush=True)
while helper and not any(Path(sys.argv[1]).rglob("*_keep_far*.nbi")):
    assert helper.poll() is None, "the helper ended without a kernel"
    time.sleep(0.05)
print("kept", flush=True)
sys.stdin.read()
"""

REPORT = """
import sys
from numba.core.dispatcher import Dispatcher
import walkshed as ws
from walkshed.ahead import kernel_of, signature_of
from walkshed.compiled import LAST_FIRST
county = ws.demo_county()
result = ws.analyze(ws.read_streets(county.streets), ws.read_stations(county.stations), zones=ws.read_zones(county.zones))
ws.write_report(result, sys.argv[1])
listed = [kernel_of(name) for name in LAST_FIRST]
print("called otherwise:", [k.py_func.__name__ for k in listed if k.signatures != [signature_of(k)]])
known = {name for k in listed for name in (k.py_func.__name__, *k.py_func.__code__.co_names)}
modules = [module for name, module in sys.modules.items() if name.startswith("walkshed.")]
found = [k for module in modules for k in vars(module).values() if isinstance(k, Dispatcher) and k.signatures]
print("called besides:", sorted({k.py_func.__name__ for k in found} - known))
"""


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HELPING, raising=False)


def first_run(cache: Path) -> subprocess.Popen[str]:
    """A process on whose machine nothing was compiled before; it waits for a word."""
    return subprocess.Popen(
        [sys.executable, "-c", FIRST_RUN, str(cache)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def helper_of(run: subprocess.Popen[str]) -> psutil.Process:
    assert run.stdout is not None
    helper = psutil.Process(int(run.stdout.readline()))
    assert run.stdout.readline() == "kept\n"
    return helper


def ended(process: psutil.Process) -> bool:
    """Whether it ends long before it has compiled all there is."""
    try:
        process.wait(3)
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE  # nobody asks after an orphan here
    return True


def test_a_report_calls_the_kernels_that_the_helper_compiles_and_no_others(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == ["called otherwise: []", "called besides: []"]


def test_who_has_helped_ends_well() -> None:
    code = "import walkshed.ahead as a; a.LAST_FIRST = (); a.main(*__import__('sys').argv[1:])"
    for folder in (str(Path(ws.__file__).parent), "elsewhere"):
        with subprocess.Popen([sys.executable, "-c", code, folder], stdin=subprocess.PIPE) as helper:
            assert helper.wait(60) == 0


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nobody helps")
@pytest.mark.usefixtures("alone")
def test_the_helper_ends_with_its_caller(tmp_path: Path) -> None:
    with first_run(tmp_path) as run:
        helper = helper_of(run)
        assert run.stdin is not None
        run.stdin.close()
        assert run.wait(30) == 0
        assert ended(helper)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nobody helps")
@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal that cannot be caught")
@pytest.mark.usefixtures("alone")
def test_the_helper_ends_when_its_caller_is_killed(tmp_path: Path) -> None:
    with first_run(tmp_path) as run:
        helper = helper_of(run)
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL
        assert ended(helper)


def test_who_helps_calls_for_no_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HELPING, "1")
    with first_run(tmp_path) as run:
        said, _ = run.communicate("")
    assert said == "None\nkept\n"


def test_help_is_called_for_when_a_study_is_read_if_nothing_is_kept(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(compiled, "_call_for_help", lambda: calls.append("help"))
    kept = sorting._place._cache._cache_file
    monkeypatch.setattr(kept, "_index_path", str(tmp_path / "none.nbi"))
    with pytest.raises(MissingFileError):
        ws.read_streets(tmp_path / "none.osm")
    assert calls == ["help"]
    (tmp_path / "none.nbi").write_bytes(b"")
    with pytest.raises(MissingFileError):
        ws.read_streets(tmp_path / "none.osm")
    assert calls == ["help"]
