"""Soak: a province whose workers are killed, one every 20 seconds, ends as the same province undisturbed.

    python tests/soak.py [SECONDS between two kills]

On the tiled province of tests/benchmarks (thirty counties) where WALKSHED_DATA is set, else on the townships of the demo county.
Bounded: two batches of a few minutes, and no more than `MOST_SECONDS` each.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

import walkshed as ws
from benchmarks.tiled_province import write_province

MOST_SECONDS = 290.0
EVERY_S = 20.0


def main() -> None:
    """Run both, compare, and say so; exit with 1 where they differ."""
    every = float(sys.argv[1]) if len(sys.argv) > 1 else EVERY_S
    with tempfile.TemporaryDirectory() as folder:
        province = _province(Path(folder))
        quiet, _, took_quiet = run(province, Path(folder) / "quiet", None)
        noisy, kills, took_noisy = run(province, Path(folder) / "noisy", every)
    studies = len(quiet["studies"])
    print(f"{studies} studies; undisturbed {took_quiet:.0f} s; with {kills} workers killed {took_noisy:.0f} s")
    wrong = [what for what in quiet if quiet[what] != noisy[what]]
    if wrong or not kills:
        sys.exit(f"soak: {', '.join(wrong) or 'no worker'} {'differ' if wrong else 'was killed'}")
    print("manifest, sums and every output are the same, byte for byte")


def _province(folder: Path) -> Path:
    if data := os.environ.get("WALKSHED_DATA"):
        return write_province(folder, Path(data), 3)
    county = ws.demo_county()
    path = folder / "province.toml"
    path.write_text(
        f'[defaults]\nstreets = "{county.streets.as_posix()}"\nstations = "{county.stations.as_posix()}"\n'
        f'zones = "{county.zones.as_posix()}"\n[split]\nareas = "{county.zones.as_posix()}"\n',
        encoding="utf-8",
    )
    return path


def run(province: Path, out: Path, every: float | None) -> tuple[dict[str, object], int, float]:
    """Run the batch, kill a worker every so often; what it left, how many were killed, and the seconds."""
    command = [sys.executable, "-m", "walkshed", "batch", str(province), "--workers", "2", "--out", str(out)]
    begun = time.monotonic()
    said = out.with_suffix(".log")
    with said.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL)
    kills, due = 0, begun + (every or 0.0)
    while process.poll() is None:
        if time.monotonic() - begun > MOST_SECONDS:
            process.kill()
            sys.exit(f"soak: not done after {MOST_SECONDS:.0f} s")
        if every is not None and time.monotonic() >= due and (victims := _workers(process.pid)):
            victims[kills % len(victims)].kill()
            kills += 1
            due += every
        time.sleep(0.1)
    if process.returncode:
        print("".join(said.read_text(encoding="utf-8").splitlines(keepends=True)[-30:]), file=sys.stderr)
        sys.exit(f"soak: the batch ended with {process.returncode}")
    return _left(out), kills, time.monotonic() - begun


def _workers(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children(recursive=True)
    return [p for p in children if "spawn_main" in " ".join(p.cmdline())]


def _left(out: Path) -> dict[str, object]:
    with closing(sqlite3.connect(out / "manifest.sqlite")) as book:
        studies = book.execute("SELECT * FROM studies ORDER BY position").fetchall()
    assert all(row[4] == "done" for row in studies), "not every study is done"
    files = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    outputs = {n: v for n, v in files.items() if not n.startswith("streets/") and ".sqlite" not in n}
    return {"studies": studies, "sums": outputs["summary.json"], "outputs": outputs}


if __name__ == "__main__":
    main()
