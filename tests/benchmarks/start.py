"""Rows of limits: cold start, the first compile, a read-only install, and memory at scale."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench, cpu, mb, seconds
from benchmarks.measure import ProgramError, Run, python, run, take_turns
from benchmarks.table import Line

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "coverage" / "walkshed"

IMPORT = Line(name="import", what="python -c 'import walkshed', the whole process", aim="under 0.35 s")
HELP = Line(name="help", what="walkshed --help, the whole process", aim="under 0.4 s")
COMPILE = Line(name="compile", what="the first demo ever, less the next: kernels compiled and kept", aim="under 6 s")
READ_ONLY = Line(name="read-only", what="the demo from an install that cannot be written to", aim="works")
MEMORY = Line(name="memory", what="2 x 3 Greater Porto, 2,000 stations, walkshed report", aim="under 4,096 MB")


def cold(bench: Bench, wanted: set[str]) -> list[Line]:
    jobs = {
        "import": lambda: run([sys.executable, "-c", "import walkshed"]),
        "help": lambda: run(python("walkshed", "--help")),
        "python": lambda: run([sys.executable, "-c", ""]),
    }
    runs = take_turns(jobs, 2 * bench.rounds + 3)
    empty_s = median(r.seconds for r in runs["python"])
    note = f"an empty Python takes {seconds(empty_s)} of it"
    return [
        line.figures(
            ours=seconds(median(r.seconds for r in runs[line.name])),
            cpu=cpu(runs[line.name]),
            memory=mb(runs[line.name]),
        ).remarks("", note)
        for line in (IMPORT, HELP)
        if line.name in wanted
    ]


def compile_kernels(bench: Bench, _: set[str]) -> list[Line]:
    """Kernels go to a folder that is empty the first time."""
    spent = []
    for _ in range(bench.rounds + 2):
        with tempfile.TemporaryDirectory(dir=bench.work) as folder:
            first, then = (demo(bench, {"NUMBA_CACHE_DIR": folder}) for _ in range(2))
            spent.append((first.seconds - then.seconds, first.cpu_s - then.cpu_s, first.seconds, then.seconds))
    compiled_s, cpu_s, first_s, then_s = (median(column) for column in zip(*spent, strict=True))
    return [
        COMPILE.figures(ours=seconds(compiled_s), cpu=f"{cpu_s:.2f}").remarks(
            "", f"{seconds(first_s)}, then {seconds(then_s)}"
        )
    ]


def demo(bench: Bench, env: dict[str, str], *, before: tuple[object, ...] = ()) -> Run:
    return run([*before, *python("walkshed", "demo", "--out", bench.work / "demo")], env)


def read_only(bench: Bench, _: set[str]) -> list[Line]:
    """A copy of the package that cannot be written to, run twice: what it compiles goes to the user's cache."""
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        install, home = Path(folder) / "install", Path(folder) / "home"
        shutil.copytree(PACKAGE, install / "walkshed", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "data" / "county", install / "walkshed" / "county")
        home.mkdir()
        env = {"PYTHONPATH": str(install), "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
        lock(install)
        try:
            first, then = (demo(bench, env, before=in_read_only(install)) for _ in range(2))
        except ProgramError as error:
            return [READ_ONLY.remarks("", f"failed: {error}")]
        written = [path.name for path in install.rglob("__pycache__")]
        unlock(install)
    note = f"first {seconds(first.seconds)}, then {seconds(then.seconds)} with kernels from the user's cache"
    return [READ_ONLY.figures(ours="works" if not written else "wrote into it").remarks("", note)]


def lock(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def unlock(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def in_read_only(folder: Path) -> tuple[object, ...]:
    """What to put before a command: root may write anywhere, unless the folder is mounted read-only."""
    if os.geteuid():
        return ()
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", mount, folder)


def memory(bench: Bench, _: set[str]) -> list[Line]:
    place = bench.places.large(bench.large_stations)
    out = ["--no-store", "--out", bench.work / "large"]
    try:
        one = run(python("walkshed", "report", place.stations, "--streets", place.streets, *out))
    except ProgramError as error:
        return [MEMORY.remarks("", f"failed: {error}")]
    note = f"{place.count:,} stations; all five outputs; one run, as a process of its own"
    return [MEMORY.figures(ours=seconds(one.seconds), cpu=cpu([one]), memory=mb([one])).remarks("", note)]
