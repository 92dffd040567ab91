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
from walkshed.ahead import kernel_of, signature_of
from walkshed.compiled import HELPING, LAST_FIRST

FIRST_RUN = """
import sys, time
from pathlib import Path
from walkshed import compiled
import walkshed.reach.segments
helper = compiled._helper()
print(helper and helper.pid, flush=True)
while helper and not any(Path(sys.argv[1]).rglob("*_keep_far*.nbi")):
    assert helper.poll() is None, "the helper ended without a kernel"
    time.sleep(0.05)
print("kept", flush=True)
sys.stdin.read()
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
    try:
        process.wait(30)
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE  # nobody asks after an orphan here
    return True


def test_a_report_calls_kernels_as_the_helper_compiles_them(tmp_path: Path) -> None:
    county = ws.demo_county()
    streets = ws.read_streets(county.streets)
    result = ws.analyze(streets, ws.read_stations(county.stations), zones=ws.read_zones(county.zones))
    ws.write_report(result, tmp_path / "out")
    for name in LAST_FIRST:
        kernel = kernel_of(name)
        assert signature_of(kernel) in kernel.signatures, name


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
