"""Scale: the tiled province through ``batch`` with one worker and with two, and what a restart costs.

    WALKSHED_DATA=FOLDER PYTHONPATH=tests python -m benchmarks.scale [TILES]

Six tiles, the default, are 60 counties with 3,000 stations. Prints a table; asserts nothing, for machines differ.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.tiled_province import write_province


def main() -> None:
    """Write the province, run it three times, and print the figures."""
    data = os.environ.get("WALKSHED_DATA")
    if not data:
        sys.exit("needs WALKSHED_DATA=FOLDER, which holds greater_porto/ and porto_alegre/")
    tiles = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        province = write_province(folder, Path(data), tiles)
        megabytes = (folder / "streets.osm.pbf").stat().st_size / 1e6
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores; streets {megabytes:.0f} MB", flush=True)
        for workers in (1, 2):
            out = folder / f"out{workers}"
            seconds = run(province, out, workers)
            print(f"{workers} worker{'s' * (workers > 1)}: {told(out)}; {seconds:.0f} s in all", flush=True)
        print(f"restart with all done: {run(province, folder / 'out2', 2):.1f} s", flush=True)
        one = next((folder / "out2").glob("*/map.html"))
        one.unlink()
        print(f"restart with one county to do: {run(province, folder / 'out2', 2):.1f} s", flush=True)


def run(province: Path, out: Path, workers: int) -> float:
    """Run the batch in a process of its own: seconds."""
    command = [sys.executable, "-m", "walkshed", "batch", str(province), "--workers", str(workers), "--out", str(out)]
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def told(out: Path) -> str:
    """Say what the manifest knows of a run."""
    totals = json.loads((out / "summary.json").read_text(encoding="utf-8"))["totals"]
    with closing(sqlite3.connect(out / "manifest.sqlite")) as book:
        seconds, most = book.execute("SELECT avg(seconds), max(peak_mb) FROM attempts").fetchone()
    return (
        f"{totals['done']} of {totals['areas']} counties, {totals['street_km']:,.0f} km, {totals['gaps']:,} gaps, "
        f"{seconds:.1f} s a county, {most:.0f} MB a worker at most"
    )


if __name__ == "__main__":
    main()
