"""The first run's helper: what it compiles is what a report calls, and it ends with who called it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import psutil
import pytest

import walkshed as ws
from walkshed import compiled, helper, sorting
from walkshed.errors import MissingFileError
from walkshed.helper import HELPING, Helper

FIRST_RUN = """
import sys, time
from pathlib import Path
import numpy as np
from walkshed import compiled
from walkshed.network.chains import components
components(np.zeros(0, np.int32), np.zeros(0, np.int32), 1)
helper = compiled.HELPER.process
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


ASKING = """
from pathlib import Path
import sys
for name in ("m:last", "m:taken", "m:first"):
    print(name, flush=True)
    print(name, sys.stdin.buffer.read(1).decode(), file=sys.stderr, flush=True)
    if name != "m:taken":  # it compiles, until it is told that it is done
        while not Path(sys.argv[1]).read_bytes():
            pass
"""


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


@pytest.mark.usefixtures("alone")
def test_of_two_that_compile_one_waits_and_the_other_passes_over(tmp_path, monkeypatch):
    done, told = tmp_path / "done", tmp_path / "told"
    done.write_text("", encoding="utf-8")
    with told.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", ASKING, str(done)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
        )
    monkeypatch.setattr(helper, "_may_help", lambda: True)
    monkeypatch.setattr(helper, "_start", lambda: process)
    asked = Helper()
    asked.take("m:last")  # nobody is there to wait for
    asked.call()
    asked.call()
    asked.take("m:taken")
    wait_until(lambda: told.read_text("utf-8") == "m:last 1\n")
    waiting = Thread(target=asked.take, args=["m:last"])
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    done.write_text("done", encoding="utf-8")
    waiting.join(30)
    assert not waiting.is_alive()
    wait_until(lambda: told.read_text("utf-8") == "m:last 1\nm:taken 0\nm:first 1\n")
    assert process.wait(30) == 0
    waiting = Thread(target=asked.take, args=["m:first"])  # whoever has ended is not waited for
    waiting.start()
    waiting.join(helper.PATIENCE_S / 2)
    assert not waiting.is_alive()


@pytest.mark.usefixtures("alone")
def test_a_helper_that_dies_is_not_waited_for(tmp_path, monkeypatch):
    code = "print('m:last', flush=True); import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    monkeypatch.setattr(helper, "_may_help", lambda: True)
    monkeypatch.setattr(helper, "_start", lambda: process)
    asked = Helper()
    asked.call()
    wait_until(lambda: asked._at == "m:last")
    waiting = Thread(target=asked.take, args=["m:last"])
    waiting.start()
    process.kill()
    waiting.join(helper.PATIENCE_S / 2)
    assert not waiting.is_alive()


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


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
    monkeypatch.setattr(compiled.HELPER, "call", lambda: calls.append("help"))
    kept = sorting._place._cache._cache_file
    monkeypatch.setattr(kept, "_index_path", str(tmp_path / "none.nbi"))
    with pytest.raises(MissingFileError):
        ws.read_streets(tmp_path / "none.osm")
    assert calls == ["help"]
    (tmp_path / "none.nbi").write_bytes(b"")
    with pytest.raises(MissingFileError):
        ws.read_streets(tmp_path / "none.osm")
    assert calls == ["help"]
