"""Run the benchmark: ``make bench``, or ``python -m benchmarks [--quick] [ROW ...]`` from ``tests``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import readme
from benchmarks.bench import Bench
from benchmarks.machine import described
from benchmarks.measure import ProgramError, progress
from benchmarks.places import Places
from benchmarks.rows import GROUPS, NAMES, Measure, chosen
from benchmarks.table import Line, markdown, plain

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"

PREAMBLE = """# Results

What `make bench` printed. {machine}

Seconds are medians of {rounds} rounds (of more for single steps) in which everything ran turn about, and what takes less
than ten seconds ran three times; ratios are what to look at. Every whole job is a process of its own with Python's and
Numba's caches on disk, as after installation; `compile` tells what the first run ever takes. The stations stand at
junctions, so that all peers stand at the same nodes. Tiled places are copies side by side that do not meet. Streets:
© OpenStreetMap contributors, ODbL.

{table}"""


def main() -> None:
    asked = arguments()
    rows = chosen(asked.rows)
    if not rows:
        sys.exit(f"no such row: {' '.join(asked.rows)}; there are {', '.join(NAMES)}")
    data = os.environ.get("WALKSHED_DATA")
    if not data:
        sys.exit(
            "make bench needs WALKSHED_DATA=FOLDER, which holds greater_porto/porto.osm.pbf and monaco/monaco.osm.gz"
        )
    with tempfile.TemporaryDirectory() as work:
        rounds = asked.rounds or (1 if asked.quick else 3)
        bench = Bench(Places(Path(data), asked.kept), Path(work), rounds, 10 if asked.quick else None)
        lines = measured(bench, set(rows))
    print(described(), "", plain(lines), sep="\n")
    if asked.write:
        asked.write.write_text(
            PREAMBLE.format(machine=described(), rounds=rounds, table=markdown(lines)), encoding="utf-8"
        )
        readme.main()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Time walkshed beside its peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"patterns of rows; all by default: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="one round, and ten stations for the OSMnx example")
    parser.add_argument("--rounds", type=int, help="how often everything runs; 3 by default")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table to this Markdown file")
    parser.add_argument("--kept", type=Path, default=HERE.parents[1] / ".benchmarks", help="where inputs are kept")
    return parser.parse_args()


def measured(bench: Bench, wanted: set[str]) -> list[Line]:
    lines = []
    for names, measure in GROUPS:
        if mine := wanted & set(names):
            progress(", ".join(name for name in names if name in mine))
            found = _lines(measure, bench, mine)
            lines += found
            for line in found:
                progress(f"  {line.name}: {line.ours} {line.theirs} {line.ratio} {line.note}")
    return lines


def _lines(measure: Measure, bench: Bench, mine: set[str]) -> list[Line]:
    """Measure rows; where the product itself fails, say so and go on with the others."""
    try:
        return measure(bench, mine)
    except ProgramError as error:
        return [Line(name=name, what="failed", note=str(error)) for name in NAMES if name in mine]


if __name__ == "__main__":
    main()
