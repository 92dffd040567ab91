"""The main job on real streets: whole commands, as a user runs them, with their time and peak memory.

Greater Porto (353,000 segments) with 200 stations and three cutoffs, all five outputs; the first time, and from the
store. Needs WALKSHED_DATA. Prints a table; asserts nothing, for machines differ.
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import walkshed as ws

RUNS = 3
STATIONS = 200


def main() -> None:
    """Run each command a few times and print a line each."""
    data = os.environ.get("WALKSHED_DATA")
    if not data:
        sys.exit("make bench needs WALKSHED_DATA=FOLDER, which holds greater_porto/porto.osm.pbf")
    pbf = Path(data) / "greater_porto" / "porto.osm.pbf"
    print(f"walkshed {ws.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}")
    print(f"{'command':<58}{'runs':>5}{'median s':>10}{'min s':>8}{'max s':>8}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        stations = Path(folder) / "stations.csv"
        # In a process of its own: a child's peak starts at what its parent holds.
        subprocess.run([sys.executable, __file__, str(pbf), str(stations)], check=True)
        job = ["report", stations, "--streets", pbf, "--out", Path(folder) / "out"]
        line("walkshed --help", ["--help"], RUNS)
        line("report, Greater Porto, 200 stations, the first time", [*job, "--no-store"], RUNS)
        kept = ["--store", Path(folder) / "store"]
        run([*job, *kept])
        line("report, the same, streets from the store", [*job, *kept], RUNS)


def write_stations(pbf: Path, path: Path) -> None:
    """Put stations at random junctions, the same ones every time."""
    import numpy as np
    from pyproj import Transformer

    streets = ws.read_streets(pbf)
    node = np.random.default_rng(1).choice(streets.node_count, STATIONS, replace=False)
    lon, lat = Transformer.from_crs(streets.crs, 4326, always_xy=True).transform(*streets.node_xy[node].T)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "lon", "lat"])
        rows.writerows([i, round(x, 7), round(y, 7)] for i, (x, y) in enumerate(zip(lon, lat, strict=True)))


def line(label: str, arguments: list[object], runs: int) -> None:
    """Run a command after one warm-up, and print its figures."""
    run(arguments)
    measured = [run(arguments) for _ in range(runs)]
    seconds = [s for s, _ in measured]
    peak = max(mb for _, mb in measured)
    print(
        f"{label:<58}{runs:>5}{statistics.median(seconds):>10.2f}{min(seconds):>8.2f}{max(seconds):>8.2f}{peak:>9.0f}",
        flush=True,
    )


def run(arguments: list[object]) -> tuple[float, float]:
    """Run walkshed once: seconds, and peak memory in MB."""
    command = [sys.executable, "-m", "walkshed", *map(str, arguments)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 3:
        write_stations(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
